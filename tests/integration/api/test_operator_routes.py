import csv
import io

import pyarrow.parquet
import pytest

API = "/api/v1"
ALLOCATIONS = f"{API}/operator/communities/toits/allocations/2024-03"
POINTS = f"{API}/operator/communities/toits/points/2024-03"
PARQUET = "application/vnd.apache.parquet"


def test_allocations_come_page_by_page_without_gap_or_double(shared_place):
    client = shared_place.log_in("operator@toits")
    seen, cursor = [], None
    while True:
        page = client.get(ALLOCATIONS, params={"limit": 900} | ({"cursor": cursor} if cursor else {})).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 4 * (31 * 24 - 1) - 10 * 24  # the fourth joins on the 11th
    assert len({(row["metering_point"], row["start"]) for row in seen}) == len(seen)
    (period,) = shared_place.visit().get(f"{API}/public/communities/toits/periods").json()["items"]
    consumed = [row for row in seen if row["metering_point"].endswith("-load")]
    run = period["runs"][0]
    assert sum(row["energy_milliwatt_hours"] for row in consumed) == run["consumption_milliwatt_hours"]
    assert sum(row["allocated_milliwatt_hours"] for row in consumed) == run["allocated_milliwatt_hours"]


def test_allocations_of_a_point_and_a_time_are_those_rows_alone(shared_place):
    client = shared_place.log_in("operator@toits")
    window = {"from": "2024-03-31T00:00:00+01:00", "to": "2024-04-01T00:00:00+02:00"}
    rows = client.get(ALLOCATIONS, params={"metering_point": "ben-solar", **window}).json()["items"]
    assert len(rows) == 23
    assert (rows[0]["start"], rows[-1]["start"]) == ("2024-03-30T23:00:00Z", "2024-03-31T21:00:00Z")
    assert {row["metering_point"] for row in rows} == {"ben-solar"}
    before = {"from": "2000-01-01T00:00:00Z", "to": "2001-01-01T00:00:00Z"}
    assert client.get(ALLOCATIONS, params=before).json() == {"items": [], "next_cursor": None}
    assert client.get(ALLOCATIONS, params={"metering_point": "dora-load"}).status_code == 404
    assert client.get(ALLOCATIONS, params={"from": "2024-03-01T00:00:00"}).status_code == 422


def test_a_point_has_no_rows_for_the_days_before_it_joined(shared_place):
    client = shared_place.log_in("operator@toits")
    rows = client.get(ALLOCATIONS, params={"metering_point": "cleo-load"}).json()["items"]
    assert (rows[0]["start"], rows[-1]["start"]) == ("2024-03-10T23:00:00Z", "2024-03-31T21:00:00Z")
    assert {row["quality"] for row in rows} == {"measured"}
    before = {"metering_point": "cleo-load", "to": "2024-03-10T22:59:00Z"}
    assert client.get(ALLOCATIONS, params=before).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("limit", [1, 743, 744, 5000])
def test_a_page_goes_on_where_the_one_before_ended(shared_place, limit):
    client = shared_place.log_in("operator@toits")
    window = {"from": "2024-03-10T20:00:00Z", "to": "2024-03-11T02:00:00Z"}
    whole = client.get(ALLOCATIONS, params=window).json()["items"]
    assert [row["metering_point"] for row in whole] == (
        ["ada-load"] * 6 + ["ben-load"] * 6 + ["ben-solar"] * 6 + ["cleo-load"] * 3
    )
    seen = []
    asked = window | {"limit": limit}
    while "cursor" not in asked or asked["cursor"]:
        page = client.get(ALLOCATIONS, params=asked).json()
        assert len(page["items"]) <= limit
        seen += page["items"]
        asked["cursor"] = page["next_cursor"]
    assert seen == whole


def test_sums_by_metering_point_are_those_of_its_rows(shared_place):
    client = shared_place.log_in("operator@toits")
    window = {"from": "2024-03-10T00:00:00Z", "to": "2024-03-12T00:00:00Z"}
    items = client.get(POINTS, params=window).json()["items"]
    rows = client.get(ALLOCATIONS, params=window).json()["items"]
    assert [item["metering_point"] for item in items] == ["ada-load", "ben-load", "ben-solar", "cleo-load"]
    for item in items:
        own = [row for row in rows if row["metering_point"] == item["metering_point"]]
        assert item["intervals"] == len(own)
        for name in ("energy_milliwatt_hours", "allocated_milliwatt_hours"):
            assert item[name] == sum(row[name] for row in own)
    assert items[2]["allocated_milliwatt_hours"] > 0
    assert [item["direction"] for item in items].count("feed_in") == 1
    (solar,) = [item for item in items if item["direction"] == "feed_in"]
    assert (solar["participant"], solar["missing_readings"]) == ("ben", 0)


def test_the_same_rows_come_as_csv(shared_place):
    client = shared_place.log_in("operator@toits")
    answer = client.get(ALLOCATIONS, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="toits-2024-03-allocations.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    first = client.get(ALLOCATIONS, params={"limit": 5000}).json()["items"]
    assert [{name: str(value) for name, value in row.items()} for row in first] == rows


def test_the_same_rows_come_as_parquet(shared_place):
    client = shared_place.log_in("operator@toits")
    window = {"from": "2024-03-10T00:00:00Z", "to": "2024-03-12T00:00:00Z"}
    answer = client.get(ALLOCATIONS, params=window, headers={"Accept": PARQUET})
    assert answer.headers["content-type"] == PARQUET
    named = 'attachment; filename="toits-2024-03-allocations.parquet"'
    assert answer.headers["content-disposition"] == named
    table = pyarrow.parquet.read_table(io.BytesIO(answer.content))
    told = [row | {"start": row["start"].strftime("%Y-%m-%dT%H:%M:%SZ")} for row in table.to_pylist()]
    assert told == client.get(ALLOCATIONS, params=window).json()["items"]
    nothing = {"from": "2000-01-01T00:00:00Z", "to": "2001-01-01T00:00:00Z"}
    answer = client.get(ALLOCATIONS, params=nothing, headers={"Accept": PARQUET})
    assert pyarrow.parquet.read_table(io.BytesIO(answer.content)).num_rows == 0


def test_a_file_of_one_point_is_named_after_it(shared_place):
    client = shared_place.log_in("operator@toits")
    answer = client.get(ALLOCATIONS, params={"metering_point": "ben-load"}, headers={"Accept": "text/csv"})
    assert "toits-2024-03-ben-load-allocations.csv" in answer.headers["content-disposition"]


def test_a_portfolio_adds_up_to_the_run(shared_place):
    client = shared_place.log_in("provider@toits")
    rows = client.get(f"{API}/provider/communities/toits/portfolio/2024-03").json()["items"]
    (period,) = client.get(f"{API}/public/communities/toits/periods").json()["items"]
    run = period["runs"][0]
    assert [(row["participant"], row["name"]) for row in rows] == [
        ("ada", "Ada"),
        ("ben", "Ben"),
        ("cleo", "Cleo"),
    ]
    assert sum(row["residual_milliwatt_hours"] for row in rows) == run["residual_milliwatt_hours"]
    assert sum(row["surplus_milliwatt_hours"] for row in rows) == run["surplus_milliwatt_hours"]
    for row in rows:
        assert sum(row["residual_by_hour_milliwatt_hours"]) == row["residual_milliwatt_hours"]


def test_a_suppliers_lines_are_those_of_the_bills_and_fit_the_portfolio(shared_place):
    client = shared_place.log_in("provider@toits")
    lines = client.get(f"{API}/provider/communities/toits/lines/2024-03").json()["items"]
    portfolio = client.get(f"{API}/provider/communities/toits/portfolio/2024-03").json()["items"]
    assert {line["kind"] for line in lines} == {"residual", "network", "surplus"}
    for row in portfolio:
        own = [line for line in lines if line["participant"] == row["participant"]]
        for kind, name in (("residual", "residual"), ("network", "used"), ("surplus", "surplus")):
            quantity = sum(line["quantity_milliwatt_hours"] for line in own if line["kind"] == kind)
            assert quantity == row[f"{name}_milliwatt_hours"]
    for line in lines:
        exact = line["quantity_milliwatt_hours"] * line["unit_price_micro_eur_per_kilowatt_hour"]
        assert line["amount_cents"] == (exact + 5 * 10**9) // 10**10
        assert line["biller"] == ("offtaker" if line["kind"] == "surplus" else "supplier")
        assert bool(line["windows"]) == (line["kind"] == "residual")
    bill = shared_place.log_in("ben@toits").get(f"{API}/me/bills/2024-03").json()
    told = sorted(line["amount"] for line in bill["lines"] if line["biller"] in {"supplier", "offtaker"})
    assert told == sorted(line["amount_cents"] for line in lines if line["participant"] == "ben")


def test_the_hours_of_the_week_add_up_to_the_hours_of_the_day_and_these_to_the_total(shared_place):
    path = f"{API}/public/communities/toits/periods/2024-03/profile"
    told = shared_place.log_in("ada@toits").get(path).json()
    for name, week in told["by_hour_of_week"].items():
        day = told["by_hour_of_day"][name]
        assert [sum(hours) for hours in zip(*week, strict=True)] == day
        assert sum(day) == told["total"][name] > 0


def test_a_look_is_logged_for_each_participant_whose_data_were_shown_and_for_no_other(place):
    operator, admin = place.log_in("operator@toits"), place.log_in("admin@toits")
    operator.get(ALLOCATIONS, params={"metering_point": "ben-load"})

    def log_of(participant):
        path = f"{API}/admin/accesses"
        return admin.get(path, params={"subject": f"toits/{participant}"}).json()["items"]

    assert [(line["by"], line["what"]) for line in log_of("ben")] == [
        ("operator@toits", "allocations 2024-03")
    ]
    assert log_of("ada") == []


def test_rules_are_told_with_their_coefficients_to_members(shared_place):
    for login in ("ada@toits", "governance@toits", "auditor@toits"):
        client = shared_place.log_in(login)
        (rule,) = client.get(f"{API}/governance/communities/toits/rules").json()["items"]
        assert (rule["version"], rule["method"], rule["coefficients_ppm"]) == (1, "dynamic", {})
