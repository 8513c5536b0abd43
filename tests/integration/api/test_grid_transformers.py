"""Transformers as their community's grid operator sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backend.api.access import API

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RUE = f"{API}/operator/communities/toits/networks/rue"
SAYS = {"X-Partage-Request": "1"}
HOUR = 3_600
FIRST = 1_709_247_600  # midnight of 1 March 2024 in Paris
DAY = {"from": "2024-03-20T00:00:00+01:00", "to": "2024-03-21T00:00:00+01:00"}
BEN = {"id": "roof", "connection": "ben", "kind": "curtail", "watts": 1500.0, "has_consented": True}
ASKED = {"transformer": "T1", "loads": [BEN], "limit_pct": 2.0}


@pytest.fixture
def operator(place: Any) -> TestClient:
    client: TestClient = place.log_in("operator@toits")
    return client


def ask(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"{RUE}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def send(client: TestClient, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"{RUE}{path}", json=body, headers=SAYS)


def looks_at(place: Any, who: str) -> list[str]:
    with place.wiring.store.reading() as records:
        return [what for _, what, _ in records.accesses(f"toits/{who}")]


def test_transformers_are_told_with_load_temperature_and_risk(place: Any, operator: TestClient) -> None:
    told = ask(operator, "/transformers")
    (card,) = told["items"]
    assert (card["id"], card["rank"], card["rated_kva"], card["meter"]) == ("T1", 1, 100.0, "trafo")
    assert card["loading_pct"]["peak"] < 10
    assert card["hot_spot_c"]["peak"] > 10
    assert card["risk"]["method"] == "similar days"
    assert "meter data: network rue: transformers" in looks_at(place, "ada")


def test_one_transformer_is_told_interval_by_interval(operator: TestClient) -> None:
    told = ask(operator, "/transformers/T1", **DAY)
    assert told["start"] == FIRST + 19 * 24 * HOUR
    assert len(told["course"]["hot_spot_c"]) == 24
    assert len(told["course"]["phase_loading_pct"]) == 3
    assert len(told["duration_pct"]) == 101
    assert told["residual_course"] is None
    assert operator.get(f"{RUE}/transformers/T9").status_code == 404


def test_a_span_without_readings_is_refused_in_words(operator: TestClient) -> None:
    answer = operator.get(f"{RUE}/transformers", params={"from": "2030-01-01T00:00:00Z"})
    assert answer.status_code == 422
    assert "has no interval of them" in answer.json()["detail"]


def test_hosting_capacities_are_told_for_those_that_are_asked_for(operator: TestClient) -> None:
    told = ask(operator, "/hosting", connection=["ada", "cleo"], technology=["charger"])
    assert [(one["connection"], one["phases"]) for one in told["items"]] == [
        ("ada", "L1"),
        ("ada", "L123"),
        ("cleo", "L2"),
        ("cleo", "L123"),
    ]
    assert all(one["kw"] > 3 for one in told["items"])
    assert told["limits"]["unbalance_pct"] == 2.0
    unknown = operator.get(f"{RUE}/hosting", params={"connection": "dora"})
    assert unknown.status_code == 422
    assert 'has no connection "dora"' in unknown.json()["detail"]


def test_a_relief_plan_asks_no_member_who_has_not_consented_whatever_the_list_says(
    operator: TestClient,
) -> None:
    answer = send(operator, "/relief-plans", ASKED)
    assert answer.status_code == 201, answer.text
    plan = answer.json()["plan"]
    assert plan["needed_kw"] > 0
    assert plan["actions"] == []
    assert plan["without_consent"] == ["roof"]
    assert plan["loads"][0]["has_consented"] is False
    assert plan["holds"] is False


def test_a_plan_is_found_again_and_decided_once_by_a_person(place: Any, operator: TestClient) -> None:
    made = send(operator, "/relief-plans", ASKED).json()
    (card,) = ask(operator, "/relief-plans")["items"]
    assert (card["id"], card["state"], card["transformer"]) == (made["id"], "proposed", "T1")
    assert ask(operator, f"/relief-plans/{made['id']}") == made
    refused = send(operator, f"/relief-plans/{made['id']}/refuse", {"words": "Nobody agreed."})
    assert refused.status_code == 200, refused.text
    decision = refused.json()["plan"]["decision"]
    assert decision["words"] == "Nobody agreed."
    with place.wiring.store.reading() as records:
        assert decision["by"] == records.user_by_login("operator@toits").id
    again = send(operator, f"/relief-plans/{made['id']}/approve", {})
    assert again.status_code == 409
    assert operator.get(f"{RUE}/relief-plans/relief-0").status_code == 404


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_whoever_decides_a_plan_is_shown_it_and_that_is_logged(
    place: Any, operator: TestClient, decision: str
) -> None:
    made = send(operator, "/relief-plans", ASKED).json()
    assert looks_at(place, "ada") == []
    assert send(operator, f"/relief-plans/{made['id']}/{decision}", {}).json()["plan"]["loads"]
    assert looks_at(place, "ada") == ["meter data: network rue: relief"]


@pytest.mark.parametrize(
    "change",
    [
        {"limit_pct": 0.0},
        {"hours": 1000},
        {"loads": [{**BEN, "watts": -1.0}]},
        {"loads": [{**BEN, "watts": "5"}]},
        {"loads": [{**BEN, "device": "x"}]},
        {"loads": [BEN, BEN]},
        {"loads": [{**BEN, "connection": "dora"}]},
    ],
)
def test_an_order_that_cannot_be_is_refused_and_keeps_nothing(
    operator: TestClient, change: dict[str, Any]
) -> None:
    answer = send(operator, "/relief-plans", {**ASKED, **change})
    assert answer.status_code == 422, answer.text
    assert ask(operator, "/relief-plans")["items"] == []


def test_another_communitys_transformers_and_plans_are_not_there(operator: TestClient) -> None:
    quay = f"{API}/operator/communities/toits/networks/quai"
    for path in ("/transformers", "/transformers/T1", "/hosting", "/relief-plans", "/relief-plans/relief-0"):
        assert operator.get(f"{quay}{path}").status_code == 404, path
    assert operator.post(f"{quay}/relief-plans", json=ASKED, headers=SAYS).status_code == 404
