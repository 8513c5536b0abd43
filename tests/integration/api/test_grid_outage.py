"""Outages, and whose phase is wrong, as a community's grid operator meets them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from backend.api.access import API
from backend.grid import Phases
from backend.grid.network_form import read_network
from backend.ports.grid_event_records import EventKind, EventQuery
from tests.measured_phases import measured_powers

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RUE = f"{API}/operator/communities/toits/networks/rue"
FIRST = 1_709_247_600  # midnight of 1 March 2024 in Paris
DAY = {"from": "2024-03-01T00:00:00+01:00", "to": "2024-03-02T00:00:00+01:00"}
TRUTH = {"ada": (0,), "ben": (1,), "cleo-load": (1,), "workshop": (0, 1, 2)}  # ben's record says L1


@pytest.fixture
def operator(place: Any) -> TestClient:
    client: TestClient = place.log_in("operator@toits")
    return client


def ask(client: TestClient, path: str, **query: str) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def hand_in(client: TestClient, text: str, **query: str) -> Any:
    answer = client.post(f"{RUE}/phases", content=text, params=query, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202, answer.text
    for _ in range(600):
        told = ask(client, f"{RUE}/phases")
        if told["state"] not in {"waiting", "running"}:
            return told
        time.sleep(0.05)
    raise AssertionError("the work does not end")


def recorded(place: Any, connection: str) -> Phases:
    with place.wiring.store.reading() as records:
        network = read_network(records.network("rue").document)
    return next(one.phases for one in network.connections if one.id == connection)


def test_an_outage_tells_who_is_dark_how_much_and_how_to_switch_them_on(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/outage", element="west", isolation="ends", **DAY)
    assert (told["network"], told["from"], told["intervals"]) == ("rue", FIRST, 24)
    impact = told["impact"]
    assert (impact["kind"], impact["connections"], impact["buses"]) == (
        "segment",
        ["ada", "ben"],
        ["w1", "w2"],
    )
    assert impact["metering_points"] == ["ada-load", "ben-load", "ben-solar"]
    # At midnight of the first: Ada 0.2 kW, Ben 0.1 + 0.011 kW and no sun.
    assert impact["not_served_kwh_by_hour"][0] == pytest.approx(0.2 + 0.111)
    assert 0 < impact["mean_kw"] <= impact["worst_kw"]
    plan = told["restoration"]
    assert [(step["action"], step["element"], step["restores"]) for step in plan["steps"]] == [
        ("disconnect", "west", []),
        ("close", "tie", ["ada", "ben"]),
    ]
    assert plan["restored"] == ["ada", "ben"]
    assert plan["checked_intervals"] == 24
    assert plan["proven"]
    assert plan["backups"][0]["way"] == ["east", "T1"]


def test_an_outage_tells_what_comes_back_with_supply(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/outage", element="T1", hours="3", temperature="-10", **DAY)
    back = told["pick_up"]
    assert (back["outage_hours"], back["temperature_celsius"], back["fitted"]) == (3, -10, 0)
    assert back["mean_extra_kw"] == pytest.approx(
        told["impact"]["mean_kw"] * back["extra_pct"] / 100, rel=1e-2
    )
    assert back["transformers"] == []  # 100 kVA for a few homes
    assert operator.get(f"{RUE}/outage", params={"element": "T1", "hours": "0", **DAY}).status_code == 422


def test_without_switches_around_it_all_that_it_hangs_on_waits(operator: TestClient) -> None:
    plan = ask(operator, f"{RUE}/outage", element="west", **DAY)["restoration"]
    assert plan["steps"] == []
    assert {one["reason"] for one in plan["waiting"]} == {"faulty_section"}
    assert len(plan["waiting"]) == 4


def test_elements_are_ranked_by_what_their_loss_costs(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/outages", by="customers", limit="3", **DAY)
    assert [(one["element"], one["customers"]) for one in told["items"]] == [
        ("T1", 4),
        ("mv", 4),
        ("lv", 4),
    ]
    (worst,) = ask(operator, f"{RUE}/outages", by="critical", kind="segment", limit="1")["items"]
    assert (worst["element"], worst["critical"]) == ("east", ["cleo"])


def test_a_look_at_an_outage_is_logged_for_those_who_would_be_dark(place: Any, operator: TestClient) -> None:
    ask(operator, f"{RUE}/outage", element="west", isolation="ends", **DAY)
    with place.wiring.store.reading() as records:
        seen = {
            who: [what for _, what, _ in records.accesses(f"toits/{who}") if "outage" in what]
            for who in ("ada", "ben", "cleo")
        }
    assert seen == {
        "ada": ["meter data: network rue: outage"],
        "ben": ["meter data: network rue: outage"],
        "cleo": [],
    }


@pytest.mark.parametrize("path", ["outage?element=west", "outages", "phases"])
def test_another_communitys_network_is_not_there(operator: TestClient, path: str) -> None:
    assert operator.get(f"{RUE.replace('/rue', '/quai')}/{path}").status_code == 404


def test_an_element_that_is_none_is_named(operator: TestClient) -> None:
    answer = operator.get(f"{RUE}/outage", params={"element": "moon"})
    assert answer.status_code == 404
    assert '"moon"' in answer.json()["detail"]


def test_a_wrong_phase_is_suggested_accepted_and_stands_on_the_timeline(
    place: Any, operator: TestClient
) -> None:
    assert ask(operator, f"{RUE}/phases")["state"] == "none"
    told = hand_in(operator, measured_powers(TRUTH, FIRST, 3600))
    assert (told["state"], told["problem"]) == ("done", None)
    by_name = {one["connection"]: one for one in told["items"]}
    ben = by_name["ben"]
    assert told["items"][0] == ben
    assert (ben["recorded"], ben["suggested"], ben["is_change"], ben["evidence"]) == (
        "L1",
        "L2",
        True,
        "load",
    )
    assert ben["confidence"] > 0.95
    assert ben["metering_points"] == ["ben-load", "ben-solar"]
    assert not by_name["workshop"]["is_change"]

    answer = operator.post(f"{RUE}/phases/ben", json={"phases": "L2", "digest": told["digest"]})
    assert answer.status_code == 200, answer.text
    assert recorded(place, "ben") == Phases.L2
    after = ask(operator, f"{RUE}/phases")
    assert after["digest"] == answer.json()["digest"] != told["digest"]
    assert [one["connection"] for one in after["items"] if one["is_accepted"]] == ["ben"]
    with place.wiring.store.reading() as records:
        (entry,) = records.timeline("rue", EventQuery(kinds=(EventKind.PHASE_RECORD,)))
    assert entry.event.element == "ben"
    assert entry.event.by
    assert entry.event.data["from"] == "L1"
    assert "confidence" in entry.event.data["why"]


def test_what_was_changed_meanwhile_is_looked_at_again(place: Any, operator: TestClient) -> None:
    digest = ask(operator, f"{RUE}/phases")["digest"]
    body = {"phases": "L3", "why": "looked at on site", "digest": digest}
    first = operator.post(f"{RUE}/phases/ada", json=body)
    assert first.status_code == 200, first.text
    again = operator.post(f"{RUE}/phases/ben", json=body)
    assert again.status_code == 409
    assert recorded(place, "ben") == Phases.L1


@pytest.mark.parametrize(
    ("connection", "body", "status", "words"),
    [
        ("ada", {"phases": "L9", "why": "x"}, 422, "L9"),
        ("ada", {"phases": "L2"}, 422, "why"),
        ("moon", {"phases": "L2", "why": "x"}, 404, "moon"),
    ],
)
def test_a_record_that_makes_no_sense_changes_nothing(
    operator: TestClient, connection: str, body: dict[str, str], status: int, words: str
) -> None:
    before = ask(operator, f"{RUE}/phases")["digest"]
    answer = operator.post(f"{RUE}/phases/{connection}", json=body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert ask(operator, f"{RUE}/phases")["digest"] == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("start,place\n", "terminal"),
        ("start,place,terminal,watts\nyesterday,ada,1,3\n", "yesterday"),
        (measured_powers({"moon": (0,)}, FIRST, 3600), "moon"),
        (measured_powers({"ada": (0,), "ada-load": (0,)}, FIRST, 3600), "ada-load"),
        (measured_powers(TRUTH, FIRST, 3600, length=20), "at least 48"),
    ],
)
def test_measurements_that_make_no_sense_are_named(operator: TestClient, text: str, words: str) -> None:
    answer = operator.post(f"{RUE}/phases", content=text, headers={"Content-Type": "text/csv"})
    if answer.status_code == 202:
        told = hand_in(operator, text)
        assert told["state"] == "failed"
        assert words in told["problem"]
    else:
        assert answer.status_code == 422
        assert words in answer.json()["detail"]
