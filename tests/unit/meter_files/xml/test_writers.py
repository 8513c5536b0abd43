"""What is written as EDA or Green Button XML reads back as it was."""

import io
from datetime import UTC, datetime

import numpy as np
import pytest

from backend.adapters.meter_files.formats.eda import FORMAT as EDA
from backend.adapters.meter_files.formats.green_button import FORMAT as GREEN_BUTTON
from backend.adapters.meter_files.reading import MeterFiles
from backend.adapters.meter_files.writers import WriteOptions
from backend.adapters.meter_files.writers.eda import WRITER as EDA_WRITER
from backend.adapters.meter_files.writers.green_button import WRITER as GREEN_BUTTON_WRITER
from backend.errors import InputError
from backend.metering import Quality, ReadingTable

VIENNA = WriteOptions(time_zone="Europe/Vienna", created_utc=1_711_839_600)
WRITERS = pytest.mark.parametrize("writer", [EDA_WRITER, GREEN_BUTTON_WRITER], ids=lambda writer: writer.name)


def table_of(start, count, points=("AT001", "AT001-feed-in"), minutes=15, seed=1, qualities=3):
    draw = np.random.default_rng(seed)
    begin = int(start.timestamp())
    return ReadingTable(
        points,
        np.repeat(np.arange(len(points)), count).astype(np.int32),
        np.tile(begin + 60 * minutes * np.arange(count), len(points)),
        draw.integers(0, 10**10, len(points) * count),
        draw.integers(0, qualities, len(points) * count).astype(np.uint8),
        minutes,
    )


def written(writer, table, options=VIENNA):
    stream = io.BytesIO()
    writer.write(table, stream, options)
    return stream.getvalue()


def read_back(data, folder):
    (folder / "written").write_bytes(data)
    return MeterFiles()(folder / "written", known_points=None, resolution_minutes=None)


def assert_equal(found, table):
    assert found.metering_points == table.metering_points
    assert found.resolution_minutes == table.resolution_minutes
    for column in ("point", "start_utc", "energy", "quality"):
        assert np.array_equal(getattr(found, column), getattr(table, column)), column


@WRITERS
@pytest.mark.parametrize(
    ("start", "count"),
    [
        (datetime(2024, 3, 30, 23, tzinfo=UTC), 92),  # the day that loses an hour in Vienna
        (datetime(2024, 10, 26, 22, tzinfo=UTC), 100),  # the day that has one twice
        (datetime(2024, 10, 26, 13, tzinfo=UTC), 3 * 96),
        (datetime(2024, 1, 1, tzinfo=UTC), 1),
    ],
)
def test_readings_come_back_to_the_milliwatt_hour_with_their_qualities(writer, start, count, tmp_path):
    table = table_of(start, count)
    found, findings = read_back(written(writer, table), tmp_path)
    assert_equal(found, table)
    assert not findings


@WRITERS
def test_many_numbers_come_back_too(writer, tmp_path):
    other = (
        "AT3" if writer is EDA_WRITER else "ü/ x&<"
    )  # numbers of the Austrian market are letters and digits
    table = table_of(datetime(2024, 3, 30, 23, tzinfo=UTC), 100, ("AT1", "AT2", "AT2-feed-in", other))
    assert_equal(read_back(written(writer, table), tmp_path)[0], table)


@WRITERS
def test_the_same_table_is_written_the_same(writer):
    table = table_of(datetime(2024, 1, 1, tzinfo=UTC), 96, ("A", "B"))
    assert written(writer, table) == written(writer, table)


def test_a_missing_reading_comes_back_missing_from_green_button(tmp_path):
    table = table_of(datetime(2024, 1, 1, tzinfo=UTC), 96, qualities=4)
    table.energy[table.quality == Quality.MISSING] = 0
    assert_equal(read_back(written(GREEN_BUTTON_WRITER, table), tmp_path)[0], table)


def test_a_missing_reading_is_left_out_of_a_record_which_tells_that_it_is(tmp_path):
    table = table_of(datetime(2024, 1, 1, tzinfo=UTC), 96, ("AT1",))
    table.quality[10] = Quality.MISSING
    found, findings = read_back(written(EDA_WRITER, table), tmp_path)
    assert [finding.rule for finding in findings] == ["interval-count"]
    assert np.array_equal(found.energy, np.delete(table.energy, 10))


@pytest.mark.parametrize(
    ("writer", "words"),
    [(EDA_WRITER, ("", "L1", "L2", "L3")), (GREEN_BUTTON_WRITER, ("", "19", "17", "9"))],
    ids=["eda", "green-button"],
)
def test_a_sources_own_words_are_written_where_the_form_has_them(writer, words, tmp_path):
    plain = table_of(datetime(2024, 1, 1, tzinfo=UTC), 96, ("AT1",))
    code = plain.quality.astype(np.int32)
    code = np.where(code == Quality.MEASURED, 1, np.where(code == Quality.EDITED, 2, 3)).astype(np.int32)
    table = ReadingTable(
        plain.metering_points, plain.point, plain.start_utc, plain.energy, plain.quality, 15, code, words
    )
    found, _ = read_back(written(writer, table), tmp_path)
    assert [found.codes[index] for index in found.code] == [words[index] for index in code]


def test_a_word_of_another_source_is_not_written_as_if_the_form_had_it():
    plain = table_of(datetime(2024, 1, 1, tzinfo=UTC), 4, ("AT1",), qualities=1)
    code = np.ones(4, np.int32)
    table = ReadingTable(
        ("AT1",), plain.point, plain.start_utc, plain.energy, plain.quality, 15, code, ("", "A04")
    )
    assert b"A04" not in written(EDA_WRITER, table)
    assert b"<ns0:MM>L1</ns0:MM>" in written(EDA_WRITER, table)


def test_a_record_has_the_counts_and_offsets_of_civil_days():
    text = written(EDA_WRITER, table_of(datetime(2024, 3, 30, 23, tzinfo=UTC), 92, ("AT1",))).decode()
    assert "<ns0:NumberOfMeteringIntervall>92<" in text
    assert "<ns0:MeteringPeriodStart>2024-03-31T00:00:00+01:00<" in text
    assert "<ns0:MeteringPeriodEnd>2024-04-01T00:00:00+02:00<" in text
    assert text.count("<ns0:EP>") == 92


def test_a_record_has_no_other_steps_than_the_market_has():
    stream = io.BytesIO()
    with pytest.raises(InputError, match="30 minutes"):
        EDA_WRITER.write(table_of(datetime(2024, 1, 1, tzinfo=UTC), 4, minutes=30), stream, VIENNA)
    assert not stream.getvalue()


@WRITERS
@pytest.mark.parametrize("point", ["", "x" * 65, "a\x00b", "a\ud800"])
def test_a_number_that_xml_cannot_hold_is_refused_before_the_first_byte(writer, point):
    stream = io.BytesIO()
    with pytest.raises(InputError, match="no number of a metering point"):
        writer.write(table_of(datetime(2024, 1, 1, tzinfo=UTC), 4, (point,)), stream, VIENNA)
    assert not stream.getvalue()


def test_each_form_is_recognised_as_its_own():
    table = table_of(datetime(2024, 1, 1, tzinfo=UTC), 4)
    record, feed = written(EDA_WRITER, table), written(GREEN_BUTTON_WRITER, table)
    assert (EDA.recognise(record), GREEN_BUTTON.recognise(record)) == (True, False)
    assert (EDA.recognise(feed), GREEN_BUTTON.recognise(feed)) == (False, True)
