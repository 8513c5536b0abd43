"""The demonstration's networks: the IEEE European low-voltage feeder as published, and with a community's homes on it.

The feeder is real in kind and not theirs: the homes are on it by a plain rule, which the network's notes say. Source
and licence: SOURCE.md.
"""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from pyarrow import parquet

from backend.errors import NotFoundError
from backend.grid import Connection, ConnectionSeries, Network, Origin, Phases
from backend.grid.network_form import read_network

if TYPE_CHECKING:
    from backend.community import Community

__all__ = ["FEEDER_NAME", "DemoNetwork", "build_demo_network", "read_feeder"]

FEEDER_NAME = "european-lv"
_START_UTC = 1_514_764_800  # 2018-01-01T00:00Z, a Monday: the feeder's day has no date
_EVERY = 3  # of the feeder's connections one is a home's
_FEEDER_NOTE = (
    "IEEE European Low Voltage Test Feeder: 55 customers and a day of theirs by the minute, as published with OpenDSS. "
    "The day has no date; it stands on 1 January 2018."
)
_HOMES_NOTE = (
    "The IEEE European Low Voltage Test Feeder with {homes} homes on it: home by home at every third of its 55 "
    "connections in the file's order, on that connection's phase; the other customers are left out. The homes are real "
    "and the feeder is, and they are not each other's."
)
_ROOF_NOTE = " The shared roof is on all three phases at the bus of the connection that would be next."


@dataclass(frozen=True)
class DemoNetwork:
    """A network of the demonstration.

    Attributes:
        network: What ``keep_network`` takes.
        profiles: Of its connections; None where meters are joined to them.
        source_format: Of the file that it was derived from.
    """

    network: Network
    profiles: ConnectionSeries | None
    source_format: str = "opendss"


def read_feeder() -> DemoNetwork:
    """The European low-voltage feeder with the day of its 55 customers. [W, by minute]"""
    folder = resources.files("backend.adapters.demo_data")
    document = gzip.decompress((folder / "european_lv.json.gz").read_bytes())
    network = read_network(document.decode())
    table = parquet.read_table(io.BytesIO((folder / "european_lv.parquet").read_bytes()))
    watts = np.array([table[one.id].to_numpy() for one in network.connections], dtype=np.float64)
    lagging = np.array([np.tan(np.arccos(one.power_factor)) for one in network.connections])
    profiles = ConnectionSeries(
        _START_UTC, 60, watts, watts * lagging[:, None], (Origin.PROFILE,) * len(watts), "UTC"
    )
    return DemoNetwork(replace(network, notes={"source": _FEEDER_NOTE}), profiles)


def build_demo_network(members: Community) -> DemoNetwork:
    """The feeder with the homes of a demonstration's community.

    A home is at one connection with all its points, in the order of the community file. It draws what its meters
    say at any voltage, at the power factor of the connection in whose place it is; what it gives has none.

    Raises:
        NotFoundError: If the feeder has too few connections for so many homes.
    """
    feeder = read_feeder().network
    homes: dict[str, list[str]] = {}
    for point in members.metering_points:
        homes.setdefault(point.participant, []).append(point.id)
    places = feeder.connections[::_EVERY]
    if len(homes) > len(places):
        raise NotFoundError(f"the feeder has {len(places)} places for homes; {members.id} has {len(homes)}.")
    shared = [name for name in homes if name == "roof"]
    connections = tuple(
        _roof(name, place.bus, points) if name in shared else _home(name, place, points)
        for (name, points), place in zip(homes.items(), places, strict=False)
    )
    note = _HOMES_NOTE.format(homes=len(homes) - len(shared)) + (_ROOF_NOTE if shared else "")
    network = replace(feeder, name=members.id, connections=connections, notes={"source": note})
    return DemoNetwork(network, None)


def _home(name: str, place: Connection, points: list[str]) -> Connection:
    return Connection(name, place.bus, place.phases, tuple(points), round(place.power_factor, 6))


def _roof(name: str, bus: str, points: list[str]) -> Connection:
    return Connection(name, bus, Phases.ALL, tuple(points), can_rotate=True)
