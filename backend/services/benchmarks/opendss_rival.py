"""OpenDSS solving a feeder's day, timed in a process of its own: it changes the working directory and has one state.

Run as ``python -m backend.services.benchmarks.opendss_rival``: reads a JSON object with ``commands``, ``steps`` and
``runs`` on stdin and writes one with ``seconds`` (the best run), ``nodes``, and ``magnitudes`` of the last step [V].
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import MissingToolError

if TYPE_CHECKING:
    from backend.grid import ConnectionSeries, Network

__all__ = ["RivalDay", "commands_of", "solve_by_opendss"]

_LEADING = 11  # of Dyn11


@dataclass(frozen=True, slots=True)
class RivalDay:
    """What OpenDSS took, and found.

    Attributes:
        seconds: Best of its runs: all steps, with every node's voltage read after each. [s]
        energy_kwh: Given by the source.
        losses_kwh: Of all elements.
        volts: By node such as ``34.1``, in the last interval. [V]
    """

    seconds: float
    energy_kwh: float
    losses_kwh: float
    volts: dict[str, float]


def solve_by_opendss(network: Network, series: ConnectionSeries, runs: int) -> RivalDay:
    """Solve a series with OpenDSS.

    Args:
        network: Of segments, one Dyn transformer, and one-phase connections with a power factor and limits.
        series: Whose reactive powers are those of the power factors.
        runs: How often.

    Raises:
        MissingToolError: If OpenDSS is not installed, or fails.
    """
    asked = {"commands": commands_of(network, series), "steps": series.length, "runs": runs}
    with tempfile.TemporaryDirectory() as folder:
        finished = subprocess.run(
            [sys.executable, "-m", "backend.services.benchmarks.opendss_rival"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            cwd=folder,
        )
    if finished.returncode:
        words = finished.stderr.strip().splitlines() or ["no message"]
        raise MissingToolError(f"OpenDSS failed while it was timed: {words[-1]}")
    told = json.loads(finished.stdout)
    hours = series.step_seconds / 3600
    volts = dict(zip(told["nodes"], told["magnitudes"], strict=True))
    return RivalDay(told["seconds"], told["kilowatts"] * hours, told["losses_watts"] * hours / 1000, volts)


def commands_of(network: Network, series: ConnectionSeries) -> list[str]:
    """A network and its series in the language of OpenDSS, as far as the European LV feeder needs it."""
    source, transformer = network.sources[0], network.transformers[0]
    first = network.buses[network.bus_index[source.bus]]
    reactance = (
        first.nominal_volts**2 / source.short_circuit_volt_amperes / (1 + source.resistance_ratio**2) ** 0.5
    )
    resistance, zero = reactance * source.resistance_ratio, source.zero_sequence_ratio
    copper = 100 * transformer.copper_loss_watts / transformer.rated_volt_amperes
    leakage = ((100 * transformer.short_circuit_pu) ** 2 - copper**2) ** 0.5
    lead = "lead" if transformer.clock == _LEADING else "lag"
    commands = [
        "Clear",
        f"Set DefaultBaseFrequency={network.frequency}",
        (
            f"New Circuit.feeder bus1={source.bus} basekv={first.nominal_volts / 1000} pu={source.voltage_pu} "
            f"R1={resistance} X1={reactance} R0={resistance * zero} X0={reactance * zero}"
        ),
        (
            f"New Transformer.{transformer.id} phases=3 windings=2 buses=({transformer.from_bus} {transformer.to_bus}) "
            f"conns=(delta wye) kvs=({transformer.from_volts / 1000} {transformer.to_volts / 1000}) "
            f"kvas=({transformer.rated_volt_amperes / 1000} {transformer.rated_volt_amperes / 1000}) "
            f"%rs=({copper / 2} {copper / 2}) xhl={leakage} leadlag={lead}"
        ),
    ]
    commands += [
        f"New Line.{segment.id} phases=3 bus1={segment.from_bus} bus2={segment.to_bus} length=1 "
        f"rmatrix={_matrix(segment.resistance)} xmatrix={_matrix(segment.reactance)} cmatrix=[0 | 0 0 | 0 0 0]"
        for segment in network.segments
    ]
    for row, one in enumerate(network.connections):
        assert one.model is not None
        kilowatts = " ".join(f"{watts / 1000:.9g}" for watts in series.watts[row])
        tangent = (1 / one.power_factor**2 - 1) ** 0.5
        commands.extend(
            (
                f"New LoadShape.s{row} npts={series.length} sinterval={series.step_seconds} mult=({kilowatts})",
                (
                    f"New Load.{one.id} phases=1 bus1={one.bus}.{one.phases.indices[0] + 1} "
                    f"kv={one.model.nominal_volts / 1000} kw=1 kvar={tangent} yearly=s{row} "
                    f"vminpu={one.model.least_pu} vmaxpu={one.model.most_pu}"
                ),
            )
        )
    return [*commands, "Set voltagebases=[11 .416]", "CalcVoltageBases"]


def _matrix(values: Any) -> str:
    return "[" + " | ".join(" ".join(f"{value:.12g}" for value in row) for row in values) + "]"


def _environment() -> dict[str, str]:
    """This process's, with its own packages in sight wherever the other one is started."""
    import os
    from pathlib import Path

    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}


def _run(asked: dict[str, Any]) -> dict[str, Any]:
    import opendssdirect as dss

    best, kilowatts, losses = float("inf"), 0.0, 0.0
    for command in asked["commands"]:
        dss.Text.Command(command)
    for _ in range(asked["runs"]):
        dss.Text.Command("Set mode=yearly number=1 hour=0 sec=0 stepsize=1m")
        kilowatts = losses = 0.0
        begin = time.perf_counter()
        for _ in range(asked["steps"]):
            dss.Solution.Solve()
            kilowatts -= dss.Circuit.TotalPower()[0]
            losses += dss.Circuit.Losses()[0]
            dss.Circuit.AllBusVolts()
        best = min(best, time.perf_counter() - begin)
    return {
        "seconds": best,
        "kilowatts": kilowatts,
        "losses_watts": losses,
        "nodes": dss.Circuit.AllNodeNames(),
        "magnitudes": list(dss.Circuit.AllBusVMag()),
    }


if __name__ == "__main__":
    json.dump(_run(json.load(sys.stdin)), sys.stdout)
