"""Whole settlements that lie: every root, record and bill is built over the lie, and the verifier still finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.verifier import Verdict, verify
from tests.unit.verifier.vector_chain import VectorNode
from tests.vectors.reference_communities import COMMUNITIES
from tests.vectors.reference_period import ReferencePeriod
from tests.vectors.reference_records import bundle_of, chain_of, expected_of

Lie = Callable[[ReferencePeriod], None]


def settle(community: str, lie: Lie, seat: int, *, with_headers: bool = True) -> Verdict:
    """Settle a community by a lie, anchor all of it, and verify a member's bundle."""
    period = ReferencePeriod(COMMUNITIES[community]())
    lie(period)
    told = {"chain": chain_of(period), "inputs": period.inputs, "expected": expected_of(period)}
    return verify(bundle_of(period, seat, with_headers=with_headers), VectorNode(told).call)


def failed(verdict: Verdict) -> set[str]:
    return {check.id for check in verdict.failures}


def busiest(period: ReferencePeriod) -> int:
    """Give the interval in which most was shared."""
    totals = [header[2] for header in period.headers]
    index = totals.index(max(totals))
    period.__dict__.pop("headers")
    period.__dict__.pop("worth")
    return index


def honest(_: ReferencePeriod) -> None:
    """Change nothing."""


@pytest.mark.parametrize("seat", [0, 1, 4])
@pytest.mark.parametrize("community", COMMUNITIES)
def test_a_settlement_without_a_lie_is_believed_by_all(community, seat):
    if any(bill["seat"] == seat for bill in ReferencePeriod(COMMUNITIES[community]()).bills):
        assert settle(community, honest, seat).failures == ()


def give_to_a_friend(period: ReferencePeriod) -> None:
    outcome = period.outcomes[busiest(period)]
    outcome.given[0] -= 500
    outcome.given[2] += 500


@pytest.mark.parametrize(
    "community", ["equal", "cascade", "hybrid", "scheduled", "pairwise", "priority", "owners"]
)
def test_energy_that_went_to_a_friend_is_missed_in_ones_own_row(community):
    assert "row.allocation" in failed(settle(community, give_to_a_friend, 0))


def shift_producers(period: ReferencePeriod) -> None:
    outcome = period.outcomes[busiest(period)]
    part = min(500, outcome.shared[3])
    outcome.shared[3] -= part
    outcome.shared[4] += part


@pytest.mark.parametrize("community", ["equal", "pairwise", "priority", "producers"])
def test_what_another_producer_sold_instead_is_missed(community):
    assert "row.allocation" in failed(settle(community, shift_producers, 1))


def scale_value(period: ReferencePeriod) -> None:
    values, rows = period.worth
    period.__dict__["worth"] = ([2 * v for v in values], [[2 * w for w in row] for row in rows])


@pytest.mark.parametrize(
    ("community", "check"),
    [
        ("equal", "header.value"),
        ("market", "header.value"),
        ("hybrid", "header.value"),
        ("sellers", "row.price"),
    ],
)
def test_a_price_that_nobody_voted_is_refused(community, check):
    assert check in failed(settle(community, scale_value, 0))


@pytest.mark.parametrize("community", ["equal", "pairwise", "sellers", "street"])
def test_a_price_that_nobody_voted_is_refused_where_headers_are_withheld_too(community):
    assert "row.price" in failed(settle(community, scale_value, 0, with_headers=False))


def drop_credit(period: ReferencePeriod) -> None:
    for outcome in period.outcomes:
        outcome.credited = dict.fromkeys(outcome.credited, 0)


@pytest.mark.parametrize("community", ["owners", "scheduled", "incentive"])
def test_a_credit_that_is_kept_back_is_missed(community):
    assert "row.credited" in failed(settle(community, drop_credit, 0))


def credit_a_friend(period: ReferencePeriod) -> None:
    for outcome in period.outcomes:
        outcome.credited[0] = outcome.credited.get(0, 0) + 10**6


@pytest.mark.parametrize("community", ["owners", "incentive"])
def test_a_credit_beyond_all_reason_is_refused_where_headers_are_withheld_too(community):
    assert "row.credit" in failed(settle(community, credit_a_friend, 0, with_headers=False))


def count_one_more(period: ReferencePeriod) -> None:
    for outcome in period.outcomes:
        outcome.rounds[0][1] += 1


@pytest.mark.parametrize("community", ["equal", "priority"])
def test_a_count_or_weight_of_more_than_there_are_is_refused(community):
    assert "header.round" in failed(settle(community, count_one_more, 0))


def lift_level(period: ReferencePeriod) -> None:
    outcome = period.outcomes[busiest(period)]
    outcome.rounds[0][0] += 10**7


@pytest.mark.parametrize("community", ["cascade", "hybrid", "pairwise", "priority"])
def test_a_pool_that_does_not_follow_from_the_feed_in_is_refused(community):
    assert "header.round" in failed(settle(community, lift_level, 0))


def lower_producer_level(period: ReferencePeriod) -> None:
    for outcome in period.outcomes:
        outcome.rounds[-1][1] = 0


def test_a_producer_level_without_weight_while_feed_in_is_left_is_refused():
    assert "header.round" in failed(settle("producers", lower_producer_level, 0))


def crowd_out(period: ReferencePeriod) -> None:
    """Say that all were full but for a weight in which one's own part does not fit."""
    for outcome in period.outcomes:
        outcome.rounds[0][1] = min(outcome.rounds[0][1], 1)


def test_a_level_in_which_ones_own_weight_does_not_fit_is_refused():
    assert "header.round" in failed(settle("cascade", crowd_out, 0)) | failed(settle("cascade", crowd_out, 5))


def forget_a_round(period: ReferencePeriod) -> None:
    for outcome in period.outcomes:
        outcome.rounds = outcome.rounds[:-1]
        outcome.parts = {slot: parts[:-1] for slot, parts in outcome.parts.items()}


@pytest.mark.parametrize("community", ["equal", "priority", "producers", "flow"])
def test_a_header_without_the_rounds_of_its_key_is_refused(community):
    assert "header.rounds" in failed(settle(community, forget_a_round, 0))


def leave_a_tau(period: ReferencePeriod) -> None:
    for outcome in period.outcomes:
        outcome.tau = 1


@pytest.mark.parametrize("community", ["pairwise", "incentive", "flow", "operator", "market"])
def test_a_tau_where_no_remainder_is_left_is_refused(community):
    assert "header.tau" in failed(settle(community, leave_a_tau, 0))


# Who served whom.


def swap_link_energy(period: ReferencePeriod) -> None:
    first, second = period.links[0][:2]
    first[1], second[1] = first[1] + 9, second[1] - 9


@pytest.mark.parametrize(("community", "check"), [("pairwise", "link.energy"), ("flow", "link.details")])
def test_energy_that_came_from_somebody_else_is_noticed(community, check):
    assert check in failed(settle(community, swap_link_energy, 0))


def swap_link_value(period: ReferencePeriod) -> None:
    first, second = period.links[0][:2]
    first[2], second[2] = first[2] + 9, second[2] - 9


@pytest.mark.parametrize(("community", "check"), [("pairwise", "link.values"), ("flow", "link.value")])
def test_a_link_that_is_paid_for_another_is_noticed(community, check):
    assert check in failed(settle(community, swap_link_value, 0))


def lose_a_link(period: ReferencePeriod) -> None:
    period.links[0].pop()


@pytest.mark.parametrize("community", ["equal", "pairwise", "sellers", "market"])
def test_links_that_do_not_add_up_to_what_was_received_are_refused(community):
    assert "link.energies" in failed(settle(community, lose_a_link, 0))


def tell_another_end(period: ReferencePeriod) -> None:
    """Let a household's roof say that it served its own load with something else than the load says."""
    for link in period.links[3]:
        if link[0] == 1:
            link[2] += 10**9


def test_two_ends_of_a_link_that_disagree_are_refused():
    assert "link.ends" in failed(settle("sellers", tell_another_end, 1))


def declare_liable(period: ReferencePeriod) -> None:
    for links in period.links:
        for link in links:
            link[3] = 0


@pytest.mark.parametrize("community", ["sellers", "equal"])
def test_a_link_with_another_vat_class_than_ones_own_is_refused(community):
    assert "link.vat_class" in failed(settle(community, declare_liable, 1))


def link_to_nobody(period: ReferencePeriod) -> None:
    period.links[0][0][0] = 5


def test_a_link_to_a_point_that_feeds_nothing_in_is_refused():
    assert "link.slot" in failed(settle("market", link_to_nobody, 0))


# Flow.


def confuse_potentials(period: ReferencePeriod) -> None:
    """Let a consumer's potentials call every link dear when it carries, and cheap when it does not."""
    for outcome in period.outcomes:
        assert outcome.potentials is not None
        outcome.potentials[0] -= 50 if outcome.given.get(0) else -50


def test_potentials_that_price_a_link_otherwise_when_it_carries_are_refused():
    verdict = settle("flow", confuse_potentials, 0)
    assert failed(verdict) <= {"detail.cost", "detail.potential", "detail.step"}
    assert "detail.cost" in failed(verdict)


def trade_rounds(period: ReferencePeriod) -> None:
    """Say in the header that the barn shared what the house shared, and the house what the barn did."""
    for outcome in period.outcomes:
        (_, house), (_, barn) = outcome.rounds
        outcome.rounds[0][1], outcome.rounds[1][1] = barn, house


@pytest.mark.parametrize("seat", [0, 1, 4])
def test_rounds_that_contradict_ones_own_links_are_refused(seat):
    assert "detail.round" in failed(settle("flow", trade_rounds, seat))


def pay_less(period: ReferencePeriod) -> None:
    values, rows = period.worth
    index = values.index(max(values))
    for row in rows:
        row[index] -= row[index] // 10
    values[index] -= values[index] // 10


@pytest.mark.parametrize("seat", [0, 4])
def test_links_of_an_interval_that_are_paid_below_their_price_are_refused(seat):
    assert "row.value" in failed(settle("flow", pay_less, seat))


def sell_to_oneself(period: ReferencePeriod) -> None:
    """Charge a household for what its own roof gave it."""
    for links, other in ((period.links[1], 3), (period.links[3], 1)):
        for link in links:
            link[2] += 10**6 if link[0] == other else 0


def test_own_energy_that_is_sold_to_its_owner_is_refused():
    assert "link.value" in failed(settle("flow", sell_to_oneself, 1))


# What a run rests on.


def hand_in_late(node: dict[str, Any]) -> None:
    node["schedule"]["handedInAt"] = node["terms"]["startUtc"]


def hand_in_for_another(node: dict[str, Any]) -> None:
    node["schedule"]["period"] += 1


def hand_in_under_another_version(node: dict[str, Any]) -> None:
    node["schedule"]["version"] += 1


def never_hand_in(node: dict[str, Any]) -> None:
    node["schedule"]["handedInAt"] = 0


@pytest.mark.parametrize(
    ("lie", "check"),
    [
        (hand_in_late, "schedule.ahead"),
        (hand_in_for_another, "schedule.of"),
        (hand_in_under_another_version, "run.basis"),
        (never_hand_in, "schedule.found"),
    ],
)
def test_a_schedule_that_was_not_handed_in_in_time_for_the_period_is_refused(lie, check):
    period = ReferencePeriod(COMMUNITIES["scheduled"]())
    told = {"chain": chain_of(period), "inputs": period.inputs, "expected": expected_of(period)}
    lie(told["chain"])
    assert check in failed(verify(bundle_of(period, 0), VectorNode(told).call))


def test_a_schedule_after_measurement_may_come_late():
    period = ReferencePeriod(COMMUNITIES["scheduled"]())
    told = {"chain": chain_of(period), "inputs": period.inputs, "expected": expected_of(period)}
    hand_in_late(told["chain"])
    told["chain"]["rule"]["key"]["schedule"] = 2
    assert verify(bundle_of(period, 0), VectorNode(told).call).ok


def raise_a_coefficient_beyond_the_schedule(period: ReferencePeriod) -> None:
    listed = period.inputs["schedule"]["coefficients"]
    honest_one = period.coefficient

    def coefficient(slot: int, index: int) -> int:
        return 200_000 if slot >= len(listed) else honest_one(slot, index)

    period.coefficient = coefficient  # type: ignore[method-assign]


def test_a_coefficient_that_was_not_handed_in_is_refused():
    assert "schedule.outside" in failed(settle("scheduled", raise_a_coefficient_beyond_the_schedule, 5))


def test_an_operators_allocation_that_rests_on_no_file_is_refused():
    period = ReferencePeriod(COMMUNITIES["operator"]())
    period.inputs["operator"]["basis"] = "0x" + "00" * 32
    told = {"chain": chain_of(period), "inputs": period.inputs, "expected": expected_of(period)}
    assert failed(verify(bundle_of(period, 0), VectorNode(told).call)) == {"run.basis"}


def test_the_operators_allocation_is_said_to_follow_no_formula_that_was_checked():
    (sentence,) = [words for words in settle("operator", honest, 0).unchecked if "operator" in words]
    assert "formula" in sentence


@pytest.mark.parametrize(
    ("field", "value", "check"),
    [
        ("method", 0, "rule.method"),
        ("tierMethods", [1], "rule.tiers"),
        ("producers", [4, 3], "rule.producers"),
    ],
)
def test_a_rule_that_this_program_cannot_read_is_refused_without_a_traceback(field, value, check):
    period = ReferencePeriod(COMMUNITIES["pairwise"]())
    told = {"chain": chain_of(period), "inputs": period.inputs, "expected": expected_of(period)}
    bundle = bundle_of(period, 0)
    period.rule["key"][field] = value
    verdict = verify(bundle, VectorNode(told).call)
    assert check in failed(verdict)
    assert verdict.unchecked
