"""What a plan does to the network: power flows without it and with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.power_flow import FlowResult, PowerFlow
    from backend.grid.relief.planning import ReliefPlan
    from backend.grid.series import ConnectionSeries

__all__ = ["ReliefEffect", "verify_relief"]

_SECONDS_PER_HOUR = 3600.0
_KEPT = 1.0 + 1e-3  # a thousandth of the rating is less than a meter tells


@dataclass(frozen=True, slots=True)
class ReliefEffect:
    """Power flow before and after.

    Attributes:
        peak_before: Load factor of the transformer's fullest phase, at most. [1]
        peak_after: [1]
        hours_over_before: With a factor above the plan's limit. [h]
        hours_over_after: [h]
        voltage_min_before: Of any bus and phase. [1]
        voltage_min_after: [1]
        voltage_max_before: [1]
        voltage_max_after: [1]
        losses_before_kwh: [kWh]
        losses_after_kwh: [kWh]
        factors_before: By interval. Shape (T,). [1]
        factors_after: Shape (T,). [1]
    """

    peak_before: float
    peak_after: float
    hours_over_before: float
    hours_over_after: float
    voltage_min_before: float
    voltage_min_after: float
    voltage_max_before: float
    voltage_max_after: float
    losses_before_kwh: float
    losses_after_kwh: float
    factors_before: tuple[float, ...]
    factors_after: tuple[float, ...]

    @property
    def holds(self) -> bool:
        """Is the limit kept all the time?"""
        return self.hours_over_after == 0


def verify_relief(flow: PowerFlow, series: ConnectionSeries, plan: ReliefPlan) -> ReliefEffect:
    """Solve the network over the plan's intervals, without it and with it.

    Args:
        flow: The network, ready.
        series: What would be drawn, of the plan's intervals.
        plan: What is to be verified.

    Raises:
        InputError: If the intervals or connections are not the plan's.
        PowerFlowError: If either cannot be solved.
    """
    length = next(iter(plan.changes.values())).size if plan.changes else series.length
    if (series.start_utc, series.step_seconds, series.length) != (plan.start_utc, plan.step_seconds, length):
        raise InputError(
            f"the plan is of {length} intervals from {plan.start_utc}, the series of {series.length} from "
            f"{series.start_utc}."
        )
    places = {one.id: place for place, one in enumerate(flow.network.connections)}
    watts = np.nan_to_num(series.watts)
    for connection, change in plan.changes.items():
        if connection not in places:
            raise InputError(f'the plan is for "{connection}", which the network has not.')
        watts[places[connection]] += change
    before, after = flow.solve(series), flow.solve(replace(series, watts=watts))
    factors = [_factors(one, plan.transformer) for one in (before, after)]
    over = [
        float((one > plan.limit * _KEPT).sum()) * series.step_seconds / _SECONDS_PER_HOUR for one in factors
    ]
    levels = [np.abs(one.voltages) for one in (before, after)]
    return ReliefEffect(
        peak_before=float(factors[0].max()),
        peak_after=float(factors[1].max()),
        hours_over_before=over[0],
        hours_over_after=over[1],
        voltage_min_before=float(np.nanmin(levels[0])),
        voltage_min_after=float(np.nanmin(levels[1])),
        voltage_max_before=float(np.nanmax(levels[0])),
        voltage_max_after=float(np.nanmax(levels[1])),
        losses_before_kwh=before.losses_kilowatt_hours(),
        losses_after_kwh=after.losses_kilowatt_hours(),
        factors_before=tuple(factors[0].tolist()),
        factors_after=tuple(factors[1].tolist()),
    )


def _factors(result: FlowResult, transformer: str) -> NDArray[np.float64]:
    """Load factor of the fullest phase. Shape (T,). [1]"""
    from backend.grid.transformers.flow_loads import load_of_flow

    return load_of_flow(result, transformer).fullest
