"""Does a switched network hold: currents within ratings, voltages within limits, by three-phase power flow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.network import Transformer
from backend.grid.phases import PHASE_COUNT
from backend.grid.restoration.sections import set_switches

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from backend.grid.network import Network
    from backend.grid.series import ConnectionSeries

__all__ = [
    "Limits",
    "Observed",
    "Violation",
    "choose_intervals",
    "merge_observed",
    "observe",
    "take_intervals",
]

_SQRT3 = 3**0.5
#: A limit that was broken before the fault may be broken as much after it, not more. [1]
_AS_BEFORE = 1.01


@dataclass(frozen=True, slots=True)
class Limits:
    """What a switched network is held to.

    Attributes:
        lowest_pu: Least voltage, EN 50160 section 4.2.2. [1]
        highest_pu: Greatest. [1]
        loading: Greatest part of a rating; above 1 where emergency ratings are known. [1]
    """

    lowest_pu: float = 0.9
    highest_pu: float = 1.1
    loading: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.lowest_pu < self.highest_pu or self.loading <= 0:
            raise InputError(
                f"limits of {self.lowest_pu} to {self.highest_pu} pu and {self.loading} of the ratings cannot be held; "
                "give something like 0.9, 1.1 and 1."
            )


@dataclass(frozen=True, slots=True)
class Violation:
    """One limit that does not hold.

    Attributes:
        bus: Where the voltage is out of limits, -1 for a branch. [index]
        branch: Which is above its rating, -1 for a bus. [index of Network.branches]
        interval: In which of the intervals. [index]
        ratio: By how much: of what is allowed, above 1. [1]
        words: Which limit, with its value.
    """

    bus: int
    branch: int
    interval: int
    ratio: float
    words: str


@dataclass(frozen=True)
class Observed:
    """What power flow found of a network as it is switched. Arrays have shape (elements, T) where not said otherwise.

    Attributes:
        loading: Of each branch, part of its rating, 0 where it has none. [1]
        flows: What leaves each branch at its ``to_bus``, apparent power with the sign of the active one. Shape (E, 3,
            T). [VA]
        lowest: Least voltage of each bus over its phases, NaN where unfed. [1]
        highest: Greatest likewise. [1]
    """

    network: Network
    loading: NDArray[np.float64]
    flows: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]

    def violation(self, limits: Limits, before: Observed) -> Violation | None:
        """The limit that is broken most, relative to itself, among those that held before; None where all hold."""
        allowed = np.maximum(limits.loading, before.loading.max(axis=1, initial=0.0) * _AS_BEFORE)[:, None]
        low = np.fmin(limits.lowest_pu, np.nan_to_num(_least(before.lowest), nan=9.0) / _AS_BEFORE)[:, None]
        high = np.fmax(limits.highest_pu, np.nan_to_num(_greatest(before.highest)) * _AS_BEFORE)[:, None]
        with np.errstate(invalid="ignore"):
            excess = (self.loading / allowed, low / self.lowest, self.highest / high)
        worst = [np.nanmax(np.where(np.isfinite(one), one, 0.0), initial=0.0) for one in excess]
        which = int(np.argmax(worst))
        if worst[which] <= 1 + 1e-9:
            return None
        place, interval = (
            int(one) for one in np.unravel_index(np.nanargmax(excess[which]), excess[which].shape)
        )
        ratio = float(worst[which])
        if which == 0:
            percent = 100 * self.loading[place, interval]
            words = f"{self.network.branches[place].id} would carry {percent:.0f} % of its rating"
            return Violation(-1, place, interval, ratio, words)
        value = (self.lowest if which == 1 else self.highest)[place, interval]
        words = f"bus {self.network.buses[place].id} would be at {value:.3f} pu"
        return Violation(place, -1, interval, ratio, words)


def observe(
    network: Network, series: ConnectionSeries, removed: Collection[str], switched: Mapping[str, bool]
) -> Observed:
    """Power flow of a network with some branches out and some switches operated; what nothing feeds draws nothing.

    Raises:
        PowerFlowError: If there is no solution.
    """
    from backend.grid.power_flow import PowerFlow, Wanted

    operated = set_switches(network, switched)
    found = PowerFlow(operated, removed, leave_out_unfed=True).solve(
        series, Wanted.VOLTAGES | Wanted.CURRENTS
    )
    amperes = np.abs(found.currents)
    branches = network.branches
    loading = np.zeros((len(branches), series.length))
    flows = np.zeros((len(branches), PHASE_COUNT, series.length))
    for index, branch in enumerate(branches):
        if not amperes[index].any():
            continue
        bus = network.bus_index[branch.to_bus]
        flows[index] = _signed(found.branch_powers(index))
        if isinstance(branch, Transformer):
            volts = network.buses[bus].nominal_volts / _SQRT3
            per_phase = branch.rated_volt_amperes / len(branch.phases.indices)
            loading[index] = amperes[index].max(axis=0) * volts / per_phase if per_phase else 0.0
        elif branch.rated_amperes:
            loading[index] = amperes[index].max(axis=0) / branch.rated_amperes
    level = np.abs(found.voltages)
    lowest, highest = np.fmin.reduce(level, axis=1), np.fmax.reduce(level, axis=1)
    return Observed(network, loading, flows, lowest, highest)


def merge_observed(one: Observed, other: Observed) -> Observed:
    """Two looks at a network, one after the other."""
    return Observed(
        one.network,
        np.concatenate([one.loading, other.loading], axis=1),
        np.concatenate([one.flows, other.flows], axis=2),
        np.concatenate([one.lowest, other.lowest], axis=1),
        np.concatenate([one.highest, other.highest], axis=1),
    )


def choose_intervals(
    series: ConnectionSeries, groups: Collection[NDArray[np.int64]], count: int
) -> NDArray[np.int64]:
    """The intervals in which groups of connections draw most, and give most, in order of time.

    Args:
        series: All intervals.
        groups: Rows of connections, such as all, and those that are dark.
        count: At most so many.
    """
    if series.length <= count:
        return np.arange(series.length, dtype=np.int64)
    totals = [np.nan_to_num(series.watts[rows]).sum(axis=0) for rows in groups]
    orders = [np.argsort(sign * total, kind="stable") for total in totals for sign in (-1.0, 1.0)]
    ranked = np.stack(orders, axis=1).ravel()  # the first of each order, then the second of each
    _, first = np.unique(ranked, return_index=True)
    return np.sort(ranked[np.sort(first)[:count]])


def take_intervals(series: ConnectionSeries, intervals: NDArray[np.int64]) -> ConnectionSeries:
    """Some intervals as a series, one after the other: their instants are no longer told."""
    return replace(series, watts=series.watts[:, intervals], vars=series.vars[:, intervals])


def _signed(powers: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.asarray(np.abs(powers) * np.where(powers.real < 0, -1.0, 1.0))


def _least(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.fmin.reduce(values, axis=1))


def _greatest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.fmax.reduce(values, axis=1))
