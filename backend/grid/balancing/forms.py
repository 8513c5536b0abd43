"""Imbalance, losses and voltage as quadratic forms of who is turned where: one Hermitian (Gram) matrix each.

A connection of complex power S_p on phase p has the two phasors z = Σ_p S_p ω^p and y = Σ_p conj(S_p) ω^p, with
ω = exp(2πi/3). Turning by r multiplies both by ω^r =: u. At nearly nominal voltage V (phase to neutral) its current has
the zero-sequence component conj(z) / 3V and the negative-sequence component y / 3V (Fortescue); the positive one does
not know of turns. With H = mean_t z z* and Y = mean_t y y* over pairs of connections, the means over time are

- of the neutral current squared: u* H u / V², and of the power by phase: Σ_p D_p² = (2/3) |Σ z|² where S is real;
- of what imbalance loses in the conductors: Σ_ij u_i conj(u_j) (R0_ij H_ij + R1_ij Y_ij) / 3V², where R0_ij and R1_ij
  are the zero- and positive-sequence resistance of the way that i and j share, since 3 (R0 |I0|² + R1 |I2|²) is lost in
  a symmetrical (transposed) segment;
- of the voltage unbalance factor squared at connection b: |Σ_i Z1_bi y_i / 3V²|², so the form
  Σ_b Z1_bi conj(Z1_bj) Y_ij.

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
    """What imbalance adds to losses and voltage unbalance, of all connections behind the same transformers.

    Only the way up to the nearest transformer, and through it, is counted: beyond, the zero sequence of a delta winding
    does not pass, and currents are smaller by the ratio. One-phase segments lose the same whatever the turns.

    Args:
        network: The network.
        topology: How it is fed.
        series: What its connections draw.
        problem: Which of them can be turned.
        intervals: Those that are counted; all without.
    """
    chosen = np.arange(series.length) if intervals is None else intervals
    zero, negative = _phasors(network, series, chosen)
    way, volts = _ways(network, topology)
    r0, z1 = _sequence_impedances(topology)
    shared0 = (way * r0) @ way.T
    shared1 = (way * z1) @ way.T
    squared = volts[:, None] * volts[None, :]
    count = max(chosen.size, 1)
    h, y = zero @ zero.conj().T / count, negative @ negative.conj().T / count
    losses = (shared0 * h + shared1.real * y) / (3 * squared)
    seen = shared1 / (3 * squared)
    voltage = (seen.T @ seen.conj()) * y / max(len(network.connections), 1)
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


def _phasors(
    network: Network, series: ConnectionSeries, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Zero- and negative-sequence phasors z and y of each connection. Shape (connections, T) each. [VA]"""
    power = np.nan_to_num(series.watts[:, chosen]) + 1j * np.nan_to_num(series.vars[:, chosen])
    turned = np.array([np.mean(_OMEGA ** np.array(one.phases.indices)) for one in network.connections])
    return power * turned[:, None], power.conj() * turned[:, None]


def _ways(network: Network, topology: Topology) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Which branches each connection's way has up to and with its transformer, and its nominal voltage.

    Returns:
        Shape (connections, branches) of 0 and 1, and (connections,). [V, phase to neutral]
    """
    way = np.zeros((len(network.connections), len(topology.branches)))
    volts = np.ones(len(network.connections))
    for row, one in enumerate(network.connections):
        bus = network.bus_index[one.bus]
        volts[row] = network.buses[bus].nominal_volts / np.sqrt(3)
        for branch in topology.way_up(bus):
            way[row, branch] = 1.0
            if isinstance(topology.branches[branch], Transformer):
                break
    return way, volts


def _sequence_impedances(topology: Topology) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Zero-sequence resistance and positive-sequence impedance of each branch. Shape (branches,). [Ω]"""
    r0 = np.zeros(len(topology.branches))
    z1 = np.zeros(len(topology.branches), dtype=np.complex128)
    for index, branch in enumerate(topology.branches):
        if isinstance(branch, Segment) and branch.phases == Phases.ALL:
            (rs, rm), (xs, xm) = _circulant(branch.resistance), _circulant(branch.reactance)
            r0[index], z1[index] = rs + 2 * rm, complex(rs - rm, xs - xm)
        elif isinstance(branch, Transformer) and branch.phases == Phases.ALL:
            base = branch.to_volts**2 / branch.rated_volt_amperes
            resistance = branch.copper_loss_watts / branch.rated_volt_amperes
            reactance = np.sqrt(max(branch.short_circuit_pu**2 - resistance**2, 0.0))
            r0[index], z1[index] = resistance * base, complex(resistance, reactance) * base
    return r0, z1


def _circulant(matrix: NDArray[np.float64]) -> tuple[float, float]:
    """Mean of the diagonal, and of what is beside it: the transposed segment."""
    own = float(np.trace(matrix)) / PHASE_COUNT
    return own, (float(matrix.sum()) - own * PHASE_COUNT) / (PHASE_COUNT * (PHASE_COUNT - 1))


def _collapse(form: NDArray[np.complex128], units: Sequence[Unit]) -> Gram:
    """Add up the rows and columns of connections that turn together, and into the last those of all that stay."""
    count = len(units)
    unit_of = np.full(form.shape[0], count, dtype=np.int64)
    for index, unit in enumerate(units):
        unit_of[list(unit.connections)] = index
    rows = np.zeros((count + 1, form.shape[0]), dtype=np.complex128)
    np.add.at(rows, unit_of, form)
    whole = np.zeros((count + 1, count + 1), dtype=np.complex128)
    np.add.at(whole.T, unit_of, rows.T)
    return whole.astype(np.complex64)
