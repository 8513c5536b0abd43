from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backend.billing.invoices import (
    InvoiceLine,
    InvoiceType,
    PaymentCode,
    VatGroup,
    closing_participants,
    restate,
    series_of,
    statements_of,
)
from backend.community import Biller, Seller, VatStatus
from backend.errors import BalanceError, InputError


def test_a_consumer_gets_an_invoice_and_a_prosumer_a_self_billed_one_beside_it(make_invoices):
    made = [(invoice.type, invoice.seller.id, invoice.buyer.id) for invoice in make_invoices()]
    assert made == [
        (InvoiceType.INVOICE, "ruelle", "anna"),
        (InvoiceType.INVOICE, "ruelle", "bob"),
        (InvoiceType.SELF_BILLED, "bob", "ruelle"),
    ]


def test_the_invoices_of_a_bill_come_to_its_amounts(ruelle, make_invoices):
    run = ruelle.bill()
    invoices = make_invoices(run)
    bob = run.bill_of("bob").amounts
    assert [invoice.total for invoice in invoices[1:]] == [bob.debit, bob.credit]
    assert [invoice.tax for invoice in invoices[1:]] == [bob.vat_debit, bob.vat_credit]


def test_invoices_that_do_not_come_to_the_bill_are_refused(ruelle, make_invoices):
    run = ruelle.bill()
    anna = run.bills[0]
    wrong = replace(anna, amounts=replace(anna.amounts, payable=anna.amounts.payable + 1))
    with pytest.raises(BalanceError, match="none is issued"):
        make_invoices(replace(run, bills=(wrong, *run.bills[1:])))


def test_a_single_invoice_is_debited_where_there_is_a_mandate_and_transferred_else(make_invoices, parties):
    assert make_invoices()[0].payment.code is PaymentCode.SEPA_DEBIT
    unsigned = parties | {"anna": replace(parties["anna"], mandate_id="", mandate_date="")}
    payment = make_invoices(parties=unsigned)[0].payment
    assert (payment.code, payment.iban) == (PaymentCode.SEPA_TRANSFER, "FR7630006000011234567890189")


def test_several_documents_of_a_bill_are_set_off_by_its_statement(make_invoices):
    assert {invoice.payment.code for invoice in make_invoices()[1:]} == {PaymentCode.SET_OFF}


@pytest.mark.parametrize(
    ("whose", "field", "message"),
    [
        ("anna", "street", "anna has no street"),
        ("anna", "city", "anna has no city"),
        ("bob", "vat_id", "bob has no vat_id or tax_id"),
        ("", "iban", "the community has no IBAN"),
        ("", "postcode", "the community has no postcode"),
    ],
)
def test_an_invoice_that_lacks_a_field_says_which_and_whose(make_invoices, parties, whose, field, message):
    with pytest.raises(InputError, match=message):
        make_invoices(parties=parties | {whose: replace(parties[whose], **{field: ""})})


def test_a_missing_party_is_refused_by_id_and_never_by_name(make_invoices, parties):
    with pytest.raises(InputError, match="anna has no street, postcode, city") as refused:
        make_invoices(parties={key: value for key, value in parties.items() if key != "anna"})
    assert "Müller" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "rate", "category", "code"),
    [
        (VatStatus.LIABLE, 200_000, "S", ""),
        (VatStatus.LIABLE, 0, "Z", ""),
        (VatStatus.EXEMPT, 200_000, "E", "VATEX-FR-FRANCHISE"),
        (VatStatus.PRIVATE, 200_000, "O", "VATEX-EU-O"),
    ],
)
def test_the_vat_category_is_the_sellers(make_ruelle, make_invoices, status, rate, category, code):
    invoices = make_invoices(make_ruelle(vat_status=status, vat_ppm=rate).bill())
    assert [(invoice.vat.category, invoice.vat.reason_code) for invoice in invoices[:2]] == [
        (category, code)
    ] * 2
    assert invoices[2].vat.category == ("S" if rate else "Z")
    assert bool(invoices[0].tax) == (category == "S")


@pytest.mark.parametrize("group", [("S", 0), ("E", 0), ("O", 200_000), ("Z", 0, "vat.exempt"), ("AE", 0)])
def test_a_vat_group_that_contradicts_itself_is_refused(group):
    with pytest.raises(BalanceError, match="breaks B"):
        VatGroup(*group)


def test_no_vat_identifier_is_named_outside_the_scope_of_vat(make_ruelle, make_invoices):
    outside = make_ruelle(vat_status=VatStatus.PRIVATE)
    invoice = make_invoices(outside.bill())[1]
    assert invoice.vat.category == "O"
    assert (invoice.seller.vat_id, invoice.buyer.vat_id) == ("", "")


def test_a_negative_price_turns_the_quantity_and_never_the_price():
    line = InvoiceLine.of_energy("bought", "1", "", 2_000_000, -120_000)
    assert (line.quantity, line.price, line.amount) == (-2_000_000, 120_000, -24)
    valued = InvoiceLine.of_value("bought", "1", "", 2_000_000, -24)
    assert (valued.quantity, valued.mean_price) == (-2_000_000, 120_000)
    with pytest.raises(BalanceError, match="BR-27"):
        replace(valued, quantity=2_000_000)
    with pytest.raises(BalanceError, match="BR-27"):
        replace(line, price=-120_000)


def test_a_line_whose_amount_is_not_its_price_times_quantity_is_refused():
    line = InvoiceLine.of_energy("bought", "1", "", 2_000_000, 120_000)
    with pytest.raises(BalanceError, match="BT-131"):
        replace(line, amount=line.amount + 1)


def test_energy_at_prices_that_change_has_a_mean_price_only(ruelle):
    assert InvoiceLine.of_value("bought", "1", "", 1_000_000, 12, 120_000).price == 120_000
    line = InvoiceLine.of_value("bought", "1", "", 1_000_000, 13, 120_000)
    assert (line.price, line.mean_price) == (None, 130_000)


def test_a_participant_whose_points_all_end_gets_its_last_invoice(ruelle, make_invoices):
    terms = [term | {"participant": term["point"].split("-")[0], "until_day": 1} for term in ruelle.terms()]
    assert closing_participants(terms, 1) == frozenset()
    assert closing_participants(terms, 2) == {"anna", "bob"}
    terms[1]["until_day"] = 2
    assert closing_participants(terms, 2) == {"anna"}
    assert [invoice.is_closing for invoice in make_invoices(closing={"bob"})] == [False, True, True]


def test_each_seller_has_its_own_series(make_invoices):
    series = [series_of("ruelle", invoice.seller) for invoice in make_invoices()]
    assert series == ["ruelle.i", "ruelle.i", "ruelle.i.bob"]


def _named(note):
    """The invoice that a credit note takes back."""
    assert note.preceding
    return note.preceding.number


def _numbered(invoices, series="N"):
    return [replace(invoice, number=f"{series}{place}") for place, invoice in enumerate(invoices)]


def test_a_run_that_changes_nothing_issues_nothing(make_invoices):
    assert restate(_numbered(make_invoices()), make_invoices(run_version=2), date(2017, 7, 1), 2) == ((), ())


def test_a_correction_credits_what_no_longer_holds_in_full_and_names_it(make_invoices, make_ruelle):
    kept = _numbered(make_invoices())
    wanted = make_invoices(make_ruelle(shared_price=130_000).bill(), run_version=2)
    credited, fresh = restate(kept, wanted, date(2017, 7, 1), 2)
    assert [(note.type, _named(note), note.total) for note in credited] == [
        (InvoiceType.CREDIT_NOTE, "N0", kept[0].total),
        (InvoiceType.CREDIT_NOTE, "N1", kept[1].total),
        (InvoiceType.SELF_BILLED_CREDIT, "N2", kept[2].total),
    ]
    assert fresh == wanted
    again = restate([*kept, *_numbered(credited, "C"), *_numbered(fresh, "F")], wanted, date(2017, 7, 2), 2)
    assert again == ((), ())


def test_a_participant_who_is_no_longer_billed_is_credited(make_invoices, ruelle):
    kept = _numbered(make_invoices())
    credited, fresh = restate(kept, make_invoices()[1:], date(2017, 7, 1), 2)
    assert [_named(note) for note in credited] == ["N0"]
    assert fresh == ()


def test_a_document_names_a_preceding_one_exactly_where_it_is_a_credit_note(make_invoices):
    with pytest.raises(BalanceError, match="BG-3"):
        replace(make_invoices()[0], type=InvoiceType.CREDIT_NOTE)


def test_what_others_bill_is_in_no_invoice(make_ruelle, make_invoices):
    kinds = {line.kind for invoice in make_invoices() for line in invoice.lines}
    assert kinds == {"bought", "sold", "fee"}
    everything = make_ruelle(
        billed_by_community=Biller.SHARED | Biller.RESIDUAL | Biller.NETWORK | Biller.SURPLUS
    )
    kinds = {line.kind for invoice in make_invoices(everything.bill()) for line in invoice.lines}
    assert kinds == {"bought", "sold", "fee", "residual", "network", "surplus"}


def test_where_producers_sell_each_pair_has_one_invoice_in_the_producers_name(
    make_ruelle, make_invoices, number_bills
):
    run = make_ruelle(seller=Seller.PRODUCER).bill()
    invoices = make_invoices(run)
    made = {(invoice.seller.id, invoice.buyer.id, invoice.type.value) for invoice in invoices}
    assert ("bob", "anna", 380) in made
    assert len(made) == len(invoices)
    sale = next(invoice for invoice in invoices if (invoice.seller.id, invoice.buyer.id) == ("bob", "anna"))
    assert (sale.issuer, sale.payee) == ("La Ruelle", ("ruelle", "La Ruelle"))
    references = {bill.participant.id: number for number, bill in number_bills(run)}
    balances = {
        item.participant: item.balance
        for item in statements_of(_numbered(invoices), references, date(2017, 7, 3))
    }
    assert balances == {
        bill.participant.id: bill.amounts.payable for bill in run.bills if bill.amounts.payable
    }
