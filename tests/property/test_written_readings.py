"""Whatever readings are written in reads back to the same table: points, instants, energies, qualities, words."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.cau_files import read_cau_coefficients, write_cau_coefficients
from backend.adapters.meter_files.formats.eda import METERING_METHODS
from backend.adapters.meter_files.formats.espi import QUALITIES
from backend.adapters.meter_files.reading import MeterFiles
from backend.adapters.meter_files.writers import WriteOptions, all_writers
from backend.community import Direction, MeteringPoint
from backend.metering import Quality, ReadingTable
from backend.ports.point_files import YearCoefficients
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar, SettlementPeriod

WRITERS = {writer.name: writer for writer in all_writers()}
FORMS = ["csv", "parquet", "arrow", "eda", "green-button"]
WORDS: dict[str, Mapping[str, Quality]] = {  # by form, the words that it can say
    "eda": METERING_METHODS,
    "green-button": {word: quality for word, quality in QUALITIES.items() if quality is not Quality.MISSING},
}
DEFAULTS = {
    "eda": {Quality.MEASURED: "L1", Quality.EDITED: "L2", Quality.ESTIMATED: "L3"},
    "green-button": {Quality.MEASURED: "", Quality.EDITED: "7", Quality.ESTIMATED: "8", Quality.MISSING: ""},
}
STEPS = {"eda": [15, 60]}
POINTS = ["AT1", "AT1-feed-in", "AT2", "B0"]
CHANGES = [datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2031, 10, 26, 1, tzinfo=UTC)]  # of clocks in Europe


def test_each_writer_is_among_the_forms():
    assert set(WRITERS) == set(FORMS)


@st.composite
def tables(draw, form):
    """Some readings of some points, with gaps, around a change of clocks or anywhere else."""
    minutes = draw(st.sampled_from(STEPS.get(form, [5, 15, 30, 60])))
    anywhere = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    near = draw(st.one_of(st.sampled_from(CHANGES), anywhere))
    first = int(near.timestamp()) // 3600 * 3600 - 3600 * draw(st.integers(0, 30))
    points = sorted(draw(st.sets(st.sampled_from(POINTS), min_size=1, max_size=3)))
    known: list[Any] = ["", *WORDS.get(form, ("A04", "Echtwert", "67 Z32"))]
    word = st.sampled_from([*known, "other"] if form in WORDS else known)
    reading = st.tuples(st.integers(0, 10**10), st.sampled_from(list(Quality)), word)
    rows = []
    for place in range(len(points)):
        offsets = sorted(draw(st.sets(st.integers(0, 250), min_size=1, max_size=25)))
        rows += [(place, first + 60 * minutes * offset, *draw(reading)) for offset in offsets]
    if form == "eda":  # has no missing readings, and no record without one
        rows = [(*row[:3], Quality.MEASURED, row[4]) if row[3] is Quality.MISSING else row for row in rows]
    point, start, energy, quality, words = (list(column) for column in zip(*rows, strict=True))
    energy = [0 if one is Quality.MISSING else held for one, held in zip(quality, energy, strict=True)]
    codes = tuple(dict.fromkeys(["", *words]))
    return ReadingTable(
        tuple(points),
        np.array(point, np.int32),
        np.array(start, np.int64),
        np.array(energy, np.int64),
        np.array(quality, np.uint8),
        minutes,
        np.array([codes.index(one) for one in words], np.int32),
        codes,
    )


def words_of(table):
    return (
        [table.codes[place] for place in table.code.tolist()] if table.code is not None else [""] * len(table)
    )


def spoken(form, table):
    """The words that a form says of a table: its own, where they mean the same; else its word for ours."""
    said = []
    for word, held in zip(words_of(table), table.quality.tolist(), strict=True):
        quality = Quality(held)
        own = form not in WORDS or (word and WORDS[form].get(word) is quality)
        said.append(word if own else DEFAULTS[form][quality])
    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), zone=st.sampled_from(["UTC", "Europe/Vienna", "Europe/Lisbon", "America/New_York"]))
def test_what_is_written_reads_back_as_it_was(form, folder, data, zone):
    table = data.draw(tables(form))
    stream = io.BytesIO()
    WRITERS[form].write(table, stream, WriteOptions(zone, source_quality=True, created_utc=1_711_839_600))
    file = folder / form
    file.write_bytes(stream.getvalue())
    found, findings = MeterFiles()(file, known_points=None, resolution_minutes=None)
    assert {finding.rule for finding in findings} <= {"interval-count"}
    assert found.metering_points == table.metering_points
    assert found.resolution_minutes == table.resolution_minutes
    for column in ("point", "start_utc", "energy", "quality"):
        assert getattr(found, column).tolist() == getattr(table, column).tolist(), column
    assert words_of(found) == spoken(form, table)


@settings(max_examples=8, deadline=None)
@given(
    cuts=st.lists(st.integers(0, PARTS_PER_MILLION), min_size=2, max_size=2),
    turn=st.integers(0, 10**6),
    year=st.sampled_from([2026, 2028]),
    hourly=st.booleans(),
)
def test_coefficients_of_a_year_read_back_in_each_of_its_hours(folder, cuts, turn, year, hourly):
    hours = (
        int((datetime(year + 1, 1, 1, tzinfo=UTC) - datetime(year, 1, 1, tzinfo=UTC)).total_seconds()) // 3600
    )
    shift = np.arange(hours if hourly else 1) * turn % (PARTS_PER_MILLION + 1)
    bounds = np.sort((np.array(cuts)[:, None] + shift) % (PARTS_PER_MILLION + 1), axis=0)
    edges = np.vstack([np.zeros_like(shift), bounds, np.full_like(shift, PARTS_PER_MILLION)])
    parts = np.diff(edges, axis=0)
    cups = tuple(f"ES003130000000000{at}AA0F" for at in range(1, 4))
    file = folder / f"CAU_{year}.txt"
    file.write_bytes(write_cau_coefficients(YearCoefficients(year, cups, parts)))
    points = [
        MeteringPoint(f"p{at}", "m", Direction.CONSUMPTION, external_id=one) for at, one in enumerate(cups)
    ]
    begin = int(datetime(year, 1, 1, tzinfo=ZoneInfo("Europe/Madrid")).timestamp())
    for month in (3, 10):
        period = SettlementPeriod.from_month(f"{year}-{month:02}")
        rows = read_cau_coefficients(
            file, points=points, calendar=PeriodCalendar(period, "Europe/Madrid", 60)
        )
        for place in range(3):
            mine = rows.point == rows.points.index(f"p{place}")
            hour = (rows.start_utc[mine] - begin) // 3600 if hourly else np.zeros(mine.sum(), np.int64)
            assert rows.values["coefficient_ppm"][mine].tolist() == parts[place][hour].tolist()
