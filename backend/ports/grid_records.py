"""Records of networks: how they are built, and which community's points they feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GridRecords", "NetworkPoint", "NetworkRecord"]


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """A network as it was loaded last.

    Attributes:
        name: What commands and pages call it: a-z, 0-9, dash, at most 63.
        community: Whose metering points its connections name and whose operators see it; empty where only commands do.
        document: What ``backend.grid.network_form.write_network`` wrote.
        digest: Of the document, SHA-256, hexadecimal.
        source_format: Of the file it came from.
        loaded_utc: [s since 1970, UTC]
    """

    name: str
    community: str
    document: str
    digest: str
    source_format: str
    loaded_utc: int


@dataclass(frozen=True, slots=True)
class NetworkPoint:
    """Where a metering point is joined to a network.

    Attributes:
        network: Its name.
        connection: Id.
        metering_point: Id.
        bus: Of the connection.
        phases: Of the connection, as text.
        feeder: Branch that heads the feeder, empty where nothing feeds it.
        transformer: Above it, empty where there is none.
    """

    network: str
    connection: str
    metering_point: str
    bus: str
    phases: str
    feeder: str
    transformer: str


class GridRecords(Protocol):
    """What the store keeps of them, inside one transaction."""

    def put_network(self, record: NetworkRecord) -> None:
        """Keep a network, in the place of the one of its name."""
        ...

    def network(self, name: str) -> NetworkRecord:
        """By name.

        Raises:
            NotFoundError: If none of that name was loaded.
        """
        ...

    def networks(self, community: str | None = None) -> Sequence[NetworkRecord]:
        """Of a community, or all, by name."""
        ...

    def network_points(self, community: str, metering_points: Sequence[str]) -> Sequence[NetworkPoint]:
        """Where points are joined to the community's networks, by network and connection."""
        ...

    def erase_network_points(self, community: str, metering_points: Sequence[str]) -> None:
        """Take points out of the community's networks, in which nothing joins them to a place any more."""
        ...
