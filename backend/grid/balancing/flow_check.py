"""What power flow says of a plan, over the same intervals before and after: losses, voltages, imbalance.

The search sees sums of meters; physics may say otherwise. What becomes worse is told in words.
"""

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

__all__ = ["FlowCheck", "FlowFigures", "HarmLook", "check_by_flow"]

_CHUNK = 96
_INTERVALS_MAX = 1_440
_LOOK = 48  # intervals that show whether a plan does harm
# What is worse, and no rounding: relative, and at least so much more.
_RISES = 1e-3
_UNBALANCE_RISES, _WORST_RISES = 0.01, 0.05  # [%]
_VOLTAGE_MOVES = 0.002  # [1]


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

    @property
    def harms(self) -> tuple[str, ...]:
        """What the plan makes worse in the whole network, in words: losses, and voltage unbalance in the mean."""
        before, after = self.before, self.after
        found = []
        if after.losses_kilowatt_hours > before.losses_kilowatt_hours * (1 + _RISES):
            found.append(
                f"losses rise from {before.losses_kilowatt_hours:,.3f} to {after.losses_kilowatt_hours:,.3f} kWh"
            )
        least = max(_UNBALANCE_RISES, before.unbalance_mean_percent * _RISES)
        if after.unbalance_mean_percent > before.unbalance_mean_percent + least:
            found.append(
                f"voltage unbalance of the worst bus rises from {before.unbalance_mean_percent:.2f} to "
                f"{after.unbalance_mean_percent:.2f} % in the mean"
            )
        return tuple(found)

    @property
    def contradictions(self) -> tuple[str, ...]:
        """``harms``, and what else becomes worse: the element's own imbalance, single voltages."""
        before, after = self.before, self.after
        found = list(self.harms)
        if after.imbalance_watts > before.imbalance_watts * (1 + _RISES):
            found.append(
                f"imbalance with losses rises from {before.imbalance_watts / 1000:.3f} to "
                f"{after.imbalance_watts / 1000:.3f} kW"
            )
        if after.unbalance_max_percent > before.unbalance_max_percent + _WORST_RISES:
            found.append(
                f"the greatest voltage unbalance rises from {before.unbalance_max_percent:.2f} to "
                f"{after.unbalance_max_percent:.2f} %"
            )
        if after.voltage_min_pu < before.voltage_min_pu - _VOLTAGE_MOVES:
            found.append(
                f"the lowest voltage falls from {before.voltage_min_pu:.4f} to {after.voltage_min_pu:.4f} pu"
            )
        if after.voltage_max_pu > before.voltage_max_pu + _VOLTAGE_MOVES:
            found.append(
                f"the highest voltage rises from {before.voltage_max_pu:.4f} to {after.voltage_max_pu:.4f} pu"
            )
        return tuple(found)


def check_by_flow(
    network: Network,
    turned: Mapping[str, Phases],
    series: ConnectionSeries,
    element: str,
    on_progress: Callable[[float], None] = lambda _: None,
    is_over: Callable[[], bool] = lambda: False,
) -> FlowCheck:
    """Solve a network before and after a plan, over all intervals or as many as are spread evenly over them.

    They are solved in pieces, each spread over all of the time, so that it may end after any of them.

    Args:
        network: As it is.
        turned: Phases that connections are moved to, by id.
        series: What they draw.
        element: Id of the branch or source that is balanced.
        on_progress: Is told how much is done, 0 to 1.
        is_over: Is time up? Asked after each piece; the first is always solved.

    Raises:
        PowerFlowError: If there is no solution.
    """
    chosen = _evenly(series.length, _INTERVALS_MAX)
    count = -(-chosen.size // _CHUNK)
    sides = _Side(network, element), _Side(turn_network(network, turned), element)
    solved = 0
    for place in _spread(count):
        piece = chosen[place::count]
        part = _at(series, piece)
        for side in sides:
            side.add(part)
        solved += piece.size
        on_progress(solved / chosen.size)
        if is_over():
            break
    on_progress(1.0)
    return FlowCheck(solved, series.length, sides[0].figures(), sides[1].figures())


class HarmLook:
    """Looks at a few intervals for what plans make worse; the network as it is is solved once for all of them."""

    def __init__(self, network: Network, series: ConnectionSeries) -> None:
        """Solve nothing yet.

        Args:
            network: As it is.
            series: What its connections draw.
        """
        self._network = network
        self._of_intervals = series.length
        self._series = _at(series, _evenly(series.length, _LOOK))
        self._before: FlowFigures | None = None

    def harms(self, turned: Mapping[str, Phases], element: str) -> tuple[str, ...]:
        """What a plan makes worse, in words.

        Raises:
            PowerFlowError: If there is no solution.
        """
        if not turned:
            return ()
        if self._before is None:
            self._before = self._figures(self._network, element)
        after = self._figures(turn_network(self._network, turned), element)
        return FlowCheck(self._series.length, self._of_intervals, self._before, after).harms

    def _figures(self, network: Network, element: str) -> FlowFigures:
        side = _Side(network, element)
        side.add(self._series)
        return side.figures()


def _evenly(length: int, most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, length - 1, min(length, most)).astype(np.int64))


def _at(series: ConnectionSeries, intervals: NDArray[np.int64]) -> ConnectionSeries:
    return replace(series, watts=series.watts[:, intervals], vars=series.vars[:, intervals])


def _spread(count: int) -> list[int]:
    """Places in an order in which the first few are spread evenly, by van der Corput."""
    digits = max(count - 1, 1).bit_length()
    return sorted(range(count), key=lambda place: int(f"{place:0{digits}b}"[::-1], 2))


class _Side:
    """A network, and what flows in it over the pieces that were solved."""

    def __init__(self, network: Network, element: str) -> None:
        from backend.grid.power_flow import PowerFlow

        self._flow = PowerFlow(network, leave_out_unfed=True)
        branches = {branch.id: index for index, branch in enumerate(network.branches)}
        sources = {source.id: index for index, source in enumerate(network.sources)}
        self._branch, self._source = branches.get(element, -1), sources.get(element, -1)
        self._deviations: list[NDArray[np.float64]] = []
        self._neutrals: list[NDArray[np.float64]] = []
        self._unbalances: list[NDArray[np.float64]] = []
        self._losses, self._lowest, self._highest = 0.0, np.inf, -np.inf

    def add(self, series: ConnectionSeries) -> None:
        """Solve a piece."""
        from backend.grid.power_flow import Wanted

        result = self._flow.solve(series, Wanted.VOLTAGES | Wanted.CURRENTS)
        if self._branch >= 0:
            self._deviations.append(measure_flow(result, Measure.DEVIATION)[self._branch] * 1000)
            self._neutrals.append(result.neutral_currents[self._branch])
        else:
            powers = result.source_powers[self._source].real
            self._deviations.append(np.abs(powers - powers.mean(axis=0)).max(axis=0))
        magnitudes = np.abs(result.voltages)
        self._lowest = min(self._lowest, float(np.nanmin(magnitudes)))
        self._highest = max(self._highest, float(np.nanmax(magnitudes)))
        unbalance = measure_flow(result, Measure.VUF)
        self._unbalances.append(np.nan_to_num(unbalance).max(axis=0, initial=0.0))
        self._losses += result.losses_kilowatt_hours()

    def figures(self) -> FlowFigures:
        """Over all that was solved."""
        worst = np.concatenate(self._unbalances)
        return FlowFigures(
            imbalance_watts=float(np.nan_to_num(np.concatenate(self._deviations)).mean()),
            losses_kilowatt_hours=self._losses,
            voltage_min_pu=self._lowest,
            voltage_max_pu=self._highest,
            unbalance_mean_percent=float(worst.mean()),
            unbalance_max_percent=float(worst.max()),
            neutral_mean_amperes=float(np.concatenate(self._neutrals).mean()) if self._neutrals else None,
        )
