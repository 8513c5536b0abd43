"""What people decided about a span of a point's readings, and what settlement makes of it.

A decision is about the readings that were known when it was made. What the operator delivers later stands, unless it
is the same reading again: who sends a file a second time has not answered. Of several decisions about one interval the
last one counts:

- *accepted*: the readings are taken as they are;
- *estimated*: they are set aside, and count as a gap that the rule in force treats as any other;
- *returned*: they are set aside and stay missing, whatever the rule says of gaps, until the operator delivers others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from backend.metering.findings import Finding, Severity
from backend.metering.inspection import find_runs
from backend.metering.readings import PeriodReadings, Quality, ReadingSource, ReadingTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "SpanDecision",
    "SpanTreatment",
    "binding_decisions",
    "found_in",
    "hold_missing",
    "set_aside",
    "without_rows",
]

_UNDECIDED = -1
_FROM_OUTSIDE = (ReadingSource.METER, ReadingSource.OPERATOR)


class SpanTreatment(Enum):
    """What is done with readings that a finding is about."""

    ACCEPTED = "accepted"
    ESTIMATED = "estimated"
    RETURNED = "returned"


class SpanDecision(Protocol):
    """A decision as far as readings are concerned."""

    @property
    def metering_point(self) -> str:
        """Whose readings."""
        ...

    @property
    def start_utc(self) -> int:
        """Start of the span. [s since 1970, UTC]"""
        ...

    @property
    def end_utc(self) -> int:
        """Its end, exclusive. [s since 1970, UTC]"""
        ...

    @property
    def treatment(self) -> SpanTreatment:
        """What was decided."""
        ...


def binding_decisions(decisions: Sequence[SpanDecision]) -> list[int]:
    """Places of the decisions that change what is settled: accepting does only where something was set aside before.

    Args:
        decisions: In the order in which they were made.
    """
    binding: list[int] = []
    for place, decision in enumerate(decisions):
        changes = decision.treatment is not SpanTreatment.ACCEPTED or any(
            earlier.metering_point == decision.metering_point
            and earlier.start_utc < decision.end_utc
            and decision.start_utc < earlier.end_utc
            for earlier in (decisions[index] for index in binding)
        )
        if changes:
            binding.append(place)
    return binding


def set_aside(
    table: ReadingTable, decisions: Sequence[SpanDecision], known_then: Sequence[ReadingTable]
) -> NDArray[np.bool_]:
    """Which readings a decision takes away.

    Args:
        table: Readings in force, sorted by point and time.
        decisions: In the order in which they were made.
        known_then: Per decision, the readings in force when it was made: tables over the same list of points, of which
            nothing is needed outside the decision's span.

    Returns:
        Shape (n,): a row per row of the table.

    Invariants:
        - A reading that differs from what was known when it was decided about is never set aside.
    """
    last = _last_decision(table, decisions)
    aside = np.zeros(len(table), dtype=np.bool_)
    for place, (decision, then) in enumerate(zip(decisions, known_then, strict=True)):
        assert then.metering_points == table.metering_points, "both index one list of points"
        if decision.treatment is not SpanTreatment.ACCEPTED:
            rows = np.flatnonzero(last == place)
            aside[rows] = found_in(then, table, rows)
    return aside


def found_in(other: ReadingTable, table: ReadingTable, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are in another table too, with the same energy and quality.

    Args:
        other: Over the same list of points, sorted by point and time.
        table: Whose rows are looked for.
        rows: Places in ``table``. Shape (n,).

    Returns:
        Shape (n,).
    """
    if not len(other) or not len(rows):
        return np.zeros(len(rows), dtype=np.bool_)
    first = min(int(other.start_utc.min()), int(table.start_utc[rows].min()))
    width = max(int(other.start_utc.max()), int(table.start_utc[rows].max())) - first + 1
    known = other.point.astype(np.int64) * width + (other.start_utc - first)
    asked = table.point[rows].astype(np.int64) * width + (table.start_utc[rows] - first)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    same = (
        (known[at] == asked)
        & (other.energy[at] == table.energy[rows])
        & (other.quality[at] == table.quality[rows])
    )
    return np.asarray(same)


def without_rows(table: ReadingTable, rows: NDArray[np.bool_]) -> ReadingTable:
    """The table without some rows.

    Args:
        table: Any.
        rows: Shape (n,): True for a row that goes.
    """
    if not rows.any():
        return table
    kept = ~rows
    return replace(
        table,
        point=table.point[kept],
        start_utc=table.start_utc[kept],
        energy=table.energy[kept],
        quality=table.quality[kept],
        code=None if table.code is None else table.code[kept],
    )


def hold_missing(
    readings: PeriodReadings, slots: Mapping[str, int], decisions: Sequence[SpanDecision]
) -> tuple[PeriodReadings, list[Finding]]:
    """Leave missing what was returned to the operator, though it could be estimated.

    Args:
        readings: Of a period, gaps treated.
        slots: Slot by metering point id.
        decisions: In the order in which they were made.

    Returns:
        The readings, and a note per run of intervals that wait for the operator.
    """
    starts = readings.calendar.start_utc + readings.calendar.step_seconds * np.arange(
        readings.calendar.interval_count, dtype=np.int64
    )
    held = np.zeros(readings.energy.shape, dtype=np.bool_)
    for decision in decisions:
        slot = slots.get(decision.metering_point)
        if slot is not None:
            here = (starts >= decision.start_utc) & (starts < decision.end_utc)
            held[slot, here] = decision.treatment is SpanTreatment.RETURNED
    held &= ~np.isin(readings.source, _FROM_OUTSIDE) & readings.active_intervals()
    if not held.any():
        return readings, []
    kept = replace(
        readings,
        energy=np.where(held, 0, readings.energy),
        quality=np.where(held, Quality.MISSING, readings.quality).astype(np.uint8),
        source=np.where(held, ReadingSource.NONE, readings.source).astype(np.uint8),
    )
    names = {slot: point for point, slot in slots.items()}
    notes = [
        _waits(readings, names[slot], start, end)
        for slot in np.flatnonzero(held.any(axis=1)).tolist()
        for start, end in find_runs(held[slot])
    ]
    return kept, notes


def _last_decision(table: ReadingTable, decisions: Sequence[SpanDecision]) -> NDArray[np.int64]:
    """Per row the place of the last decision about it, ``_UNDECIDED`` where there is none."""
    last = np.full(len(table), _UNDECIDED, dtype=np.int64)
    place_of = {point: index for index, point in enumerate(table.metering_points)}
    bounds = np.searchsorted(table.point, np.arange(len(table.metering_points) + 1))
    for place, decision in enumerate(decisions):
        index = place_of.get(decision.metering_point)
        if index is None:
            continue
        first, until = int(bounds[index]), int(bounds[index + 1])
        begin, end = np.searchsorted(
            table.start_utc[first:until], [decision.start_utc, decision.end_utc]
        ).tolist()
        last[first + begin : first + end] = place
    return last


def _waits(readings: PeriodReadings, point: str, start: int, end: int) -> Finding:
    calendar = readings.calendar
    start_utc = calendar.start_utc + start * calendar.step_seconds
    return Finding(
        rule="returned",
        severity=Severity.NOTE,
        message=(
            f"{end - start} readings of {point} from {datetime.fromtimestamp(start_utc, UTC):%Y-%m-%dT%H:%MZ} were "
            "returned to the operator: they count as missing until others are loaded."
        ),
        metering_point=point,
        start_utc=start_utc,
        end_utc=calendar.start_utc + end * calendar.step_seconds,
        value=f"{end - start} intervals",
        facts={"intervals": end - start},
    )
