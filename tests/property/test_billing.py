"""What every bill run keeps, whatever was used, shared and charged."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.billing import PointBands, PointLink, bill_amounts, check_postings, post_bills, total_bills
from backend.billing.saving import saving_of
from backend.community import (
    Biller,
    Direction,
    PriceWindow,
    Rule,
    Seller,
    SharingKeyChoice,
    Tariff,
    VatStatus,
)

prices = st.one_of(st.just(0), st.integers(0, 1_000_000), st.integers(0, 2**32 - 1))
energies = st.one_of(st.integers(0, 10), st.integers(0, 10**12))
KEYS = (
    SharingKeyChoice("dynamic"),
    SharingKeyChoice("equal", surplus_owner="consumer"),
    SharingKeyChoice("incentive"),
)


@st.composite
def rules(draw):
    tariff = Tariff(
        shared_price=draw(prices),
        residual_prices=tuple(draw(st.lists(prices, min_size=1, max_size=4))),
        windows=(PriceWindow(0, 1440, 0),),
        surplus_price=draw(prices),
        network_price=draw(prices),
        monthly_fee=draw(st.integers(0, 10_000)),
        vat_ppm=draw(st.integers(0, 1_000_000)),
        vat_status=draw(st.sampled_from(VatStatus)),
        billed_by_community=Biller(draw(st.integers(0, 15))),
        network_shared_price=draw(st.one_of(st.none(), prices)),
        excise_price=draw(prices),
        excise_shared_price=draw(prices),
        premium_consumption_price=draw(prices),
        premium_feed_in_price=draw(prices),
        seller=draw(st.sampled_from(Seller)),
    )
    return Rule(draw(st.sampled_from(KEYS)), tariff)


@st.composite
def runs(draw):
    """Homes and roofs of a few participants, linked at any price, and the rule that bills them."""
    rule, owners = draw(rules()), draw(st.integers(1, 4))
    bands = len(rule.tariff.residual_prices)
    count = draw(st.integers(1, 4))
    home_owners = [draw(st.integers(0, owners - 1)) for _ in range(count)]
    roof_owners = [draw(st.integers(0, owners - 1)) for _ in range(count)]
    statuses = [draw(st.sampled_from(VatStatus)) for _ in range(owners)]
    first = {owner: slot for slot, owner in reversed(list(enumerate([*home_owners, *roof_owners])))}
    ends: list[list[PointLink]] = [[] for _ in range(2 * count)]
    linked = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), energies, prices)))
    for home, roof, energy, price in linked if rule.sharing_key.method != "incentive" else ():
        status, value = statuses[roof_owners[roof]], energy * price
        ends[home].append(PointLink(count + roof, first[roof_owners[roof]], energy, value, status))
        ends[count + roof].append(PointLink(home, first[home_owners[home]], energy, value, status))
    held: dict[int, list[PointBands]] = {}
    for slot, owner in enumerate([*home_owners, *roof_owners]):
        band, allocated = draw(st.integers(0, bands - 1)), sum(link.energy for link in ends[slot])
        leaf = PointBands(
            slot,
            Direction.CONSUMPTION if slot < count else Direction.FEED_IN,
            place(band, allocated + draw(energies)),
            place(band, allocated),
            sum(link.value for link in ends[slot]),
            draw(energies),
            tuple(ends[slot]),
        )
        held.setdefault(owner, []).append(leaf)
    return rule, [(points, statuses[owner]) for owner, points in held.items()], 2 * count


def place(band, value):
    return tuple(value if index == band else 0 for index in range(4))


@settings(max_examples=400)
@given(runs())
def test_debits_equal_credits_fees_taxes_pass_through_and_rounding_and_the_books_agree(case):
    rule, seats, slots = case
    tariff = rule.tariff
    amounts = [bill_amounts(points, rule, status) for points, status in seats]
    totals = total_bills(amounts, tariff.billed_by_community, slots)  # refuses what does not balance
    if tariff.seller is Seller.PRODUCER:
        assert totals.rounding == 0
        assert sum(bill.vat_bought for bill in amounts) == sum(bill.vat_sold for bill in amounts)
    bills = [
        SimpleNamespace(
            community=SimpleNamespace(id="c"),
            period=SimpleNamespace(id=1, label="p"),
            seat=seat,
            amounts=bill,
        )
        for seat, bill in enumerate(amounts)
    ]
    run = cast("Any", SimpleNamespace(bills=bills, totals=totals))
    postings = post_bills(run, tariff, version=1)
    check_postings(postings, totals)
    assert all(sum(amount for _, amount in posting.as_pairs()) == 0 for posting in postings)


@settings(max_examples=200)
@given(runs())
def test_where_the_shared_price_lies_between_the_others_sharing_loses_no_one_more_than_cents_and_the_fee(
    case,
):
    rule, seats, _ = case
    fair = Tariff(
        shared_price=100_000,
        residual_prices=(250_000,) * len(rule.tariff.residual_prices),
        windows=rule.tariff.windows,
        surplus_price=60_000,
        network_price=45_000,
        monthly_fee=200,
    )
    fair_rule = Rule(SharingKeyChoice("dynamic"), fair)
    for points, status in seats:
        fairly = [replace(point, value=sum(point.allocated) * fair.shared_price) for point in points]
        lines = bill_amounts(fairly, fair_rule, status).lines
        assert saving_of(fairly, lines, fair_rule).saving >= -200 - 2 * len(points)
