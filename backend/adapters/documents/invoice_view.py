"""Invoices and statements as localised texts and figures, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.adapters.documents.bill_view import clean
from backend.adapters.documents.invoice_words import exemption, line_name, notes, say
from backend.adapters.documents.locales import LOCALES
from backend.adapters.documents.payment_qr import payment_qr_svg
from backend.billing.invoices import PaymentCode, PaymentMeans, Unit
from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from backend.billing.invoices import Invoice, InvoiceLine, Party, Statement

__all__ = ["view_invoice", "view_statement"]

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
    ]
    return {
        "lang": language,
        "title": f"{title} {invoice.number}",
        "heading": title,
        "author": clean(invoice.seller.name),
        "facts": facts,
        "parties": [
            {"role": say(language, "seller"), "lines": _party(language, invoice.seller)},
            {"role": say(language, "buyer"), "lines": _party(language, invoice.buyer)},
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


def view_statement(
    statement: Statement, of: Invoice, names: tuple[str, str], account: PaymentMeans
) -> dict[str, Any]:
    """What the page of a statement says.

    Args:
        statement: The set-off.
        of: One of its documents, for language, period and date.
        names: Of the community and of the participant.
        account: The community's, for a code to pay by; ``SET_OFF`` where nothing is to be scanned.
    """
    language = of.language
    locale = LOCALES[language]
    balance = statement.balance
    outcome = "pay" if balance > 0 else "receive" if balance < 0 else "nothing"
    title = say(language, "statement")
    rows = [
        [
            say(language, "incentive" if not entry.number else f"type.{entry.kind}"),
            entry.number,
            "",
            "",
            locale.money(entry.amount),
        ]
        for entry in statement.entries
    ]
    return {
        "lang": language,
        "title": f"{title} {statement.reference}",
        "heading": title,
        "author": clean(names[0]),
        "facts": [
            [say(language, "number"), statement.reference],
            [say(language, "issued"), locale.day(of.issued)],
            [say(language, "period"), locale.period(of.first, of.last)],
            [say(language, "due"), locale.day(statement.due)],
        ],
        "parties": [
            {"role": say(language, "from"), "lines": [clean(names[0])]},
            {"role": say(language, "to"), "lines": [clean(names[1])]},
        ],
        "columns": [say(language, "column.document"), "", "", say(language, "column.amount")],
        "rows": rows,
        "sums": [[say(language, f"balance.{outcome}"), locale.money(abs(balance)), "strong"]],
        "notes": [say(language, "statement.text")],
        "payment": "",
        **_scan(language, account, balance, statement.reference, asked=True),
        "page": say(language, "page"),
    }


def _party(language: str, party: Party) -> list[str]:
    address = party.address
    lines = [
        party.name,
        address.street,
        address.street_2,
        f"{address.postcode} {address.city}",
        address.country,
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
    payment, language = invoice.payment, invoice.language
    key = f"pay.{payment.code.value}"
    if payment.code is PaymentCode.SEPA_TRANSFER and invoice.type.is_self_billed:
        key += ".self"
    return say(
        language,
        key,
        day=LOCALES[language].day(invoice.due),
        reference=invoice.reference,
        mandate=clean(payment.mandate),
        creditor=payment.creditor_id,
        account=clean(payment.account_name),
        iban=_spaced(payment.iban),
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
