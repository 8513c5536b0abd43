"""Invoices of every kind, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from backend.billing.invoices import (
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

COMMUNITY = Party(
    "ruelle",
    "La Ruelle & Cie <coop>",
    Address("1 rue des Toits", "69100", "Villeurbanne", "FR"),
    vat_id="FR40303265045",
    legal_id="303265045",
    legal_scheme="0002",
    email="treasurer@ruelle.example",
    is_member=False,
)
ANNA = Party("anna", "Anna Müller", Address("2 rue des Toits", "69100", "Villeurbanne", "FR", "porte 4"))
BOB = Party("bob", "Bob", Address("3 rue des Toits", "69100", "Villeurbanne", "FR"), vat_id="FR83404833048")
LINES = (
    InvoiceLine.of_energy("bought", "14512345678901", "", 8_512_345, 120_000),
    InvoiceLine.of_value("bought", "14512345678902", "", 1_234_567, 17),
    InvoiceLine.of_energy("residual", "14512345678901", "00:00-06:00", 2_000_000, 160_500),
    InvoiceLine.of_pieces("fee", 1, 200),
)
SOLD = (InvoiceLine.of_energy("sold", "bob-roof", "", 9_746_912, 120_000),)


def make(**changes):
    given: dict[str, Any] = {
        "number": "RUELLE.I-2017-000001",
        "type": InvoiceType.INVOICE,
        "issued": date(2017, 7, 1),
        "due": date(2017, 7, 31),
        "currency": "EUR",
        "language": "fr",
        "seller": COMMUNITY,
        "buyer": ANNA,
        "payee": None,
        "first": date(2017, 6, 1),
        "last": date(2017, 6, 30),
        "vat": VatGroup("S", 200_000),
        "lines": LINES,
        "payment": PaymentMeans(
            PaymentCode.SEPA_TRANSFER, "FR7630006000011234567890189", "AGRIFRPP", "La Ruelle & Cie <coop>"
        ),
        "reference": "RUELLE-2017-000001",
        "preceding": None,
        "issuer": "",
        "is_closing": False,
        "community": "ruelle",
        "period": "2017-06",
        "run_version": 1,
    } | changes
    return Invoice(**given)


def _kinds():
    plain = make()
    debit = PaymentMeans(
        PaymentCode.SEPA_DEBIT,
        mandate="RUELLE-0001",
        creditor_id="FR72ZZZ123456",
        debited_iban="DE89370400440532013000",
    )
    set_off = PaymentMeans(PaymentCode.SET_OFF)
    sold = make(
        type=InvoiceType.SELF_BILLED,
        number="RUELLE.I.BOB-2017-000001",
        seller=BOB,
        buyer=COMMUNITY,
        lines=SOLD,
        issuer=COMMUNITY.name,
    )
    mute = replace(COMMUNITY, vat_id="", legal_id="", legal_scheme="")
    back = Preceding("RUELLE.I-2017-000001", date(2017, 7, 1))
    return {
        "transfer": plain,
        "debit": replace(plain, payment=debit, language="en"),
        "set off": replace(plain, payment=set_off, is_closing=True),
        "reduced rate": replace(plain, vat=VatGroup("S", 55_000)),
        "zero rated": replace(plain, vat=VatGroup("Z", 0)),
        "exempt": replace(plain, vat=VatGroup("E", 0, "vat.exempt.fr", "VATEX-FR-FRANCHISE")),
        "outside": replace(plain, vat=VatGroup("O", 0, "vat.outside_scope", "VATEX-EU-O"), seller=mute),
        "negative": replace(
            plain, lines=(InvoiceLine.of_energy("bought", "1", "", 2_000_000, -120_000), LINES[3])
        ),
        "self-billed": sold,
        "private producer": replace(
            sold,
            seller=replace(BOB, vat_id=""),
            buyer=mute,
            vat=VatGroup("O", 0, "vat.outside_scope", "VATEX-EU-O"),
        ),
        "by mandate": replace(plain, seller=BOB, issuer=COMMUNITY.name, payee=("ruelle", COMMUNITY.name)),
        "credit note": replace(plain, type=InvoiceType.CREDIT_NOTE, preceding=back, payment=set_off),
        "self-billed credit": replace(
            sold, type=InvoiceType.SELF_BILLED_CREDIT, preceding=back, payment=set_off
        ),
    }


KINDS = _kinds()
