"""What links of a flow cost: both verifiers hold it to the run's basis, and the flow to be the best by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.verifier import test_lies
from tests.unit.verifier.browser import NODE, Browser, open_browser
from tests.unit.verifier.test_lies_to_both import hear, judge, tell
from tests.vectors.reference_period import ReferencePeriod

Json = dict[str, Any]

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node: run scripts/setup")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def named_alike(failures: set[str]) -> set[str]:
    """Give what fails by the names that both verifiers share."""
    return {name.removeprefix("detail.").removeprefix("row.") for name in failures}


def price_shared_energy_lower(period: ReferencePeriod) -> None:
    """Say that sharing is worth less than the levels give, and anchor that."""
    assert period.network is not None
    period.outcomes  # noqa: B018 -- solved by what links cost, before they are said to cost something else
    period.network.shared //= 2


def price_a_link_lower(period: ReferencePeriod) -> None:
    assert period.network is not None
    period.outcomes  # noqa: B018 -- the same
    for pair in period.network.costs:
        period.network.costs[pair] -= 1


def forget_a_step(period: ReferencePeriod) -> None:
    assert period.network is not None
    period.outcomes  # noqa: B018 -- the same
    period.network.sold += 100


@pytest.mark.parametrize(
    ("lie", "seat", "check"),
    [(price_shared_energy_lower, 0, "step"), (price_a_link_lower, 0, "cost"), (forget_a_step, 4, "step")],
)
def test_a_flow_that_is_not_the_best_by_what_links_cost_is_refused(browser, lie, seat, check):
    for failures in judge(browser, "flow", lie, seat):
        assert check in named_alike(failures)


def favour_ones_own(bundle: Json) -> None:
    bundle["points"][0]["costs"][0]["weight"] -= 1


def weigh_otherwise(bundle: Json) -> None:
    bundle["scale"]["numbers"][1] += 1


def withhold_costs(bundle: Json) -> None:
    bundle["points"][0]["costs"] = None


def withhold_the_scale(bundle: Json) -> None:
    bundle["scale"] = None


def withhold_a_link(bundle: Json) -> None:
    bundle["points"][0]["costs"].pop()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (favour_ones_own, "cost.root"),
        (weigh_otherwise, "cost.root"),
        (withhold_costs, "cost.given"),
        (withhold_the_scale, "cost.given"),
        (withhold_a_link, "cost.links"),
    ],
)
def test_costs_that_are_not_the_basis_or_are_withheld_are_refused(browser, change, check):
    bundle, told = tell("flow", test_lies.honest, 0)
    change(bundle)
    for failures in hear(browser, bundle, told):
        assert check in failures


def test_costs_where_headers_are_withheld_or_no_link_is_known_are_refused(browser):
    bundle, told = tell("flow", test_lies.honest, 0)
    given = bundle["scale"], bundle["points"][0]["costs"]
    for community, with_headers in (("flow", False), ("equal", True)):
        bundle, told = tell(community, test_lies.honest, 0, with_headers=with_headers)
        bundle["scale"], bundle["points"][0]["costs"] = given
        for failures in hear(browser, bundle, told):
            assert "cost.given" in failures


def test_a_link_that_carries_more_than_its_cap_is_refused(browser):
    bundle, told = tell("flow", test_lies.honest, 0)
    for cost in bundle["points"][0]["costs"]:
        cost["cap"] = 0
    for failures in hear(browser, bundle, told):
        assert "cap" in named_alike(failures)
