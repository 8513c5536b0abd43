"""What is done for every leg, line and interval around power flow, compiled.

This module imports numba: import it where flows are solved, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Volts = NDArray[np.complex128]
    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["expand_chains", "linearise_legs"]


@njit(cache=True, nogil=True)
def _tangent(level: float, least: float, most: float, exponent: float) -> tuple[float, float]:
    """Constant and quadratic part, at a voltage of ``level``, of what a load draws by its nominal power."""
    if level < least:
        return 0.0, least**exponent / (least * least)
    if level > most:
        return 0.0, most**exponent / (most * most)
    if exponent == 0.0:
        return 1.0, 0.0
    drawn = level**exponent
    return drawn * (1 - exponent / 2), drawn * exponent / (2 * level * level)


@njit(cache=True, nogil=True)
def linearise_legs(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    volts: Volts,
    node: Places,
    ends: Places,
    nominal: Values,
    shape: Values,
    powers: Volts,
    scale: Values,
    base: Values,
    constant: Volts,
    quadratic: Volts,
) -> None:
    """Write what legs draw at these voltages as constant powers and constant impedances by load node and phase.

    Both agree with the leg's own law in value, and in slope: exactly between phase and neutral, between phases as far
    as both voltages move together. So repeating power flow with them converges fast.

    Args:
        volts: As referred, by load node. Shape (T, L, 3). [V]
        node: Load node of each leg. Shape (G,).
        ends: See ``Legs``. Shape (G, 2).
        nominal: Likewise. Shape (G,). [V]
        shape: Likewise. Shape (G, 4).
        powers: Likewise. Shape (G, T). [VA]
        scale: By load node and phase, see ``Reach``. Shape (L, 3). [1]
        base: Voltage to the neutral at which ``quadratic`` is told. Shape (L,). [V]
        constant: Written. Shape (T, L, 3). [VA]
        quadratic: Written: power at ``base``, which goes with the voltage squared. Shape (T, L, 3). [VA]
    """
    constant[:] = 0
    quadratic[:] = 0
    for t in range(volts.shape[0]):
        for leg in range(node.size):
            power = powers[leg, t]
            if power == 0:
                continue
            at, i, j = node[leg], ends[leg, 0], ends[leg, 1]
            begin = volts[t, at, i] / scale[at, i]
            across = begin if j < 0 else begin - volts[t, at, j] / scale[at, j]
            level = abs(across) / nominal[leg]
            least, most = shape[leg, 0], shape[leg, 1]
            p0, p2 = _tangent(level, least, most, shape[leg, 2])
            q0, q2 = _tangent(level, least, most, shape[leg, 3])
            still, moved = (
                complex(power.real * p0, power.imag * q0),
                complex(power.real * p2, power.imag * q2),
            )
            if j < 0:
                at_base = (base[at] / (scale[at, i] * nominal[leg])) ** 2
                constant[t, at, i] += still
                quadratic[t, at, i] += moved * at_base
            else:
                # I = (S / V)*: either end gives its own voltage times the conjugate, S · Vi / V and -S · Vj / V.
                for phase, end in ((i, begin), (j, begin - across)):
                    part = end / across if phase == i else -end / across
                    at_base = (base[at] / (scale[at, phase] * abs(end))) ** 2
                    constant[t, at, phase] += still * part
                    quadratic[t, at, phase] += moved * level * level * part * at_base


@njit(cache=True, nogil=True)
def _go_along(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    first: int,
    last: int,
    begin: Volts,
    current: Volts,
    shunted: Volts,
    places: Places,
    members: Volts,
    scale: Values,
    level: Values,
    voltages: Volts,
    currents: Volts,
    branch_losses: Values,
    losses: Values,
    t: int,
) -> None:
    """The voltages and currents of one chain in one interval, member by member."""
    va, vb, vc = begin[0], begin[1], begin[2]
    ia, ib, ic = current[0], current[1], current[2]
    ca, cb, cc = np.conj(ia), np.conj(ib), np.conj(ic)
    for k in range(first, last):
        z, index, bus, sign = members[k], places[k, 0], places[k, 1], places[k, 2]
        da = z[0, 0] * ia + z[0, 1] * ib + z[0, 2] * ic
        db = z[1, 0] * ia + z[1, 1] * ib + z[1, 2] * ic
        dc = z[2, 0] * ia + z[2, 1] * ib + z[2, 2] * ic
        va, vb, vc = va - da, vb - db, vc - dc
        lost = (da * ca + db * cb + dc * cc).real
        losses[t] += lost
        if branch_losses.size:
            branch_losses[index, t] = lost
        if voltages.size:
            voltages[bus, 0, t] = va * level[bus, 0]
            voltages[bus, 1, t] = vb * level[bus, 1]
            voltages[bus, 2, t] = vc * level[bus, 2]
        if currents.size:
            currents[index, 0, t] = (ia * sign - shunted[0]) * scale[bus, 0]
            currents[index, 1, t] = (ib * sign - shunted[1]) * scale[bus, 1]
            currents[index, 2, t] = (ic * sign - shunted[2]) * scale[bus, 2]


@njit(cache=True, nogil=True)
def expand_chains(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    volts: Volts,
    ends: Places,
    admittance: Volts,
    charging: Volts,
    start: Places,
    places: Places,
    members: Volts,
    scale: Values,
    level: Values,
    voltages: Volts,
    currents: Volts,
    branch_losses: Values,
    losses: Values,
) -> None:
    """Voltages of buses within chains, currents and losses of lines; see ``Chains``.

    Args:
        volts: Of nodes, as referred. Shape (T, N, 3). [V]
        ends: Of ``Chains``. Shape (M, 2).
        admittance: Of each chain. Shape (M, 3, 3). [S]
        charging: Half of each chain's capacitive admittance. Shape (M, 3, 3). [S]
        start: Of ``Chains``. Shape (M + 1,).
        places: Of each member its branch, the bus beyond it, and 1 where it runs with its chain, else -1. Shape (K, 3).
        members: Of ``Chains``. Shape (K, 3, 3). [Ω]
        scale: Of ``Reach``. Shape (B, 3).
        level: Per unit of each bus by volts as referred, NaN where a phase does not come. Shape (B, 3). [1/V]
        voltages: Written where it is not empty. Shape (B, 3, T). [1]
        currents: Likewise. Shape (E, 3, T). [A]
        branch_losses: Likewise. Shape (E, T). [W]
        losses: Added to. Shape (T,). [W]
    """
    current, shunted = np.empty(3, np.complex128), np.zeros(3, np.complex128)
    for chain in range(ends.shape[0]):
        first, last = start[chain], start[chain + 1]
        for t in range(volts.shape[0]):
            begin, end = volts[t, ends[chain, 0]], volts[t, ends[chain, 1]]
            for phase in range(3):
                total, charged = 0j, 0j
                at_to = end if places[first, 2] > 0 else begin
                for other in range(3):
                    total += admittance[chain, phase, other] * (begin[other] - end[other])
                    charged += charging[chain, phase, other] * at_to[other]
                current[phase], shunted[phase] = total, charged
            _go_along(
                first,
                last,
                begin,
                current,
                shunted,
                places,
                members,
                scale,
                level,
                voltages,
                currents,
                branch_losses,
                losses,
                t,
            )
