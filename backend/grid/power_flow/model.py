"""A network as power-grid-model takes it. Imported where flows are solved: power-grid-model is slow to load."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from power_grid_model import LoadGenType, PowerGridModel, WindingType, initialize_array

from backend.errors import PowerFlowError
from backend.grid.network import Network, Shunt, Transformer
from backend.grid.phases import PHASE_COUNT, Phases
from backend.grid.power_flow.legs import Legs, find_legs
from backend.grid.power_flow.reach import Reach, acts_by_phase, closed_branches, trace_phases
from backend.grid.power_flow.reduction import Chains, reduce_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FlowModel", "compile_network"]

_SQRT3 = 3**0.5
_LETTERS = "abc"
_FROM = {"D": WindingType.delta, "Y": WindingType.wye, "YN": WindingType.wye_n}
_TO = {
    "d": WindingType.delta,
    "y": WindingType.wye,
    "yn": WindingType.wye_n,
    "z": WindingType.zigzag,
    "zn": WindingType.zigzag_n,
}
# Holds the star point of a part that nothing earths; of the base admittance of 1 MVA.
_FLOATING_PU = 1e-6


@dataclass(frozen=True)
class FlowModel:
    """What is solved. N nodes, L load nodes, X transformers that join phases.

    Attributes:
        model: power-grid-model's.
        reach: How far each phase comes.
        chains: Nodes, and the lines between them.
        legs: What draws power.
        base: Voltage to the neutral that per unit means at each node, as referred. Shape (N,). [V]
        load_nodes: Nodes that legs are at. Shape (L,).
        leg_place: Of each leg among them. Shape (G,).
        transformers: Their places. Shape (X,). [index of Network.branches]
        fixed: Conductance of shunts and iron by branch, phase: power lost at ``fixed_bus`` at one volt, as referred.
            Shape (F, 3). [W/V²]
        fixed_branch: Whose iron it is. Shape (F,). [index of Network.branches]
        fixed_node: Where. Shape (F,).
    """

    model: PowerGridModel
    reach: Reach
    chains: Chains
    legs: Legs
    base: NDArray[np.float64]
    load_nodes: NDArray[np.int64]
    leg_place: NDArray[np.int64]
    transformers: NDArray[np.int64]
    fixed: NDArray[np.float64]
    fixed_branch: NDArray[np.int64]
    fixed_node: NDArray[np.int64]

    @property
    def load_ids(self) -> NDArray[np.int32]:
        """Of the constant powers by load node, then, where there are any, of the constant impedances."""
        count = self.load_nodes.size * (2 if self.legs.follows else 1)
        return np.arange(count, dtype=np.int32)


def compile_network(
    network: Network,
    without: Collection[str] = (),
    *,
    leave_out_unfed: bool = False,
    every_bus: bool = False,
) -> FlowModel:
    """Make a network ready to be solved.

    Args:
        network: What is solved.
        without: Ids of branches that are taken out.
        leave_out_unfed: Connections that nothing feeds draw nothing, and are no error.
        every_bus: Merge no lines.

    Raises:
        PowerFlowError: If a connection is unfed, an impedance or a transformer impossible.
    """
    branches, buses = network.branches, network.bus_index
    closed = closed_branches(network, without)
    reach = trace_phases(network, closed)
    legs = find_legs(network, reach, leave_out_unfed=leave_out_unfed)
    fed = [index for index in closed if reach.zone[buses[branches[index].from_bus]] >= 0]
    joining = [index for index in fed if not acts_by_phase(branches[index])]
    fixed = _find_fixed(network, reach, [index for index in fed if index not in joining])
    kept = {buses[source.bus] for source in network.sources} | {int(bus) for bus in legs.bus}
    kept.update(one.bus for one in fixed)
    for index in joining:
        kept.update((buses[branches[index].from_bus], buses[branches[index].to_bus]))
    if every_bus:
        kept.update(int(bus) for bus in np.flatnonzero(reach.zone >= 0))
    chains = reduce_network(network, fed, reach, kept)
    node_of = {int(bus): node for node, bus in enumerate(chains.nodes)}
    rated = _rated_volts(network, chains, reach)
    load_nodes, leg_place = np.unique(
        np.array([node_of[int(bus)] for bus in legs.bus], dtype=np.int64), return_inverse=True
    )
    fixed_node = np.array([node_of[one.bus] for one in fixed], dtype=np.int64)
    loads = _loads(load_nodes, fixed_node, [one.power for one in fixed], rated, follows=legs.follows)
    first = loads.size
    lines = _lines(first + rated.size, first, chains, network.frequency)
    used = first + rated.size + lines.size
    parts = {
        "asym_load": loads,
        "node": _nodes(first, rated),
        "asym_line": lines,
        "transformer": _transformers(network, joining, reach, node_of, (first, used)),
        "source": _sources(network, node_of, rated, reach, (first, used + len(joining))),
        "shunt": _floating(
            network, joining, reach, chains, rated, (first, used + len(joining) + len(network.sources))
        ),
    }
    model = PowerGridModel(
        {name: part for name, part in parts.items() if part.size}, system_frequency=network.frequency
    )
    return FlowModel(
        model=model,
        reach=reach,
        chains=chains,
        legs=legs,
        base=rated / _SQRT3,
        load_nodes=load_nodes,
        leg_place=leg_place.reshape(-1),
        transformers=np.array(joining, dtype=np.int64),
        fixed=np.array([one.power.real for one in fixed], dtype=np.float64).reshape(-1, PHASE_COUNT),
        fixed_branch=np.array([one.branch for one in fixed], dtype=np.int64),
        fixed_node=fixed_node,
    )


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What draws by the voltage alone: a shunt (branch -1), or half of the iron of a transformer. [VA/V²]"""

    bus: int
    branch: int
    power: NDArray[np.complex128]


def _find_fixed(network: Network, reach: Reach, by_phase: list[int]) -> list[_Fixed]:
    buses = network.bus_index
    found = [
        _Fixed(buses[shunt.bus], -1, _shunt_power(network, shunt, reach))
        for shunt in network.shunts
        if shunt.is_grounded and reach.zone[buses[shunt.bus]] >= 0
    ]
    for index in by_phase:
        one = network.branches[index]
        if isinstance(one, Transformer) and (one.iron_loss_watts > 0 or one.no_load_current_pu > 0):
            ends = buses[one.from_bus], buses[one.to_bus]
            found.extend(_Fixed(bus, index, _iron_power(network, one, bus, reach)) for bus in ends)
    return found


def _rated_volts(network: Network, chains: Chains, reach: Reach) -> NDArray[np.float64]:
    """Between phases, as referred, the same in all of a zone, since lines join only nodes of one rating. [V]"""
    nominal = np.array([bus.nominal_volts for bus in network.buses])[chains.nodes]
    volts = nominal * reach.scale[chains.nodes].max(axis=1)
    zones = reach.zone[chains.nodes]
    return np.array([volts[np.flatnonzero(zones == zone)[0]] for zone in zones])


def _nodes(first: int, rated: NDArray[np.float64]) -> Any:
    nodes = initialize_array("input", "node", rated.size)
    nodes["id"] = first + np.arange(rated.size)
    nodes["u_rated"] = rated
    return nodes


def _loads(
    load_nodes: NDArray[np.int64],
    fixed_node: NDArray[np.int64],
    fixed: list[NDArray[np.complex128]],
    rated: NDArray[np.float64],
    *,
    follows: bool,
) -> Any:
    """Constant powers by load node, constant impedances likewise, and what never changes."""
    updated = load_nodes.size * (2 if follows else 1)
    loads = initialize_array("input", "asym_load", updated + len(fixed))
    loads["id"] = np.arange(loads.size)
    loads["node"] = loads.size + np.concatenate(
        (load_nodes, load_nodes[: updated - load_nodes.size], fixed_node)
    )
    loads["status"] = 1
    loads["type"] = LoadGenType.const_impedance
    loads["type"][: load_nodes.size] = LoadGenType.const_power
    loads["p_specified"], loads["q_specified"] = 0.0, 0.0
    for place, (node, power) in enumerate(zip(fixed_node, fixed, strict=True)):
        squared = rated[node] ** 2 / PHASE_COUNT
        loads["p_specified"][updated + place] = power.real * squared
        loads["q_specified"][updated + place] = power.imag * squared
    return loads


def _lines(first: int, nodes: int, chains: Chains, frequency: float) -> Any:
    assert frequency > 0
    lines = initialize_array("input", "asym_line", chains.ends.shape[0])
    lines["id"] = first + np.arange(lines.size)
    lines["from_node"], lines["to_node"] = nodes + chains.ends[:, 0], nodes + chains.ends[:, 1]
    lines["from_status"] = lines["to_status"] = 1
    for row, letter in enumerate(_LETTERS):
        for column in range(row + 1):
            name = f"{letter}{_LETTERS[column]}"
            lines[f"r_{name}"] = chains.impedance[:, row, column].real
            lines[f"x_{name}"] = chains.impedance[:, row, column].imag
            lines[f"c_{name}"] = chains.capacitance[:, row, column]
    return lines


def _transformers(
    network: Network, joining: list[int], reach: Reach, node_of: dict[int, int], ids: tuple[int, int]
) -> Any:
    nodes, first = ids
    made = initialize_array("input", "transformer", len(joining))
    for place, index in enumerate(joining):
        one = network.branches[index]
        assert isinstance(one, Transformer)
        _check_transformer(network, one)
        begin, end = network.bus_index[one.from_bus], network.bus_index[one.to_bus]
        row = made[place : place + 1]
        row["id"], row["from_node"], row["to_node"] = (
            first + place,
            nodes + node_of[begin],
            nodes + node_of[end],
        )
        row["from_status"] = row["to_status"] = 1
        row["u1"], row["u2"] = one.from_volts * reach.scale[begin, 0], one.to_volts * reach.scale[end, 0]
        row["sn"], row["uk"] = one.rated_volt_amperes, one.short_circuit_pu
        row["pk"] = min(one.copper_loss_watts, one.short_circuit_pu * one.rated_volt_amperes)
        row["p0"] = one.iron_loss_watts
        row["i0"] = max(one.no_load_current_pu, one.iron_loss_watts / one.rated_volt_amperes)
        row["winding_from"], row["winding_to"] = _FROM[one.from_winding], _TO[one.to_winding]
        row["clock"] = one.clock % 12
        for name in ("tap_side", "tap_pos", "tap_min", "tap_max", "tap_nom", "tap_size"):
            row[name] = 0
    return made


def _check_transformer(network: Network, one: Transformer) -> None:
    if one.phases != Phases.ALL or one.from_winding not in _FROM or one.to_winding not in _TO:
        raise PowerFlowError(
            f"{network.name}: transformer {one.id} has the windings {one.from_winding}{one.to_winding} on "
            f"{one.phases}; what is modelled are D, Y, YN to d, y, yn, z, zn of three phases, and YNyn0 of one or more."
        )
    stars = (one.from_winding == "D") == (one.to_winding == "d")
    is_zigzag = one.to_winding.startswith("z")
    if (one.clock % 2 == 0) != (stars != is_zigzag):
        raise PowerFlowError(
            f"{network.name}: transformer {one.id} cannot be {one.from_winding}{one.to_winding}{one.clock}; the clock "
            "of Dd, Yy and Dz is even, that of Dy, Yd and Yz odd."
        )


def _sources(
    network: Network,
    node_of: dict[int, int],
    rated: NDArray[np.float64],
    reach: Reach,
    ids: tuple[int, int],
) -> Any:
    nodes, first = ids
    made = initialize_array("input", "source", len(network.sources))
    for place, one in enumerate(network.sources):
        bus = network.bus_index[one.bus]
        node = node_of[bus]
        ratio = network.buses[bus].nominal_volts * reach.scale[bus, 0] / rated[node]
        row = made[place : place + 1]
        row["id"], row["node"], row["status"] = first + place, nodes + node, 1
        row["u_ref"], row["sk"] = one.voltage_pu * ratio, one.short_circuit_volt_amperes / ratio**2
        row["rx_ratio"], row["z01_ratio"] = one.resistance_ratio, one.zero_sequence_ratio
    return made


def _floating(
    network: Network,
    joining: list[int],
    reach: Reach,
    chains: Chains,
    rated: NDArray[np.float64],
    ids: tuple[int, int],
) -> Any:
    """For each zone that nothing earths a shunt, so small that no figure shows it, to hold its star point."""
    nodes, first = ids
    zones = reach.zone[chains.nodes]
    earthed = {int(reach.zone[network.bus_index[source.bus]]) for source in network.sources}
    for index in joining:
        one = network.branches[index]
        assert isinstance(one, Transformer)
        if one.to_winding == "zn" or (one.to_winding == "yn" and one.from_winding == "D"):
            earthed.add(int(reach.zone[network.bus_index[one.to_bus]]))
        if one.from_winding == "YN" and one.to_winding == "d":
            earthed.add(int(reach.zone[network.bus_index[one.from_bus]]))
    bare = sorted({int(zone) for zone in zones} - earthed)
    made = initialize_array("input", "shunt", len(bare))
    for place, zone in enumerate(bare):
        node = int(np.flatnonzero(zones == zone)[0])
        row = made[place : place + 1]
        row["id"], row["node"], row["status"] = first + place, nodes + node, 1
        row["g1"] = row["b1"] = row["b0"] = 0.0
        row["g0"] = _FLOATING_PU * 1e6 / rated[node] ** 2
    return made


def _shunt_power(network: Network, shunt: Shunt, reach: Reach) -> NDArray[np.complex128]:
    """Power at one volt, as referred, by phase. [VA/V²]"""
    bus = network.bus_index[shunt.bus]
    power = np.zeros(PHASE_COUNT, dtype=np.complex128)
    here = [phase for phase in shunt.phases.indices if reach.reached[bus, phase]]
    power[here] = complex(shunt.conductance, -shunt.susceptance) / reach.scale[bus, here] ** 2
    return power


def _iron_power(network: Network, one: Transformer, bus: int, reach: Reach) -> NDArray[np.complex128]:
    """What half of its iron draws at one volt at one of its ends, as referred, by phase. [VA/V²]

    Half at either end, as power-grid-model has it for the transformers that it knows.
    """
    apparent = max(one.no_load_current_pu * one.rated_volt_amperes, one.iron_loss_watts)
    drawn = complex(one.iron_loss_watts, (apparent**2 - one.iron_loss_watts**2) ** 0.5) / 2
    volts = one.from_volts if bus == network.bus_index[one.from_bus] else one.to_volts
    here = [phase for phase in one.phases.indices if reach.reached[bus, phase]]
    power = np.zeros(PHASE_COUNT, dtype=np.complex128)
    power[here] = drawn / len(one.phases.indices) / (volts**2 / PHASE_COUNT) / reach.scale[bus, here] ** 2
    return power
