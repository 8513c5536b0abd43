"""Phases from voltage: meters on one phase see its drops together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.grid.phase_identification.grouping import group_by_spectrum, group_by_votes, likeness_of
from backend.grid.phase_identification.load import INTERVALS_MIN
from backend.grid.phase_identification.sets import PHASE_SETS
from backend.grid.phases import PHASE_COUNT, Phases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["TerminalVoltages", "VoltageChances", "chances_by_voltage"]

#: So many independent intervals a step is worth: neighbouring ones share a reading, drops come in bursts. [1]
_WORTH = 0.35
_ROUNDS = 30
_STARTS = 3
_CLOSEST = 1 - 1e-6  # correlation beyond which nothing more is learnt
_ORDERS = tuple(permutations(range(PHASE_COUNT)))


@dataclass(frozen=True)
class TerminalVoltages:
    """Voltages phase to neutral at the terminals of meters.

    Attributes:
        connections: Of each row, the connection that it belongs to. Shape (R,). [index]
        terminals: Of each row, which terminal of the meter it is, from 0. Shape (R,).
        volts: Shape (R, T); NaN where it was not read. [V]
    """

    connections: NDArray[np.int64]
    terminals: NDArray[np.int64]
    volts: Values


@dataclass(frozen=True)
class VoltageChances:
    """What voltages say.

    Attributes:
        chances: Probability of each set of phases, shape (connections, 7). [1]
        orders: By connection, the likeliest phase of each of its terminals; empty where it has no row.
    """

    chances: Values
    orders: tuple[tuple[int, ...], ...]


def chances_by_voltage(
    voltages: TerminalVoltages, prior: Values, head_volts: Values | None = None, seed: int = 1
) -> VoltageChances:
    """Probability of each set of phases for each connection, from how its voltages step with the others'.

    A terminal on a phase follows the mean step of its neighbours there, weighted by how closely they follow one
    another; what is left is noise of unknown variance, so that ``-count/2 · log(1 - r²)`` is the log likelihood with r
    the correlation. Groups are sought from the record, from the head and from random starts, the likeliest holds.
    Which group is which phase is told by the records and the head, and is a probability too: without any, each phase
    is as likely.

    Args:
        voltages: All meters behind one transformer.
        prior: Probability of each set before, shape (connections, 7), see ``record_prior``. [1]
        head_volts: At the transformer, shape (3, T); None where it is not measured. [V]
        seed: Of the random starts.

    Returns:
        The prior where a connection has no row.

    Raises:
        InputError: If shapes do not fit, a meter has more than three terminals, or a row has fewer than 48 steps.
    """
    _check(voltages, prior, head_volts)
    groups = _Groups(voltages, prior, head_volts)
    best = max(
        (groups.settle(labels) for labels in groups.starts(np.random.default_rng(seed))),
        key=lambda settled: settled[0],
    )
    return groups.answer(best[1])


class _Groups:
    """Terminals with the head's as three more, their products, and what each grouping of them is worth."""

    def __init__(self, voltages: TerminalVoltages, prior: Values, head_volts: Values | None) -> None:
        volts = voltages.volts if head_volts is None else np.vstack([voltages.volts, head_volts])
        self.head = np.arange(len(voltages.volts), len(volts))
        self.rows = [
            np.flatnonzero(voltages.connections == one)[
                np.argsort(voltages.terminals[voltages.connections == one])
            ]
            for one in range(len(prior))
        ]
        self.prior = prior
        with np.errstate(divide="ignore"):
            self.log_prior = [
                np.log(_order_prior(len(own), chance)) for own, chance in zip(self.rows, prior, strict=True)
            ]
        owner = np.concatenate([voltages.connections, np.full(len(self.head), -1)])
        steps = np.diff(volts, axis=1)
        there = np.isfinite(steps)
        steps = np.where(there, steps - np.nanmean(steps, axis=1, keepdims=True), 0.0)
        together = np.maximum(there.astype(np.float64) @ there.T.astype(np.float64), 1.0)
        self.gram = steps @ steps.T / together
        self.half_count = there.sum(axis=1) * _WORTH / 2
        self.weight = np.where(owner[:, None] == owner[None, :], 0.0, likeness_of(self.gram))

    def starts(self, draw: np.random.Generator) -> list[NDArray[np.int64]]:
        """Groups to begin with: by the record, by the head, and by who moves with whom."""
        recorded = np.full(len(self.gram), -1, np.int64)
        for own, before in zip(self.rows, self.log_prior, strict=True):
            if len(own) and before.max() > before.min():
                recorded[own] = _orders_of(len(own))[int(before.argmax())]
        recorded[self.head] = np.arange(len(self.head))
        found = [group_by_votes(self.weight, recorded)] if (recorded >= 0).any() else []
        if len(self.head):
            nearest = self.gram[:, self.head] / np.sqrt(np.maximum(np.diag(self.gram)[self.head], 1e-12))
            found.append(group_by_votes(self.weight, np.asarray(nearest.argmax(axis=1), np.int64)))
        return [*found, *(group_by_spectrum(self.weight, draw) for _ in range(_STARTS))]

    def likelihood(self, labels: NDArray[np.int64]) -> Values:
        """Log likelihood of each terminal on the phase of each group, shape (rows, 3); 0 for a group of no one.

        What all three groups around the terminal do alike tells nothing: it is taken out by regression, for what the
        network above does comes at full strength everywhere, and what is drawn the less the nearer to the head.
        """
        weights = np.array(
            [np.where(labels[None, :] == group, self.weight, 0.0) for group in range(PHASE_COUNT)]
        )
        total = weights.sum(axis=2, keepdims=True)
        there = total[:, :, 0] > 0
        weights /= np.where(total > 0, total, 1.0)
        along = weights @ self.gram
        to_own = np.einsum("gii->gi", along)
        among = np.einsum("gij,hij->ghi", along, weights)
        mean = there / np.maximum(there.sum(axis=0), 1)  # of the groups that have someone
        own_mean, group_mean = np.einsum("gi,gi->i", mean, to_own), np.einsum("ghi,hi->gi", among, mean)
        mean_mean = np.einsum("gi,gi->i", mean, group_mean)
        # Of what the common course does not explain, at whatever strength it comes here: how like is the terminal's
        # to the group's difference from it?
        common = np.maximum(mean_mean, 1e-12)
        apart = np.einsum("ggi->gi", among) - 2 * group_mean + mean_mean
        along_common = group_mean - mean_mean
        own = np.maximum(np.diag(self.gram) - own_mean**2 / common, 1e-12)
        size = np.maximum(apart - along_common**2 / common, 1e-12)
        likeness = (to_own - own_mean - own_mean * along_common / common) / np.sqrt(own * size)
        likeness = np.where(there, np.clip(likeness, 0.0, _CLOSEST), 0.0)
        return np.asarray(-self.half_count[:, None] * np.log1p(-(likeness.T**2)))

    def settle(self, labels: NDArray[np.int64]) -> tuple[float, NDArray[np.int64]]:
        """Move every meter to where its voltages fit best, until none moves; the worth of where that ends."""
        for _ in range(_ROUNDS):
            told = self.likelihood(labels)
            moved = labels.copy()
            for own in self.rows:
                if len(own):
                    moved[own] = _orders_of(len(own))[int(_worth(told[own]).argmax())]
            if (moved == labels).all():
                break
            labels = moved
        return max(self._mapping_worths(self.likelihood(labels))), labels

    def _mapping_worths(self, told: Values) -> list[float]:
        """By order, log likelihood of all where group g is the phase ``order[g]``."""
        worths = []
        for order in _ORDERS:
            back = np.argsort(order)
            worth = sum(float(told[row, back[phase]]) for phase, row in enumerate(self.head.tolist()))
            for own, before in zip(self.rows, self.log_prior, strict=True):
                if len(own):
                    worth += float(np.logaddexp.reduce(_worth(told[own][:, back]) + before))
            worths.append(worth)
        return worths

    def answer(self, labels: NDArray[np.int64]) -> VoltageChances:
        """Probabilities, over all ways in which groups may be phases."""
        told = self.likelihood(labels)
        worths = np.array(self._mapping_worths(told))
        mapping = np.exp(worths - np.logaddexp.reduce(worths))
        chances = np.zeros_like(self.prior)
        orders: list[tuple[int, ...]] = []
        for one, (own, before) in enumerate(zip(self.rows, self.log_prior, strict=True)):
            if not len(own):
                chances[one] = self.prior[one]
                orders.append(())
                continue
            total = np.zeros(len(before))
            for order, share in zip(_ORDERS, mapping, strict=True):
                worth = _worth(told[own][:, np.argsort(order)]) + before
                total += share * np.exp(worth - np.logaddexp.reduce(worth))
            np.add.at(chances[one], _sets_of(len(own)), total)
            orders.append(tuple(_orders_of(len(own))[int(total.argmax())].tolist()))
        return VoltageChances(chances, tuple(orders))


@cache
def _orders_of(terminals: int) -> NDArray[np.int64]:
    """Which phase each terminal may be on, no two on the same. Shape (orders, terminals)."""
    return np.array(list(permutations(range(PHASE_COUNT), terminals)), np.int64)


@cache
def _sets_of(terminals: int) -> NDArray[np.int64]:
    """Of each order, its set of phases. Shape (orders,)."""
    orders = _orders_of(terminals).tolist()
    return np.array([PHASE_SETS.index(Phases(sum(1 << phase for phase in order))) for order in orders])


def _order_prior(terminals: int, chance: Values) -> Values:
    """Of each order, before: its set's probability, even over the orders of that set.

    The record speaks of sets of as many phases as the meter has terminals; where it holds none of those possible, all
    are alike.
    """
    sets = _sets_of(terminals)
    value = chance[sets] / np.bincount(sets)[sets]
    return np.asarray(value / value.sum() if value.sum() > 0 else np.full(len(sets), 1 / len(sets)))


def _worth(told: Values) -> Values:
    """Log likelihood by order; ``told`` has a row per terminal, its columns phases."""
    orders = _orders_of(len(told))
    return np.asarray(told[np.arange(len(told))[None, :], orders].sum(axis=1))


def _check(voltages: TerminalVoltages, prior: Values, head_volts: Values | None) -> None:
    rows, length = voltages.volts.shape
    if head_volts is not None and head_volts.shape != (PHASE_COUNT, length):
        raise InputError(
            f"the head's voltages have shape {head_volts.shape} beside {length} intervals; give (3, T)."
        )
    if not len(voltages.connections) == len(voltages.terminals) == rows:
        raise InputError(f"{rows} rows of voltages have {len(voltages.connections)} connections told.")
    if rows and int(voltages.connections.max()) >= len(prior):
        raise InputError(
            f"a row of voltages is of connection {int(voltages.connections.max())}, which is none."
        )
    counts = np.bincount(voltages.connections, minlength=1)
    if rows and counts.max() > PHASE_COUNT:
        raise InputError(f"a meter has {counts.max()} rows of voltages; it has at most three terminals.")
    read = np.isfinite(np.diff(voltages.volts, axis=1)).sum(axis=1)
    if rows and read.min() < INTERVALS_MIN:
        row = int(read.argmin())
        raise InputError(
            f"row {row} of the voltages (connection {int(voltages.connections[row])}) has {int(read.min())} steps that "
            f"were read; at least {INTERVALS_MIN} are needed: leave it out, or give more days."
        )
