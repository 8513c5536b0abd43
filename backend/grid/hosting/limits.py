"""What may not be gone beyond, and how far a power flow is from it.

Every limit has the form |A| ≤ L·|B|, of quantities that a small power moves linearly: A = A0 + p·A1, B = B0 + p·B1. So
the power at which it is met follows from a quadratic equation, for all limits and intervals at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.network import Segment, Switch, Transformer
from backend.grid.phases import PHASE_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Branch, Network
    from backend.grid.power_flow import FlowResult

    Complexes = NDArray[np.complex128]
    Values = NDArray[np.float64]

__all__ = ["HostingLimits", "LimitKind", "Sight", "Watch", "reach_of"]

_SQRT3 = 3**0.5
_TURN = np.exp(2j * np.pi / 3)
# Rows: positive and negative sequence of L1, L2, L3.
_SEQUENCES = np.array([[1, _TURN, _TURN**2], [1, _TURN**2, _TURN]]) / 3
_ROUNDING = 1e-9


class LimitKind(Enum):
    """Which limit is met."""

    VOLTAGE_HIGH = "voltage_high"
    VOLTAGE_LOW = "voltage_low"
    UNBALANCE = "unbalance"
    SEGMENT = "segment"
    TRANSFORMER = "transformer"
    CONNECTION = "connection"  # what the connection itself is rated for
    NONE = "none"  # none is met below the largest power that was asked for


@dataclass(frozen=True, slots=True)
class HostingLimits:
    """Limits at customers' terminals and of equipment.

    Attributes:
        voltage_least_pu: EN 50160, 4.2.2: Un less 10 %. [1]
        voltage_most_pu: Un and 10 %. [1]
        unbalance: Negative over positive sequence, EN 50160, 4.2.4: 2 %. [1]
        loading: Of the rated current of segments and transformers. [1]
    """

    voltage_least_pu: float = 0.9
    voltage_most_pu: float = 1.1
    unbalance: float = 0.02
    loading: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.voltage_least_pu < 1 < self.voltage_most_pu:
            raise InputError(
                f"voltages from {self.voltage_least_pu:g} to {self.voltage_most_pu:g} pu are no limits around 1."
            )
        if not (0 < self.unbalance < 1 and self.loading > 0):
            raise InputError(
                f"an unbalance of {self.unbalance:g} or a loading of {self.loading:g} is no limit; give parts of one."
            )


@dataclass(frozen=True)
class Sight:
    """What is watched of a power flow.

    Attributes:
        volts: At the terminals; NaN where a phase is absent. Shape (B, 3, T). [1]
        currents: Of rated branches, of their rated current. Shape (R, 3, T). [1]
    """

    volts: Complexes
    currents: Complexes

    def at(self, intervals: NDArray[np.int64]) -> Sight:
        """Some of the intervals."""
        return Sight(self.volts[:, :, intervals], self.currents[:, :, intervals])


class Watch:
    """The terminals and rated branches of a network.

    Attributes:
        buses: Those that a connection is at. [index]
        branches: Those with a rating. [index of Network.branches]
    """

    def __init__(self, network: Network, limits: HostingLimits) -> None:
        self.network = network
        self.limits = limits
        self.buses = np.array(sorted({network.bus_index[one.bus] for one in network.connections}))
        told = [(index, _rated_amperes(network, one)) for index, one in enumerate(network.branches)]
        self.branches = np.array([index for index, rated in told if rated > 0], dtype=np.int64)
        self._rated = np.array([rated for _, rated in told if rated > 0])

    def see(self, flow: FlowResult) -> Sight:
        """What a flow shows; it must have been asked for voltages and currents."""
        return Sight(flow.voltages[self.buses], flow.currents[self.branches] / self._rated[:, None, None])

    def measures(self, sight: Sight) -> Values:
        """How full every limit is: 1 where it is met, above where it is broken; -1 where there is none.

        Returns:
            Shape (limits, T): high voltages, low voltages (B·3 each), unbalances (B), branches (R·3). [1]
        """
        limits, length = self.limits, sight.volts.shape[2]
        level = np.abs(sight.volts).reshape(-1, length)
        positive, negative = sequences(sight.volts)
        with np.errstate(invalid="ignore", divide="ignore"):
            high = (level - 1) / (limits.voltage_most_pu - 1)
            low = (1 - level) / (1 - limits.voltage_least_pu)
            uneven = np.abs(negative) / np.abs(positive) / limits.unbalance
        full = np.abs(sight.currents).reshape(-1, length) / limits.loading
        measures: Values = np.nan_to_num(np.concatenate([high, low, uneven, full]), nan=-1.0)
        return measures

    def name(self, limit: int) -> tuple[LimitKind, str]:
        """Kind and place of a row of ``measures``."""
        terminals = PHASE_COUNT * self.buses.size
        if limit < 2 * terminals:
            kind = LimitKind.VOLTAGE_HIGH if limit < terminals else LimitKind.VOLTAGE_LOW
            return kind, self.network.buses[self.buses[limit % terminals // PHASE_COUNT]].id
        limit -= 2 * terminals
        if limit < self.buses.size:
            return LimitKind.UNBALANCE, self.network.buses[self.buses[limit]].id
        branch = self.network.branches[self.branches[(limit - self.buses.size) // PHASE_COUNT]]
        return (LimitKind.TRANSFORMER if isinstance(branch, Transformer) else LimitKind.SEGMENT), branch.id

    def touched(self, slope: Sight, part: float) -> NDArray[np.bool_]:
        """Limits that a power moves by more than a part of what it moves the one of their kind that it moves most.

        Args:
            slope: Change by watt, of one interval. [1/W]
            part: [1]

        Returns:
            In the order of ``measures``.
        """
        level = np.nan_to_num(np.abs(slope.volts)).reshape(-1)
        uneven = np.nan_to_num(np.abs(sequences(slope.volts)[1])).reshape(-1)
        full = np.abs(slope.currents).reshape(-1)
        by_kind = [_above(one, part) for one in (level, uneven, full)]
        return np.concatenate([by_kind[0], *by_kind])

    def meets(self, base: Sight, slope: Sight, rows: NDArray[np.bool_]) -> Values:
        """Power at which each limit is met, if everything goes on as steeply as it begins.

        Args:
            base: Without the power.
            slope: Change by watt, of one interval. [1/W]
            rows: Limits to look at, in the order of ``measures``.

        Returns:
            Shape (rows, T); infinite where it never is. [W]
        """
        limits, length = self.limits, base.volts.shape[2]
        terminals = PHASE_COUNT * self.buses.size
        at_high, at_low, at_uneven, at_full = np.split(
            rows, [terminals, 2 * terminals, 2 * terminals + self.buses.size]
        )
        volts, by_volts = base.volts.reshape(-1, length), slope.volts.reshape(-1, 1)
        most, least = np.full((1, 1), limits.voltage_most_pu), np.full((1, 1), limits.voltage_least_pu)
        nothing = np.zeros((1, 1))
        high = reach_of(volts[at_high], by_volts[at_high], most, nothing)
        low = reach_of(least, nothing, volts[at_low], by_volts[at_low])
        (positive, negative), (by_positive, by_negative) = (
            sequences(base.volts[at_uneven]),
            sequences(slope.volts[at_uneven]),
        )
        uneven = reach_of(negative, by_negative, limits.unbalance * positive, limits.unbalance * by_positive)
        amperes, by_amperes = base.currents.reshape(-1, length), slope.currents.reshape(-1, 1)
        full = reach_of(amperes[at_full], by_amperes[at_full], np.full((1, 1), limits.loading), nothing)
        return np.concatenate([high, low, uneven, full])


def _above(moved: Values, part: float) -> NDArray[np.bool_]:
    most = moved.max(initial=0.0)
    return np.asarray((moved >= part * most) & (moved > 0))


def sequences(volts: Complexes) -> tuple[Complexes, Complexes]:
    """Positive and negative sequence of phase voltages of shape (B, 3, T)."""
    both = np.einsum("sp,bpt->sbt", _SEQUENCES, volts)
    return both[0], both[1]


def reach_of(
    a0: Complexes | Values, a1: Complexes | Values, b0: Complexes | Values, b1: Complexes | Values
) -> Values:
    """Least p ≥ 0 from which on |a0 + p·a1| > |b0 + p·b1|; infinite where there is none, or a phase is absent.

    What is beyond already counts as met at once where more power makes it worse, and not at all where it helps.
    """
    square = np.abs(a1) ** 2 - np.abs(b1) ** 2
    half = (np.conj(a0) * a1 - np.conj(b0) * b1).real
    rest = np.abs(a0) ** 2 - np.abs(b0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(half**2 - square * rest, 0.0))
        # The root that is stable where the square is small: rest / (-half - root), or its companion.
        first = rest / (-half - root)
        second = rest / (-half + root)
        real = half**2 >= square * rest
        within = rest <= 0
        met = np.where(
            within & real,
            np.minimum(np.where(first > 0, first, np.inf), np.where(second > 0, second, np.inf)),
            np.inf,
        )
    beyond = (rest > 0) & (half > 0)
    return np.where(beyond, 0.0, np.nan_to_num(met, nan=np.inf, posinf=np.inf))


def _rated_amperes(network: Network, branch: Branch) -> float:
    """Rated current by phase, of a transformer on its low-voltage side; 0 where unknown. [A]"""
    if isinstance(branch, Segment | Switch):
        return branch.rated_amperes
    volts = network.buses[network.bus_index[branch.to_bus]].nominal_volts / _SQRT3
    return branch.rated_volt_amperes / len(branch.phases.indices) / volts
