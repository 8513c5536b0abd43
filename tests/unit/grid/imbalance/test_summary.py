"""Imbalance summed up over time, by the clock on the wall."""

from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError, NotFoundError
from backend.grid import ConnectionSeries, Origin
from backend.grid.imbalance import ImbalanceSummary, Measure, measure_flow
from backend.grid.power_flow import PowerFlow
from backend.grid.series.local_time import is_southern, local_times, monday_of_week
from tests.small_network import small_network

MARCH_25 = 1_742_860_800  # 2025-03-25T00:00Z, a Tuesday; on the 30th clocks go forward in Paris
DAYS = 10


@pytest.fixture(scope="module")
def series():
    rng = np.random.default_rng(5)
    watts = rng.gamma(2.0, 800.0, (4, DAYS * 24)) * rng.choice([1, -1, 1], (4, DAYS * 24))
    return ConnectionSeries(MARCH_25, 3600, watts, watts * 0.1, (Origin.PROFILE,) * 4)


@pytest.fixture(scope="module")
def solved(series):
    return PowerFlow(small_network()).solve(series)


@pytest.fixture(scope="module")
def summary(series):
    network = small_network()
    pieces = ImbalanceSummary(network, "Europe/Paris")
    for piece in PowerFlow(network).solve_chunks(series, intervals=100):
        pieces.add(piece)
    return pieces


def test_pieces_sum_up_to_what_the_whole_says(solved, summary):
    values = measure_flow(solved, Measure.DEVIATION)
    ranked = {one.key: one for one in summary.ranking(Measure.DEVIATION)}
    for row, branch in enumerate(solved.network.branches):
        if branch.id == "tie":
            continue
        one = ranked[branch.id]
        assert one.mean == pytest.approx(values[row].mean())
        assert one.worst == pytest.approx(values[row].max())
        assert one.worst_start_utc == MARCH_25 + 3600 * int(values[row].argmax())
        assert one.p95 == pytest.approx(np.quantile(values[row], 0.95), rel=0.08)
        assert one.intervals == DAYS * 24


def test_the_worst_element_stands_first(summary):
    ranked = summary.ranking(Measure.DEVIATION)
    assert [one.mean for one in ranked] == sorted((one.mean for one in ranked), reverse=True)
    assert {ranked[0].key, ranked[1].key} == {"T1", "west"}


def test_hours_are_those_of_the_clock_on_the_wall(solved, summary):
    values = measure_flow(solved, Measure.VUF)[3]
    # 18 o'clock in Paris is 17 UTC until 30 March, then 16.
    at_18 = [day * 24 + (17 if day < 5 else 16) for day in range(DAYS)]
    one = next(one for one in summary.ranking(Measure.VUF, "hour", "w2") if one.key == "18")
    assert one.mean == pytest.approx(values[at_18].mean())
    assert one.intervals == DAYS
    # The hour from 2 to 3 is left out on the 30th; a last hour before midnight stands on the day before the first.
    assert (
        next(one for one in summary.ranking(Measure.VUF, "hour", "w2") if one.key == "2").intervals
        == DAYS - 1
    )


def test_weekdays_seasons_and_weeks_are_told(solved, summary):
    weekdays = {one.key: one.intervals for one in summary.ranking(Measure.NEUTRAL, "weekday", "west")}
    assert (
        weekdays == {"0": 24, "1": 47, "2": 48, "3": 49, "4": 24, "5": 24, "6": 23}
        or sum(weekdays.values()) == 240
    )
    assert [one.key for one in summary.ranking(Measure.NEUTRAL, "season", "west")] == ["spring"]
    course = summary.course(Measure.NEUTRAL, "west")
    assert [one.key for one in course] == ["2025-03-24", "2025-03-31"]
    assert sum(one.intervals for one in course) == 240
    first = measure_flow(solved, Measure.NEUTRAL)[0, : course[0].intervals]
    assert course[0].mean == pytest.approx(first.mean())


def test_the_whole_network_is_told_by_its_worst_place(solved, summary):
    worst = np.nanmax(measure_flow(solved, Measure.VUF), axis=0)
    hours = summary.ranking(Measure.VUF, "hour")
    assert max(one.worst for one in hours) == pytest.approx(worst.max())
    assert sum(one.mean * one.intervals for one in hours) == pytest.approx(worst.sum())


def test_columns_hold_what_the_rankings_say(summary):
    columns = summary.columns(Measure.LOADING)
    lengths = {len(column) for column in columns.values()}
    assert len(lengths) == 1
    here = (columns["element"] == "T1") & (columns["by"] == "element")
    told = next(one for one in summary.ranking(Measure.LOADING) if one.key == "T1")
    for name in ("mean", "p95", "worst", "worst_start_utc", "intervals"):
        assert columns[name][here].tolist() == [getattr(told, name)]
    assert set(columns["by"]) == {"element", "hour", "weekday", "season", "week"}


def test_a_voltages_summary_is_of_its_distance_from_nominal(solved, summary):
    level = measure_flow(solved, Measure.VOLTAGE)[3]
    one = next(one for one in summary.ranking(Measure.VOLTAGE) if one.key == "w2")
    assert one.worst == pytest.approx(np.abs(level - 1).max())


def test_what_is_not_there_is_named(summary):
    with pytest.raises(NotFoundError, match='rue has no branch "w2", which deviation is told of'):
        summary.course(Measure.DEVIATION, "w2")
    with pytest.raises(NotFoundError, match='rue has no bus "nowhere"'):
        summary.ranking(Measure.VUF, "hour", "nowhere")
    with pytest.raises(InputError, match='"minute" is nothing to rank by'):
        summary.ranking(Measure.VUF, "minute")
    with pytest.raises(NotFoundError, match='"nema" was not summed up'):
        ImbalanceSummary(summary.network, measures=[Measure.VUF]).ranking(Measure.NEMA)


def test_seasons_turn_south_of_the_equator():
    january = 1_736_899_200
    assert local_times(january, 900, 1, "Europe/Paris").season.tolist() == [0]
    assert local_times(january, 900, 1, "Australia/Sydney", southern=True).season.tolist() == [2]
    network = small_network()
    south = replace(network, is_geographic=True, buses=tuple(replace(bus, y=-33.8) for bus in network.buses))
    assert is_southern(south)
    assert not is_southern(network)


def test_weeks_begin_on_monday_and_a_time_zone_that_is_none_is_named():
    times = local_times(MARCH_25, 86_400, 7, "UTC")
    assert times.weekday.tolist() == [1, 2, 3, 4, 5, 6, 0]
    assert [monday_of_week(week).isoformat() for week in sorted(set(times.week.tolist()))] == [
        "2025-03-24",
        "2025-03-31",
    ]
    with pytest.raises(InputError, match='"Europe/Nowhere" is no time zone'):
        local_times(0, 900, 1, "Europe/Nowhere")


def test_a_place_beyond_the_last_bin_is_told_by_its_worst():
    from backend.grid.imbalance.summary import _percentile

    bins = np.zeros((1, 162), dtype=np.uint32)
    bins[0, -1] = 10
    assert _percentile(bins, np.array([5e9]), 0.01).tolist() == [5e9]
