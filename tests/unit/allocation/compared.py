"""A community of two roofs and five homes over eight days, and an operator whose figures can be given any fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from backend.allocation import allocate_period
from backend.allocation.dynamic import DynamicKey
from backend.allocation.operator_figures import UNTOLD, OperatorFigures, OurFigures
from backend.allocation.static import StaticKey
from backend.allocation.static_cascade import StaticCascadeKey
from backend.community import Direction
from backend.metering import PeriodReadings
from backend.quantities import PeriodCalendar, SettlementPeriod

C, G = Direction.CONSUMPTION, Direction.FEED_IN
DIRECTIONS = (C, C, G, None, C, C, G, C)
CONSUMERS, PRODUCERS = [0, 1, 4, 5, 7], [2, 6]
CALENDAR = PeriodCalendar(SettlementPeriod(date(2024, 3, 27), date(2024, 4, 4)), "Europe/Paris", 60)
T = CALENDAR.interval_count
COEFFICIENTS = (220_000, 180_000, 0, 0, 250_000, 150_000, 0, 200_000)
OTHERS = (300_000, 180_000, 0, 0, 150_000, 170_000, 0, 200_000)
KEYS = {
    "dynamic": DynamicKey(),
    "static": StaticKey(COEFFICIENTS),
    "static_cascade": StaticCascadeKey(COEFFICIENTS),
}
DAY = np.repeat(np.arange(8), CALENDAR.intervals_per_day)


def readings_of(seed=1):
    """Roofs by day, homes always; a home is a member from the third day on."""
    random = np.random.default_rng(seed)
    hour = np.array(CALENDAR.local_minutes()) // 60
    energy = random.integers(80_000, 900_000, (8, T))
    energy[PRODUCERS] = (
        random.integers(100_000, 1_300_000, (2, T)) * np.clip(6 - np.abs(hour - 12), 0, 6) // 6
    )
    active = np.ones((8, 8), dtype=np.bool_)
    active[3] = False
    active[7, :2] = False
    stored = energy.copy()
    energy[~np.repeat(active, CALENDAR.intervals_per_day, axis=1)] = 0
    nothing = np.zeros(energy.shape, dtype=np.uint8)
    return PeriodReadings(CALENDAR, energy, nothing, nothing, active), stored


def share(readings, key, energy=None, active=None):
    """What a key gives for readings, or for other energies or members."""
    readings = readings if energy is None else replace(readings, energy=energy)
    return allocate_period(readings, DIRECTIONS, key, active).allocated


def our_figures(key, seed=1, **others):
    """Ours, as settled."""
    readings, stored = readings_of(seed)
    readings = others.pop("readings", readings)
    return OurFigures(readings, DIRECTIONS, key, share(readings, key), stored, **others)


def operator_figures(ours, allocated, energy=None, offered=None, unit=1):
    """The operator's, with a row wherever a point is a member."""
    member = ours.readings.active_intervals()
    nothing = np.full((8, T), UNTOLD, dtype=np.int64)
    return OperatorFigures(
        np.where(member, allocated, UNTOLD),
        nothing if energy is None else np.where(member, energy, UNTOLD),
        nothing if offered is None else offered,
        np.full((8, T), unit, dtype=np.int64),
    )


def rounded(values, unit):
    """Half away from zero, to a multiple of the unit."""
    return (2 * values + unit) // (2 * unit) * unit
