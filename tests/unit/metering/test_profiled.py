"""Gaps filled by three similar days, and by what the register says."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from backend.community import ConformityLimits, Direction, GapTreatment, MeteringPoint
from backend.metering import Quality, ReadingSource
from backend.metering.conformity import RegisterSpan
from backend.metering.estimation import assemble_period
from backend.metering.profiled import (
    DayType,
    Profiling,
    RegisterEnergy,
    day_types,
    estimate_gap,
    estimate_series,
    place_registers,
)
from backend.quantities import apportion_exactly
from tests.unit.metering.small_communities import ROOF, days, make_community, make_table

MARCH = days("2017-02-20", "2017-04-10")  # the clock is put forward on 26 March
HOURS = MARCH.interval_count
DAY = np.repeat(np.arange(MARCH.period.days), MARCH.intervals_per_day)
FIRST = MARCH.period.first
ALL = np.ones(HOURS, dtype=np.bool_)


def at(day, hour=0):
    """Interval of a date at an hour; days before 26 March."""
    return MARCH.day_offsets[(date.fromisoformat(day) - FIRST).days] + hour


def numbered():
    """Every interval tells its day: a thousand times the day's number, plus the hour."""
    return DAY * 1000 + np.array(MARCH.local_minutes()) // 60


def without(*gaps):
    known = ALL.copy()
    for first, until in gaps:
        known[first:until] = False
    return known


def fill(*gap_of, **more):
    estimate = estimate_gap(*gap_of, **more)
    assert estimate is not None
    return estimate


def test_two_hours_are_drawn_as_a_line_and_a_third_hour_is_not():
    energy = np.full(HOURS, 100)
    energy[at("2017-03-01", 12)] = 400
    gap = (at("2017-03-01", 10), at("2017-03-01", 12))
    line = fill(energy, without(gap), MARCH, gap)
    assert (line.values.tolist(), line.source) == ([200, 300], ReadingSource.INTERPOLATED)
    longer = (gap[0] - 1, gap[1])
    assert fill(energy, without(longer), MARCH, longer).source is ReadingSource.PROFILED


def test_the_three_nearest_days_of_the_type_are_taken_the_earlier_first_of_two():
    gap = (at("2017-03-01", 6), at("2017-03-01", 18))  # a Wednesday
    estimate = fill(numbered(), without(gap), MARCH, gap)
    assert estimate.days == ((date(2017, 2, 28), date(2017, 3, 2), date(2017, 2, 27)),)
    place = (date(2017, 3, 1) - FIRST).days
    assert estimate.values[0] == ((place - 1) * 1000 + (place + 1) * 1000 + (place - 2) * 1000) // 3 + 6


def test_saturdays_sundays_and_holidays_have_their_own_days():
    gap = (at("2017-03-05", 6), at("2017-03-05", 18))  # a Sunday
    estimate = fill(numbered(), without(gap), MARCH, gap, holidays={date(2017, 3, 7)})
    assert estimate.days == ((date(2017, 3, 7), date(2017, 2, 26), date(2017, 3, 12)),)
    saturday = (at("2017-03-11", 6), at("2017-03-11", 18))
    (used,) = fill(numbered(), without(saturday), MARCH, saturday).days
    assert used == (date(2017, 3, 4), date(2017, 3, 18), date(2017, 2, 25))
    types = day_types(MARCH, {date(2017, 3, 11)})
    assert types[(date(2017, 3, 11) - FIRST).days] is DayType.REST


def test_a_day_that_lacks_what_is_needed_is_passed_over_and_one_that_lacks_other_hours_is_not():
    gap = (at("2017-03-01", 6), at("2017-03-01", 18))
    lacking = (at("2017-02-28", 10), at("2017-02-28", 11))
    elsewhere = (at("2017-03-02", 20), at("2017-03-02", 21))
    (used,) = fill(numbered(), without(gap, lacking, elsewhere), MARCH, gap).days
    assert used == (date(2017, 3, 2), date(2017, 2, 27), date(2017, 3, 3))


def test_a_gap_without_three_similar_days_goes_back_to_the_operator():
    known = np.zeros(HOURS, dtype=np.bool_)
    known[at("2017-02-27") : at("2017-03-02")] = True
    gap = (at("2017-03-02"), at("2017-03-03"))
    assert estimate_gap(numbered(), known, MARCH, gap) is not None
    known[at("2017-02-27", 5)] = False
    assert estimate_gap(numbered(), known, MARCH, gap) is None


def test_the_spring_day_is_filled_by_its_own_hours_and_the_skipped_hour_is_no_source():
    spring = (MARCH.day_offsets[34], MARCH.day_offsets[35])
    assert spring[1] - spring[0] == 23
    estimate = fill(numbered(), without(spring), MARCH, spring)
    assert np.diff(estimate.values)[:3].tolist() == [1, 2, 1]
    sunday = (at("2017-03-19"), at("2017-03-20"))
    (used,) = fill(numbered(), without(sunday), MARCH, sunday).days
    assert date(2017, 3, 26) not in used


def test_with_a_register_the_values_sum_to_what_it_counted():
    gap = (at("2017-03-01", 6), at("2017-03-03", 18))
    for total in (0, 1, 10**9 + 7):
        estimate = fill(numbered(), without(gap), MARCH, gap, register_energy=total)
        assert int(estimate.values.sum()) == total
        assert estimate.values.min() >= 0
    assert estimate_gap(numbered(), without(gap), MARCH, gap, register_energy=-1) is None
    nothing = fill(np.zeros(HOURS, np.int64), without(gap), MARCH, gap, register_energy=601)
    assert int(nothing.values.sum()) == 601


def test_gaps_between_two_reads_share_what_the_register_leaves_them():
    gaps = ((at("2017-03-01", 6), at("2017-03-01", 18)), (at("2017-03-08", 1), at("2017-03-08", 2)))
    known = without(*gaps)
    span = (at("2017-03-01"), at("2017-03-10"))
    truth = int(numbered()[span[0] : span[1]].sum()) + 50_000
    energy = np.where(known, numbered(), 0)
    filled, source = estimate_series(energy, known, ~known, MARCH, registers=[RegisterEnergy(*span, truth)])
    assert int(filled[span[0] : span[1]].sum()) == truth
    assert (filled[known] == energy[known]).all()
    assert set(source[~known].tolist()) == {ReadingSource.PROFILED}, (
        "what a register moved is no line any more"
    )


def test_a_line_that_no_register_moves_stays_a_line():
    gap = (at("2017-03-08", 1), at("2017-03-08", 2))
    known = without(gap)
    aside = [RegisterEnergy(at("2017-03-01"), at("2017-03-08"), int(numbered().sum()))]
    filled, source = estimate_series(np.where(known, numbered(), 0), known, ~known, MARCH, registers=aside)
    assert source[gap[0]] == ReadingSource.INTERPOLATED
    assert filled[gap[0]] == (numbered()[gap[0] - 1] + numbered()[gap[1]]) // 2


def spans_at(*reads):
    """Spans between reads at an hour of the calendar, each with what the register showed."""
    instants = [(MARCH.start_utc + int(hour * 3600), shown) for hour, shown in reads]
    return [RegisterSpan(*pair) for pair in _differences(instants)]


def _differences(instants):
    for (start, before), (end, after) in pairwise(instants):
        yield start, end, after - before


def test_a_read_that_cuts_an_interval_joins_the_spans_around_it():
    spans = spans_at((10, 0), (12, 5), (13.5, 11), (20, 40), (22.5, 44))
    assert place_registers(spans, MARCH, 1_000_000) == [RegisterEnergy(10, 12, 5), RegisterEnergy(12, 20, 35)]
    assert place_registers(spans[1:], MARCH, 500_000) == [RegisterEnergy(12, 20, 17)]
    assert place_registers(spans_at((9.5, 0), (11, 5), (14, 9)), MARCH, 1_000_000) == [
        RegisterEnergy(11, 14, 4)
    ]
    assert place_registers(spans_at((-1, 0), (4, 9)), MARCH, 1_000_000) == []
    assert place_registers(spans_at((HOURS - 4, 0), (HOURS, 9), (HOURS + 1, 10)), MARCH, 1_000_000) == [
        RegisterEnergy(HOURS - 4, HOURS, 9)
    ]


def test_a_meter_that_begins_to_count_within_an_interval_counts_from_its_next_read():
    old, later = spans_at((10, 0), (15, 5)), spans_at((15.5, 0), (20, 7), (30, 9))
    assert place_registers([*old, *later], MARCH, 1_000_000) == [
        RegisterEnergy(10, 15, 5),
        RegisterEnergy(20, 30, 2),
    ]


def test_readings_above_their_register_are_left_to_the_operator():
    gap = (at("2017-03-01", 6), at("2017-03-01", 18))
    known = without(gap)
    energy = np.where(known, numbered(), 0)
    span = RegisterEnergy(at("2017-03-01"), at("2017-03-10"), 1000)
    filled, source = estimate_series(energy, known, ~known, MARCH, registers=[span])
    assert (source == ReadingSource.NONE).all()
    assert (filled == energy).all()


def test_a_display_of_whole_units_may_hide_what_a_short_gap_held():
    gap = (at("2017-03-01", 6), at("2017-03-01", 7))
    known = without(gap)
    energy = np.where(known, numbered(), 0)
    span = (at("2017-03-01"), at("2017-03-10"))
    delivered = int(energy[span[0] : span[1]].sum())
    line = int(fill(energy, known, MARCH, gap).values.sum())
    for below, hidden, due in (
        (1, 999_999, line),
        (500, 999, 499),
        (0, 0, 0),
        (-5, 999_999, 5),
    ):
        registers = [RegisterEnergy(*span, delivered - below, hidden)]
        filled, source = estimate_series(energy, known, ~known, MARCH, registers=registers)
        assert (int(filled[gap[0]]), int(source[gap[0]])) == (due, ReadingSource.PROFILED)
    beyond = [RegisterEnergy(*span, delivered - 1_000, 999)]
    assert estimate_series(energy, known, ~known, MARCH, registers=beyond)[1][gap[0]] == ReadingSource.NONE


def test_a_register_says_nothing_where_part_of_its_span_stays_missing():
    gap = (at("2017-03-01", 6), at("2017-03-01", 18))
    known = without(gap, (at("2017-03-04"), at("2017-03-05")))
    missing = ~without(gap)
    energy = np.where(known, numbered(), 0)
    span = RegisterEnergy(at("2017-03-01"), at("2017-03-10"), 10**9)
    filled, _ = estimate_series(energy, known, missing, MARCH, registers=[span])
    assert filled[missing].tolist() == fill(energy, known, MARCH, gap).values.tolist()


def assemble(load, method=None, roof=None, factor=1_000_000, qualities=None):
    point = MeteringPoint("load", "home", Direction.CONSUMPTION, participation_ppm=factor)
    period = days("2017-03-01", "2017-03-08")
    table = make_table(MARCH, {"load": load, "roof": numbered() if roof is None else roof}, qualities)
    return assemble_period(
        table,
        make_community([point, ROOF]),
        {"load": 0, "roof": 1},
        period,
        slot_count=2,
        returned=(),
        limits=ConformityLimits(gaps=GapTreatment.ESTIMATE),
        method=method,
    )


def test_a_period_is_profiled_on_demand_only_and_says_so():
    load = numbered()
    load[at("2017-03-02") : at("2017-03-03")] = -1
    usual, _ = assemble(load)
    assert set(usual.source[0].tolist()) == {ReadingSource.METER, ReadingSource.SIMILAR_DAYS}
    profiled, findings = assemble(load, Profiling())
    assert set(profiled.source[0].tolist()) == {ReadingSource.METER, ReadingSource.PROFILED}
    assert (profiled.quality[0, 24:48] == Quality.ESTIMATED).all()
    assert (profiled.energy[0, :24] == usual.energy[0, :24]).all()
    assert "three similar days" in findings[0].message


def test_feed_in_is_never_profiled():
    roof = numbered()
    roof[at("2017-03-02") : at("2017-03-03")] = -1
    readings, _ = assemble(numbered(), Profiling(), roof)
    assert (readings.source[1, 24:48] == ReadingSource.NONE).all()


@pytest.mark.parametrize("factor", [1_000_000, 333_333])
def test_the_register_binds_a_period_by_the_participation_factor(factor):
    load = numbered()
    gap = slice(at("2017-03-02"), at("2017-03-03"))
    load[gap] = -1
    counted = int(numbered()[at("2017-03-01") : at("2017-03-08")].sum()) + 12_345
    start = MARCH.start_utc + at("2017-03-01") * 3600
    span = RegisterSpan(start, start + 7 * 86_400, counted)
    readings, _ = assemble(load, Profiling(registers={"load": [span]}), factor=factor)
    assert int(readings.energy[0].sum()) == counted * factor // 1_000_000
    cut = RegisterSpan(span.start_utc + 60, span.end_utc, counted)
    beside, _ = assemble(load, Profiling(registers={"load": [cut]}), factor=factor)
    assert int(beside.energy[0].sum()) != counted * factor // 1_000_000


def test_what_the_operator_estimated_counts_in_the_registers_sum_though_nothing_rests_on_it():
    load, quality = numbered(), np.full(HOURS, Quality.MEASURED)
    quality[at("2017-03-06") : at("2017-03-07")] = Quality.ESTIMATED
    load[at("2017-03-02") : at("2017-03-03")] = -1
    counted = int(numbered()[at("2017-03-01") : at("2017-03-08")].sum()) + 777
    start = MARCH.start_utc + at("2017-03-01") * 3600
    span = RegisterSpan(start, start + 7 * 86_400, counted)
    readings, _ = assemble(load, Profiling(registers={"load": [span]}), qualities={"load": quality})
    assert int(readings.energy[0].sum()) == counted
    assert (readings.source[0, 5 * 24 : 6 * 24] == ReadingSource.OPERATOR).all()


def test_parts_sum_to_the_whole_and_differ_from_their_share_by_less_than_one():
    draw = np.random.default_rng(3)
    for _ in range(200):
        weights = draw.integers(0, 10 ** int(draw.integers(1, 16)), int(draw.integers(1, 40))).tolist()
        if not any(weights):
            continue
        total = int(draw.integers(0, 2**62))
        parts = apportion_exactly(total, weights)
        assert sum(parts) == total
        whole = sum(weights)
        assert all(
            abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True)
        )
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_a_day_that_cannot_be_filled_leaves_the_others_filled():
    load = numbered()
    load[at("2017-02-25") : at("2017-02-27")] = -1
    load[at("2017-03-04") : at("2017-03-13")] = -1
    load[at("2017-03-18") : at("2017-03-20")] = -1
    readings, _ = assemble(load, Profiling())
    by_day = readings.source[0].reshape(7, 24)[:, 0].tolist()
    assert by_day[3:5] == [ReadingSource.NONE] * 2  # Saturday and Sunday have no three of their kind
    assert by_day[5:] == [ReadingSource.PROFILED] * 2
