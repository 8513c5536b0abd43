"""A grid operator's allocation of a period held against ours: what differs, why, and what it comes to.

What is found depends on the run, the operator's files, the readings and what was decided of them; as long as these
stay, it is kept, so that pages of rows need not be found again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.allocation.operator_figures import UNTOLD, Cause
from backend.allocation.reconciliation import reconcile
from backend.billing.amounts import value_cents
from backend.billing.difference_value import cost_of_differences, shared_prices
from backend.community import Direction
from backend.errors import InputError, NotFoundError
from backend.quantities import PeriodCalendar
from backend.services.compared_figures import ComparedPeriod, operator_figures, our_figures, worth_of
from backend.services.settled_periods import run_in_force
from backend.services.treatments import treatments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backend.allocation.operator_figures import OperatorFigures, OurFigures
    from backend.allocation.reconciliation import Reconciliation
    from backend.services.context import SettlementContext

__all__ = ["DifferenceRows", "ReconciledPeriod", "cause_named", "find_compared", "reconcile_period"]

_KEPT = 2
_HISTORY_SECONDS = 15 * 86_400


@dataclass(frozen=True)
class DifferenceRows:
    """The rows that differ, point by point and in order of time. Arrays have shape (n,).

    Attributes:
        slot: int64.
        interval: int64.
        energy: Operator's minus ours, int64. [mWh]
        cause: uint8 ``Cause``.
        account: Into the reconciliation's accounts.
        cost: What the point's owner pays more by the operator's figure, exact. [pico-euro]
    """

    slot: NDArray[np.int64]
    interval: NDArray[np.int64]
    energy: NDArray[np.int64]
    cause: NDArray[np.uint8]
    account: NDArray[np.int16]
    cost: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.slot)

    def chosen(self, mask: NDArray[np.bool_]) -> DifferenceRows:
        """Some of them."""
        return DifferenceRows(
            self.slot[mask],
            self.interval[mask],
            self.energy[mask],
            self.cause[mask],
            self.account[mask],
            self.cost[mask],
        )

    def sums(self) -> dict[str, int]:
        """What they come to: rows, energies, and cents of their exact cost."""
        return {
            "rows": len(self),
            "more_milliwatt_hours": int(self.energy[self.energy > 0].sum()),
            "less_milliwatt_hours": int(-self.energy[self.energy < 0].sum()),
            "difference_milliwatt_hours": int(self.energy.sum()),
            "cost_cents": value_cents(sum(self.cost.tolist())),
        }


@dataclass(frozen=True)
class ReconciledPeriod:
    """What was found of a period.

    Attributes:
        period: Which.
        operator: What it told.
        ours: What we have.
        found: Both side by side, with causes.
        rows: Those that differ.
    """

    period: ComparedPeriod
    operator: OperatorFigures
    ours: OurFigures
    found: Reconciliation
    rows: DifferenceRows

    def terms(self, participants: frozenset[str] | None = None) -> list[dict[str, Any]]:
        """The period's points in slot order, or those of some participants alone."""
        terms = self.period.record.terms
        return [dict(term) for term in terms if participants is None or term["participant"] in participants]

    def of(
        self, slots: Sequence[int], causes: Sequence[Cause] = (), span: tuple[int, int] | None = None
    ) -> DifferenceRows:
        """The rows of some points, causes and intervals [first, until)."""
        rows = self.rows
        mask = np.isin(rows.slot, slots)
        if causes:
            mask &= np.isin(rows.cause, causes)
        if span is not None:
            mask &= (rows.interval >= span[0]) & (rows.interval < span[1])
        return rows.chosen(mask)

    def by_cause(self, rows: DifferenceRows) -> Iterator[tuple[Cause, DifferenceRows]]:
        """Rows by cause, the gravest first; causes that none has are left out.

        Money is rounded by point and cause, and added from there: sums of sums stay what the parts say.
        """
        for cause in sorted(Cause, reverse=True):
            chosen = rows.chosen(rows.cause == cause)
            if len(chosen):
                yield cause, chosen

    def cost_cents(self, rows: DifferenceRows) -> int:
        """What rows of any points cost: rounded by point and cause, then added. [cents]"""
        total = 0
        for slot in np.unique(rows.slot).tolist():
            own = rows.chosen(rows.slot == slot)
            total += sum(part.sums()["cost_cents"] for _, part in self.by_cause(own))
        return total

    def untold(self) -> list[str]:
        """Points of which the operator told nothing at all."""
        told = (self.operator.allocated != UNTOLD).any(axis=1)
        return [str(term["point"]) for term in self.period.record.terms if not told[term["slot"]]]

    def compared_intervals(self) -> int:
        """Intervals of which the operator told anything. [1]"""
        return int(self.found.compared.any(axis=0).sum())


def cause_named(word: str) -> Cause:
    """The cause of a word such as ``missing-reading``.

    Raises:
        InputError: If there is none.
    """
    try:
        return Cause.of(word)
    except KeyError:
        words = ", ".join(cause.word for cause in Cause if cause is not Cause.NONE)
        raise InputError(f"there is no cause {word[:40]!r}; there are {words}.") from None


_Key = tuple[object, ...]


class _Kept:
    """The last reconciliations, by all that they depend on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[_Key, ReconciledPeriod] = OrderedDict()

    def get(self, key: _Key) -> ReconciledPeriod | None:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: _Key, found: ReconciledPeriod) -> None:
        with self._lock:
            self._found[key] = found
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)


_kept = _Kept()


def reconcile_period(context: SettlementContext, community: str, label: str) -> ReconciledPeriod:
    """Hold the operator's allocation of a period against ours, whether it binds or not.

    Args:
        context: Ports.
        community: Its id.
        label: Of the period, such as ``2017-06``.

    Raises:
        NotFoundError: If community or period is not there, the operator handed in nothing, or our key's result cannot
            be told.
    """
    period = find_compared(context, community, label)
    if not period.loads:
        raise NotFoundError(
            f"the grid operator handed in no allocation of {label} of {community}; load its file with: partage "
            f"allocations load {community} FILE"
        )
    key = _key(context, period)
    found = _kept.get(key)
    if found is None:
        found = _reconcile(context, period)
        _kept.put(key, found)
    return found


def find_compared(context: SettlementContext, community: str, label: str) -> ComparedPeriod:
    """A period, with the operator's files that reach into it; there may be none.

    Raises:
        NotFoundError: If community or period is not there.
    """
    view = context.community(community)
    with context.store.reading() as records:
        record = next((found for found in records.periods(community) if found.label == label), None)
        runs = records.runs(community, record.period) if record else []
        versions = records.rule_versions(community)
    if record is None:
        raise NotFoundError(
            f"period {label!r} of {community} is not here; settle it with: partage settle {community} --period {label}"
        )
    members = view.community
    calendar = PeriodCalendar(record.span, members.time_zone, members.resolution_minutes)
    store = context.operator_allocations
    within = set(store.loads_within(community, calendar.start_utc, calendar.end_utc))
    loads = tuple(load for load in store.loads(community) if load.id in within)
    rule = view.rule_of(next(version for version in versions if version.version == record.rule_version))
    return ComparedPeriod(view, record, calendar, rule, run_in_force(runs), loads)


def _key(context: SettlementContext, period: ComparedPeriod) -> _Key:
    """Everything that a reconciliation is a function of, but what is erased."""
    record, calendar = period.record, period.calendar
    around = (calendar.start_utc - _HISTORY_SECONDS, calendar.end_utc + _HISTORY_SECONDS)
    return (
        period.view.record.anchor,
        record.period,
        period.run.run_id if period.run else "",
        period.view.record.definition,
        tuple(load.id for load in period.loads),
        context.operator_allocations.coverage(record.community, calendar.start_utc, calendar.end_utc).content,
        context.intervals.coverage(record.community, *around).content,
        tuple(treatments_of(context, record.community).around(record).as_words()),
    )


def _reconcile(context: SettlementContext, period: ComparedPeriod) -> ReconciledPeriod:
    operator, ours = operator_figures(context, period), our_figures(context, period)
    found = reconcile(operator, ours)
    difference = found.difference
    slot, interval = np.nonzero(difference)
    energy = difference[slot, interval]
    terms = period.value_terms()
    worth, shared = worth_of(context, period, ours)
    feed_in = ours.readings.energy[ours.slots_of(Direction.FEED_IN)].sum(axis=0)
    prices = shared_prices(worth, shared, feed_in, terms)
    cost = cost_of_differences((slot, interval, energy), prices, period.rule, terms)
    exact = np.empty(len(cost), dtype=object)
    exact[:] = cost
    rows = DifferenceRows(
        slot, interval, energy, found.cause[slot, interval], found.account[slot, interval], exact
    )
    return ReconciledPeriod(period, operator, ours, found, rows)
