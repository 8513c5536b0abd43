"""The residual: what a transformer's own meter shows beyond its virtual sensor, and whether that is worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["METER_ACCURACY", "NOTABLE", "MeteredConnection", "ResidualSite", "check_sites"]

METER_ACCURACY = 0.01  # class 1 of IEC 62053-21, at full load, with its current transformers of class 0.5
_SECONDS_PER_HOUR = 3600.0
_WATTS_PER_KILOWATT = 1000.0
NOTABLE = 1.5  # times what the accuracy alone allows
_FLOOR_WATTS = 1.0


@dataclass(frozen=True)
class MeteredConnection:
    """A connection, or a meter that no connection names, with what it shows.

    Attributes:
        name: Id.
        site: Transformer that it is recorded under, empty where under none.
        watts: Drawn. Shape (T,), NaN where unknown. [W]
        phases: Places of the phases that it is on, by record.
    """

    name: str
    site: str
    watts: Values
    phases: tuple[int, ...] = (0, 1, 2)


@dataclass(frozen=True)
class ResidualSite:
    """A transformer whose low-voltage side has a meter of its own.

    Attributes:
        transformer: Id.
        start_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: Length of an interval. [s]
        measured: By its own meter: by phase, or one row for the sum. Shape (P, T), P 1 or 3; NaN where unknown. [W]
        modelled: By its virtual sensor. Same shape. [W]
        accuracy: Of the meter, relative. [1]
    """

    transformer: str
    start_utc: int
    step_seconds: int
    measured: Values
    modelled: Values
    accuracy: float = METER_ACCURACY

    def __post_init__(self) -> None:
        if self.measured.shape != self.modelled.shape or self.measured.shape[0] not in {1, 3}:
            raise InputError(
                f'transformer "{self.transformer}" has measured {self.measured.shape} and modelled '
                f"{self.modelled.shape}; both are (1 or 3 phases, intervals)."
            )

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Are both known? Shape (T,)."""
        return np.asarray(np.isfinite(self.measured + self.modelled).all(axis=0))

    @cached_property
    def residual(self) -> Values:
        """Measured less modelled, zero where either is unknown. Shape (P, T). [W]"""
        return np.where(self.known, self.measured - self.modelled, 0.0)

    @cached_property
    def noise_watts(self) -> float:
        """What the meter's accuracy alone lets the residual be, as a root mean square. [W]"""
        if not self.known.any():
            return _FLOOR_WATTS
        square = (self.measured[:, self.known] ** 2).mean()
        return max(self.accuracy * float(np.sqrt(square)), _FLOOR_WATTS)

    @property
    def root_mean_square(self) -> float:
        """Of the residual, where it is known. [W]"""
        if not self.known.any():
            return 0.0
        return float(np.sqrt((self.residual[:, self.known] ** 2).mean()))

    @property
    def mean_watts(self) -> float:
        """Of the residual over all phases: positive where meters below show too little. [W]"""
        return float(self.residual.sum(axis=0)[self.known].mean()) if self.known.any() else 0.0

    @property
    def energy_kilowatt_hours(self) -> float:
        """Of the residual over its time. [kWh]"""
        return float(self.residual.sum()) * self.step_seconds / _SECONDS_PER_HOUR / _WATTS_PER_KILOWATT

    @property
    def is_notable(self) -> bool:
        """Is there more than the meters' accuracy explains?"""
        return self.root_mean_square > NOTABLE * self.noise_watts

    def drawn_share(self) -> float:
        """Mean residual, of what was measured on average. [1]"""
        drawn = (
            float(np.abs(np.nan_to_num(self.measured).sum(axis=0)[self.known]).mean())
            if self.known.any()
            else 0
        )
        return self.mean_watts / drawn if drawn else 0.0


def check_sites(sites: Sequence[ResidualSite]) -> None:
    """Refuse sites that do not belong together.

    Raises:
        InputError: If there is none, or their intervals or phases differ.
    """
    if not sites:
        raise InputError("no transformer has a meter of its own; name one, to compare the sum below it with.")
    first = sites[0]
    for site in sites:
        if (site.start_utc, site.step_seconds, site.measured.shape) != (
            first.start_utc,
            first.step_seconds,
            first.measured.shape,
        ):
            raise InputError(
                f'the meters of "{first.transformer}" and "{site.transformer}" do not have the same intervals and '
                "phases; take the intervals that both have."
            )
