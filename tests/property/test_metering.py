"""What holds of every meter file and every period: nothing crashes, nothing measured is touched, runs repeat."""

import gzip
import tempfile
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, localcontext
from pathlib import Path

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files import COLUMNS, read_generic_csv, write_generic_csv
from backend.community import ConformityLimits, read_definition
from backend.errors import CommunityDefinitionError, ReadingsError
from backend.metering import Quality, ReadingSource, ReadingTable, Severity
from backend.metering.conformity import check_readings
from backend.metering.estimation import assemble_period
from backend.quantities import PeriodCalendar, SettlementPeriod
from tests.unit.metering.small_communities import LOAD, ROOF, make_community, make_table

HEADER = ",".join(COLUMNS)
SOUND_ROW = "load,2017-06-01T00:00:00Z,60,1.5,measured"


def read(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "readings.csv")
        path.write_bytes(content)
        return read_generic_csv(path)


def check_refusal(error):
    assert any(finding.severity is Severity.REFUSED for finding in error.findings)
    assert all(finding.file == "readings.csv" for finding in error.findings)


def read_or_refuse(content):
    """The table, or the findings that refuse the file; nothing else may come out."""
    try:
        table, findings = read(content)
    except ReadingsError as error:
        check_refusal(error)
        return None
    assert all(finding.severity is not Severity.REFUSED for finding in findings)
    assert (table.energy >= 0).all()
    return table


@given(st.binary(max_size=400))
@example(b"\x1f\x8b\x08")
@example(b"\xef\xbb\xbf")
@example(b"\n")
def test_no_bytes_crash_the_reader(content):
    assert read_or_refuse(content) is None


fields = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12)


@given(
    st.lists(
        st.one_of(st.just(SOUND_ROW), fields, st.lists(fields, min_size=5, max_size=5).map(",".join)),
        max_size=6,
    )
)
@example([SOUND_ROW, "", ",,,,"])
@example(['"', SOUND_ROW])
def test_no_rows_crash_the_reader_or_are_half_taken(lines):
    table = read_or_refuse("\n".join([HEADER, *lines]).encode())
    if table is not None:
        assert len(table) == 1


@given(st.integers(0, len(HEADER) + 60), st.binary(min_size=1, max_size=3), st.booleans())
def test_a_damaged_byte_crashes_nothing(place, damage, packed):
    content = f"{HEADER}\n{SOUND_ROW}\n".encode()
    if packed:
        content = gzip.compress(content, mtime=0)
    read_or_refuse(content[:place] + damage + content[place + len(damage) :])


@given(
    st.one_of(
        st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=9),
        st.decimals(0, 10**9, allow_nan=False, allow_infinity=False),
    )
)
def test_every_decimal_is_rounded_half_away_exactly(value):
    table, _ = read(f"{HEADER}\nload,2017-06-01T00:00:00Z,60,{value},measured\n".encode())
    with localcontext() as context:
        context.prec = 80
        assert table.energy[0] == int((value * 10**6).to_integral_value(ROUND_HALF_UP))


rows = st.tuples(
    st.sampled_from(["a", "b-c", "d.e_f"]),
    st.integers(0, 40),
    st.integers(0, 2**53 // 10**6 * 10**6),
    st.sampled_from(list(Quality)),
)


@given(
    st.lists(rows, min_size=1, max_size=30, unique_by=lambda row: row[:2]), st.sampled_from([5, 15, 30, 60])
)
def test_what_is_written_reads_back_whatever_the_readings(drawn, step):
    drawn.sort(key=lambda row: row[:2])
    names = sorted({row[0] for row in drawn})
    table = ReadingTable(
        metering_points=tuple(names),
        point=np.array([names.index(row[0]) for row in drawn], np.int32),
        start_utc=np.array([1_496_275_200 + row[1] * step * 60 for row in drawn], np.int64),
        energy=np.array([0 if row[3] is Quality.MISSING else row[2] for row in drawn], np.int64),
        quality=np.array([row[3] for row in drawn], np.uint8),
        resolution_minutes=step,
    )
    again, findings = read(write_generic_csv(table))
    assert findings == []
    assert (again.metering_points, again.resolution_minutes) == (table.metering_points, step)
    for column in ("point", "start_utc", "energy", "quality"):
        assert getattr(again, column).tolist() == getattr(table, column).tolist()


@st.composite
def periods(draw):
    """A period of some days near a clock change or not, and a table with holes, estimates and rows around it."""
    zone = draw(st.sampled_from(["Europe/Paris", "Etc/GMT+8", "Asia/Kolkata", "America/New_York"]))
    step = draw(st.sampled_from([15, 30, 60]))
    first = date(2017, 3, 20) + timedelta(days=draw(st.integers(0, 10)))
    calendar = PeriodCalendar(
        SettlementPeriod(first, first + timedelta(days=draw(st.integers(1, 3)))), zone, step
    )
    margin = timedelta(days=draw(st.integers(0, 16)))
    period = SettlementPeriod(calendar.period.first - margin, calendar.period.until + margin)
    wide = PeriodCalendar(period, zone, step)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = wide.interval_count
    energies, qualities = {}, {}
    for name in ("load", "roof"):
        kept = random.random(count) < draw(st.sampled_from([0.0, 0.3, 0.9, 1.0]))
        energies[name] = np.where(
            kept, random.integers(0, draw(st.sampled_from([10, 10**7, 2**53])), count), -1
        )
        quality = random.choice(list(Quality), count, p=[0.85, 0.05, 0.05, 0.05]).astype(np.uint8)
        energies[name] = np.where(kept & (quality == Quality.MISSING), 0, energies[name])
        qualities[name] = quality
    factor = draw(st.sampled_from([1, 333_333, 1_000_000]))
    return calendar, wide, energies, qualities, factor


@settings(max_examples=60)
@given(periods(), st.sampled_from([set(), {"load"}, {"roof"}]))
def test_a_period_is_assembled_the_same_again_and_touches_nothing_measured(drawn, returned):
    calendar, wide, energies, qualities, factor = drawn
    points = (type(LOAD)("load", "home", LOAD.direction, participation_ppm=factor), ROOF)
    community = make_community(points, calendar.time_zone, calendar.resolution_minutes)
    table = make_table(wide, energies, qualities)

    def assemble():
        return assemble_period(
            table,
            community,
            {"load": 0, "roof": 1},
            calendar,
            slot_count=2,
            returned=returned,
            limits=ConformityLimits(),
        )

    readings, findings = assemble()
    again, findings_again = assemble()
    assert findings == findings_again
    assert all(
        (getattr(readings, name) == getattr(again, name)).all() for name in ("energy", "quality", "source")
    )

    first = wide.index_of(calendar.start_utc)
    inner = slice(first, first + calendar.interval_count)
    for slot, (name, ppm) in enumerate((("load", factor), ("roof", 1_000_000))):
        given_energy, given_quality = energies[name][inner], qualities[name][inner]
        there = (given_energy >= 0) & (given_quality != Quality.MISSING) & (name not in returned)
        expected = [int(energy) * ppm // 1_000_000 for energy in given_energy[there]]
        assert readings.energy[slot][there].tolist() == expected
        assert (readings.quality[slot][there] == given_quality[there]).all()
        filled = readings.quality[slot][~there]
        assert set(filled.tolist()) <= (
            {Quality.ESTIMATED, Quality.MISSING} if name == "load" else {Quality.MISSING}
        )
    assert (readings.energy >= 0).all()
    missing = readings.quality == Quality.MISSING
    assert not readings.energy[missing].any()
    assert ((readings.source == ReadingSource.NONE) == missing).all()
    reported = sum(
        (finding.end_utc - finding.start_utc) // calendar.step_seconds
        for finding in findings
        if finding.rule != "returned"
    )
    ours = np.isin(
        readings.source, [ReadingSource.NONE, ReadingSource.INTERPOLATED, ReadingSource.SIMILAR_DAYS]
    )
    for slot, name in enumerate(("load", "roof")):
        ours[slot] &= name not in returned
    assert reported == int(ours.sum())


@settings(max_examples=30)
@given(periods())
def test_conformity_looks_at_any_table_without_failing(drawn):
    _, wide, energies, qualities, _ = drawn
    community = make_community((LOAD, ROOF), wide.time_zone, wide.resolution_minutes)
    findings = check_readings(make_table(wide, energies, qualities), community)
    for finding in findings:
        assert finding.start_utc is not None
        assert finding.end_utc is not None
        assert finding.start_utc < finding.end_utc


@given(st.text(max_size=200))
@example("[community]\nid = 3")
@example("community = 3")
@example(
    "participants = [1]\n[community]\nid='a'\nname='b'\ncountry='none'\ntime_zone='UTC'\nresolution_minutes=15"
)
def test_no_text_crashes_the_reader_of_community_files(text):
    try:
        read_definition(text, "COMMUNITY.toml")
    except CommunityDefinitionError as error:
        assert str(error).startswith("COMMUNITY.toml")  # noqa: PT017 -- any text may also be refused for another reason
