"""How good forecasts were: sums by lead and hour that are kept, and figures that are told of them.

A forecast is held against what is known now, beside the seasonal naive that could have been made from the same origin.
Sums add up over forecasts, so that any span, lead and group is told from what is kept, without making anything anew.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS
from backend.forecasting.packing import unpack_values
from backend.forecasting.scores import pinball_losses, shares_below
from backend.forecasting.yardstick import seasonal_naive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Series
    from backend.ports.forecast_records import ForecastRecord, ForecastScoreRecord

    Values = NDArray[np.float64]

__all__ = ["LEADS_HOURS", "daily_losses", "score_figures", "tell_scores"]

LEADS_HOURS = (0, 1, 3, 6, 12, 24, 48, 96, 168)
"""Bounds of the spans of lead by which accuracy is told. [h]"""

_PARTS = ("night", "morning", "midday", "evening")
_PART_BEGINS = (0, 6, 10, 16)  # [h]
_SATURDAY = 5
_BAND = (LEVELS.index(0.1), LEVELS.index(0.9))
_DAY_HOURS = 24
_NINETY = 1.6448536269514722  # standard deviations that 90 % lie within
# What a row of sums holds after its three keys.
_SUMS = ("count", "abs", "square", "pinball", "naive_abs", "naive_pinball", "inside", "share", "shares")
_KEYS = 3


def score_figures(
    record: ForecastRecord, series: Series, time_zone: str
) -> tuple[int, dict[str, Any]] | None:
    """Hold a forecast against what is known.

    Args:
        record: The forecast.
        series: What was measured, before the origin too: the naive forecast is made of it.
        time_zone: Whose hours the groups are.

    Returns:
        How many intervals are known, and the sums; None where none is known.
    """
    place = series.place(record.origin_utc)
    actual = series.values[place : place + record.length]
    actual = np.concatenate([actual, np.full(record.length - len(actual), np.nan)])
    known = np.isfinite(actual)
    if not known.any():
        return None
    mean, quantiles = unpack_values(record.values, record.length)
    try:
        naive = seasonal_naive(series, record.origin_utc, record.length)
    except InputError:
        return None
    columns = _columns(actual, mean, quantiles, naive.mean, naive.quantiles)[:, known]
    keys, days, names = _keys(record.origin_utc, record.step_seconds, record.length, time_zone)
    keys, days = keys[known], days[known]
    cells, cell_of = np.unique(keys, axis=0, return_inverse=True)
    sums = np.zeros((len(cells), len(columns)))
    np.add.at(sums, cell_of.ravel(), columns.T)
    near = keys[:, 0] < LEADS_HOURS.index(_DAY_HOURS)
    by_day = np.zeros((len(names), len(_SUMS)))
    np.add.at(by_day, days[near], columns[: len(_SUMS), near].T)
    return int(known.sum()), {
        "rows": [[*cell, *map(_short, row)] for cell, row in zip(cells.tolist(), sums.tolist(), strict=True)],
        "days": {
            name: [_short(one) for one in row]
            for name, row in zip(names, by_day.tolist(), strict=True)
            if row[0]
        },
    }


def _columns(
    actual: Values, mean: Values, quantiles: Values, naive_mean: Values, naive_quantiles: Values
) -> Values:
    """What is summed, by ``_SUMS``, then what is below each level. Shape (S + L, H)."""
    error = np.abs(actual - mean)
    below = shares_below(actual, quantiles)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(actual > 0, error / actual, 0.0)  # what is zero or given back has no percentage
    return np.vstack(
        [
            np.ones(len(actual)),
            error,
            error**2,
            pinball_losses(actual, quantiles).mean(axis=0),
            np.abs(actual - naive_mean),
            pinball_losses(actual, naive_quantiles).mean(axis=0),
            below[_BAND[1]] - below[_BAND[0]],
            share,
            actual > 0,
            below,
        ]
    )


@lru_cache(maxsize=512)
def _keys(
    origin_utc: int, step_seconds: int, length: int, time_zone: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
    """Span of lead, part of the day and weekend of every interval, shape (H, 3); its local date, of those named."""
    zone = ZoneInfo(time_zone)
    ends = step_seconds * np.arange(1, length + 1) / 3600
    local = [
        datetime.fromtimestamp(origin_utc + step_seconds * at, UTC).astimezone(zone) for at in range(length)
    ]
    leads = np.searchsorted(LEADS_HOURS, ends, "left") - 1
    parts = np.searchsorted(_PART_BEGINS, [at.hour for at in local], "right") - 1
    weekend = [at.weekday() >= _SATURDAY for at in local]
    names, days = np.unique([at.date().isoformat() for at in local], return_inverse=True)
    keys = np.column_stack([leads, parts, np.array(weekend, dtype=np.int64)]).astype(np.int64)
    return keys, days.astype(np.int64), tuple(map(str, names))


def _add(into: dict[Any, list[float]], key: Any, values: Values) -> None:
    kept = into.get(key)
    into[key] = (
        values.tolist() if kept is None else [a + b for a, b in zip(kept, values.tolist(), strict=True)]
    )


def _short(value: float) -> float:
    """Seven figures are kept; whole numbers stay whole."""
    return int(value) if value == int(value) else float(f"{value:.7g}")


def tell_scores(scores: Sequence[ForecastScoreRecord]) -> dict[str, Any]:
    """Figures of some kept scores, all of one subject and target.

    Returns:
        ``overall``, ``leads``, ``groups``, ``reliability`` and ``course``, JSON-ready; figures that cannot be told are
        None. ``skill`` is one less the MAE by the seasonal naive's, ``skill_pinball`` the same of pinball losses.
    """
    rows = np.array([row for score in scores for row in score.figures["rows"]], dtype=np.float64)
    keys, sums = rows[:, :_KEYS].astype(np.int64), rows[:, _KEYS:]
    groups: list[tuple[str, Callable[[], NDArray[np.bool_]]]] = [
        *((name, lambda place=place: keys[:, 1] == place) for place, name in enumerate(_PARTS)),
        ("weekday", lambda: keys[:, 2] == 0),
        ("weekend", lambda: keys[:, 2] == 1),
    ]
    return {
        "overall": _figures(sums.sum(axis=0)),
        "leads": [
            {"from_hours": low, "to_hours": high, **_figures(sums[keys[:, 0] == place].sum(axis=0))}
            for place, (low, high) in enumerate(pairwise(LEADS_HOURS))
            if (keys[:, 0] == place).any()
        ],
        "groups": [
            {"group": name, **_figures(sums[choose()].sum(axis=0))}
            for name, choose in groups
            if choose().any()
        ],
        "reliability": _reliability(sums.sum(axis=0), len({score.origin_utc for score in scores})),
        "course": _course(scores),
    }


def _figures(sums: Values) -> dict[str, Any]:
    """Of summed columns."""
    total = dict(zip(_SUMS, sums.tolist(), strict=False))
    count = total["count"]

    def by(name: str, other: str) -> float | None:
        return 1 - total[name] / total[other] if total[other] > 0 else None

    return {
        "intervals": int(count),
        "mae": total["abs"] / count,
        "rmse": math.sqrt(total["square"] / count),
        "pinball": total["pinball"] / count,
        "mape_pct": 100 * total["share"] / total["shares"] if total["shares"] == count else None,
        "naive_mae": total["naive_abs"] / count,
        "naive_pinball": total["naive_pinball"] / count,
        "skill": by("abs", "naive_abs"),
        "skill_pinball": by("pinball", "naive_pinball"),
        "coverage_80": total["inside"] / count,
    }


def _reliability(sums: Values, origins: int) -> dict[str, Any]:
    """The diagram, with where nine in ten diagrams of a calibrated forecast are: each origin counts as one draw."""
    levels = np.asarray(LEVELS)
    observed = sums[len(_SUMS) :] / sums[0]
    spread = _NINETY * np.sqrt(levels * (1 - levels) / max(origins, 1))
    return {
        "levels": list(LEVELS),
        "observed": observed.tolist(),
        "expected_low": np.clip(levels - spread, 0, 1).tolist(),
        "expected_high": np.clip(levels + spread, 0, 1).tolist(),
        "effective": origins,
    }


def _course(scores: Iterable[ForecastScoreRecord]) -> list[dict[str, Any]]:
    """A day ahead, by local civil day, the oldest first."""
    days: dict[str, list[float]] = {}
    for score in scores:
        for day, sums in score.figures["days"].items():
            _add(days, day, np.asarray(sums, dtype=np.float64))
    told = ("mae", "pinball", "naive_mae", "naive_pinball", "coverage_80", "intervals")
    found = []
    for day, sums in sorted(days.items()):
        figures = _figures(np.asarray(sums))
        found.append({"day": day, **{name: figures[name] for name in told}})
    return found


def daily_losses(scores: Iterable[ForecastScoreRecord], whole: int) -> dict[str, float]:
    """Mean pinball loss a day ahead by local civil day, of days with so many intervals scored at least.

    Args:
        scores: Of one subject and target.
        whole: Intervals that make a day count. [1]
    """
    return {one["day"]: float(one["pinball"]) for one in _course(scores) if one["intervals"] >= whole}
