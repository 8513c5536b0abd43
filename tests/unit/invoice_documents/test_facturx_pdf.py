from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from facturx import get_xml_from_pdf
from lxml import etree
from pypdf import PdfReader

from backend.adapters.documents.facturx_pdf import render_invoice, render_statement
from backend.adapters.documents.invoice_view import StatementPage
from backend.adapters.documents.invoice_xml import write_facturx_xml
from backend.adapters.documents.payment_qr import payment_qr_svg
from backend.billing.invoices import PaymentCode, PaymentMeans, statements_of

ACCOUNT = PaymentMeans(PaymentCode.SEPA_TRANSFER, "FR7630006000011234567890189", "AGRIFRPP", "La Ruelle")
DEBIT = PaymentMeans(
    PaymentCode.SEPA_DEBIT,
    mandate="RUELLE-0001",
    creditor_id="FR72ZZZ123456",
    debited_iban="DE89370400440532013000",
)


def read(pdf):
    return PdfReader(io.BytesIO(pdf), strict=True)


def text_of(pdf):
    return (
        "\n".join(page.extract_text() for page in read(pdf).pages).replace("\u202f", " ").replace("\xa0", " ")
    )


def test_each_kind_of_invoice_carries_its_own_xml(invoice):
    xml = write_facturx_xml(invoice)
    reader = read(render_invoice(invoice, xml))
    assert reader.attachments == {"factur-x.xml": [xml]}
    filespec = reader.trailer["/Root"]["/AF"][0].get_object()
    assert filespec["/AFRelationship"] == "/Alternative"


def test_a_factur_x_reader_finds_the_invoice(make_invoice):
    xml = write_facturx_xml(make_invoice())
    name, found = get_xml_from_pdf(
        render_invoice(make_invoice(), xml), check_xsd=True, check_schematron=False
    )
    assert (name, found) == ("factur-x.xml", xml)


def test_the_metadata_declare_pdf_a_and_factur_x(make_invoice):
    reader = read(render_invoice(make_invoice(), write_facturx_xml(make_invoice())))
    xmp = etree.fromstring(reader.trailer["/Root"]["/Metadata"].get_data())
    pdfa, fx = "http://www.aiim.org/pdfa/ns/id/", "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
    assert [xmp.findtext(f".//{{{pdfa}}}{name}") for name in ("part", "conformance")] == ["3", "A"]
    said = {etree.QName(node).localname: node.text for node in xmp.iter(f"{{{fx}}}*")}
    assert said == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    namespaces = {node.text for node in xmp.iter("{http://www.aiim.org/pdfa/ns/schema#}namespaceURI")}
    assert fx in namespaces


def test_the_same_invoice_gives_the_same_bytes(make_invoice):
    xml = write_facturx_xml(make_invoice())
    assert render_invoice(make_invoice(), xml) == render_invoice(make_invoice(), xml)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "transfer",
            ["Facture", "RUELLE.I-2017-000001", "4,21 €", "FR76 3000 6000", "Scannez", "TVA 20 % sur 3,51 €"],
        ),
        ("debit", ["Invoice", "€4.21", "SEPA direct debit", "RUELLE-0001"]),
        ("set off", ["Compensée dans le relevé RUELLE-2017-000001", "Facture de résiliation"]),
        ("exempt", ["art. 293 B du CGI"]),
        ("self-billed", ["Autofacturation : établie par La Ruelle & Cie <coop>", "Sera versé à"]),
        ("by mandate", ["Facture établie par La Ruelle & Cie <coop> au nom et pour le compte de Bob"]),
        ("credit note", ["Avoir", "Annule intégralement RUELLE.I-2017-000001"]),
        ("negative", ["−2,000 kWh", "−0,24 €"]),
    ],
)
def test_the_page_says_what_the_invoice_says(kinds, kind, texts):
    page = " ".join(text_of(render_invoice(kinds[kind], b"<xml/>")).split())
    missing = [text for text in texts if text not in page]
    assert not missing, page


def test_what_people_write_is_never_markup(make_invoice):
    plain = make_invoice()
    odd = replace(plain, buyer=replace(plain.buyer, name='#panic("x") *Anna* $x$ @a'))
    assert '#panic("x") *Anna* $x$ @a' in text_of(render_invoice(odd, b"<xml/>"))


def test_only_whoever_pays_by_transfer_is_shown_a_code(kinds):
    scans = {kind for kind in kinds if "Scan" in text_of(render_invoice(kinds[kind], b"<xml/>"))}
    assert {"debit", "set off", "self-billed", "credit note"}.isdisjoint(scans)
    assert "transfer" in scans


def test_a_statement_lists_its_documents_and_what_is_left(kinds):
    documents = [
        kinds["set off"],
        replace(kinds["self-billed"], seller=replace(kinds["self-billed"].seller, id="anna")),
    ]
    statement, page = _statement(documents, ACCOUNT, {"anna": 10})
    for text in (
        *("Relevé", "RUELLE.I-2017-000001", "RUELLE.I.BOB-2017-000001", "Prime de partage", "−0,10 €"),
        *("Facture de La Ruelle & Cie <coop>", "Facture en autofacturation à La Ruelle", "2 rue des Toits"),
    ):
        assert text in page
    assert f"{statement.balance / 100:.2f} €".replace(".", ",").replace("-", "") in page


@pytest.mark.parametrize(
    ("means", "incentive", "said", "scanned"),
    [
        (ACCOUNT, 0, ["À régler avant le 31 juillet 2017", "FR76 3000 6000", "RUELLE-2017-000001"], True),
        (DEBIT, 0, ["Prélevé", "le 31 juillet 2017", "DE89 3704", "RUELLE-0001", "FR72ZZZ123456"], False),
        (ACCOUNT, 1000, ["Vous recevez 5,79 €", "Sera versé à"], False),
        (PaymentMeans(PaymentCode.SET_OFF), 421, ["Rien à payer"], False),
        (PaymentMeans(PaymentCode.SET_OFF), 0, ["À payer 4,21 €"], False),
    ],
)
def test_a_statement_says_how_its_balance_is_paid_and_asks_for_nothing_that_is_collected(
    kinds, means, incentive, said, scanned
):
    _, page = _statement([kinds["set off"]], means, {"anna": incentive})
    assert not [text for text in said if text not in page], page
    assert ("Scannez" in page) is scanned


def test_a_statement_of_an_incentive_alone_needs_no_invoice():
    _, page = _statement([], PaymentMeans(PaymentCode.SET_OFF), {"anna": 250})
    assert "Vous recevez 2,50 €" in page


def _statement(documents, means, incentives):
    """The statement of Anna's documents, and what its page says."""
    day = date(2017, 7, 31)
    (statement,) = statements_of(documents, {"anna": "RUELLE-2017-000001"}, day, incentives)
    page = StatementPage(
        statement=statement,
        documents=tuple(documents),
        names=("La Ruelle & Cie", "Anna"),
        means=means,
        language="fr",
        issued=date(2017, 7, 1),
        span=(date(2017, 6, 1), date(2017, 6, 30)),
    )
    return statement, " ".join(text_of(render_statement(page)).split())


def test_a_payment_code_is_the_same_for_the_same_payment_and_another_for_another():
    drawn = payment_qr_svg("La Ruelle", ACCOUNT.iban, "", 421, "R-1")
    assert drawn == payment_qr_svg("La Ruelle", ACCOUNT.iban, "", 421, "R-1")
    assert drawn != payment_qr_svg("La Ruelle", ACCOUNT.iban, "", 422, "R-1")
    assert drawn.startswith("<svg")
