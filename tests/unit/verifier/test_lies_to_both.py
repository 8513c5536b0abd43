"""Settlements that lie with figures that one's own rows or the chain contradict: both verifiers find each of them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.verifier import verify
from tests.unit.verifier import test_lies
from tests.unit.verifier.browser import NODE, Browser, open_browser
from tests.unit.verifier.vector_chain import VectorNode
from tests.vectors import reference_keys as keys
from tests.vectors import reference_money as money
from tests.vectors.reference_communities import COMMUNITIES
from tests.vectors.reference_period import ReferencePeriod
from tests.vectors.reference_records import bundle_of, chain_of, expected_of

Lie = Callable[[ReferencePeriod], None]
Json = dict[str, Any]

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node: run scripts/setup")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def tell(
    community: str,
    lie: Lie,
    seat: int,
    *,
    with_headers: bool = True,
    on_chain: Callable[[Json], None] | None = None,
) -> tuple[Json, Json]:
    """Settle a community by a lie; give a bundle, and the community's file of the vectors."""
    period = ReferencePeriod(COMMUNITIES[community]())
    lie(period)
    chain = chain_of(period)
    if on_chain is not None:
        on_chain(chain)
    told = {"chain": chain, "inputs": period.inputs, "expected": expected_of(period)}
    return bundle_of(period, seat, with_headers=with_headers), told


def hear(browser: Browser, bundle: Json, told: Json) -> tuple[set[str], set[str]]:
    """Give the checks that fail: in Python, and in the page."""
    here = {check.id for check in verify(bundle, VectorNode(told).call).failures}
    there = browser.judge(bundle, told["chain"])
    return here, {check["id"] for check in there["failures"]} | ({"refused"} if there["refused"] else set())


def judge(browser: Browser, community: str, lie: Lie, seat: int, **told: Any) -> tuple[set[str], set[str]]:
    return hear(browser, *tell(community, lie, seat, **told))


def resettle_links(period: ReferencePeriod, consumer: int) -> None:
    """Value a consumer's links anew, and tell the other ends."""
    value = period.running(consumer, sum(period.intervals))[8]
    held = period.links[consumer]
    worths = money.link_values(period.rule["tariff"], value, [(link[0], link[1]) for link in held])
    for link, worth in zip(held, worths, strict=True):
        link[2] = worth
        next(end for end in period.links[link[0]] if end[0] == consumer)[2] = worth


# What a link holds.


def underpay_producers(period: ReferencePeriod) -> None:
    """Credit producers with a third of what their buyers are billed."""
    for slot in range(period.slots):
        if period.direction(slot) == "feed_in":
            for link in period.links[slot]:
                link[2] //= 1 if period.seats[link[0]] == period.seats[slot] else 3


@pytest.mark.parametrize("with_headers", [True, False])
@pytest.mark.parametrize("seat", [1, 4])
@pytest.mark.parametrize("community", ["sellers", "market", "equal", "pairwise", "operator", "cascade"])
def test_a_producer_who_is_credited_less_than_its_buyers_pay_sees_it(browser, community, seat, with_headers):
    here, there = judge(browser, community, underpay_producers, seat, with_headers=with_headers)
    assert "link.price" in here
    assert "links.price" in there


def forget_ones_own_roof(period: ReferencePeriod) -> None:
    """Let a household buy all of its energy from the barn while its roof says that it served the household."""
    value, total = period.running(1, sum(period.intervals))[8], sum(link[1] for link in period.links[1])
    period.links[1][:] = [
        [
            4,
            total,
            *money.link_values(period.rule["tariff"], value, [(4, total)]),
            period.point(4)["vat_class"],
        ]
    ]


@pytest.mark.parametrize("with_headers", [True, False])
def test_a_link_within_the_household_that_stands_at_one_end_only_is_refused(browser, with_headers):
    here, there = judge(browser, "sellers", forget_ones_own_roof, 1, with_headers=with_headers)
    assert "link.ends" in here
    assert "links.ends" in there


def trade_instead_of_using(period: ReferencePeriod) -> None:
    """Let the house sell a part of what it used itself to a flat, and buy the same from the barn; sums stay."""
    ends = {(slot, link[0]): link for slot, links in enumerate(period.links) for link in links}
    part = min(ends[1, 3][1], ends[0, 4][1]) // 2
    assert part > 0
    for pair, change in (((1, 3), -part), ((1, 4), part), ((0, 3), part), ((0, 4), -part)):
        ends[pair][1] += change
        ends[pair[::-1]][1] += change
    resettle_links(period, 0)
    resettle_links(period, 1)


@pytest.mark.parametrize("community", ["market", "operator", "hybrid", "sellers"])
def test_own_energy_that_is_said_to_be_sold_and_bought_back_is_refused(browser, community):
    here, there = judge(browser, community, trade_instead_of_using, 1)
    assert "link.served" in here
    assert "links.served" in there


def serve_by_who_was_away(period: ReferencePeriod) -> None:
    """Say that the barn came on the second day, but served a flat with what the flat got on the first."""
    period.point(4)["from_day"] = 1
    for energy in (row for slot, row in enumerate(period.inputs["energy"]) if slot == 4):
        energy[: period.intervals[0]] = [0] * period.intervals[0]
    got = next(link for link in period.links[0] if link[0] == 3)
    later = next(link for link in period.links[0] if link[0] == 4)
    moved = got[1] - 1
    for link, change in ((got, -moved), (later, moved)):
        link[1] += change
        next(end for end in period.links[link[0]] if end[0] == 0)[1] += change
    resettle_links(period, 0)


def test_energy_from_a_neighbour_who_was_not_there_yet_is_refused(browser):
    here, there = judge(browser, "market", serve_by_who_was_away, 0)
    assert "link.served" in here
    assert "links.served" in there


def pair_with_a_stranger(period: ReferencePeriod) -> None:
    """Let a flat be served by the barn, of which it was voted nothing."""
    swapped = period.links[1][0]
    assert swapped[0] == 3
    swapped[0] = 4


def test_a_link_that_no_coefficient_gives_is_refused_where_headers_are_withheld_too(browser):
    def unpair(period: ReferencePeriod) -> None:
        period.rule["key"]["coefficientsPpm"][2:4] = [500_000, 0]
        pair_with_a_stranger(period)

    here, there = judge(browser, "pairwise", unpair, 1, with_headers=False)
    assert "link.served" in here
    assert "links.served" in there


# What a header holds.


def lower_the_level(period: ReferencePeriod) -> None:
    """Call all but the first flat satisfied, at a level below what its coefficient gives of the whole pool."""
    touched = 0
    for (_, t, index), outcome in zip(period.moments(), period.outcomes, strict=True):
        energy = [row[index] for row in period.inputs["energy"]]
        pool, own = sum(energy[slot] for slot in outcome.shared), period.rule["key"]["coefficientsPpm"][0]
        level = min(pool * own // 10**6 * 7 // 10, energy[0] - 1)
        if level <= 0 or pool - level > sum(energy[slot] for slot in outcome.given) - energy[0]:
            continue
        outcome.rounds, outcome.given[0], rest = [[level, own]], level, pool - level
        outcome.parts = {slot: [[0, 0]] for slot in outcome.parts} | {0: [[0, own]]}
        for slot in sorted(outcome.given)[1:]:
            outcome.given[slot] = min(rest, energy[slot])
            rest -= outcome.given[slot]
            outcome.parts[slot] = [[outcome.given[slot], 0]]
        fed = {slot: energy[slot] for slot in outcome.shared}
        outcome.tau, outcome.shared = keys.split(period.slots, t, fed, sum(outcome.given.values()))
        touched += 1
    assert touched


def test_a_level_below_the_first_one_is_refused_by_whom_it_starves(browser):
    here, there = judge(browser, "cascade", lower_the_level, 0)
    assert here == {"header.round"}
    assert there == {"header.rounds"}


def swap_pools(period: ReferencePeriod) -> None:
    """Share as if a tenth of what the house fed in were the barn's; no row contradicts it but the producers'."""
    key = period.rule["key"]
    for (day, _, index), outcome in zip(period.moments(), list(period.outcomes), strict=True):
        wanted = {
            slot: period.inputs["energy"][slot][index] for slot in period.active_slots(day, "consumption")
        }
        fed = {slot: period.inputs["energy"][slot][index] for slot in period.active_slots(day, "feed_in")}
        moved = min(fed.values()) // 10
        told = {**fed, 3: fed[3] - moved, 4: fed[4] + moved}
        period.outcomes[index] = keys.share_pairwise(key, wanted, told) if moved else outcome


@pytest.mark.parametrize("seat", [1, 4])
def test_a_producers_pool_that_is_not_what_it_fed_in_is_refused(browser, seat):
    here, there = judge(browser, "pairwise", swap_pools, seat)
    assert "row.round" in here
    assert "row.pool" in there


def give_beyond_coefficients(period: ReferencePeriod) -> None:
    """Let neighbours have more than their coefficients entitle them to, and a producer sell it."""
    touched = 0
    for (_, t, index), outcome in zip(period.moments(), period.outcomes, strict=True):
        energy = [row[index] for row in period.inputs["energy"]]
        fed = {slot: energy[slot] for slot in outcome.shared}
        room = min(sum(fed.values()) - sum(outcome.given.values()), energy[1] - outcome.given[1])
        outcome.given[1] += max(0, room)
        touched += room > 0
        outcome.tau, outcome.shared = keys.split(period.slots, t, fed, sum(outcome.given.values()))
    assert touched


@pytest.mark.parametrize("seat", [0, 4])
def test_more_than_the_coefficients_of_others_entitle_to_is_refused(browser, seat):
    here, there = judge(browser, "owners", give_beyond_coefficients, seat)
    assert {"header.rest", "header.allocated"} & here
    assert {"header.rest", "header.allocated"} & there


def price_at_the_dearest(period: ReferencePeriod) -> None:
    """Value all that was shared at the dearest producer's price, though the house shared a part of it."""
    values, rows = period.worth
    dearest = max(period.rule["tariff"]["producerPrice"])
    for index, outcome in enumerate(period.outcomes):
        total = sum(outcome.given.values())
        values[index] = total * dearest
        for slot, given in outcome.given.items():
            rows[slot][index] = values[index] * given // total if total else 0


def test_a_producer_sees_that_all_is_priced_as_if_others_had_fed_it_in(browser):
    here, there = judge(browser, "sellers", price_at_the_dearest, 1)
    assert "header.value" in here
    assert "header.value" in there


# What a flow holds.


def value_gifts(period: ReferencePeriod) -> None:
    """Value all that was shared at the dearest price, more than it can be worth at each producer's own."""
    values, _ = period.worth
    dearest = max(period.rule["tariff"]["producerPrice"])
    for index, outcome in enumerate(period.outcomes):
        values[index] = sum(outcome.given.values()) * dearest


@pytest.mark.parametrize("seat", [0, 4])
def test_more_than_the_producers_prices_make_of_what_each_shared_is_refused(browser, seat):
    for failures in judge(browser, "flow", value_gifts, seat):
        assert "header.value" in failures


def contradict_within_the_household(period: ReferencePeriod) -> None:
    """Let the roof's details say in two intervals what the load's say in the other: the period's links agree."""
    swapped = [i for i, outcome in enumerate(period.outcomes) if (outcome.flows or {}).get((3, 1))]
    first, second = (
        swapped[0],
        next(i for i in swapped if period.detail_of(3, i)[1] != period.detail_of(3, swapped[0])[1]),
    )
    honest = period.detail_of

    def detail_of(slot: int, index: int) -> tuple[int, list[list[int]]]:
        told = {first: second, second: first}.get(index, index) if slot == 3 else index
        return honest(slot, index)[0], honest(slot, told)[1]

    period.detail_of = detail_of  # type: ignore[method-assign]


def test_details_that_differ_at_the_ends_of_an_own_link_are_refused(browser):
    here, there = judge(browser, "flow", contradict_within_the_household, 1)
    assert "detail.ends" in here
    assert "row.ends" in there


# What the chain holds.


@pytest.mark.parametrize(
    ("record", "field", "change", "check"),
    [
        ("run", "consumption", -(10**9), "run.own"),
        ("run", "allocated", -(10**9), "run.own"),
        ("bills", "fees", 1, "bills.fees"),
        ("bills", "debits", -(10**6), "bills.own"),
        ("bills", "credits", -(10**6), "bills.own"),
    ],
)
def test_records_in_which_ones_own_figures_do_not_fit_are_refused(browser, record, field, change, check):
    def lower(chain: Json) -> None:
        chain[record][field] = max(0, chain[record][field] + change)

    for failures in judge(browser, "equal", test_lies.honest, 1, with_headers=False, on_chain=lower):
        assert check in failures


def exceed_the_whole(period: ReferencePeriod) -> None:
    period.inputs["schedule"]["coefficients"][0] = [1_000_001] * sum(period.intervals)


def test_a_scheduled_coefficient_of_more_than_the_whole_is_refused(browser):
    for failures in judge(browser, "scheduled", exceed_the_whole, 0, with_headers=False):
        assert "schedule.whole" in failures


def call_estimates_measured(period: ReferencePeriod) -> None:
    for sources, qualities in zip(period.inputs["source"], period.inputs["quality"], strict=True):
        sources[:] = [
            3 if quality == 0 else source for quality, source in zip(qualities, sources, strict=True)
        ]


def test_an_estimate_that_is_counted_as_measured_is_refused(browser):
    for failures in judge(browser, "equal", call_estimates_measured, 0):
        assert "reading.method" in failures


def profile(direction: str) -> Lie:
    """Have everything of one direction that was estimated told as profiled."""

    def tell_so(period: ReferencePeriod) -> None:
        for slot in range(period.slots):
            if period.direction(slot) == direction:
                qualities, sources = period.inputs["quality"][slot], period.inputs["source"][slot]
                pairs = zip(qualities, sources, strict=True)
                sources[:] = [5 if quality == 1 else source for quality, source in pairs]

    return tell_so


@pytest.mark.parametrize(
    ("direction", "by_vote", "refused"),
    [("consumption", True, False), ("consumption", False, True), ("feed_in", True, True)],
)
def test_a_profiled_estimate_stands_for_consumption_by_voted_terms_alone(
    browser, direction, by_vote, refused
):
    def keep_own_terms(chain: Json) -> None:
        if not by_vote:
            chain["rule"]["limits"]["terms"] = "0x" + "00" * 32

    for failures in judge(browser, "operator", profile(direction), 1, on_chain=keep_own_terms):
        assert ("reading.method" in failures) is refused
        assert refused or not failures


def invent_classes(period: ReferencePeriod) -> None:
    for point in period.points:
        if point is not None:
            point["network_class"] = 9


def test_a_class_that_no_rule_knows_is_refused(browser):
    for failures in judge(browser, "equal", invent_classes, 0):
        assert "class.known" in failures


def bind_the_operator_to_links(period: ReferencePeriod) -> None:
    period.rule["key"]["method"] = keys.FLOW


def test_a_rule_of_links_under_an_operators_allocation_is_believed_by_both(browser):
    assert judge(browser, "operator", bind_the_operator_to_links, 0) == (set(), set())
    assert judge(browser, "operator", bind_the_operator_to_links, 1) == (set(), set())


# Whether the two programs agree.

LIES = {
    name: lie
    for module in (test_lies, sys.modules[__name__])
    for name, lie in vars(module).items()
    if inspect.isfunction(lie)
    and not name.startswith("test")
    and list(inspect.signature(lie).parameters) == ["period"]
} | {"honest": test_lies.honest}
SMALL = [name for name in COMMUNITIES if name not in {"single", "street", "roof", "large"}]


@pytest.mark.parametrize("lie", LIES)
def test_both_verifiers_come_to_the_same_verdict_on_every_lie(browser, lie):
    judged = 0
    for community in SMALL:
        for seat in (0, 1, 4):
            try:
                told = tell(community, LIES[lie], seat)
            except (LookupError, ArithmeticError, AssertionError, StopIteration, TypeError, ValueError):
                continue  # a lie about what this community does not have
            here, there = hear(browser, *told)
            judged += 1
            assert bool(here) == bool(there), (community, seat, here, there)
    assert judged
