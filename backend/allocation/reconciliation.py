"""A grid operator's allocation held against ours: each row that differs, with the cause that it is due to.

A cause is named where supposing it makes *all* rows of the interval agree within their rounding; one fault at a time,
the likeliest first, then two or three together. What no supposition explains whole is explained row by row, and what
then is left is said to be unexplained. Differences are signed: positive where the operator gave more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation.operator_figures import UNTOLD, Account, Cause, bound_differences
from backend.allocation.suppositions import Supposition, suppose_keys, suppose_members, suppose_readings
from backend.metering import Quality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation.operator_figures import OperatorFigures, OurFigures

__all__ = ["Reconciliation", "reconcile"]

_NO_ACCOUNT = -1
_KEY_INTERVALS_LEAST = 4  # so many intervals, or a quarter of the open ones, have to agree with another key
_DOUBTFUL = (Quality.ESTIMATED, Quality.MISSING)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Row by row, what both gave and why they differ. Arrays have shape (slots, T).

    Attributes:
        operator: 0 where the operator has no row of a member in an interval of which it has others. [mWh]
        computed: [mWh]
        compared: Is there something to compare? Not in intervals of which the operator told nothing, nor of points.
        bound: What rounding explains. [mWh]
        cause: uint8 ``Cause``.
        account: int16 into ``accounts``, -1 where rows do not differ.
        accounts: Why, with evidence.

    Invariants:
        - Every row that differs has one cause, every other has none: differences by cause sum to the differences.
    """

    operator: NDArray[np.int64]
    computed: NDArray[np.int64]
    compared: NDArray[np.bool_]
    bound: NDArray[np.int64]
    cause: NDArray[np.uint8]
    account: NDArray[np.int16]
    accounts: tuple[Account, ...]

    @property
    def difference(self) -> NDArray[np.int64]:
        """Operator's minus ours, 0 where nothing is compared. [mWh]"""
        return np.where(self.compared, self.operator - self.computed, 0)


def reconcile(operator: OperatorFigures, ours: OurFigures) -> Reconciliation:
    """Compare, and name causes.

    Args:
        operator: What it told.
        ours: Readings, key and what came of them.

    Raises:
        BalanceError: As ``SharingKey.allocate``.
    """
    search = _Search(operator, ours)
    members = suppose_members(operator, ours)
    alike = ours.readings.active_intervals() if members is None else members.active
    for supposed in suppose_readings(operator, ours, alike):
        search.hold(supposed)
    if members is not None:
        search.hold(members)
    if search.open.any():
        search.hold_likeliest(list(suppose_keys(operator, ours, search.open, search.bound)))
    search.combine()
    search.take_rows()
    search.give_up()
    return search.result()


@dataclass
class _Held:
    """A supposition that was held against the rows."""

    supposed: Supposition
    given: NDArray[np.int64]
    agrees: NDArray[np.bool_]
    account: int


class _Search:
    """Rows still to be explained, and by what others were."""

    def __init__(self, operator: OperatorFigures, ours: OurFigures) -> None:
        self._ours = ours
        told = operator.allocated != UNTOLD
        members = ours.readings.active_intervals() & told.any(axis=0) & told.any(axis=1, keepdims=True)
        self.operator = np.where(told, operator.allocated, 0)
        self.compared = told | members
        self.bound = bound_differences(operator, ours)
        self.cause = np.zeros(self.operator.shape, dtype=np.uint8)
        self.account = np.full(self.operator.shape, _NO_ACCOUNT, dtype=np.int16)
        self._accounts = [Account(Cause.ROUNDING, {"kind": "rounding"})]
        self._held: list[_Held] = []
        difference = np.where(self.compared, self.operator - ours.computed, 0)
        self._beyond = np.abs(difference) > self.bound
        self._differs = difference != 0
        self._note(self._differs & ~self._beyond, 0)
        self.open = np.any(self._beyond, axis=0)
        self._open_at_first = int(self.open.sum())

    def hold(self, supposed: Supposition, least: int = 1) -> None:
        """See which open intervals agree with a supposition, and explain them by it.

        Args:
            supposed: Something else that was reckoned with.
            least: So many intervals have to agree, so that chance does not name it.
        """
        if not self.open.any():
            return
        given, agrees = self._share(supposed)
        whole = self.open & agrees.all(axis=0)
        rows = self._beyond & agrees & self.open
        moves = (given != self._ours.computed) & self._beyond
        if not moves.any() or int(rows.any(axis=0).sum()) < least:
            return
        self._accounts.append(supposed.account)
        self._held.append(_Held(supposed, given, agrees, len(self._accounts) - 1))
        if int(whole.sum()) >= least:
            # What rounding might explain too is due to it where it moves the row.
            moved = self._beyond | (self._differs & (given != self._ours.computed))
            self._note(moved & whole, len(self._accounts) - 1)
            self.open = self.open & ~whole

    def hold_likeliest(self, supposed: Sequence[Supposition]) -> None:
        """Hold suppositions that exclude one another, the one first with which most open intervals agree."""
        wholes = [int((self.open & self._share(one)[1].all(axis=0)).sum()) for one in supposed]
        for place in sorted(range(len(supposed)), key=lambda place: -wholes[place]):
            least = min(max(_KEY_INTERVALS_LEAST, int(self.open.sum()) // 4), self._open_at_first)
            # Another method shares otherwise among all: that single rows agree with one says nothing.
            if supposed[place].key.method == self._ours.key.method or wholes[place] >= least:
                self.hold(supposed[place], least)

    def _share(self, supposed: Supposition) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        given = supposed.allocate(self._ours)
        return given, ~self.compared | (np.abs(self.operator - given) <= self.bound)

    def combine(self) -> None:
        """Suppose several things at once; a row is due to the one that moves it most."""
        best = {
            name: self._best(causes)
            for name, causes in {
                "readings": (Cause.MISSING_READING, Cause.LATE_CORRECTION),
                "members": (Cause.PARTICIPATION,),
                "key": (Cause.OTHER_COEFFICIENTS,),
            }.items()
        }
        readings, key = best["readings"], best["key"]
        for parts in (
            [readings, best["members"]],
            [readings, key],
            [best["members"], key],
            [readings, best["members"], key],
        ):
            there = [part for part in parts if part is not None]
            if len(there) < len(parts) or not self.open.any():
                continue
            joined = there[0].supposed.joined(*(part.supposed for part in there[1:]))
            given, agrees = self._share(joined)
            whole = self.open & agrees.all(axis=0)
            moved = self._beyond | (self._differs & (given != self._ours.computed))
            self._part_out(moved & whole, there)
            self.open = self.open & ~whole

    def _best(self, causes: Sequence[Cause]) -> _Held | None:
        """Of these causes, what agrees with most rows of open intervals."""
        chosen = [held for held in self._held if held.supposed.account.cause in causes]
        rows = self._beyond & self.open
        return max(chosen, key=lambda held: int((held.agrees & rows).sum()), default=None)

    def _part_out(self, rows: NDArray[np.bool_], parts: Sequence[_Held]) -> None:
        moves = np.stack([np.abs(part.given - self._ours.computed) for part in parts])
        first = np.argmax(moves, axis=0)
        for place, part in enumerate(parts):
            self._note(rows & (first == place), part.account)

    def take_rows(self) -> None:
        """Explain rows of intervals that nothing explains whole, each by the first supposition that it agrees with."""
        for held in self._held:
            rows = self._beyond & self.open & held.agrees & (self.cause == Cause.NONE)
            self._note(rows, held.account)

    def give_up(self) -> None:
        """Rows in whose interval a reading lacks that the operator did not tell; the rest has no explanation."""
        readings = self._ours.readings
        doubtful = np.isin(readings.quality, _DOUBTFUL) & readings.active_intervals()
        left = self._beyond & (self.cause == Cause.NONE)
        for rows, account in (
            (left & doubtful, Account(Cause.MISSING_READING, {"kind": "own-reading"})),
            (
                left & ~doubtful & doubtful.any(axis=0),
                Account(Cause.MISSING_READING, {"kind": "anothers-reading"}),
            ),
            (left & ~doubtful.any(axis=0), Account(Cause.UNEXPLAINED, {"kind": "unexplained"})),
        ):
            if rows.any():
                self._accounts.append(account)
                self._note(rows, len(self._accounts) - 1)

    def _note(self, rows: NDArray[np.bool_], account: int) -> None:
        self.cause[rows] = self._accounts[account].cause
        self.account[rows] = account

    def result(self) -> Reconciliation:
        """What was found, with the accounts that explain something."""
        used = np.unique(self.account[self.account != _NO_ACCOUNT])
        place = np.full(len(self._accounts) + 1, _NO_ACCOUNT, dtype=np.int16)  # the last is of no account
        place[used] = np.arange(len(used))
        return Reconciliation(
            operator=self.operator,
            computed=self._ours.computed,
            compared=self.compared,
            bound=self.bound,
            cause=self.cause,
            account=place[self.account],
            accounts=tuple(self._accounts[number] for number in used.tolist()),
        )
