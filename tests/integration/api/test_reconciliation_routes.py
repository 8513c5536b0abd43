"""The operator's allocation beside ours by HTTP: who may see what, page by page."""

import shutil

import pytest

from tests.integration.api.conftest import close_place, open_place
from tests.integration.settlement.compared_operator import csv_of, load, settled_rows
from tests.integration.settlement.small_community import MONTH

BASE = "/api/v1/communities/toits/periods/2024-03/reconciliation"
ROWS = f"{BASE}/rows"


@pytest.fixture(scope="module")
def compared(settled_home, tmp_path_factory):
    """The settled home, with an operator's file in which ada has less by day and cleo nothing on two days."""
    folder = tmp_path_factory.mktemp("compared") / "home"
    shutil.copytree(settled_home.folder, folder)
    place = open_place(folder, settled_home.passwords)
    rows = settled_rows(place.wiring, MONTH)
    for (point, start), row in rows.items():
        if point == "ada-load" and (start // 3600) % 24 == 11:
            row[1] = row[1] * 2 // 3
        if point == "cleo-load" and 1_710_100_000 < start < 1_710_270_000:
            row[1] = 0
    load(place.wiring, csv_of(rows))
    yield place
    close_place(place)


def pages(client, limit, **asked):
    found, cursor = [], None
    while True:
        page = client.get(
            ROWS, params={"limit": limit, **asked} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("role", ["operator", "provider"])
def test_operator_and_provider_see_causes_and_points_that_add_up(compared, role):
    told = compared.log_in(f"{role}@toits").get(BASE).json()
    assert told["total"]["rows"] == sum(cause["rows"] for cause in told["causes"]) > 0
    assert told["total"]["cost_cents"] == sum(point["cost_cents"] for point in told["points"])
    for point in told["points"]:
        whole = point["operator_milliwatt_hours"] - point["computed_milliwatt_hours"]
        assert whole == point["difference_milliwatt_hours"]
        assert whole == sum(cause["difference_milliwatt_hours"] for cause in point["causes"])
    assert [file["name"] for file in told["files"]] == ["operator.csv"]
    assert told["files"][0]["received_at"].endswith("Z")
    ada = next(point for point in told["points"] if point["metering_point"] == "ada-load")
    assert ada["dispute"]["start"] < ada["dispute"]["end"]


def test_rows_come_page_by_page_without_gap_or_double(compared):
    client = compared.log_in("operator@toits")
    whole = client.get(ROWS, params={"limit": 2000}).json()
    assert whole["next_cursor"] is None
    assert pages(client, 7) == whole["items"]
    assert len({(row["metering_point"], row["start"]) for row in whole["items"]}) == len(whole["items"])
    total = client.get(BASE).json()["total"]
    assert len(whole["items"]) == total["rows"]
    differing = sum(row["difference_milliwatt_hours"] for row in whole["items"])
    assert differing == total["difference_milliwatt_hours"]
    assert all(row["evidence"]["message"] for row in whole["items"])


def test_rows_of_a_point_a_cause_and_a_time_are_those_alone(compared):
    client = compared.log_in("operator@toits")
    every = client.get(ROWS, params={"limit": 2000}).json()["items"]
    ada = client.get(ROWS, params={"metering_point": "ada-load", "limit": 2000}).json()["items"]
    assert ada == [row for row in every if row["metering_point"] == "ada-load"]
    cause = ada[0]["cause"]
    assert cause == "unexplained"
    named = client.get(ROWS, params={"cause": cause, "limit": 2000}).json()["items"]
    assert named == [row for row in every if row["cause"] == cause]
    window = {"from": "2024-03-12T00:00:00Z", "to": "2024-03-13T00:00:00Z"}
    day = client.get(ROWS, params=window).json()["items"]
    assert day == [row for row in every if row["start"].startswith("2024-03-12")]
    assert client.get(ROWS, params={"cause": "weather"}).status_code == 422
    assert client.get(ROWS, params={"metering_point": "nobody"}).status_code == 404
    assert client.get(ROWS, params={"cursor": "x!"}).status_code == 422


def test_a_course_has_both_curves_of_the_whole_period(compared):
    told = compared.log_in("operator@toits").get(f"{BASE}/points/ada-load").json()
    series = told["series"]
    assert {len(values) for values in series.values()} == {31 * 24 - 1}
    differing = [place for place, cause in enumerate(told["causes"]) if cause]
    apart = [
        place
        for place, (operator, computed) in enumerate(zip(series["operator"], series["computed"], strict=True))
        if operator != computed
    ]
    assert differing == apart != []


def test_a_member_sees_own_points_and_no_others(compared):
    client = compared.log_in("ada@toits")
    told = client.get(BASE).json()
    assert [point["metering_point"] for point in told["points"]] == ["ada-load"]
    rows = client.get(ROWS, params={"limit": 2000}).json()["items"]
    assert {row["metering_point"] for row in rows} == {"ada-load"}
    for other in ("ben", "cleo"):
        assert other not in str(told)
        assert other not in str(rows)
    assert client.get(ROWS, params={"metering_point": "cleo-load"}).status_code == 404
    assert client.get(f"{BASE}/points/cleo-load").status_code == 404
    assert client.get(f"{BASE}/points/ada-load").status_code == 200


def test_a_period_without_a_file_of_the_operators_has_nothing_to_show(shared_place):
    told = shared_place.log_in("operator@toits").get(BASE).json()
    assert (told["files"], told["causes"], told["points"], told["compared_intervals"]) == ([], [], [], 0)
    assert told["total"]["rows"] == 0
    assert shared_place.log_in("operator@toits").get(ROWS).status_code == 404


def test_strangers_and_other_communities_are_shown_nothing(compared):
    assert compared.visit().get(BASE).status_code == 401
    assert compared.log_in("operator@lac").get(BASE).status_code == 404
    assert compared.log_in("ada@lac").get(BASE).status_code == 404
    own = "/api/v1/communities/lac/periods/2024-03/reconciliation"
    assert compared.log_in("operator@lac").get(own).status_code == 404
    assert compared.log_in("root").get(BASE).status_code == 403


def test_every_look_at_anothers_rows_is_in_their_log(compared):
    compared.log_in("operator@toits").get(f"{BASE}/points/cleo-load")
    looks = compared.log_in("cleo@toits").get("/api/v1/me/accesses").json()["items"]
    assert looks[0]["what"] == "reconciliation 2024-03"
    before = len(looks)
    cleo = compared.log_in("cleo@toits")
    cleo.get(BASE)
    assert len(cleo.get("/api/v1/me/accesses").json()["items"]) == before
