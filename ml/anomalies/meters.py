"""Unusual days and failing meters of a community, within a budget of false alarms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.anomalies import Anomaly, AnomalyKind, check_budget
from backend.forecasting.reasons import tell_reason
from ml.anomalies.budget import conformal, discoveries, safe_threshold, surprise
from ml.anomalies.days import day_table, expect_days
from ml.anomalies.detectors import score_days
from ml.anomalies.features import day_figures
from ml.anomalies.reasons import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site
    from ml.anomalies.days import DayTable

    Values = NDArray[np.float64]

__all__ = ["HISTORY_DAYS_MIN", "find_in_meters"]

HISTORY_DAYS_MIN = 56
"""Fewer days before the span do not tell what is usual."""
_METER_DAYS_MIN = 100
_SILENT_HOURS = 14 * 24.0
_CALM_DAYS = 2  # between two alarms that are still one


def find_in_meters(
    meters: Mapping[str, Series], site: Site, start_utc: int, end_utc: int, budget: float, seed: int = 0
) -> list[Anomaly]:
    """Look at every civil day of a span.

    What is usual, and the threshold, are learned from all that was before the span; days after a day, or after the
    span, change nothing about it.

    Args:
        meters: Courses on one grid, with the history before the span, NaN where unknown; ``temperature`` [°C] among
            the inputs of the first is used where it is there. [W]
        site: Whose days they are.
        start_utc: [s since 1970, UTC]
        end_utc: Exclusive. [s since 1970, UTC]
        budget: False alarms accepted per meter and year. [1/year]
        seed: Of the forest and the autoencoder.

    Returns:
        Earliest first; days in a row are one finding.

    Raises:
        InputError: If the budget cannot be, grids differ, or fewer than 56 days, or 100 days of all meters together,
            are known before the span.
    """
    check_budget(budget)
    cut = {name: _until(series, end_utc) for name, series in meters.items()}
    table = day_table(cut, site)
    first = table.place(start_utc)
    history = np.arange(len(table.dates)) < first
    expected = expect_days(table)
    figures = day_figures(table, expected, history)
    usual = int((figures.judged & history[None, :]).sum())
    if first < HISTORY_DAYS_MIN or usual < _METER_DAYS_MIN:
        raise InputError(
            tell_reason(
                "short_meters",
                known=first,
                comparable=usual,
                needed=HISTORY_DAYS_MIN,
                comparable_needed=_METER_DAYS_MIN,
            )
        )
    scores = score_days(figures, history, seed)
    calibration = np.where(scores.usual, scores.joined, np.nan)
    alarms = (scores.joined > safe_threshold(calibration, budget)) & ~history[None, :]
    p_values = np.exp(-surprise(scores.joined, calibration))
    found = []
    for meter, name in enumerate(table.meters):
        for days in _episodes(np.flatnonzero(alarms[meter])):
            worst = int(days[np.argmax(scores.joined[meter, days])])
            told = tell(table, expected, scores.tails, meter, days, worst)
            begin, end = (int(table.starts_utc[at]) for at in (days[0], days[-1] + 1))
            p_value = float(p_values[meter, worst])
            found.append(Anomaly(told.kind, name, begin, end, p_value, told.reason, told.cause, told.figures))
    found += _silent(table, first, {one.element for one in found if one.kind is AnomalyKind.DEAD_METER})
    return sorted(
        _marked(found, int((figures.judged & ~history[None, :]).sum())),
        key=lambda one: (one.start_utc, one.element),
    )


def _until(series: Series, end_utc: int) -> Series:
    """Nothing after the span is looked at."""
    if end_utc >= series.end_utc:
        return series
    kept = max(0, (end_utc - series.start_utc) // series.step_seconds)
    return replace(series, values=series.values[:kept])


def _episodes(days: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Days with at most two calm ones between are one alarm."""
    if not days.size:
        return []
    return np.split(days, np.flatnonzero(np.diff(days) > _CALM_DAYS + 1) + 1)


def _silent(table: DayTable, first: int, told: set[str]) -> list[Anomaly]:
    """Meters that end the span at zero for two weeks or more, of which no day is left to compare with."""
    found = []
    for meter, name in enumerate(table.meters):
        hours = float(table.zero_hours[meter, -1])
        others = np.delete(table.zero_hours[:, -1], meter)
        alone = not others.size or float(np.median(others)) < _SILENT_HOURS / 2
        if name in told or hours < _SILENT_HOURS or not alone or first >= len(table.dates):
            continue
        longest = table.zero_hours[:, :first]
        p_value = float(conformal(np.array([hours]), longest[np.isfinite(longest)])[0])
        end = int(table.starts_utc[-1])
        begin = max(int(table.starts_utc[first]), end - int(hours * 3600))
        found.append(
            Anomaly(
                AnomalyKind.DEAD_METER,
                name,
                begin,
                end,
                p_value,
                f"It has shown exactly zero for {hours / 24:.0f} days and still does, while its neighbours draw: the "
                "meter may be dead, or nothing is connected any more.",
                "zero",
                {"zero_hours": hours},
            )
        )
    return found


def _marked(found: list[Anomaly], judged: int) -> list[Anomaly]:
    """With those marked that stand among all days judged, at most a tenth of them false."""
    p_values = np.ones(max(judged, len(found)))
    p_values[: len(found)] = [one.p_value for one in found]
    kept = discoveries(p_values)[: len(found)]
    return [replace(one, discovered=bool(mark)) for one, mark in zip(found, kept, strict=True)]
