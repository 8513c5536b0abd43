"""A file's format is told by its content, and every file has one format or none."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.archives import open_files
from backend.adapters.meter_files.detection import describe_head, detect_format, find_format
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import SourceFile, all_formats
from backend.adapters.meter_files.reading import MeterFiles
from backend.errors import InputError, ReadingsError

ROOT = Path(__file__).parents[3]
SAMPLES = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "formats"
FORMATS = all_formats()

# What a sample is, by what its path begins with; the longest beginning rules. None: no meter data.
EXPECTED = {
    "": None,
    "dsmr/dsmr3": "dsmr",
    "dsmr/evcc": "dsmr",
    "eddie/at-eda/xsd/consumptionrecord": "eda",
    "eddie/be-fluvius": "fluvius",
    "eddie/be-fluvius/cim": "cim-vhd",
    "eddie/dk-energinet/MyEnergyData": "energinet",
    "eddie/dk-energinet/ShortMyEnergyData": "energinet",
    "eddie/es-datadis/consumptionKWh": "datadis",
    "eddie/fi-fingrid/timeSeries": "fingrid",
    "eddie/fr-enedis/consumption_load_curve": "enedis",
    "eddie/fr-enedis/daily_consumption": "enedis",
    "eddie/nl-mijn-aansluiting/consumption_data": "mijn-aansluiting",
    "eddie/nl-mijn-aansluiting/gas_consumption_data": "mijn-aansluiting",
    "eddie/nl-mijn-aansluiting/invalid_obis": "mijn-aansluiting",
    "eddie/nl-mijn-aansluiting/single_consumption": "mijn-aansluiting",
    "eddie/us-green-button/xml": "green-button",
    "eddie/us-green-button/xml/cim": "cim-vhd",
    "eddie/us-green-button/xml/usagepoint/UsagePointWithInvalidPayload": None,
    "mscons": "mscons",
    "nem12/examples": "nem12",
    "nem12/examples/nem13": "nem13",
    "nem12/examples/unzipped/Example_NEM13": "nem13",
    "nem12/examples/invalid/Example_empty_file": None,
}


def expected_of(name: str) -> str | None:
    return EXPECTED[max((begin for begin in EXPECTED if name.startswith(begin)), key=len)]


def source_of(head: bytes) -> SourceFile:
    return SourceFile("file", head, lambda: pytest.fail("detection opens nothing"))


@pytest.fixture(scope="module")
def samples():
    if not SAMPLES.is_dir():
        pytest.skip(f"the samples are not at {SAMPLES}; set PARTAGE_SHARED_DATA to the folder that has them")
    return sorted(path for path in SAMPLES.rglob("*") if path.is_file())


def test_every_sample_is_claimed_by_its_format_alone(samples):
    told = {}
    for path in samples:
        name = path.relative_to(SAMPLES).as_posix()
        faults = FaultCollector(path.name)
        for source in open_files(path, faults):
            claims = [one.name for one in FORMATS if not one.needs_mapping and one.recognise(source.head)]
            told[name] = claims
            due = expected_of(name)
            assert claims == ([due] if due else []), name
        assert not faults.refused, name
    assert len(told) > 100
    assert {claim for claims in told.values() for claim in claims} >= {
        "nem12",
        "nem13",
        "eda",
        "dsmr",
        "mscons",
    }


def test_every_sample_is_read_or_refused_with_findings_and_nothing_else(samples):
    taken, counted, refused = 0, 0, []
    for path in samples:
        try:
            found = MeterFiles().contents(path, known_points=None, resolution_minutes=None)
        except ReadingsError as refusal:
            refused.append(len(refusal.findings))
        else:
            taken += bool(len(found.table))
            counted += bool(found.registers)
    assert all(refused)
    assert taken > 60
    assert counted > 20


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"Datum;Wert;Status\n1;2;3\n", "the columns Datum, Wert, Status"),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?><!-- <a@b.c> --><Foo xmlns="urn:x:y"><Bar/></Foo>',
            "Foo of urn:x:y",
        ),
        (b'{"alpha": [{"beta": 1}]}', "keys are alpha, beta"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\xff\xfe<\0", "UTF-16"),
        (b"\x00\x01\x02", "a binary file"),
        (b"hello\x1b[31m world", 'begins with "hello?[31m world"'),
    ],
)
def test_a_file_of_no_format_is_described_by_what_was_seen(head, words):
    assert words in describe_head(head)
    faults = FaultCollector("file")
    assert detect_format(source_of(head), faults) is None
    [finding] = faults.told()
    assert finding.rule == "unknown-format"
    assert "nem12" in finding.message


def test_an_empty_file_says_so():
    faults = FaultCollector("file")
    assert detect_format(source_of(b" \n"), faults) is None
    assert [finding.rule for finding in faults.told()] == ["empty-file"]


def test_a_file_that_several_formats_claim_is_refused_with_their_names(monkeypatch):
    twins = [one for one in FORMATS if one.name == "csv"] * 2
    monkeypatch.setattr("backend.adapters.meter_files.detection.all_formats", lambda: twins)
    faults = FaultCollector("file")
    assert (
        detect_format(source_of(b"metering_point,start,resolution_minutes,energy_kwh,quality\n"), faults)
        is None
    )
    assert [finding.rule for finding in faults.told()] == ["several-formats"]


def test_a_mapping_makes_a_table_of_what_has_a_format_of_its_own():
    header = b"metering_point,start,resolution_minutes,energy_kwh,quality\n"
    chosen = [
        detect_format(source_of(header), FaultCollector("f"), mapped=mapped) for mapped in (False, True)
    ]
    assert [one.name for one in chosen if one] == ["csv", "mapped-csv"]


def test_names_of_formats_are_one_each_and_a_wrong_one_is_answered_with_the_nearest():
    names = [one.name for one in FORMATS]
    assert len(set(names)) == len(names)
    with pytest.raises(InputError, match='did you mean "nem12"'):
        find_format("nem-12")


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_whatever_a_file_begins_with_recognising_raises_nothing(head):
    for one in FORMATS:
        one.recognise(head)
    describe_head(head)
