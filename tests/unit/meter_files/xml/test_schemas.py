"""What is written as EDA or Green Button XML fits the published schemas, and so do operators' own files."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from backend.adapters.meter_files.formats.espi import QUALITIES
from backend.adapters.meter_files.reading import MeterFiles
from backend.adapters.meter_files.writers import WriteOptions
from backend.adapters.meter_files.writers.eda import WRITER as EDA
from backend.adapters.meter_files.writers.green_button import WRITER as GREEN_BUTTON
from backend.errors import InputError
from backend.metering import Quality, ReadingTable

SCHEMAS = Path(__file__).parent / "schemas"
GOLDEN = Path(__file__).parents[3] / "golden" / "meter_files"
DAY = 86_400
NUMBER = "AT0020000000000000000000100000001"


@pytest.fixture(scope="module")
def record_schema():
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "consumption_record_01p41.xsd")))


@pytest.fixture(scope="module")
def usage_schema():
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "usage.xsd")))


def table_of(start, count, points=(NUMBER,), minutes=15, quality=Quality.MEASURED):
    starts = int(start.timestamp()) + 60 * minutes * np.arange(count)
    return ReadingTable(
        points,
        np.repeat(np.arange(len(points)), count).astype(np.int32),
        np.tile(starts, len(points)),
        np.arange(count * len(points), dtype=np.int64) * 12_345,
        np.full(count * len(points), quality, dtype=np.uint8),
        minutes,
    )


def written(writer, table, zone="UTC"):
    stream = io.BytesIO()
    writer.write(table, stream, WriteOptions(time_zone=zone, created_utc=1_711_839_600))
    return stream.getvalue()


def resources(data):
    """The ESPI resources of an Atom feed."""
    contents = etree.fromstring(data).iter("{http://www.w3.org/2005/Atom}content")
    return [resource for content in contents for resource in content]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Vienna", "Europe/Athens", "America/New_York"])
@pytest.mark.parametrize("minutes", [15, 60])
def test_a_record_fits_the_schema_whatever_the_zone_and_the_day(zone, minutes, record_schema):
    for start in (datetime(2024, 3, 30, 20, tzinfo=UTC), datetime(2024, 10, 26, 20, tzinfo=UTC)):
        table = table_of(start, 200, (NUMBER, f"{NUMBER}-feed-in"), minutes)
        record_schema.assertValid(etree.fromstring(written(EDA, table, zone)))


@pytest.mark.parametrize("name", ["input.xml", "daily.xml"])
def test_operators_records_fit_the_same_schema(name, record_schema):
    record_schema.assertValid(etree.parse(str(GOLDEN / "eda_quarter_hours" / name)))


def test_a_day_without_a_reading_is_no_part_of_a_record(record_schema):
    table = table_of(datetime(2024, 5, 31, 22, tzinfo=UTC), 3 * 96)
    table.quality[96:192] = Quality.MISSING
    root = etree.fromstring(written(EDA, table))
    record_schema.assertValid(root)
    assert len(root.findall(".//{*}Energy")) == 2
    assert len(root.findall(".//{*}EP")) == 192


def test_a_number_without_any_reading_is_refused_before_the_first_byte():
    table = table_of(datetime(2024, 6, 1, tzinfo=UTC), 96, quality=Quality.MISSING)
    with pytest.raises(InputError, match=f"{NUMBER} has no reading that is not missing"):
        written(EDA, table)


def test_more_days_than_a_record_holds_become_several_and_read_back_as_one(record_schema, tmp_path):
    table = table_of(datetime(2022, 1, 1, tzinfo=UTC), 1_001, minutes=60)
    table.start_utc[:] = int(table.start_utc[0]) + DAY * np.arange(1_001)  # an hour of each day
    data = written(EDA, table)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        roots = [etree.fromstring(archive.read(name)) for name in archive.namelist()]
    for root in roots:
        record_schema.assertValid(root)
    assert [len(root.findall(".//{*}Energy")) for root in roots] == [1_000, 1]
    assert len({root.findtext(".//{*}MessageId") for root in roots}) == 2
    (tmp_path / "records.zip").write_bytes(data)
    found, _ = MeterFiles()(tmp_path / "records.zip", known_points=None, resolution_minutes=None)
    assert np.array_equal(found.energy, table.energy)
    assert np.array_equal(found.start_utc, table.start_utc)


@pytest.mark.parametrize("number", ["roof-1", "AT 001", "ü1", "A" * 34])
def test_a_number_that_the_market_has_not_is_refused_with_what_to_do(number):
    table = table_of(datetime(2024, 6, 1, tzinfo=UTC), 4, (number,))
    with pytest.raises(InputError, match="external_id"):
        written(EDA, table)


@pytest.mark.parametrize("minutes", [1, 15, 30, 60])
def test_each_resource_of_a_feed_fits_the_schema(minutes, usage_schema):
    for quality in Quality:
        table = table_of(datetime(2024, 3, 30, 20, tzinfo=UTC), 200, ("A", "A-feed-in"), minutes, quality)
        found = resources(written(GREEN_BUTTON, table))
        assert {etree.QName(one).localname for one in found} == {
            "UsagePoint",
            "MeterReading",
            "ReadingType",
            "IntervalBlock",
        }
        for one in found:
            usage_schema.assertValid(one)


def test_a_utilitys_feed_fits_the_same_schema(usage_schema):
    found = resources((GOLDEN / "green_button_batch" / "input.xml").read_bytes())
    read = [
        one for one in found if etree.QName(one).localname in ("ReadingType", "IntervalBlock", "MeterReading")
    ]
    assert read
    for one in read:
        usage_schema.assertValid(one)


def test_an_energy_beyond_the_schemas_48_bits_is_refused_before_the_first_byte():
    table = table_of(datetime(2024, 6, 1, tzinfo=UTC), 4)
    table.energy[2] = 2**47 + 1
    with pytest.raises(InputError, match="48 bits"):
        written(GREEN_BUTTON, table)


def test_each_quality_of_the_schema_has_a_meaning_here():
    assert set(QUALITIES) - {""} == {"0", *map(str, range(7, 20))}
    assert QUALITIES["17"] is Quality.EDITED  # "validated and possibly edited and/or estimated"
