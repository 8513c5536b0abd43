"""Imbalance, losses and voltage as quadratic forms of who is turned where: one Hermitian (Gram) matrix each.

A connection of complex power S_p on phase p has the two phasors z = Σ_p S_p ω^p and y = Σ_p conj(S_p) ω^p, with
ω = exp(2πi/3). Turning by r multiplies both by ω^r =: u. At nearly nominal voltage V (phase to neutral) its current has
the zero-sequence component conj(z) / 3V and the negative-sequence component y / 3V (Fortescue); the positive one does
not know of turns. With H = mean_t z z* and Y = mean_t y y* over pairs of connections, the means over time are

- of the neutral current squared: u* H u / V², and of the power by phase: Σ_p D_p² = (2/3) |Σ z|² where S is real;
- of what imbalance loses in the conductors: Σ_ij u_i conj(u_j) (R0_ij H_ij + R1_ij Y_ij) / 3, where R0_ij and R1_ij
  are the zero- and positive-sequence resistance of the way that i and j share, each branch's by its own V² (so that
  powers need no ratio of a transformer), since 3 (R0 |I0|² + R1 |I2|²) is lost in a symmetrical (transposed) segment;
- of the voltage unbalance factor squared at connection b: |Σ_i Z1_bi y_i / 3|², Z1 by V² likewise, so the form
  Σ_b Z1_bi conj(Z1_bj) Y_ij / 9.

So a search that knows one matrix knows all of these; a move costs O(1) to try and O(n) to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.network import Segment, Transformer
from backend.grid.phases import PHASE_COUNT, Phases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.grid.balancing.problem import SwitchingProblem, Weights
    from backend.grid.balancing.units import Unit
    from backend.grid.network import Network
    from backend.grid.series import ConnectionSeries
    from backend.grid.topology import Topology

    Gram = NDArray[np.complex64]

__all__ = ["NetworkForms", "evaluate_form", "head_form", "network_forms", "weighted_form"]

_OMEGA = np.exp(2j * np.pi / 3)
_CHUNK = 4096  # intervals multiplied at a time
_SITES = 1_000  # connections that voltage unbalance is looked at, at most


@dataclass(frozen=True, slots=True)
class NetworkForms:
    """Forms of what imbalance does to a network, over the connections that can be turned and one for all that cannot.

    Attributes:
        losses: What imbalance adds to the losses in the conductors. Shape (n + 1, n + 1). [W]
        voltage: Mean over connections of the voltage unbalance factor (IEC, negative over positive sequence), squared.
            Same shape. [1]
    """

    losses: Gram
    voltage: Gram


def head_form(problem: SwitchingProblem) -> Gram:
    """The form whose value is the mean over time of Σ_p D_p² at the element. Shape (n + 1, n + 1). [W²]"""
    turned = (_OMEGA**problem.phase).astype(np.complex64)
    rows = len(problem.phase)
    fixed = (_OMEGA ** np.arange(PHASE_COUNT)) @ problem.base
    plain = np.zeros((rows, rows), dtype=np.float32)
    across = np.zeros(rows, dtype=np.complex128)
    for begin in range(0, problem.rows.shape[1], _CHUNK):
        part = problem.rows[:, begin : begin + _CHUNK]
        plain += part @ part.T
        across += part @ fixed[begin : begin + _CHUNK].conj()
    whole = np.empty((problem.size + 1, problem.size + 1), dtype=np.complex64)
    whole[:-1, :-1] = _fold(turned[:, None] * plain * turned.conj(), problem.first)
    whole[:-1, -1] = np.add.reduceat(turned * across, problem.first[:-1]) if problem.size else 0
    whole[-1, :-1] = whole[:-1, -1].conj()
    whole[-1, -1] = (np.abs(fixed) ** 2).sum()
    scale = 2 / 3 / max(problem.rows.shape[1], 1)
    whole *= np.float32(scale)
    return whole


def network_forms(
    network: Network,
    topology: Topology,
    series: ConnectionSeries,
    problem: SwitchingProblem,
    intervals: NDArray[np.int64] | None = None,
) -> NetworkForms:
    """What imbalance adds to losses and voltage unbalance, of all connections that share a way.

    A way goes up through transformers of one phase, and of three where both windings have their star point out; it ends
    with the first other transformer, for the zero sequence does not pass it, and currents beyond are smaller. What has
    one phase alone loses the same whatever the turns. Voltage unbalance is that where the way has three phases; of more
    than a thousand connections it is looked at in so many, spread evenly.

    Args:
        network: The network.
        topology: How it is fed.
        series: What its connections draw.
        problem: Which of them can be turned.
        intervals: Those that are counted; all without.
    """
    chosen = np.arange(series.length) if intervals is None else intervals
    drawn = _products(series, chosen) / max(chosen.size, 1)
    stand = np.array([np.mean(_OMEGA ** np.array(one.phases.indices)) for one in network.connections])
    stand = stand.astype(np.complex64)
    r0, z1 = _shared_ways(topology, _sequence_impedances(topology))
    # z z* and y y*, of complex powers S and of their conjugates.
    across = stand[:, None] * stand.conj()
    losses = (r0 * drawn + z1.real * drawn.conj()) * across / 3
    sites = np.unique(np.linspace(0, len(stand) - 1, min(len(stand), _SITES)).astype(np.int64))
    seen = z1[sites] / 3
    voltage = (seen.T @ seen.conj()) * drawn.conj() * across / max(sites.size, 1)
    return NetworkForms(_collapse(losses, problem.units), _collapse(voltage, problem.units))


def evaluate_form(form: Gram, turns: NDArray[np.int64]) -> float:
    """Value of a form where connections are turned so. [of the form]"""
    place = np.append(_OMEGA**turns, 1.0)
    return float((place @ form.astype(np.complex128) @ place.conj()).real)


def weighted_form(
    problem: SwitchingProblem, weights: Weights, forms: NetworkForms | None
) -> tuple[Gram, NDArray[np.float64]]:
    """Losses and voltage in one matrix, and the weights that kernels give to the mean, the worst hour and that matrix.

    Each is relative to its value today, so that the objective of standing still is the sum of the weights.

    Returns:
        The matrix, of shape (1, 1) where neither has a weight; and the shares, shape (3,).
    """
    home = problem.home
    mean, worst = problem.imbalance(home), problem.worst_hour(home)
    shares = np.array([_share(weights.mean, mean), _share(weights.worst_hour, worst), 0.0])
    form = np.zeros((1, 1), dtype=np.complex64)
    if forms is not None and (weights.losses or weights.voltage):
        form = np.zeros_like(forms.losses)
        for weight, one in ((weights.losses, forms.losses), (weights.voltage, forms.voltage)):
            form += np.complex64(_share(weight, evaluate_form(one, home))) * one
        shares[2] = 1.0
    return form, shares


def _share(weight: float, today: float) -> float:
    return weight / today if today > 0 else 0.0


def _fold(matrix: NDArray[np.complex64], first: NDArray[np.int64]) -> NDArray[np.complex64]:
    """Add up rows and columns of the phases of each connection."""
    if matrix.shape[0] == first.size - 1:
        return matrix
    begins = first[:-1]
    return np.add.reduceat(np.add.reduceat(matrix, begins, axis=0), begins, axis=1)


def _products(series: ConnectionSeries, chosen: NDArray[np.int64]) -> Gram:
    """Sum over time of S_i conj(S_j), of the complex powers of each two connections. Shape (n, n). [VA²]"""
    count = len(series.watts)
    same, cross = np.zeros((count, count), dtype=np.float32), np.zeros((count, count), dtype=np.float32)
    for begin in range(0, chosen.size, _CHUNK):
        part = chosen[begin : begin + _CHUNK]
        watts = np.nan_to_num(series.watts[:, part]).astype(np.float32)
        reactive = np.nan_to_num(series.vars[:, part]).astype(np.float32)
        same += watts @ watts.T
        if reactive.any():
            same += reactive @ reactive.T
            cross += reactive @ watts.T
    return (same + np.complex64(1j) * (cross - cross.T)).astype(np.complex64)


def _shared_ways(
    topology: Topology, impedances: tuple[NDArray[np.float64], NDArray[np.complex128]]
) -> tuple[NDArray[np.float32], Gram]:
    """Zero-sequence resistance and positive-sequence impedance of the way that each two connections share.

    Two ways part at a bus, and what they share is all above it: connections are laid out so that those behind a bus are
    neighbours, and each bus fills the blocks of those that part there.

    Returns:
        Shape (n, n) each. [Ω/V²]
    """
    r0, z1 = impedances
    count = len(topology.network.connections)
    zero, positive = np.zeros((count, count), dtype=np.float32), np.zeros((count, count), dtype=np.complex64)
    ends = _barriers(topology)
    sums0, sums1 = np.zeros(len(topology.parent)), np.zeros(len(topology.parent), dtype=np.complex128)
    for bus in topology.order:
        branch = topology.feeding[bus]
        if branch >= 0:
            above = 0.0 if branch in ends else 1.0
            sums0[bus] = r0[branch] + above * sums0[topology.parent[bus]]
            sums1[bus] = z1[branch] + above * sums1[topology.parent[bus]]
    behind: dict[int, NDArray[np.int64]] = {}
    for bus in reversed(topology.order):
        met = np.array(topology.connections_at[bus], dtype=np.int64)
        blocks = [met[one : one + 1] for one in range(met.size)]
        blocks += [
            behind.pop(child) for child in topology.children[bus] if topology.feeding[child] not in ends
        ]
        gathered = np.empty(0, dtype=np.int64)
        for one in met:
            zero[one, one], positive[one, one] = sums0[bus], sums1[bus]
        for block in blocks:
            for matrix, value in ((zero, sums0[bus]), (positive, sums1[bus])):
                matrix[np.ix_(block, gathered)] = value
                matrix[np.ix_(gathered, block)] = value
            gathered = np.concatenate([gathered, block])
        behind[bus] = gathered
    return zero, positive


def _barriers(topology: Topology) -> set[int]:
    """Transformers of three phases that the zero sequence does not pass. [index]"""
    return {
        index
        for index, one in enumerate(topology.branches)
        if isinstance(one, Transformer)
        and one.phases == Phases.ALL
        and (one.from_winding.upper(), one.to_winding.lower()) != ("YN", "yn")
    }


def _sequence_impedances(topology: Topology) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Zero-sequence resistance and positive-sequence impedance of each branch, by its voltage to neutral squared.

    Returns:
        Shape (branches,) each; 0 for what has fewer than three phases. [Ω/V²]
    """
    network = topology.network
    r0 = np.zeros(len(topology.branches))
    z1 = np.zeros(len(topology.branches), dtype=np.complex128)
    for index, branch in enumerate(topology.branches):
        squared = network.buses[network.bus_index[branch.to_bus]].nominal_volts ** 2 / PHASE_COUNT
        if isinstance(branch, Segment) and branch.phases == Phases.ALL:
            (rs, rm), (xs, xm) = _circulant(branch.resistance), _circulant(branch.reactance)
            r0[index], z1[index] = (rs + 2 * rm) / squared, complex(rs - rm, xs - xm) / squared
        elif isinstance(branch, Transformer) and branch.phases == Phases.ALL:
            base = branch.to_volts**2 / branch.rated_volt_amperes / squared
            resistance = branch.copper_loss_watts / branch.rated_volt_amperes
            reactance = np.sqrt(max(branch.short_circuit_pu**2 - resistance**2, 0.0))
            r0[index], z1[index] = resistance * base, complex(resistance, reactance) * base
    return r0, z1


def _circulant(matrix: NDArray[np.float64]) -> tuple[float, float]:
    """Mean of the diagonal, and of what is beside it: the transposed segment."""
    own = float(np.trace(matrix)) / PHASE_COUNT
    return own, (float(matrix.sum()) - own * PHASE_COUNT) / (PHASE_COUNT * (PHASE_COUNT - 1))


def _collapse(form: Gram, units: Sequence[Unit]) -> Gram:
    """Add up the rows and columns of connections that turn together, and into the last those of all that stay."""
    count = len(units)
    unit_of = np.full(form.shape[0], count, dtype=np.int64)
    for index, unit in enumerate(units):
        unit_of[list(unit.connections)] = index
    order = np.argsort(unit_of, kind="stable")
    begins = np.searchsorted(unit_of[order], np.arange(count + 1))
    whole = np.zeros((count + 1, count + 1), dtype=np.complex64)
    there = count + 1 if begins[-1] < order.size else count  # is there anything that stays?
    sorted_form = form[np.ix_(order, order)].astype(np.complex128)
    if there:
        rows = np.add.reduceat(sorted_form, begins[:there], axis=0)
        whole[:there, :there] = np.add.reduceat(rows, begins[:there], axis=1)
    return whole
