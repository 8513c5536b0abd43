"""Impedances as other programs give them: by sequence and by length."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid import Phases

__all__ = ["NO_ZERO_SEQUENCE", "SequenceImpedance", "capacitance_of", "sequence_matrices"]

_ZERO_RESISTANCE_RATIO = 4.0
_ZERO_REACTANCE_RATIO = 3.66
NO_ZERO_SEQUENCE = (
    f"have no zero-sequence impedance; they are read with R0 = {_ZERO_RESISTANCE_RATIO:g} R1 and X0 = "
    f"{_ZERO_REACTANCE_RATIO:g} X1, as a cable of four equal cores has whose return is its neutral (IEC 60909-2). Give "
    "the cable's own where voltages matter."
)
"""What is told of lines that a file gives in positive sequence alone."""


class SequenceImpedance(NamedTuple):
    """Of a whole line. Zero sequence None where the file gives none.

    Attributes:
        r1: [Ω]
        x1: [Ω]
        r0: [Ω]
        x0: [Ω]
        c1: [F]
        c0: [F]
    """

    r1: float
    x1: float
    r0: float | None = None
    x0: float | None = None
    c1: float = 0.0
    c0: float | None = None


def sequence_matrices(
    line: SequenceImpedance, phases: Phases
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]:
    """Matrices of a transposed line: (Z0 + 2 Z1) / 3 of each phase, (Z0 - Z1) / 3 between two.

    Args:
        line: By sequence.
        phases: Its conductors.

    Returns:
        Resistance, reactance [Ω] and capacitance [F], each of shape (n, n); no capacitance where it is zero.

    Source: Kersting, Distribution System Modeling and Analysis, 4th ed. (2017), 4.1.8.
    """
    r0 = line.r1 * _ZERO_RESISTANCE_RATIO if line.r0 is None else line.r0
    x0 = line.x1 * _ZERO_REACTANCE_RATIO if line.x0 is None else line.x0
    size = len(phases.indices)
    c0 = line.c1 if line.c0 is None else line.c0
    capacitance = _matrix(line.c1, c0, size)
    return _matrix(line.r1, r0, size), _matrix(line.x1, x0, size), capacitance if capacitance.any() else None


def _matrix(positive: float, zero: float, size: int) -> NDArray[np.float64]:
    between = (zero - positive) / 3
    matrix = np.full((size, size), between)
    np.fill_diagonal(matrix, (zero + 2 * positive) / 3)
    return matrix


def capacitance_of(susceptance: float, frequency: float) -> float:
    """Capacitance of a susceptance. [S, Hz -> F]"""
    return susceptance / (2 * pi * frequency)
