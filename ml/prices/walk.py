"""From day to day: experts learn anew when they are due, and each tells the next day from what was known before it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ml.prices.days import HOURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ml.prices.days import PriceDays
    from ml.prices.members import FittedMember, Member

    Values = NDArray[np.float64]

__all__ = ["Expert", "Walk", "one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold libraries to one thread: the matrices are small, and threads that wait for a core cost tenfold."""
    import scipy.linalg  # noqa: F401 - only libraries that are loaded can be held
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


@dataclass(frozen=True)
class Expert:
    """An expert and how often it learns anew.

    Attributes:
        member: How it learns.
        every: Days between learning. [days]
    """

    member: Member
    every: int = 1


@dataclass
class Walk:
    """What experts told of each day, each time from the days before it alone.

    Attributes:
        experts: In the order of all arrays, M of them.
        seed: Of what is random in them.
        fitted: As they last learned; None where there was too little to learn from.
        seconds: Spent on learning, by expert's name. [s of processor]
    """

    experts: Sequence[Expert]
    seed: int = 0
    fitted: list[FittedMember | None] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    _learned: list[int] = field(default_factory=list)

    def learn(self, days: PriceDays, row: int) -> None:
        """Let those learn from the rows before one who have not for as long as they may wait."""
        if not self.fitted:
            self.fitted = [None] * len(self.experts)
            self._learned = [-(10**9)] * len(self.experts)
        for place, expert in enumerate(self.experts):
            if row - self._learned[place] < expert.every:
                continue
            begin = time.process_time()
            self.fitted[place] = expert.member.fit(days, row, self.seed)
            name = expert.member.name
            self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - begin
            self._learned[place] = row

    def told(self, days: PriceDays, row: int) -> Values:
        """What each expert tells of a row, NaN of those who could not learn. Shape (M, 24)."""
        return np.stack(
            [np.full(HOURS, np.nan) if one is None else one.predict(days, row) for one in self.fitted]
        )
