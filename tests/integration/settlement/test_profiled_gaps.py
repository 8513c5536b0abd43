"""Gaps that members voted to have profiled: what the register counted is settled, replayed, and told later too."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from backend.adapters.demo_data import read_homes
from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.community import read_rule_form
from backend.errors import NotFoundError
from backend.metering import Quality, ReadingSource, ReadingTable
from backend.metering.source_series import RegisterRead, SeriesName
from backend.ports import ReadingLoad
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.contests import look_at
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.rehearsal_periods import PeriodReadingsSource, rehearsed_periods
from backend.services.replay import rebuild_run, replay_run
from backend.services.restatement import touched_periods
from backend.services.settle_period import settle_period
from tests.integration.settlement.small_community import DEFINITION, MONTH, ZONE, open_home, readings_csv

HOUR, DAY = 3600, 86_400
PROFILED = (
    '[conformity.rules]\nestimation.method = "profiled"\n\n[conformity]\nmax_estimated_ppm = 500000\n\n'
)
SIMILAR = {"conformity": {"rules": {"estimation": {"method": "similar-days"}}}}


def definition(text=DEFINITION):
    return text.replace("[tariff]", f"{PROFILED}[tariff]")


def without_hours(csv, point, hours):
    """The file without some hours of a point, as it writes their starts."""
    gone = {f"{point},{datetime.fromtimestamp(start, UTC).isoformat()}," for start in hours}
    return "".join(line for line in csv.splitlines(keepends=True) if not line.startswith(tuple(gone)))


def keep_reads(context, community, name, reads):
    """Load register reads alone: (point, instant, what it showed)."""
    wide = np.empty(0, np.int64)
    empty = ReadingTable((), np.empty(0, np.int32), wide, wide, np.empty(0, np.uint8), 60)
    load = ReadingLoad(
        name,
        community,
        context.clock.now_utc(),
        (name,),
        "0x" + "1" * 64,
        "0x" + "2" * 32,
        0,
        registers=len(reads),
    )
    told = [RegisterRead(SeriesName(point, 0, "1.8.0"), at, shown, "M1") for point, at, shown in reads]
    context.intervals.add_readings(load, empty, told)


CALENDAR = PeriodCalendar(MONTH, "Europe/Paris", 60)
GAP = (
    int(datetime(2024, 3, 12, tzinfo=ZONE).timestamp()),
    int(datetime(2024, 3, 15, tzinfo=ZONE).timestamp()),
)
LINE = int(datetime(2024, 3, 20, 10, tzinfo=ZONE).timestamp())
COUNTED = 260_000_123


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A month settled before and after a register was read, of which three days and an hour lack."""
    wiring = open_home(tmp_path_factory.mktemp("profiled") / "home")
    context = wiring.context
    file = wiring.home.files / "readings.csv"
    file.write_text(without_hours(readings_csv(), "ada-load", [*range(*GAP, HOUR), LINE]))
    load_community(context, definition(), "toits.toml")
    load_readings(context, wiring.reader_for(), [file], community="toits")
    first = settle_period(context, "toits", MONTH)
    reads = [("ada-load", CALENDAR.start_utc, 5_000), ("ada-load", CALENDAR.end_utc, 5_000 + COUNTED)]
    keep_reads(context, "toits", "reads", reads)
    touched = touched_periods(context, "toits")
    second = settle_period(context, "toits", MONTH)
    yield wiring, first, touched, second
    wiring.store.close()


def readings_of(wiring, run, point="ada-load"):
    """Energy, quality and source of a point in the readings that a run was made of."""
    slot, readings = wiring.context.community("toits").slots[point], rebuild_run(wiring.context, run).readings
    return readings.energy[slot], readings.quality[slot], readings.source[slot]


def place(instant):
    return (instant - CALENDAR.start_utc) // HOUR


def test_without_a_register_three_similar_days_and_a_line_fill_the_gaps(told):
    wiring, first, _, _ = told
    _, quality, source = readings_of(wiring, first)
    gap = slice(place(GAP[0]), place(GAP[1]))
    assert set(source[gap].tolist()) == {ReadingSource.PROFILED}
    assert source[place(LINE)] == ReadingSource.INTERPOLATED
    assert np.count_nonzero(quality == Quality.ESTIMATED) == 73


def test_a_register_read_later_restates_the_month_to_what_it_counted(told):
    wiring, first, touched, second = told
    assert touched == [MONTH]
    assert (second.version, second.batch_version) == (2, 2)
    assert second.consumption != first.consumption
    energy, quality, source = readings_of(wiring, second)
    assert int(energy.sum()) == COUNTED
    assert set(source[quality == Quality.ESTIMATED].tolist()) == {ReadingSource.PROFILED}
    assert touched_periods(wiring.context, "toits") == []
    assert settle_period(wiring.context, "toits", MONTH) == second


def test_both_runs_are_rebuilt_from_what_was_known_when_each_was_made(told):
    wiring, _, _, second = told
    with wiring.context.store.reading() as records:
        former, _ = records.runs("toits", MONTH.id)
    assert not [found for found in replay_run(wiring.context, former).differences if found.field == "root"]
    assert replay_run(wiring.context, second).holds


def test_a_run_is_not_rebuilt_by_other_holidays_than_it_was_made_with(told):
    wiring, _, _, second = told
    another = replace(wiring.context, holidays=lambda _, __: frozenset({date(2024, 3, 13)}))
    with pytest.raises(NotFoundError, match="public holidays"):
        replay_run(another, second)
    far = replace(
        wiring.context,
        holidays=lambda country, years: wiring.context.holidays(country, years) | {date(2024, 8, 1)},
    )
    assert replay_run(far, second).holds  # beyond what estimates of March look at


def test_no_contest_is_made_of_a_profiled_estimate_and_a_look_points_to_a_case(told):
    wiring, _, _, second = told
    slot = wiring.context.community("toits").slots["ada-load"]
    look = look_at(wiring.context, second, [Place(LeafKind.READING, slot, 12, 5)])
    assert look.proof is None
    assert look.reason.endswith("who doubts it opens a case")
    measured = look_at(wiring.context, second, [Place(LeafKind.READING, slot, 2, 5)])
    assert (measured.proof, measured.reason) == (None, "")


def test_a_rehearsal_of_another_method_estimates_by_it(told):
    context = told[0].context
    view = context.community("toits")
    (period,) = rehearsed_periods(context, view, 1, 1)
    source = PeriodReadingsSource(context, view, None)
    today = source.of(period, view.community.rule.limits)
    proposed = read_rule_form(SIMILAR, "the proposed rule", view.community).limits
    slot = view.slots["ada-load"]
    assert int(today.energy[:, slot].sum()) == COUNTED
    assert int(source.of(period, proposed).energy[:, slot].sum()) != COUNTED


YEAR = SettlementPeriod(date(2023, 1, 1), date(2024, 1, 1))
HOMES = ("ada-load", "ben-load", "cleo-load")
LENGTHS = (1, 2, 5, 24, 72, 240)


def test_over_a_year_of_real_homes_each_gap_settles_what_its_register_counted(tmp_path):
    """Hours of three homes of 2016 and 2017, told as of 2023; the register is read at both ends of each gap."""
    calendar = PeriodCalendar(YEAR, "Europe/Paris", 60)
    homes = read_homes()
    loads, sun = homes.gross_loads()[:3], homes.production()[0]
    shown = np.concatenate([np.zeros((3, 1), np.int64), loads.cumsum(axis=1)], axis=1)
    lot = np.random.default_rng(2024)
    gaps = [
        (home, first, first + LENGTHS[turn % len(LENGTHS)])
        for home in range(3)
        for turn, first in enumerate(lot.integers(0, 300, 14) + np.arange(14) * 600 + 200)
    ]
    missing = np.zeros_like(loads, dtype=np.bool_)
    for home, first, until in gaps:
        missing[home, first:until] = True
    wiring = open_home(tmp_path / "home")
    context = wiring.context
    text = definition(DEFINITION.replace('valid_from = "2024-03-11"\n', ""))
    load_community(context, text, "toits.toml")
    start = calendar.start_utc
    given = [*zip(HOMES, loads, ~missing, strict=True), ("ben-solar", sun, np.ones_like(sun, dtype=np.bool_))]
    rows = [
        f"{point},{datetime.fromtimestamp(start + HOUR * hour, UTC).isoformat()},60,"
        f"{energy[hour] // 10**6}.{energy[hour] % 10**6:06d},measured"
        for point, energy, there in given
        for hour in np.flatnonzero(there).tolist()
    ]
    file = wiring.home.files / "year.csv"
    file.write_text("\n".join(["metering_point,start,resolution_minutes,energy_kwh,quality", *rows]) + "\n")
    load_readings(context, wiring.reader_for(), [file], community="toits")
    ends = sorted({(home, at) for home, first, until in gaps for at in (first, until)})
    keep_reads(
        context, "toits", "reads", [(HOMES[h], start + HOUR * at, int(shown[h, at])) for h, at in ends]
    )
    run = settle_period(context, "toits", YEAR)
    readings = rebuild_run(context, run).readings
    slots = context.community("toits").slots
    wiring.store.close()
    assert len(gaps) == 42
    for home, first, until in gaps:
        here = (slots[HOMES[home]], slice(first, until))
        assert int(readings.energy[here].sum()) == int(loads[home, first:until].sum())
        assert set(readings.source[here].tolist()) == {ReadingSource.PROFILED}
