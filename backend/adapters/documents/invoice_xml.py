"""An invoice as XML: UN/CEFACT CII (what Factur-X and ZUGFeRD carry) and OASIS UBL 2.1, both by EN 16931.

The terms of the standard (BT-1, BG-25, ...) are named once; the ``factur-x`` library writes either syntax from them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from backend.adapters.documents.invoice_words import exemption, line_name, notes
from backend.billing.invoices import PaymentCode, Unit
from backend.quantities import format_cents, format_kilowatt_hours, format_price

if TYPE_CHECKING:
    from backend.billing.invoices import Invoice, InvoiceLine, Party

__all__ = ["write_facturx_xml", "write_ubl_xml"]

_METER_NUMBER = "MG"  # UNTDID 1153
# What XML 1.0 cannot hold; people paste such characters into names.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_facturx_xml(invoice: Invoice) -> bytes:
    """CII in the EN 16931 profile of Factur-X 1.0 / ZUGFeRD 2."""
    return _write(invoice, "factur-x")


def write_ubl_xml(invoice: Invoice) -> bytes:
    """UBL 2.1: an Invoice, of a credit note a CreditNote."""
    return _write(invoice, "ubl-2.1")


def _write(invoice: Invoice, flavor: str) -> bytes:
    from facturx import generate_xml

    # The library's own check of business rules says yes where no server runs; invoice_checks.py does it.
    written = generate_xml(
        _clean(_terms(invoice)), flavor=flavor, level="en16931", check_xsd=False, check_schematron=False
    )
    assert isinstance(written, bytes)
    return written


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNWRITABLE.sub(" ", value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _terms(invoice: Invoice) -> dict[str, Any]:
    """The business terms by their names in the standard."""
    net, tax, total = (format_cents(cents) for cents in (invoice.net, invoice.tax, invoice.total))
    terms: dict[str, Any] = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued,
        "BT-3": str(invoice.type.value),
        "BT-5": invoice.currency,
        "BT-9": invoice.due,
        "BT-72": invoice.last,
        "BT-73": invoice.first,
        "BT-74": invoice.last,
        "BT-83": invoice.reference,
        "BT-106": net,
        "BT-109": net,
        "BT-110": tax,
        "BT-112": total,
        "BT-115": total,
        "BG-1": [{"BT-22": note} for note in notes(invoice)],
        "BG-4": _party(invoice.seller),
        "BG-7": _party(invoice.buyer),
        "BG-23": [_vat_group(invoice)],
        "BG-25": [_line(invoice, line, place) for place, line in enumerate(invoice.lines, start=1)],
        **_payment(invoice),
    }
    if invoice.payee:
        terms["BG-10"] = {"identifiers": {None: invoice.payee[0]}, "name": invoice.payee[1]}
    if invoice.preceding:
        terms["BG-3"] = [{"BT-25": invoice.preceding.number, "BT-26": invoice.preceding.issued}]
    return terms


def _vat_group(invoice: Invoice) -> dict[str, str]:
    vat = invoice.vat
    group = {
        "BT-116": format_cents(invoice.net),
        "BT-117": format_cents(invoice.tax),
        "BT-118": vat.category,
        "BT-119": _rate(vat.rate_ppm),
        "BT-120": exemption(invoice),
        "BT-121": vat.reason_code,
    }
    return {name: value for name, value in group.items() if value}


def _line(invoice: Invoice, line: InvoiceLine, place: int) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "BT-126": str(place),
        "BT-129": _quantity(line.quantity, line.unit),
        "BT-130": line.unit.value,
        "BT-131": format_cents(line.amount),
        "BT-134": invoice.first,
        "BT-135": invoice.last,
        "BT-151": invoice.vat.category,
        "BT-153": line_name(invoice, line),
        "BT-154": line.detail,
        **_price(line),
    }
    if invoice.vat.category != "O":  # BR-O-05: outside the scope there is no rate
        terms["BT-152"] = _rate(invoice.vat.rate_ppm)
    if line.point:
        terms["BT-128"] = {_METER_NUMBER: line.point}
    return terms


def _price(line: InvoiceLine) -> dict[str, str]:
    """BT-146; where prices changed from interval to interval, the amount for the whole quantity, which is exact."""
    if line.price is None:
        return {
            "BT-146": format_cents(abs(line.amount)),
            "BT-149": _quantity(abs(line.quantity), line.unit),
        }
    return {"BT-146": format_cents(line.price) if line.unit is Unit.ONE else format_price(line.price)}


def _quantity(quantity: int, unit: Unit) -> str:
    return str(quantity) if unit is Unit.ONE else format_kilowatt_hours(quantity)


def _rate(ppm: int) -> str:
    """Per cent, exact: 55,000 ppm are 5.50."""
    return f"{ppm // 10_000}.{ppm % 10_000:04d}".removesuffix("00")


def _party(party: Party) -> dict[str, Any]:
    address = party.address
    terms: dict[str, Any] = {
        "name": party.name,
        "identifiers": {None: party.id},
        "addr_l1": address.street,
        "addr_l2": address.street_2,
        "postcode": address.postcode,
        "city": address.city,
        "country_code": address.country,
        "vat_identifier": party.vat_id,
        "tax_identifier": party.tax_id,
        "legal_identifier": party.legal_id,
        "legal_identifier_schemeid": party.legal_scheme,
        "contacts": [{"email": party.email}] if party.email else [],
    }
    return {name: value for name, value in terms.items() if value}


def _payment(invoice: Invoice) -> dict[str, str]:
    payment = invoice.payment
    terms = {"BT-81": str(payment.code.value)}
    if payment.code is PaymentCode.SEPA_TRANSFER:
        terms |= {"BT-84": payment.iban, "BT-85": payment.account_name, "BT-86": payment.bic}
    elif payment.code is PaymentCode.SEPA_DEBIT:
        terms |= {"BT-89": payment.mandate, "BT-90": payment.creditor_id, "BT-91": payment.debited_iban}
    return {name: value for name, value in terms.items() if value}
