"""Readings that a ruling set: they outrank every later load, and whoever loads or looks is told so, by the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.metering import Finding, Severity

if TYPE_CHECKING:
    from backend.metering import ReadingTable
    from backend.metering.findings import Fact
    from backend.ports import IntervalStore, ReadingLoad
    from backend.services.context import CommunityView

__all__ = ["outranked", "ruled_file", "ruled_findings"]

_RULE = "ruled-reading"


def ruled_file(case_number: int) -> str:
    """What the load of a case's outcome is called, which names the case."""
    return f"case-{case_number}.json"


def _case_of(load: ReadingLoad) -> str:
    return load.files[0].removesuffix(".json").replace("-", " ")


def _facts(load: ReadingLoad, kind: str, readings: int) -> dict[str, Fact]:
    return {"kind": kind, "case": _case_of(load).removeprefix("case "), "readings": readings}


def outranked(intervals: IntervalStore, community: str, table: ReadingTable, files: str) -> list[Finding]:
    """A finding per case and metering point whose ruled readings a load would have replaced: they stand.

    Args:
        intervals: Readings.
        community: Its id.
        table: What was loaded.
        files: Of the load, for messages.
    """
    binding = [load for load in intervals.loads(community) if load.binding]
    if not binding or not len(table):
        return []
    start, end = int(table.start_utc.min()), int(table.start_utc.max()) + 1
    findings = []
    for load in binding:
        ruled = intervals.readings(community, list(table.metering_points), start, end, [load.id])
        for index in np.unique(ruled.point).tolist():
            loaded = table.start_utc[table.point == index]
            both = np.intersect1d(ruled.start_utc[ruled.point == index], loaded)
            if len(both):
                findings.append(_stands(load, table.metering_points[index], both.tolist(), files))
    return findings


def _stands(load: ReadingLoad, metering_point: str, starts: list[int], files: str) -> Finding:
    return Finding(
        rule=_RULE,
        severity=Severity.WARNING,
        message=f"{len(starts)} readings of {metering_point} are not taken: {_case_of(load)} ruled what was measured "
        "then. Open another case to have them changed.",
        file=files,
        metering_point=metering_point,
        start_utc=starts[0],
        end_utc=starts[-1],
        value=f"{len(starts)} readings",
        facts=_facts(load, "outranked", len(starts)),
    )


def ruled_findings(
    intervals: IntervalStore, view: CommunityView, start_utc: int, end_utc: int
) -> list[Finding]:
    """A note per case and metering point whose ruled readings lie in [start, end)."""
    findings = []
    points = [point.id for point in view.community.metering_points]
    for load in intervals.loads(view.record.id):
        if not load.binding:
            continue
        ruled = intervals.readings(view.record.id, points, start_utc, end_utc, [load.id])
        for index in np.unique(ruled.point).tolist():
            starts = ruled.start_utc[ruled.point == index]
            findings.append(
                Finding(
                    rule=_RULE,
                    severity=Severity.NOTE,
                    message=f"{len(starts)} readings of {points[index]} are those of {_case_of(load)}; they outrank "
                    "what is loaded.",
                    metering_point=points[index],
                    start_utc=int(starts[0]),
                    end_utc=int(starts[-1]) + 60 * ruled.resolution_minutes,
                    value=f"{len(starts)} readings",
                    facts=_facts(load, "stands", len(starts)),
                )
            )
    return findings
