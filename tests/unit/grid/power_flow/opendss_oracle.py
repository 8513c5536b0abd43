"""OpenDSS as an oracle: a network is written in its language, solved there, and its voltages are read."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHILD = Path(__file__).with_name("opendss_child.py")
WINDINGS = {"D": "delta", "Y": "wye", "YN": "wye", "d": "delta", "yn": "wye"}
SQRT3 = 3**0.5


@dataclass
class Told:
    """By step: voltages of nodes such as ``bus.1`` [V], power given by the sources [VA], losses [W]."""

    nodes: list[str]
    volts: np.ndarray
    powers: np.ndarray
    losses: np.ndarray
    loads: np.ndarray

    def per_unit(self, network):
        """Shape (B, 3, T), NaN where OpenDSS has no such node."""
        found = np.full((len(network.buses), 3, self.volts.shape[0]), np.nan, dtype=np.complex128)
        for place, node in enumerate(self.nodes):
            bus, phase = node.rsplit(".", 1)
            index = next((i for i, one in enumerate(network.buses) if one.id.lower() == bus), None)
            if index is not None and phase in "123":
                nominal = network.buses[index].nominal_volts / SQRT3
                found[index, int(phase) - 1] = self.volts[:, place] / nominal
        return found


def ask(commands, steps, loads=()):
    """Solve with OpenDSS in a process of its own; nominal powers of ``loads`` are told. [VA]"""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, str(CHILD)],
            input=json.dumps({"commands": commands, "steps": steps, "loads": list(loads)}),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            cwd=folder,
        )
    told = json.loads(run.stdout)
    assert all(told["converged"])
    volts = np.array(told["volts"]).reshape(len(steps), -1, 2)
    powers = np.array(told["power"])
    loads = np.array(told["loads"]).reshape(-1, 2)
    return Told(
        told["nodes"],
        volts[..., 0] + 1j * volts[..., 1],
        powers[:, 0] + 1j * powers[:, 1],
        np.array(told["losses"]),
        loads[:, 0] + 1j * loads[:, 1],
    )


def solve_by_opendss(network, series, intervals):
    """Solve a network as written by ``commands_of``, in these intervals."""
    legs = {one.id: len(one.phases.indices) for one in network.connections}
    assert legs
    steps = []
    for interval in intervals:
        watts, reactive = series.watts[:, interval], series.vars[:, interval]
        steps.append(
            {one.id: [watts[row] / 1000, reactive[row] / 1000] for row, one in enumerate(network.connections)}
        )
    return ask(commands_of(network), steps)


def commands_of(network):
    source, first = network.sources[0], network.buses[network.bus_index[network.sources[0].bus]]
    z1 = first.nominal_volts**2 / source.short_circuit_volt_amperes
    x1 = z1 / (1 + source.resistance_ratio**2) ** 0.5
    z0 = source.zero_sequence_ratio
    commands = [
        "Clear",
        f"Set DefaultBaseFrequency={network.frequency}",
        (
            f"New Circuit.it bus1={first.id} basekv={first.nominal_volts / 1000} pu={source.voltage_pu} "
            f"R1={x1 * source.resistance_ratio} X1={x1} R0={x1 * source.resistance_ratio * z0} X0={x1 * z0}"
        ),
    ]
    commands += [_line(one) for one in network.segments]
    commands += [_switch(one) for one in network.switches if one.is_closed]
    commands += [_transformer(one) for one in network.transformers]
    commands += [_load(network, one) for one in network.connections]
    commands += [command for one in network.shunts for command in _shunt(network, one)]
    commands += [
        "Set mode=snap controlmode=off tolerance=1e-10 maxiterations=200",
        "Set voltagebases=[]",
        "Solve",
    ]
    return commands


def _nodes(bus, phases):
    return bus + "".join(f".{phase + 1}" for phase in phases.indices)


def _ends(one):
    return f"bus1={_nodes(one.from_bus, one.phases)} bus2={_nodes(one.to_bus, one.phases)}"


def _matrix(values):
    return "[" + " | ".join(" ".join(f"{value:.12g}" for value in row) for row in values) + "]"


def _line(one):
    count = len(one.phases.indices)
    nanofarads = np.zeros((count, count)) if one.capacitance is None else one.capacitance * 1e9
    return (
        f"New Line.{one.id} phases={count} {_ends(one)} "
        f"rmatrix={_matrix(one.resistance)} xmatrix={_matrix(one.reactance)} cmatrix={_matrix(nanofarads)} length=1"
    )


def _switch(one):
    count = len(one.phases.indices)
    ohms, none = np.eye(count) * 1e-4, np.zeros((count, count))
    return (
        f"New Line.{one.id} phases={count} {_ends(one)} "
        f"rmatrix={_matrix(ohms)} xmatrix={_matrix(none + np.eye(count) * 1e-9)} cmatrix={_matrix(none)} length=1"
    )


def _transformer(one):
    count = len(one.phases.indices)
    by = SQRT3 if count == 1 else 1.0
    resistance = 100 * one.copper_loss_watts / one.rated_volt_amperes
    reactance = ((100 * one.short_circuit_pu) ** 2 - resistance**2) ** 0.5
    rated = one.rated_volt_amperes / 1000
    ends = " ".join(_nodes(bus, one.phases) for bus in (one.from_bus, one.to_bus))
    magnetising = (
        (100 * one.no_load_current_pu) ** 2 - (100 * one.iron_loss_watts / rated / 1000) ** 2
    ) ** 0.5
    return (
        f"New Transformer.{one.id} phases={count} windings=2 buses=({ends}) "
        f"conns=({WINDINGS[one.from_winding]} {WINDINGS[one.to_winding]}) "
        f"kvs=({one.from_volts / by / 1000} {one.to_volts / by / 1000}) kvas=({rated} {rated}) "
        f"%rs=({resistance / 2} {resistance / 2}) xhl={reactance} ppm_antifloat=0 "
        f"%noloadloss={100 * one.iron_loss_watts / one.rated_volt_amperes} %imag={magnetising} "
        f"leadlag={'lead' if one.clock == 11 else 'lag'}"
    )


def _load(network, one):
    count = len(one.phases.indices)
    model, nominal = one.model, network.buses[network.bus_index[one.bus]].nominal_volts
    volts = model.nominal_volts if model else nominal
    if count == 1 and model is None:
        volts = nominal / SQRT3
    law = "model=1 vminpu=0.01 vlowpu=0.005 vmaxpu=9"
    if model and (model.watts_exponent or model.vars_exponent):
        law = f"model=4 CVRwatts={model.watts_exponent} CVRvars={model.vars_exponent} vminpu=0.01 vlowpu=0.005 vmaxpu=9"
    elif model and model.least_pu == model.most_pu:
        law = "model=2 vminpu=0.01 vlowpu=0.005 vmaxpu=9"
    elif model:
        law = f"model=1 vminpu={model.least_pu} vmaxpu={model.most_pu}"
    shape = (
        "conn=delta phases=" + ("3" if count == 3 else "1") if one.is_delta else f"conn=wye phases={count}"
    )
    return f"New Load.{one.id} bus1={_nodes(one.bus, one.phases)} {shape} kv={volts / 1000} kw=0 kvar=0 {law}"


def _shunt(network, one):
    nominal = network.buses[network.bus_index[one.bus]].nominal_volts
    count = len(one.phases.indices)
    assert one.conductance == 0
    if one.is_grounded:
        volts = nominal / (SQRT3 if count == 1 else 1)
        kilovars = one.susceptance * (nominal / SQRT3) ** 2 * count / 1000
        return [
            (
                f"New Capacitor.{one.id} bus1={_nodes(one.bus, one.phases)} phases={count} "
                f"kv={volts / 1000} kvar={kilovars}"
            )
        ]
    kilovars = one.susceptance * nominal**2 / 1000
    return [
        (
            f"New Capacitor.{one.id} bus1={_nodes(one.bus, one.phases)} phases=3 conn=delta "
            f"kv={nominal / 1000} kvar={kilovars}"
        )
    ]
