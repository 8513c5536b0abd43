"""Values that no element of a network can have."""

from __future__ import annotations

from dataclasses import fields
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid.faults.fault import NetworkFault
from backend.grid.network import Segment
from backend.metering import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.grid.network import Bus, Connection, Network, Source, Transformer

__all__ = ["find_element_faults"]

_RATIO_TOLERANCE = 0.2
_LOAD_VOLTAGE_TOLERANCE = 0.3
_SOURCE_PU = (0.5, 1.5)
_VOLTS = (
    40.0,
    1.2e6,
)  # between phases, of what distributes and feeds it: beyond, kV were read as V or V as kV
_AMPERES_MOST = 50e3  # no conductor or switch of a distribution network carries more
_VOLT_AMPERES = (1e3, 2e9)  # of a transformer
_CLOCKS = 12
_PASSIVE_TOLERANCE = 1e-6
_WINDINGS = frozenset({"d", "y", "yn", "z", "zn"})


def find_element_faults(network: Network) -> Iterator[NetworkFault]:
    """Values that cannot be: of buses, sources, branches, connections, in this order."""
    buses = {bus.id: bus for bus in network.buses}
    yield from _of_numbers(network)
    for bus in network.buses:
        yield from _of_bus(bus)
    for source in network.sources:
        yield from _of_source(source)
    for branch in network.branches:
        if branch.from_bus == branch.to_bus:
            yield _fault(
                "self_loop",
                branch.id,
                f"{branch.id} begins and ends at bus {branch.from_bus}; correct an end.",
            )
    for segment in network.segments:
        yield from _of_segment(segment, buses)
    for switch in network.switches:
        yield from _of_amperes(f"switch {switch.id}", switch.id, switch.rated_amperes)
    for transformer in network.transformers:
        yield from _of_transformer(transformer, buses)
    for connection in network.connections:
        yield from _of_connection(connection, buses)


def _fault(rule: str, element: str, message: str, severity: Severity = Severity.FAULT) -> NetworkFault:
    return NetworkFault(rule, element, message, severity)


def _of_numbers(network: Network) -> Iterator[NetworkFault]:
    """Numbers that are none: they could neither be kept nor computed with."""
    kinds: tuple[tuple[Any, ...], ...] = (
        network.buses,
        network.sources,
        network.branches,
        network.connections,
        network.shunts,
    )
    for items in kinds:
        for item in items:
            for field in fields(item):
                value = getattr(item, field.name)
                numbers = (
                    value if isinstance(value, np.ndarray) else [value] if isinstance(value, float) else []
                )
                if not all(np.isfinite(number).all() for number in numbers):
                    yield _fault(
                        "no_number",
                        item.id,
                        f"{item.id} has a {field.name} that is no finite number; correct it.",
                        Severity.REFUSED,
                    )
    if not isfinite(network.frequency) or network.frequency <= 0:
        yield _fault(
            "no_number", "", f"the network's frequency is {network.frequency:g} Hz.", Severity.REFUSED
        )


def _of_amperes(called: str, name: str, amperes: float) -> Iterator[NetworkFault]:
    """A rated current that cannot be, or that nothing has: the loading told by it would be wrong."""
    if not isfinite(amperes) or amperes < 0:
        yield _fault("impossible_rating", name, f"{called} is rated {amperes:g} A; 0 is unknown.")
    elif amperes > _AMPERES_MOST:
        yield _fault(
            "impossible_rating",
            name,
            f"{called} is rated {amperes:g} A, more than any that is built; correct it, 0 where unknown.",
            Severity.WARNING,
        )


def _of_bus(bus: Bus) -> Iterator[NetworkFault]:
    if not _VOLTS[0] <= bus.nominal_volts <= _VOLTS[1]:
        yield _fault(
            "impossible_voltage",
            bus.id,
            f"bus {bus.id} has a nominal voltage of {bus.nominal_volts:g} V; give that between its phases, in volts.",
        )
    if not bus.phases:
        yield _fault(
            "no_phase",
            bus.id,
            f"bus {bus.id} has no phase; nothing can be joined to it.",
            Severity.WARNING,
        )


def _of_source(source: Source) -> Iterator[NetworkFault]:
    if not _SOURCE_PU[0] <= source.voltage_pu <= _SOURCE_PU[1]:
        yield _fault(
            "impossible_voltage",
            source.id,
            f"source {source.id} gives {source.voltage_pu:g} of its bus's nominal voltage; it should be near 1.",
        )
    if not source.short_circuit_volt_amperes > 0 or not isfinite(source.short_circuit_volt_amperes):
        yield _fault(
            "impossible_rating",
            source.id,
            f"source {source.id} has a short-circuit power of {source.short_circuit_volt_amperes:g} VA.",
        )
    if not source.resistance_ratio >= 0 or not source.zero_sequence_ratio > 0:
        yield _fault(
            "impossible_impedance",
            source.id,
            f"source {source.id} has R/X {source.resistance_ratio:g} and Z0/Z1 {source.zero_sequence_ratio:g}; the "
            "first is at least 0, the second more.",
        )


def _of_segment(segment: Segment, buses: dict[str, Bus]) -> Iterator[NetworkFault]:
    name, count = segment.id, len(segment.phases.indices)
    matrices = [segment.resistance, segment.reactance]
    if segment.capacitance is not None:
        matrices.append(segment.capacitance)
    if not count or any(matrix.shape != (count, count) for matrix in matrices):
        shapes = ", ".join(str(matrix.shape) for matrix in matrices)
        yield _fault(
            "impossible_impedance",
            name,
            f"segment {name} has {count} phase{'s' * (count != 1)} and matrices of shape {shapes}; they need a row and "
            "a column per phase.",
        )
        return
    if not all(np.isfinite(matrix).all() for matrix in matrices):
        yield _fault("impossible_impedance", name, f"segment {name} has an impedance that is no number.")
        return
    yield from _of_impedance(segment)
    yield from _of_amperes(f"segment {name}", name, segment.rated_amperes)
    if not isfinite(segment.length_metres) or segment.length_metres < 0:
        yield _fault("impossible_length", name, f"segment {name} is {segment.length_metres:g} m long.")
    ends = [buses[end].nominal_volts for end in (segment.from_bus, segment.to_bus) if end in buses]
    if len(ends) == 2 and min(ends) > 0 and max(ends) > min(ends) * (1 + _RATIO_TOLERANCE):  # noqa: PLR2004 -- ends
        yield _fault(
            "voltage_mismatch",
            name,
            f"segment {name} joins a bus of {ends[0]:g} V with one of {ends[1]:g} V; put a transformer between.",
        )


def _of_impedance(segment: Segment) -> Iterator[NetworkFault]:
    name, resistance, reactance = segment.id, segment.resistance, segment.reactance
    own = np.diag(resistance)
    if (own < 0).any():
        yield _fault(
            "negative_resistance",
            name,
            f"segment {name} has a resistance of {own.min():g} Ω; no conductor gives energy. Correct its sign.",
        )
    elif not resistance.any() and not reactance.any():
        yield _fault(
            "zero_impedance",
            name,
            f"segment {name} has no impedance; it is taken as a closed link. Give its length and line code.",
            Severity.WARNING,
        )
    else:
        least = float(np.linalg.eigvalsh((resistance + resistance.T) / 2).min())
        if least < -_PASSIVE_TOLERANCE * max(float(own.max()), 1e-12):
            yield _fault(
                "impossible_impedance",
                name,
                f"segment {name} has resistances between its phases that are too large beside its own ({own.max():g} Ω)"
                f": some currents would give energy ({least:g} Ω). Correct the matrix.",
                Severity.WARNING,
            )
    if (np.diag(reactance) < 0).any():
        yield _fault(
            "impossible_impedance",
            name,
            f"segment {name} has a reactance of {np.diag(reactance).min():g} Ω, as a capacitor in series has.",
            Severity.WARNING,
        )


def _of_transformer(one: Transformer, buses: dict[str, Bus]) -> Iterator[NetworkFault]:
    name = one.id
    figures = (one.rated_volt_amperes, one.from_volts, one.to_volts)
    if not all(isfinite(figure) and figure > 0 for figure in figures):
        yield _fault(
            "impossible_rating",
            name,
            f"transformer {name} is rated {figures[0]:g} VA, {figures[1]:g} to {figures[2]:g} V; all are positive.",
        )
        return
    if not _VOLT_AMPERES[0] <= one.rated_volt_amperes <= _VOLT_AMPERES[1]:
        yield _fault(
            "impossible_rating",
            name,
            f"transformer {name} is rated {one.rated_volt_amperes:g} VA, as none of a network is; correct it.",
            Severity.WARNING,
        )
    copper = one.copper_loss_watts / one.rated_volt_amperes
    if not 0 < one.short_circuit_pu <= 1 or not 0 <= copper <= one.short_circuit_pu * (
        1 + _PASSIVE_TOLERANCE
    ):
        yield _fault(
            "impossible_impedance",
            name,
            f"transformer {name} has a short-circuit voltage of {one.short_circuit_pu:.3%} and copper losses of "
            f"{copper:.3%} of its rating; the first lies between 0 and 100 %, the second is not above it.",
        )
    if one.iron_loss_watts < 0 or one.no_load_current_pu < 0:
        yield _fault(
            "impossible_rating",
            name,
            f"transformer {name} has iron losses of {one.iron_loss_watts:g} W and a no-load current of "
            f"{one.no_load_current_pu:g}; neither is negative.",
        )
    yield from _of_vector_group(one)
    if one.from_bus in buses and one.to_bus in buses:
        nominal = buses[one.from_bus].nominal_volts, buses[one.to_bus].nominal_volts
        if min(nominal) > 0:
            off = (one.from_volts / one.to_volts) / (nominal[0] / nominal[1])
            if not 1 / (1 + _RATIO_TOLERANCE) < off < 1 + _RATIO_TOLERANCE:
                yield _fault(
                    "turns_ratio",
                    name,
                    f"transformer {name} goes from {one.from_volts:g} to {one.to_volts:g} V, its buses from "
                    f"{nominal[0]:g} to {nominal[1]:g} V; correct the windings or the buses' nominal voltages.",
                )


def _of_vector_group(one: Transformer) -> Iterator[NetworkFault]:
    windings = one.from_winding.lower(), one.to_winding.lower()
    # A star turns against a delta or a zigzag by an odd clock; all others by an even one.
    is_odd = (windings[0][:1] == "y") != (windings[1][:1] == "y")
    if not _WINDINGS.issuperset(windings) or not 0 <= one.clock < _CLOCKS or one.clock % 2 != is_odd:
        yield _fault(
            "vector_group",
            one.id,
            f"transformer {one.id} has the vector group {one.from_winding}{one.to_winding}{one.clock}, which there is "
            "not; write it like Dyn11 or Yyn0.",
        )


def _of_connection(one: Connection, buses: dict[str, Bus]) -> Iterator[NetworkFault]:
    if not one.phases:
        yield _fault("no_phase", one.id, f"connection {one.id} names no phase; write it like L1 or L123.")
        return
    if not -1 <= one.power_factor <= 1 or one.rated_watts < 0 or one.switch_cost < 0:
        yield _fault(
            "impossible_rating",
            one.id,
            f"connection {one.id} has a power factor of {one.power_factor:g}, a rating of {one.rated_watts:g} W and a "
            f"switch cost of {one.switch_cost:g}; the first lies between -1 and 1, the others are not negative.",
        )
    if one.model is None or one.bus not in buses or buses[one.bus].nominal_volts <= 0:
        return
    is_star = len(one.phases.indices) == 1 and not one.is_delta
    nominal = buses[one.bus].nominal_volts / (3**0.5 if is_star else 1.0)
    if (
        not one.model.nominal_volts > 0
        or abs(one.model.nominal_volts / nominal - 1) > _LOAD_VOLTAGE_TOLERANCE
    ):
        yield _fault(
            "load_voltage",
            one.id,
            f"connection {one.id} is made for {one.model.nominal_volts:g} V and stands at a bus that has {nominal:g} V "
            "there; correct one of them.",
            Severity.WARNING,
        )
