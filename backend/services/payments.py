"""Collect and pay what a run comes to, and find out from the bank's statement who has paid."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from backend.billing.invoices import (
    COMMUNITY_PARTY,
    BankMovement,
    Matching,
    OpenItem,
    PaymentPlan,
    match_movements,
    own_account,
    plan_payments,
)
from backend.errors import InputError
from backend.services.issue_invoices import invoiced_runs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from backend.ports.invoice_files import PaymentFiles
    from backend.services.context import SettlementContext
    from backend.services.issue_invoices import InvoicedRun

__all__ = ["MatchedStatement", "match_statement", "plan_run", "write_payments"]

_KEY_DIGITS = 32


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """What a bank statement told.

    Attributes:
        matching: The outcome.
        known: Movements that an earlier statement told already. [1]
        paid_before: Bills that were paid before. [1]
    """

    matching: Matching
    known: int
    paid_before: int


def plan_run(invoiced: InvoicedRun) -> PaymentPlan:
    """How a final run is paid, to the cent.

    Raises:
        InputError: If somebody is to be paid whose account is not known.
        BalanceError: If the statements do not come to the run.
    """
    return plan_payments(invoiced.statements, invoiced.parties, invoiced.names, invoiced.total)


def write_payments(invoiced: InvoicedRun, files: PaymentFiles, kind: str, day: date | None = None) -> bytes:
    """The bank's file of a run: what is collected (``debit``) or paid out (``transfer``).

    Args:
        invoiced: The run, which is final.
        files: Writes the form.
        kind: ``debit`` or ``transfer``.
        day: Of execution; the latest date of payment among them where None.

    Raises:
        InputError: If there is nothing to pay, or the community's account is not known.
    """
    plan = plan_run(invoiced)
    name, run = (
        invoiced.names[COMMUNITY_PARTY],
        f"{invoiced.run.community}/{invoiced.label}/{invoiced.run.version}",
    )
    if kind == "debit":
        account = own_account(invoiced.parties, "creditor_id")
        due = day or max((payment.due for payment in plan.debits), default=invoiced.issued)
        return files.debits(name, account, plan.debits, run=run, made=invoiced.issued, collected=due)
    account = own_account(invoiced.parties)
    due = day or max((payment.due for payment in plan.transfers), default=invoiced.issued)
    return files.transfers(name, account, plan.transfers, run=run, made=invoiced.issued, executed=due)


def match_statement(
    context: SettlementContext, community: str, files: PaymentFiles, content: bytes, file: str
) -> MatchedStatement:
    """Match a bank statement with the open bills of a community, and keep what was paid.

    A statement that is read again, or overlaps with another, changes nothing.

    Raises:
        InputError: If the file is no bank statement, or of another account.
    """
    account, movements = files.movements(content, file)
    runs = invoiced_runs(context, community)
    own = next((run.parties[COMMUNITY_PARTY].iban for run in runs), "")
    if own and account != own:
        raise InputError(f"{file}: it is a statement of another account than the community's.")
    items = [item for run in runs for item in _items(run, files)]
    with context.store.transaction() as records:
        paid: dict[str, Any] = dict(records.fact(_fact(community)) or {})
        known = set(paid.values())
        keys = {_key(movement, place): movement for place, movement in _counted(movements)}
        fresh = [movement for key, movement in keys.items() if key not in known]
        matching = match_movements(fresh, [item for item in items if item.reference not in paid])
        names = {id(movement): key for key, movement in keys.items()}
        paid |= {match.item.reference: names[id(match.movement)] for match in matching.matches}
        records.put_fact(_fact(community), paid)
    return MatchedStatement(
        matching, len(movements) - len(fresh), len(items) - len(matching.items) - len(matching.matches)
    )


def _fact(community: str) -> str:
    return f"paid/{community}"


def _items(run: InvoicedRun, files: PaymentFiles) -> list[OpenItem]:
    return [
        OpenItem(
            reference=statement.reference,
            numbers=(
                files.end_to_end(statement.reference),
                *(entry.number for entry in statement.entries if entry.number),
            ),
            amount=statement.balance,
            participant=statement.participant,
            iban=details.iban if (details := run.parties.get(statement.participant)) else "",
        )
        for statement in run.statements
        if statement.balance
    ]


def _counted(movements: Sequence[BankMovement]) -> list[tuple[int, BankMovement]]:
    """Each movement with how many alike came before it on its day: two equal payments are two."""
    seen: dict[BankMovement, int] = {}
    counted = []
    for movement in movements:
        seen[movement] = seen.get(movement, -1) + 1
        counted.append((seen[movement], movement))
    return counted


def _key(movement: BankMovement, place: int) -> str:
    """A movement by its hash: what is kept tells no account and no name."""
    return sha256(repr((place, movement)).encode()).hexdigest()[:_KEY_DIGITS]
