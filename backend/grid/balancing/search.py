"""Finding the turns: anneal a quadratic form, then the measure itself, then descend; again from other seeds.

The form (``forms``) decides nearly all: it knows every pair of connections over all intervals in one number, so that it
generalises to weeks that it has not seen, and a trial costs O(1). The measure itself, with the worst hour, losses and
voltage where they have a weight, adds the last percent at the price of a pass over the intervals per trial.

The answer is the same for the same seed, as long as the time allows all rounds: they end when some in a row bring
nothing, or when time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.grid.balancing.forms import head_form, weighted_form
from backend.grid.balancing.problem import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.balancing.forms import NetworkForms
    from backend.grid.balancing.problem import SwitchingProblem

    Courses = NDArray[np.float32]
    Turns = NDArray[np.int64]

__all__ = ["Found", "Search"]

_VISITS = 300_000_000  # intervals that a round of the measure's annealing passes over
_LEAST_STEPS, _STEPS_EACH = 40_000, 1_000  # trials of the measure, at least and per connection
_FORM_STEPS_EACH, _FORM_STEPS_LEAST, _FORM_STEPS_MOST = 500, 100_000, 4_000_000
_COOL, _HOT = 0.02, 0.5  # warmth at the start of a round
_WARM = (0.1, 0.5)  # of rounds that go on from the best, in turn
_PATIENCE = 5  # rounds that bring nothing
_WORTH = 1e-7  # by which a round must be better to bring something, relative


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        turns: Of each connection. Shape (n,).
        objective: Weighted; that of standing still is the sum of the weights. [1]
        rounds: That were run. [1]
        is_settled: The last rounds brought nothing; else time was up.
    """

    turns: Turns
    objective: float
    rounds: int
    is_settled: bool


class Search:
    """Searches one problem, over the intervals that it holds."""

    def __init__(
        self, problem: SwitchingProblem, weights: Weights | None = None, forms: NetworkForms | None = None
    ) -> None:
        """Prepare the arrays once for all searches.

        Args:
            problem: What may be turned; only its intervals count.
            weights: Of the objective; the mean alone without.
            forms: Losses and voltage, where they have a weight.
        """
        self.problem = problem
        self.weights = weights or Weights()
        self._form, self._shares = weighted_form(problem, self.weights, forms)
        self._gram = self._first_form()
        self._base = problem.base.astype(np.float32)
        self._hours = problem.hours

    def _first_form(self) -> NDArray[np.complex64]:
        """The head's form and the others, each by its weight: what the first annealing lessens."""
        head = head_form(self.problem)
        today = float(head.astype(np.complex128).sum().real)
        weight = self.weights.mean + self.weights.worst_hour
        scaled = head * np.complex64(weight / today if today > 0 else 1.0)
        return scaled + self._form if self._shares[2] else scaled

    def objective(self, turns: Turns) -> float:
        """Weighted objective of turns; 1 per weight for standing still."""
        _, value = self._descend(turns, effort=0)
        return value

    def run(
        self,
        is_over: Callable[[], bool],
        seed: int = 1,
        starts: Sequence[Turns] = (),
        limits: NDArray[np.float64] | None = None,
        patience: int = _PATIENCE,
    ) -> Found:
        """Search until some rounds in a row bring nothing, or until time is up.

        Args:
            is_over: Is time up? Asked between rounds; the first round is always run.
            seed: Of the first round; each further one has the next.
            starts: Turns to begin with, as found elsewhere; those that break the limits are passed over.
            limits: Others than the problem's, in the order of ``SwitchingProblem.bounds``.
            patience: Rounds that bring nothing before it ends. [1]
        """
        bounds = self.problem.bounds if limits is None else limits
        if not self._can_move(bounds):
            return Found(self.problem.home, self.objective(self.problem.home), 0, is_settled=True)
        best, value = self.problem.home, np.inf
        for start in starts:
            if self._keeps(start, bounds):
                there, tried = self._round(start, bounds, seed, _COOL)
                if tried < value:
                    best, value = there, tried
        idle = rounds = 0
        while idle < patience and (rounds == 0 or not is_over()):
            afresh = rounds % 2 == 0
            begin = (
                self._anneal_form(best if rounds else self.problem.home, bounds, seed + rounds, _HOT)
                if (afresh)
                else best
            )
            there, tried = self._round(
                begin, bounds, seed + rounds, _COOL if afresh else _WARM[rounds // 2 % 2]
            )
            rounds += 1
            idle = 0 if tried < value - _WORTH * abs(value) else idle + 1
            if tried < value:
                best, value = there, tried
        return Found(best, float(value), rounds, is_settled=idle >= patience)

    def quickly(self, limits: NDArray[np.float64], seed: int = 1, start: Turns | None = None) -> Turns:
        """A good answer within other limits, by one round alone."""
        if not self._can_move(limits):
            return self.problem.home
        begin = self.problem.home if start is None else start
        formed = self._anneal_form(begin, limits, seed, _HOT)
        there, _ = self._round(formed, limits, seed, _COOL)
        return there

    def _can_move(self, limits: NDArray[np.float64]) -> bool:
        alone = (self.problem.prices <= limits[:, None] + 1e-9).all(axis=0)
        return bool((self.problem.allowed[:, 1:].any(axis=1) & alone).any()) and self._base.shape[1] > 0

    def _keeps(self, turns: Turns, limits: NDArray[np.float64]) -> bool:
        away = turns != 0
        is_within = (self.problem.prices[:, away].sum(axis=1) <= limits + 1e-9).all()
        return bool(is_within and self.problem.allowed[np.arange(turns.size), turns].all())

    def _anneal_form(self, begin: Turns, limits: NDArray[np.float64], seed: int, heat: float) -> Turns:
        from backend.grid.balancing.kernels import anneal_gram

        one = self.problem
        steps = min(max(_FORM_STEPS_EACH * one.size, _FORM_STEPS_LEAST), _FORM_STEPS_MOST)
        turns, _ = anneal_gram(self._gram, begin, one.allowed, one.prices, limits, steps, heat, seed)
        return turns

    def _round(
        self, begin: Turns, limits: NDArray[np.float64], seed: int, heat: float
    ) -> tuple[Turns, float]:
        """Anneal the measure, then descend."""
        from backend.grid.balancing.kernels import anneal_courses

        one = self.problem
        steps = min(max(_STEPS_EACH * one.size, _LEAST_STEPS), _VISITS // self._base.shape[1] + _LEAST_STEPS)
        turns, _ = anneal_courses(*self._arrays(), begin, one.allowed, one.prices, limits, steps, heat, seed)
        return self._descend(turns, effort=steps, limits=limits)

    def _descend(
        self, begin: Turns, effort: int, limits: NDArray[np.float64] | None = None
    ) -> tuple[Turns, float]:
        from backend.grid.balancing.kernels import descend_courses

        one = self.problem
        bounds = one.bounds if limits is None else limits
        return descend_courses(*self._arrays(), begin, one.allowed, one.prices, bounds, effort)

    def _arrays(
        self,
    ) -> tuple[Courses, Courses, Turns, Turns, Turns, NDArray[np.float64], NDArray[np.complex64]]:
        one = self.problem
        return self._base, one.rows, one.phase, one.first, self._hours, self._shares, self._form
