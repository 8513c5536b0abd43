"""Files with a figure per metering point and interval that are no readings, as services see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
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
