from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from backend.adapters.documents.invoice_checks import check_xml, faults_of
from backend.adapters.documents.invoice_xml import write_facturx_xml, write_ubl_xml
from backend.billing.invoices import parties
from backend.errors import BalanceError

WRITERS = {"cii": write_facturx_xml, "ubl": write_ubl_xml}


@pytest.fixture(params=sorted(WRITERS))
def write(request):
    return WRITERS[request.param]


def test_each_kind_of_invoice_keeps_the_schema_and_every_business_rule(write, invoice):
    assert [fault for fault in faults_of(write(invoice)) if fault.is_fatal] == []


def test_the_same_invoice_gives_the_same_bytes(write, make_invoice):
    assert write(make_invoice()) == write(make_invoice())


def test_names_are_text_and_never_markup(write, make_invoice):
    tree = etree.fromstring(write(make_invoice()))
    assert "La Ruelle & Cie <coop>" in tree.xpath(
        "//*[local-name()='Name' or local-name()='RegistrationName']/text()"
    )


def test_a_character_that_xml_cannot_hold_becomes_a_blank(write, make_invoice):
    plain = make_invoice()
    odd = replace(plain, buyer=replace(plain.buyer, name="Anna\x0bMüller\x00"))
    assert "Anna Müller " in "".join(etree.fromstring(write(odd)).itertext())


UBL_TOTAL = '<cbc:TaxInclusiveAmount currencyID="EUR">4.2'
UBL_SUM = '<cbc:LineExtensionAmount currencyID="EUR">3.5'
UBL_PRICE = '<cbc:PriceAmount currencyID="EUR">'


@pytest.mark.parametrize(
    ("writer", "old", "new", "rule"),
    [
        ("cii", "<ram:GrandTotalAmount>4.21", "<ram:GrandTotalAmount>4.22", "BR-CO-15"),
        ("ubl", f"{UBL_TOTAL}1", f"{UBL_TOTAL}2", "BR-CO-15"),
        ("cii", "<ram:LineTotalAmount>3.51", "<ram:LineTotalAmount>3.52", "BR-CO-10"),
        ("ubl", f"{UBL_SUM}1", f"{UBL_SUM}2", "BR-CO-10"),
        ("cii", "<ram:ChargeAmount>0.12<", "<ram:ChargeAmount>-0.12<", "BR-27"),
        ("ubl", f"{UBL_PRICE}0.12", f"{UBL_PRICE}-0.12", "BR-27"),
        ("cii", "<ram:TypeCode>380<", "<ram:TypeCode>999<", "FX-SCH-A-000555"),  # its code list
        ("ubl", "<cbc:InvoiceTypeCode>380<", "<cbc:InvoiceTypeCode>999<", "BR-CL-01"),
        ("cii", "<ram:ID>RUELLE.I-2017-000001</ram:ID>", "", "XSD"),
        ("ubl", "<cbc:ID>RUELLE.I-2017-000001</cbc:ID>", "<cbc:Id/>", "XSD"),
    ],
)
def test_a_planted_fault_is_found_by_its_rule(make_invoice, writer, old, new, rule):
    written = WRITERS[writer](make_invoice()).decode()
    assert old in written
    spoilt = written.replace(old, new).encode()
    fatal = [fault.rule for fault in faults_of(spoilt) if fault.is_fatal]
    assert rule in fatal
    with pytest.raises(BalanceError, match=f"R-1 is not valid: .*{rule}"):
        check_xml(spoilt, "R-1")


@pytest.mark.parametrize("scheme", parties._SCHEMES)  # noqa: SLF001 -- each is offered to the treasurer
def test_each_register_that_is_offered_is_in_the_code_list(write, make_invoice, scheme):
    plain = make_invoice()
    odd = replace(plain, seller=replace(plain.seller, legal_scheme=scheme))
    assert [fault for fault in faults_of(write(odd)) if fault.is_fatal] == []


@pytest.mark.parametrize("country", sorted(parties._COUNTRIES)[::12])  # noqa: SLF001 -- the same
def test_each_country_that_is_taken_is_in_the_code_list(make_invoice, country):
    plain = make_invoice()
    odd = replace(plain, buyer=replace(plain.buyer, address=replace(plain.buyer.address, country=country)))
    assert [fault for fault in faults_of(write_ubl_xml(odd)) if fault.is_fatal] == []


def test_what_is_no_invoice_is_refused():
    assert [fault.rule for fault in faults_of(b"<note/>")] == ["XSD"]


def test_amounts_are_those_of_the_invoice(write, invoice):
    text = write(invoice).decode()
    assert f">{invoice.total // 100}.{invoice.total % 100:02d}<" in text
