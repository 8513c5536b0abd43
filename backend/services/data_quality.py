"""How complete, how late and how often estimated a community's readings are: by point, by grid operator, over time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.metering import Quality
from backend.metering.points import mark_active_days
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import Community
    from backend.ports.reading_quality import DailyCounts
    from backend.quantities import SettlementPeriod

__all__ = ["CELLS_MAX", "STEPS", "describe_quality", "operator_code"]

STEPS = ("day", "week", "month")
CELLS_MAX = 60_000
DAYS_MAX = 1_100
_EPOCH = date(1970, 1, 1)
_NOT_KNOWN = ""
_NONE = -1
# The one who runs the meter is named by the number's beginning: in Austria and Germany two letters and six digits of 33
# characters (Zählpunktbezeichnung: E-Control, Sonstige Marktregeln; VDE-AR-N 4400), in Spain two letters and the four
# digits of the distributor (CUPS: RD 1435/2002, Disposición adicional).
_CODES = (
    re.compile(r"((?:AT|DE)[0-9]{6})[0-9A-Z]{25}"),
    re.compile(r"(ES[0-9]{4})[0-9]{12}[A-Z]{2}(?:[0-9][FPRCXYZ])?"),
)
_LATE_SHARES_PPM = (500_000, 950_000)


def operator_code(external_id: str | None) -> str:
    """Who runs a meter, by the number of its metering point; empty where the number does not say."""
    for pattern in _CODES:
        match = pattern.fullmatch(external_id or _NOT_KNOWN)
        if match:
            return match[1]
    return _NOT_KNOWN


@dataclass(frozen=True)
class _Grid:
    """Counts by point and day. ``expected`` has shape (points, days), ``counts`` (points, days, 4)."""

    expected: NDArray[np.int64]
    counts: NDArray[np.int64]


def describe_quality(
    community: Community, counted: DailyCounts, days: SettlementPeriod, step: str
) -> dict[str, Any]:
    """Shares of what is expected: all active days' intervals of every point.

    Args:
        community: Its members say what is expected.
        counted: What is stored of these days.
        days: The civil days.
        step: What a cell of a point and a step of the trend is: one of ``STEPS``.

    Returns:
        ``total``, ``operators``, ``trend`` and ``points``, each with ``expected`` intervals, shares in ppm and the
        lateness that half and 95 % of the readings keep [h]; ``operators`` with a ``trend`` of their own; ``points``
        with a list ``cells``, an item per step: the shares measured (the operator's substitutes among them), estimated
        and missing [ppm], None where nothing is expected.

    Raises:
        InputError: If the days are too many for the step.
    """
    if step not in STEPS:
        raise InputError(f"There is no step {step!r}; use one of {', '.join(STEPS)}.")
    starts = _steps(days, step)
    points = community.metering_points
    if days.days > DAYS_MAX or len(starts) * len(points) > CELLS_MAX:
        raise InputError(
            f"{days.days} days of {len(points)} points by the {step} are too many cells; ask for fewer days or a "
            "longer step."
        )
    grid = _lay_out(community, counted, days)
    of_day = (
        np.searchsorted(
            [(one - _EPOCH).days for one in starts], np.arange(days.id, days.id + days.days), "right"
        )
        - 1
    )
    late_step = of_day[counted.late_day - days.id]
    place = {point.id: index for index, point in enumerate(points)}
    late_point = np.array([place.get(name, _NONE) for name in counted.metering_points], dtype=np.int64)[
        counted.late_point
    ]
    operators = [operator_code(point.external_id) for point in points]
    known = sorted(set(operators))
    by_operator = np.array([known.index(code) for code in operators], dtype=np.int64)
    ours = late_point != _NONE

    def sums(
        mask_points: NDArray[np.bool_], mask_days: NDArray[np.bool_], late: NDArray[np.bool_]
    ) -> dict[str, Any]:
        chosen = np.ix_(mask_points, mask_days)
        return {
            **_shares(int(grid.expected[chosen].sum()), grid.counts[chosen].sum(axis=(0, 1))),
            **_lateness(counted.late_hours[late & ours], counted.late_count[late & ours]),
        }

    def trend(mask_points: NDArray[np.bool_], late: NDArray[np.bool_]) -> list[dict[str, Any]]:
        return [
            {"start": one.isoformat()} | sums(mask_points, of_day == index, late & (late_step == index))
            for index, one in enumerate(starts)
        ]

    every_point, every_day = np.ones(len(points), np.bool_), np.ones(days.days, np.bool_)
    every_late = np.ones(len(counted.late_day), np.bool_)
    of_operator = [(by_operator == index, by_operator[late_point] == index) for index in range(len(known))]
    return {
        "total": sums(every_point, every_day, every_late),
        "operators": [
            {"operator": code, "metering_points": operators.count(code)}
            | sums(mine, every_day, late)
            | {"trend": trend(mine, late)}
            for code, (mine, late) in zip(known, of_operator, strict=True)
        ],
        "trend": trend(every_point, every_late),
        "points": [
            {
                "metering_point": point.id,
                "number": point.external_id or "",
                "operator": operators[index],
                "direction": "feed_in" if point.direction else "consumption",
                **sums(np.arange(len(points)) == index, every_day, late_point == index),
                "cells": _cells(grid, index, of_day, len(starts)),
            }
            for index, point in enumerate(points)
        ],
    }


def _lay_out(community: Community, counted: DailyCounts, days: SettlementPeriod) -> _Grid:
    """Counts beside what is expected."""
    points = community.metering_points
    calendar = PeriodCalendar(days, community.time_zone, community.resolution_minutes)
    active = mark_active_days(points, days)
    expected = active.astype(np.int64) * np.array(calendar.intervals_per_day, dtype=np.int64)
    counts = np.zeros((len(points), days.days, len(Quality)), dtype=np.int64)
    place = {point.id: index for index, point in enumerate(points)}
    rows = np.array([place.get(name, _NONE) for name in counted.metering_points], dtype=np.int64)[
        counted.point
    ]
    here = rows != _NONE
    np.add.at(
        counts, (rows[here], counted.day[here] - days.id), counted.counts[here]
    )  # a day may lie in two months
    return _Grid(expected, counts * active[:, :, None])


def _shares(expected: int, counts: NDArray[np.int64]) -> dict[str, Any]:
    """Shares of the expected intervals; what is not there at all is missing. [ppm]"""
    there = {
        quality: int(counts[quality]) for quality in (Quality.MEASURED, Quality.ESTIMATED, Quality.EDITED)
    }
    there[Quality.MISSING] = max(expected - sum(there.values()), 0)
    base = max(expected, 1)
    return {
        "expected": expected,
        **{
            f"{quality.name.lower()}_ppm": PARTS_PER_MILLION * count // base
            for quality, count in there.items()
        },
    }


def _lateness(hours: NDArray[np.int64], count: NDArray[np.int64]) -> dict[str, Any]:
    """Within how many hours half of the readings came, and 95 % of them; None without any."""
    total = int(count.sum())
    names = ("lateness_median_hours", "lateness_p95_hours")
    if not total:
        return dict.fromkeys(names)
    order = np.argsort(hours, kind="stable")
    passed = np.cumsum(count[order])
    due = [-(-total * share // PARTS_PER_MILLION) for share in _LATE_SHARES_PPM]
    return {
        name: int(hours[order][int(np.searchsorted(passed, rank))])
        for name, rank in zip(names, due, strict=True)
    }


def _cells(grid: _Grid, point: int, of_day: NDArray[np.int64], steps: int) -> list[list[int] | None]:
    told: list[list[int] | None] = []
    for index in range(steps):
        expected = int(grid.expected[point][of_day == index].sum())
        if not expected:
            told.append(None)
            continue
        shares = _shares(expected, grid.counts[point][of_day == index].sum(axis=0))
        told.append(
            [shares["measured_ppm"] + shares["edited_ppm"], shares["estimated_ppm"], shares["missing_ppm"]]
        )
    return told


def _steps(days: SettlementPeriod, step: str) -> list[date]:
    """First day of each step, the first of them cut to the span."""
    starts = [days.first]
    for offset in range(1, days.days):
        day = days.first + timedelta(days=offset)
        begins = step == "day" or (day.weekday() == 0 if step == "week" else day.day == 1)
        if begins:
            starts.append(day)
    return starts
