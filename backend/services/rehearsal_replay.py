"""A period shared, valued and billed by a rule, block after block: its bills' figures without an array of all rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation import PeriodAllocation, sharing_key
from backend.billing import (
    PeriodSums,
    ValueTerms,
    bands_of,
    bill_leaves,
    billed_seats,
    form_leaves,
    link_period,
    value_period,
)
from backend.community import AllocationSource, Direction, Seller
from backend.errors import PeriodError
from backend.metering import PeriodReadings
from backend.services.commit import active_days, directions_of
from backend.services.flow_costs import flow_key_of
from backend.services.operator_allocation import allocation_of, check_allocation
from backend.services.run_basis import SCHEDULED, RunBasis, schedule_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backend.allocation import SharingKey
    from backend.billing import PeriodLink, SeatAmounts
    from backend.community import Rule
    from backend.ports.readings_cache import AssembledReadings
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.rehearsal_periods import RehearsedPeriod

    Values = NDArray[np.int64]

__all__ = ["rehearsal_basis", "replay_period"]

_BLOCK_VALUES = 1 << 19  # energies at once: they and what becomes of them stay near the processor


def rehearsal_basis(context: SettlementContext, period: RehearsedPeriod, rule: Rule) -> RunBasis:
    """What the period rests on beside its readings, under a rule.

    Raises:
        PeriodError: If the rule asks for what nobody handed in for this period.
    """
    record = period.record
    if rule.source is AllocationSource.OPERATOR:
        return RunBasis(operator=allocation_of(context, record, period.calendar))
    if rule.sharing_key.method != SCHEDULED:
        return RunBasis()
    with context.store.reading() as records:
        handed_in = records.schedules(record.community, record.period)
    if not handed_in:
        raise PeriodError(
            f'the key "{SCHEDULED}" shares by coefficients that are handed in for each period, and none were for '
            f"{record.label} of {record.community}; rehearse another key, or fewer months."
        )
    schedule = schedule_of(context, record, period.calendar, rule)
    return RunBasis(
        schedule.schedule_id, context.intervals.schedule(record.community, record.period, schedule.version)
    )


def replay_period(
    view: CommunityView, period: RehearsedPeriod, rule: Rule, readings: AssembledReadings, basis: RunBasis
) -> list[SeatAmounts]:
    """What each participant's bill of the period comes to under a rule, to the cent.

    Args:
        view: The community.
        period: Which.
        rule: By which it is shared and billed.
        readings: Of all slots.
        basis: What it rests on beside its readings.

    Raises:
        PartageError: As settling by this rule would.
    """
    record, calendar = period.record, period.calendar
    bands = bands_of(calendar, rule.tariff)
    terms = ValueTerms.of(rule, record.terms, view.slots, bands, record.slots)
    sums = PeriodSums(record.slots, readings.energy_max, calendar.interval_count)
    sharing = _Sharing.of(view, period, rule, readings, basis)
    # Only where producers sell does an amount depend on who served whom, which takes the whole period at once.
    linked = rule.tariff.seller is Seller.PRODUCER
    links: tuple[PeriodLink, ...] | None = None
    for begin, end in sharing.blocks(whole=linked):
        block, energy = sharing.share(begin, end)
        priced = replace(terms, bands=bands[begin:end])
        values = value_period(block, priced)
        credited = block.credited.T if sharing.credits else None
        sums.add(bands[begin:end], energy, block.allocated.T, values, credited)
        if linked:
            links = link_period(block, values, priced)
    seats = billed_seats(view.community, record.terms)
    leaves = form_leaves(seats, sums.by_slot(), links, rule)
    billed, _ = bill_leaves(seats, leaves, rule, record.slots)
    return billed


@dataclass
class _Sharing:
    """Shares blocks of a period's intervals."""

    rule: Rule
    energy: NDArray[np.int64] | NDArray[np.uint32]
    key: SharingKey | None
    basis: RunBasis
    slots: dict[str, int]
    directions: list[Direction | None]
    t_in_day: Values
    active: NDArray[np.bool_] | None

    @classmethod
    def of(
        cls,
        view: CommunityView,
        period: RehearsedPeriod,
        rule: Rule,
        readings: AssembledReadings,
        basis: RunBasis,
    ) -> _Sharing:
        record, intervals = period.record, period.calendar.intervals_per_day
        directions, slots = directions_of(record), dict(view.slots)
        key: SharingKey | None = None
        if basis.operator is not None:
            whole = np.ascontiguousarray(readings.energy.T, dtype=np.int64)
            nothing = np.zeros(whole.shape, dtype=np.uint8)
            settled = PeriodReadings(period.calendar, whole, nothing, nothing, active_days(record))
            check_allocation(basis.operator, settled, record)
        elif rule.sharing_key.links is not None:
            key = flow_key_of(view, record, rule)
        elif rule.sharing_key.method != SCHEDULED:
            key = sharing_key(rule.sharing_key, slots, directions=directions)
        days = active_days(record)
        t_in_day = np.concatenate([np.arange(count, dtype=np.int64) for count in intervals])
        consumers = [slot for slot, direction in enumerate(directions) if direction is Direction.CONSUMPTION]
        active = None if days[consumers].all() else np.repeat(days, intervals, axis=1).T
        return cls(rule, readings.energy, key, basis, slots, directions, t_in_day, active)

    @property
    def credits(self) -> bool:
        """May anything be credited?"""
        key = self.rule.sharing_key
        return self.basis.operator is None and (key.surplus_owner == "consumer" or key.method == "incentive")

    def blocks(self, *, whole: bool) -> Iterator[tuple[int, int]]:
        """Bounds of the blocks; the whole period where it takes that."""
        count, slots = self.energy.shape
        step = count if whole else max(_BLOCK_VALUES // slots, 1)
        return ((begin, min(begin + step, count)) for begin in range(0, count, step))

    def share(self, begin: int, end: int) -> tuple[PeriodAllocation, Values]:
        """What the intervals [begin, end) come to, and their energies, shape (T, slots)."""
        energy = self.energy[begin:end].astype(np.int64)
        consumers, producers = (
            [slot for slot, found in enumerate(self.directions) if found is direction]
            for direction in (Direction.CONSUMPTION, Direction.FEED_IN)
        )
        used, fed = np.take(energy, consumers, axis=1), np.take(energy, producers, axis=1)
        if self.basis.operator is not None:
            given = np.ascontiguousarray(self.basis.operator.allocated[:, begin:end])
            return self._given(given, used, fed, given[consumers].sum(axis=0)), energy
        result = self._key_of(begin, end).allocate(
            used,
            fed,
            consumer_slots=consumers,
            producer_slots=producers,
            slots=len(self.directions),
            t_in_day=self.t_in_day[begin:end],
            active=None if self.active is None else np.take(self.active[begin:end], consumers, axis=1),
        )
        allocated = np.zeros_like(energy)
        allocated[:, consumers], allocated[:, producers] = result.allocated, result.shared
        credited = np.zeros_like(energy) if self.credits else np.broadcast_to(np.int64(0), energy.shape)
        if result.credited is not None:
            credited[:, consumers] = result.credited
        if result.credited_feed_in is not None:
            credited[:, producers] = result.credited_feed_in
        block = PeriodAllocation(
            allocated=allocated.T,
            tau=result.tau,
            feed_in=result.feed_in,
            consumption=result.consumption,
            total=result.total,
            rounds=result.rounds,
            credited=credited.T,
            links=result.links,
            potentials=None if result.potentials is None else result.potentials.T,
        )
        return block, energy

    @staticmethod
    def _given(given: Values, used: Values, fed: Values, total: Values) -> PeriodAllocation:
        """The operator's allocation in the form of ours."""
        count = len(total)
        return PeriodAllocation(
            allocated=given,
            tau=np.zeros(count, dtype=np.int64),
            feed_in=fed.sum(axis=1),
            consumption=used.sum(axis=1),
            total=total,
            rounds=np.zeros((count, 0, 2), dtype=np.int64),
            credited=np.broadcast_to(np.int64(0), given.shape),
        )

    def _key_of(self, begin: int, end: int) -> SharingKey:
        """The key of a block; only a schedule's differs from one to the next."""
        if self.key is not None:
            return self.key
        figures = self.basis.coefficients
        assert figures is not None, self.rule.sharing_key.method
        return sharing_key(
            self.rule.sharing_key, self.slots, schedule=figures[:, begin:end], directions=self.directions
        )
