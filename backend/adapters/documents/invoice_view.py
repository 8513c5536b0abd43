"""Invoices and statements as localised texts and figures, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.adapters.documents.bill_view import clean
from backend.adapters.documents.invoice_words import exemption, line_name, notes, say
from backend.adapters.documents.locales import LOCALES
from backend.adapters.documents.payment_qr import payment_qr_svg
from backend.billing.invoices import PaymentCode, PaymentMeans, Unit
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from datetime import date

    from backend.billing.invoices import Invoice, InvoiceLine, Party, Statement, StatementEntry

__all__ = ["StatementPage", "view_invoice", "view_statement"]

_SIREN = "0002"
_GROUP = 4


def view_invoice(invoice: Invoice) -> dict[str, Any]:
    """What the page of an invoice says: JSON-ready texts."""
    language = invoice.language
    locale = LOCALES[language]
    title = say(language, f"type.{invoice.type.value}")
    facts = [
        [say(language, "number"), invoice.number],
        [say(language, "issued"), locale.day(invoice.issued)],
        [say(language, "period"), locale.period(invoice.first, invoice.last)],
        [say(language, "reference"), invoice.reference],
        *([[say(language, "due"), locale.day(invoice.due)]] if not invoice.type.is_credit else []),
    ]
    abroad = invoice.seller.address.country != invoice.buyer.address.country
    return {
        "lang": language,
        "title": f"{title} {invoice.number}",
        "heading": title,
        "author": clean(invoice.seller.name),
        "facts": facts,
        "parties": [
            {"role": say(language, role), "lines": _party(language, party, abroad=abroad)}
            for role, party in (("seller", invoice.seller), ("buyer", invoice.buyer))
        ],
        "columns": [say(language, f"column.{name}") for name in ("what", "quantity", "price", "amount")],
        "rows": [_row(invoice, line) for line in invoice.lines],
        "sums": _sums(invoice),
        "notes": [clean(note, 400) for note in (*notes(invoice), exemption(invoice)) if note],
        "payment": _payment_text(invoice),
        **_scan(
            language, invoice.payment, invoice.total, invoice.reference, asked=not invoice.type.is_self_billed
        ),
        "page": say(language, "page"),
    }


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A statement ready to be set.

    Attributes:
        statement: The set-off.
        documents: Those of its documents that are at hand: they tell who the others are, and addresses.
        names: Of the community and of the participant.
        means: How the balance is paid; ``SET_OFF`` where that is not told.
        language: ``en`` or ``fr``.
        issued: Date of issue.
        span: First and last civil date of the period.
    """

    statement: Statement
    documents: tuple[Invoice, ...]
    names: tuple[str, str]
    means: PaymentMeans
    language: str
    issued: date
    span: tuple[date, date]


def view_statement(page: StatementPage) -> dict[str, Any]:
    """What the page of a statement says."""
    statement, language = page.statement, page.language
    locale = LOCALES[language]
    balance = statement.balance
    outcome = "pay" if balance > 0 else "receive" if balance < 0 else "nothing"
    title = say(language, "statement")
    parties = [side for invoice in page.documents for side in (invoice.seller, invoice.buyer)]
    own = next((party for party in parties if not party.is_member), None)
    member = next((party for party in parties if party.is_member and party.id == statement.participant), None)
    abroad = bool(own and member and own.address.country != member.address.country)
    return {
        "lang": language,
        "title": f"{title} {statement.reference}",
        "heading": title,
        "author": clean(page.names[0]),
        "facts": [
            [say(language, "number"), statement.reference],
            [say(language, "issued"), locale.day(page.issued)],
            [say(language, "period"), locale.period(*page.span)],
            *([[say(language, "due"), locale.day(statement.due)]] if balance else []),
        ],
        "parties": [
            {
                "role": say(language, role),
                "lines": _party(language, party, abroad=abroad) if party else [clean(name)],
            }
            for role, party, name in (("from", own, page.names[0]), ("to", member, page.names[1]))
        ],
        "columns": [say(language, "column.document"), "", "", say(language, "column.amount")],
        "rows": [_statement_row(page, entry) for entry in statement.entries],
        "sums": [[say(language, f"balance.{outcome}"), locale.money(abs(balance)), "strong"]],
        "notes": [say(language, "statement.text")],
        "payment": _balance_text(page),
        **_scan(language, page.means, balance, statement.reference, asked=True),
        "page": say(language, "page"),
    }


def _statement_row(page: StatementPage, entry: StatementEntry) -> list[str]:
    """What the document is, of or for whom, its number, and the amount as the participant owes it."""
    language = page.language
    amount = LOCALES[language].money(entry.amount)
    if not entry.number:
        return [say(language, "incentive"), "", "", "", amount]
    kind = say(language, f"type.{entry.kind}")
    invoice = next((document for document in page.documents if document.number == entry.number), None)
    if invoice is None:
        return [kind, entry.number, "", "", amount]
    sells = invoice.seller.is_member and invoice.seller.id == page.statement.participant
    other = invoice.buyer if sells else invoice.seller
    what = say(language, "document.to" if sells else "document.from", type=kind, other=clean(other.name))
    return [what, entry.number, "", "", amount]


def _balance_text(page: StatementPage) -> str:
    """How the balance is paid; empty where there is none, or nothing is known of it."""
    balance, code = page.statement.balance, page.means.code
    if not balance or code is PaymentCode.SET_OFF:
        return ""
    key = f"pay.{code.value}" + (
        ".self" if balance < 0 else ".balance" if code is PaymentCode.SEPA_DEBIT else ""
    )
    return _means_text(page.language, key, page.means, page.statement.due, page.statement.reference)


def _party(language: str, party: Party, *, abroad: bool) -> list[str]:
    """Name, address and numbers; the country where the other party is in another."""
    address = party.address
    lines = [
        party.name,
        address.street,
        address.street_2,
        f"{address.postcode} {address.city}",
        address.country if abroad else "",
    ]
    if party.vat_id:
        lines.append(say(language, "vat_id", id=party.vat_id))
    elif party.tax_id:
        lines.append(say(language, "tax_id", id=party.tax_id))
    if party.legal_id:
        key = "legal_id" if party.legal_scheme == _SIREN else "legal_id.other"
        lines.append(say(language, key, id=party.legal_id))
    return [clean(line) for line in lines if line]


def _row(invoice: Invoice, line: InvoiceLine) -> list[str]:
    language = invoice.language
    locale = LOCALES[language]
    if line.unit is Unit.ONE:
        quantity, price = str(line.quantity), locale.money(line.mean_price)
    else:
        quantity, price = locale.energy(line.quantity), locale.price(line.mean_price)
        if line.price is None:
            price = f"{price} {say(language, 'mean')}"
    point = say(language, "point", number=line.point) if line.point else ""
    detail = clean(", ".join(part for part in (line.detail, point) if part))
    return [line_name(invoice, line), detail, quantity, price, locale.money(line.amount)]


def _sums(invoice: Invoice) -> list[list[str]]:
    language = invoice.language
    locale = LOCALES[language]
    if invoice.vat.category not in {"S", "Z"}:
        return [[say(language, "total.outside"), locale.money(invoice.total), "strong"]]
    rate = locale.rate(invoice.vat.rate_ppm)
    assert invoice.vat.rate_ppm <= PARTS_PER_MILLION, invoice.vat
    return [
        [say(language, "net"), locale.money(invoice.net), ""],
        [say(language, "vat", rate=rate, basis=locale.money(invoice.net)), locale.money(invoice.tax), ""],
        [say(language, "total"), locale.money(invoice.total), "strong"],
    ]


def _payment_text(invoice: Invoice) -> str:
    payment = invoice.payment
    key = f"pay.{payment.code.value}"
    if payment.code is PaymentCode.SEPA_TRANSFER and invoice.type.is_self_billed:
        key += ".self"
    return _means_text(invoice.language, key, payment, invoice.due, invoice.reference)


def _means_text(language: str, key: str, means: PaymentMeans, due: date, reference: str) -> str:
    return say(
        language,
        key,
        day=LOCALES[language].day(due),
        reference=reference,
        mandate=clean(means.mandate),
        creditor=means.creditor_id,
        account=clean(means.account_name),
        iban=_spaced(means.iban or means.debited_iban),
    )


def _scan(language: str, payment: PaymentMeans, cents: int, reference: str, *, asked: bool) -> dict[str, str]:
    """The code and its caption; empty where the reader has nothing to transfer."""
    if not asked or payment.code is not PaymentCode.SEPA_TRANSFER or cents <= 0:
        return {"code": "", "scan": ""}
    code = payment_qr_svg(payment.account_name, payment.iban, payment.bic, cents, reference)
    return {"code": code, "scan": say(language, "pay.scan")}


def _spaced(iban: str) -> str:
    """In groups of four, as people copy it."""
    return " ".join(iban[place : place + _GROUP] for place in range(0, len(iban), _GROUP))
