"""What flows in a network over a span: energy, losses, voltages, and its most unbalanced places."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.grid import Origin, Transformer, trace_network
from backend.grid.imbalance import MEASURES, ImbalanceSummary, Measure, Ranked
from backend.grid.network_form import read_network
from backend.grid.power_flow import FlowResult, PowerFlow, Wanted
from backend.services.grid.network_series import network_series

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from backend.grid import ConnectionSeries, Network
    from backend.ports.flow_files import FlowWriter
    from backend.ports.grid_records import NetworkRecord
    from backend.services.grid.network_series import GridSources

__all__ = ["FlowReport", "head_currents", "report_flow", "report_series"]

WORST_SHOWN = 10
_SQRT3 = 3**0.5
_PIECE_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Extreme:
    """A voltage, and where and when it was."""

    level_pu: float
    bus: str
    phase: int
    start_utc: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"bus": self.bus, "phase": f"L{self.phase + 1}", "start_utc": self.start_utc}


@dataclass(frozen=True)
class FlowReport:
    """What flowed in a network.

    Attributes:
        network: Its name.
        start_utc: Of the first interval. [s since 1970, UTC]
        step_seconds: [s]
        intervals: How many.
        origins: Connections by where their series is from.
        known_share: Of the powers of connections that have a series, how many are known; what is not counts as no load.
        energy_kwh: Drawn at the sources, less what was given back.
        phase_energy_kwh: By phase.
        losses_kwh: In all branches.
        voltage_min: The lowest of all.
        voltage_max: The highest.
        head_current_mean_a: By phase, see ``head_currents``.
        worst: By measure the worst elements, worst first.
        worst_hours: By measure the hours of the day, by the network's worst place, worst first.
    """

    network: str
    start_utc: int
    step_seconds: int
    intervals: int
    origins: dict[str, int]
    known_share: float
    energy_kwh: float
    phase_energy_kwh: tuple[float, ...]
    losses_kwh: float
    voltage_min: Extreme
    voltage_max: Extreme
    head_current_mean_a: tuple[float, ...]
    worst: dict[Measure, list[Ranked]]
    worst_hours: dict[Measure, list[Ranked]]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "network": self.network,
            "start_utc": self.start_utc,
            "step_seconds": self.step_seconds,
            "intervals": self.intervals,
            "connections": self.origins,
            "known_share": self.known_share,
            "energy_kwh": self.energy_kwh,
            "phase_energy_kwh": list(self.phase_energy_kwh),
            "losses_kwh": self.losses_kwh,
            "voltage_min_pu": self.voltage_min.level_pu,
            "voltage_min_at": self.voltage_min.as_dict(),
            "voltage_max_pu": self.voltage_max.level_pu,
            "voltage_max_at": self.voltage_max.as_dict(),
            "phase_current_mean_a": list(self.head_current_mean_a),
            "worst": {measure.value: _told(measure, ranked) for measure, ranked in self.worst.items()},
            "worst_hours": {
                measure.value: _told(measure, ranked) for measure, ranked in self.worst_hours.items()
            },
        }


def report_flow(
    sources: GridSources,
    record: NetworkRecord,
    begin_utc: int | None = None,
    end_utc: int | None = None,
    *,
    writer: FlowWriter | None = None,
    on_piece: Callable[[int, int], None] | None = None,
) -> FlowReport:
    """Solve a stored network over what is stored of its connections.

    Args:
        sources: Where series lie.
        record: The network.
        begin_utc: None for the first that is stored. [s since 1970, UTC]
        end_utc: None for the last. [s since 1970, UTC]
        writer: Takes every piece.
        on_piece: Told how many intervals are done, of how many.

    Raises:
        InputError: If there are no series in the span.
        PowerFlowError: If an interval has no solution.
    """
    series = network_series(sources, record, begin_utc, end_utc)
    return report_series(read_network(record.document), series, writer=writer, on_piece=on_piece)


def report_series(
    network: Network,
    series: ConnectionSeries,
    *,
    writer: FlowWriter | None = None,
    on_piece: Callable[[int, int], None] | None = None,
) -> FlowReport:
    """Solve a network over a series, in pieces; see ``report_flow``."""
    flow = PowerFlow(network)
    summary = ImbalanceSummary(network, series.time_zone, detailed=False)
    sums = _Sums()
    done, step = 0, min(flow.piece_length(Wanted.ALL), _PIECE_MAX)
    tell = on_piece or _say_nothing
    tell(0, series.length)
    with writer or nullcontext():
        for piece in flow.solve_chunks(series, Wanted.ALL, step):
            summary.add(piece)
            sums.add(piece)
            if writer is not None:
                writer.add(piece)
            done += piece.length
            tell(done, series.length)
    hours = series.step_seconds / 3600
    assert sums.lowest is not None
    assert sums.highest is not None
    return FlowReport(
        network=network.name,
        start_utc=series.start_utc,
        step_seconds=series.step_seconds,
        intervals=series.length,
        origins={origin.name.lower(): series.origins.count(origin) for origin in Origin},
        known_share=_known_share(series),
        energy_kwh=float(sums.energy.sum()) * hours / 1000,
        phase_energy_kwh=tuple((sums.energy * hours / 1000).tolist()),
        losses_kwh=sums.losses * hours / 1000,
        voltage_min=sums.lowest,
        voltage_max=sums.highest,
        head_current_mean_a=tuple((sums.currents / max(series.length, 1)).tolist()),
        worst={measure: summary.ranking(measure)[:WORST_SHOWN] for measure in summary.measures},
        worst_hours={measure: summary.ranking(measure, "hour")[:WORST_SHOWN] for measure in summary.measures},
    )


def head_currents(result: FlowResult) -> NDArray[np.float64]:
    """Magnitudes of the phase currents at the head of a network.

    The head is where it can be measured: at each source, or, where a source feeds nothing but one transformer, behind
    that. Several heads are added.

    Returns:
        Shape (3, T). [A]
    """
    network = result.network
    topology = trace_network(network)
    total = np.zeros((3, result.length))
    for place, source in enumerate(network.sources):
        bus = network.bus_index[source.bus]
        first = [branch for branch, parent in enumerate(_parents(network)) if bus in parent]
        transformer = len(first) == 1 and not topology.connections_at[bus]
        if transformer and isinstance(network.branches[first[0]], Transformer):
            total += np.abs(result.currents[first[0]])
            continue
        volts = result.voltages[bus] * network.buses[bus].nominal_volts / _SQRT3
        total += np.abs(result.source_powers[place] / volts)
    return total


def _parents(network: Network) -> list[tuple[int, int]]:
    return [(network.bus_index[one.from_bus], network.bus_index[one.to_bus]) for one in network.branches]


class _Sums:
    """What is added up over pieces."""

    def __init__(self) -> None:
        self.energy = np.zeros(3)
        self.losses = 0.0
        self.currents = np.zeros(3)
        self.lowest: Extreme | None = None
        self.highest: Extreme | None = None

    def add(self, piece: FlowResult) -> None:
        self.energy += piece.source_powers.real.sum(axis=(0, 2))
        self.losses += float(piece.losses.sum())
        self.currents += head_currents(piece).sum(axis=1)
        level = np.abs(piece.voltages)
        lowest, highest = _extreme(piece, level, np.nanargmin), _extreme(piece, level, np.nanargmax)
        if self.lowest is None or lowest.level_pu < self.lowest.level_pu:
            self.lowest = lowest
        if self.highest is None or highest.level_pu > self.highest.level_pu:
            self.highest = highest


def _extreme(piece: FlowResult, level: NDArray[np.float64], which: Callable[..., Any]) -> Extreme:
    bus, phase, interval = np.unravel_index(int(which(level)), level.shape)
    return Extreme(
        float(level[bus, phase, interval]),
        piece.network.buses[int(bus)].id,
        int(phase),
        piece.start_utc + piece.step_seconds * int(interval),
    )


def _say_nothing(done: int, total: int) -> None:
    """Nobody listens."""


def _known_share(series: ConnectionSeries) -> float:
    rows = [row for row, origin in enumerate(series.origins) if origin != Origin.NONE]
    return float(np.isfinite(series.watts[rows]).mean()) if rows and series.length else 0.0


def _told(measure: Measure, ranked: list[Ranked]) -> list[dict[str, Any]]:
    unit = MEASURES[measure].unit
    return [
        {
            "key": one.key,
            "mean": one.mean,
            "p95": one.p95 if np.isfinite(one.p95) else None,
            "worst": one.worst,
            "worst_start_utc": one.worst_start_utc,
            "unit": unit,
        }
        for one in ranked
    ]
