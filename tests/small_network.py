"""The network of the small community: a transformer, two feeders, four homes; metres, impedances of a plain cable."""

from __future__ import annotations

import numpy as np

from backend.grid import Bus, Connection, Network, Phases, Segment, Source, Switch, Transformer
from backend.grid.network_form import digest_network, write_network
from backend.ports.grid_records import NetworkRecord

NAME = "rue"


def _cable(name: str, begin: str, end: str, metres: float, phases: Phases = Phases.ALL) -> Segment:
    count = len(phases.indices)
    resistance = (np.eye(count) * 0.32 + 0.05) * metres / 1000
    reactance = (np.eye(count) * 0.075 + 0.05) * metres / 1000
    return Segment(name, begin, end, phases, metres, resistance, reactance, rated_amperes=200.0)


def small_network() -> Network:
    """mv -T1- lv, from there west (w1, w2) and east (e1); a tie between both ends is open.

    Ada and Ben's home (both directions of Ben's at one connection) are on the west feeder, Cleo on the east one; the
    workshop's points are not the community's.
    """
    return Network(
        name=NAME,
        frequency=50.0,
        buses=(
            Bus("mv", 20_000.0, x=0.0, y=0.0, substation="hill"),
            Bus("lv", 400.0, x=0.0, y=-5.0),
            Bus("w1", 400.0, x=-60.0, y=-5.0),
            Bus("w2", 400.0, x=-110.0, y=-5.0),
            Bus("e1", 400.0, x=80.0, y=-5.0),
        ),
        sources=(Source("above", "mv", short_circuit_volt_amperes=100e6),),
        segments=(
            _cable("west", "lv", "w1", 60.0),
            _cable("west-end", "w1", "w2", 50.0),
            _cable("east", "lv", "e1", 80.0),
        ),
        switches=(Switch("tie", "w2", "e1", is_closed=False, is_normally_open=True),),
        transformers=(
            Transformer("T1", "mv", "lv", 100e3, 20_000.0, 400.0, copper_loss_watts=1_500.0, meter="trafo"),
        ),
        connections=(
            Connection("ada", "w1", Phases.L1, ("ada-load",)),
            Connection("ben", "w2", Phases.L1, ("ben-load", "ben-solar")),
            Connection("cleo", "e1", Phases.L2, ("cleo-load",), is_critical=True),
            Connection("workshop", "e1", Phases.ALL, ("14500000000001",), power_factor=0.9),
        ),
    )


def network_record(network: Network, community: str, loaded_utc: int = 1_711_000_000) -> NetworkRecord:
    """A network as it is kept."""
    return NetworkRecord(
        network.name, community, write_network(network), digest_network(network), "partage", loaded_utc
    )
