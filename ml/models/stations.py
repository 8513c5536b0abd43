"""Which weather stations explain a load, and in what mix; and what the weather may be where nobody knows it.

A zone's homes stand under no single station. Stations are ranked by how well each alone tells the load of weeks that
were not learned from, and the mean of the best few is taken, as many as tell those weeks best (Hong, Wang and White
2015, International Journal of Forecasting 31, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from ml.features.weather import moving_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.features.calendar import Calendar

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["StationChoice", "choose_stations", "mixed", "weather_scenarios"]

STATIONS_MAX = 200
_SLOTS_TRIED = 6
_ROWS_MIN = 40
_KNOT_DAYS = 60.0
_PENALTY = 0.5
_YEAR_DAYS = 365
_SHIFTS_DAYS = tuple(range(-21, 22, 3))
_ANOMALY_HOURS = 36.0


@dataclass(frozen=True)
class StationChoice:
    """Stations that are averaged for a load.

    Attributes:
        chosen: Places of the stations in the table, the best first.
        errors: Root mean square error of held-out weeks by each station alone. Shape (S,). [unit of the load]
        error: By the mix. [unit of the load]
    """

    chosen: tuple[int, ...]
    errors: Values
    error: float


def choose_stations(load: Values, temperatures: Values, calendar: Calendar) -> StationChoice:
    """Choose by held-out weeks: even weeks are told from odd ones and the other way round.

    Args:
        load: NaN where unknown. Shape (T,).
        temperatures: A row per station, NaN where unknown. Shape (S, T).
        calendar: Of the same intervals.

    Raises:
        InputError: If there is no station, too many, or too little load with weather beside it.
    """
    if not 0 < len(temperatures) <= STATIONS_MAX:
        raise InputError(
            f"there are {len(temperatures)} weather stations; give one at least, {STATIONS_MAX} at most."
        )
    trial = _Trial.of(load, calendar)
    errors = np.array([trial.error(station) for station in temperatures])
    if not np.isfinite(errors).any():
        raise InputError(
            f"no station has weather beside {_ROWS_MIN} known loads of any hour tried; give a longer history."
        )
    order = [int(place) for place in np.argsort(errors, kind="stable") if np.isfinite(errors[place])]
    best, count = float(errors[order[0]]), 1
    for more in range(2, len(order) + 1):
        error = trial.error(mixed(temperatures[order[:more]]))
        if error < best:
            best, count = error, more
    return StationChoice(tuple(order[:count]), errors, best)


def mixed(temperatures: Values) -> Values:
    """Mean of stations; one that is silent is replaced by the others and its usual distance from them.

    Shape (S, T) to (T,), NaN where all are silent.
    """
    known = np.isfinite(temperatures)
    heard = known.sum(axis=0)
    common = heard == len(temperatures)
    filled = np.where(known, temperatures, 0.0)
    if not common.any() or len(temperatures) == 1:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(heard > 0, filled.sum(axis=0) / heard, np.nan))
    middle = temperatures[:, common].mean(axis=1)
    centred = np.where(known, temperatures - middle[:, np.newaxis], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(heard > 0, centred.sum(axis=0) / heard + middle.mean(), np.nan))


def weather_scenarios(known: Values, length: int, step_seconds: int) -> Values:
    """Weather that may follow: the same season of earlier years, bent so that it goes on from what is known.

    Earlier years are shifted by some days either way (Hong, Wilson and Xie 2014, IEEE Transactions on Smart Grid 5,
    section III); how far the last day was off its scenario wears out within a day and a half. Without an earlier year
    the last fortnight's days are repeated.

    Args:
        known: Temperature up to the origin. Shape (T,). [°C, or any]
        length: Intervals after it, H.
        step_seconds: [s]

    Returns:
        Shape (N, H), N at least one.

    Raises:
        InputError: If less than a day of it is known.
    """
    per_day = 86400 // step_seconds
    recent = known[-per_day:]
    if len(known) < per_day or not np.isfinite(recent).any():
        raise InputError(
            "there is neither weather ahead nor a day of it before the origin; give the temperature."
        )
    ahead = np.arange(-len(recent), length)
    years = range(1, len(known) // (_YEAR_DAYS * per_day) + 1)
    shifts = [(_YEAR_DAYS * year + days) * per_day for year in years for days in _SHIFTS_DAYS]
    wear = np.exp(-np.arange(1, length + 1) * step_seconds / 3600 / _ANOMALY_HOURS)
    found = []
    for shift in shifts:
        places = len(known) - shift + ahead
        if places[0] < 0 or places[-1] >= len(known) or not np.isfinite(known[places]).all():
            continue
        course = known[places]
        off = float(np.nanmean(recent - course[: len(recent)]))
        found.append(course[len(recent) :] + off * wear)
    return np.stack(found) if found else _repeated(known, per_day, length)


def _repeated(known: Values, per_day: int, length: int) -> Values:
    """Each of the last days that are wholly known, over and over."""
    days = known[len(known) % per_day :].reshape(-1, per_day)[-14:]
    whole = days[np.isfinite(days).all(axis=1)]
    if not len(whole):
        whole = np.full((1, per_day), float(np.nanmean(days[-1])))
    return np.asarray(np.tile(whole, (1, -(-length // per_day)))[:, :length])


@dataclass(frozen=True)
class _Trial:
    """A plain model of a few slots of the day, made once for all stations.

    Attributes:
        rows: Intervals of each slot tried.
        load: Theirs.
        fixed: Columns that do not depend on the station.
        season: Twelve months as columns.
        even: Whether in an even week.
        per_day: Intervals. [1]
    """

    rows: tuple[Whole, ...]
    load: tuple[Values, ...]
    fixed: tuple[Values, ...]
    season: tuple[Values, ...]
    even: tuple[Truths, ...]
    per_day: int

    @classmethod
    def of(cls, load: Values, calendar: Calendar) -> _Trial:
        known = np.isfinite(load)
        slots = np.linspace(0, calendar.slots, _SLOTS_TRIED, endpoint=False).astype(np.int64)
        rows = tuple(np.flatnonzero(known & (calendar.slot == slot)) for slot in np.unique(slots))
        fixed, season = [], []
        for row in rows:
            trend = time_hats(calendar.day[row], _KNOT_DAYS)
            week = np.eye(7)[calendar.weekday[row]]
            fixed.append(np.hstack([trend, week, calendar.holiday[row, np.newaxis]]))
            season.append(np.eye(12)[np.minimum((calendar.year_share[row] * 12).astype(np.int64), 11)])
        even = tuple(calendar.day[row] // 7 % 2 == 0 for row in rows)
        return cls(rows, tuple(load[row] for row in rows), tuple(fixed), tuple(season), even, calendar.slots)

    def error(self, temperature: Values) -> float:
        """Of the held-out weeks; NaN where too little is known. [unit of the load]"""
        spread = float(np.nanstd(temperature)) if np.isfinite(temperature).any() else 0.0
        scaled = (
            (temperature - np.nanmean(temperature)) / spread if spread > 0 else np.zeros(len(temperature))
        )
        mean = moving_mean(scaled, self.per_day)
        squares, count = 0.0, 0
        for row, load, fixed, season, even in zip(
            self.rows, self.load, self.fixed, self.season, self.even, strict=True
        ):
            now, day = scaled[row], mean[row]
            cubic = np.column_stack([now, now**2, now**3])
            table = np.hstack([fixed, season, cubic, np.column_stack([day, day**2, day**3])])
            table = np.hstack([table, *(cubic * month[:, np.newaxis] for month in season.T)])
            usable = np.isfinite(now) & np.isfinite(day)
            if min((usable & even).sum(), (usable & ~even).sum()) < _ROWS_MIN // 2:
                return float("nan")
            for learned in (even, ~even):
                train, test = usable & learned, usable & ~learned
                gram = table[train].T @ table[train] + _PENALTY * np.eye(table.shape[1])
                middle = load[train].mean()
                weights = np.linalg.solve(gram, table[train].T @ (load[train] - middle))
                miss = load[test] - middle - table[test] @ weights
                squares, count = squares + float(miss @ miss), count + len(miss)
        return float(np.sqrt(squares / count))


def time_hats(day: Whole, spacing: float, first: float | None = None, count: int | None = None) -> Values:
    """A straight line from knot to knot, constant beyond the outer ones. Shape (T,) to (T, K)."""
    begin = float(day.min()) if first is None else first
    knots = int(np.ceil((float(day.max()) - begin) / spacing)) + 1 if count is None else count
    place = np.clip((day - begin) / spacing, 0, knots - 1)
    low = np.minimum(place.astype(np.int64), max(knots - 2, 0))
    table = np.zeros((len(day), knots))
    rows = np.arange(len(day))
    table[rows, low] = 1 - (place - low)
    if knots > 1:
        table[rows, low + 1] += place - low
    return table
