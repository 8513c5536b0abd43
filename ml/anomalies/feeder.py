"""Meters that may be passed by, judged against the meter of their feeder.

What a feeder shows beyond its members' meters is losses, which grow with the square of the load, the meters' errors,
and what nobody meters. The losses are learned from the history; what is left has its usual course of the day. When it
rises, and stays, somebody's energy goes round a meter: its course is then held beside what each member's meter
**lacks** since (what it was expected to show by its own earlier days and the other members, less what it shows), and
beside what each meter still shows, for one that registers a part. The **confidence** is the posterior probability among
all members and "nobody's" (Schwarz's criterion with as many independent observations as the autocorrelation allows,
as in ``backend.grid.transformers.suspects``, whose signatures need no history).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.anomalies import Anomaly, AnomalyKind, check_budget
from backend.forecasting.reasons import tell_reason
from ml.anomalies.budget import DAYS_PER_YEAR, surprise, threshold
from ml.anomalies.days import HOURS, DayTable, day_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]

__all__ = ["HISTORY_DAYS_MIN", "Candidate", "find_bypasses"]

HISTORY_DAYS_MIN = 56
_ROUNDS = 20
_WEEK = 7
_WATTS = 1000.0
_NOBODY = ""
_COEFFICIENT_MAX = 3.0
_REFERENCE_DAYS = 28
_NOTABLE = 0.005  # of the feeder's load: half of what a meter of class 1 may be off
_TOUCHED = 0.25  # of the highest hour
_PART_MAX = 20.0
_FALLS_MIN = 2
_ODDS_MAX = 12.0
_FLOOR_SHARE = 1e-3  # of the squares: no member's course tells the rest, losses vary
_SURE = 0.5
_DAYS_MAX = 21


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may be behind what a feeder shows besides.

    Attributes:
        member: Metering point, empty for something that no member's course tells.
        follows: ``lacking``, ``shown``, ``shown_at_hours`` or ``hours``.
        coefficient: How many times that course. [1]
        confidence: Posterior probability among all candidates. [1]
    """

    member: str
    follows: str
    coefficient: float
    confidence: float


def find_bypasses(
    feeder: str,
    measured: Series,
    members: Mapping[str, Series],
    site: Site,
    start_utc: int,
    end_utc: int,
    budget: float,
) -> list[Anomaly]:
    """Look whether a feeder shows more than its members since some day of a span, and whose course that has.

    Args:
        feeder: Its id.
        measured: By its own meter, net. [W]
        members: By metering point, net, on the same grid. [W]
        site: Whose days they are.
        start_utc: [s since 1970, UTC]
        end_utc: Exclusive. [s since 1970, UTC]
        budget: False alarms accepted per feeder and year. [1/year]

    Returns:
        Earliest first: of the likeliest member, or of the feeder where no member stands out.

    Raises:
        InputError: If the budget cannot be, grids differ, or fewer than 56 days are known before the span.
    """
    check_budget(budget)
    kept = {feeder: measured, **members}
    cut = {name: _until(series, end_utc) for name, series in kept.items()}
    table = day_table(cut, site)
    first = table.place(start_utc)
    whole = np.asarray(np.isfinite(table.hours).all(axis=(0, 2)))
    if whole[:first].sum() < HISTORY_DAYS_MIN or len(cut) <= 1:
        raise InputError(
            tell_reason(
                "short_feeder",
                feeder=feeder,
                known=int(whole[:first].sum()),
                members=len(members),
                needed=HISTORY_DAYS_MIN,
            )
        )
    excess = _excess(table, whole, first)
    weekly = _trailing(excess.mean(axis=1), _WEEK)
    usual = np.where(np.arange(len(weekly)) < first, weekly, np.nan)
    told = surprise(weekly, usual)
    limit = max(
        threshold(np.where(np.isfinite(usual), told, np.nan)[None, :], budget),
        float(np.log(DAYS_PER_YEAR / budget)),
    )
    notable = _NOTABLE * float(np.median(np.abs(table.hours[0, :first][whole[:first]])))
    odd = (np.nan_to_num(told) > limit) & (np.nan_to_num(weekly) > notable)
    alarms = np.flatnonzero(odd & (np.arange(len(weekly)) >= first))
    found, begin = [], first
    for row in np.split(alarms, np.flatnonzero(np.diff(alarms) > _WEEK) + 1) if alarms.size else []:
        onset = _onset(excess.mean(axis=1), int(row[0]), begin)
        until = min(len(table.dates), max(int(row[0]) + 1, onset + _DAYS_MAX))
        days = onset + np.flatnonzero(whole[onset:until])
        candidates = _candidates(table, excess, days, onset)
        p_value = float(np.exp(-told[row].max()))
        found.append(_finding(feeder, table, excess, days, candidates, p_value))
        begin = int(row[-1]) + 1
    return found


def _until(series: Series, end_utc: int) -> Series:
    kept = max(0, min(len(series), (end_utc - series.start_utc) // series.step_seconds))
    return replace(series, values=series.values[:kept])


def _excess(table: DayTable, whole: NDArray[np.bool_], first: int) -> Values:
    """What the feeder shows beyond members, learned losses and its usual course of the day. Shape (D, 24). [W]"""
    residual = table.hours[0] - table.hours[1:].sum(axis=0)
    load = table.hours[1:].sum(axis=0) / _WATTS
    learn = whole.copy()
    learn[first:] = False
    parts = np.stack([np.ones(load.shape), load, load**2], axis=2)
    losses = parts @ _least_absolute(parts[learn].reshape(-1, 3), residual[learn].ravel())
    left = residual - losses
    middle = np.median(left[learn], axis=0)
    return np.asarray(np.where(whole[:, None], left - middle, np.nan))


def _least_absolute(inputs: Values, result: Values) -> Values:
    """Least absolute deviations by reweighting: a theft in the history must not become losses. Shape (k,)."""
    weights = np.ones(len(result))
    found = np.zeros(inputs.shape[1])
    scale = np.abs(inputs).max(axis=0) + 1e-12
    for _ in range(_ROUNDS):
        weighted = inputs / scale * weights[:, None]
        matrix = weighted.T @ (inputs / scale) + 1e-9 * np.eye(inputs.shape[1])
        found = np.linalg.solve(matrix, weighted.T @ result) / scale
        miss = np.abs(result - inputs @ found)
        weights = 1 / np.maximum(miss, 0.1 * float(np.median(miss)) + 1e-9)
    return np.asarray(found)


def _trailing(values: Values, count: int) -> Values:
    """Mean of the last known values where at least half of them are known. Shape (D,)."""
    found = np.full(len(values), np.nan)
    for day in range(len(values)):
        last = values[max(0, day - count + 1) : day + 1]
        known = np.isfinite(last)
        if known.sum() * 2 >= count:
            found[day] = last[known].mean()
    return found


def _onset(excess: Values, alarm: int, first: int) -> int:
    """Day from which on the excess is above its halfway level: the best step before an alarm."""
    begin = max(1, min(first, alarm - _REFERENCE_DAYS))
    window = np.nan_to_num(excess[begin : alarm + 1])
    best, place = -np.inf, alarm
    for at in range(1, len(window)):
        before, after = window[:at], window[at:]
        gain = before.size * before.mean() ** 2 + after.size * after.mean() ** 2
        if after.mean() > before.mean() and gain > best:
            best, place = gain, begin + at
    return max(place, first)


def _candidates(table: DayTable, excess: Values, days: NDArray[np.int64], onset: int) -> list[Candidate]:
    """All, likeliest first."""
    target = excess[days]
    by_hour = target.mean(axis=0)
    touched = by_hour > _TOUCHED * by_hour.max()
    lacking = _lacking(table, days, onset)
    dropped = _dropped(table, days, onset, touched, float(by_hour[touched].mean()))
    tried: list[tuple[str, str, float, float, int, float]] = []
    draws = np.nan_to_num(table.hours[1:, :onset].mean(axis=2)).mean(axis=1) > 0
    for place, name in enumerate(table.meters[1:]):
        if not draws[place]:  # what feeds in adds up with the others, and is passed by by nobody
            continue
        shown = table.hours[1 + place, days]
        for follows, coefficient, left, fitted in (
            ("lacking", *_scaled(target, lacking[place], 1.0), 1),
            ("shown", *_scaled(target, shown, _COEFFICIENT_MAX), 1),
            ("shown_at_hours", *_above_base(target, shown, touched), 4),
        ):
            tried.append((name, follows, coefficient, left, fitted, float(dropped[place])))
    flat = np.where(touched, target[:, touched].mean(), 0.0)
    tried.append((_NOBODY, "hours", 1.0, float(((target - flat) ** 2).sum()), 3, 0.0))
    tried.append((_NOBODY, "hours", 1.0, float(((target - by_hour) ** 2).sum()), HOURS, 0.0))
    independent = _independent(target.ravel())
    floor = _FLOOR_SHARE * float((target**2).sum()) + 1e-9
    criteria = np.array(
        [
            independent * np.log(left + floor) + fitted * np.log(max(independent, 2)) - 2 * odds
            for *_, left, fitted, odds in tried
        ]
    )
    weights = np.exp(-(criteria - criteria.min()) / 2)
    weights /= weights.sum()
    found = [
        Candidate(name, follows, coefficient, float(weight))
        for (name, follows, coefficient, *_), weight in zip(tried, weights, strict=True)
    ]
    return sorted(found, key=lambda one: -one.confidence)


def _scaled(target: Values, course: Values, most: float) -> tuple[float, float]:
    """How many times a course fits best, and the squares that it leaves."""
    square = float((course**2).sum())
    coefficient = float((course * target).sum()) / square if square > 0 else 0.0
    coefficient = min(max(coefficient, 0.0), most)
    return coefficient, float(((target - coefficient * course) ** 2).sum())


def _above_base(target: Values, shown: Values, touched: NDArray[np.bool_]) -> tuple[float, float]:
    """The same of what a meter shows above some base, at the hours at which the feeder shows more."""
    course = shown[:, touched]
    centred = course - course.mean()
    square = float((centred**2).sum())
    coefficient = float((centred * target[:, touched]).sum()) / square if square > 0 else 0.0
    coefficient = min(max(coefficient, 0.0), _PART_MAX)
    told = np.zeros(target.shape)
    told[:, touched] = target[:, touched].mean() + coefficient * centred
    return coefficient, float(((target - told) ** 2).sum())


def _dropped(
    table: DayTable, days: NDArray[np.int64], onset: int, touched: NDArray[np.bool_], excess: float
) -> Values:
    """How much likelier a member's own fall is if the excess is theirs. Shape (members,). [logarithm of odds]

    Falls are those of the mean at the hours touched, from four weeks before the onset, the others' median taken off;
    how wide they spread is learned from spans of the same length in the history.
    """
    count, at_hours = len(days), table.hours[1:, :, touched].mean(axis=2)
    gaps = range(_REFERENCE_DAYS, max(onset - count + 1, _REFERENCE_DAYS), max(1, count // 2))
    falls = [_falls(at_hours, np.arange(at, at + count), at) for at in gaps]
    now = _falls(at_hours, days, onset)
    level = np.nan_to_num(np.nanmean(np.abs(at_hours[:, max(0, onset - _REFERENCE_DAYS) : onset]), axis=1))
    wide = 0.15 * level + 0.02 * abs(excess) + 1.0
    if len(falls) > _FALLS_MIN:
        wide = np.hypot(wide, np.sqrt((np.stack(falls) ** 2).mean(axis=0)))
    odds = (now**2 - (now - excess) ** 2) / (2 * wide**2)
    return np.asarray(np.clip(odds, -_ODDS_MAX, _ODDS_MAX))


def _falls(at_hours: Values, days: NDArray[np.int64], onset: int) -> Values:
    before = np.nan_to_num(np.nanmean(at_hours[:, max(0, onset - _REFERENCE_DAYS) : onset], axis=1))
    after = np.nan_to_num(np.nanmean(at_hours[:, days], axis=1))
    moved = np.median((after + 1.0) / (np.abs(before) + 1.0))
    return np.asarray(before * np.clip(moved, 0.5, 2.0) - after)


def _independent(target: Values) -> float:
    """Independent observations among hours that resemble the one before. [1]"""
    centred = target - target.mean()
    square = float(centred @ centred)
    likeness = 0.0 if square <= 0 else min(max(float(centred[1:] @ centred[:-1]) / square, 0.0), 0.98)
    return max(len(target) * (1 - likeness) / (1 + likeness), len(target) / HOURS)


def _lacking(table: DayTable, days: NDArray[np.int64], onset: int) -> Values:
    """What each member was expected to show, less what it shows. Shape (members, days, 24). [W]

    Expected is the mean of the last four weeks before the onset by kind of day, moved as the other members moved.
    """
    before = np.arange(max(0, onset - _REFERENCE_DAYS), onset)
    expected = np.empty((len(table.meters) - 1, len(days), HOURS))
    for kind in (False, True):
        here = table.is_rest[days] == kind
        chosen = before[table.is_rest[before] == kind]
        chosen = chosen if chosen.size >= 3 else before  # noqa: PLR2004 -- fewer tell nothing of their kind
        past = table.hours[1:, chosen]
        known = np.isfinite(past)
        mean = np.where(known, past, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        expected[:, here] = mean[:, None]
    shown = table.hours[1:, days]
    ratio = shown.mean(axis=2) / np.maximum(np.abs(expected).mean(axis=2), 1.0)
    moved = np.clip(np.median(ratio, axis=0), 0.5, 2.0)
    return np.asarray(np.maximum(expected * moved[None, :, None] - shown, 0.0))


def _finding(
    feeder: str,
    table: DayTable,
    excess: Values,
    days: NDArray[np.int64],
    candidates: list[Candidate],
    p_value: float,
) -> Anomaly:
    best = candidates[0]
    mean, energy = float(excess[days].mean()), float(excess[days].sum()) / _WATTS
    by_hour = excess[days].mean(axis=0)
    first = int(np.argmax([np.roll(by_hour, -hour)[:6].sum() for hour in range(HOURS)]))
    day = table.dates[int(days[0])]
    words = (
        f"Since {day.day} {day:%B %Y} feeder {feeder} shows {mean / _WATTS:.2f} kW more than its members and usual "
        f"losses ({energy:.0f} kWh until {table.dates[int(days[-1])]:%d.%m.%Y}), most from {first} to "
        f"{(first + 6) % HOURS} h. "
    )
    sure = best.confidence >= _SURE and best.follows != "hours"
    told = {
        "lacking": f"That has the course of what {best.member}'s meter lacks since, beside its earlier days",
        "shown": f"It follows what {best.member}'s meter shows, as if that registered {1 / (1 + best.coefficient):.0%}",
        "shown_at_hours": f"At those hours it follows what {best.member}'s meter shows above its base, as if that "
        f"registered {1 / (1 + best.coefficient):.0%}",
        "hours": "It follows the hours of the day and no member: something that no meter is for",
    }
    nobody = "No member's course stands out: look at the feeder as a whole; the likeliest has little"
    words += told[best.follows] if sure or best.follows == "hours" else nobody
    words += f" (confidence {best.confidence:.0%})."
    return Anomaly(
        AnomalyKind.BYPASS,
        best.member if sure else feeder,
        int(table.starts_utc[days[0]]),
        int(table.starts_utc[days[-1] + 1]),
        p_value,
        words,
        best.follows,
        {
            "excess_watts": mean,
            "excess_kilowatt_hours": energy,
            "confidence": best.confidence,
            "coefficient": best.coefficient if sure else 0.0,
            "first_hour": float(first),
        },
    )
