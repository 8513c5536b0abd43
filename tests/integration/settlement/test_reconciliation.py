"""An operator's allocation that does not bind is kept beside ours, and each difference named and priced."""

from datetime import UTC, datetime

import pytest

from backend.errors import NotFoundError
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.reconcile_period import reconcile_period
from backend.services.reconciliation_views import course_of, rows_of, summary_of
from backend.services.settle_period import settle_period
from tests.integration.settlement.compared_operator import csv_of, load, settled_rows
from tests.integration.settlement.shared_street import KEYS, street, street_csv
from tests.integration.settlement.small_community import MONTH, copy_settled, open_home

NOON = int(datetime(2024, 3, 12, 10, tzinfo=UTC).timestamp())
MORNING = NOON - 4 * 3_600  # when there is less than all could use
DAY = 86_400


def opened(folder, method="static", csv=None, tariff=""):
    return copy_settled(folder, csv or street_csv(), street(method, KEYS[method], tariff))


def load_csv(home, text, name="readings.csv"):
    file = home.home.files / name
    file.write_text(text)
    load_readings(home.context, home.reader_for(), [file], community="toits")


@pytest.fixture
def wiring(tmp_path):
    return opened(tmp_path / "home")


def reconciled(wiring):
    return reconcile_period(wiring.context, "toits", MONTH.label)


def causes(summary):
    return {found["cause"] for found in summary["causes"]}


def test_without_a_file_of_the_operators_it_is_said_how_to_load_one(wiring):
    with pytest.raises(NotFoundError, match="partage allocations load toits FILE"):
        reconciled(wiring)


def test_what_agrees_differs_in_nothing(wiring):
    load(wiring, csv_of(settled_rows(wiring, MONTH)))
    summary = summary_of(reconciled(wiring))
    assert summary["causes"] == []
    assert summary["compared_intervals"] == summary["intervals"]
    assert summary["binding"] is False
    assert {point["dispute"] for point in summary["points"]} == {None}


def test_a_file_in_watt_hours_differs_by_rounding_and_says_how_far(wiring):
    load(wiring, csv_of(settled_rows(wiring, MONTH), decimals=3))
    (cause,) = summary_of(reconciled(wiring))["causes"]
    assert cause["cause"] == "rounding"
    (evidence,) = cause["evidence"]
    assert evidence["unit_milliwatt_hours"] == 1_000
    assert "multiples of 0.001000 kWh" in evidence["message"]


def test_other_coefficients_are_named_priced_and_shown_row_by_row(wiring):
    rows = settled_rows(wiring, MONTH)
    pool: dict[int, int] = {}
    given: dict[int, int] = {}
    for (_, start), (energy, _, feeds_in) in rows.items():
        pool[start] = pool.get(start, 0) + (energy if feeds_in else 0)
    shares = {"ada-load": 300_000, "ben-load": 200_000, "cleo-load": 450_000}
    for (point, start), row in rows.items():
        if not row[2]:
            row[1] = min(row[0], pool[start] * shares[point] // 1_000_000)
            given[start] = given.get(start, 0) + row[1]
    for (_, start), row in rows.items():
        if row[2]:
            row[1] = given[start] * row[0] // pool[start] if pool[start] else 0
    load(wiring, csv_of(rows))
    found = reconciled(wiring)
    summary = summary_of(found)
    grave = next(cause for cause in summary["causes"] if cause["cause"] == "other-coefficients")
    (evidence,) = grave["evidence"]
    named = {
        one["metering_point"]: (one["found_ppm"], one["in_force_ppm"]) for one in evidence["coefficients"]
    }
    assert named["ada-load"] == (300_000, 500_000)
    assert "ada-load 30 % instead of 50 %" in evidence["message"]
    ada = next(point for point in summary["points"] if point["metering_point"] == "ada-load")
    told = [
        row for row in rows_of(found, found.of([0]), [0, 1, 2, 3, 4]) if row["metering_point"] == "ada-load"
    ]
    assert sum(row["difference_milliwatt_hours"] for row in told) == ada["difference_milliwatt_hours"] < 0
    assert (
        ada["operator_milliwatt_hours"] - ada["computed_milliwatt_hours"] == ada["difference_milliwatt_hours"]
    )
    # She is given less at 0.12 and buys it at 0.25 (0.16 by night, when no roof feeds in).
    exact = -sum(row["difference_milliwatt_hours"] for row in told) * 130_000
    assert ada["cost_cents"] == (2 * exact + 10**10) // (2 * 10**10)
    assert sum(row["cost_micro_eur"] for row in told) == pytest.approx(exact / 10**6, abs=len(told))
    assert sum(cause["cost_cents"] for cause in summary["causes"]) == summary["total"]["cost_cents"]
    assert sum(point["cost_cents"] for point in summary["points"]) == summary["total"]["cost_cents"]


def test_a_correction_that_came_after_the_operators_file_is_named_late_with_its_instant(wiring):
    before = settled_rows(wiring, MONTH)
    load(wiring, csv_of({key: [None, *row[1:]] for key, row in before.items()}))
    header, *rows = street_csv().splitlines()
    stamp = datetime.fromtimestamp(NOON, UTC).isoformat()
    (changed,) = (row for row in rows if row.startswith(f"ben-solar,{stamp}"))
    word = changed.split(",")[3]
    load_csv(wiring, f"{header}\n{changed.replace(word, '0.100000')}\n", "correction.csv")
    settle_period(wiring.context, "toits", MONTH)
    summary = summary_of(reconciled(wiring))
    assert summary["run"] == 2
    assert causes(summary) == {"late-correction"}
    (evidence,) = summary["causes"][0]["evidence"]
    assert evidence["kind"] == "earlier-readings"
    assert evidence["received_utc"] == wiring.context.intervals.loads("toits")[0].received_utc
    found = reconciled(wiring)
    told = rows_of(found, found.rows, range(5))
    assert {row["start_utc"] for row in told} == {NOON}
    assert told[0]["evidence"]["reading"]["metering_point"] == "ben-solar"
    assert "ours is 0.100000 kWh (measured)" in told[0]["evidence"]["message"]


def test_what_is_dearest_to_a_point_makes_its_case(wiring):
    rows = settled_rows(wiring, MONTH)
    rows["ada-load", NOON][1] -= 90_000
    rows["ada-load", NOON + 3_600][1] -= 90_000
    rows["ada-load", NOON + 3 * DAY][1] -= 50_000
    load(wiring, csv_of(rows))
    summary = summary_of(reconciled(wiring))
    assert causes(summary) == {"unexplained"}
    ada = next(point for point in summary["points"] if point["metering_point"] == "ada-load")
    dispute = ada["dispute"]
    assert (dispute["start_utc"], dispute["end_utc"]) == (NOON, NOON + 7_200)
    assert dispute["computed_milliwatt_hours"] - dispute["operator_milliwatt_hours"] == 180_000


def test_a_member_sees_their_own_rows_and_nobody_elses_figures(wiring):
    rows = settled_rows(wiring, MONTH)
    rows["ben-solar", MORNING][0] //= 2  # which the operator holds to be ben's feed-in
    now = {point: row for (point, start), row in rows.items() if start == MORNING}
    pool = sum(energy for energy, _, feeds_in in now.values() if feeds_in)
    for point, coefficient in {"ada-load": 500_000, "ben-load": 200_000, "cleo-load": 250_000}.items():
        now[point][1] = min(now[point][0], pool * coefficient // 1_000_000)
    given = sum(part for _, part, feeds_in in now.values() if not feeds_in)
    for row in now.values():
        if row[2]:
            row[1] = given * row[0] // pool
    load(wiring, csv_of(rows))
    found = reconciled(wiring)
    own = frozenset({"ada"})
    summary = summary_of(found, own)
    assert [point["metering_point"] for point in summary["points"]] == ["ada-load"]
    told = rows_of(found, found.of([0]), [0])
    assert {row["metering_point"] for row in told} == {"ada-load"}
    assert "ben" not in str(summary) + str(told)
    assert "another member's point" in told[0]["evidence"]["message"]
    everyone = rows_of(found, found.of([0]), range(5))
    assert "ben-solar: ours is" in everyone[0]["evidence"]["message"]
    with pytest.raises(NotFoundError, match="ben-solar"):
        course_of(found, "ben-solar", own)


def test_a_points_course_has_both_curves_and_the_causes(wiring):
    rows = settled_rows(wiring, MONTH)
    rows["ada-load", NOON][1] = 1
    load(wiring, csv_of(rows))
    course = course_of(reconciled(wiring), "ada-load")
    place = course["series"]["start"].index(NOON)
    assert course["series"]["operator"][place] == 1
    assert course["causes"][place] == "unexplained"
    assert sum(map(bool, course["causes"])) == 1


def test_it_is_compared_before_a_run_and_where_the_operators_allocation_cannot_be_settled(tmp_path):
    home = open_home(tmp_path / "home")
    binding = street("static", KEYS["static"]) + '\n[allocation]\nsource = "operator"\n'
    load_community(home.context, binding, "toits.toml")
    load_csv(home, street_csv())
    other = opened(tmp_path / "other")
    rows = settled_rows(other, MONTH)
    rows["ada-load", NOON][1] += 10_000_000
    rows["ada-load", NOON][0] += 10_000_000
    load(home, csv_of(rows))
    from backend.errors import ConformityError

    with pytest.raises(ConformityError):
        settle_period(home.context, "toits", MONTH)
    summary = summary_of(reconciled(home))
    assert (summary["run"], summary["binding"]) == (None, True)
    assert summary["total"]["more_milliwatt_hours"] == 10_000_000


def test_where_it_binds_ours_is_held_against_it_as_well(tmp_path):
    home = open_home(tmp_path / "home")
    binding = street("static", KEYS["static"]) + '\n[allocation]\nsource = "operator"\n'
    load_community(home.context, binding, "toits.toml")
    load_csv(home, street_csv())
    rows = settled_rows(opened(tmp_path / "other"), MONTH)
    for point in ("ada-load", "ben-solar"):
        rows[point, NOON][1] -= 5_000
    load(home, csv_of(rows))
    settle_period(home.context, "toits", MONTH)
    summary = summary_of(reconciled(home))
    assert (summary["run"], summary["binding"]) == (1, True)
    assert summary["total"]["less_milliwatt_hours"] == 10_000


def test_a_new_file_is_seen_at_once(wiring):
    rows = settled_rows(wiring, MONTH)
    rows["ada-load", NOON][1] = 1
    load(wiring, csv_of(rows))
    assert len(reconciled(wiring).rows) == 1
    assert reconciled(wiring) is reconciled(wiring)
    load(wiring, csv_of(settled_rows(wiring, MONTH)), "corrected.csv")
    assert len(reconciled(wiring).rows) == 0
