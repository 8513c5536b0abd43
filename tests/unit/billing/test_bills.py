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
from backend.community import Biller, Direction, Pricing, Seller, SharingKeyChoice, VatStatus
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


EVERYTHING = Biller.SHARED | Biller.RESIDUAL | Biller.NETWORK | Biller.SURPLUS


def amounts_of(bill, kind):
    return [line.amount for line in bill.lines if line.kind == kind]


def test_each_side_of_a_link_names_the_other_and_what_it_gave(ruelle):
    run = ruelle.bill()
    (from_bob,) = run.bill_of("anna").neighbours
    (to_anna,) = run.bill_of("bob").neighbours
    assert (from_bob.side, from_bob.participant, from_bob.name, from_bob.seat) == ("from", "bob", "Bob", 1)
    assert (to_anna.side, to_anna.participant) == ("to", "anna")
    assert (from_bob.energy, from_bob.value) == (to_anna.energy, to_anna.value) == (916_666, 109_999_920_000)
    use = run.bill_of("bob").energy
    assert (use.own, use.own + to_anna.energy) == (433_333, use.shared)


def test_network_and_excise_tell_shared_energy_from_the_rest(make_ruelle):
    case = make_ruelle(
        network_shared_price=20_000,
        excise_price=33_700,
        excise_shared_price=10_000,
        billed_by_community=EVERYTHING,
    )
    bill = case.bill().bill_of("anna")
    # 1.333334 kWh from the grid, 0.916666 kWh shared
    assert amounts_of(bill, "network") == [6]
    assert amounts_of(bill, "network_shared") == [2]
    assert (amounts_of(bill, "excise"), amounts_of(bill, "excise_shared")) == ([4], [1])
    assert bill.amounts.lines == (16, 8, 0, 0, 11, 6, 200, 0, 0, 2, 4, 1, 0)
    assert bill.amounts.debit_net == sum(bill.amounts.lines)
    # everything from the grid: 16 + 31 + network 10 + excise 2.25 x 3.37 = 7.58 -> 8
    assert bill.saving.cost_without == 65
    (posting, _) = post_bills(case.bill(), case.rule.tariff, 1)
    entries = [(entry.account, entry.amount) for entry in posting.entries]
    assert ("supplier", -24) in entries
    assert ("grid-operator", -8) in entries
    assert sum(amount for account, amount in entries if account == "excise") == -5


def test_a_price_between_residual_and_surplus_changes_with_the_band(make_ruelle):
    run = make_ruelle(pricing=Pricing.MID_MARKET).bill()
    # all shared energy flowed by day: (25 + 6) / 2 = 15.5 cents
    line = next(line for line in run.bill_of("anna").lines if line.kind == "bought")
    assert (line.unit_price, line.value, line.amount) == (155_000, 916_666 * 155_000, 14)


def test_scarce_energy_costs_more_where_supply_and_demand_set_the_price(make_ruelle):
    run = make_ruelle(pricing=Pricing.SUPPLY_DEMAND).bill()
    # noon: 0.999999 kWh at 6 * 25 * 1.5 / (19 * 1 + 6 * 1.5) = 8.0357 cents; one o'clock: 0.35 kWh at 6 cents
    noon = 999_999 * 60_000 * 250_000 * 1_500_000 // (190_000 * 1_000_000 + 60_000 * 1_500_000)
    assert run.bill_of("anna").points[0].value == noon * 666_666 // 999_999 + 250_000 * 60_000
    assert run.bill_of("bob").amounts.lines[7] == 10


def test_producers_that_sell_bill_their_neighbours_and_not_themselves(make_ruelle):
    run = make_ruelle(seller=Seller.PRODUCER).bill()
    anna, bob = run.bill_of("anna"), run.bill_of("bob")
    assert (anna.amounts.lines[4], bob.amounts.lines[4], bob.amounts.lines[7]) == (11, 0, 11)
    assert [(d.kind, d.type_code, d.seller, d.buyer, d.amount_due) for d in anna.documents] == [
        ("invoice", 380, "", "anna", 240),
        ("purchase", 380, "bob", "anna", 13),
    ]
    assert [(d.kind, d.seller, d.buyer, d.amount_due) for d in bob.documents] == [
        ("invoice", "", "bob", 240),
        ("sale", "bob", "anna", 13),
    ]
    assert (anna.amounts.vat_bought, bob.amounts.vat_sold) == (2, 2)
    assert (run.totals.rounding, run.totals.vat_debits, run.totals.vat_credits) == (0, 82, 2)
    case = make_ruelle(seller=Seller.PRODUCER)
    accounts = {
        entry.account for posting in post_bills(run, case.rule.tariff, 1) for entry in posting.entries
    }
    assert {"vat/neighbours", "vat/output"} < accounts
    assert "vat/input" not in accounts


def test_what_a_producer_sold_is_worth_what_its_neighbours_pay(make_ruelle):
    odd = {"pricing": Pricing.SUPPLY_DEMAND, "surplus_price": 61_003}
    run = make_ruelle(seller=Seller.PRODUCER, **odd).bill()
    home, load, roof = (point.value for name in ("anna", "bob") for point in run.bill_of(name).points)
    assert roof == home + load
    # the same roof's own rows, floored apart from its neighbours', come to a unit more
    assert make_ruelle(**odd).bill().bill_of("bob").points[1].value == roof + 1


def test_a_producer_that_owes_no_vat_sells_without(make_ruelle):
    case = make_ruelle(seller=Seller.PRODUCER)
    terms = [term | {"vat_class": 1 if term["vat_class"] else 0} for term in case.terms()]
    case.terms = lambda: terms
    document = case.bill().bill_of("anna").documents[1]
    assert (document.seller, document.vat[0].category, document.amount_due) == ("bob", "E", 11)


def with_key(case, key, credited):
    """The case under another key: what it credits is given, and nothing is shared where it nets nothing."""
    case.rule = replace(case.rule, sharing_key=key)
    if key.method == "incentive":
        case.allocated[:] = 0
        case.allocation.total[:] = 0
    case.allocation.credited[:] = credited
    return case


def test_an_incentive_is_paid_on_without_vat_and_nets_nothing(make_ruelle):
    case = make_ruelle(premium_consumption_price=110_000, premium_feed_in_price=55_000)
    case = with_key(case, SharingKeyChoice("incentive"), np.eye(3, 24, dtype=np.int64) * 1_000_000)
    run = case.bill()
    anna, bob = run.bill_of("anna"), run.bill_of("bob")
    # a kilowatt-hour credited to each point: 11 cents of consumption, 5.5 of feed-in
    assert (anna.amounts.lines[12], bob.amounts.lines[12]) == (11, 11 + 6)
    assert (bob.amounts.credit, bob.amounts.vat_credit) == (17, 0)
    assert [document.kind for document in bob.documents] == ["invoice"]
    assert not amounts_of(bob, "bought")
    assert not amounts_of(bob, "sold")
    assert (bob.energy.from_grid, bob.energy.surplus, bob.neighbours) == (1_100_000, 3_000_000, ())
    assert (run.totals.pass_through, bob.saving.earned_with - bob.saving.earned_without) == (-28, 17)
    sums = {entry.account: entry.amount for entry in post_bills(run, case.rule.tariff, 1)[0].entries}
    assert (sums["incentive"], sums["producer/0"]) == (11, -11)
    assert anna.carbon.local_grams == 0


def test_consumers_that_own_the_surplus_are_credited_for_it(make_ruelle):
    case = make_ruelle(billed_by_community=EVERYTHING)
    key = SharingKeyChoice("equal", surplus_owner="consumer")
    case = with_key(case, key, np.array([[500_000] * 24, [0] * 24, [0] * 24]))
    anna, bob = (case.bill().bill_of(name) for name in ("anna", "bob"))
    # 12 kWh at 6 cents
    assert (anna.amounts.lines[8], bob.amounts.lines[8]) == (72, 0)
    assert [(d.kind, d.seller) for d in anna.documents] == [("invoice", ""), ("self_billed", "anna")]
    assert (anna.surplus_owner, anna.points[0].credited) == ("consumer", 12_000_000)
    assert (anna.saving.earned_without, bob.saving.earned_without) == (0, 18)


def test_a_line_whose_average_price_is_off_is_refused(make_ruelle):
    bill = make_ruelle(pricing=Pricing.SUPPLY_DEMAND).bill().bill_of("anna")
    place, line = next((place, line) for place, line in enumerate(bill.lines) if line.kind == "bought")
    check_en16931(bill)
    for wrong in (replace(line, unit_price=line.unit_price + 1), replace(line, value=line.value + 10**10)):
        lines = (*bill.lines[:place], wrong, *bill.lines[place + 1 :])
        with pytest.raises(BalanceError, match="BT-131"):
            check_en16931(replace(bill, lines=lines))
