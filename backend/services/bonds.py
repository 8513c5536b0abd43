"""What stands behind claims: bonds that are paid with runs and bills, and taken back once those are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ports import ContractCall, OutboxEntry

if TYPE_CHECKING:
    from backend.ports import RunRecord
    from backend.services.context import SettlementContext

__all__ = ["bond_wei", "release_bonds"]

_CONTESTABLE = 1
_LEDGERS = {"settlement_ledger": "run", "billing_ledger": "bills"}


def bond_wei(context: SettlementContext) -> int:
    """What a claim is backed with. [wei]

    It is always paid anew rather than taken from what is free: two claims that wait to be sent must not count on the
    same money.
    """
    return int(context.chain.read("bonds", "BOND"))


def release_bonds(context: SettlementContext, run: RunRecord, by: str = "settler") -> None:
    """Set free what is bound to a run and its bills where their fate is decided, and take out what is free.

    Args:
        context: Ports.
        run: Any run.
        by: Name of the key that sends, and that takes out what it has free.
    """
    # A release may have been mined just before a stop: what counts is what is settled, not what is released now.
    settled, entries = [], []
    for ledger, record in _LEDGERS.items():
        if context.chain.read(ledger, record, run.run_id)["state"] <= _CONTESTABLE:
            continue
        settled.append(record)
        address = context.chain.facts().contracts[ledger]
        _, amount = context.chain.read("bonds", "lockedOf", address, run.run_id)
        if amount:
            call = ContractCall(by, "bonds", "release", (address, run.run_id))
            entries.append(_entry(run, f"bond/{record}", call))
    context.announce(lambda _: None, *entries)
    if settled and context.chain.read("bonds", "freeOf", context.chain.address_of(by)):
        purpose = "/".join(["bond", *settled, "withdrawn", by])
        context.announce(lambda _: None, _entry(run, purpose, ContractCall(by, "bonds", "withdraw", ())))


def _entry(run: RunRecord, purpose: str, call: ContractCall) -> OutboxEntry:
    return OutboxEntry(
        f"{run.community}/{run.period}/run/{run.version}/{purpose}", run.community, run.period, call
    )
