"""Charging in five Norwegian garages day ahead, beside the week before and the spread of the last four weeks.

Each garage's last three months are forecast from every midnight by a model that is fitted anew each month. The energy
of an hour is what sessions charged if each began at once at its user's power: sessions tell no more than the sum. The
number of cars is exact.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.forecasting import LEVELS, Site, WeatherSource
from backend.forecasting.charging import Sessions, cars_present, energy_charged
from backend.forecasting.scores import coverage, mean_pinball_loss
from ml.evaluation.benches.home_data import needed
from ml.evaluation.benches.score import Score
from ml.evaluation.benches.session_files import read_session_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["GARAGES", "NORWAY", "judge_garage", "measure"]

NORWAY = Site("Europe/Oslo", "NO")
_MIDNIGHTS = ZoneInfo("Europe/Oslo")
GARAGES = {
    "ASK": ("2019-11-01", "2020-02-01"),
    "OSL_S": ("2019-11-01", "2020-02-01"),
    "OSL_T": ("2020-12-28", "2021-03-28"),
    "TRO": ("2019-11-01", "2020-02-01"),
    "TRO_R": ("2019-11-01", "2020-01-31"),
}
"""First and last day, without it, that is forecast."""
_REFIT_DAYS = 30
_DAY = 24
_WEEKS = 4


@dataclass(frozen=True)
class Judged:
    """Mean pinball of one garage and quantity, ours and the rivals', and the share in our 80 % band."""

    ours: float
    week: float
    spread: float
    inside: float


def measure(data: Path) -> list[Score]:
    """Pinball of energy and of cars, mean over the garages.

    Raises:
        InputError: If the file is missing.
    """
    places = read_session_file(needed(data / "ev_norway12" / "Dataset1_charging_reports.csv.gz"))
    found: dict[str, list[Judged]] = {"energy [kWh/h]": [], "cars [1]": []}
    seconds = 0.0
    for name, (first, end) in GARAGES.items():
        judged, spent = judge_garage(places[name], _midnight(first), _midnight(end))
        seconds += spent
        for what, one in zip(found, judged, strict=True):
            found[what].append(one)
    return [
        Score(
            f"5 garages, {what.split(' ')[0]} day ahead",
            f"pinball {what.split(' ')[1]}",
            float(np.mean([one.ours for one in rows])),
            {
                "seasonal naive": float(np.mean([one.week for one in rows])),
                "spread of four weeks": float(np.mean([one.spread for one in rows])),
            },
            None,
            WeatherSource.NONE,
            seconds,
            note=f"three months, fitted anew every {_REFIT_DAYS} days; better than both in "
            f"{sum(one.ours < min(one.week, one.spread) for one in rows)} of {len(rows)}; 80 % band holds "
            f"{np.mean([one.inside for one in rows]):.1%}; twice the pinball estimates the CRPS",
        )
        for what, rows in found.items()
    ]


def _midnight(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=_MIDNIGHTS).astimezone(UTC).timestamp())


def judge_garage(sessions: Sessions, first_utc: int, end_utc: int) -> tuple[list[Judged], float]:
    """Energy, then cars, of the days from one midnight to another; and seconds of fitting."""
    from ml.models.charging import ChargingModel

    origins = list(range(first_utc, end_utc - _DAY * 3600 + 1, _DAY * 3600))
    made, seconds, fitted = [], 0.0, None
    for number, origin in enumerate(origins):
        if fitted is None or number % _REFIT_DAYS == 0:
            begin = time.perf_counter()
            fitted = ChargingModel().fit(sessions, NORWAY, origin)
            seconds += time.perf_counter() - begin
        made.append(fitted.forecast(sessions, origin, _DAY))
    begins = int(sessions.arrived_utc[0])
    start = begins - (begins - first_utc) % (_DAY * 3600)
    length = (first_utc - start) // 3600 + _DAY * len(origins)
    whole = (
        energy_charged(sessions, sessions.powers(), start, 3600, length),
        cars_present(sessions, start, 3600, length),
    )
    ours = (
        np.concatenate([one.energy.quantiles for one in made], axis=1),
        np.concatenate([one.cars.quantiles for one in made], axis=1),
    )
    place = (first_utc - start) // (_DAY * 3600)
    return [
        _judge(course.reshape(-1, _DAY), place, quantiles)
        for course, quantiles in zip(whole, ours, strict=True)
    ], seconds


def _judge(days: Values, place: int, ours: Values) -> Judged:
    """Days of a garage from its first on, of which those from a place on are forecast."""
    actual = days[place : place + ours.shape[1] // _DAY].ravel()
    misses = days[7:] - days[:-7]
    week, spread = [], []
    for day in range(place, place + ours.shape[1] // _DAY):
        week.append(np.maximum(days[day - 7] + np.quantile(misses[: day - 7], LEVELS, axis=0), 0.0))
        spread.append(np.quantile(days[day - 7 * _WEEKS : day], LEVELS, axis=0))
    return Judged(
        mean_pinball_loss(actual, ours),
        mean_pinball_loss(actual, np.concatenate(week, axis=1)),
        mean_pinball_loss(actual, np.concatenate(spread, axis=1)),
        coverage(actual, ours[1], ours[-2]),
    )
