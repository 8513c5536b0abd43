"""Networks of communities, read once as long as they stay the same, and told as pages and notebooks take them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import NotFoundError
from backend.grid import ConnectionSeries, Network, Origin, Topology, trace_network
from backend.grid.network_form import read_network
from backend.ports.grid_plan_records import PlanKind
from backend.services.grid.network_series import available_span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from backend.grid.power_flow import PowerFlow
    from backend.ports.grid_records import NetworkRecord
    from backend.services.grid.network_series import GridSources

__all__ = ["KnownNetwork", "KnownNetworks", "tell_card", "tell_structure"]

_KEPT = 8
_ANY_STEP_SECONDS = 3_600


@dataclass(frozen=True)
class KnownNetwork:
    """A network as it was loaded last, read.

    Attributes:
        record: As kept.
        network: What its document says; with the switches of a plan made, where one is named.
        plan: Id of that plan, empty without.
    """

    record: NetworkRecord
    network: Network
    plan: str = ""

    @cached_property
    def topology(self) -> Topology:
        """How it is fed."""
        return trace_network(self.network)

    @cached_property
    def flow(self) -> PowerFlow:
        """Made ready for power flow, with all cores.

        Raises:
            PowerFlowError: If it cannot be solved.
        """
        from backend.grid.power_flow import PowerFlow, Wanted

        flow = PowerFlow(self.network, leave_out_unfed=True)
        # What it finds out once, at no load, it finds out here: after this, threads may solve with it side by side.
        nothing = np.zeros((len(self.network.connections), 1))
        none = (Origin.NONE,) * len(nothing)
        flow.solve(ConnectionSeries(0, _ANY_STEP_SECONDS, nothing, nothing, none), Wanted.TOTALS)
        return flow

    def feeder_of(self, bus: int) -> str:
        """Id of the branch that heads the feeder of a bus, empty where there is none. [index]"""
        head = self.topology.head_above[bus]
        return self.topology.branches[head].id if head >= 0 else ""

    def points_behind(self, connections: Iterable[int] | None = None) -> set[str]:
        """Metering points of some connections, or of all. [index]"""
        rows = range(len(self.network.connections)) if connections is None else connections
        return {point for row in rows for point in self.network.connections[row].metering_points}

    def points_of(self, connections: Collection[str]) -> set[str]:
        """Metering points of some connections, by id; ids that are none of the network's have none."""
        return {
            point
            for one in self.network.connections
            if one.id in connections
            for point in one.metering_points
        }


@dataclass(frozen=True)
class KnownNetworks:
    """Finds networks; those looked at lately are kept as read.

    Attributes:
        sources: Where they lie.
    """

    sources: GridSources
    _kept: OrderedDict[tuple[str, str], KnownNetwork] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def of_community(self, community: str) -> list[KnownNetwork]:
        """All of a community, by name."""
        with self.sources.store.reading() as records:
            found = records.networks(community)
        return [self._read(record) for record in found]

    def find(self, community: str, name: str) -> KnownNetwork:
        """A network of a community.

        Raises:
            NotFoundError: If it has none of that name; another community's is as if it were not there.
        """
        with self.sources.store.reading() as records:
            found = [record for record in records.networks(community) if record.name == name]
        if not found or not community:
            raise NotFoundError(f"There is no network {name!r} in community {community!r}.")
        return self._read(found[0])

    def named(self, name: str) -> KnownNetwork:
        """A network of whatever community: for commands of whoever keeps the home.

        Raises:
            NotFoundError: If none of that name was loaded; it names those that were.
        """
        with self.sources.store.reading() as records:
            record = records.network(name)
        return self._read(record)

    def planned(self, known: KnownNetwork, plan: str) -> KnownNetwork:
        """A network as it would be with the switches of a plan made.

        Raises:
            NotFoundError: If it has no such plan, or one that moves nobody.
        """
        from backend.grid.balancing.work_orders import turn_network
        from backend.services.grid.switching import planned_phases

        with self.sources.store.reading() as records:
            kept = records.plan(known.record.name, plan)
        if kept.kind is not PlanKind.SWITCHING:
            raise NotFoundError(f"Network {known.record.name!r} has no plan of switches {plan!r}.")
        document = kept.document

        def make() -> KnownNetwork:
            turned = turn_network(known.network, planned_phases(document, known.network))
            return KnownNetwork(known.record, turned, plan)

        return self._remembered(known.record, plan, make)

    def forget(self) -> None:
        """Keep none as read: somebody was erased."""
        with self._guard:
            self._kept.clear()

    def _read(self, record: NetworkRecord) -> KnownNetwork:
        return self._remembered(record, "", lambda: KnownNetwork(record, read_network(record.document)))

    def _remembered(self, record: NetworkRecord, plan: str, make: Callable[[], KnownNetwork]) -> KnownNetwork:
        key = (record.name, plan)
        with self._guard:
            known = self._kept.get(key)
            if known is not None and known.record == record:
                self._kept.move_to_end(key)
                return known
        made = make()
        with self._guard:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def tell_card(sources: GridSources, known: KnownNetwork) -> dict[str, Any]:
    """A network in a list: how large it is, and what is known of its connections. Instants in s since 1970, UTC."""
    network, record = known.network, known.record
    span = available_span(sources, record)
    return {
        "name": record.name,
        "buses": len(network.buses),
        "segments": len(network.segments),
        "switches": len(network.switches),
        "transformers": len(network.transformers),
        "connections": len(network.connections),
        "is_geographic": network.is_geographic,
        "loaded_utc": record.loaded_utc,
        "source_format": record.source_format,
        "digest": record.digest,
        "series": None
        if span is None
        else {
            "from": span.start_utc,
            "to": span.end_utc,
            "step_seconds": span.step_seconds,
            "time_zone": span.time_zone,
            "measured": span.measured,
            "profiled": span.profiled,
            "unknown": span.unknown,
        },
    }


def tell_structure(known: KnownNetwork) -> dict[str, Any]:
    """A network as a graph, for JSON; ``feeder`` is the branch that heads the feeder something is on."""
    network, places = known.network, known.network.bus_index
    far = [known.topology.far_bus(index) for index in range(len(network.branches))]
    feeders = [known.feeder_of(bus) if bus >= 0 else "" for bus in far]
    switches = len(network.segments)
    return {
        "name": known.record.name,
        "digest": known.record.digest,
        "is_geographic": network.is_geographic,
        "frequency": network.frequency,
        "notes": dict(network.notes),
        "buses": [
            {
                "id": bus.id,
                "x": bus.x,
                "y": bus.y,
                "nominal_volts": bus.nominal_volts,
                "phases": str(bus.phases),
                "substation": bus.substation,
            }
            for bus in network.buses
        ],
        "sources": [{"id": source.id, "bus": source.bus} for source in network.sources],
        "segments": [
            {
                **_ends(one),
                "length_metres": one.length_metres,
                "rated_amperes": one.rated_amperes,
                "feeder": feeder,
            }
            for one, feeder in zip(network.segments, feeders, strict=False)
        ],
        "switches": [
            {
                **_ends(one),
                "is_closed": one.is_closed,
                "is_normally_open": one.is_normally_open,
                "feeder": feeder,
            }
            for one, feeder in zip(network.switches, feeders[switches:], strict=False)
        ],
        "transformers": [
            {**_ends(one), "rated_volt_amperes": one.rated_volt_amperes, "meter": one.meter}
            for one in network.transformers
        ],
        "connections": [
            {
                "id": one.id,
                "bus": one.bus,
                "phases": str(one.phases),
                "metering_points": list(one.metering_points),
                "is_critical": one.is_critical,
                "can_rotate": one.can_rotate,
                "switch_cost": one.switch_cost,
                "rated_watts": one.rated_watts,
                "feeder": known.feeder_of(places[one.bus]),
            }
            for one in network.connections
        ],
    }


def _ends(branch: Any) -> dict[str, Any]:
    return {"id": branch.id, "from": branch.from_bus, "to": branch.to_bus, "phases": str(branch.phases)}
