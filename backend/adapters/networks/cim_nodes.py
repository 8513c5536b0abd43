"""Nodes of a CIM model as buses, and which of them equipment is joined to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.grid import Bus, Phases

if TYPE_CHECKING:
    from backend.adapters.networks.cim_objects import CimModel, CimObject
    from backend.adapters.networks.drafting import NetworkDraft

__all__ = ["CimNodes", "phases_of", "take_buses"]

_SWITCHED = (
    "ACLineSegment",
    "Breaker",
    "Switch",
    "Disconnector",
    "LoadBreakSwitch",
    "Fuse",
    "Jumper",
    "Recloser",
)
_PAIR = 2
_LONGITUDE, _LATITUDE = 180.0, 90.0


class CimNodes:
    """Which node each terminal is at, and what nodes are called.

    Attributes:
        names: Bus id by node id.
        disconnected: Elements that were found with a terminal that is not connected.
    """

    def __init__(self, model: CimModel) -> None:
        self._model = model
        by_connectivity = any(one.text("Terminal.ConnectivityNode") for one in model.of("Terminal"))
        kind = "ConnectivityNode" if by_connectivity else "TopologicalNode"
        self._attribute = f"Terminal.{kind}"
        self.all = model.of(kind)
        self.names: dict[str, str] = {}
        self.disconnected = 0
        said: dict[str, int] = {}
        for one in self.all:
            said[one.name] = said.get(one.name, 0) + 1
        for one in self.all:
            self.names[one.key] = one.name if said[one.name] == 1 else one.key

    def terminals(self, equipment: CimObject) -> list[CimObject]:
        """Of equipment, in order."""
        found = self._model.behind(equipment, "Terminal.ConductingEquipment")
        return sorted(
            found,
            key=lambda one: (
                one.number("ACDCTerminal.sequenceNumber", "Terminal.sequenceNumber") or 0.0,
                one.key,
            ),
        )

    def node_of(self, terminal: CimObject) -> str | None:
        """Id of a terminal's node."""
        node = self._model.target(terminal, self._attribute)
        return node.key if node is not None else None

    def bus_of(self, terminal: CimObject) -> str:
        """Bus of a terminal; a name that is no bus where the model has no such node."""
        node = self._model.target(terminal, self._attribute)
        if node is not None and node.key in self.names:
            return self.names[node.key]
        return terminal.text(self._attribute) or f"(no node at {terminal.name})"

    def ends(self, equipment: CimObject) -> list[str]:
        """Buses of equipment by terminal; empty where one is not connected."""
        terminals = self.terminals(equipment)
        if any(one.mark("ACDCTerminal.connected", "Terminal.connected") is False for one in terminals):
            self.disconnected += 1
            return []
        return [self.bus_of(one) for one in terminals]


def phases_of(text: str) -> Phases:
    """Phases of a CIM phase code: ``PhaseCode.ABCN``, ``SinglePhaseKind.A``; none where it names no phase of three."""
    letters = text.rsplit(".", 1)[-1].upper()
    return Phases(sum(1 << place for place, letter in enumerate("ABC") if letter in letters))


def take_buses(draft: NetworkDraft, model: CimModel, nodes: CimNodes) -> bool:
    """Take nodes as buses; are their coordinates degrees?"""
    volts = _nominal_volts(model, nodes)
    places = _places(model, nodes)
    for one in nodes.all:
        x, y = places.get(one.key, (None, None))
        draft.buses.append(
            Bus(nodes.names[one.key], volts.get(one.key, 0.0), Phases.ALL, x, y, _substation(model, one))
        )
    systems = [one.text("CoordinateSystem.crsUrn") for one in model.of("CoordinateSystem")]
    within = all(abs(x) <= _LONGITUDE and abs(y) <= _LATITUDE for x, y in places.values())
    return bool(places) and within and any("4326" in system for system in systems)


def _substation(model: CimModel, node: CimObject) -> str:
    container = model.target(node, "ConnectivityNode.ConnectivityNodeContainer") or model.target(
        node, "TopologicalNode.ConnectivityNodeContainer"
    )
    for _ in range(3):  # a bay is in a voltage level, which is in a substation
        if container is None or container.kind == "Substation":
            break
        container = model.target(container, "Bay.VoltageLevel") or model.target(
            container, "VoltageLevel.Substation"
        )
    return container.name if container is not None and container.kind == "Substation" else ""


def _nominal_volts(model: CimModel, nodes: CimNodes) -> dict[str, float]:
    """Nominal voltage by node: of the node, its voltage level, its equipment; else as across a line or switch. [V]"""
    volts: dict[str, float] = {}

    def of_base(one: CimObject | None, name: str) -> float:
        base = model.target(one, name)
        said = base.number("BaseVoltage.nominalVoltage") if base is not None else None
        return (said or 0.0) * model.kilo

    for node in nodes.all:
        found = of_base(node, "TopologicalNode.BaseVoltage") or of_base(
            model.target(node, "ConnectivityNode.TopologicalNode"), "TopologicalNode.BaseVoltage"
        )
        level = model.target(node, "ConnectivityNode.ConnectivityNodeContainer")
        level = model.target(level, "Bay.VoltageLevel") or level
        found = found or of_base(level, "VoltageLevel.BaseVoltage")
        if found:
            volts[node.key] = found
    for end in model.of("PowerTransformerEnd", "TransformerTankEnd"):
        terminal = model.target(end, "TransformerEnd.Terminal")
        key = nodes.node_of(terminal) if terminal is not None else None
        rated = of_base(end, "TransformerEnd.BaseVoltage") or (
            (end.number("PowerTransformerEnd.ratedU") or 0.0) * model.kilo
        )
        if key and rated:
            volts.setdefault(key, rated)
    beside: dict[str, list[str]] = {}
    for terminal in model.of("Terminal"):
        equipment, key = model.target(terminal, "Terminal.ConductingEquipment"), nodes.node_of(terminal)
        if equipment is None or key is None:
            continue
        base = (
            of_base(equipment, "ConductingEquipment.BaseVoltage")
            if equipment.kind != "PowerTransformer"
            else 0.0
        )
        if base:
            volts.setdefault(key, base)
        if equipment.kind in _SWITCHED:
            beside.setdefault(equipment.key, []).append(key)
    _spread(volts, list(beside.values()))
    return volts


def _spread(volts: dict[str, float], joined: list[list[str]]) -> None:
    ways: dict[str, list[str]] = {}
    for keys in joined:
        if len(keys) == _PAIR:
            ways.setdefault(keys[0], []).append(keys[1])
            ways.setdefault(keys[1], []).append(keys[0])
    queue = list(volts)
    while queue:
        start = queue.pop()
        for end in ways.get(start, []):
            if end not in volts:
                volts[end] = volts[start]
                queue.append(end)


def _places(model: CimModel, nodes: CimNodes) -> dict[str, tuple[float, float]]:
    """Where nodes are: at the point of what is joined to them, at the ends of lines."""
    points: dict[str, list[tuple[float, float, float]]] = {}
    for one in model.of("PositionPoint"):
        place = one.number("PositionPoint.xPosition"), one.number("PositionPoint.yPosition")
        location = model.target(one, "PositionPoint.Location")
        if location is not None and place[0] is not None and place[1] is not None:
            order = one.number("PositionPoint.sequenceNumber") or 0.0
            points.setdefault(location.key, []).append((order, place[0], place[1]))
    places: dict[str, tuple[float, float]] = {}
    located: list[tuple[CimObject, str]] = []
    for location in model.of("Location"):
        equipment = model.target(location, "Location.PowerSystemResources")
        if equipment is not None:
            located.append((equipment, location.key))
    for one in model.objects.values():
        own = model.target(one, "PowerSystemResource.Location")
        if own is not None:
            located.append((one, own.key))
    for equipment, key in located:
        line = sorted(points.get(key, []))
        ends = [nodes.node_of(terminal) for terminal in nodes.terminals(equipment)]
        if not line or not ends:
            continue
        chosen = (line[0], line[-1]) if len(ends) == _PAIR and len(line) >= _PAIR else (line[0],) * len(ends)
        for end, (_, x, y) in zip(ends, chosen, strict=False):
            if end is not None and (x or y):
                places.setdefault(end, (x, y))
    return places
