"""Wind power ahead: a power curve fitted to the plant, the wind forecast, and what the last hours said.

The curve gives a share of the capacity by wind speed, never falling as the wind grows; the speed is that at the rotor,
or the one told times a height factor that the fit takes in. It is scaled to the air's density as IEC 61400-12-1 (2017,
section 8.9.3) does it: by the cube root of density over 1.225 kg/m³.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.forecasting import Forecast, WeatherSource
from backend.forecasting.reasons import tell_reason
from ml.solar.bands import learn_bands
from ml.solar.experts import Learned, learn_experts
from ml.solar.spans import check_span, cut, latest, rows_ahead

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["FittedWind", "PowerCurve", "WindModel", "learn_curve"]

SPEED_INPUTS = ("wind_speed_100m", "wind_speed")
"""The first that is there is read. [m/s]"""
DAYS_LEAST = 21
DAYS_MOST = 760
DAYS_READ = 15
SPEED_MOST = 35.0
SPEED_STEP = 0.5
LATE_MOST_SECONDS = 14_400
KELVIN = 273.15
STANDARD_DENSITY = 1.225
STANDARD_PRESSURE = 101_325.0
GAS = 287.05
LEAD_EDGES = (0.125, 0.5, 1.5)
"""Leads that part the bands' groups. [days]"""
ROWS_LEAST = 300


@dataclass(frozen=True)
class PowerCurve:
    """Share of capacity by wind speed.

    Attributes:
        speeds: Rising. Shape (S,). [m/s]
        shares: Never falling, in [0, 1]. Shape (S,). [1]
    """

    speeds: Values
    shares: Values

    def __post_init__(self) -> None:
        if len(self.speeds) != len(self.shares) or len(self.speeds) < 2:  # noqa: PLR2004
            raise InputError("a power curve has a share for each of at least two speeds.")
        if (np.diff(self.speeds) <= 0).any() or (np.diff(self.shares) < 0).any():
            raise InputError("a power curve's speeds rise and its shares never fall; sort them by speed.")
        if self.shares[0] < 0 or self.shares[-1] > 1:
            raise InputError(
                f"a power curve's shares are from 0 to 1; these are from {self.shares[0]:g} to {self.shares[-1]:g}."
            )

    def at(self, speeds: Values) -> Values:
        """NaN where the speed is unknown. Shape as given. [1]"""
        return np.asarray(np.interp(speeds, self.speeds, self.shares))


def learn_curve(speeds: Values, shares: Values) -> PowerCurve:
    """Fit a curve that never falls (isotonic regression: Barlow et al. 1972), smoothed over a metre per second.

    Args:
        speeds: At least zero. Shape (R,). [m/s]
        shares: Power by capacity. Shape (R,). [1]

    Raises:
        InputError: If fewer than 100 pairs are known.
    """
    from sklearn.isotonic import IsotonicRegression

    known = np.isfinite(speeds) & np.isfinite(shares)
    if known.sum() < PAIRS_LEAST:
        raise InputError(
            f"a power curve is fitted to {PAIRS_LEAST} pairs of speed and power; {int(known.sum())} are known."
        )
    rising = IsotonicRegression(y_min=0.0, y_max=1.0, increasing=True, out_of_bounds="clip")
    rising.fit(np.clip(speeds[known], 0.0, SPEED_MOST), np.clip(shares[known], 0.0, 1.0))
    grid = np.arange(0.0, SPEED_MOST + SPEED_STEP / 2, SPEED_STEP)
    fine = np.concatenate([grid - SPEED_STEP, grid, grid + SPEED_STEP]).reshape(3, -1)
    smooth = rising.predict(np.maximum(fine, 0.0).ravel()).reshape(3, -1).mean(axis=0)
    return PowerCurve(grid, np.clip(np.maximum.accumulate(smooth), 0.0, 1.0))


PAIRS_LEAST = 100


def _speed(series: Series, length: int) -> tuple[str, Values] | None:
    """The wind's input and its course, scaled to standard density where the air is known."""
    name = next((name for name in SPEED_INPUTS if name in series.inputs), None)
    if name is None:
        return None
    speed = _fitting(series.inputs[name], length)
    if "temperature" in series.inputs:
        air = _fitting(series.inputs["temperature"], length) + KELVIN
        pressure = (
            _fitting(series.inputs["pressure"], length) if "pressure" in series.inputs else STANDARD_PRESSURE
        )
        factor = np.cbrt(pressure / (GAS * air) / STANDARD_DENSITY)
        speed = speed * np.where(np.isfinite(factor), factor, 1.0)
    return name, speed


def _fitting(values: Values, length: int) -> Values:
    cut_off = values[:length]
    return np.concatenate([cut_off, np.full(length - len(cut_off), np.nan)])


def _late(speed: Values, power: Values, step_seconds: int) -> int:
    """By how many intervals the power's stamps are late against the wind's. [1]"""
    best = (-np.inf, 0)
    reach = LATE_MOST_SECONDS // step_seconds
    cube = np.minimum(speed, 12.0) ** 2
    for late in sorted(range(-reach, reach + 1), key=abs):
        moved = _moved(cube, late)
        known = np.isfinite(moved) & np.isfinite(power)
        if known.sum() < PAIRS_LEAST or moved[known].std() == 0 or power[known].std() == 0:
            continue
        likeness = float(np.corrcoef(moved[known], power[known])[0, 1])
        if likeness > best[0] + 1e-4:
            best = (likeness, late)
    return best[1]


def _moved(values: Values, late: int) -> Values:
    moved = np.full(len(values), np.nan)
    if late >= 0:
        moved[late:] = values[: len(values) - late]
    else:
        moved[:late] = values[-late:]
    return moved


def _past_features(power: Values, origins: Places, targets: Places, day: int, usual: float) -> Values:
    """What was made before the origin. Shape (R, F)."""
    hour = max(1, day // 24)
    known = np.isfinite(power)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, power, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])

    def mean(begins: Places, ends: Places, otherwise: Values) -> Values:
        low, high = np.clip(begins, 0, len(power)), np.clip(ends, 0, len(power))
        count = counts[high] - counts[low]
        return np.where(count > 0, (sums[high] - sums[low]) / np.maximum(count, 1), otherwise)

    base = np.full(len(origins), usual)
    fortnight = mean(origins - 14 * day, origins, base)
    one_day = mean(origins - day, origins, fortnight)
    last = mean(origins - hour, origins, one_day)
    few = mean(origins - 6 * hour, origins, one_day)
    lead = (targets - origins) / day
    return np.column_stack(
        [
            last,
            few,
            one_day,
            fortnight,
            lead,
            np.exp(-lead * 6),
            (last - fortnight) * np.exp(-lead * 24 / 3),
            (few - fortnight) * np.exp(-lead * 24 / 12),
            (one_day - fortnight) * np.exp(-lead),
        ]
    )


def _ahead_features(
    curve: PowerCurve, speed: Values, power: Values, origins: Places, targets: Places, day: int
) -> Values:
    """What the wind ahead says, and how the curve missed lately. NaN where the wind is unknown. Shape (R, F)."""
    hour = max(1, day // 24)
    share = curve.at(speed)
    last = len(speed) - 1
    around = [share[np.clip(targets + hour * by, 0, last)] for by in (-3, -1, 1, 3)]
    miss = np.full(len(share), np.nan)
    miss[: len(power)] = power - share[: len(power)]
    miss[~np.isfinite(miss)] = 0.0
    sums = np.concatenate([[0.0], np.cumsum(miss)])
    recent = (sums[origins] - sums[np.maximum(origins - 3 * hour, 0)]) / (3 * hour)
    lead = (targets - origins) / day
    now = share[targets]
    near = np.vstack([now, *[np.where(np.isfinite(one), one, now) for one in around]])
    count = np.isfinite(near).sum(axis=0)
    smooth = np.where(count > 0, np.nansum(near, axis=0) / np.maximum(count, 1), np.nan)
    return np.column_stack([now, smooth, *around, speed[targets], recent * np.exp(-lead * 24 / 4)])


def _groups(origins: Places, targets: Places, day: int) -> Places:
    return np.asarray(np.searchsorted(LEAD_EDGES, (targets - origins) / day), dtype=np.int64)


def _learn(
    features: Values,
    power: Values,
    origins: Places,
    targets: Places,
    day: int,
    seed: int,
    *,
    boosting: bool = True,
) -> Learned:
    actual = power[targets]
    weights = np.ones(len(actual))
    experts, held_out = learn_experts(features, actual, weights, targets // day, seed, boosting=boosting)
    held_out = np.clip(held_out, 0.0, 1.0)
    bands = learn_bands(held_out, actual, _groups(origins, targets, day), len(LEAD_EDGES) + 1)
    return Learned(experts, bands)


@dataclass(frozen=True)
class WindModel:
    """A way to learn a wind plant's forecasts.

    Attributes:
        capacity_watts: What it gives at most; without it the most that it gave. [W]
        curve: Given by its maker; without it fitted.
        seed: Of the boosting.
    """

    capacity_watts: float | None = None
    curve: PowerCurve | None = None
    seed: int = 0

    @property
    def name(self) -> str:
        """Stands in forecasts and in the registry."""
        return "wind"

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedWind:
        """Learn from values that ended by an instant, and from ``wind_speed_100m`` or ``wind_speed`` where it is told.

        Args:
            series: Production, at least zero.
            site: Not read: the wind is told.
            until_utc: Nothing after it is read. [s since 1970, UTC]
            weather: What the wind ahead will be.

        Raises:
            InputError: If there are fewer than 21 days, or it never produced.
        """
        del site
        known = latest(series.before(min(until_utc, series.end_utc)), DAYS_MOST)
        days = len(known) * known.step_seconds / 86_400
        if days < DAYS_LEAST:
            raise InputError(f"a wind forecast is learned from {DAYS_LEAST} days; there are {days:.1f}.")
        made = known.values[np.isfinite(known.values)]
        capacity = self.capacity_watts or (float(made.max()) if made.size else 0.0)
        if capacity <= 0:
            raise InputError("the plant never produced in the history; there is nothing to learn from.")
        day = 86_400 // known.step_seconds
        power = np.clip(known.values / capacity, 0.0, 1.0)
        usual = float(np.nanmean(power))
        origins, targets = rows_ahead(np.isfinite(power), day)
        past = _past_features(power, origins, targets, day, usual)
        wind, late, curve, seeing = _speed(known, len(known)), 0, self.curve, None
        plain = _learn(past, power, origins, targets, day, self.seed, boosting=wind is None)
        if wind is not None and np.isfinite(wind[1]).sum() >= PAIRS_LEAST:
            late = _late(wind[1], power, known.step_seconds)
            speed = _moved(wind[1], late)
            curve = curve or learn_curve(speed, power)
            ahead = _ahead_features(curve, speed, power, origins, targets, day)
            told = np.isfinite(ahead[:, 0])
            if told.sum() >= ROWS_LEAST:
                every = np.column_stack([past, ahead])[told]
                seeing = _learn(every, power, origins[told], targets[told], day, self.seed)
        read = (*(() if wind is None else (wind[0],)), "temperature", "pressure")
        return FittedWind(
            capacity_watts=float(capacity),
            curve=curve,
            late=late,
            usual=usual,
            inputs=tuple(name for name in read if name in series.inputs) if seeing else (),
            weather=weather if seeing else WeatherSource.NONE,
            plain=plain,
            seeing=seeing,
        )


@dataclass(frozen=True)
class FittedWind:
    """A wind plant.

    Attributes:
        capacity_watts: No quantile passes it. [W]
        curve: None where no wind was told.
        late: Intervals by which the power's stamps are late against the wind's. [1]
        usual: Mean share of capacity. [1]
        inputs: Weather that it was fitted with.
        weather: What that weather was.
        plain: Without wind ahead.
        seeing: With it.
    """

    capacity_watts: float
    curve: PowerCurve | None
    late: int
    usual: float
    inputs: tuple[str, ...]
    weather: WeatherSource
    plain: Learned
    seeing: Learned | None

    @property
    def name(self) -> str:
        """As ``WindModel``'s."""
        return "wind"

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast from the last days and the wind ahead; without wind from the former alone.

        Raises:
            InputError: If an input that it was fitted with is absent, the length is beyond seven days, or the series
                ends before the origin.
        """
        place = series.place(origin_utc)
        check_span(series, place, length, self.inputs)
        day = 86_400 // series.step_seconds
        first = max(0, place - DAYS_READ * day)
        known = cut(series.before(origin_utc), first, place + length)
        power = np.clip(known.values / self.capacity_watts, 0.0, 1.0)
        targets = np.arange(place - first, place - first + length)
        origins = np.full(length, place - first)
        past = _past_features(power, origins, targets, day, self.usual)
        mean, quantiles = self._shares(self.plain, past, origins, targets, day)
        source, reason = WeatherSource.NONE, ""
        wind = _speed(known, place - first + length) if self.seeing is not None else None
        if self.seeing is not None and self.curve is not None and wind is not None:
            speed = _moved(wind[1], self.late)
            ahead = _ahead_features(self.curve, speed, power, origins, targets, day)
            told = np.isfinite(ahead[:, 0])
            if told.any():
                every = np.column_stack([past, ahead])[told]
                mean[told], quantiles[:, told] = self._shares(
                    self.seeing, every, origins[told], targets[told], day
                )
                source = self.weather
            if not told.all():
                reason = tell_reason("no_wind", missing=int((~told).sum()), length=length)
        scaled = np.vstack([mean, quantiles]) * self.capacity_watts
        return Forecast(
            origin_utc=origin_utc,
            step_seconds=series.step_seconds,
            mean=scaled[0],
            quantiles=scaled[1:],
            model=self.name,
            weather=source,
            unit=series.unit,
            reason=reason,
        )

    def _shares(
        self, learned: Learned, features: Values, origins: Places, targets: Places, day: int
    ) -> tuple[Values, Values]:
        mean = np.clip(learned.experts.predict(features), 0.0, 1.0)
        return mean, np.clip(learned.bands.around(mean, _groups(origins, targets, day)), 0.0, 1.0)

    def state(self) -> dict[str, Any]:
        """What makes it again."""
        curve = None if self.curve is None else {"speeds": self.curve.speeds, "shares": self.curve.shares}
        return {
            "capacity_watts": self.capacity_watts,
            "curve": curve,
            "late": self.late,
            "usual": self.usual,
            "inputs": list(self.inputs),
            "weather": self.weather.value,
            "plain": self.plain.state(),
            "seeing": None if self.seeing is None else self.seeing.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedWind:
        """Make the model whose ``state`` this was."""
        curve = state["curve"]
        return cls(
            capacity_watts=state["capacity_watts"],
            curve=None
            if curve is None
            else PowerCurve(np.asarray(curve["speeds"]), np.asarray(curve["shares"])),
            late=state["late"],
            usual=state["usual"],
            inputs=tuple(state["inputs"]),
            weather=WeatherSource(state["weather"]),
            plain=Learned.from_state(state["plain"]),
            seeing=None if state["seeing"] is None else Learned.from_state(state["seeing"]),
        )
