"""Files with a figure per metering point and interval that are no readings, as services see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PointFileReader", "PointRows", "YearCoefficients"]


@dataclass(frozen=True)
class PointRows:
    """Rows of a file, in its order; arrays of shape (n,).

    Attributes:
        points: Ids; ``point`` indexes into it.
        line: Line of the file, from 1.
        point: int32.
        start_utc: int64. [s since 1970, UTC]
        values: int64, by the file's column.
    """

    points: tuple[str, ...]
    line: NDArray[np.int64]
    point: NDArray[np.int32]
    start_utc: NDArray[np.int64]
    values: Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True)
class YearCoefficients:
    """The sharing coefficients of a civil year, by the operator's numbers.

    Attributes:
        year: Which.
        external_ids: Of the consumers, n of them.
        parts_ppm: Shape (n, hours of the year), or (n, 1) where they are the same in every hour. [ppm]
    """

    year: int
    external_ids: tuple[str, ...]
    parts_ppm: NDArray[np.int64]


class PointFileReader(Protocol):
    """Reads such a file."""

    def __call__(self, path: Path, *, known_points: Collection[str]) -> PointRows:
        """Read a file whole or not at all.

        Args:
            path: The file.
            known_points: Metering points that may occur.

        Raises:
            ReadingsError: With a finding per fault.
        """
        ...


class OperatorFileReader(Protocol):
    """Reads a file in which a grid operator says what it allocated."""

    def __call__(self, path: Path, *, known_points: AbstractSet[str], resolution_minutes: int) -> PointRows:
        """Read a file whole or not at all.

        Args:
            path: The file.
            known_points: Of the community, best as ``backend.metering.known_points.KnownPoints``.
            resolution_minutes: The step that it is brought to, where it is of another. [min]

        Returns:
            Rows with ``resolution_minutes`` [min] and columns of energy [mWh], -1 where empty: ``allocated_kwh`` and
            ``shared_kwh``, and beside them any of ``consumption_kwh``, ``residual_kwh``, ``feed_in_kwh``,
            ``surplus_kwh``, ``offered_kwh``, and ``metered_kwh``, which is not scaled by the participation factor.

        Raises:
            ReadingsError: With a finding per fault.
        """
        ...
