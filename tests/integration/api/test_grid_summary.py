"""What a network's flows sum up to, asked for over the API."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from backend.api.access import API
from backend.services.grid.summaries import HEADS_TABLE, SUMMARY_TABLE

if TYPE_CHECKING:
    from starlette.testclient import TestClient

RUE = f"{API}/operator/communities/toits/networks/rue"
FIRST, HOUR = 1_709_247_600, 3_600


@pytest.fixture(scope="module")
def summed(shared_place: Any) -> TestClient:
    client: TestClient = shared_place.log_in("operator@toits")
    assert client.get(f"{RUE}/summary").json() == {"state": "none", "progress": 0.0}
    refused = client.get(f"{RUE}/ranking")
    assert refused.status_code == 404
    assert "ask for its summary first" in refused.json()["detail"]
    answer = client.post(f"{RUE}/summary", json={})
    assert answer.status_code == 202, answer.text
    wait_for(client)
    return client


def wait_for(client: TestClient, path: str = RUE) -> dict[str, Any]:
    for _ in range(600):
        told: dict[str, Any] = client.get(f"{path}/summary").json()
        if told["state"] not in {"waiting", "running"}:
            return told
        time.sleep(0.05)
    raise AssertionError("the summary takes more than half a minute")


def ask(client: TestClient, what: str, **query: str) -> Any:
    answer = client.get(f"{RUE}/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_summary_tells_what_it_was_computed_of(summed: TestClient) -> None:
    told = summed.get(f"{RUE}/summary").json()
    assert (told["state"], told["progress"], told["stale"]) == ("done", 1.0, False)
    assert (told["from"], told["to"], told["step_seconds"]) == (FIRST, FIRST + 743 * HOUR, HOUR)
    assert told["intervals"] == 743
    assert 0 < told["losses_kwh"] < 10


def test_elements_are_ranked_worst_first_and_agree_with_the_frames_of_their_worst_interval(
    summed: TestClient,
) -> None:
    told = ask(summed, "ranking", measure="deviation")
    assert (told["by"], told["unit"], told["element"], told["stale"]) == ("element", "kW", None, False)
    means = [item["mean"] for item in told["items"]]
    assert means == sorted(means, reverse=True)
    assert told["items"][0]["key"] in {"west", "T1"}
    west = next(item for item in told["items"] if item["key"] == "west")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(west["worst_start"]))
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(west["worst_start"] + HOUR))
    frames = ask(summed, "frames", measure="deviation", **{"from": at, "to": until})
    assert frames["values"][frames["elements"].index("west")] == [pytest.approx(west["worst"], rel=1e-4)]


def test_kinds_and_length_of_a_ranking_can_be_chosen(summed: TestClient) -> None:
    segments = ask(summed, "ranking", kind="segment", limit="2")
    assert len(segments["items"]) == 2
    assert segments["total"] == 3
    assert {item["key"] for item in segments["items"]} <= {"west", "west-end", "east"}
    assert [item["key"] for item in ask(summed, "ranking", kind="transformer")["items"]] == ["T1"]


def test_hours_weekdays_and_seasons_are_ranked_for_the_network_and_for_an_element(summed: TestClient) -> None:
    hours = ask(summed, "ranking", by="hour")["items"]
    assert {item["key"] for item in hours} == {str(hour) for hour in range(24)}
    assert hours[0]["key"] == "12"  # Ben's roof alone is on L1
    assert sum(item["intervals"] for item in hours) == 743
    assert len(ask(summed, "ranking", by="weekday", element="east")["items"]) == 7
    (season,) = ask(summed, "ranking", by="season", element="west")["items"]
    assert (season["key"], season["intervals"]) == ("spring", 743)


def test_a_course_tells_week_after_week(summed: TestClient) -> None:
    told = ask(summed, "course", measure="neutral", element="east")
    assert (told["element"], told["unit"]) == ("east", "A")
    assert [item["key"] for item in told["items"]] == [
        "2024-02-26",
        "2024-03-04",
        "2024-03-11",
        "2024-03-18",
        "2024-03-25",
    ]
    means = [item["mean"] for item in told["items"]]
    assert means[0] < 0.01 < means[2], "Cleo is a member from the 11th on"
    assert ask(summed, "course")["element"] is None


def test_what_is_not_there_is_named(summed: TestClient) -> None:
    for path in (
        "course?element=nobody",
        "ranking?by=hour&element=nobody",
        "course?measure=vuf&element=west",
    ):
        answer = summed.get(f"{RUE}/{path}")
        assert answer.status_code == 404
        assert "is told of no element" in answer.json()["detail"]


def test_the_series_of_heads_stand_beside_the_summary(shared_place: Any, summed: TestClient) -> None:
    assert summed.get(RUE).status_code == 200
    rows = shared_place.wiring.flows.rows("rue", HEADS_TABLE)
    assert sorted(set(rows["element"].tolist())) == ["T1", "east", "west"]
    west = rows["element"] == "west"
    assert west.sum() == 743
    assert rows["power_l1_kw"][west][12] == pytest.approx(0.385 + 0.111 - 1.86, rel=0.02)
    assert set(rows["kind"].tolist()) == {"transformer", "feeder"}


def test_a_summary_is_stale_once_readings_changed_and_gone_once_copies_are_forgotten(place: Any) -> None:
    from backend.services.load_readings import load_readings

    client = place.log_in("operator@toits")
    client.post(f"{RUE}/summary", json={})
    assert wait_for(client)["stale"] is False
    wiring = place.wiring
    file = wiring.home.files / "late.csv"
    head = "metering_point,start,resolution_minutes,energy_kwh,quality"
    file.write_text(f"{head}\nada-load,2024-03-01T12:00:00+01:00,60,7.5,measured\n")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    assert wait_for(client)["stale"] is True
    assert client.get(f"{RUE}/ranking").json()["stale"] is True
    wiring.erasers.files.erase_words({"nobody-of-that-name"}, [])
    assert wiring.flows.file("rue", SUMMARY_TABLE) is None
    assert client.get(f"{RUE}/summary").json()["state"] == "none"


def test_a_network_of_which_nothing_is_known_fails_in_words(place: Any) -> None:
    client = place.log_in("operator@lac")
    path = f"{API}/operator/communities/lac/networks/quai"
    assert client.post(f"{path}/summary", json={}).status_code == 202
    told = wait_for(client, path)
    assert told["state"] == "failed"
    assert "load readings or profiles first" in told["problem"]
    assert client.get(f"{path}/frames").status_code == 422
