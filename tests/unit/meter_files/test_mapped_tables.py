"""Tables of any columns are read by a mapping."""

import datetime as dt
import io
import tomllib
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import ReadOptions, SourceFile, mapped_csv
from backend.adapters.meter_files.generic_csv import write_generic_csv
from backend.adapters.meter_files.mapping import read_mapping
from backend.adapters.meter_files.reading import MeterFiles
from backend.errors import InputError, ReadingsError
from backend.metering.source_series import SourceBlock

LONG = """
[columns]
metering_point = "MP"
start = "Zeit"
energy = "Wert"
quality = "Status"
direction = "Richtung"
ignore = ["Bemerkung"]
[form]
unit = "kWh"
delimiter = ";"
decimal = ","
time_format = "%d.%m.%Y %H:%M"
stamps = "end"
time_zone = "Europe/Vienna"
resolution_minutes = 15
[quality]
W = "measured"
E = "edited"
F = "missing"
[directions]
Bezug = "consumption"
Lieferung = "feed-in"
[points]
AT01 = "home"
"""
WORDS = [
    "AT01",
    "01.06.2024 00:15",
    "31.03.2024 02:30",
    "0,5",
    "1e9",
    "W",
    "Bezug",
    '"',
    "-1",
    "nan",
    "9" * 40,
]
HEADER = "MP;Zeit;Wert;Status;Richtung;Bemerkung\n"


def reader(mapping, **options):
    return MeterFiles(options=ReadOptions(mapping=tomllib.loads(mapping), **options))


@pytest.fixture
def read(tmp_path):
    def run(content, mapping=LONG, name="table.csv", **options):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        table, findings = reader(mapping, **options)(file, known_points=None, resolution_minutes=None)
        return write_generic_csv(table, source_quality=True).decode().splitlines()[1:], findings

    return run


@pytest.fixture
def refused(read):
    def run(content, mapping=LONG, **options):
        with pytest.raises(ReadingsError) as refusal:
            read(content, mapping, **options)
        return [(finding.rule, finding.line, finding.message) for finding in refusal.value.findings]

    return run


def test_a_long_table_is_read_with_its_words_kept(read):
    rows, findings = read(
        HEADER + "AT01;01.06.2024 00:15;0,1234565;W;Bezug;x\n"
        "AT01;01.06.2024 00:30;1;E;Bezug;\nAT01;01.06.2024 00:30;2;W;Lieferung;\nAT01;01.06.2024 00:45;;F;Bezug;\n"
    )
    assert rows == [
        "home,2024-05-31T22:00:00Z,15,0.123457,measured,W",
        "home,2024-05-31T22:15:00Z,15,1.000000,edited,E",
        "home,2024-05-31T22:30:00Z,15,,missing,F",
        "home-feed-in,2024-05-31T22:15:00Z,15,2.000000,measured,W",
    ]
    assert not findings


def test_the_doubled_hour_is_read_by_its_order(read):
    stamps = ["02:45", "03:00", "02:15", "02:30", "02:45", "03:00", "03:15"]
    rows, _ = read(HEADER + "".join(f"AT01;27.10.2024 {stamp};1;W;Bezug;\n" for stamp in stamps))
    assert [row.split(",")[1][11:16] for row in rows] == [
        "00:30",
        "00:45",
        "01:00",
        "01:15",
        "01:30",
        "01:45",
        "02:00",
    ]


def test_a_stamp_in_the_hour_that_never_was_is_refused(refused):
    found = refused(HEADER + "AT01;31.03.2024 02:30;1;W;Bezug;\n")
    assert [row[:2] for row in found] == [("absent-hour", 2)]


def test_a_renamed_column_is_told_with_the_nearest_name_and_never_guessed(refused):
    found = refused(HEADER.replace("Wert", "Werte") + "AT01;01.06.2024 00:15;1;W;Bezug;\n")
    assert found[0][:2] == ("columns", 1)
    assert '"Wert", which is not there; did you mean "Werte"?' in found[0][2]


def test_a_new_column_is_told_and_left_aside(read):
    rows, findings = read(HEADER.replace("Bemerkung", "Spannung") + "AT01;01.06.2024 00:15;1;W;Bezug;230\n")
    assert len(rows) == 1
    assert [finding.rule for finding in findings] == ["new-column"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("AT01;01.06.2024;1;W;Bezug;", "instant"),
        ("AT01;01.06.2024 00:15;1;X;Bezug;", "quality"),
        ("AT01;01.06.2024 00:15;1;W;Einkauf;", "direction"),
        ("AT01;01.06.2024 00:15;1.5;W;Bezug;", "energy"),
        ("AT01;01.06.2024 00:15;-1;W;Bezug;", "energy"),
        ("AT01;01.06.2024 00:15;nan;W;Bezug;", "energy"),
        ("AT01;01.06.2024 00:15;1e400;W;Bezug;", "energy"),
        (";01.06.2024 00:15;1;W;Bezug;", "unknown-point"),
        ('AT01;01.06.2024 00:15;"1;W;Bezug;', "quotes"),
    ],
)
def test_a_word_that_does_not_fit_is_told_with_its_line(refused, row, rule):
    found = refused(f"{HEADER}AT01;01.06.2024 00:30;1;W;Bezug;\n{row}\n")
    assert (rule, 3) in [entry[:2] for entry in found]


WIDE = """
[columns]
start = "when"
[form]
unit = "W"
resolution_minutes = 30
[wide]
"Haus 1" = "AT1"
"Dach" = { metering_point = "AT1", direction = "feed-in" }
"""


def test_a_wide_table_of_watts_has_a_point_per_column(read):
    rows, _ = read("when,Haus 1,Dach\n2024-06-01T00:00Z,100,0\n2024-06-01T00:30Z,0.0000001,7\n", WIDE)
    assert rows == [
        "AT1,2024-06-01T00:00:00Z,30,0.050000,measured,",
        "AT1,2024-06-01T00:30:00Z,30,0.000000,measured,",
        "AT1-feed-in,2024-06-01T00:00:00Z,30,0.000000,measured,",
        "AT1-feed-in,2024-06-01T00:30:00Z,30,0.003500,measured,",
    ]


def test_naive_stamps_without_a_zone_are_refused(refused):
    assert [row[0] for row in refused("when,Haus 1,Dach\n2024-06-01T00:00,1,1\n", WIDE)] == ["time-zone"]


def test_stamps_with_and_without_offset_do_not_mix(refused):
    found = refused("when,Haus 1,Dach\n2024-06-01T00:00Z,1,1\n2024-06-01T00:30,1,1\n", WIDE)
    assert [row[:2] for row in found] == [("instant", 3)]


def test_another_encoding_is_read_where_the_mapping_says_it(read):
    mapping = WIDE.replace('unit = "W"', 'unit = "W"\nencoding = "cp1252"').replace("Dach", "Straße")
    rows, _ = read("when,Haus 1,Straße\n2024-06-01T00:00Z,1,2\n".encode("cp1252"), mapping)
    assert len(rows) == 2


def test_a_sheet_with_real_dates_and_serial_numbers_is_read(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Werte"
    sheet.append(["Bericht", None, None])
    sheet.append(["when", "Haus 1", "Dach"])
    sheet.append([dt.datetime(2024, 6, 1, 0, 0), 100, 0.1])  # noqa: DTZ001 -- a sheet has no zones
    sheet.append([45444 + 1 / 48, 200.5, None])
    sheet.merge_cells("A1:C1")
    file = tmp_path / "table.xlsx"
    book.save(file)
    mapping = WIDE.replace('unit = "W"', 'unit = "W"\nheader_row = 2\nsheet = "Werte"\ntime_zone = "UTC"')
    table, _ = reader(mapping)(file, known_points=None, resolution_minutes=None)
    assert write_generic_csv(table).decode().splitlines()[1:] == [
        "AT1,2024-06-01T00:00:00Z,30,0.050000,measured",
        "AT1,2024-06-01T00:30:00Z,30,0.100250,measured",
        "AT1-feed-in,2024-06-01T00:00:00Z,30,0.000050,measured",
        "AT1-feed-in,2024-06-01T00:30:00Z,30,,missing",
    ]


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_columns_of_parquet_and_arrow_are_read(tmp_path, form):
    whens = [dt.datetime(2024, 6, 1, 0, minute, tzinfo=dt.UTC) for minute in (0, 30)]
    table = pa.table({"when": whens, "Haus 1": [0.1, 0.3], "Dach": pa.array([1, None]), "new": ["a", "b"]})
    file = tmp_path / "table"
    if form == "parquet":
        pq.write_table(table, file)
    else:
        with pa.ipc.new_file(file, table.schema) as sink:
            sink.write_table(table)
    found, findings = reader(WIDE.replace('"W"', '"kWh"'))(file, known_points=None, resolution_minutes=None)
    assert found.energy.tolist() == [100_000, 300_000, 1_000_000, 0]
    assert [finding.rule for finding in findings] == ["new-column"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('start = "Zeit"', 'strat = "Zeit"'), 'no column "strat"; did you mean "start"'),
        (('unit = "kWh"', 'unit = "kwh"'), "unit is 'kwh'; write one of MWh, kWh, Wh"),
        (('unit = "kWh"', ""), "unit is ''"),
        (('W = "measured"', 'W = "good"'), "quality.W is 'good'"),
        (('"Europe/Vienna"', '"Europe/Wien"'), "no time zone"),
        (("= 15", "= 45"), "do not divide the hour"),
        (('["Bemerkung"]', '["Wert"]'), "mapped and ignored"),
        (('delimiter = ";"', 'delimiter = ";;"'), "one character"),
        (('[points]\nAT01 = "home"', "[wide]\nx = 5"), "wide.x is neither"),
    ],
)
def test_a_mapping_says_what_is_wrong_with_it(change, message):
    assert change[0] in LONG
    with pytest.raises(InputError, match=message.replace(".", r"\.").replace("[", r"\[")):
        read_mapping(tomllib.loads(LONG.replace(*change)), "m.toml")


def test_stamps_of_ends_with_an_offset_are_shifted_by_the_step(read):
    mapping = WIDE.replace('unit = "W"', 'unit = "W"\nstamps = "end"')
    rows, _ = read("when,Haus 1,Dach\n2024-06-01T00:30+02:00,1,1\n", mapping)
    assert {row.split(",")[1] for row in rows} == {"2024-05-31T22:00:00Z"}


def test_the_mapping_of_the_guide_is_one():
    guide = (Path(__file__).parents[3] / "docs/guide.md").read_text(encoding="utf-8")
    block = "[columns]" + guide.split("```\n[columns]")[1].split("```")[0]
    mapping = read_mapping(tomllib.loads(block), "guide")
    assert (mapping.decimal, mapping.stamps_are_ends, mapping.resolution_minutes) == (",", True, 15)


@given(st.lists(st.lists(st.text(max_size=12) | st.sampled_from(WORDS), max_size=7), max_size=8))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_table_nothing_but_findings_comes(rows):
    text = HEADER + "\n".join(";".join(row) for row in rows)
    source = SourceFile("t.csv", b"", lambda: io.BytesIO(text.encode("utf-8", errors="replace")))
    faults = FaultCollector("t.csv")
    blocks = list(mapped_csv.FORMAT.read(source, ReadOptions(mapping=tomllib.loads(LONG)), faults))
    assert all(isinstance(block, SourceBlock) and block.energy.dtype == np.int64 for block in blocks)


def test_a_line_without_end_is_refused_without_being_held():
    class Endless(io.RawIOBase):
        given = 0

        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = b"x" * len(buffer)
            Endless.given += len(buffer)
            return len(buffer) if Endless.given < 1 << 30 else 0

    source = SourceFile("t.csv", b"", lambda: io.BufferedReader(Endless()))
    faults = FaultCollector("t.csv")
    assert not list(mapped_csv.FORMAT.read(source, ReadOptions(mapping=tomllib.loads(LONG)), faults))
    assert [finding.rule for finding in faults.told()] == ["long-line"]
    assert Endless.given < 1 << 27
