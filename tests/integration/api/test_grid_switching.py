"""Plans of switches, asked for over the API."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from backend.api.access import API
from backend.grid import Phases
from backend.services.grid.keep_network import keep_network
from tests.small_network import small_network

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RUE = f"{API}/operator/communities/toits/networks/place"


@pytest.fixture(scope="module")
def operator(shared_place: Any) -> TestClient:
    """Logged in, with a network where Ada and Cleo share a phase, and Ben, who has a roof, must stay where he is."""
    rue = small_network()
    ada, ben, cleo, workshop = rue.connections
    homes = (
        ada,
        replace(ben, is_critical=True, phases=Phases.L3),
        replace(cleo, is_critical=False, phases=Phases.L1),
    )
    network = replace(rue, name="place", connections=(*homes, workshop))
    wiring = shared_place.wiring
    keep_network(wiring.grid_sources, wiring.clock, network, None, community="toits", source_format="partage")
    client: TestClient = shared_place.log_in("operator@toits")
    return client


@pytest.fixture(scope="module")
def made(operator: TestClient) -> dict[str, Any]:
    answer = operator.post(f"{RUE}/switching", json={"switches": 2, "seconds": 5})
    assert answer.status_code == 202, answer.text
    asked = answer.json()
    assert asked["state"] in {"waiting", "running", "done"}
    return wait_for(operator, asked["id"])


def wait_for(client: TestClient, plan: str) -> dict[str, Any]:
    for _ in range(1200):
        told: dict[str, Any] = client.get(f"{RUE}/switching/{plan}").json()
        if told["state"] not in {"waiting", "running"}:
            return told
        time.sleep(0.05)
    raise AssertionError("the plan takes more than a minute")


def test_a_plan_moves_a_home_off_the_phase_that_two_share(made: dict[str, Any]) -> None:
    assert (made["state"], made["problem"]) == ("done", None)
    plan = made["plan"]
    assert plan["element"] == "T1"
    assert plan["imbalance_after_kw"] < plan["imbalance_before_kw"]
    assert plan["bound_kw"] <= plan["imbalance_after_kw"]
    assert plan["proven"]
    moved = {one["connection"] for one in plan["switches"]}
    assert moved
    assert moved <= {"ada", "cleo"}  # Ben is critical, of the workshop nothing is known
    assert plan["left_out"]["critical"] == 1
    told = sum(one["gain_kw"] for one in plan["switches"])
    assert told == pytest.approx(plan["imbalance_before_kw"] - plan["imbalance_after_kw"], abs=1e-5)
    assert plan["flow"]["losses_after_kwh"] < plan["flow"]["losses_before_kwh"]
    assert plan["switches"][0]["metering_points"]


def test_a_plan_that_was_made_is_found_again_in_the_list(operator: TestClient, made: dict[str, Any]) -> None:
    items = operator.get(f"{RUE}/switching").json()["items"]
    found = next(item for item in items if item["id"] == made["id"])
    assert found["state"] == "done"
    assert found["switches"] == len(made["plan"]["switches"])
    assert found["imbalance_after_kw"] == made["plan"]["imbalance_after_kw"]


def test_what_a_plan_asks_for_is_told_with_it(made: dict[str, Any]) -> None:
    assert made["asked"]["switches"] == 2
    assert made["asked"]["budget"] is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"element": "nowhere"}, "no branch or source 'nowhere'"),
        ({"critical": ["nobody"]}, "no connection 'nobody'"),
        ({"free_places": ["nowhere"]}, "a crew works at 'nowhere'"),
        ({"weights": {"mean": 0}}, "one above"),
    ],
)
def test_what_does_not_fit_the_network_is_refused_at_once(
    operator: TestClient, asked: dict[str, Any], words: str
) -> None:
    answer = operator.post(f"{RUE}/switching", json=asked)
    assert answer.status_code == 422, answer.text
    assert words in answer.text


def test_a_plan_is_nobody_else_s(shared_place: Any, made: dict[str, Any]) -> None:
    there = f"{RUE}/switching/{made['id']}".replace("/toits/", "/lac/")
    stranger = shared_place.log_in("operator@lac")
    assert stranger.get(f"{RUE}/switching/{made['id']}").status_code == 404
    assert stranger.get(there).status_code == 404


def test_whose_homes_a_plan_moves_is_logged(shared_place: Any, made: dict[str, Any]) -> None:
    moved = {point.split("-")[0] for one in made["plan"]["switches"] for point in one["metering_points"]}
    assert moved
    with shared_place.wiring.store.reading() as records:
        for person in moved:
            looks = [what for _, what, _ in records.accesses(f"toits/{person}")]
            assert "meter data: network place: switching" in looks


def test_a_plan_stands_on_the_network_s_timeline(shared_place: Any, made: dict[str, Any]) -> None:
    with shared_place.wiring.store.reading() as records:
        entry = records.timeline_entry("place", f"plan-{made['id']}")
    assert entry.event.element == "T1"
    assert "switch" in entry.event.title
