"""What every bill run keeps, whatever was used, shared and charged."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.billing import PointBands, bill_amounts, check_postings, post_bills, total_bills
from backend.billing.saving import saving_of
from backend.community import Biller, Direction, PriceWindow, Tariff, VatStatus

prices = st.one_of(st.just(0), st.integers(0, 1_000_000), st.integers(0, 2**32 - 1))
energies = st.one_of(st.integers(0, 10), st.integers(0, 10**12))


@st.composite
def tariffs(draw):
    return Tariff(
        shared_price=draw(prices),
        residual_prices=tuple(draw(st.lists(prices, min_size=1, max_size=4))),
        windows=(PriceWindow(0, 1440, 0),),
        surplus_price=draw(prices),
        network_price=draw(prices),
        monthly_fee=draw(st.integers(0, 10_000)),
        vat_ppm=draw(st.integers(0, 1_000_000)),
        vat_status=draw(st.sampled_from(VatStatus)),
        billed_by_community=Biller(draw(st.integers(0, 15))),
    )


@st.composite
def runs(draw):
    """Points whose allocations conserve energy in each band, owned by a few participants, and their bills."""
    tariff, owners = draw(tariffs()), draw(st.integers(1, 4))
    pairs = draw(st.lists(st.tuples(energies, energies, energies), min_size=1, max_size=6))
    bands = len(tariff.residual_prices)
    points = []
    for shared, unused, surplus in pairs:
        band = draw(st.integers(0, bands - 1))
        points.append((Direction.CONSUMPTION, band, shared + unused, shared))
        points.append((Direction.FEED_IN, band, shared + surplus, shared))
    held: list[list[PointBands]] = [[] for _ in range(owners)]
    for slot, (direction, band, energy, allocated) in enumerate(points):
        sums = PointBands(slot, direction, place(band, energy), place(band, allocated))
        held[draw(st.integers(0, owners - 1))].append(sums)
    statuses = [draw(st.sampled_from(VatStatus)) for _ in held]
    seats = [(points, status) for points, status in zip(held, statuses, strict=True) if points]
    return tariff, seats, len(points)


def place(band, value):
    return tuple(value if index == band else 0 for index in range(4))


@settings(max_examples=300)
@given(runs())
def test_debits_equal_credits_fees_taxes_pass_through_and_rounding_and_the_books_agree(case):
    tariff, seats, slots = case
    amounts = [bill_amounts(points, tariff, status) for points, status in seats]
    totals = total_bills(amounts, tariff.billed_by_community, slots)  # refuses what does not balance
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
    tariff, seats, _ = case
    fair = Tariff(
        shared_price=100_000,
        residual_prices=(250_000,) * len(tariff.residual_prices),
        windows=tariff.windows,
        surplus_price=60_000,
        network_price=45_000,
        monthly_fee=200,
    )
    for points, status in seats:
        lines = bill_amounts(points, fair, status).lines
        assert saving_of(points, lines, fair).saving >= -200 - 2 * len(points)
