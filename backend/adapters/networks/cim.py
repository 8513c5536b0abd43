"""CIM (CGMES and plain CIM) told as a network.

Nodes are connectivity nodes where terminals name them, else topological nodes. A model made for positive sequence alone
has no zero-sequence impedances and no customers by phase: what that means is told. Locations come from GL, or from
wherever positions stand.

Source: IEC 61970-301 (core, wires), IEC TS 61970-600-2 (CGMES), IEC 61968-13 (CDPSM, unbalanced).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.networks.cim_branches import take_lines, take_switches, take_transformers
from backend.adapters.networks.cim_loads import take_loads, take_shunts, take_sources
from backend.adapters.networks.cim_nodes import CimNodes, take_buses
from backend.adapters.networks.cim_objects import read_cim_objects
from backend.adapters.networks.drafting import NetworkDraft, make_profiles
from backend.ports.network_files import NetworkReading

if TYPE_CHECKING:
    from pathlib import Path

    from backend.adapters.networks.cim_objects import CimModel

__all__ = ["read_cim"]

_HOUR = 3600
_USUAL_FREQUENCY = 50.0
_WITHOUT_EFFECT = frozenset({
    "BusbarSection", "Junction", "Ground", "GroundDisconnector", "GroundingImpedance", "PetersenCoil", "Connector",
    "SurgeArrester", "PotentialTransformer", "CurrentTransformer", "Clamp", "WaveTrap",
})  # fmt: skip


def read_cim(path: Path) -> NetworkReading:
    """Read a CIM model.

    Args:
        path: A file, a ZIP or a folder of profiles.

    Raises:
        NetworkError: If there is no model in it, or a value in it is none.
    """
    model = read_cim_objects(path)
    draft = NetworkDraft()
    frequency = _frequency(draft, model)
    nodes = CimNodes(model)
    is_geographic = take_buses(draft, model, nodes)
    taken = take_sources(draft, model, nodes)
    taken |= take_lines(draft, model, nodes, frequency)
    taken |= take_switches(draft, model, nodes)
    taken |= take_transformers(draft, model, nodes)
    taken |= take_shunts(draft, model, nodes)
    more, rows = take_loads(draft, model, nodes, taken)
    _tell_left_out(draft, model, taken | more)
    draft.fit_bus_phases()
    if rows:
        draft.notes["profiles"] = "The model has loads without profiles; they are told as one hour."
    if nodes.disconnected:
        draft.notes["disconnected"] = (
            f"{nodes.disconnected} elements are disconnected in the model and left out."
        )
    network = draft.finish(path.stem, frequency, is_geographic=is_geographic)
    return NetworkReading(network, make_profiles(network, rows, _HOUR), tuple(draft.faults), "cim")


def _frequency(draft: NetworkDraft, model: CimModel) -> float:
    for one in model.of("BaseFrequency"):
        said = one.number("BaseFrequency.frequency")
        if said:
            return said
    draft.notes["frequency"] = f"the model names no frequency; taken as {_USUAL_FREQUENCY:g} Hz."
    return _USUAL_FREQUENCY


def _tell_left_out(draft: NetworkDraft, model: CimModel, taken: set[str]) -> None:
    left: dict[str, list[str]] = {}
    for terminal in model.of("Terminal"):
        one = model.target(terminal, "Terminal.ConductingEquipment")
        if one is not None and one.key not in taken and one.kind not in _WITHOUT_EFFECT:
            left.setdefault(one.kind or "unknown", []).append(one.name)
    for kind, names in sorted(left.items()):
        own = list(dict.fromkeys(names))
        some = ", ".join(own[:3]) + (" ..." if len(own) > 3 else "")  # noqa: PLR2004 -- three examples
        draft.note_fault(
            "not_carried",
            own[0],
            f"{len(own)} element{'s' * (len(own) > 1)} of class {kind} ({some}) cannot be carried over; take them out "
            "of the model, or accept that they are missing.",
        )
