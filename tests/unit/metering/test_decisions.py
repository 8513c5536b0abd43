"""What a decision about a span of readings takes away, and what stands all the same."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pytest

from backend.metering import Quality, ReadingTable
from backend.metering.decisions import (
    SpanTreatment,
    binding_decisions,
    hold_missing,
    set_aside,
    without_rows,
)
from backend.metering.readings import PeriodReadings, ReadingSource
from backend.quantities import PeriodCalendar, SettlementPeriod

STEP = 900
ACCEPTED, ESTIMATED, RETURNED = SpanTreatment.ACCEPTED, SpanTreatment.ESTIMATED, SpanTreatment.RETURNED


@dataclass(frozen=True)
class Decision:
    metering_point: str
    first: int
    until: int
    treatment: SpanTreatment

    @property
    def start_utc(self):
        return self.first * STEP

    @property
    def end_utc(self):
        return self.until * STEP


def table_of(energies, points=("a", "b")):
    """Rows of 15 minutes from 1970 on, the same of each point."""
    count = len(energies)
    return ReadingTable(
        metering_points=tuple(points),
        point=np.repeat(np.arange(len(points), dtype=np.int32), count),
        start_utc=np.tile(np.arange(count, dtype=np.int64) * STEP, len(points)),
        energy=np.tile(np.array(energies, dtype=np.int64), len(points)),
        quality=np.zeros(count * len(points), dtype=np.uint8),
        resolution_minutes=15,
    )


def taken(table, decisions, known=None):
    rows = set_aside(table, decisions, known or [table] * len(decisions))
    return [
        (table.metering_points[point], start // STEP)
        for point, start in zip(table.point[rows].tolist(), table.start_utc[rows].tolist(), strict=True)
    ]


@pytest.mark.parametrize("treatment", [ESTIMATED, RETURNED])
def test_what_is_decided_about_a_span_takes_its_readings_and_no_others(treatment):
    assert taken(table_of([5, 6, 7, 8]), [Decision("b", 1, 3, treatment)]) == [("b", 1), ("b", 2)]


def test_what_is_accepted_stays():
    assert taken(table_of([5, 6, 7, 8]), [Decision("b", 1, 3, ACCEPTED)]) == []


def test_the_last_decision_about_an_interval_counts():
    decisions = [Decision("a", 0, 4, ESTIMATED), Decision("a", 1, 3, ACCEPTED), Decision("a", 2, 3, RETURNED)]
    assert taken(table_of([5, 6, 7, 8]), decisions) == [("a", 0), ("a", 2), ("a", 3)]


def test_another_reading_that_is_delivered_later_stands():
    then = table_of([5, 6, 7, 8])
    now = table_of([5, 6, 9, 8])
    assert taken(now, [Decision("a", 1, 4, RETURNED)], [then]) == [("a", 1), ("a", 3)]


def test_the_same_reading_delivered_again_does_not_stand():
    then = table_of([5, 6, 7, 8])
    now = replace(then, energy=then.energy.copy())
    assert taken(now, [Decision("a", 2, 3, RETURNED)], [then]) == [("a", 2)]


def test_the_operators_substitute_of_the_same_energy_stands():
    then = table_of([5, 6, 7, 8])
    now = replace(then, quality=np.full(8, Quality.EDITED, dtype=np.uint8))
    assert taken(now, [Decision("a", 2, 3, RETURNED)], [then]) == []


def test_a_reading_that_was_not_known_when_it_was_decided_stands():
    now = table_of([5, 6, 7, 8])
    then = without_rows(now, now.start_utc == 2 * STEP)
    assert taken(now, [Decision("a", 1, 4, ESTIMATED)], [then]) == [("a", 1), ("a", 3)]


def test_a_decision_about_a_point_that_is_not_there_takes_nothing():
    assert taken(table_of([5, 6]), [Decision("c", 0, 2, ESTIMATED)]) == []


def test_rows_are_taken_out_with_the_words_of_their_source():
    table = replace(table_of([5, 6], points=("a",)), code=np.array([0, 1], dtype=np.int32), codes=("", "E"))
    left = without_rows(table, np.array([True, False]))
    assert left.energy.tolist() == [6]
    assert left.code is not None
    assert left.code.tolist() == [1]


def test_accepting_binds_only_where_something_was_set_aside_before():
    decisions = [
        Decision("a", 0, 4, ACCEPTED),
        Decision("a", 0, 2, ESTIMATED),
        Decision("a", 2, 4, ACCEPTED),
        Decision("b", 0, 2, ACCEPTED),
        Decision("a", 1, 4, ACCEPTED),
    ]
    assert binding_decisions(decisions) == [1, 4]


def readings_of(sources):
    calendar = PeriodCalendar(SettlementPeriod(date(1970, 1, 1), date(1970, 1, 2)), "UTC", 15)
    source = np.full((1, calendar.interval_count), ReadingSource.METER, dtype=np.uint8)
    source[0, : len(sources)] = sources
    estimated = np.isin(source, (ReadingSource.INTERPOLATED, ReadingSource.SIMILAR_DAYS))
    quality = np.where(estimated, Quality.ESTIMATED, Quality.MEASURED).astype(np.uint8)
    energy = np.full_like(source, 7, dtype=np.int64)
    return PeriodReadings(calendar, energy, quality, source, np.ones((1, 1), dtype=np.bool_))


def test_what_waits_for_the_operator_is_not_estimated_and_what_was_delivered_stands():
    readings = readings_of([ReadingSource.SIMILAR_DAYS, ReadingSource.INTERPOLATED, ReadingSource.METER])
    held, notes = hold_missing(readings, {"a": 0}, [Decision("a", 1, 4, RETURNED)])
    assert held.source[0, :4].tolist() == [
        ReadingSource.SIMILAR_DAYS,
        ReadingSource.NONE,
        ReadingSource.METER,
        ReadingSource.METER,
    ]
    assert held.energy[0, :4].tolist() == [7, 0, 7, 7]
    assert held.quality[0, 1] == Quality.MISSING
    assert [(note.rule, note.start_utc, note.end_utc) for note in notes] == [("returned", STEP, 2 * STEP)]


def test_a_later_decision_ends_the_wait():
    readings = readings_of([ReadingSource.SIMILAR_DAYS])
    decisions = [Decision("a", 0, 2, RETURNED), Decision("a", 0, 1, ESTIMATED)]
    held, notes = hold_missing(readings, {"a": 0}, decisions)
    assert held.source[0, 0] == ReadingSource.SIMILAR_DAYS
    assert notes == []
