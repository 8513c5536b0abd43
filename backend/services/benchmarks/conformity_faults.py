"""Faults put into sound readings on purpose: what each changes, and how large it is.

Sizes and places are drawn; each says in its docstring from what. It changes its target, and gives the intervals [first,
until) that it changed, so that a finding can be held against it; None where it could not be put.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.inspection import ABSENT
from backend.metering.source_series import RegisterRead, SeriesName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.quantities import PeriodCalendar

__all__ = [
    "Fault",
    "Target",
    "multiply",
    "multiply_until",
    "put_above_sky",
    "put_at_night",
    "put_beyond_connection",
    "put_clock_change",
    "put_drift",
    "put_duplicates",
    "put_high",
    "put_low",
    "put_missing_days",
    "put_moved",
    "put_multiplier",
    "put_negative",
    "put_register_factor",
    "put_register_loss",
    "put_registered_multiplier",
    "put_small_multiplier",
    "put_spike",
    "put_stuck",
    "put_sun",
    "put_swap",
    "put_theft",
    "put_unit",
    "put_wrong_step",
    "put_zeros",
]

DAY = 86_400
_READS_PER_YEAR = 12
_GROSS_FACTORS = (5, 6, 8, 10, 12, 15, 20, 30, 40, 60, 80, 100)


@dataclass
class Target:
    """What a fault may change: one point's series, and its partner's where a participant has both directions.

    Attributes:
        calendar: Of all series.
        energy: Shape (T,), ``ABSENT`` where nothing is; changed in place. [mWh]
        direction: Of the point.
        is_solar: Does it feed in solar energy?
        dark: Where the sun is down. Shape (T,).
        is_located: Do the rules know where it stands?
        partner: The other direction's series of the participant, or None.
        sun: A roof's full production, to be mistaken for a load. Shape (T,).
        connection_watts: What its connection carries, or None. [W]
        twice: Intervals whose reading is given twice.
        moved: Intervals whose reading starts half a step late.
        reads: Register reads of the point, where the fault needs some.
    """

    calendar: PeriodCalendar
    energy: NDArray[np.int64]
    direction: int
    is_solar: bool
    dark: NDArray[np.bool_]
    is_located: bool
    partner: NDArray[np.int64] | None
    sun: NDArray[np.int64]
    connection_watts: int | None = None
    twice: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    reads: list[RegisterRead] = field(default_factory=list)

    @property
    def per_day(self) -> int:
        """Intervals of 24 hours. [1]"""
        return DAY // self.calendar.step_seconds

    @property
    def days(self) -> int:
        """Whole days of 24 hours. [1]"""
        return len(self.energy) // self.per_day


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that was put in.

    Attributes:
        kind: Name of its kind.
        metering_point: Where.
        start_utc: First interval changed. [s since 1970, UTC]
        end_utc: End of the last one. [s since 1970, UTC]
    """

    kind: str
    metering_point: str
    start_utc: int
    end_utc: int


def _stretch(target: Target, draw: np.random.Generator, least: int, most: int) -> slice:
    """Some whole days. [least, most]"""
    days = int(draw.integers(least, min(most, target.days - 2) + 1))
    first = int(draw.integers(0, target.days - days))
    return slice(first * target.per_day, (first + days) * target.per_day)


def _span(part: slice) -> tuple[int, int]:
    return part.start, part.stop


def _scale(energy: NDArray[np.int64], part: slice, above: int, below: int = 1) -> bool:
    """Multiply what is known; False where nothing is left to see."""
    here = energy[part]
    energy[part] = np.where(here > 0, here * above // below, here)
    return bool((energy[part] > 0).any())


def put_unit(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """A thousand times too much or too little, for a week to two months."""
    part = _stretch(target, draw, 7, 60)
    shrinks = bool(draw.integers(2))
    seen = _scale(target.energy, part, 1 if shrinks else 1000, 1000 if shrinks else 1)
    return _span(part) if seen else None


def put_multiplier(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """5 to 100 times too much or too little from a day on, for a month or to the end."""
    return multiply(target, draw, _GROSS_FACTORS)


def put_small_multiplier(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """2 to 4 times too much or too little, likewise."""
    return multiply(target, draw, (2, 3, 4))


def put_registered_multiplier(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """2 to 4 times too much or too little, beside register reads that are right."""
    target.reads = _register_reads(target, target.energy)
    return put_small_multiplier(target, draw)


def put_beyond_connection(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """1 to 20 intervals at 1.1 to 5 times what the connection carries."""
    if target.connection_watts is None:
        return None
    most = target.connection_watts * target.calendar.step_seconds // 3600 * 1000
    count = int(draw.integers(1, 21))
    first = int(draw.integers(0, len(target.energy) - count))
    part = slice(first, first + count)
    if (target.energy[part] == ABSENT).any():
        return None
    target.energy[part] = most * draw.integers(110, 501, count) // 100
    return _span(part)


def multiply(target: Target, draw: np.random.Generator, factors: tuple[int, ...]) -> tuple[int, int] | None:
    """One of the factors too much or too little from a day on, for a month or to the end."""
    factor = int(draw.choice(factors))
    first = int(draw.integers(30, target.days - 45))
    until = target.days if draw.integers(2) else int(draw.integers(first + 28, target.days - 14))
    part = slice(first * target.per_day, until * target.per_day)
    return _span(part) if _scale_by(target.energy, part, factor, draw) else None


def multiply_until(
    target: Target, draw: np.random.Generator, factors: tuple[int, ...]
) -> tuple[int, int] | None:
    """One of the factors too much or too little until a day: readings that were wrong from the beginning."""
    factor = int(draw.choice(factors))
    until = int(draw.integers(30, target.days - 45)) * target.per_day
    return (0, until) if _scale_by(target.energy, slice(0, until), factor, draw) else None


def _scale_by(energy: NDArray[np.int64], part: slice, factor: int, draw: np.random.Generator) -> bool:
    shrinks = bool(draw.integers(2))
    return _scale(energy, part, 1 if shrinks else factor, factor if shrinks else 1)


def _register_reads(target: Target, energy: NDArray[np.int64]) -> list[RegisterRead]:
    """Monthly reads of a meter that counts all that was there, missing readings as nothing."""
    running = np.concatenate([[0], np.cumsum(np.maximum(energy, 0))])
    series = SeriesName("", target.direction)
    marks = np.linspace(0, target.days, _READS_PER_YEAR + 1).astype(int) * target.per_day
    start, step = target.calendar.start_utc, target.calendar.step_seconds
    return [
        RegisterRead(series, start + int(mark) * step, 12_345_000_000 + int(running[mark]), "meter")
        for mark in marks
    ]


def put_register_factor(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """Intervals 10 % to 40 times above their register, all year."""
    target.reads = _register_reads(target, target.energy)
    _scale(target.energy, slice(0, None), int(np.exp(draw.uniform(np.log(110), np.log(4_000)))), 100)
    return 0, target.days * target.per_day


def put_register_loss(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """10 to 90 % of the energy of 3 to 20 days lost, of intervals that a register counted whole."""
    target.reads = _register_reads(target, target.energy)
    part = _stretch(target, draw, 3, 20)
    month = 31 * target.per_day
    if (target.energy[max(part.start - month, 0) : part.stop + month] == ABSENT).any():
        return None  # the rule excuses months with gaps
    before = int(np.maximum(target.energy[part], 0).sum())
    _scale(target.energy, part, 100 - int(draw.integers(10, 91)), 100)
    lost = before - int(np.maximum(target.energy[part], 0).sum())
    return _span(part) if lost > 5_000_000 else None  # noqa: PLR2004 -- 5 kWh, above any tolerance of a month


def put_theft(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """50 to 100 % of the energy of 3 to 20 days not metered."""
    part = _stretch(target, draw, 3, 20)
    per_day = int(np.maximum(target.energy[part], 0).sum()) * target.per_day // (part.stop - part.start)
    _scale(target.energy, part, 100 - int(draw.integers(50, 101)), 100)
    return _span(part) if per_day > 5_000_000 else None  # noqa: PLR2004 -- 5 kWh a day, to be seen beside losses


def put_negative(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """1 to 200 intervals with the wrong sign."""
    positive = np.flatnonzero(target.energy > 0)
    if len(positive) < 300:  # noqa: PLR2004 -- too little to choose from
        return None
    first = int(draw.integers(0, len(positive) - 200))
    places = positive[first : first + int(draw.integers(1, 201))]
    target.energy[places] = -target.energy[places] - 2  # -1 is the mark of what is absent
    return int(places[0]), int(places[-1]) + 1


def put_missing_days(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """1 to 10 days without readings."""
    part = _stretch(target, draw, 1, 10)
    target.energy[part] = ABSENT
    return _span(part)


def put_duplicates(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """1 to 48 readings given twice."""
    known = np.flatnonzero(target.energy >= 0)
    first = int(draw.integers(0, len(known) - 48))
    target.twice = known[first : first + int(draw.integers(1, 49))].tolist()
    return target.twice[0], target.twice[-1] + 1


def put_moved(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """1 to 48 readings half a step late."""
    known = np.flatnonzero(target.energy >= 0)
    first = int(draw.integers(0, len(known) - 60))
    target.moved = known[first : first + int(draw.integers(1, 49))].tolist()
    return target.moved[0], target.moved[-1] + 1


def put_wrong_step(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """Every second to sixth reading alone, for 3 to 30 days."""
    part = _stretch(target, draw, 3, 30)
    if (target.energy[part] == ABSENT).any():
        return None
    kept = np.arange(part.stop - part.start) % int(draw.choice((2, 3, 4, 6))) == 0
    target.energy[part] = np.where(kept, target.energy[part], ABSENT)
    return _span(part)


def put_clock_change(target: Target, _: np.random.Generator) -> tuple[int, int] | None:
    """The repeated hour of autumn left out."""
    counts = target.calendar.intervals_per_day
    day = int(np.argmax(counts))
    if counts[day] <= target.per_day:
        return None
    first, until = target.calendar.day_offsets[day : day + 2]
    if (target.energy[first:until] == ABSENT).any():
        return None
    hour = counts[day] - target.per_day
    target.energy[first + 2 * hour : first + 3 * hour] = ABSENT
    return first, until


def put_stuck(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """A positive reading repeated for 1 to 7 days."""
    positive = np.flatnonzero(target.energy > 0)
    length = int(draw.integers(24, 7 * 24 + 1)) * 3600 // target.calendar.step_seconds
    first = int(draw.choice(positive[positive + length < len(target.energy)]))
    target.energy[first : first + length] = target.energy[first]
    return first, first + length


def put_zeros(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """Zero for 1 to 20 days."""
    length = int(np.exp(draw.uniform(np.log(24), np.log(480)))) * 3600 // target.calendar.step_seconds
    first = int(draw.integers(0, len(target.energy) - length))
    if (target.energy[first : first + length] == ABSENT).any():
        return None
    target.energy[first : first + length] = 0
    return first, first + length


def put_spike(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """One interval at 3 to 50 times the highest of the year."""
    places = np.flatnonzero(target.energy > 0)
    place = int(draw.choice(places))
    target.energy[place] = int(float(target.energy.max()) * np.exp(draw.uniform(np.log(3), np.log(50))))
    return place, place + 1


def put_high(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """4 to 8 times the consumption for 1 to 5 days."""
    part = _stretch(target, draw, 1, 5)
    return _span(part) if _scale(target.energy, part, int(draw.integers(4, 9))) else None


def put_low(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """A fourth to a tenth of the consumption for 1 to 5 days."""
    part = _stretch(target, draw, 1, 5)
    return _span(part) if _scale(target.energy, part, 1, int(draw.integers(4, 11))) else None


def put_drift(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """One or two hours early or late, for 4 weeks or to the end."""
    first = int(draw.integers(30, target.days - 60))
    until = target.days if draw.integers(2) else int(draw.integers(first + 28, target.days - 28))
    part = slice(first * target.per_day, until * target.per_day)
    hours = int(draw.choice((-2, -1, 1, 2)))
    target.energy[part] = np.roll(target.energy[part], hours * 3600 // target.calendar.step_seconds)
    return _span(part)


def put_at_night(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """5 to 100 % of the highest feed-in for 1 to 8 dark hours, on 1 to 20 nights."""
    nights = int(draw.integers(1, 21))
    first = int(draw.integers(0, target.days - nights - 1))
    hours = int(draw.integers(1, 9)) * 3600 // target.calendar.step_seconds
    most = int(target.energy.max())
    places = []
    for day in range(first, first + nights):
        dark = (
            np.flatnonzero(target.dark[day * target.per_day : (day + 1) * target.per_day])
            + day * target.per_day
        )
        dark = dark[target.energy[dark] != ABSENT]
        places += draw.choice(dark, min(hours, len(dark)), replace=False).tolist()
    target.energy[places] = np.maximum(most * draw.integers(5, 101, len(places)) // 100, 1)
    return (min(places), max(places) + 1) if places else None


def put_above_sky(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """3 to 6 times the feed-in for 1 to 10 days."""
    part = _stretch(target, draw, 1, 10)
    return _span(part) if _scale(target.energy, part, int(draw.integers(3, 7))) else None


def put_swap(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """Import and export exchanged for a week to half a year."""
    assert target.partner is not None
    part = _stretch(target, draw, 7, 180)
    own = target.energy[part].copy()
    target.energy[part] = target.partner[part]
    target.partner[part] = own
    return _span(part)


def put_sun(target: Target, draw: np.random.Generator) -> tuple[int, int] | None:
    """A roof's production in place of the consumption, for two months or more."""
    part = _stretch(target, draw, 60, 300)
    target.energy[part] = target.sun[part]
    return _span(part)
