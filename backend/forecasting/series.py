"""A measured course, what is known beside it, and where it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["STEPS_SECONDS", "Series", "Site"]

STEPS_SECONDS = (900, 1800, 3600)
"""Steps that are forecast: 15, 30 and 60 minutes. [s]"""

_LATITUDE_MAX = 90.0
_LONGITUDE_MAX = 180.0


@dataclass(frozen=True, slots=True)
class Site:
    """Where something is used, made or measured.

    Attributes:
        time_zone: IANA name: whose hours and weekdays people live by.
        country: ISO 3166-1 alpha-2 for public holidays; empty where none are known.
        subdivision: ISO 3166-2 part behind the hyphen, or empty.
        latitude: North positive; NaN where unknown. [°]
        longitude: East positive; NaN where unknown. [°]
        altitude: [m]
    """

    time_zone: str = "UTC"
    country: str = ""
    subdivision: str = ""
    latitude: float = float("nan")
    longitude: float = float("nan")
    altitude: float = 0.0

    def __post_init__(self) -> None:
        if abs(self.latitude) > _LATITUDE_MAX or abs(self.longitude) > _LONGITUDE_MAX:
            raise InputError(
                f"a site at latitude {self.latitude:g}, longitude {self.longitude:g} is not on Earth; "
                "latitudes end at 90 degrees, longitudes at 180."
            )

    @property
    def located(self) -> bool:
        """Whether the sun's course over it can be told."""
        return bool(np.isfinite(self.latitude) and np.isfinite(self.longitude))


@dataclass(frozen=True)
class Series:
    """A course of equal steps with inputs known ahead.

    Invariants: ``values`` and every input begin at ``start_utc``; an input may go on beyond the values, as a weather
    forecast or a calendar does, and its values after an origin are those that were known at that origin.

    Attributes:
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: 900, 1800 or 3600. [s]
        values: What is forecast, NaN where unknown. Shape (T,).
        inputs: Shape (T + more,) each, by name; NaN where unknown.
        unit: Of the values: ``W``, ``kWh``, ``EUR/MWh``, ``g/kWh``.
    """

    start_utc: int
    step_seconds: int
    values: Values
    inputs: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))
    unit: str = "W"

    def __post_init__(self) -> None:
        if self.step_seconds not in STEPS_SECONDS:
            raise InputError(
                f"a step of {self.step_seconds} s is not forecast; resample to 900, 1800 or 3600 s."
            )
        if self.start_utc % self.step_seconds:
            raise InputError(
                f"the series begins at {self.start_utc} s, off the grid of its {self.step_seconds} s."
            )
        for name, column in {"values": self.values, **self.inputs}.items():
            if column.ndim != 1 or np.isinf(column).any():
                raise InputError(
                    f"the column {name!r} must be one row of finite numbers, or NaN where unknown."
                )
        for name, column in self.inputs.items():
            if len(column) < len(self.values):
                raise InputError(
                    f"the input {name!r} has {len(column)} intervals, the series {len(self.values)}; "
                    "an input begins with the series and ends no earlier."
                )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def end_utc(self) -> int:
        """End of the last value. [s since 1970, UTC]"""
        return self.start_utc + self.step_seconds * len(self.values)

    @property
    def starts_utc(self) -> NDArray[np.int64]:
        """Start of every value. Shape (T,). [s since 1970, UTC]"""
        return self.start_utc + self.step_seconds * np.arange(len(self.values), dtype=np.int64)

    def place(self, instant_utc: int) -> int:
        """Index of the interval that begins at an instant; beyond the values too.

        Raises:
            InputError: If the instant is off the grid, or before the series.
        """
        place, off = divmod(instant_utc - self.start_utc, self.step_seconds)
        if off or place < 0:
            raise InputError(
                f"the instant {_stamp(instant_utc)} is not on the series' grid, which begins at "
                f"{_stamp(self.start_utc)} with steps of {self.step_seconds // 60} min; give the start of one of its "
                "intervals, or the next one after."
            )
        return place

    def before(self, origin_utc: int) -> Series:
        """What was known at an origin: values that end by then, inputs whole.

        Raises:
            InputError: If the origin is off the grid, or before the series.
        """
        return replace(self, values=self.values[: self.place(origin_utc)])


def _stamp(instant_utc: int) -> str:
    """ISO 8601 for people; seconds where no calendar goes so far."""
    try:
        return f"{datetime.fromtimestamp(instant_utc, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return f"{instant_utc} s after 1970"
