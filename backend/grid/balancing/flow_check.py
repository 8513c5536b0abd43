"""What power flow says of a plan, over the same intervals before and after: losses, voltages, imbalance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.balancing.work_orders import turn_network
from backend.grid.imbalance import Measure, measure_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.phases import Phases
    from backend.grid.series import ConnectionSeries

__all__ = ["FlowCheck", "FlowFigures", "check_by_flow"]

_CHUNK = 96
_INTERVALS_MAX = 1_440


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """What flows in a network over some intervals.

    Attributes:
        imbalance_watts: At the element, mean over time of the largest deviation of a phase. [W]
        losses_kilowatt_hours: In all branches, over the intervals that were solved. [kWh]
        voltage_min_pu: Least of any bus, phase and interval. [1]
        voltage_max_pu: Greatest. [1]
        unbalance_mean_percent: Voltage unbalance factor (IEC), mean over time of the worst bus. [%]
        unbalance_max_percent: Greatest of any bus and interval. [%]
        neutral_mean_amperes: At the element, mean over time; None at a source. [A]
    """

    imbalance_watts: float
    losses_kilowatt_hours: float
    voltage_min_pu: float
    voltage_max_pu: float
    unbalance_mean_percent: float
    unbalance_max_percent: float
    neutral_mean_amperes: float | None


@dataclass(frozen=True, slots=True)
class FlowCheck:
    """A plan, held against power flow.

    Attributes:
        intervals: That were solved, spread evenly over all. [1]
        of_intervals: That there are. [1]
        before: As the network is.
        after: With the plan.
    """

    intervals: int
    of_intervals: int
    before: FlowFigures
    after: FlowFigures


def check_by_flow(
    network: Network,
    turned: Mapping[str, Phases],
    series: ConnectionSeries,
    element: str,
    on_progress: Callable[[float], None] = lambda _: None,
) -> FlowCheck:
    """Solve a network before and after a plan, over all intervals or as many as are spread evenly over them.

    Args:
        network: As it is.
        turned: Phases that connections are moved to, by id.
        series: What they draw.
        element: Id of the branch or source that is balanced.
        on_progress: Is told how much is done, 0 to 1.

    Raises:
        PowerFlowError: If there is no solution.
    """
    chosen = np.unique(np.linspace(0, series.length - 1, min(series.length, _INTERVALS_MAX)).astype(np.int64))
    some = replace(series, watts=series.watts[:, chosen], vars=series.vars[:, chosen])
    before = _figures(network, some, element, lambda done: on_progress(done / 2))
    after = _figures(turn_network(network, turned), some, element, lambda done: on_progress(0.5 + done / 2))
    return FlowCheck(int(chosen.size), series.length, before, after)


def _figures(
    network: Network, series: ConnectionSeries, element: str, on_progress: Callable[[float], None]
) -> FlowFigures:
    from backend.grid.power_flow import PowerFlow, Wanted

    branches = {branch.id: index for index, branch in enumerate(network.branches)}
    sources = {source.id: index for index, source in enumerate(network.sources)}
    deviations: list[NDArray[np.float64]] = []
    neutrals: list[NDArray[np.float64]] = []
    unbalances: list[NDArray[np.float64]] = []
    losses, lowest, highest = 0.0, np.inf, -np.inf
    flow = PowerFlow(network, leave_out_unfed=True)
    for result in flow.solve_chunks(series, Wanted.VOLTAGES | Wanted.CURRENTS, intervals=_CHUNK):
        if element in branches:
            place = branches[element]
            deviations.append(measure_flow(result, Measure.DEVIATION)[place] * 1000)
            neutrals.append(result.neutral_currents[place])
        else:
            powers = result.source_powers[sources[element]].real
            deviations.append(np.abs(powers - powers.mean(axis=0)).max(axis=0))
        magnitudes = np.abs(result.voltages)
        lowest, highest = (
            min(lowest, float(np.nanmin(magnitudes))),
            max(highest, float(np.nanmax(magnitudes))),
        )
        unbalance = measure_flow(result, Measure.VUF)
        unbalances.append(np.nan_to_num(unbalance).max(axis=0, initial=0.0))
        losses += result.losses_kilowatt_hours()
        on_progress(sum(one.size for one in unbalances) / series.length)
    worst = np.concatenate(unbalances)
    return FlowFigures(
        imbalance_watts=float(np.nan_to_num(np.concatenate(deviations)).mean()),
        losses_kilowatt_hours=losses,
        voltage_min_pu=lowest,
        voltage_max_pu=highest,
        unbalance_mean_percent=float(worst.mean()),
        unbalance_max_percent=float(worst.max()),
        neutral_mean_amperes=float(np.concatenate(neutrals).mean()) if neutrals else None,
    )
