from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from backend.billing import (
    Bill,
    PointBands,
    PointLink,
    bills,
    check_en16931,
    check_postings,
    energy_use,
    post_bills,
)
from backend.billing.energy_use import share_in_proportion
from backend.billing.invoice import documents_of
from backend.community import Biller, Direction, VatStatus
from backend.errors import BalanceError, InputError, NotFoundError


def test_a_bill_is_json_and_reads_back_as_it_was(ruelle):
    for bill in ruelle.bill().bills:
        content = bill.as_dict()
        assert Bill.from_dict(json.loads(json.dumps(content))) == bill
        assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 1}, "not a bill of version 2"),
        ({"seat": "0"}, "bill.seat should be int, it is '0'"),
        ({"lines": 3}, "bill.lines should be a list"),
        ({"extra": 1}, "bill should have the fields"),
        ({"saving": {}}, "bill.saving should have the fields"),
        ({"seat": True}, "bill.seat should be int"),
    ],
)
def test_content_that_is_no_bill_is_refused_by_field(ruelle, change, message):
    with pytest.raises(InputError, match=message):
        Bill.from_dict(ruelle.bill().bills[0].as_dict() | change)


def test_a_bill_without_a_carbon_series_says_nothing_of_carbon(ruelle):
    bill = ruelle.bill(grid=None).bills[0]
    assert bill.carbon is None
    assert Bill.from_dict(bill.as_dict()) == bill


def test_a_payment_is_due_thirty_days_after_the_period_or_when_it_is_said(ruelle):
    assert ruelle.bill().bills[0].due == "2017-07-02"
    assert ruelle.bill(due=date(2017, 8, 1)).bills[0].due == "2017-08-01"


def test_what_others_bill_is_shown_and_enters_no_document(ruelle):
    bill = ruelle.bill().bill_of("bob")
    billers = {line.kind: line.biller for line in bill.lines}
    assert billers == {
        "residual": "supplier",
        "bought": "community",
        "network": "supplier",
        "fee": "community",
        "sold": "community",
        "surplus": "offtaker",
    }
    billed = {bill.lines[place].kind for document in bill.documents for place in document.lines}
    assert billed == {"bought", "fee", "sold"}


def test_residual_supply_names_the_hours_of_its_band(ruelle):
    lines = [line for line in ruelle.bill().bill_of("anna").lines if line.kind == "residual"]
    assert [(line.windows, line.unit_price, line.quantity) for line in lines] == [
        (("00:00-06:00",), 160_000, 1_000_000),
        (("06:00-24:00",), 250_000, 333_334),
    ]


@pytest.mark.parametrize(
    ("status", "vat_ppm", "category", "reason"),
    [
        (VatStatus.PRIVATE, 200_000, "O", "vat.outside_scope"),
        (VatStatus.EXEMPT, 200_000, "E", "vat.exempt.fr"),
        (VatStatus.LIABLE, 200_000, "S", ""),
        (VatStatus.LIABLE, 0, "Z", ""),
    ],
)
def test_vat_is_grouped_by_what_the_seller_is(make_ruelle, status, vat_ppm, category, reason):
    bill = make_ruelle(vat_status=status, vat_ppm=vat_ppm).bill().bill_of("anna")
    (group,) = bill.documents[0].vat
    assert (group.category, group.reason) == (category, reason)
    assert bool(bill.amounts.vat_debit) == (category == "S")


def test_without_fee_and_lines_there_is_no_invoice(make_ruelle):
    bill = make_ruelle(monthly_fee=0, billed_by_community=Biller.NOTHING).bill().bill_of("anna")
    assert bill.documents == ()
    assert bill.amounts.payable == 0


DOCUMENT = [
    ("sum_of_lines", "BR-CO-10"),
    ("total_without_vat", "BR-CO-13"),
    ("total_vat", "BR-CO-14"),
    ("total_with_vat", "BR-CO-15"),
    ("amount_due", "BR-CO-16"),
]


@pytest.mark.parametrize(("field", "rule"), DOCUMENT)
def test_a_document_total_that_is_a_cent_off_is_refused_by_rule(ruelle, field, rule):
    bill = ruelle.bill().bill_of("bob")
    first, *others = bill.documents
    wrong = replace(first, **{field: getattr(first, field) + 1})
    with pytest.raises(BalanceError, match=rule):
        check_en16931(replace(bill, documents=(wrong, *others)))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"tax": 42, "basis": 205}, "BR-CO-14"),
        ({"basis": 206}, "BR-S-8"),
        ({"rate_ppm": 100_000}, "BR-CO-17"),
        ({"category": "E"}, "BR-E-10"),
    ],
)
def test_a_vat_group_that_is_off_is_refused_by_rule(ruelle, change, rule):
    bill = ruelle.bill().bill_of("bob")
    first, *others = bill.documents
    wrong = replace(first, vat=(replace(first.vat[0], **change),))
    with pytest.raises(BalanceError, match=rule):
        check_en16931(replace(bill, documents=(wrong, *others)))


@pytest.mark.parametrize("change", [{"amount": 6}, {"quantity": 1}, {"unit_price": 1}])
def test_a_line_that_is_not_quantity_times_price_is_refused(ruelle, change):
    bill = ruelle.bill().bill_of("bob")
    lines = tuple(replace(line, **change) if line.kind == "bought" else line for line in bill.lines)
    with pytest.raises(BalanceError, match="BT-131"):
        check_en16931(replace(bill, lines=lines))


def test_an_information_line_that_is_not_the_anchored_amount_is_refused(ruelle):
    bill = ruelle.bill().bill_of("bob")
    lines = tuple(replace(line, amount=99) if line.kind == "network" else line for line in bill.lines)
    with pytest.raises(BalanceError, match="BT-131"):
        check_en16931(replace(bill, lines=lines))


def test_an_allocation_that_does_not_conserve_energy_is_not_billed(ruelle):
    shared = ruelle.shared()
    ruelle.allocated[0, 12] -= 1
    with pytest.raises(BalanceError, match="interval 12: what consumers were allocated"):
        ruelle.bill(shared)


def test_an_allocation_above_consumption_is_not_billed(ruelle):
    shared = ruelle.shared()
    ruelle.allocated[0, 12] += 600_000
    ruelle.allocated[1, 12] -= 600_000
    with pytest.raises(BalanceError, match="slot 0, interval 12: 1266666 mWh"):
        ruelle.bill(shared)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"energy": 916_665}, "slot 0: its links carry 916665 mWh, 916666 mWh were"),
        ({"value": 1}, "slot 0: its links are worth 1 pico-euro, its rows 109999920000"),
    ],
)
def test_links_that_do_not_add_up_to_what_a_home_was_given_are_not_billed(ruelle, change, message):
    shared = ruelle.shared()
    first, *others = shared.links
    assert first.consumer_slot == 0
    with pytest.raises(BalanceError, match=message):
        ruelle.bill(replace(shared, links=(first._replace(**change), *others)))


def test_a_point_that_left_the_file_is_asked_back(ruelle, monkeypatch):
    terms = [term | {"point": "gone"} if term["slot"] == 1 else term for term in ruelle.terms()]
    monkeypatch.setattr(ruelle, "terms", lambda: terms)
    with pytest.raises(NotFoundError, match="metering point gone was settled"):
        ruelle.bill()


def test_a_participant_without_points_has_no_bill(ruelle):
    with pytest.raises(NotFoundError, match="participant carla has no bill"):
        ruelle.bill().bill_of("carla")


def test_readings_of_inactive_days_are_not_counted_as_missing(ruelle):
    ruelle.readings.quality[0] = 3
    ruelle.readings.active[0] = False
    assert ruelle.bill().bill_of("anna").quality.readings == 0


def test_postings_have_ids_that_a_retry_repeats(ruelle):
    run = ruelle.bill()
    ids = [posting.id for posting in post_bills(run, ruelle.rule.tariff, version=2)]
    assert ids == [posting.id for posting in post_bills(run, ruelle.rule.tariff, version=2)]
    assert ids == ["ruelle/17318/2/bill/0", "ruelle/17318/2/bill/1"]


def test_postings_that_do_not_give_the_totals_are_refused(ruelle):
    run = ruelle.bill()
    postings = post_bills(run, ruelle.rule.tariff, version=1)
    with pytest.raises(BalanceError, match="debits of 253 cents, the bills 499"):
        check_postings(postings[:1], run.totals)


def test_energy_comes_from_the_sources_and_seats_that_the_links_name():
    links = (
        PointLink(1, 0, 6, 0, VatStatus.PRIVATE),
        PointLink(2, 2, 8, 0, VatStatus.PRIVATE),
        PointLink(3, 2, 3, 0, VatStatus.PRIVATE),
    )
    home = PointBands(0, Direction.CONSUMPTION, (34, 0, 0, 0), (17, 0, 0, 0), links=links)
    roof = PointBands(
        1, Direction.FEED_IN, (9, 0, 0, 0), (7, 0, 0, 0), links=(PointLink(4, 4, 1, 0, VatStatus(0)),)
    )
    use = energy_use.energy_use([home, roof], 0, {1: "solar", 2: "wind", 3: "solar"})
    assert [(origin.source, origin.energy) for origin in use.origins] == [("solar", 9), ("wind", 8)]
    assert (use.used, use.own, use.from_neighbours, use.from_grid) == (34, 6, 11, 17)
    assert (use.produced, use.shared, use.surplus) == (9, 7, 2)


def test_proportions_are_exact_beyond_sixty_four_bits():
    large = np.array([2**52 - 1, 0, 5], dtype=np.int64)
    total = np.array([2**53 - 1, 0, 7], dtype=np.int64)
    found = share_in_proportion(large, large, total).tolist()
    assert found == [(2**52 - 1) ** 2 // (2**53 - 1), 0, 25 // 7]


def test_bills_come_in_seat_order(ruelle, monkeypatch):
    terms = ruelle.terms()[::-1]
    monkeypatch.setattr(ruelle, "terms", lambda: terms)
    assert [bill.seat for bill in ruelle.bill().bills] == [0, 1]


def test_a_bill_whose_documents_break_a_rule_is_not_given_out(ruelle, monkeypatch):
    right = documents_of

    def a_cent_off(*arguments, **named):
        return tuple(
            replace(document, amount_due=document.amount_due + 1) for document in right(*arguments, **named)
        )

    monkeypatch.setattr(bills, "documents_of", a_cent_off)
    with pytest.raises(BalanceError, match="BR-CO-16"):
        ruelle.bill()
