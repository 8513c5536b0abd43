"""A feeder's day of minutes and its year of quarter-hours, beside OpenDSS and power-grid-model by itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import BalanceError
from backend.grid import ConnectionSeries
from backend.grid.imbalance import ImbalanceSummary
from backend.grid.power_flow import PowerFlow, Wanted
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best
from backend.services.benchmarks.opendss_rival import solve_by_opendss

if TYPE_CHECKING:
    from backend.grid import Network

__all__ = ["bench_power_flow"]

_RUNS = 3
_AGREES_PU = 1e-3
_SQRT3 = 3**0.5
_QUARTER_HOURS = 35_040


def bench_power_flow(network: Network, day: ConnectionSeries) -> Benchmark:
    """Solve a day, every voltage, current and loss of it; then a year of its quarter-hours, summed up.

    Args:
        network: As ``commands_of`` takes it.
        day: Of its connections, by the minute.

    Raises:
        BalanceError: If OpenDSS finds another voltage, or merging lines changes one.
        MissingToolError: If OpenDSS is not installed.
    """
    begin = time.perf_counter()
    flow = PowerFlow(network)
    prepared = time.perf_counter() - begin
    flow.solve(day.window(0, 2))
    ours, found = time_best(lambda: flow.solve(day), _RUNS)
    totals, _ = time_best(lambda: flow.solve(day, Wanted.TOTALS), _RUNS)
    every = PowerFlow(network, every_bus=True)
    alone, whole = time_best(lambda: every.solve(day), _RUNS)
    merged = float(np.nanmax(np.abs(whole.voltages - found.voltages)))
    if merged > _AGREES_PU:
        raise BalanceError(f"merging lines changed a voltage by {merged:.2g} pu. This is a fault of Partage.")
    rival = solve_by_opendss(network, day, _RUNS)
    off = _off(network, np.abs(found.voltages[:, :, -1]), rival.volts)
    year, summed = _year(network, flow, day)
    told = f"{rival.energy_kwh:.2f} kWh, {rival.losses_kwh:.3f} lost; voltages to {off:.1g} pu"
    rows = (
        Measurement(
            "day, all that flows",
            ours,
            _RUNS,
            1.0,
            f"{found.energy_kilowatt_hours():.2f} kWh, {found.losses_kilowatt_hours():.3f} lost",
        ),
        Measurement("day, totals alone", totals, _RUNS, totals / ours, "energy and losses"),
        Measurement("made ready, once", prepared, 1, prepared / ours, "paid before the first interval"),
        Measurement(
            "power-grid-model, every bus", alone, _RUNS, alone / ours, f"no line merged; to {merged:.1g} pu"
        ),
        Measurement("OpenDSS", rival.seconds, _RUNS, rival.seconds / ours, told),
        Measurement(
            "year of quarter-hours", year, 1, year / ours, f"{summed:,} intervals, every measure summed up"
        ),
    )
    work = (
        f"{len(network.buses)} buses, {len(network.connections)} connections, {day.length:,} steps of "
        f"{day.step_seconds} s: every voltage, current and loss"
    )
    return Benchmark("grid", work, rows)


def _off(network: Network, level: np.ndarray, volts: dict[str, float]) -> float:
    """How far the last interval's voltages are from another program's. [pu]"""
    worst = 0.0
    for index, bus in enumerate(network.buses):
        for phase in range(3):
            theirs = volts[f"{bus.id.lower()}.{phase + 1}"] / (bus.nominal_volts / _SQRT3)
            worst = max(worst, abs(float(level[index, phase]) - theirs))
    if worst > _AGREES_PU:
        raise BalanceError(
            f"power flow differs from OpenDSS by {worst:.2g} pu; {_AGREES_PU} are allowed. This is a fault of Partage."
        )
    return worst


def _year(network: Network, flow: PowerFlow, day: ConnectionSeries) -> tuple[float, int]:
    """A year of quarter-hours made of the day's, each day's powers scaled by its season. [s], intervals"""
    steps = 900 // day.step_seconds
    quarter = day.watts[:, : day.length // steps * steps].reshape(len(day.watts), -1, steps).mean(axis=2)
    days = -(-_QUARTER_HOURS // quarter.shape[1])
    season = 1 + 0.3 * np.cos(2 * np.pi * np.arange(days) / days)
    watts = (quarter[:, None, :] * season[None, :, None]).reshape(len(quarter), -1)[:, :_QUARTER_HOURS]
    factors = np.array([(1 / one.power_factor**2 - 1) ** 0.5 for one in network.connections])
    series = ConnectionSeries(day.start_utc, 900, watts, watts * factors[:, None], day.origins, day.time_zone)
    summary = ImbalanceSummary(network, series.time_zone)
    begin = time.perf_counter()
    count = 0
    for piece in flow.solve_chunks(series):
        summary.add(piece)
        count += piece.length
    return time.perf_counter() - begin, count
