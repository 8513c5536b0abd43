"""What a model's card says: what it learned from, how good it was by lead and by group, and where it ends.

Everything in it is JSON-ready and named, so that a page can say it in any language.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.forecasting import LEVELS
from backend.forecasting.scores import mean_absolute_error, mean_pinball_loss, reliability

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site
    from ml.evaluation.backtest import Backtest

__all__ = ["LEADS_HOURS", "accuracy_of", "describe_training"]

LEADS_HOURS = (1, 3, 6, 12, 24, 48, 96, 168)
"""Ends of the spans of lead by which accuracy is told. [h]"""

_SECONDS_PER_HOUR = 3600
_SEASONS = ("winter", "spring", "summer", "autumn")
_SATURDAY = 5


def describe_training(series: Series, until_utc: int) -> dict[str, Any]:
    """From which values a model learned."""
    known = series.values[: series.place(until_utc)]
    measured = int(np.isfinite(known).sum())
    return {
        "from_utc": series.start_utc,
        "until_utc": until_utc,
        "step_seconds": series.step_seconds,
        "intervals": len(known),
        "known_intervals": measured,
        "unit": series.unit,
        "inputs": sorted(series.inputs),
    }


def accuracy_of(tested: Backtest, naive: Backtest, site: Site) -> dict[str, Any]:
    """How good forecasts were, beside the seasonal naive's from the same origins.

    Args:
        tested: The model's.
        naive: The seasonal naive's, of the same origins and length.
        site: Whose hours, weekdays and seasons the groups are.

    Returns:
        ``origins``, ``weather``, ``fallbacks``, ``by_lead``, ``by_hour``, ``by_day``, ``by_season`` (rows of ``mae``,
        ``pinball``, ``coverage_80``, ``naive_mae``, ``naive_pinball``, ``skill``, ``count``), ``reliability`` and
        ``overall``; unknown figures are None.
    """
    assert np.array_equal(tested.origins_utc, naive.origins_utc)
    fallbacks = sum(name != tested.models[0] for name in tested.models)
    return {
        "origins": len(tested.origins_utc),
        "first_origin_utc": int(tested.origins_utc[0]),
        "last_origin_utc": int(tested.origins_utc[-1]),
        "weather": tested.weather.value,
        "fallbacks": fallbacks,
        "overall": _row(tested, naive, None),
        "by_lead": _by_lead(tested, naive),
        **_by_group(tested, naive, site),
        "reliability": _reliability(tested),
    }


def _by_lead(tested: Backtest, naive: Backtest) -> list[dict[str, Any]]:
    rows = []
    before = 0
    for hours in LEADS_HOURS:
        span = (before * _SECONDS_PER_HOUR, hours * _SECONDS_PER_HOUR)
        if (tested.within(*span).actual.size) > 0:
            row = _row(tested.within(*span), naive.within(*span), None)
            rows.append({"from_hours": before, "to_hours": hours, **row})
        before = hours
    return rows


def _by_group(tested: Backtest, naive: Backtest, site: Site) -> dict[str, list[dict[str, Any]]]:
    local = _local(tested, site)
    south = site.latitude < 0
    groups: dict[str, tuple[Callable[[datetime], Any], list[Any]]] = {
        "by_hour": (lambda at: at.hour, list(range(24))),
        "by_day": (lambda at: "weekend" if at.weekday() >= _SATURDAY else "weekday", ["weekday", "weekend"]),
        "by_season": (lambda at: _SEASONS[(at.month % 12 // 3 + 2 * south) % 4], list(_SEASONS)),
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for name, (key, values) in groups.items():
        keys = np.array([key(at) for at in local.ravel()]).reshape(local.shape)
        rows = [(value, keys == value) for value in values]
        found[name] = [
            {"group": value, **_row(tested, naive, chosen)} for value, chosen in rows if chosen.any()
        ]
    return found


def _local(tested: Backtest, site: Site) -> NDArray[np.object_]:
    """Local start of every interval that was forecast. Shape (N, H)."""
    zone = ZoneInfo(site.time_zone)
    starts = tested.origins_utc[:, np.newaxis] + tested.leads[np.newaxis, :] - tested.step_seconds
    flat = [datetime.fromtimestamp(int(start), UTC).astimezone(zone) for start in starts.ravel()]
    local = np.empty(len(flat), dtype=object)
    local[:] = flat
    return local.reshape(starts.shape)


def _row(tested: Backtest, naive: Backtest, chosen: NDArray[np.bool_] | None) -> dict[str, Any]:
    """Scores of some intervals; both forecasts are judged by the same ones."""
    actual, mean, quantiles = tested.flat()
    _, naive_mean, naive_quantiles = naive.flat()
    if chosen is not None:
        actual = np.where(chosen.ravel(), actual, np.nan)
    pinball, naive_pinball = mean_pinball_loss(actual, quantiles), mean_pinball_loss(actual, naive_quantiles)
    below = reliability(actual, quantiles)
    return {
        "count": int(np.isfinite(actual).sum()),
        "mae": _told(mean_absolute_error(actual, mean)),
        "pinball": _told(pinball),
        "coverage_80": _told(float(below[LEVELS.index(0.9)] - below[LEVELS.index(0.1)])),
        "naive_mae": _told(mean_absolute_error(actual, naive_mean)),
        "naive_pinball": _told(naive_pinball),
        "skill": _told(1 - pinball / naive_pinball if naive_pinball > 0 else math.nan),
    }


def _reliability(tested: Backtest) -> list[dict[str, Any]]:
    actual, _, quantiles = tested.flat()
    observed = reliability(actual, quantiles)
    return [{"level": level, "observed": _told(share)} for level, share in zip(LEVELS, observed, strict=True)]


def _told(figure: float) -> float | None:
    return float(figure) if math.isfinite(figure) else None
