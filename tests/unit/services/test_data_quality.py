"""Shares of what is due, and how late it came, by point, operator and step of time."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest

from backend.errors import InputError
from backend.ports.reading_quality import DailyCounts
from backend.quantities import SettlementPeriod
from backend.services.data_quality import describe_quality, operator_code

FIRST = date(2024, 3, 30)
DAYS = SettlementPeriod(FIRST, date(2024, 4, 2))  # the second day has 23 hours
AT = "AT0010000000000000001000000000001"
ES = "ES0021000000000001XX"


@dataclass(frozen=True)
class Point:
    id: str
    direction: int = 0
    external_id: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Members:
    metering_points: tuple[Point, ...]
    time_zone: str = "Europe/Vienna"
    resolution_minutes: int = 60


def describe(members: Any, counted, days, step):
    """As of a community: these members have all that is asked of one."""
    return describe_quality(members, counted, days, step)


def whole(*values):
    return np.array(values, dtype=np.int64)


def counted(rows=(), late=(), points=("a", "b")):
    """Rows are (point, day, measured, estimated, edited, missing), lates (point, day, hours, count)."""
    rows, late = np.array(rows, dtype=np.int64).reshape(-1, 6), np.array(late, dtype=np.int64).reshape(-1, 4)
    return DailyCounts(
        points,
        rows[:, 0],
        rows[:, 1] + DAYS.id,
        rows[:, 2:],
        late[:, 0],
        late[:, 1] + DAYS.id,
        late[:, 2],
        late[:, 3],
    )


TWO = Members((Point("a", external_id=AT), Point("b", direction=1, valid_from=date(2024, 3, 31))))


def test_what_is_due_is_every_interval_of_the_days_of_membership():
    told = describe(TWO, counted(), DAYS, "day")
    assert told["total"]["expected"] == (24 + 23 + 24) + (23 + 24)
    assert told["total"]["missing_ppm"] == 1_000_000
    assert [point["cells"][0] for point in told["points"]] == [[0, 0, 1_000_000], None]


def test_rows_of_one_day_add_up_and_shares_are_of_what_is_due():
    rows = [(0, 0, 10, 0, 0, 0), (0, 0, 8, 2, 1, 3), (1, 1, 23, 0, 0, 0)]
    told = describe(TWO, counted(rows), DAYS, "day")
    first = told["points"][0]["cells"][0]
    assert first == [19 * 1_000_000 // 24, 2 * 1_000_000 // 24, 3 * 1_000_000 // 24]
    assert told["points"][1]["cells"] == [None, [1_000_000, 0, 0], [0, 0, 1_000_000]]
    assert told["trend"][0] | {"lateness_median_hours": 0, "lateness_p95_hours": 0} == {
        "start": "2024-03-30",
        "expected": 24,
        "measured_ppm": 18 * 1_000_000 // 24,
        "estimated_ppm": 2 * 1_000_000 // 24,
        "edited_ppm": 1_000_000 // 24,
        "missing_ppm": 3 * 1_000_000 // 24,
        "lateness_median_hours": 0,
        "lateness_p95_hours": 0,
    }


def test_what_comes_of_days_without_membership_is_not_counted():
    told = describe(TWO, counted([(1, 0, 24, 0, 0, 0)]), DAYS, "month")
    assert told["points"][1]["measured_ppm"] == 0


def test_lateness_is_the_least_that_half_and_95_percent_keep():
    late = [(0, 0, 30, 50), (0, 0, 2, 50), (1, 1, 240, 5)]
    told = describe(TWO, counted(late=late), DAYS, "day")
    assert (told["points"][0]["lateness_median_hours"], told["points"][0]["lateness_p95_hours"]) == (2, 30)
    assert (told["total"]["lateness_median_hours"], told["total"]["lateness_p95_hours"]) == (30, 30)
    assert told["trend"][1]["lateness_median_hours"] == 240
    assert told["trend"][2]["lateness_median_hours"] is None


def test_points_of_one_operator_are_told_together():
    told = describe(TWO, counted([(0, 1, 23, 0, 0, 0)], [(1, 1, 7, 1)]), DAYS, "month")
    assert [(one["operator"], one["metering_points"], one["expected"]) for one in told["operators"]] == [
        ("", 1, 47),
        ("AT001000", 1, 71),
    ]
    assert told["operators"][0]["lateness_median_hours"] == 7
    assert told["operators"][1]["lateness_median_hours"] is None


def test_each_operator_has_a_course_of_its_own_that_adds_up_to_that_of_all():
    told = describe(TWO, counted([(0, 1, 23, 0, 0, 0)], [(1, 1, 7, 1)]), DAYS, "day")
    courses = [one["trend"] for one in told["operators"]]
    for index, whole in enumerate(told["trend"]):
        assert {course[index]["start"] for course in courses} == {whole["start"]}
        assert sum(course[index]["expected"] for course in courses) == whole["expected"]
    assert [course[1]["lateness_median_hours"] for course in courses] == [7, None]
    assert [course[1]["missing_ppm"] for course in courses] == [1_000_000, 0]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (AT, "AT001000"),
        ("DE0001234567890123456789012345678", "DE000123"),
        (ES, "ES0021"),
        (f"{ES}0F", "ES0021"),
        ("14512345678901", ""),
        ("ATX", ""),
        (None, ""),
    ],
)
def test_the_number_of_a_point_says_who_runs_its_meter_where_it_can(number, code):
    assert operator_code(number) == code


@pytest.mark.parametrize(
    ("step", "starts"),
    [
        ("day", ["2024-03-30", "2024-03-31", "2024-04-01"]),
        ("week", ["2024-03-30", "2024-04-01"]),
        ("month", ["2024-03-30", "2024-04-01"]),
    ],
)
def test_steps_begin_with_the_calendar(step, starts):
    told = describe(TWO, counted(), DAYS, step)
    assert [one["start"] for one in told["trend"]] == starts
    assert {len(point["cells"]) for point in told["points"]} == {len(starts)}


def test_too_many_cells_are_refused_with_what_to_do():
    many = Members(tuple(Point(f"p{index}") for index in range(700)))
    year = SettlementPeriod(date(2024, 1, 1), date(2025, 1, 1))
    with pytest.raises(InputError, match="longer step"):
        describe(many, counted(points=()), year, "day")
    assert describe(many, counted(points=()), year, "month")["total"]["expected"] == 700 * 366 * 24
    with pytest.raises(InputError, match="no step 'year'"):
        describe(many, counted(points=()), year, "year")


def test_counts_of_points_that_left_the_community_are_left_aside():
    told = describe(TWO, counted([(0, 0, 24, 0, 0, 0)], [(0, 0, 1, 24)], points=("gone",)), DAYS, "day")
    assert told["total"]["measured_ppm"] == 0
    assert told["total"]["lateness_median_hours"] is None
