"""Meter files as services see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from backend.metering import Finding, ReadingTable
    from backend.metering.source_series import RegisterRead, SeriesRole

__all__ = ["MeterFileContents", "MeterFileContentsReader", "MeterFileLoader", "MeterFileReader"]


@dataclass(frozen=True)
class MeterFileContents:
    """All that a meter file says.

    Attributes:
        table: What meters measured.
        shares: What the grid operator allocated of it, by role, in the form of readings.
        registers: What registers showed, ``series.external_id`` being the metering point's id where points are known,
            else the file's own name of it.
        findings: What was put right or left aside on the way.
    """

    table: ReadingTable
    shares: Mapping[SeriesRole, ReadingTable]
    registers: tuple[RegisterRead, ...]
    findings: tuple[Finding, ...]


class MeterFileReader(Protocol):
    """Reads a meter file into the generic form."""

    def __call__(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> tuple[ReadingTable, list[Finding]]:
        """Read a file whole or not at all.

        Args:
            path: The file.
            known_points: Metering points that may occur, best as ``backend.metering.known_points.KnownPoints``, which
                knows the operator's numbers as well; None for any.
            resolution_minutes: The step that the readings are brought to, None for whatever the file has. [min]

        Raises:
            ReadingsError: With a finding per fault.
        """
        ...


class MeterFileLoader(Protocol):
    """Reads what of a meter file can be kept."""

    def loadable(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> MeterFileContents:
        """As ``MeterFileReader``, with what registers showed; a file without any reading is taken where it has those.

        Raises:
            ReadingsError: With a finding per fault.
        """
        ...


class MeterFileContentsReader(MeterFileReader, MeterFileLoader, Protocol):
    """Reads all that a meter file says, registers and the operator's shares beside the readings."""

    def contents(
        self, path: Path, *, known_points: AbstractSet[str] | None, resolution_minutes: int | None
    ) -> MeterFileContents:
        """As ``MeterFileReader``, but a file without any reading is taken where it says something else.

        Raises:
            ReadingsError: With a finding per fault.
        """
        ...
