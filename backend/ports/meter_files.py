"""Meter files as services see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from backend.metering import Finding, ReadingTable

__all__ = ["MeterFileReader"]


class MeterFileReader(Protocol):
    """Reads a meter file into the generic form."""

    def __call__(
        self, path: Path, *, known_points: set[str] | None, resolution_minutes: int | None
    ) -> tuple[ReadingTable, list[Finding]]:
        """Read a file whole or not at all.

        Args:
            path: The file.
            known_points: Metering points that may occur, None for any.
            resolution_minutes: The step that every row must have, None for whatever the file has. [min]

        Raises:
            ReadingsError: With a finding per fault.
        """
        ...
