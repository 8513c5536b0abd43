"""Sources, loads, machines and shunts of a CIM model."""

from __future__ import annotations

from math import hypot, sqrt
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.networks.cim_nodes import phases_of
from backend.adapters.networks.load_models import model_of_shares, power_factor_of
from backend.grid import Connection, LoadModel, Phases, Shunt, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.networks.cim_nodes import CimNodes
    from backend.adapters.networks.cim_objects import CimModel, CimObject
    from backend.adapters.networks.drafting import NetworkDraft

    _Rows = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]

__all__ = ["take_loads", "take_shunts", "take_sources"]

_CONSUMERS = ("EnergyConsumer", "ConformLoad", "NonConformLoad", "StationSupply")
_GIVERS = ("SynchronousMachine", "AsynchronousMachine", "PowerElectronicsConnection", "EquivalentInjection")


def take_sources(draft: NetworkDraft, model: CimModel, nodes: CimNodes) -> set[str]:
    """Take what stands for the network above; returns the ids of what was looked at.

    Where a model has neither a source nor a network's injection, the machine that angles refer to is one.
    """
    taken = set()
    volts = {bus.id: bus.nominal_volts for bus in draft.buses}
    for one in model.of("EnergySource"):
        taken.add(one.key)
        for bus in nodes.ends(one)[:1]:
            draft.sources.append(_energy_source(model, one, bus, volts.get(bus, 0.0)))
    for one in model.of("ExternalNetworkInjection"):
        taken.add(one.key)
        for bus in nodes.ends(one)[:1]:
            draft.sources.append(_injection(model, one, bus, volts.get(bus, 0.0)))
    if not draft.sources:
        machines = [
            (one.number("SynchronousMachine.referencePriority") or 0.0, one)
            for one in model.of("SynchronousMachine")
        ]
        first = min((pair for pair in machines if pair[0] > 0), key=lambda pair: pair[0], default=None)
        if first is not None:
            one = first[1]
            taken.add(one.key)
            for bus in nodes.ends(one)[:1]:
                draft.sources.append(Source(one.name, bus, _target_pu(model, one, volts.get(bus, 0.0))))
                draft.notes["source"] = (
                    f"machine {one.name}, which angles refer to, is taken as the source, 10 GVA."
                )
    return taken


def _energy_source(model: CimModel, one: CimObject, bus: str, nominal: float) -> Source:
    r1, x1 = one.number("EnergySource.r") or 0.0, one.number("EnergySource.x") or 0.0
    r0, x0 = one.number("EnergySource.r0") or 0.0, one.number("EnergySource.x0") or 0.0
    z1, z0 = hypot(r1, x1), hypot(r0, x0)
    magnitude = (one.number("EnergySource.voltageMagnitude") or 0.0) * model.kilo
    return Source(
        one.name,
        bus,
        magnitude / nominal if magnitude and nominal else 1.0,
        nominal**2 / z1 if z1 and nominal else 1e10,
        r1 / x1 if x1 else 0.0,
        z0 / z1 if z0 and z1 else 1.0,
    )


def _injection(model: CimModel, one: CimObject, bus: str, nominal: float) -> Source:
    kind = "ExternalNetworkInjection"
    current = one.number(f"{kind}.maxInitialSymShCCurrent") or 0.0
    return Source(
        one.name,
        bus,
        _target_pu(model, one, nominal),
        sqrt(3) * nominal * current if current and nominal else 1e10,
        one.number(f"{kind}.maxR1ToX1Ratio") or 0.1,
        one.number(f"{kind}.maxZ0ToZ1Ratio") or 1.0,
    )


def _target_pu(model: CimModel, one: CimObject, nominal: float) -> float:
    """What a machine or injection holds its bus at, by its regulating control."""
    control = model.target(one, "RegulatingCondEq.RegulatingControl")
    if (
        control is None
        or not nominal
        or control.word("RegulatingControl.mode").lower() not in {"voltage", ""}
    ):
        return 1.0
    target = (control.number("RegulatingControl.targetValue") or 0.0) * model.kilo
    return target / nominal if target else 1.0


def take_shunts(draft: NetworkDraft, model: CimModel, nodes: CimNodes) -> set[str]:
    """Take shunt compensators that are linear; returns the ids of what was looked at."""
    taken = set()
    for one in model.of("LinearShuntCompensator"):
        taken.add(one.key)
        sections = one.number("ShuntCompensator.sections", "ShuntCompensator.normalSections") or 0.0
        phases = Phases.NONE
        for part in model.behind(one, "ShuntCompensatorPhase.ShuntCompensator"):
            phases |= phases_of(part.text("ShuntCompensatorPhase.phase"))
        conductance = (one.number("LinearShuntCompensator.gPerSection") or 0.0) * sections
        susceptance = (one.number("LinearShuntCompensator.bPerSection") or 0.0) * sections
        is_grounded = one.word("ShuntCompensator.phaseConnection").upper() != "D"
        for bus in nodes.ends(one)[:1]:
            if conductance or susceptance:
                draft.shunts.append(
                    Shunt(one.name, bus, phases or Phases.ALL, conductance, susceptance, is_grounded)
                )
    return taken


def take_loads(
    draft: NetworkDraft, model: CimModel, nodes: CimNodes, taken: set[str]
) -> tuple[set[str], _Rows]:
    """Take what draws and gives, by phase where the model says it.

    Returns:
        Ids of what was looked at; by connection, its watts and vars of shape (1,).
    """
    looked: set[str] = set()
    rows: _Rows = {}
    for one in model.of(*_CONSUMERS):
        looked.add(one.key)
        for bus in nodes.ends(one)[:1]:
            for phases, power, ending in _consumption(model, one):
                _add(draft, model, one, bus, phases, power, ending, rows)
    for one in model.of(*_GIVERS):
        if one.key in taken:
            continue
        looked.add(one.key)
        for bus in nodes.ends(one)[:1]:
            for phases, power, ending in _giving(model, one):
                _add(draft, model, one, bus, phases, power, ending, rows)
    return looked, rows


def _consumption(model: CimModel, one: CimObject) -> list[tuple[Phases, tuple[float, float], str]]:
    """Power of a consumer: by phase where it has phases that differ, else all of them together. [W, var]"""
    parts = model.behind(one, "EnergyConsumerPhase.EnergyConsumer")
    whole = _power(model, one, "EnergyConsumer")
    by_phase = [
        (phases_of(part.text("EnergyConsumerPhase.phase")), _power(model, part, "EnergyConsumerPhase"))
        for part in parts
    ]
    by_phase = [(phase, power) for phase, power in by_phase if phase]
    is_delta = one.word("EnergyConsumer.phaseConnection").upper() == "D"
    if not by_phase or is_delta:
        phases = Phases.NONE
        for phase, _ in by_phase:
            phases |= phase
        return [(phases or Phases.ALL, whole, "")]
    if len(by_phase) == 1:
        return [(by_phase[0][0], by_phase[0][1] if any(by_phase[0][1]) else whole, "")]
    powers = {power for _, power in by_phase}
    if len(powers) == 1:
        phases = Phases.NONE
        for phase, _ in by_phase:
            phases |= phase
        each = powers.pop()
        return [(phases, (each[0] * len(by_phase), each[1] * len(by_phase)) if any(each) else whole, "")]
    return [(phase, power, f".{phase}") for phase, power in sorted(by_phase) if any(power)]


def _giving(model: CimModel, one: CimObject) -> list[tuple[Phases, tuple[float, float], str]]:
    prefix = {
        "EquivalentInjection": "EquivalentInjection",
        "PowerElectronicsConnection": "PowerElectronicsConnection",
    }.get(one.kind, "RotatingMachine")
    parts = model.behind(one, "PowerElectronicsConnectionPhase.PowerElectronicsConnection")
    phases = Phases.NONE
    for part in parts:
        phases |= phases_of(part.text("PowerElectronicsConnectionPhase.phase"))
    watts, vars_ = _power(model, one, prefix)
    # Plain CIM's inverters are told as what they give; CGMES has the sign of a load throughout.
    sign = -1.0 if model.is_si and one.kind == "PowerElectronicsConnection" else 1.0
    return [(phases or Phases.ALL, (watts * sign, vars_ * sign), "")]


def _power(model: CimModel, one: CimObject, prefix: str) -> tuple[float, float]:
    watts = one.number(f"{prefix}.p", f"{prefix}.pfixed") or 0.0
    vars_ = one.number(f"{prefix}.q", f"{prefix}.qfixed") or 0.0
    return watts * model.mega, vars_ * model.mega


def _add(
    draft: NetworkDraft,
    model: CimModel,
    one: CimObject,
    bus: str,
    phases: Phases,
    power: tuple[float, float],
    ending: str,
    rows: _Rows,
) -> None:
    name = draft.name_connection(one.name + ending, one.kind)
    watts, vars_ = power
    draft.connections.append(
        Connection(
            name,
            bus,
            phases,
            power_factor=power_factor_of(watts, vars_),
            model=_load_model(draft, model, one, name, bus, phases),
            is_delta=one.word("EnergyConsumer.phaseConnection").upper() == "D",
        )
    )
    rows[name] = np.array([watts]), np.array([vars_])


def _load_model(
    draft: NetworkDraft, model: CimModel, one: CimObject, name: str, bus: str, phases: Phases
) -> LoadModel | None:
    response = model.target(one, "EnergyConsumer.LoadResponse")
    if response is None:
        return None
    volts = next((item.nominal_volts for item in draft.buses if item.id == bus), 0.0)
    volts /= sqrt(3) if len(phases.indices) == 1 else 1.0
    kind = "LoadResponseCharacteristic"
    if response.mark(f"{kind}.exponentModel"):
        exponents = [response.number(f"{kind}.{part}VoltageExponent") or 0.0 for part in ("p", "q")]
        return (
            LoadModel(volts, watts_exponent=exponents[0], vars_exponent=exponents[1])
            if any(exponents)
            else None
        )
    impedance = response.number(f"{kind}.pConstantImpedance") or 0.0
    current = response.number(f"{kind}.pConstantCurrent") or 0.0
    return model_of_shares(draft, name, volts, impedance, current)
