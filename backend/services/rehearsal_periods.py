"""What a rehearsal goes through: the last periods with readings, settled or not, and their readings."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError, PeriodError
from backend.metering import Quality
from backend.metering.decisions import hold_missing
from backend.metering.estimation import HISTORY_DAYS, assemble_period
from backend.metering.replacement import OWN_ESTIMATES, is_measured, keep_missing
from backend.ports import PeriodRecord
from backend.ports.readings_cache import AssembledReadings
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar, SettlementPeriod
from backend.quantities.periods import load_time_zone
from backend.services.coverage import span_of
from backend.services.gap_methods import estimation_words, gap_method, made_with
from backend.services.open_period import frozen_terms
from backend.services.treatments import NO_TREATMENTS, take_away, treatments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from backend.community import ConformityLimits
    from backend.metering import PeriodReadings
    from backend.metering.profiled import Profiling
    from backend.ports import BatchRecord
    from backend.ports.readings_cache import ReadingsCache
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.treatments import Treatments

__all__ = [
    "MONTHS_MAX",
    "PeriodReadingsSource",
    "RehearsedPeriod",
    "keeps_limits",
    "rehearsed_periods",
    "treat_gaps_alike",
]

MONTHS_MAX = 120
_DAY_SECONDS = 86_400
_FORMAT = 1  # of what is kept: raise it when readings are assembled in another way


@dataclass(frozen=True)
class RehearsedPeriod:
    """A period that could be settled, or was.

    Attributes:
        record: As it was opened; else as it would be.
        calendar: Its intervals.
    """

    record: PeriodRecord
    calendar: PeriodCalendar


def rehearsed_periods(
    context: SettlementContext, view: CommunityView, months: int, rule_version: int
) -> list[RehearsedPeriod]:
    """The last settlement periods with stored readings, the oldest first.

    A period counts where readings reach over a day of it or more. One that was opened is taken as it was frozen; else
    it is a calendar month, with the members that it has by the community file.

    Args:
        context: Ports.
        view: The community.
        months: At most so many.
        rule_version: Of the rule in force.

    Raises:
        InputError: If none or too many are asked for.
        PeriodError: If there are no readings.
    """
    if not 1 <= months <= MONTHS_MAX:
        raise InputError(f"{months} months cannot be rehearsed; choose 1 to {MONTHS_MAX}.")
    name = view.record.id
    span_of(context, name)  # says how to load readings where there are none
    with context.store.reading() as records:
        opened = {record.span: record for record in records.periods(name)}
    found: list[RehearsedPeriod] = []
    for span in _spans(context, view, sorted(opened, reverse=True)):
        calendar = _calendar_of(view, span)
        if context.intervals.coverage(name, calendar.start_utc, calendar.end_utc).seconds < _DAY_SECONDS:
            continue
        record = opened.get(span) or _would_be(view, calendar, rule_version)
        if record is not None:
            found.append(RehearsedPeriod(record, calendar))
        if len(found) == months:
            break
    if not found:
        raise PeriodError(
            f"the readings of {name} cover no whole day of any of its members; load a month of them with: "
            "partage readings load FILE"
        )
    return found[::-1]


def _calendar_of(view: CommunityView, span: SettlementPeriod) -> PeriodCalendar:
    return PeriodCalendar(span, view.community.time_zone, view.community.resolution_minutes)


def _spans(
    context: SettlementContext, view: CommunityView, opened: Sequence[SettlementPeriod]
) -> Iterator[SettlementPeriod]:
    """Opened periods, and the months that none of them reaches into, the last first."""
    start, end = span_of(context, view.record.id)
    zone = load_time_zone(view.community.time_zone)
    first, last = (datetime.fromtimestamp(instant, zone).date() for instant in (start, end - 1))
    months = []
    month = date(last.year, last.month, 1)
    while month >= date(first.year, first.month, 1):
        span = SettlementPeriod.from_month(f"{month:%Y-%m}")
        if not any(other.first < span.until and span.first < other.until for other in opened):
            months.append(span)
        month = (month - timedelta(days=1)).replace(day=1)
    within = [span for span in opened if span.first <= last and span.until > first]
    yield from sorted([*months, *within], key=lambda span: span.first, reverse=True)


def _would_be(view: CommunityView, calendar: PeriodCalendar, rule_version: int) -> PeriodRecord | None:
    """A period as it would be opened now; None where nobody is a member in it."""
    try:
        terms = frozen_terms(view, calendar)
    except PeriodError:
        return None
    period = calendar.period
    return PeriodRecord(
        community=view.record.id,
        period=period.id,
        label=period.label,
        days=period.days,
        rule_version=rule_version,
        slots=terms[-1]["slot"] + 1,
        terms=terms,
        auditors_key="",
        classes_root="",
    )


@dataclass(frozen=True)
class PeriodReadingsSource:
    """Gives periods' readings: from the cache where it has them.

    Attributes:
        context: Ports.
        view: The community.
        cache: Keeps what was assembled; None to assemble each time.
    """

    context: SettlementContext
    view: CommunityView
    cache: ReadingsCache | None

    def of(self, period: RehearsedPeriod, limits: ConformityLimits) -> AssembledReadings:
        """A period's readings with gaps treated as limits say, as a batch made now would have them."""
        name, treatments = self.view.record.id, treatments_of(self.context, self.view.record.id)
        with self.context.store.reading() as records:
            batches = records.batches(name, period.record.period)
        content = self._content(period, limits, treatments, batches)
        known = self.cache.find(name, content) if self.cache else None
        if known is not None:
            return known
        made = self._assemble(period, limits, treatments, batches)
        return self.cache.keep(name, content, made) if self.cache else made

    def _content(
        self,
        period: RehearsedPeriod,
        limits: ConformityLimits,
        treatments: Treatments,
        batches: Sequence[BatchRecord],
    ) -> str:
        """Names everything that the readings are a function of."""
        start, end = self._reach(period.calendar)
        community = self.view.community
        points = [community.metering_point(term["point"]) for term in period.record.terms]
        parts: list[Any] = [
            _FORMAT,
            self.context.intervals.coverage(community.id, start, end).content,
            limits.gaps.value,
            estimation_words(self._method(period, limits, None)),
            limits.terms.estimation.method,
            treatments.around(period.record).as_words(),
            [batch.batch_id for batch in batches],
            [period.calendar.start_utc, period.calendar.end_utc, community.time_zone],
            community.resolution_minutes,
            [period.record.slots, *(term["slot"] for term in period.record.terms)],
            [
                [point.id, point.participation_ppm, str(point.valid_from), str(point.valid_to)]
                for point in points
                if point is not None
            ],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @staticmethod
    def _reach(calendar: PeriodCalendar) -> tuple[int, int]:
        """What estimates look at. [s since 1970, UTC]"""
        margin = HISTORY_DAYS * _DAY_SECONDS
        return calendar.start_utc - margin, calendar.end_utc + margin

    def _assemble(
        self,
        period: RehearsedPeriod,
        limits: ConformityLimits,
        treatments: Treatments,
        batches: Sequence[BatchRecord],
    ) -> AssembledReadings:
        """The readings of all loads; what a batch had measured is never estimated, as ``anchor_batch`` has it."""
        readings = self._read(period, limits, treatments, None)
        if batches and np.isin(readings.source, OWN_ESTIMATES).any():
            measured = np.zeros(readings.energy.shape, dtype=np.bool_)
            for batch in batches:
                made = made_with(self.context, self.view, period.calendar, period.record, batch, treatments)
                then = made or NO_TREATMENTS
                measured |= is_measured(self._read(period, limits, then, batch.loads))
            readings, _ = keep_missing(readings, measured, self.view.points)
        energy = np.ascontiguousarray(readings.energy.T)
        return AssembledReadings(
            energy=energy,
            measured=readings.count(Quality.MEASURED, Quality.EDITED),
            estimated=readings.count(Quality.ESTIMATED),
            missing=readings.count(Quality.MISSING),
            energy_max=int(energy.max(initial=0)),
            digest=_digest(energy),
        )

    def _read(
        self,
        period: RehearsedPeriod,
        limits: ConformityLimits,
        treatments: Treatments,
        loads: Sequence[str] | None,
    ) -> PeriodReadings:
        frozen = {term["point"]: term["slot"] for term in period.record.terms}
        table = self.context.intervals.readings(
            self.view.record.id, list(frozen), *self._reach(period.calendar), loads
        )
        decisions = treatments.around(period.record).decisions
        table = take_away(self.context.intervals, self.view.record.id, table, loads, decisions)
        readings, _ = assemble_period(
            table,
            self.view.community,
            frozen,
            period.calendar,
            slot_count=period.record.slots,
            returned=set(treatments.returned),
            limits=limits,
            method=self._method(period, limits, loads),
        )
        readings, _ = hold_missing(readings, frozen, decisions)
        return readings

    def _method(
        self, period: RehearsedPeriod, limits: ConformityLimits, loads: Sequence[str] | None
    ) -> Profiling | None:
        context, points = self.context, [term["point"] for term in period.record.terms]
        members = self.view.community
        return gap_method(
            context.intervals, context.holidays, members, limits, period.calendar, points, loads
        )


def _digest(energy: NDArray[np.int64]) -> bytes:
    little = energy if sys.byteorder == "little" else energy.byteswap()
    return hashlib.sha256(little.data.cast("B")).digest()


def treat_gaps_alike(one: ConformityLimits, other: ConformityLimits) -> bool:
    """Do two rules give the same readings?"""
    return one.gaps is other.gaps and one.terms.estimation == other.terms.estimation


def keeps_limits(readings: AssembledReadings, limits: ConformityLimits) -> bool:
    """Would a batch of these readings be taken?"""
    every = max(readings.measured + readings.estimated + readings.missing, 1)
    shares = (
        (readings.estimated, limits.max_estimated_ppm),
        (readings.missing, limits.max_missing_ppm),
    )
    return all(count * PARTS_PER_MILLION // every <= limit for count, limit in shares)
