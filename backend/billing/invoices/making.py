"""Invoices of a bill run: one per seller and buyer, by what each bill says that is sold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from backend.billing.invoices.model import (
    Address,
    Invoice,
    InvoiceLine,
    InvoiceType,
    Party,
    PaymentCode,
    PaymentMeans,
    Preceding,
    VatGroup,
)
from backend.billing.invoices.needs import refuse_missing
from backend.billing.invoices.parties import COMMUNITY_PARTY, PartyDetails
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from backend.billing.bill import Bill, BillLine, Document

__all__ = [
    "IssueTerms",
    "closing_participants",
    "incentive_of",
    "invoices_of",
    "language_of",
    "restate",
]

_ADDRESS = ("street", "postcode", "city")
_FRENCH = frozenset({"FR", "BE", "LU"})
# Kinds of a bill's documents: a sale to a neighbour is the purchase on that neighbour's bill.
_SELF_BILLED, _PURCHASE, _SALE = "self_billed", "purchase", "sale"
_CREDITED = frozenset({_SELF_BILLED, _SALE})
_IDENTIFIED = frozenset({"S", "Z", "E"})


@dataclass(frozen=True, slots=True)
class IssueTerms:
    """What all invoices of a run have in common.

    Attributes:
        parties: Details by participant id; the community's under ``COMMUNITY_PARTY``.
        issued: Date of issue.
        language: ``en`` or ``fr``.
        run_version: Of the settlement run.
        closing: Participants whose supply ended within the period.
    """

    parties: Mapping[str, PartyDetails]
    issued: date
    language: str
    run_version: int
    closing: Collection[str] = ()


def language_of(country: str) -> str:
    """The language of a country's invoices, of those that we write."""
    return "fr" if country in _FRENCH else "en"


def closing_participants(terms: Sequence[Mapping[str, object]], days: int) -> frozenset[str]:
    """Participants all of whose points end within the period.

    Args:
        terms: As ``PeriodRecord.terms``.
        days: Of the period.
    """
    stay = {str(term["participant"]) for term in terms if int(str(term["until_day"])) >= days}
    return frozenset(str(term["participant"]) for term in terms) - stay


def invoices_of(bills: Sequence[tuple[str, Bill]], terms: IssueTerms) -> tuple[Invoice, ...]:
    """Draft the invoices of a run.

    Args:
        bills: Number and content of each bill, in seat order.
        terms: Who is who, when and in which language.

    Returns:
        Drafts without numbers, by bill: what is sold to its participant, then what it sells.

    Raises:
        InputError: If fields are missing of somebody whose invoice needs them: all of them, and whose.
        BalanceError: If the invoices do not come to what the bills say.
    """
    names = {bill.participant.id: bill.participant.name for _, bill in bills}
    drafts = [_Drafts(number, bill, names, terms) for number, bill in bills]
    if bills:
        needs = [need for draft in drafts for need in draft.needs()]
        refuse_missing(terms.parties, needs, bills[0][1].community.id)
    return tuple(invoice for draft in drafts for invoice in draft.all())


class _Drafts:
    """The drafts of one bill."""

    def __init__(self, number: str, bill: Bill, names: Mapping[str, str], terms: IssueTerms) -> None:
        self.number = number
        self.bill = bill
        self.names = names
        self.terms = terms
        self.documents = [
            document
            for document in bill.documents
            if any(bill.lines[place].quantity for place in document.lines)
        ]

    def needs(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What the documents need to know of whom."""
        for document in self.documents:
            for party in (document.seller, document.buyer):
                details = self._details(party)
                is_placed = details.country or self.bill.community.country != "none"
                yield party, _ADDRESS if is_placed else (*_ADDRESS, "country")
            if document.vat[0].category in _IDENTIFIED:
                yield document.seller, ("vat_id",)
            if not self._is_set_off(document):
                yield self._paid(document), ("iban",)

    def all(self) -> list[Invoice]:
        drafts = [self._draft(document) for document in self.documents if document.kind != _SALE]
        owed = sum(
            -document.total_with_vat if document.kind in _CREDITED else document.total_with_vat
            for document in self.documents
        )
        if owed - incentive_of(self.bill) != self.bill.amounts.payable:
            raise BalanceError(
                f"The invoices of bill {self.number or self.bill.seat} come to {owed} cents, the bill to "
                f"{self.bill.amounts.payable} after an incentive of {incentive_of(self.bill)}; none is issued."
            )
        return drafts

    def _draft(self, document: Document) -> Invoice:
        bill = self.bill
        type_ = InvoiceType.SELF_BILLED if document.kind == _SELF_BILLED else InvoiceType.INVOICE
        group = document.vat[0]
        vat = VatGroup(group.category, group.rate_ppm, group.reason, group.reason_code)
        own = COMMUNITY_PARTY
        in_its_name = document.seller != own
        draft = Invoice(
            number="",
            type=type_,
            issued=self.terms.issued,
            due=max(date.fromisoformat(bill.due), self.terms.issued),
            currency=bill.community.currency,
            language=self.terms.language,
            seller=self._party(document.seller, vat, sells=True),
            buyer=self._party(document.buyer, vat, sells=False),
            payee=(bill.community.id, self._name(own)) if document.kind == _PURCHASE else None,
            first=date.fromisoformat(bill.period.first),
            last=date.fromisoformat(bill.period.last),
            vat=vat,
            lines=tuple(
                self._line(bill.lines[place]) for place in document.lines if bill.lines[place].quantity
            ),
            payment=self._payment(document),
            reference=self.number,
            preceding=None,
            issuer=self._name(own) if in_its_name else "",
            is_closing=bill.participant.id in self.terms.closing,
            community=bill.community.id,
            period=bill.period.label,
            run_version=self.terms.run_version,
        )
        if draft.total != document.total_with_vat:
            raise BalanceError(
                f"An invoice of bill {self.number} comes to {draft.total} cents, the bill says "
                f"{document.total_with_vat}; none is issued."
            )
        return draft

    def _line(self, line: BillLine) -> InvoiceLine:
        if line.kind == "fee":
            return InvoiceLine.of_pieces("fee", line.quantity, line.unit_price)
        numbers = {point.point: point.number for point in self.bill.points}
        return InvoiceLine.of_value(
            line.kind,
            numbers.get(line.point, line.point),
            ", ".join(line.windows),
            line.quantity,
            line.amount,
            line.unit_price,
        )

    def _name(self, party: str) -> str:
        details = self.terms.parties.get(party)
        known = self.bill.community.name if party == COMMUNITY_PARTY else self.names[party]
        return (details.name if details else "") or known

    def _details(self, party: str) -> PartyDetails:
        return self.terms.parties.get(party) or PartyDetails()

    def _party(self, party: str, vat: VatGroup, *, sells: bool) -> Party:
        details = self._details(party)
        country = details.country or self.bill.community.country
        outside = vat.category == "O"  # BR-O-02: then no VAT identifier is named
        return Party(
            id=party or self.bill.community.id,
            name=self._name(party),
            address=Address(details.street, details.postcode, details.city, country, details.street_2),
            vat_id="" if outside else details.vat_id,
            tax_id=details.tax_id if sells and not outside else "",
            legal_id=details.legal_id,
            legal_scheme=details.legal_scheme,
            email=details.email,
            is_member=party != COMMUNITY_PARTY,
        )

    def _payment(self, document: Document) -> PaymentMeans:
        """By whom and how the invoice is paid; where a bill has several, its statement sets them off."""
        if self._is_set_off(document):
            return PaymentMeans(PaymentCode.SET_OFF)
        paid = self._paid(document)
        payee, buyer = self._details(paid), self._details(self.bill.participant.id)
        if paid == COMMUNITY_PARTY and payee.creditor_id and buyer.can_be_debited:
            return PaymentMeans(
                PaymentCode.SEPA_DEBIT,
                mandate=buyer.mandate_id,
                creditor_id=payee.creditor_id,
                debited_iban=buyer.iban,
            )
        return PaymentMeans(PaymentCode.SEPA_TRANSFER, payee.iban, payee.bic, self._name(paid))

    def _is_set_off(self, document: Document) -> bool:
        return len(self.documents) > 1 or bool(incentive_of(self.bill)) or document.total_with_vat <= 0

    def _paid(self, document: Document) -> str:
        """To whom the money goes: the community collects what neighbours sell."""
        return document.seller if document.kind == _SELF_BILLED else COMMUNITY_PARTY


def incentive_of(bill: Bill) -> int:
    """What a participant is paid that is no supply and has no invoice. [cents]"""
    return sum(line.amount for line in bill.lines if line.kind == "incentive" and line.biller == "community")


def restate(
    kept: Sequence[Invoice], wanted: Sequence[Invoice], issued: date, run_version: int
) -> tuple[tuple[Invoice, ...], tuple[Invoice, ...]]:
    """What a new run of a period changes: nothing issued is altered, what no longer holds is credited in full.

    Args:
        kept: All documents of the period that were issued, credit notes too.
        wanted: Drafts of the new run.
        issued: Date of the credit notes.
        run_version: Of the new run.

    Returns:
        Credit notes (381, of self-billed invoices 261) that name their invoice, and the drafts that are to be issued:
        those that differ in what is sold from what stands.
    """
    credited = {invoice.preceding.number for invoice in kept if invoice.preceding}
    standing = {
        _between(invoice): invoice
        for invoice in kept
        if not invoice.preceding and invoice.number not in credited
    }
    fresh = [draft for draft in wanted if _sold(standing.get(_between(draft))) != _sold(draft)]
    still = {_between(draft) for draft in wanted} - {_between(draft) for draft in fresh}
    credits_ = tuple(
        _credit_note(invoice, issued, run_version) for key, invoice in standing.items() if key not in still
    )
    return credits_, tuple(fresh)


def _between(invoice: Invoice) -> tuple[str, bool, str, bool]:
    seller, buyer = invoice.seller, invoice.buyer
    return seller.id, seller.is_member, buyer.id, buyer.is_member


def _sold(invoice: Invoice | None) -> object:
    return None if invoice is None else (invoice.lines, invoice.vat, invoice.first, invoice.last)


def _credit_note(invoice: Invoice, issued: date, run_version: int) -> Invoice:
    return replace(
        invoice,
        number="",
        type=invoice.type.credit,
        issued=issued,
        due=issued,
        payment=PaymentMeans(PaymentCode.SET_OFF),
        preceding=Preceding(invoice.number, invoice.issued),
        run_version=run_version,
    )
