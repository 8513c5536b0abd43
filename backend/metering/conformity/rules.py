"""The rules of conformity, and the check that runs them. A rule is its id, its words, its terms and a function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from backend.metering.conformity.clock import find_clock_drift
from backend.metering.conformity.completeness import (
    find_clock_changes,
    find_duplicates,
    find_gaps,
    find_negative,
    find_off_grid,
    find_overlaps,
    find_wrong_steps,
)
from backend.metering.conformity.course import find_silent, find_spikes, find_stuck, find_zero_runs
from backend.metering.conformity.evidence import Evidence
from backend.metering.conformity.generation import find_above_clear_sky, find_feed_in_at_night, find_swapped
from backend.metering.conformity.habits import find_high, find_low
from backend.metering.conformity.magnitude import find_out_of_range, find_wrong_units
from backend.metering.conformity.registers import find_feeder_mismatches, find_register_mismatches
from backend.metering.conformity.steps import find_multipliers
from backend.metering.conformity.sunlight import find_sun_followers
from backend.metering.conformity.terms import ConformityTerms
from backend.metering.findings import Finding, Severity, Treatment
from backend.metering.inspection import FeederMeter, Inspection, inspect

if TYPE_CHECKING:
    from backend.metering.points import MeteredCommunity
    from backend.metering.readings import ReadingTable
    from backend.metering.source_series import RegisterRead

__all__ = ["RULES", "Rule", "check_readings"]

_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of conformity.

    Attributes:
        id: Stable kebab-case name, the one in findings.
        title: What it looks for, in a few words.
        severity: Of its findings.
        treatment: What becomes of the readings unless the terms say otherwise.
        terms: Name of its table in ``ConformityTerms``; empty where it has no parameter.
        find: Yields its cases, given the inspection and its table (or None).
    """

    id: str
    title: str
    severity: Severity
    treatment: Treatment
    terms: str
    find: Callable[[Inspection, Any], Iterator[Evidence]]

    def findings(self, inspection: Inspection, terms: ConformityTerms) -> Iterator[Finding]:
        """Its cases as findings, with the treatment of the terms in force."""
        table = getattr(terms, self.terms) if self.terms else None
        treatment = terms.treatments.get(self.id, self.treatment)
        for case in self.find(inspection, table):
            yield Finding(
                rule=self.id,
                severity=self.severity,
                message=case.message,
                metering_point=case.metering_point,
                start_utc=case.start_utc,
                end_utc=case.end_utc,
                value=case.value,
                limit=case.limit,
                treatment=treatment,
                facts=case.facts,
            )


_FAULT, _WARNING, _NOTE = Severity.FAULT, Severity.WARNING, Severity.NOTE
_CORRUPT, _NON_STANDARD = Treatment.CORRUPT, Treatment.NON_STANDARD
_USELESS, _ESTIMABLE = Treatment.USELESS, Treatment.ESTIMABLE
_ALL = (
    Rule("gap", "readings that are missing", _WARNING, _ESTIMABLE, "", find_gaps),
    Rule(
        "interval-count",
        "a step that is not the community's",
        _WARNING,
        _NON_STANDARD,
        "interval_count",
        find_wrong_steps,
    ),
    Rule("negative", "energy below zero", _FAULT, _NON_STANDARD, "", find_negative),
    Rule("duplicate", "two readings of one interval", _FAULT, _CORRUPT, "", find_duplicates),
    Rule("overlap", "intervals that overlap", _FAULT, _CORRUPT, "", find_overlaps),
    Rule("off-grid", "readings between two intervals", _FAULT, _NON_STANDARD, "", find_off_grid),
    Rule("clock-change", "a day of 25 hours given as 24", _WARNING, _NON_STANDARD, "", find_clock_changes),
    Rule("range", "more than the connection carries", _FAULT, _CORRUPT, "", find_out_of_range),
    Rule(
        "unit",
        "watt-hours for kilowatt-hours, or the other way",
        _FAULT,
        _NON_STANDARD,
        "unit",
        find_wrong_units,
    ),
    Rule(
        "multiplier",
        "every part of the day changed by one factor",
        _FAULT,
        _NON_STANDARD,
        "multiplier",
        find_multipliers,
    ),
    Rule("spike", "highest against third highest", _WARNING, _ESTIMABLE, "spike", find_spikes),
    Rule("stuck", "the same energy again and again", _WARNING, _USELESS, "stuck", find_stuck),
    Rule("silent", "nothing at all for long", _WARNING, _USELESS, "silent", find_silent),
    Rule(
        "zero-run", "zero for longer than its history knows", _WARNING, _ESTIMABLE, "zero_run", find_zero_runs
    ),
    Rule("high", "days above the point's own history", _NOTE, _ESTIMABLE, "habit", find_high),
    Rule("low", "days below the point's own history", _NOTE, _ESTIMABLE, "habit", find_low),
    Rule(
        "register", "intervals against the register", _FAULT, _CORRUPT, "register", find_register_mismatches
    ),
    Rule("feeder", "points against the feeder's meter", _WARNING, _CORRUPT, "feeder", find_feeder_mismatches),
    Rule(
        "clock-drift",
        "the day's course comes early or late",
        _NOTE,
        _NON_STANDARD,
        "clock_drift",
        find_clock_drift,
    ),
    Rule(
        "feed-in-at-night",
        "solar feed-in in the dark",
        _FAULT,
        _CORRUPT,
        "feed_in_at_night",
        find_feed_in_at_night,
    ),
    Rule("clear-sky", "more than a clear sky gives", _WARNING, _CORRUPT, "clear_sky", find_above_clear_sky),
    Rule(
        "swapped", "import and export in each other's place", _FAULT, _NON_STANDARD, "swapped", find_swapped
    ),
    Rule(
        "load-follows-sun",
        "solar production written as consumption",
        _FAULT,
        _NON_STANDARD,
        "load_follows_sun",
        find_sun_followers,
    ),
)
RULES: Mapping[str, Rule] = {rule.id: rule for rule in _ALL}


def check_readings(
    table: ReadingTable,
    community: MeteredCommunity,
    *,
    start_utc: int | None = None,
    end_utc: int | None = None,
    terms: ConformityTerms | None = None,
    registers: Mapping[str, Sequence[RegisterRead]] | None = None,
    feeders: Sequence[FeederMeter] = (),
    holidays: Collection[date] = (),
) -> list[Finding]:
    """Look at a community's readings with every rule.

    Args:
        table: Readings sorted by point and time, each point at once. Give all that is stored: several rules know a
            fault by its course over weeks and seasons, whatever period is asked about.
        community: Its metering points and time zone.
        start_utc: Report only what concerns [start, end); None for the first reading. [s since 1970, UTC]
        end_utc: None for the end of the last reading. [s since 1970, UTC]
        terms: Parameters in force; None for the defaults.
        registers: Register reads by metering point id, if there are any.
        feeders: Meters that points are downstream of, if there are any.
        holidays: Civil dates that count as Sundays.

    Returns:
        What was found, worst first, then by point and time. Empty for an empty table without a span.
    """
    step = table.resolution_minutes * 60
    starts = [int(table.start_utc.min())] if len(table) else []
    ends = [int(table.start_utc.max()) + step] if len(table) else []
    starts += [] if start_utc is None else [start_utc]
    ends += [] if end_utc is None else [end_utc]
    if not starts or not ends:
        return []
    inspection = inspect(
        table, community, min(starts), max(ends), registers=registers, feeders=feeders, holidays=holidays
    )
    terms = terms or ConformityTerms()
    begin = inspection.start_utc if start_utc is None else start_utc
    until = inspection.end_utc if end_utc is None else end_utc
    place = {point.id: index for index, point in enumerate(community.metering_points)}
    found = [
        finding
        for rule in RULES.values()
        if rule.id not in terms.left_out
        for finding in rule.findings(inspection, terms)
        if _concerns(finding, begin, until)
    ]
    return sorted(
        found,
        key=lambda finding: (
            _SEVERITIES.index(finding.severity),
            place.get(finding.metering_point, -1),
            finding.start_utc or 0,
            finding.rule,
        ),
    )


def _concerns(finding: Finding, begin: int, until: int) -> bool:
    if finding.start_utc is None or finding.end_utc is None:
        return True
    return finding.start_utc < until and finding.end_utc > begin
