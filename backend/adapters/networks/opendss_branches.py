"""What OpenDSS built, told as sources, segments, switches, transformers and shunts."""

from __future__ import annotations

from math import hypot, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid import Phases, Segment, Shunt, Source, Switch, Transformer
from backend.metering import Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.networks.drafting import NetworkDraft

__all__ = ["phases_of", "take_lines", "take_shunts", "take_sources", "take_transformers"]

_METRES = {1: 1609.344, 2: 304.8, 3: 1000.0, 4: 1.0, 5: 0.3048, 6: 0.0254, 7: 0.01}
_LAST_PHASE = 3
_PAIR = 2
_SHOWN = 5
_WINDINGS = 2
_SOLID_OHMS = 0.01
_TINY_SIEMENS = 1e-12


def phases_of(nodes: list[int]) -> Phases:
    """The phases among the nodes of a terminal: 1, 2, 3; others are neutrals and earth."""
    return Phases(sum({1 << (node - 1) for node in nodes if 0 < node <= _LAST_PHASE}))


def take_sources(draft: NetworkDraft, told: dict[str, Any]) -> None:
    """Voltage sources behind an impedance."""
    volts = {bus.id: bus.nominal_volts for bus in draft.buses}
    for one in told["Vsource"]:
        if "at" not in one:
            continue
        bus, nodes = one["at"][0]
        if phases_of(nodes) != Phases.ALL:
            draft.note_fault(
                "not_carried", one["Name"], f"source {one['Name']} has phases {phases_of(nodes)}, not all."
            )
            continue
        z1, z0 = hypot(one["R1"], one["X1"]), hypot(one["R0"], one["X0"])
        draft.sources.append(
            Source(
                one["Name"],
                bus,
                voltage_pu=one["pu"] * one["BasekV"] * 1e3 / volts[bus],
                short_circuit_volt_amperes=volts[bus] ** 2 / z1 if z1 else 1e15,
                resistance_ratio=one["R1"] / one["X1"] if one["X1"] else 0.0,
                zero_sequence_ratio=z0 / z1 if z1 and z0 else 1.0,
            )
        )


def take_lines(draft: NetworkDraft, told: dict[str, Any]) -> None:
    """Lines, and those that switch; series reactors are segments too."""
    known = {bus.id for bus in draft.buses}
    solid = _grounded_nodes(told)
    wires: list[tuple[tuple[str, int], tuple[str, int]]] = []
    for one in told["Line"]:
        name = draft.name_branch(one["Name"], "line")
        if not one["Enabled"]:
            ends = [one[end].split(".")[0].lower() for end in ("Bus1", "Bus2")]
            if one["Switch"] and known.issuperset(ends):
                draft.switches.append(Switch(name, ends[0], ends[1], is_closed=False, is_normally_open=True))
            continue
        (start, from_nodes), (end, to_nodes) = one["at"]
        kept = _conductors(draft, name, from_nodes, to_nodes)
        if kept is None:
            continue
        matrices = told["lines"][one["Name"]]
        phases = phases_of([from_nodes[place] for place in kept])
        if matrices["is_switch"] or any(one["open"]):
            closed = not any(one["open"])
            amperes = matrices["amperes"]
            draft.switches.append(
                Switch(
                    name,
                    start,
                    end,
                    phases,
                    is_closed=closed,
                    is_normally_open=not closed,
                    rated_amperes=amperes,
                )
            )
            if not matrices["is_switch"]:
                draft.notes[f"open {name}"] = "a line that the file opens; told as an open switch."
            continue
        neutrals = [place for place in range(len(from_nodes)) if place not in kept]
        wires += [((start, from_nodes[place]), (end, to_nodes[place])) for place in neutrals]
        is_solid = all(
            from_nodes[place] == 0 or {(start, from_nodes[place]), (end, to_nodes[place])} <= solid
            for place in neutrals
        )
        draft.segments.append(_segment(name, (start, end), phases, matrices, (kept, neutrals), is_solid))
    _take_series_reactors(draft, told)
    if wires:
        _name_loose_neutrals(draft, told, wires, solid)
        draft.notes["neutral"] = (
            "Neutral conductors are part of the segments' matrices: between phase and neutral, all of the return in "
            "the neutral (what flows back through earthing rods is left out), by Kron's elimination where both of its "
            "ends are solidly earthed."
        )


def _segment(
    name: str,
    ends: tuple[str, str],
    phases: Phases,
    matrices: dict[str, Any],
    conductors: tuple[list[int], list[int]],
    is_solid: bool,  # noqa: FBT001 -- inner
) -> Segment:
    size = round(sqrt(len(matrices["r"])))
    length = matrices["length"]
    shape = (size, size)
    impedance = (np.array(matrices["r"]) + 1j * np.array(matrices["x"])).reshape(shape) * length
    capacitance = np.array(matrices["c"]).reshape(shape) * length * 1e-9
    reduced = _eliminate(impedance, *conductors, is_solid=is_solid)
    kept = conductors[0]
    inner = capacitance[np.ix_(kept, kept)]
    return Segment(
        name,
        *ends,
        phases,
        length * _METRES.get(matrices["units"], 0.0),
        np.ascontiguousarray(reduced.real),
        np.ascontiguousarray(reduced.imag),
        inner if inner.any() else None,
        matrices["amperes"],
    )


def _conductors(draft: NetworkDraft, name: str, start: list[int], end: list[int]) -> list[int] | None:
    """Places of the phase conductors, by ascending phase; None where a phase leaves as another than it came."""
    kept = []
    for place, (one, other) in enumerate(zip(start, end, strict=True)):
        is_phase = 0 < one <= _LAST_PHASE, 0 < other <= _LAST_PHASE
        if any(is_phase) and one != other:
            draft.note_fault(
                "phase_swap",
                name,
                f"{name} joins node {one} at one end with node {other} at the other; phases keep their names along a "
                "segment. Name them alike.",
            )
            return None
        if is_phase[0]:
            kept.append(place)
    if not kept:
        draft.note_fault(
            "not_carried", name, f"{name} has no phase conductor, nodes {start}.", Severity.WARNING
        )
        return None
    return sorted(kept, key=lambda place: start[place])


def _eliminate(
    impedance: NDArray[np.complex128], kept: list[int], neutrals: list[int], *, is_solid: bool
) -> NDArray[np.complex128]:
    """Impedance of the phase conductors alone.

    Where the neutral is solidly earthed at both ends, its voltage is zero and the return divides: Kron,
    Z = Zpp - Zpn Znn^-1 Znp. Elsewhere all of the return flows in it, and Z is between phase and neutral:
    Zij - Zin - Znj + Znn. Source: Kersting, Distribution System Modeling and Analysis, 4th ed. (2017), 4.1.6;
    Ciric, Feltrin and Ochoa, Power flow in four-wire distribution networks, IEEE Trans. Power Syst. 18 (2003).
    """
    inner = impedance[np.ix_(kept, kept)]
    if not neutrals:
        return inner
    across, own = impedance[np.ix_(kept, neutrals)], impedance[np.ix_(neutrals, neutrals)]
    if is_solid:
        solved: NDArray[np.complex128] = inner - across @ np.linalg.solve(
            own, impedance[np.ix_(neutrals, kept)]
        )
        return solved
    # Several neutrals side by side carry the return together: first they become one, joined at both ends.
    weights = np.linalg.solve(own, np.ones(len(neutrals)))
    share = weights / weights.sum()
    to_neutral, of_neutral = across @ share, 1 / weights.sum()
    between: NDArray[np.complex128] = inner - to_neutral[:, None] - to_neutral[None, :] + of_neutral
    return between


def _grounded_nodes(told: dict[str, Any]) -> set[tuple[str, int]]:
    """Nodes that a reactor joins to earth with next to no impedance."""
    found = set()
    for one in told["Reactor"]:
        if (
            "at" in one
            and len(one["at"]) == _PAIR
            and one["at"][1][1] == [0]
            and hypot(one["R"], one["X"]) < _SOLID_OHMS
        ):
            found.add((one["at"][0][0], one["at"][0][1][0]))
    return found


def _name_loose_neutrals(
    draft: NetworkDraft,
    told: dict[str, Any],
    wires: list[tuple[tuple[str, int], tuple[str, int]]],
    solid: set[tuple[str, int]],
) -> None:
    """Name neutrals that lead to no star point: what returns in them goes through earth, which is not carried over."""
    ways: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for start, end in wires:
        ways.setdefault(start, []).append(end)
        ways.setdefault(end, []).append(start)
    queue = [one for one in ways if one in solid or one[1] == 0]
    for transformer in told["Transformer"]:
        for bus, nodes in transformer.get("at", []):
            queue += [(bus, node) for node in nodes if node > _LAST_PHASE and (bus, node) in ways]
    reached = set(queue)
    while queue:
        for other in ways[queue.pop()]:
            if other not in reached:
                reached.add(other)
                queue.append(other)
    loose = sorted({bus for bus, node in ways if (bus, node) not in reached})
    if loose:
        some = ", ".join(loose[:_SHOWN]) + (" ..." if len(loose) > _SHOWN else "")
        draft.note_fault(
            "loose_neutral",
            loose[0],
            f"the neutral at {len(loose)} buses ({some}) leads to no transformer's star point nor to solid earth; it "
            "is read as if it did. Join it to the transformer's fourth node.",
            Severity.WARNING,
        )


def _take_series_reactors(draft: NetworkDraft, told: dict[str, Any]) -> None:
    for one in told["Reactor"]:
        if "at" not in one or not _is_series(one):
            continue
        (start, from_nodes), (end, to_nodes) = one["at"]
        name = draft.name_branch(one["Name"], "reactor")
        kept = _conductors(draft, name, from_nodes, to_nodes)
        if kept is None:
            continue
        size = len(from_nodes)
        inner = -_yprim(one)[:size, size:]
        impedance = np.linalg.inv(inner)[np.ix_(kept, kept)]
        draft.segments.append(
            Segment(
                name,
                start,
                end,
                phases_of(from_nodes),
                0.0,
                np.ascontiguousarray(impedance.real),
                np.ascontiguousarray(impedance.imag),
                None,
                one["NormAmps"],
            )
        )


def _is_series(one: dict[str, Any]) -> bool:
    """Does it lie between two buses, and not between one and earth?"""
    return len(one["at"]) == _PAIR and any(one["at"][1][1])


def _yprim(one: dict[str, Any]) -> NDArray[np.complex128]:
    pairs = np.array(one["yprim"]).reshape(-1, 2)
    size = round(sqrt(len(pairs)))
    matrix: NDArray[np.complex128] = (pairs[:, 0] + 1j * pairs[:, 1]).reshape(size, size)
    return matrix


def take_shunts(draft: NetworkDraft, told: dict[str, Any]) -> None:
    """Capacitors as they are switched, and reactors to earth; those of a neutral are its earthing and told nowhere."""
    earthings = 0
    for kind in ("Capacitor", "Reactor"):
        for one in told[kind]:
            if "at" not in one or (_is_series(one) and kind == "Reactor"):
                continue
            bus, nodes = one["at"][0]
            phases = phases_of(nodes)
            if _is_series(one):
                draft.note_fault(
                    "not_carried", one["Name"], f"{kind} {one['Name']} lies in series and cannot be carried."
                )
                continue
            if not phases:
                earthings += 1
                continue
            own = _yprim(one)[: len(nodes), : len(nodes)]
            is_delta = one["Conn"] == "delta"
            if is_delta and phases != Phases.ALL:
                draft.note_fault(
                    "not_carried",
                    one["Name"],
                    f"{kind} {one['Name']} lies between two phases and cannot be carried.",
                )
                continue
            phase = -3 * own[0, 1] if is_delta else own[0, 0]
            if abs(phase) > _TINY_SIEMENS:
                draft.shunts.append(
                    Shunt(one["Name"], bus, phases, float(phase.real), float(phase.imag), not is_delta)
                )
    if earthings:
        draft.notes["earthing"] = f"{earthings} earthings of neutrals are not carried over."


def take_transformers(draft: NetworkDraft, told: dict[str, Any]) -> None:
    """Two windings, of three phases or of one phase and neutral; others are named and left out."""
    for one in told["Transformer"]:
        if "at" not in one:
            continue
        name = draft.name_branch(one["Name"], "transformer")
        if len(one["at"]) != _WINDINGS:
            halves = one["Phases"] == 1 and len(one["at"]) == _WINDINGS + 1
            draft.note_fault(
                "centre_tapped" if halves else "windings",
                name,
                f"transformer {name} has {len(one['at'])} windings"
                f"{', a centre-tapped secondary' if halves else ''}; a network here has transformers of two. Give it "
                "as two transformers, or as one with two windings.",
            )
            continue
        phases = [phases_of(nodes) for _, nodes in one["at"]]
        across = [one["Phases"] == 1 and len(phase.indices) != 1 for phase in phases]
        if phases[0] != phases[1] or any(across) or one["Phases"] == 2:  # noqa: PLR2004 -- two phases
            draft.note_fault(
                "between_phases",
                name,
                f"transformer {name} has windings on {phases[0]} and {phases[1]}, each of {one['Phases']} phase; a "
                "winding between two phases, or on other phases than its partner, cannot be carried.",
            )
            continue
        draft.transformers.append(_transformer(draft, name, one, phases[0]))


def _transformer(draft: NetworkDraft, name: str, one: dict[str, Any], phases: Phases) -> Transformer:
    high = 0 if one["kV"][0] >= one["kV"][1] else 1
    ends = (high, 1 - high)
    star = sqrt(3) if one["Phases"] == 1 else 1.0
    volts = [one["kV"][end] * one["Tap"][end] * star * 1e3 for end in ends]
    rated = one["kVA"][0] * 1e3
    resistance = one["pctR"][0] / 100 + one["pctR"][1] / 100 * one["kVA"][0] / one["kVA"][1]
    windings = [_winding(one, end) for end in ends]
    kinds = [winding.upper()[0] for winding in windings]
    clock = 0 if kinds[0] == kinds[1] else 1 if one["LeadLag"].lower() in {"lag", "ansi"} else 11
    if one["controls"]:
        draft.notes[f"regulator {name}"] = f"tap held at {one['Tap'][1]:.5f}, where a snapshot put it."
    iron = one["pctNoLoadLoss"] / 100
    return Transformer(
        name,
        one["at"][ends[0]][0],
        one["at"][ends[1]][0],
        rated,
        volts[0],
        volts[1],
        windings[0].upper(),
        windings[1],
        clock,
        short_circuit_pu=hypot(one["XHL"] / 100, resistance),
        copper_loss_watts=resistance * rated,
        iron_loss_watts=iron * rated,
        no_load_current_pu=hypot(one["pctIMag"] / 100, iron),
        phases=phases,
    )


def _winding(one: dict[str, Any], end: int) -> str:
    if one["Conn"][end] == "delta":
        return "d"
    neutral = [node for node in one["at"][end][1] if not 0 < node <= _LAST_PHASE]
    is_floating = neutral and neutral[0] > _LAST_PHASE and neutral[0] not in one["used_nodes"][end]
    return "y" if is_floating else "yn"
