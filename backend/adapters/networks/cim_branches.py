"""Lines, switches and transformers of a CIM model."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.networks.cim_nodes import phases_of
from backend.adapters.networks.impedances import (
    NO_ZERO_SEQUENCE,
    SequenceImpedance,
    capacitance_of,
    sequence_matrices,
)
from backend.grid import Phases, Segment, Switch, Transformer
from backend.metering import Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.networks.cim_nodes import CimNodes
    from backend.adapters.networks.cim_objects import CimModel, CimObject
    from backend.adapters.networks.drafting import NetworkDraft

    _Matrices = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]

__all__ = ["take_lines", "take_switches", "take_transformers"]

_SWITCHES = (
    "Breaker", "Disconnector", "LoadBreakSwitch", "Switch", "Fuse", "Recloser", "Jumper", "Sectionaliser", "Cut",
    "ProtectedSwitch", "DisconnectingCircuitBreaker",
)  # fmt: skip
_LINES = ("ACLineSegment", "SeriesCompensator", "EquivalentBranch")
_PAIR = 2
_CLOCKS = 12
_USUAL_CLOCK = 11


def take_lines(draft: NetworkDraft, model: CimModel, nodes: CimNodes, frequency: float) -> set[str]:
    """Take lines, series compensators and equivalent branches; returns the ids of what was looked at."""
    taken: set[str] = set()
    lacking: list[str] = []
    for one in model.of(*_LINES):
        taken.add(one.key)
        ends = nodes.ends(one)
        if len(ends) != _PAIR:
            if ends:
                draft.note_fault(
                    "terminals", one.name, f"{one.kind} {one.name} has {len(ends)} terminals, not two."
                )
            continue
        name = draft.name_branch(one.name, one.kind)
        metres = (one.number("Conductor.length") or 0.0) * model.kilo
        phases = _line_phases(model, one)
        matrices = _matrices(draft, model, one, name, phases, metres, frequency, lacking)
        if matrices is not None:
            rated = _current_limit(model, nodes, one)
            draft.segments.append(Segment(name, ends[0], ends[1], phases, metres, *matrices, rated))
    if lacking:
        draft.note_fault(
            "no_zero_sequence", lacking[0], f"{len(lacking)} lines {NO_ZERO_SEQUENCE}", Severity.WARNING
        )
    return taken


def _line_phases(model: CimModel, one: CimObject) -> Phases:
    parts = model.behind(one, "ACLineSegmentPhase.ACLineSegment")
    phases = Phases.NONE
    for part in parts:
        phases |= phases_of(part.text("ACLineSegmentPhase.phase"))
    return phases or Phases.ALL


def _matrices(
    draft: NetworkDraft,
    model: CimModel,
    one: CimObject,
    name: str,
    phases: Phases,
    metres: float,
    frequency: float,
    lacking: list[str],
) -> _Matrices | None:
    per_length = model.target(one, "ACLineSegment.PerLengthImpedance")
    if per_length is not None and per_length.kind == "PerLengthPhaseImpedance":
        return _phase_matrices(draft, model, one, per_length, name, phases, metres, frequency)
    source, prefix, factor = one, one.kind, 1.0
    if per_length is not None:
        source, prefix, factor = per_length, "PerLengthSequenceImpedance", metres / model.kilo
    said = {part: source.number(f"{prefix}.{part}") for part in ("r", "x", "r0", "x0", "bch", "b0ch")}
    if said["r"] is None or said["x"] is None:
        draft.note_fault(
            "no_impedance", name, f"{one.kind} {name} has no r and x; is the equipment profile whole?"
        )
        return None
    if said["r0"] is None or said["x0"] is None:
        lacking.append(name)
    line = SequenceImpedance(
        said["r"] * factor,
        said["x"] * factor,
        None if said["r0"] is None else said["r0"] * factor,
        None if said["x0"] is None else said["x0"] * factor,
        capacitance_of((said["bch"] or 0.0) * factor, frequency),
        None if said["b0ch"] is None else capacitance_of(said["b0ch"] * factor, frequency),
    )
    return sequence_matrices(line, phases)


def _phase_matrices(
    draft: NetworkDraft,
    model: CimModel,
    one: CimObject,
    per_length: CimObject,
    name: str,
    phases: Phases,
    metres: float,
    frequency: float,
) -> _Matrices | None:
    """Of a line that is given by phase: a lower triangle by row and column, in the order of the line's phases."""
    size = len(phases.indices)
    resistance, reactance, susceptance = (np.zeros((size, size)) for _ in range(3))
    factor = metres / model.kilo
    order = _phase_order(model, one, phases)
    for entry in model.behind(per_length, "PhaseImpedanceData.PhaseImpedance"):
        row, column = entry.number("PhaseImpedanceData.row"), entry.number("PhaseImpedanceData.column")
        if row is None or column is None or max(row, column) > size:
            draft.note_fault(
                "no_impedance",
                name,
                f"line {name} has {size} phases, and its impedance {per_length.name} an entry at {row}, {column}.",
            )
            return None
        at = order[int(row) - 1], order[int(column) - 1]
        for matrix, part in ((resistance, "r"), (reactance, "x"), (susceptance, "b")):
            matrix[at] = matrix[at[::-1]] = (entry.number(f"PhaseImpedanceData.{part}") or 0.0) * factor
    capacitance = susceptance * capacitance_of(1.0, frequency)
    return resistance, reactance, capacitance if capacitance.any() else None


def _phase_order(model: CimModel, one: CimObject, phases: Phases) -> list[int]:
    """Row of each conductor of a line, in the order in which its impedance counts them, among ascending phases."""
    parts = model.behind(one, "ACLineSegmentPhase.ACLineSegment")
    counted = [
        (
            part.number("ACLineSegmentPhase.sequenceNumber"),
            phases_of(part.text("ACLineSegmentPhase.phase")).indices,
        )
        for part in parts
    ]
    rows = phases.indices
    if len(counted) == len(rows) and all(number is not None and len(index) == 1 for number, index in counted):
        return [rows.index(index[0]) for _, index in sorted(counted, key=lambda pair: pair[0] or 0.0)]
    return list(range(len(rows)))


def _current_limit(model: CimModel, nodes: CimNodes, one: CimObject) -> float:
    """What equipment carries for long: the least of its permanent limits, of any where none is permanent. [A]"""
    holders = [one, *nodes.terminals(one)]
    sets = [
        found
        for holder in holders
        for name in ("OperationalLimitSet.Terminal", "OperationalLimitSet.Equipment")
        for found in model.behind(holder, name)
    ]
    for holder in holders:
        for name in ("ACDCTerminal.OperationalLimitSet", "Equipment.OperationalLimitSet"):
            target = model.target(holder, name)
            sets += [target] if target is not None else []
    limits, permanent = [], []
    for found in sets:
        for limit in model.behind(found, "OperationalLimit.OperationalLimitSet"):
            value = limit.number("CurrentLimit.value", "CurrentLimit.normalValue")
            if limit.kind != "CurrentLimit" or value is None or value <= 0:
                continue
            limits.append(value)
            kind = model.target(limit, "OperationalLimit.OperationalLimitType")
            if kind is not None and (
                kind.word("OperationalLimitType.limitType").lower() == "patl"
                or kind.word("OperationalLimitType.kind").lower() == "patl"
                or kind.mark("OperationalLimitType.isInfiniteDuration")
            ):
                permanent.append(value)
    return min(permanent or limits, default=0.0)


def take_switches(draft: NetworkDraft, model: CimModel, nodes: CimNodes) -> set[str]:
    """Take switches as they stand, else as they stand normally; returns the ids of what was looked at."""
    taken = set()
    for one in model.of(*_SWITCHES):
        taken.add(one.key)
        terminals = nodes.terminals(one)
        if len(terminals) != _PAIR:
            draft.note_fault(
                "terminals", one.name, f"{one.kind} {one.name} has {len(terminals)} terminals, not two."
            )
            continue
        is_off = any(end.mark("ACDCTerminal.connected", "Terminal.connected") is False for end in terminals)
        is_open = bool(one.mark("Switch.open", "Switch.normalOpen")) or is_off
        parts = model.behind(one, "SwitchPhase.Switch")
        phases = Phases.NONE
        for part in parts:
            phases |= phases_of(part.text("SwitchPhase.phaseSide1"))
        draft.switches.append(
            Switch(
                draft.name_branch(one.name, one.kind),
                nodes.bus_of(terminals[0]),
                nodes.bus_of(terminals[1]),
                phases or Phases.ALL,
                is_closed=not is_open,
                is_normally_open=bool(one.mark("Switch.normalOpen")),
                rated_amperes=one.number("Switch.ratedCurrent") or _current_limit(model, nodes, one),
            )
        )
    return taken


def take_transformers(draft: NetworkDraft, model: CimModel, nodes: CimNodes) -> set[str]:
    """Take transformers of two windings and three phases; returns the ids of what was looked at."""
    taken = set()
    for one in model.of("PowerTransformer"):
        taken.add(one.key)
        ends = sorted(
            model.behind(one, "PowerTransformerEnd.PowerTransformer"),
            key=lambda end: end.number("TransformerEnd.endNumber") or 0.0,
        )
        if len(ends) != _PAIR:
            tanks = len(model.behind(one, "TransformerTank.PowerTransformer"))
            draft.note_fault(
                "windings",
                one.name,
                f"transformer {one.name} has {f'{tanks} tanks' if tanks else f'{len(ends)} windings'}; networks have "
                "transformers of two windings and three phases. Give it as such.",
            )
            continue
        terminals = [model.target(end, "TransformerEnd.Terminal") for end in ends]
        if any(
            end is None or end.mark("ACDCTerminal.connected", "Terminal.connected") is False
            for end in terminals
        ):
            nodes.disconnected += 1
            continue
        made = _transformer(
            draft, model, one, ends, [nodes.bus_of(end) for end in terminals if end is not None]
        )
        if made is not None:
            draft.transformers.append(made)
    return taken


def _transformer(
    draft: NetworkDraft, model: CimModel, one: CimObject, ends: list[CimObject], buses: list[str]
) -> Transformer | None:
    name = draft.name_branch(one.name, "PowerTransformer")
    volts = [(end.number("PowerTransformerEnd.ratedU") or 0.0) * model.kilo for end in ends]
    rated = max((end.number("PowerTransformerEnd.ratedS") or 0.0) for end in ends) * model.mega
    if min(volts) <= 0 or rated <= 0:
        draft.note_fault(
            "impossible_rating",
            name,
            f"transformer {name} is rated {rated:g} VA, {volts[0]:g} to {volts[1]:g} V.",
        )
        return None
    resistance, reactance, conductance, susceptance = _referred(model, ends, volts)
    base = volts[0] ** 2 / rated
    high, low = (0, 1) if volts[0] >= volts[1] else (1, 0)
    windings = [_winding(ends[high]).upper(), _winding(ends[low])]
    clock = _clock(draft, name, ends, windings, high)
    tapped = [value * _tap(model, end) for value, end in zip(volts, ends, strict=True)]
    iron = conductance * volts[0] ** 2
    return Transformer(
        name,
        buses[high],
        buses[low],
        rated,
        tapped[high],
        tapped[low],
        windings[0],
        windings[1],
        clock,
        short_circuit_pu=hypot(resistance, reactance) / base,
        copper_loss_watts=resistance / base * rated,
        iron_loss_watts=iron,
        no_load_current_pu=max(hypot(conductance, susceptance) * base, iron / rated),
    )


def _referred(
    model: CimModel, ends: list[CimObject], volts: list[float]
) -> tuple[float, float, float, float]:
    """Series R and X, shunt G and B of both windings, referred to the first. [Ω, Ω, S, S]"""
    mesh = model.behind(ends[0], "TransformerMeshImpedance.FromTransformerEnd")
    square = (volts[0] / volts[1]) ** 2
    if mesh:
        r, x = (
            mesh[0].number("TransformerMeshImpedance.r") or 0.0,
            mesh[0].number("TransformerMeshImpedance.x") or 0.0,
        )
    else:
        parts = [[end.number(f"PowerTransformerEnd.{part}") or 0.0 for end in ends] for part in ("r", "x")]
        r, x = (first + second * square for first, second in parts)
    shunt = []
    for part in ("g", "b"):
        own = [end.number(f"PowerTransformerEnd.{part}") or 0.0 for end in ends]
        core = [
            admittance.number(f"TransformerCoreAdmittance.{part}") or 0.0
            for end in ends
            for admittance in model.behind(end, "TransformerCoreAdmittance.TransformerEnd")
        ]
        shunt.append(core[0] if core else own[0] + own[1] / square)
    return r, x, shunt[0], shunt[1]


def _winding(end: CimObject) -> str:
    kind = end.word("PowerTransformerEnd.connectionKind").lower()
    if kind in {"y", "z"} and end.mark("TransformerEnd.grounded"):
        kind += "n"
    return kind or "yn"


def _clock(draft: NetworkDraft, name: str, ends: list[CimObject], windings: list[str], high: int) -> int:
    """Clock of the low voltage against the high; a missing one is guessed and named, as is one that there is not."""
    said = [end.number("PowerTransformerEnd.phaseAngleClock") for end in ends]
    clock = int((said[1 - high] or 0.0) - (said[high] or 0.0)) % _CLOCKS
    is_odd = (windings[0][0].lower() == "y") != (windings[1][0] == "y")
    if clock % 2 != is_odd:
        guess = _USUAL_CLOCK if is_odd else 0
        group = "".join(windings)
        draft.note_fault(
            "vector_group",
            name,
            f"transformer {name} is {group} with the clock {clock}, which there is not; read as {group}{guess}.",
            Severity.WARNING,
        )
        clock = guess
    return clock


def _tap(model: CimModel, end: CimObject) -> float:
    factor = 1.0
    for changer in model.behind(end, "RatioTapChanger.TransformerEnd"):
        step = changer.number("TapChanger.step", "TapChanger.normalStep", "TapChanger.neutralStep")
        neutral = changer.number("TapChanger.neutralStep")
        increment = changer.number("RatioTapChanger.stepVoltageIncrement")
        if step is not None and neutral is not None and increment is not None:
            factor *= 1 + (step - neutral) * increment / 100
    return factor
