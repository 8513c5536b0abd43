"""Collect and pay what a run comes to, and find out from the bank's statement who has paid."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from backend.billing.invoices import (
    COMMUNITY_PARTY,
    BankMovement,
    Matching,
    OpenItem,
    Payment,
    PaymentPlan,
    match_movements,
    own_account,
    plan_payments,
)
from backend.errors import InputError
from backend.services.issue_invoices import invoiced_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from backend.ports.invoice_files import PaymentFiles
    from backend.services.context import SettlementContext
    from backend.services.issue_invoices import InvoicedRun

__all__ = ["MatchedStatement", "match_statement", "plan_run", "write_payments"]

_KEY_DIGITS = 32
_SHORT = 8


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """What a bank statement told.

    Attributes:
        matching: The outcome; each movement has the name under which ``assigned`` takes it.
        items: All bills, by reference.
        known: Movements that an earlier statement told already. [1]
    """

    matching: Matching
    items: Mapping[str, OpenItem]
    known: int


def plan_run(invoiced: InvoicedRun) -> PaymentPlan:
    """How a final run is paid, to the cent.

    Raises:
        InputError: If somebody is to be paid whose account is not known.
        BalanceError: If the statements do not come to the run.
    """
    return plan_payments(
        invoiced.statements, invoiced.parties, invoiced.names, invoiced.total, invoiced.run.community
    )


def write_payments(
    context: SettlementContext,
    invoiced: InvoicedRun,
    files: PaymentFiles,
    kind: str,
    day: date | None = None,
) -> bytes:
    """The bank's file of a run: what is collected (``debit``) or paid out (``transfer``).

    The first debit of a mandate says that it is the first; written again, the file of that run says so again.

    Args:
        context: Store.
        invoiced: The run, which is final.
        files: Writes the form.
        kind: ``debit`` or ``transfer``.
        day: Of execution; the latest date of payment among them where None.

    Raises:
        InputError: If there is nothing to pay, or the community's account is not known.
    """
    plan = plan_run(invoiced)
    community = invoiced.run.community
    name, run = invoiced.names[COMMUNITY_PARTY], f"{community}/{invoiced.label}/{invoiced.run.version}"
    if kind == "debit":
        account = own_account(invoiced.parties, community, "creditor_id")
        due = day or max((payment.due for payment in plan.debits), default=invoiced.issued)
        with context.store.transaction() as records:
            kept: dict[str, str] = dict(records.fact(f"mandates/{community}") or {})
            debits = tuple(
                replace(payment, is_first=kept.setdefault(_mandate_key(payment), run) == run)
                for payment in plan.debits
            )
            written = files.debits(name, account, debits, run=run, made=invoiced.issued, collected=due)
            records.put_fact(f"mandates/{community}", kept)
        return written
    account = own_account(invoiced.parties, community)
    due = day or max((payment.due for payment in plan.transfers), default=invoiced.issued)
    return files.transfers(name, account, plan.transfers, run=run, made=invoiced.issued, executed=due)


def _mandate_key(payment: Payment) -> str:
    """A mandate by its hash: what is kept tells no reference and no name."""
    details = payment.details
    return sha256(f"{details.mandate_id}/{details.mandate_date}".encode()).hexdigest()[:_KEY_DIGITS]


def match_statement(
    context: SettlementContext,
    community: str,
    files: PaymentFiles,
    content: bytes,
    file: str,
    assigned: Mapping[str, str] | None = None,
) -> MatchedStatement:
    """Match a bank statement with the bills of a community, and keep what was received for which.

    A statement that is read again, or overlaps with another, changes nothing.

    Args:
        context: Store.
        community: Its id.
        files: Reads the form.
        content: The statement.
        file: Its name, for messages.
        assigned: Bill's reference by a movement's name, where a person decided.

    Raises:
        InputError: If the file is no bank statement, or of another account; if ``assigned`` names what is not there.
    """
    account, movements = files.movements(content, file)
    runs = invoiced_runs(context, community)
    own = next((run.parties[COMMUNITY_PARTY].iban for run in runs), "")
    if own and account != own:
        raise InputError(f"{file}: it is a statement of another account than the community's.")
    items = {item.reference: item for run in runs for item in _items(run, files)}
    keyed = {
        key: movement if movement.id else replace(movement, id=key[:_SHORT])
        for key, movement in ((_key(movement, place), movement) for place, movement in _counted(movements))
    }
    with context.store.transaction() as records:
        kept: dict[str, dict[str, int]] = dict(records.fact(_fact(community)) or {})
        known = {key for booked in kept.values() for key in booked}
        fresh = {key: movement for key, movement in keyed.items() if key not in known}
        _check_assigned(assigned or {}, fresh, items, file)
        received = {reference: sum(booked.values()) for reference, booked in kept.items()}
        matching = match_movements(list(fresh.values()), list(items.values()), received, assigned)
        keys = {id(movement): key for key, movement in fresh.items()}
        for match in matching.matches:
            booked = {**kept.get(match.item.reference, {}), keys[id(match.movement)]: match.amount}
            kept[match.item.reference] = booked
        records.put_fact(_fact(community), kept)
    return MatchedStatement(matching, items, len(keyed) - len(fresh))


def _check_assigned(
    assigned: Mapping[str, str],
    fresh: Mapping[str, BankMovement],
    items: Mapping[str, OpenItem],
    file: str,
) -> None:
    names = [movement.id for movement in fresh.values()]
    for name, reference in assigned.items():
        if names.count(name) != 1:
            said = "several new movements are" if name in names else "no new movement is"
            raise InputError(f"{file}: {said} named {name!r}; see their names with: partage payments match")
        if reference not in items:
            near = difflib.get_close_matches(reference, items, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise InputError(f"There is no bill {reference!r} on which something is due.{hint}")


def _fact(community: str) -> str:
    return f"received/{community}"


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
