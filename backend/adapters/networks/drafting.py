"""A network as a reader puts it together: ids made unique, elements at unknown buses named and left out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import NetworkError
from backend.grid import ConnectionSeries, Network, Origin
from backend.grid.faults import NetworkFault
from backend.metering import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.grid import Branch, Bus, Connection, Segment, Shunt, Source, Switch, Transformer

__all__ = ["PROFILE_START_UTC", "NetworkDraft", "make_profiles"]

PROFILE_START_UTC = 1_514_764_800
"""2018-01-01T00:00:00Z, a Monday: where profiles without a date begin."""
_LIMIT_VALUES = 40_000_000


@dataclass(slots=True)
class NetworkDraft:
    """What a reader has found so far; attributes as of ``backend.grid.Network``."""

    buses: list[Bus] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    transformers: list[Transformer] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    shunts: list[Shunt] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    faults: list[NetworkFault] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def note_fault(
        self, rule: str, element: str, message: str, severity: Severity = Severity.FAULT, where: str = ""
    ) -> None:
        """Name what is wrong."""
        self.faults.append(NetworkFault(rule, element, message, severity, where))

    def name_branch(self, name: str, kind: str) -> str:
        """The id of a branch: its name, with its kind before it where another branch has the same."""
        return self._name("branch", name, kind)

    def name_connection(self, name: str, kind: str) -> str:
        """The id of a connection likewise."""
        return self._name("connection", name, kind)

    def _name(self, family: str, name: str, kind: str) -> str:
        told = name if (family, name) not in self._taken else f"{kind}.{name}"
        number = 2
        while (family, told) in self._taken:
            told, number = f"{kind}.{name}-{number}", number + 1
        self._taken.add((family, told))
        return told

    def finish(self, name: str, frequency: float, *, is_geographic: bool = False) -> Network:
        """The network; what stands at a bus that is not there is named and left out.

        Raises:
            NetworkError: If it has no bus.
        """
        if not self.buses:
            raise NetworkError(f"{name} has no bus; is it a network's file?", self.faults)
        known = {bus.id for bus in self.buses}
        for kind in ("segments", "switches", "transformers"):
            kept = []
            for branch in getattr(self, kind):
                lost = [end for end in (branch.from_bus, branch.to_bus) if end not in known]
                if lost:
                    self._name_unknown(branch.id, lost[0])
                else:
                    kept.append(branch)
            setattr(self, kind, kept)
        for kind in ("sources", "connections", "shunts"):
            for item in getattr(self, kind):
                if item.bus not in known:
                    self._name_unknown(item.id, item.bus)
            setattr(self, kind, [item for item in getattr(self, kind) if item.bus in known])
        return Network(
            name=name,
            frequency=frequency,
            buses=tuple(self.buses),
            sources=tuple(self.sources),
            segments=tuple(self.segments),
            switches=tuple(self.switches),
            transformers=tuple(self.transformers),
            connections=tuple(self.connections),
            shunts=tuple(self.shunts),
            is_geographic=is_geographic,
            notes=dict(self.notes),
        )

    def _name_unknown(self, element: str, bus: str) -> None:
        self.note_fault(
            "unknown_bus",
            element,
            f'{element} is joined to bus "{bus}", which the file does not have; correct the name or add the bus.',
        )

    def fit_bus_phases(self) -> None:
        """Give buses the phases that something there has, where the file tells phases of branches alone."""
        from backend.grid import Phases

        present: dict[str, Phases] = {}
        branches: list[Branch] = [*self.segments, *self.switches, *self.transformers]
        for branch in branches:
            for end in (branch.from_bus, branch.to_bus):
                present[end] = present.get(end, Phases.NONE) | branch.phases
        for source in self.sources:
            present[source.bus] = Phases.ALL
        self.buses = [replace(bus, phases=present.get(bus.id, bus.phases)) for bus in self.buses]


def make_profiles(
    network: Network,
    rows: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    step_seconds: int,
    start_utc: int = PROFILE_START_UTC,
) -> ConnectionSeries | None:
    """Series of a network's connections.

    Args:
        network: Its connections say the order.
        rows: By connection, watts and vars, each of shape (T,) or (1,) where constant.
        step_seconds: [s]
        start_utc: [s since 1970, UTC]

    Returns:
        None where there are no rows, or too many for a file's profiles.

    Raises:
        NetworkError: If they have more than 40 million values.
    """
    if not rows:
        return None
    length = max(len(watts) for watts, _ in rows.values())
    count = len(network.connections)
    if count * length > _LIMIT_VALUES:
        raise NetworkError(
            f"{network.name} has {count:,} connections with {length:,} intervals each; a file's profiles have at most "
            f"{_LIMIT_VALUES:,} values. Load readings instead."
        )
    watts, vars_ = np.full((count, length), np.nan), np.full((count, length), np.nan)
    origins = [Origin.NONE] * count
    for row, connection in enumerate(network.connections):
        if connection.id in rows:
            watts[row], vars_[row] = rows[connection.id]
            origins[row] = Origin.PROFILE
    return ConnectionSeries(start_utc, step_seconds, watts, vars_, tuple(origins))
