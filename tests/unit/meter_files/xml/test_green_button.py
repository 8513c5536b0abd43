"""Green Button feeds."""

import re

import pytest

from backend.adapters.meter_files.formats.espi import ReadingKind, ReadingMeaning, read_meaning
from backend.adapters.meter_files.formats.green_button import FORMAT
from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName

TYPE = {"commodity": "1", "flowDirection": "1", "accumulationBehaviour": "4", "kind": "12", "uom": "72"}
BROKEN = "green_button_batch/broken/"


def feed(*readings, order="UMTB", **changes):
    """A feed whose entries (UsagePoint, MeterReading, ReadingType, IntervalBlock) come in an order."""
    fields = {**TYPE, "intervalLength": "900", "powerOfTenMultiplier": "0", **changes}
    kind = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text is not None)
    base = "https://utility.example/espi/UsagePoint/42"
    entries = {
        "U": (
            base,
            [f"{base}/MeterReading"],
            "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>",
        ),
        "M": (f"{base}/MeterReading/1", [f"{base}/MeterReading/1/IntervalBlock", "/T/1"], "<MeterReading/>"),
        "T": ("/T/1", [], f"<ReadingType>{kind}</ReadingType>"),
        "B": (
            f"{base}/MeterReading/1/IntervalBlock/1",
            [f"{base}/MeterReading/1/IntervalBlock"],
            f"<IntervalBlock><interval><start>900</start></interval>{''.join(readings)}</IntervalBlock>",
        ),
    }
    text = ""
    for letter in order:
        own, others, content = entries[letter]
        links = f'<link rel="self" href="{own}" type="espi-entry/X"/>'
        links += "".join(f'<link rel="related" href="{other}"/>' for other in others)
        text += f"<entry>{links}<content>{content}</content></entry>\n"
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">{text}</feed>'


def reading(value="5", start="900", duration="900", quality=""):
    period = (
        f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>" if start else ""
    )
    words = "".join(f"<ReadingQuality><quality>{word}</quality></ReadingQuality>" for word in quality.split())
    number = "" if value is None else f"<value>{value}</value>"
    return f"<IntervalReading>{words}{period}{number}</IntervalReading>"


def test_a_utilitys_batch_reads_to_its_intervals(read, sample):
    data = sample("green_button_batch/input.xml")
    assert FORMAT.recognise(data[:65536])
    found = read(FORMAT, data)
    rows = found.rows()
    assert len(rows) == 67
    assert rows[0] == (SeriesName("1669851", FEED_IN), 1725321600, 900, 10_000, Quality.MEASURED, "", 127)
    assert sum(row[3] for row in rows) == 1000 * sum(map(int, re.findall(rb"<value>(\d+)", data))) // 1000
    assert not found.findings


@pytest.mark.parametrize("name", ["BatchWithInvalidSelfLink.xml", "BatchWithoutSelfLink.xml"])
def test_a_block_is_placed_by_its_other_links_where_the_one_to_itself_is_wrong(read, sample, name):
    found = read(FORMAT, sample(BROKEN + name))
    assert len(found.rows()) == 67
    assert not found.findings


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("BatchWithInvalidIntervalBlock.xml", {"empty-entry", "no-readings"}),
        ("BatchWithWrongContentForIntervalBlock.xml", {"empty-entry", "no-readings"}),
        ("BatchWithoutContentForIntervalBlock.xml", {"empty-entry", "no-readings"}),
        ("BatchWithoutIntervalBlock.xml", {"no-readings"}),
        ("UsagePoint.xml", {"no-readings"}),
        ("UsagePointWithoutType.xml", {"no-readings"}),
    ],
)
def test_a_feed_that_is_broken_on_purpose_is_refused_with_its_reason(read, sample, name, rules):
    found = read(FORMAT, sample(BROKEN + name))
    assert set(found.rules) == rules
    assert not found.rows()
    assert found.refused


def test_json_in_place_of_a_feed_is_not_recognised(sample):
    assert not FORMAT.recognise(sample(BROKEN + "UsagePointWithInvalidPayload.xml"))


@pytest.mark.parametrize("order", ["UMTB", "BTMU", "MBUT", "TBMU", "UBBMT"])
def test_entries_may_come_in_any_order(read, order):
    found = read(FORMAT, feed(reading(), reading(start="1800"), order=order))
    assert [row[1:4] for row in found.rows()] == [(900, 900, 5000), (1800, 900, 5000)] * order.count("B")
    assert {row[0] for row in found.rows()} == {SeriesName("42", CONSUMPTION)}
    assert not found.findings


def test_blocks_before_and_after_the_first_that_cannot_be_placed_yet_are_read_once(read):
    base = feed(reading(), order="UMTB")
    other = feed(reading(value="7", start="1800"), order="BUMT").replace("/42", "/43").replace("/T/1", "/T/2")
    both = base.replace("</feed>", "") + other[other.index("<entry>") :]
    assert [(row[0].external_id, row[3]) for row in read(FORMAT, both).rows()] == [("42", 5000), ("43", 7000)]


@pytest.mark.parametrize(
    ("multiplier", "uom", "value", "energy"),
    [
        ("0", "72", "5", 5000),
        ("3", "72", "5", 5_000_000),
        ("-3", "72", "5", 5),
        ("-4", "72", "5", 1),  # half away from zero
        ("-4", "72", "4", 0),
        ("-6", "72", "1500", 2),
        ("0", "38", "5", 1250),  # mean watts over a quarter-hour
        ("3", "38", "5", 1_250_000),
        ("-1", "38", "3", 75),
    ],
)
def test_values_are_scaled_to_the_last_milliwatt_hour(read, multiplier, uom, value, energy):
    kind = "12" if uom == "72" else "8"
    found = read(FORMAT, feed(reading(value), powerOfTenMultiplier=multiplier, uom=uom, kind=kind))
    assert [row[3] for row in found.rows()] == [energy]


def test_registers_are_read_as_what_they_showed_at_the_end(read):
    found = read(FORMAT, feed(reading("1234"), accumulationBehaviour="1"))
    assert found.registers == [RegisterRead(SeriesName("42", CONSUMPTION), 1800, 1_234_000, "", "", 4)]
    assert not found.findings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flowDirection": "4"}, "net of both directions"),
        ({"flowDirection": "20"}, "total of both directions"),
        ({"flowDirection": None}, "neither forward"),
        ({"commodity": "7"}, "natural gas"),
        ({"uom": "73"}, "varh"),
        ({"uom": None}, "neither Wh"),
        ({"uom": "38", "accumulationBehaviour": "12"}, "moment"),
        ({"accumulationBehaviour": "6"}, "neither the energy"),
        ({"powerOfTenMultiplier": "99"}, "power of ten"),
    ],
)
def test_what_cannot_be_told_apart_or_is_no_active_energy_is_left_out_with_its_reason(read, changes, words):
    found = read(FORMAT, feed(reading(), **changes))
    assert not found.rows()
    assert found.rules == ["no-readings", "series-left-out"]
    assert words in found.findings[1].message


def test_gas_by_service_category_is_left_out(read):
    found = read(FORMAT, feed(reading()).replace("<kind>0</kind>", "<kind>1</kind>"))
    assert "series-left-out" in found.rules


def test_phases_and_times_of_use_are_channels_of_their_own():
    meaning = read_meaning({**TYPE, "phase": "128", "tou": "2", "cpp": "0"})
    assert meaning == ReadingMeaning(CONSUMPTION, ReadingKind.ENERGY, 3, 0, "phase 128 tou 2")


@pytest.mark.parametrize(
    ("words", "quality"),
    [
        ("", Quality.MEASURED),
        ("0", Quality.MEASURED),
        ("17", Quality.EDITED),
        ("18", Quality.MEASURED),
        ("7", Quality.EDITED),
        ("8", Quality.ESTIMATED),
        ("9", Quality.ESTIMATED),
        ("10", Quality.ESTIMATED),
        ("19 7", Quality.EDITED),
        ("7 8", Quality.ESTIMATED),
        ("8 0", Quality.ESTIMATED),
    ],
)
def test_qualities_are_kept_verbatim_and_the_worst_counts(read, words, quality):
    assert [row[4:6] for row in read(FORMAT, feed(reading(quality=words))).rows()] == [(quality, words)]


def test_a_default_quality_is_that_of_readings_without_their_own(read):
    found = read(FORMAT, feed(reading(), reading(start="1800", quality="0"), defaultQuality="8"))
    assert [row[4:6] for row in found.rows()] == [(Quality.ESTIMATED, "8"), (Quality.MEASURED, "0")]


def test_a_quality_that_espi_does_not_have_is_told(read):
    found = read(FORMAT, feed(reading(quality="77")))
    assert found.rules == ["quality-code"]
    assert [row[4] for row in found.rows()] == [Quality.ESTIMATED]


def test_a_reading_without_value_is_missing(read):
    assert [row[3:5] for row in read(FORMAT, feed(reading(None))).rows()] == [(0, Quality.MISSING)]


def test_readings_without_period_follow_one_another_from_the_start_of_their_block(read):
    found = read(FORMAT, feed(reading(start=""), reading(start="")))
    assert [row[1:3] for row in found.rows()] == [(900, 900), (1800, 900)]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (reading("-5"), "energy"),
        (reading("NaN"), "energy"),
        (reading("9" * 40), "energy"),
        (reading(start="-900"), "start"),
        (reading(start="2024-01-01T00:00:00Z"), "start"),
        (reading(start="99999999999999"), "start"),
        (reading(duration="0"), "duration"),
        (reading(duration="x"), "duration"),
    ],
)
def test_what_is_no_reading_is_refused_with_its_line(read, bad, rule):
    found = read(FORMAT, feed(bad))
    assert [(finding.rule, finding.line, finding.metering_point) for finding in found.findings] == [
        (rule, 4, "42")
    ]


def test_a_block_without_reading_type_is_refused_for_its_unit_is_not_known(read):
    assert "unlinked-block" in read(FORMAT, feed(reading(), order="UMB")).rules
    bare = f'<IntervalBlock xmlns="http://naesb.org/espi">{reading()}</IntervalBlock>'
    assert FORMAT.recognise(bare.encode())
    assert "unlinked-block" in read(FORMAT, bare).rules


def test_a_block_without_links_belongs_to_the_only_series_there_is(read):
    text = feed(reading())
    place = text.rindex("<entry>")
    bare = text[:place] + re.sub(r"<link [^>]*/>", "", text[place:])
    assert [row[3] for row in read(FORMAT, bare).rows()] == [5000]
