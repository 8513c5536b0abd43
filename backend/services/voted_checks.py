"""Readings checked by the terms that were voted: each stretch of time by those in force then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from backend.metering.conformity import ConformityTerms
from backend.metering.conformity import check_readings as check_table
from backend.metering.findings import Severity
from backend.quantities import PeriodCalendar, SettlementPeriod

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.metering import Finding, ReadingTable
    from backend.ports import RuleVersionRecord
    from backend.services.check_basis import CheckBasis
    from backend.services.context import CommunityView

__all__ = ["check_as_voted", "check_period", "terms_of_period"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
_SEVERITIES = list(Severity)


def terms_of_period(
    view: CommunityView, versions: Sequence[RuleVersionRecord], period: int
) -> ConformityTerms:
    """The terms in force at a period's start, as a period is settled by one rule throughout.

    Args:
        view: The community.
        versions: Of its rule, in order; the first holds before it too, and the file's rule where there is none.
        period: Id. [days since 1970-01-01]
    """
    in_force = [version for version in versions if version.effective_from <= period] or versions[:1]
    return (view.rule_of(in_force[-1]) if in_force else view.community.rule).limits.terms


def check_period(
    view: CommunityView,
    versions: Sequence[RuleVersionRecord],
    table: ReadingTable,
    basis: CheckBasis,
    calendar: PeriodCalendar,
) -> list[Finding]:
    """What a check finds in a period to be settled, by the terms that it is settled by.

    Args:
        view: The community.
        versions: As for ``terms_of_period``.
        table: All that is stored, as ``backend.metering.conformity.check_readings`` wants it.
        basis: What is known beside it.
        calendar: Of the period.
    """
    terms = terms_of_period(view, versions, calendar.period.id)
    return _check(view, table, basis, (calendar.start_utc, calendar.end_utc, terms))


def _check(
    view: CommunityView, table: ReadingTable, basis: CheckBasis, stretch: tuple[int, int, ConformityTerms]
) -> list[Finding]:
    """What a check finds in [start, end) by the terms of that stretch."""
    start, end, terms = stretch
    return check_table(
        table,
        view.community,
        start_utc=start,
        end_utc=end,
        terms=terms,
        registers=basis.registers,
        feeders=basis.feeders,
        holidays=basis.holidays,
    )


def check_as_voted(
    view: CommunityView,
    versions: Sequence[RuleVersionRecord],
    table: ReadingTable,
    basis: CheckBasis,
    *,
    start_utc: int,
    end_utc: int,
) -> list[Finding]:
    """What a check finds in [start, end), whatever periods it spans.

    The rules see the whole table each time. What several terms find alike where they meet is told once.

    Args:
        view: The community.
        versions: As for ``terms_of_period``.
        table: As for ``check_period``.
        basis: As for ``check_period``.
        start_utc: [s since 1970, UTC]
        end_utc: [s since 1970, UTC]

    Returns:
        Worst first, then by point and time.
    """
    found: dict[tuple[object, ...], Finding] = {}
    stretches = list(_stretches(view, versions, start_utc, end_utc))
    for stretch in stretches:
        for finding in _check(view, table, basis, stretch):
            place = (finding.rule, finding.metering_point, finding.start_utc, finding.end_utc)
            found.setdefault(place if len(stretches) > 1 else (len(found),), finding)
    if len(stretches) == 1:
        return list(found.values())
    slots = {point.id: slot for slot, point in enumerate(view.community.metering_points)}
    return sorted(
        found.values(),
        key=lambda one: (
            _SEVERITIES.index(one.severity),
            slots.get(one.metering_point, -1),
            one.start_utc or 0,
            one.rule,
        ),
    )


def _stretches(
    view: CommunityView, versions: Sequence[RuleVersionRecord], start_utc: int, end_utc: int
) -> Iterator[tuple[int, int, ConformityTerms]]:
    """[start, end) and the terms of each, neighbours with the same terms as one."""
    terms = (view.rule_of(versions[0]) if versions else view.community.rule).limits.terms
    start = start_utc
    for version in versions[1:]:
        begins, next_terms = _begin_of(view, version.effective_from), view.rule_of(version).limits.terms
        if begins >= end_utc:
            break
        if begins > start and next_terms != terms:
            yield start, begins, terms
            start = begins
        terms = next_terms
    yield start, end_utc, terms


def _begin_of(view: CommunityView, period: int) -> int:
    """Local midnight of the date of that number. [s since 1970, UTC]"""
    first = _EPOCH + timedelta(days=period)
    day = SettlementPeriod(first, first + timedelta(days=1))
    return PeriodCalendar(day, view.community.time_zone, view.community.resolution_minutes).start_utc
