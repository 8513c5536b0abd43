"""How small a factor can be told: factors of several sizes put into half of a sample's points, by the rule alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.metering.conformity import RULES, ConformityTerms, check_readings
from backend.metering.inspection import ABSENT
from backend.services.benchmarks.conformity import aim_at, locate, overlap, tabulate
from backend.services.benchmarks.conformity_faults import multiply, multiply_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.services.benchmarks.conformity import SoundSample

__all__ = ["FACTORS", "FactorScore", "measure_factors"]

FACTORS = (2, 3, 4, 5, 6, 8, 12, 20, 50, 100)
_MULTIPLIER_ALONE = ConformityTerms(left_out=frozenset(RULES) - {"multiplier"})


@dataclass
class FactorScore:
    """Counts over worlds.

    Attributes:
        put: Faults by factor.
        found: Those of them with a finding that overlaps, by factor.
        right: Findings that lie on a fault.
        wrong: The others.
    """

    put: Counter[int] = field(default_factory=Counter)
    found: Counter[int] = field(default_factory=Counter)
    right: int = 0
    wrong: int = 0

    def recall(self, factors: Iterable[int]) -> float:
        """Of faults of some factors; 1 where none was put. [1]"""
        chosen = list(factors)
        put = sum(self.put[factor] for factor in chosen)
        return sum(self.found[factor] for factor in chosen) / put if put else 1.0

    @property
    def precision(self) -> float:
        """1 where nothing was reported. [1]"""
        told = self.right + self.wrong
        return self.right / told if told else 1.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        recall = {str(factor): self.recall([factor]) for factor in FACTORS if self.put[factor]}
        return {"put": sum(self.put.values()), "recall_by_factor": recall, "precision": self.precision}


def measure_factors(
    sample: SoundSample, worlds: int, seed: int, score: FactorScore, *, from_first: bool = False
) -> None:
    """Put a factor, above or below, into every other point of copies of a sample, by lot, and count into ``score``.

    ``from_first``: until a day from the beginning, not from a day on.
    """
    put = multiply_until if from_first else multiply
    draw = np.random.default_rng(seed)
    points = sample.community.metering_points
    usable = [
        place
        for place, point in enumerate(points)
        if point.id not in sample.faulty and (sample.energy[place] != ABSENT).any()
    ]
    for _ in range(worlds):
        energy = sample.energy.copy()
        faults = {}
        for place in draw.choice(usable, len(usable) // 2, replace=False).tolist():
            factor = int(draw.choice(FACTORS))
            span = put(aim_at(sample, energy, place, None), draw, (factor,))
            if span is not None:
                faults[points[place].id] = factor, locate(sample, "multiplier", points[place].id, span)
        findings = check_readings(tabulate(sample, energy, {}, {}), sample.community, terms=_MULTIPLIER_ALONE)
        findings = [one for one in findings if not sample.is_known(one)]
        lying = [
            one.metering_point
            for one in findings
            if one.metering_point in faults and overlap(one, faults[one.metering_point][1])
        ]
        score.right += len(lying)
        score.wrong += len(findings) - len(lying)
        score.put.update(factor for factor, _ in faults.values())
        score.found.update(faults[point][0] for point in set(lying))
