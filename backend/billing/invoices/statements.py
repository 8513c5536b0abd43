"""What a participant pays or is paid for a run: its invoices, self-billed invoices and credit notes set off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from backend.billing.invoices.model import PaymentCode, PaymentMeans
from backend.billing.invoices.needs import refuse_missing
from backend.billing.invoices.parties import COMMUNITY_PARTY, PartyDetails
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backend.billing.invoices.model import Invoice

__all__ = [
    "Payment",
    "PaymentPlan",
    "Statement",
    "StatementEntry",
    "means_of",
    "own_account",
    "plan_payments",
    "sides_of",
    "statements_of",
]


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """A document in a statement, or what is paid without one.

    Attributes:
        number: Of the document; empty for an incentive, which is no supply and has no invoice.
        kind: ``380``, ``381``, ``389``, ``261`` or ``incentive``.
        amount: What the participant owes by it, negative where it is owed. [cents]
    """

    number: str
    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The set-off of one participant.

    Attributes:
        participant: Its id.
        reference: Number of its bill: what a payment names.
        due: Last date of payment.
        entries: In order of issue.
    """

    participant: str
    reference: str
    due: date
    entries: tuple[StatementEntry, ...]

    @property
    def balance(self) -> int:
        """What the participant pays; negative where it is paid. [cents]"""
        return sum(entry.amount for entry in self.entries)


def statements_of(
    documents: Sequence[Invoice],
    references: Mapping[str, str],
    last: date,
    incentives: Mapping[str, int] | None = None,
) -> tuple[Statement, ...]:
    """Set off the documents that were issued for a run.

    Args:
        documents: Invoices, self-billed invoices and credit notes of the run.
        references: Number of each participant's bill, in seat order.
        last: Date of payment where no document names one.
        incentives: What participants are paid beside invoices. [cents]

    Returns:
        In seat order; a participant without any document or incentive has none.
    """
    paid = incentives or {}
    entries: dict[str, list[StatementEntry]] = {participant: [] for participant in references}
    due: dict[str, date] = {}
    for document in documents:
        for owner, amount in sides_of(document):
            entries[owner].append(StatementEntry(document.number, str(document.type.value), amount))
            due[owner] = max(due.get(owner, document.due), document.due)
    for participant, amount in paid.items():
        if amount:
            entries[participant].append(StatementEntry("", "incentive", -amount))
    return tuple(
        Statement(participant, references[participant], due.get(participant, last), tuple(own))
        for participant, own in entries.items()
        if own
    )


def sides_of(document: Invoice) -> list[tuple[str, int]]:
    """Each participant on a document with what it owes by it; the community itself has no statement. [cents]"""
    sides = [(document.buyer, document.receivable), (document.seller, -document.receivable)]
    return [(party.id, amount) for party, amount in sides if party.is_member]


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment between the community and a participant.

    Attributes:
        participant: Its id.
        name: Of the account's holder.
        amount: Above zero. [cents]
        reference: Number of the bill; end-to-end id and remittance of the payment.
        due: When.
        details: Account and mandate of the participant.
        is_first: Of a direct debit: was nothing collected by this mandate before?
    """

    participant: str
    name: str
    amount: int
    reference: str
    due: date
    details: PartyDetails
    is_first: bool = False

    @property
    def mandate_day(self) -> date:
        """When the mandate was signed."""
        return date.fromisoformat(self.details.mandate_date)


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """How a run is paid.

    Attributes:
        debits: What the community collects by mandate.
        transfers: What it pays out.
        open: What participants without mandate pay themselves, by the bill's code.

    Invariants:
        - Σ debits + Σ open - Σ transfers = what the run's statements come to, to the cent.
    """

    debits: tuple[Payment, ...]
    transfers: tuple[Payment, ...]
    open: tuple[Payment, ...]

    @property
    def collected(self) -> int:
        """Σ debits. [cents]"""
        return _sum(self.debits)

    @property
    def paid_out(self) -> int:
        """Σ transfers. [cents]"""
        return _sum(self.transfers)


def plan_payments(
    statements: Sequence[Statement],
    parties: Mapping[str, PartyDetails],
    names: Mapping[str, str],
    run_total: int,
    community: str,
) -> PaymentPlan:
    """Sort a run's statements by how they are paid.

    Args:
        statements: Of a final run.
        parties: Details by participant.
        names: Of participants, where their details give no legal one.
        run_total: What the run's bills say: debits less credits. [cents]
        community: Its id.

    Raises:
        InputError: If somebody is to be paid whose account is not known; all of them are named.
        BalanceError: If the statements do not come to the run.
    """
    balance = sum(statement.balance for statement in statements)
    if balance != run_total:
        raise BalanceError(
            f"The statements come to {balance} cents, the run to {run_total}; no payment is made of it."
        )
    paid = [statement.participant for statement in statements if statement.balance < 0]
    refuse_missing(parties, [(participant, ("iban",)) for participant in paid], community)
    debits: list[Payment] = []
    transfers: list[Payment] = []
    remaining: list[Payment] = []
    for statement in statements:
        amount = statement.balance
        details = parties.get(statement.participant, PartyDetails())
        name = details.name or names[statement.participant]
        payment = Payment(
            statement.participant, name, abs(amount), statement.reference, statement.due, details
        )
        if amount < 0:
            transfers.append(payment)
        elif amount > 0:
            means = means_of(statement, parties, names)
            (debits if means.code is PaymentCode.SEPA_DEBIT else remaining).append(payment)
    plan = PaymentPlan(tuple(debits), tuple(transfers), tuple(remaining))
    assert plan.collected + _sum(plan.open) - plan.paid_out == run_total, plan
    return plan


def _sum(payments: Iterable[Payment]) -> int:
    return sum(payment.amount for payment in payments)


def own_account(parties: Mapping[str, PartyDetails], community: str, *names: str) -> PartyDetails:
    """The community's details with its account.

    Raises:
        InputError: If what a payment needs is missing.
    """
    refuse_missing(parties, [(COMMUNITY_PARTY, ("iban", *names))], community)
    return parties[COMMUNITY_PARTY]


def means_of(
    statement: Statement, parties: Mapping[str, PartyDetails], names: Mapping[str, str]
) -> PaymentMeans:
    """How a statement's balance is paid, by what is known: collected, transferred to whom is owed, or not told."""
    own, member = parties.get(COMMUNITY_PARTY), parties.get(statement.participant, PartyDetails())
    if statement.balance < 0 and member.iban:
        name = member.name or names[statement.participant]
        return PaymentMeans(PaymentCode.SEPA_TRANSFER, member.iban, member.bic, name)
    if statement.balance > 0 and own and own.iban:
        if own.creditor_id and member.can_be_debited:
            return PaymentMeans(
                PaymentCode.SEPA_DEBIT,
                mandate=member.mandate_id,
                creditor_id=own.creditor_id,
                debited_iban=member.iban,
            )
        return PaymentMeans(
            PaymentCode.SEPA_TRANSFER, own.iban, own.bic, own.name or names.get(COMMUNITY_PARTY, "")
        )
    return PaymentMeans(PaymentCode.SET_OFF)
