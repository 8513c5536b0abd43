"""The sharing coefficients in force in a civil year, hour by hour, as a grid operator is told them ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.community import AllocationSource, Direction
from backend.errors import SharingKeyError
from backend.ports.point_files import YearCoefficients
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar, SettlementPeriod
from backend.services.open_period import frozen_terms, rule_version_in
from backend.services.point_rows import instant_text
from backend.services.run_basis import SCHEDULED, require_basis, schedule_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import MeteringPoint, Rule
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["coefficients_in_force"]

_STATIC = "static"
_MONTHS = range(1, 13)


def coefficients_in_force(context: SettlementContext, community: str, year: int) -> YearCoefficients:
    """Coefficients of every hour of a year: the rule's own, or those handed in.

    Args:
        context: Ports.
        community: Its id.
        year: Civil year of the community's time zone.

    Returns:
        By external id; the same in every hour where they never change.

    Raises:
        SharingKeyError: If the key in force has no such coefficients, they differ within an hour, a consumer who has
            one has no external id, or those of an hour do not sum to one.
        PeriodError: If no rule covers a month, or its coefficients were not handed in.
    """
    view = context.community(community)
    numbers = _numbers_of(view)
    months = [_month(context, view, numbers, f"{year}-{month:02}") for month in _MONTHS]
    parts = np.concatenate(months, axis=1)
    given: NDArray[np.bool_] = np.asarray(parts.any(axis=1))
    if not given.any():
        raise SharingKeyError(f"nobody has a coefficient in {year}; there is nothing to write.")
    _require_one(parts, view, year)
    kept = parts[given]
    if (kept == kept[:, :1]).all():
        kept = kept[:, :1]
    names = [
        name
        for name, is_given in zip(dict.fromkeys(numbers.values()), given.tolist(), strict=True)
        if is_given
    ]
    return YearCoefficients(year, tuple(names), kept)


def _numbers_of(view: CommunityView) -> dict[str, str]:
    """External id, or failing that our own, of each consumption point, in the order of their slots."""
    points = sorted(view.community.metering_points, key=lambda point: view.slots[point.id])
    return {point.id: _number(point) for point in points if point.direction == Direction.CONSUMPTION}


def _number(point: MeteringPoint) -> str:
    return point.external_id or f"?{point.id}"


def _month(
    context: SettlementContext, view: CommunityView, numbers: dict[str, str], label: str
) -> NDArray[np.int64]:
    """Coefficients of a month's hours by external id. Shape (numbers, hours). [ppm]"""
    members = view.community
    calendar = PeriodCalendar(
        SettlementPeriod.from_month(label), members.time_zone, members.resolution_minutes
    )
    rule = view.rule_of(rule_version_in(context, members.id, calendar.period.id))
    slots = _slots(context, view, calendar, rule)
    rows = {number: row for row, number in enumerate(dict.fromkeys(numbers.values()))}
    parts = np.zeros((len(rows), calendar.interval_count), dtype=np.int64)
    for point, number in numbers.items():
        slot = view.slots[point]
        given = slots[slot] if slot < len(slots) else np.zeros(1, dtype=np.int64)
        if given.any() and number.startswith("?"):
            raise SharingKeyError(
                f"metering point {point} has a coefficient but no external id; give its CUPS in the community file."
            )
        parts[rows[number]] += given
    per_hour = 60 // members.resolution_minutes
    hours = parts.reshape(len(rows), -1, per_hour)
    unlike = np.flatnonzero((hours != hours[:, :, :1]).any(axis=(0, 2)))
    if len(unlike):
        when = instant_text(calendar.start_utc + int(unlike[0]) * 3600)
        raise SharingKeyError(
            f"the coefficients change within the hour of {when} ({len(unlike)} hours of {label} are so); such a file "
            "has one for each hour."
        )
    return hours[:, :, 0]


def _slots(
    context: SettlementContext, view: CommunityView, calendar: PeriodCalendar, rule: Rule
) -> NDArray[np.int64]:
    """Coefficients by slot and interval. Shape (slots, T). [ppm]"""
    key = rule.sharing_key
    if rule.source is AllocationSource.COMPUTED and key.method == SCHEDULED:
        require_basis(context, view.record.id, calendar, rule)
        with context.store.reading() as records:
            record = records.period(view.record.id, calendar.period.id)
        assert record is not None, "handing in opens the period"
        schedule = schedule_of(context, record, calendar, rule)
        return context.intervals.schedule(record.community, record.period, schedule.version)
    if rule.source is not AllocationSource.COMPUTED or key.method != _STATIC:
        what = (
            "the operator's allocation" if rule.source is not AllocationSource.COMPUTED else repr(key.method)
        )
        raise SharingKeyError(
            f"{calendar.period.label} is shared by {what}, which has no coefficients to hand on; only {_STATIC!r} and "
            f"{SCHEDULED!r} have."
        )
    terms = frozen_terms(view, calendar)
    parts = np.zeros((terms[-1]["slot"] + 1, calendar.interval_count), dtype=np.int64)
    for term in terms:
        begin, end = (calendar.day_offsets[term[name]] for name in ("from_day", "until_day"))
        parts[term["slot"], begin:end] = key.coefficients_ppm.get(term["point"], 0)
    return parts


def _require_one(parts: NDArray[np.int64], view: CommunityView, year: int) -> None:
    sums = parts.sum(axis=0)
    unlike = np.flatnonzero(sums != PARTS_PER_MILLION)
    if len(unlike):
        first = PeriodCalendar(
            SettlementPeriod.from_month(f"{year}-01"), view.community.time_zone, 60
        ).start_utc
        when, total = instant_text(first + int(unlike[0]) * 3600), int(sums[unlike[0]])
        raise SharingKeyError(
            f"the coefficients of {when} sum to {total} ppm ({len(unlike):,} hours of {year} do not sum to "
            f"{PARTS_PER_MILLION}); such a file gives away the whole."
        )
