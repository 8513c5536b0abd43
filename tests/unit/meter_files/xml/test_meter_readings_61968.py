"""MeterReadings messages of IEC 61968-9."""

import pytest

from backend.adapters.meter_files.formats.espi import ReadingKind, ReadingMeaning
from backend.adapters.meter_files.formats.meter_readings_61968 import (
    FORMAT,
    normalise_quality,
    read_type_code,
)
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName

HOURLY = "0.0.7.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"


def reading(value="1.5", stamp="2024-04-01T01:00:00+02:00", qualities="1.0.0", period=""):
    words = "".join(
        f'<ReadingQualities><ReadingQualityType ref="{word}"/></ReadingQualities>'
        for word in qualities.split()
    )
    number = "" if value is None else f"<value>{value}</value>"
    return f"<timeStamp>{stamp}</timeStamp>{period}{number}{words}"


def message(
    *readings, code=HOURLY, whose="<UsagePoint><mRID>UP</mRID></UsagePoint>", kind="IntervalReadings"
):
    if kind == "IntervalReadings":
        inner = "".join(f"<IntervalReadings>{one}</IntervalReadings>" for one in readings)
        inner = f'<IntervalBlocks>{inner}<ReadingType ref="{code}"/></IntervalBlocks>'
    else:
        inner = "".join(f'<Readings>{one}<ReadingType ref="{code}"/></Readings>' for one in readings)
    return (
        '<MeterReadings xmlns="http://iec.ch/TC57/2011/MeterReadings#">\n'
        f"<MeterReading>{inner}<Meter><mRID>M7</mRID></Meter>{whose}</MeterReading></MeterReadings>"
    )


def test_stamps_are_of_the_ends_of_intervals(read):
    assert read(FORMAT, message(reading())).rows() == [
        (SeriesName("UP", CONSUMPTION), 1711922400, 3600, 1_500_000, Quality.MEASURED, "1.0.0", 2)
    ]


def test_a_time_period_says_both_ends(read):
    period = "<timePeriod><start>2024-04-01T00:00:00Z</start><end>2024-04-01T00:30:00Z</end></timePeriod>"
    assert [row[1:3] for row in read(FORMAT, message(reading(period=period))).rows()] == [(1711929600, 1800)]


@pytest.mark.parametrize(
    ("whose", "point"),
    [
        ("<UsagePoint><mRID>UP</mRID></UsagePoint>", "UP"),
        ("<UsagePoint><Names><name>Nine</name></Names></UsagePoint>", "Nine"),
        ("", "M7"),
    ],
)
def test_a_usage_point_goes_before_the_meter(read, whose, point):
    assert [row[0].external_id for row in read(FORMAT, message(reading(), whose=whose)).rows()] == [point]


def test_a_message_of_nobody_is_refused_unless_the_point_is_named(read):
    nobody = message(reading(), whose="").replace("<mRID>M7</mRID>", "")
    assert read(FORMAT, nobody).rules == ["metering-point"]
    assert read(FORMAT, nobody, metering_point="P").rows()[0][0].external_id == "P"


def test_readings_of_one_series_in_many_messages_come_as_one_block(read):
    one = message(reading())
    body = one[one.index("<MeterReading>") : one.index("</MeterReadings>")]
    found = read(FORMAT, one.replace(body, body * 3))
    assert [len(block) for block in found.blocks] == [3]


def test_a_register_is_read_with_its_meter(read):
    code = "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.0.72.0"
    found = read(FORMAT, message(reading("7"), code=code, kind="Readings"))
    series = SeriesName("UP", FEED_IN)
    assert found.registers == [RegisterRead(series, 1711926000, 7000, "M7", "1.0.0", 2)]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (HOURLY, ReadingMeaning(CONSUMPTION, ReadingKind.ENERGY, 6, 3600)),
        ("0.0.2.4.19.1.12.0.0.0.0.0.0.0.0.0.72.0", ReadingMeaning(FEED_IN, ReadingKind.ENERGY, 3, 900)),
        ("0.0.2.9.1.2.12.0.0.0.0.0.0.0.0.3.72.0", ReadingMeaning(CONSUMPTION, ReadingKind.REGISTER, 6, 900)),
        (
            "0.2.2.4.1.1.37.0.0.0.0.0.0.0.0.3.38.0",
            ReadingMeaning(CONSUMPTION, ReadingKind.MEAN_POWER, 3, 900),
        ),
        (
            "0.0.5.4.1.1.12.0.0.0.0.2.0.0.128.0.72.0",
            ReadingMeaning(CONSUMPTION, ReadingKind.ENERGY, 3, 1800, "phase 128 tou 2"),
        ),
    ],
)
def test_a_reading_type_of_eighteen_parts_is_understood(code, meaning):
    assert read_type_code(code) == meaning


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("0.8.2.4.1.1.37.0.0.0.0.0.0.0.0.3.38.0", "aggregate 8"),  # a maximum
        ("0.2.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0", "average of energies"),
        ("0.0.2.4.4.1.12.0.0.0.0.0.0.0.0.3.72.0", "net of both"),
        ("0.0.2.4.1.7.12.0.0.0.0.0.0.0.0.3.72.0", "natural gas"),
        ("0.0.2.4.1.1.12.1.1.0.0.0.0.0.0.3.72.0", "harmonic"),
        ("0.0.2.9.15.2.164.0.0.0.0.0.0.0.0.3.73.0", "varh"),
        ("11.22.33", "18 parts"),
    ],
)
def test_a_reading_type_that_is_no_energy_by_direction_says_why(read, code, words):
    assert words in str(read_type_code(code))
    found = read(FORMAT, message(reading(), code=code))
    assert not found.rows()
    assert found.rules == ["no-readings", "series-left-out"]


@pytest.mark.parametrize(
    ("code", "quality"),
    [
        ("1.0.0", Quality.MEASURED),
        ("2.5.259", Quality.MISSING),
        ("2.6.0", Quality.ESTIMATED),
        ("2.7.0", Quality.EDITED),
        ("2.7.3", Quality.MISSING),
        ("2.8.0", Quality.ESTIMATED),
        ("2.10.0", Quality.ESTIMATED),
        ("2.10.1", Quality.MEASURED),
        ("2.11.0", Quality.MEASURED),
        ("2.99.0", None),
        ("fine", None),
    ],
)
def test_a_quality_of_three_parts_is_normalised_by_category_and_index(code, quality):
    assert normalise_quality(code) is quality


def test_of_several_qualities_the_worst_counts_and_all_are_kept(read):
    rows = read(FORMAT, message(reading(qualities="1.0.0 2.7.0 5.4.260"))).rows()
    assert [row[4:6] for row in rows] == [(Quality.EDITED, "1.0.0 2.7.0 5.4.260")]


def test_a_reading_without_value_is_missing(read):
    assert [row[3:5] for row in read(FORMAT, message(reading(None))).rows()] == [(0, Quality.MISSING)]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (reading("-1"), "energy"),
        (reading("NaN"), "energy"),
        (reading(stamp="2024-04-01T01:00:00"), "start"),
        (reading(stamp="never"), "start"),
    ],
)
def test_what_is_no_reading_is_refused_with_its_line(read, bad, rule):
    assert [(finding.rule, finding.line) for finding in read(FORMAT, message(bad)).findings] == [(rule, 2)]


def test_an_interval_of_unknown_length_is_refused(read):
    assert "duration" in read(FORMAT, message(reading(), code=HOURLY.replace("0.0.7", "0.0.0"))).rules


def test_an_envelope_is_recognised_and_other_nouns_are_not():
    envelope = f'<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message">{message()}</EventMessage>'
    assert FORMAT.recognise(envelope.encode())
    assert FORMAT.recognise(envelope.encode("utf-16"))
    assert not FORMAT.recognise(envelope.replace("MeterReadings", "EndDeviceEvents").encode())
    assert not FORMAT.recognise(b'<MeterReadings xmlns="urn:other"/>')
