"""Suggested phases: what the evidence makes of each connection's record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError
from backend.grid.phase_identification.load import chances_by_load
from backend.grid.phase_identification.sets import PHASE_SETS, record_prior
from backend.grid.phase_identification.voltage import TerminalVoltages, chances_by_voltage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from backend.grid.network import Connection
    from backend.grid.phases import Phases

__all__ = ["RECORD_TRUST", "PhaseSuggestion", "suggest_phases"]

#: Probability that a record is right, to begin with. It weighs as much as so many records that were checked. [1]
RECORD_TRUST, _TRUST_RECORDS = 0.9, 10
#: Of what voltages find, the load may think again: no probability below this goes into it. [1]
_LEAST = 1e-6


@dataclass(frozen=True)
class PhaseSuggestion:
    """What is likeliest of one connection.

    Attributes:
        connection: Its id.
        recorded: What its record says.
        suggested: The likeliest set of phases.
        confidence: Its probability. [1]
        chances: Of each set that is not impossible, the likeliest first. [1]
        order: The phase of each terminal of its meter, where voltages told them; empty otherwise.
        evidence: ``voltage``, ``load``, ``both`` or ``none``.
    """

    connection: str
    recorded: Phases
    suggested: Phases
    confidence: float
    chances: Mapping[Phases, float]
    order: tuple[int, ...]
    evidence: str

    @property
    def is_change(self) -> bool:
        """Does it differ from the record?"""
        return self.suggested != self.recorded

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "connection": self.connection,
            "recorded": str(self.recorded),
            "suggested": str(self.suggested),
            "is_change": self.is_change,
            "confidence": round(self.confidence, 4),
            "chances": {str(phases): round(chance, 4) for phases, chance in self.chances.items()},
            "order": [f"L{phase + 1}" for phase in self.order],
            "evidence": self.evidence,
        }


def suggest_phases(  # noqa: PLR0913 -- two kinds of evidence, each of a meter's and a head's side
    connections: Sequence[Connection],
    *,
    watts: NDArray[np.float64] | None = None,
    head_watts: NDArray[np.float64] | None = None,
    voltages: TerminalVoltages | None = None,
    head_volts: NDArray[np.float64] | None = None,
    known: Collection[str] = (),
    unrecorded: Collection[str] = (),
    trust: float | None = None,
    resolution_watts: float = 0.0,
) -> list[PhaseSuggestion]:
    """The likeliest phases of every connection behind one head.

    Voltages speak first; what they say is what loads begin with. A connection whose load was never read takes no part
    in the latter, and counts as noise.

    Args:
        connections: Behind one head, with the phases of their record.
        watts: What they draw, shape (n, T), rows of NaN where never read. [W]
        head_watts: What the head passes on each phase, shape (3, T). [W]
        voltages: At their meters' terminals; rows name their place in ``connections``.
        head_volts: At the head, shape (3, T'). [V]
        known: Ids of those whose phases were looked at on site.
        unrecorded: Ids of those whose phases nobody wrote down.
        trust: Probability that a record is right; None to learn it from how many records the evidence supports. [1]
        resolution_watts: Least step of the meters' powers. [W]

    Returns:
        One per connection, those that differ from their record first, the surest first.

    Raises:
        InputError: If there is neither voltage, nor load with the head's.
    """
    has_load = watts is not None and head_watts is not None
    if not has_load and voltages is None:
        raise InputError(
            "there is nothing to tell phases by: give voltages of the meters, or their loads and the head's power by "
            "phase."
        )
    seen = _Evidence(watts, head_watts, voltages, head_volts, resolution_watts)
    prior = record_prior(connections, RECORD_TRUST if trust is None else trust, known, unrecorded)
    chances, orders, evidence = seen.weigh(prior)
    if trust is None:
        checked = [row for row, one in enumerate(connections) if one.id not in {*known, *unrecorded}]
        right = sum(chances[row, PHASE_SETS.index(connections[row].phases)] for row in checked)
        learnt = (right + RECORD_TRUST * _TRUST_RECORDS) / (len(checked) + _TRUST_RECORDS)
        prior = record_prior(connections, float(learnt), known, unrecorded)
        chances, orders, evidence = seen.weigh(prior)
    found = [
        _suggest(connection, row, order, by)
        for connection, row, order, by in zip(connections, chances, orders, evidence, strict=True)
    ]
    return sorted(found, key=lambda one: (not one.is_change, -one.confidence, one.connection))


@dataclass(frozen=True)
class _Evidence:
    """What was measured, as ``suggest_phases`` takes it."""

    watts: NDArray[np.float64] | None
    head_watts: NDArray[np.float64] | None
    voltages: TerminalVoltages | None
    head_volts: NDArray[np.float64] | None
    resolution_watts: float

    def weigh(
        self, prior: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], tuple[tuple[int, ...], ...], list[str]]:
        """Probabilities, phases of terminals, and what told them, by connection."""
        chances, evidence = prior, [""] * len(prior)
        orders: tuple[tuple[int, ...], ...] = ((),) * len(prior)
        if self.voltages is not None:
            by_voltage = chances_by_voltage(self.voltages, prior, self.head_volts)
            chances, orders = by_voltage.chances, by_voltage.orders
            evidence = ["voltage" if order else "" for order in orders]
        if self.watts is not None and self.head_watts is not None:
            read = np.flatnonzero(np.isfinite(self.watts).any(axis=1))
            before = _soften(prior[read], chances[read])
            chances = chances.copy()
            chances[read] = chances_by_load(self.watts[read], self.head_watts, before, self.resolution_watts)
            for row in read.tolist():
                evidence[row] = "both" if evidence[row] else "load"
        return chances, orders, evidence


def _soften(prior: NDArray[np.float64], chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """What goes into the loads' side of what voltages found: half of its weight, in logarithms.

    The two are not independent: who steps unseen moves the head's power and the neighbours' voltages at once.
    """
    there = prior > 0
    kept = np.where(there, np.maximum(chances, _LEAST), 1.0)
    weight = np.where(there, np.sqrt(prior * kept), 0.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _suggest(
    connection: Connection, chances: NDArray[np.float64], order: tuple[int, ...], evidence: str
) -> PhaseSuggestion:
    ranked = sorted(zip(PHASE_SETS, chances.tolist(), strict=True), key=lambda pair: -pair[1])
    suggested, confidence = ranked[0]
    return PhaseSuggestion(
        connection=connection.id,
        recorded=connection.phases,
        suggested=suggested,
        confidence=confidence,
        chances={phases: chance for phases, chance in ranked if chance > 0},
        order=order if sum(1 << phase for phase in order) == suggested else (),
        evidence=evidence or "none",
    )
