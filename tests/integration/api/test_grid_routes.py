"""Networks as their community's grid operator sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from backend.api.access import API
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from tests.small_network import small_network

if TYPE_CHECKING:
    from starlette.testclient import TestClient

NETWORKS = f"{API}/operator/communities/toits/networks"
RUE = f"{NETWORKS}/rue"
HOUR = 3_600
FIRST = 1_709_247_600  # midnight of 1 March 2024 in Paris
DAY = {"from": "2024-03-01T00:00:00+01:00", "to": "2024-03-02T00:00:00+01:00"}
NOON = 12


@pytest.fixture
def operator(place: Any) -> TestClient:
    client: TestClient = place.log_in("operator@toits")
    return client


def ask(client: TestClient, path: str, **query: str) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def looks_at(place: Any, who: str) -> list[str]:
    with place.wiring.store.reading() as records:
        return [what for _, what, _ in records.accesses(f"toits/{who}")]


def test_the_operator_sees_the_networks_of_the_community_and_no_others(operator: TestClient) -> None:
    (card,) = ask(operator, NETWORKS)["items"]
    assert (card["name"], card["buses"], card["segments"], card["switches"]) == ("rue", 5, 3, 1)
    assert card["series"] == {
        "from": FIRST,
        "to": FIRST + 743 * HOUR,
        "step_seconds": HOUR,
        "time_zone": "Europe/Paris",
        "measured": 3,
        "profiled": 0,
        "unknown": 1,
    }


def test_another_communitys_network_is_not_there(operator: TestClient) -> None:
    answers = [
        operator.get(f"{NETWORKS}/{name}{what}") for name in ("quai", "nowhere") for what in ("", "/frames")
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    told = [answer.json()["detail"].replace("quai", "nowhere") for answer in answers]
    assert len(set(told)) == 1
    assert "rue" not in told[0]


def test_the_structure_tells_the_graph_with_feeders_and_points(operator: TestClient) -> None:
    told = ask(operator, RUE)
    assert [bus["id"] for bus in told["buses"]] == ["mv", "lv", "w1", "w2", "e1"]
    assert [(one["id"], one["from"], one["to"], one["feeder"]) for one in told["segments"]] == [
        ("west", "lv", "w1", "west"),
        ("west-end", "w1", "w2", "west"),
        ("east", "lv", "e1", "east"),
    ]
    (switch,) = told["switches"]
    assert (switch["is_closed"], switch["is_normally_open"], switch["feeder"]) == (False, True, "")
    ben = told["connections"][1]
    assert (ben["metering_points"], ben["phases"], ben["feeder"]) == (["ben-load", "ben-solar"], "L1", "west")
    assert told["connections"][2]["is_critical"]


def test_the_structure_is_geojson_for_who_asks_for_it(operator: TestClient) -> None:
    answer = operator.get(RUE, headers={"Accept": "application/geo+json"})
    assert answer.headers["content-type"] == "application/geo+json"
    told = json.loads(answer.text)
    assert told["type"] == "FeatureCollection"
    assert len(told["features"]) >= len(small_network().branches)


def test_a_day_is_told_as_frames_of_a_measure_for_every_element(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/frames", measure="deviation", **DAY)
    assert (told["start"], told["step_seconds"], told["unit"], told["kind"]) == (FIRST, HOUR, "kW", "branch")
    assert told["elements"] == ["west", "west-end", "east", "tie", "T1"]
    assert [len(row) for row in told["values"]] == [24] * 5
    # On the west feeder all is on L1: two thirds of Ada's and Ben's power lie off the mean.
    power = (0.2 + 0.037 * 5) + (0.1 + 0.011 - 0.31 * 6)
    assert told["values"][0][NOON] == pytest.approx(abs(power) * 2 / 3, rel=0.02)
    assert told["values"][3][NOON] == pytest.approx(0, abs=1e-6)
    assert all(value is not None for value in told["values"][0])


@pytest.mark.parametrize(
    ("measure", "unit", "kind"),
    [
        ("neutral", "A", "branch"),
        ("loading", "%", "branch"),
        ("nema", "%", "bus"),
        ("vuf", "%", "bus"),
        ("voltage", "pu", "bus"),
    ],
)
def test_each_measure_is_told_with_its_unit_and_kind(
    operator: TestClient, measure: str, unit: str, kind: str
) -> None:
    told = ask(operator, f"{RUE}/frames", measure=measure, **DAY)
    assert (told["unit"], told["kind"]) == (unit, kind)
    assert len(told["elements"]) == len(told["values"]) == 5


def test_without_a_span_the_last_day_is_told(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/frames")
    assert told["start"] == FIRST + (743 - 24) * HOUR
    assert len(told["values"][0]) == 24


def test_an_elements_series_tells_phases_neutral_and_voltages(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/elements/west/series", **DAY)
    assert (told["kind"], told["start"], told["step_seconds"], told["origin"]) == (
        "segment",
        FIRST,
        HOUR,
        None,
    )
    phases = told["phases"]
    assert phases["powers_kw"][0][NOON] == pytest.approx(0.385 + 0.111 - 1.86, rel=0.02)
    assert phases["powers_kw"][1][NOON] == pytest.approx(0, abs=1e-3)
    assert phases["neutral_a"][NOON] == pytest.approx(phases["currents_a"][0][NOON], rel=0.01)
    assert 0.9 < phases["voltages_pu"][0][NOON] < 1.1
    assert phases["loading_pct"][NOON] == pytest.approx(phases["currents_a"][0][NOON] / 200 * 100, rel=1e-3)


def test_a_connections_series_is_what_its_meters_say_and_tells_so(operator: TestClient) -> None:
    told = ask(operator, f"{RUE}/elements/ben/series", **DAY)
    assert (told["kind"], told["origin"]) == ("connection", "measured")
    assert told["phases"]["powers_kw"][0][NOON] == pytest.approx(0.111 - 1.86)
    assert told["phases"]["powers_kw"][1][NOON] is None
    assert told["phases"]["currents_a"] is None
    assert ask(operator, f"{RUE}/elements/workshop/series", **DAY)["origin"] == "none"


def test_a_series_over_several_days_is_the_days_one_after_another(operator: TestClient) -> None:
    path = f"{RUE}/elements/west/series"
    days = ask(operator, path, **{**DAY, "to": "2024-03-04T00:00:00+01:00"})
    assert len(days["phases"]["neutral_a"]) == 72
    third = ask(operator, path, **{"from": "2024-03-03T00:00:00+01:00", "to": "2024-03-04T00:00:00+01:00"})
    assert days["phases"]["powers_kw"][0][48:] == third["phases"]["powers_kw"][0]


def test_what_cannot_be_shown_is_refused_in_words(operator: TestClient) -> None:
    refusals = {
        (f"{RUE}/frames", "2024-03-01T00:00:00Z", "2024-03-08T00:00:00Z"): "at most 100",
        (f"{RUE}/frames", "2023-03-01T00:00:00Z", "2023-03-02T00:00:00Z"): "has no interval",
        (f"{RUE}/frames", "2024-03-02T00:00:00Z", "2024-03-01T00:00:00Z"): "has no interval",
        (
            f"{RUE}/elements/west/series",
            "1924-03-01T00:00:00Z",
            "2024-03-01T00:00:00Z",
        ): "is in the year 1924",
    }
    for (path, begin, end), words in refusals.items():
        answer = operator.get(path, params={"from": begin, "to": end})
        assert answer.status_code == 422, answer.text
        assert words in answer.json()["detail"]
    assert operator.get(f"{RUE}/elements/nobody/series").status_code == 404
    assert operator.get(f"{RUE}/frames", params={"measure": "mood"}).status_code == 422


def test_looks_are_logged_for_whose_data_they_show_once_an_hour(place: Any, operator: TestClient) -> None:
    for measure in ("deviation", "neutral"):
        ask(operator, f"{RUE}/frames", measure=measure, **DAY)
    assert looks_at(place, "ada") == ["meter data: network rue: flows"]
    ask(operator, f"{RUE}/elements/east/series", **DAY)
    assert looks_at(place, "ada") == ["meter data: network rue: flows"]
    assert looks_at(place, "cleo") == ["meter data: network rue: flows", "meter data: network rue: element"]
    ask(place.log_in("operator@toits"), f"{RUE}/frames", **DAY)
    assert len(looks_at(place, "ada")) == 1
    place.clock.advance(3_600)
    ask(place.log_in("operator@toits"), f"{RUE}/frames", **DAY)
    assert len(looks_at(place, "ada")) == 2


def test_new_readings_are_seen_at_once(place: Any, operator: TestClient) -> None:
    from backend.services.load_readings import load_readings

    before = ask(operator, f"{RUE}/elements/ada/series", **DAY)["phases"]["powers_kw"][0]
    wiring = place.wiring
    file = wiring.home.files / "late.csv"
    head = "metering_point,start,resolution_minutes,energy_kwh,quality"
    file.write_text(f"{head}\nada-load,2024-03-01T12:00:00+01:00,60,7.5,measured\n")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    after = ask(operator, f"{RUE}/elements/ada/series", **DAY)["phases"]["powers_kw"][0]
    assert after[NOON] == 7.5
    assert after[:NOON] == before[:NOON]


def test_a_day_is_told_as_it_would_be_with_a_plans_switches_made(place: Any, operator: TestClient) -> None:
    document = {"switches": [{"connection": "ben", "from": "L1", "to": "L3", "others": []}]}
    made = PlanRecord("p1", "rue", PlanKind.SWITCHING, "west", PlanState.PROPOSED, 0, "", document)
    with place.wiring.store.transaction() as records:
        records.add_plan(made)
    path = f"{RUE}/elements/west/series"
    today, planned = ask(operator, path, **DAY), ask(operator, path, plan="p1", **DAY)
    for phase, expected in ((0, 0.385), (2, 0.111 - 1.86)):
        assert planned["phases"]["powers_kw"][phase][NOON] == pytest.approx(expected, rel=0.02)
    assert today["phases"]["powers_kw"][2][NOON] == pytest.approx(0, abs=1e-3)
    frames = ask(operator, f"{RUE}/frames", plan="p1", **DAY)
    assert frames["values"][0][NOON] != ask(operator, f"{RUE}/frames", **DAY)["values"][0][NOON]
    assert operator.get(f"{RUE}/frames", params={"plan": "p2", **DAY}).status_code == 404
