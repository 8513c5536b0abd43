import csv
import io

API = "/api/v1"
ALLOCATIONS = f"{API}/operator/communities/toits/allocations/2024-03"


def test_allocations_come_page_by_page_without_gap_or_double(shared_place):
    client = shared_place.log_in("operator@toits")
    seen, cursor = [], None
    while True:
        page = client.get(ALLOCATIONS, params={"limit": 900} | ({"cursor": cursor} if cursor else {})).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 4 * (31 * 24 - 1)
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


def test_the_same_rows_come_as_csv(shared_place):
    client = shared_place.log_in("operator@toits")
    answer = client.get(ALLOCATIONS, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    first = client.get(ALLOCATIONS, params={"limit": 5000}).json()["items"]
    assert [{name: str(value) for name, value in row.items()} for row in first] == rows


def test_a_portfolio_adds_up_to_the_run(shared_place):
    client = shared_place.log_in("provider@toits")
    rows = client.get(f"{API}/provider/communities/toits/portfolio/2024-03").json()["items"]
    (period,) = client.get(f"{API}/public/communities/toits/periods").json()["items"]
    run = period["runs"][0]
    assert [row["participant"] for row in rows] == ["ada", "ben", "cleo"]
    assert sum(row["residual_milliwatt_hours"] for row in rows) == run["residual_milliwatt_hours"]
    assert sum(row["surplus_milliwatt_hours"] for row in rows) == run["surplus_milliwatt_hours"]
    for row in rows:
        assert sum(row["residual_by_hour_milliwatt_hours"]) == row["residual_milliwatt_hours"]


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
