"""Stored readings as a provider or an operator looks at them: what a check finds, what was decided, a point's curve."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community.tables import name_nearest
from backend.errors import InputError, NotFoundError, PeriodError
from backend.metering import Quality
from backend.metering.decisions import SpanTreatment
from backend.metering.estimation import HISTORY_DAYS, assemble_period
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar, SettlementPeriod
from backend.services.check_basis import gather_basis
from backend.services.gap_methods import gap_method
from backend.services.meter_sums import registers_beside_intervals
from backend.services.ruled_readings import ruled_findings
from backend.services.treatments import take_away
from backend.services.voted_checks import check_as_voted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from backend.community import ConformityLimits, MeteringPoint
    from backend.metering import ReadingTable
    from backend.ports import IntervalStore, ReadingLoad
    from backend.ports.treatment_records import ReadingDecision
    from backend.services.context import CommunityView
    from backend.services.settled_periods import SettledPeriods

__all__ = [
    "CURVE_DAYS_MAX",
    "StoredReadings",
    "days_between",
    "decision_told",
    "decisions_told",
    "last_days",
    "load_told",
]

CURVE_DAYS_MAX = 40
_CHECKS_KEPT = 8
_DAY_SECONDS = 86_400
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class _One:
    """A community of one point, whole: what is settled of it is another matter."""

    time_zone: str
    resolution_minutes: int
    metering_points: tuple[MeteringPoint, ...]


@dataclass(frozen=True)
class StoredReadings:
    """Looks at what is stored; checks that took long are kept as long as nothing changes.

    Attributes:
        settled: Where to look.
    """

    settled: SettledPeriods
    _kept: OrderedDict[tuple[Any, ...], list[dict[str, Any]]] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def _intervals(self) -> IntervalStore:
        return self.settled.intervals

    def span(self, community: str) -> tuple[int, int] | None:
        """First start and last end of what is stored, None where nothing is. [s since 1970, UTC]"""
        return self._intervals.span(community)

    def loads(self, community: str) -> list[dict[str, Any]]:
        """All loads, the newest first, with who loaded them as far as somebody logged in did."""
        with self.settled.store.reading() as records:
            authors = {author.load: author.user for author in records.load_authors(community)}
        return [
            load_told(load, authors.get(load.id, "")) for load in reversed(self._intervals.loads(community))
        ]

    def findings(self, community: str, days: SettlementPeriod) -> list[dict[str, Any]]:
        """What a check finds in a span of civil days, worst first, each with what was decided about it last.

        Args:
            community: Its id.
            days: The civil dates.
        """
        view = self.settled.community(community)
        found = self._checked(view, days)
        with self.settled.store.reading() as records:
            decisions = list(records.decisions(community))
        return [{**one, "decision": _answer(one, decisions)} for one in found]

    def _checked(self, view: CommunityView, days: SettlementPeriod) -> list[dict[str, Any]]:
        members, community = view.community, view.record.id
        span = self._intervals.span(community)
        if span is None:
            return []
        content = self._intervals.coverage(community, *span).content
        loads = len(self._intervals.loads(community))
        with self.settled.store.reading() as records:
            versions = records.rule_versions(community)
        key = (community, days, content, loads, len(versions), hash(view.record.definition))
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        calendar = PeriodCalendar(days, members.time_zone, members.resolution_minutes)
        points = [point.id for point in members.metering_points]
        table = self._intervals.readings(community, points, *span)
        basis = gather_basis(self._intervals, self.settled.holidays, members, span)
        start, end = calendar.start_utc, calendar.end_utc
        found = [
            *check_as_voted(view, versions, table, basis, start_utc=start, end_utc=end),
            *ruled_findings(self._intervals, view, start, end),
        ]
        told = [finding.as_dict() for finding in found]
        with self._guard:
            self._kept[key] = told
            while len(self._kept) > _CHECKS_KEPT:
                self._kept.popitem(last=False)
        return told

    def curve(self, community: str, metering_point: str, days: SettlementPeriod) -> dict[str, Any]:
        """A point's intervals over some civil days: what is stored, what was decided, what an estimate would be.

        Args:
            community: Its id.
            metering_point: Its id.
            days: At most ``CURVE_DAYS_MAX``.

        Returns:
            Lists of one length, an item per interval: ``energy_milliwatt_hours`` and ``estimate_milliwatt_hours`` are
            None where there is none; ``quality`` is that of the reading, missing without one; ``source_quality`` the
            source's own word; ``treatment`` what was decided, empty where nothing was. Beside them ``registers``, as
            ``backend.services.meter_sums.registers_beside_intervals`` tells.

        Raises:
            NotFoundError: If there is no such point.
            InputError: If the days are too many.
        """
        if days.days > CURVE_DAYS_MAX:
            raise InputError(f"A curve shows at most {CURVE_DAYS_MAX} days, not {days.days}; ask for fewer.")
        view = self.settled.community(community)
        members = view.community
        point = members.metering_point(metering_point)
        if point is None:
            known = [one.id for one in members.metering_points]
            raise NotFoundError(
                f"Community {community} has no metering point {metering_point!r}; "
                f"{name_nearest(metering_point, known)}"
            )
        calendar = PeriodCalendar(days, members.time_zone, members.resolution_minutes)
        margin = HISTORY_DAYS * _DAY_SECONDS
        table = self._intervals.readings(
            community, [metering_point], calendar.start_utc - margin, calendar.end_utc + margin
        )
        with self.settled.store.reading() as records:
            decisions = [one for one in records.decisions(community) if one.metering_point == metering_point]
            returned = any(
                one.metering_point == metering_point and one.treatment == "returned"
                for one in records.treatments(community)
            )
            versions = records.rule_versions(community)
        in_force = [one for one in versions if one.effective_from <= days.id]
        limits = view.rule_of(in_force[-1]).limits if in_force else members.rule.limits
        told = _stored(table, calendar)
        held = _decided(table, calendar, decisions, self._intervals, community, returned=returned)
        told["treatment"] = held
        told["estimate_milliwatt_hours"] = self._estimates(
            community, point, calendar, table, decisions, limits, held
        )
        return {
            "metering_point": metering_point,
            "direction": "feed_in" if point.direction else "consumption",
            "number": point.number,
            "start_utc": calendar.start_utc,
            "resolution_minutes": calendar.resolution_minutes,
            "registers": registers_beside_intervals(
                self._intervals, members, point, calendar, limits.terms.register
            ),
            **told,
        }

    def _estimates(
        self,
        community: str,
        point: MeteringPoint,
        calendar: PeriodCalendar,
        table: ReadingTable,
        decisions: Sequence[ReadingDecision],
        limits: ConformityLimits,
        held: Sequence[str],
    ) -> list[int | None]:
        """What the rule in force puts where nothing stands, of the whole point."""
        members = self.settled.community(community).community
        whole = replace(point, participation_ppm=PARTS_PER_MILLION)
        alone = _One(members.time_zone, members.resolution_minutes, (whole,))
        standing = take_away(self._intervals, community, table, None, decisions)
        method = gap_method(self._intervals, self.settled.holidays, members, limits, calendar, [point.id])
        readings, _ = assemble_period(
            standing,
            alone,
            {point.id: 0},
            calendar,
            slot_count=1,
            returned=set(),
            limits=limits,
            method=method,
        )
        estimated = (readings.quality[0] == Quality.ESTIMATED).tolist()
        return [
            value if is_estimate and treatment != SpanTreatment.RETURNED.value else None
            for value, is_estimate, treatment in zip(
                readings.energy[0].tolist(), estimated, held, strict=True
            )
        ]


def _stored(table: ReadingTable, calendar: PeriodCalendar) -> dict[str, Any]:
    """The readings of one point on the calendar's grid."""
    count = calendar.interval_count
    energy: list[int | None] = [None] * count
    quality = [Quality.MISSING.name.lower()] * count
    words = [""] * count
    index, beside = np.divmod(table.start_utc - calendar.start_utc, calendar.step_seconds)
    here = np.flatnonzero((beside == 0) & (index >= 0) & (index < count))
    for row, place in zip(here.tolist(), index[here].tolist(), strict=True):
        named = Quality(table.quality[row])
        quality[place] = named.name.lower()
        if named is not Quality.MISSING:
            energy[place] = int(table.energy[row])
        if table.code is not None:
            words[place] = table.codes[table.code[row]]
    return {"energy_milliwatt_hours": energy, "quality": quality, "source_quality": words}


def _decided(
    table: ReadingTable,
    calendar: PeriodCalendar,
    decisions: Sequence[ReadingDecision],
    intervals: IntervalStore,
    community: str,
    *,
    returned: bool,
) -> list[str]:
    """What was decided about each interval: a reading that was delivered since stands, and has nothing."""
    if returned:
        return [SpanTreatment.RETURNED.value] * calendar.interval_count
    starts = calendar.start_utc + calendar.step_seconds * np.arange(calendar.interval_count, dtype=np.int64)
    last = np.full(len(starts), _NOWHERE, dtype=np.int64)
    for place, decision in enumerate(decisions):
        last[(starts >= decision.start_utc) & (starts < decision.end_utc)] = place
    standing = set(take_away(intervals, community, table, None, decisions).start_utc.tolist())
    told = []
    for start, place in zip(starts.tolist(), last.tolist(), strict=True):
        treatment = decisions[place].treatment if place != _NOWHERE else None
        binds = treatment is SpanTreatment.ACCEPTED or start not in standing
        told.append(treatment.value if treatment is not None and binds else "")
    return told


def _answer(finding: dict[str, Any], decisions: Sequence[ReadingDecision]) -> dict[str, Any] | None:
    """The last decision about all that a finding is about."""
    start, end = finding["start_utc"], finding["end_utc"]
    if start is None or end is None:
        return None
    for decision in reversed(decisions):
        about = decision.metering_point == finding["metering_point"]
        covers = decision.start_utc <= start and end <= decision.end_utc
        answers = decision.treatment is not SpanTreatment.ACCEPTED or decision.rule in {"", finding["rule"]}
        if about and covers and answers:
            return decision_told(decision)
    return None


def decision_told(decision: ReadingDecision) -> dict[str, Any]:
    """A decision, for JSON."""
    return {
        "number": decision.number,
        "metering_point": decision.metering_point,
        "start_utc": decision.start_utc,
        "end_utc": decision.end_utc,
        "treatment": decision.treatment.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "decided_by": decision.decided_by,
        "decided_utc": decision.decided_utc,
    }


def decisions_told(settled: SettledPeriods, community: str) -> list[dict[str, Any]]:
    """All decisions, the newest first."""
    with settled.store.reading() as records:
        return [decision_told(one) for one in reversed(records.decisions(community))]


def load_told(load: ReadingLoad, author: str) -> dict[str, Any]:
    """A load, for JSON."""
    return {
        "load": load.id,
        "received_utc": load.received_utc,
        "files": list(load.files),
        "readings": load.rows,
        "registers": load.registers,
        "by": author,
        "binding": load.binding,
    }


def days_between(first: date, last: date) -> SettlementPeriod:
    """Civil days from a first to a last one.

    Raises:
        PeriodError: If they are in the wrong order.
    """
    if last < first:
        raise PeriodError(f"{first} to {last} is no span of days; give the earlier one first.")
    return SettlementPeriod(first, last + timedelta(days=1))


def last_days(span: tuple[int, int] | None, count: int, zone: Any) -> SettlementPeriod | None:
    """The last civil days that something is stored of, None where nothing is."""
    if span is None:
        return None
    last = datetime.fromtimestamp(span[1] - 1, UTC).astimezone(zone).date()
    return SettlementPeriod(last - timedelta(days=count - 1), last + timedelta(days=1))
