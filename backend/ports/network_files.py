"""Reading networks from the files of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from backend.grid import ConnectionSeries, Network
    from backend.grid.faults import NetworkFault

__all__ = ["NetworkFileReader", "NetworkJoin", "NetworkReading"]


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


@dataclass(frozen=True, slots=True)
class NetworkJoin:
    """A row of an operator's list of who is connected where. None leaves what the network's file says.

    Attributes:
        connection: Id of a connection, or of a transformer whose low-voltage side a feeder's meter measures.
        metering_point: Id or operator's number of the point, or of the feeder; empty where the row only says more.
        is_critical: It must not be switched.
        can_rotate: Its three phases may be turned.
        switch_cost: Of moving it, relative to an ordinary one. [1]
        rated_watts: What the connection carries. [W]
        where: File and line.
    """

    connection: str
    metering_point: str = ""
    is_critical: bool | None = None
    can_rotate: bool | None = None
    switch_cost: float | None = None
    rated_watts: float | None = None
    where: str = ""


class NetworkFileReader(Protocol):
    """Reads a network's file, whatever program wrote it."""

    def __call__(self, path: Path, file_format: str = "auto") -> NetworkReading:
        """Read a file, or the main file of a folder.

        Raises:
            NetworkError: If it cannot be read at all; with its faults where they are known.
        """
        ...
