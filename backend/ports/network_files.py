"""Reading networks from the files of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from backend.grid import ConnectionSeries, Network
    from backend.grid.faults import NetworkFault

__all__ = ["NetworkFileReader", "NetworkReading"]


@dataclass(frozen=True, slots=True)
class NetworkReading:
    """What a network's file says.

    Attributes:
        network: As far as it could be read.
        profiles: The load profiles that it came with, None where it has none.
        faults: What is wrong with it, in file order, worst last; see ``backend.grid.faults``.
        source_format: ``opendss``, ``pandapower``, ``cim``, ``geojson`` or ``partage``.
    """

    network: Network
    profiles: ConnectionSeries | None
    faults: Sequence[NetworkFault]
    source_format: str


class NetworkFileReader(Protocol):
    """Reads a network's file, whatever program wrote it."""

    def __call__(self, path: Path, file_format: str = "auto") -> NetworkReading:
        """Read a file, or the main file of a folder.

        Raises:
            NetworkError: If it cannot be read at all; with its faults where they are known.
        """
        ...
