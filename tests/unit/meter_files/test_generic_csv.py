import gzip
import re
import time
import tracemalloc

import numpy as np
import pytest

from backend.adapters.meter_files import COLUMNS, read_generic_csv, write_generic_csv
from backend.adapters.meter_files.faults import FINDINGS_MAX
from backend.errors import ReadingsError
from backend.metering import Quality, Severity

HEADER = ",".join(COLUMNS)
KNOWN = {"home-01-load", "home-01-solar"}


def row(hour, energy="1.5", quality="measured", point="home-01-load", minutes="60", start=None):
    return f"{point},{start or f'2017-06-01T{hour:02d}:00:00Z'},{minutes},{energy},{quality}"


@pytest.fixture
def read(tmp_path):
    def read_content(*lines, raw=None, name="readings.csv", **options):
        path = tmp_path / name
        path.write_bytes(raw if raw is not None else ("\n".join([HEADER, *lines]) + "\n").encode())
        return read_generic_csv(path, **{"known_points": KNOWN, **options})

    return read_content


def refused(read, *lines, **options):
    with pytest.raises(ReadingsError) as error:
        read(*lines, **options)
    return error.value.findings


def test_rows_arrive_sorted_in_whole_milliwatt_hours(read):
    table, findings = read(
        row(2, "0.000001"),
        row(0, "1.5", "edited"),
        row(0, "0", point="home-01-solar"),
        row(1, "", "missing"),
        row(3, "12", "estimated"),
    )
    assert findings == []
    assert table.metering_points == ("home-01-load", "home-01-solar")
    assert table.point.tolist() == [0, 0, 0, 0, 1]
    assert table.energy.tolist() == [1_500_000, 0, 1, 12_000_000, 0]
    assert table.quality.tolist() == [
        Quality.EDITED,
        Quality.MISSING,
        Quality.MEASURED,
        Quality.ESTIMATED,
        Quality.MEASURED,
    ]
    assert table.start_utc.tolist()[:2] == [1496275200, 1496278800]
    assert table.resolution_minutes == 60
    assert (table.point.dtype, table.start_utc.dtype, table.energy.dtype, table.quality.dtype) == (
        np.int32,
        np.int64,
        np.int64,
        np.uint8,
    )


@pytest.mark.parametrize(
    ("text", "energy"),
    [
        ("0.0000005", 1),
        ("0.00000049", 0),
        ("1.4784334", 1_478_433),
        ("0.0000015", 2),
        ("9.918213e-08", 0),
        ("1e-3", 1_000),
        ("+2", 2_000_000),
        (".5", 500_000),
        ("5.", 5_000_000),
        ("-0.0", 0),
        (" 1.5 ", 1_500_000),
        ("0.12345678901234567890", 123_457),
        ("123456789.1234565", 123_456_789_123_457),
        ("9007199254", 9_007_199_254_000_000),
        ("000000000000000000000001", 1_000_000),
    ],
)
def test_decimals_are_read_exactly_and_rounded_half_away_from_zero(read, text, energy):
    table, _ = read(row(0, text))
    assert table.energy.tolist() == [energy]


@pytest.mark.parametrize(
    "start", ["2017-06-01T02:00:00+02:00", "2017-06-01 00:00Z", "2017-05-31T16:00-08:00", "20170601T00Z"]
)
def test_an_instant_may_be_written_with_any_offset(read, start):
    table, _ = read(row(0, start=start))
    assert table.start_utc.tolist() == [1496275200]


def test_half_hour_zones_are_on_the_grid_of_their_own_wall_clock(read):
    table, _ = read(row(0, start="2017-06-01T05:00:00+05:30"))
    assert table.start_utc.tolist() == [1496275200 - 1800]


@pytest.mark.parametrize(
    ("line", "rule", "words"),
    [
        (row(1, "-0.5"), "energy", "negative"),
        (row(1, "nan"), "energy", "finite"),
        (row(1, "-inf"), "energy", "finite"),
        (row(1, "1_000"), "energy", "not a number"),
        (row(1, "１"), "energy", "not a number"),
        (row(1, "0x1"), "energy", "not a number"),
        (row(1, "1.2.3"), "energy", "not a number"),
        (row(1, "1e400"), "energy", "beyond any meter|not a number"),
        (row(1, "99999999999"), "energy", "beyond any meter"),
        (row(1, ""), "energy-absent", "missing"),
        (row(1, "1", "missing"), "energy-where-missing", "leave it empty"),
        (row(1, "1", "mesured"), "quality", '"measured"'),
        (row(1, "1", "Measured"), "quality", '"measured"'),
        (row(1, start="2017-06-01T01:00:00"), "instant", "no offset"),
        (row(1, start="2017-06-01"), "instant", "no offset"),
        (row(1, start="2017-13-01T00:00Z"), "instant", "ISO 8601"),
        (row(1, start="1496275200"), "instant", "no|ISO 8601"),
        (row(1, start="0001-01-01T00:00:00+14:00"), "instant", "years"),
        (row(1, start="2017-06-01T01:00:00.5Z"), "instant", "fraction"),
        (row(1, start="2017-06-01T01:30:00Z"), "off-grid", "60 minutes"),
        (row(1, start="2017-06-01T01:00:01Z"), "off-grid", "60 minutes"),
        (row(1, minutes="15"), "mixed-steps", "one step"),
        (row(1, minutes="7"), "resolution", "divide the hour"),
        (row(1, minutes="60.0"), "resolution", "divide the hour"),
        (row(1, point="home-1-load"), "unknown-point", '"home-01-load"'),
        (row(1, point=""), "unknown-point", "empty"),
        (row(0, "1.6"), "contradiction", "line 2.*line 3"),
        (row(1) + ",x", "field-count", "6 fields"),
        ("home-01-load,2017-06-01T01:00:00Z,60", "field-count", "3 fields"),
        (row(1, '"1,5"'), "quotes", "comma"),
        (row(1, '"1.5'), "quotes", "quotes"),
        (row(1) + "\r" + row(2), "line-end", "carriage return"),
        (row(1) + "\0", "not-text", "zero byte"),
    ],
)
def test_a_fault_is_refused_with_its_line_and_rule(read, line, rule, words):
    findings = refused(read, row(0), line, row(5))
    assert [finding.rule for finding in findings] == [rule]
    finding = findings[0]
    assert (finding.line, finding.file, finding.severity) == (3, "readings.csv", Severity.REFUSED)
    assert re.search(words, finding.message), finding.message


def test_a_fault_in_a_sound_row_names_its_point_and_interval(read):
    finding = refused(read, row(0), row(7, "-1"))[0]
    assert finding.metering_point == "home-01-load"
    assert (finding.start_utc, finding.end_utc) == (1496275200 + 7 * 3600, 1496275200 + 8 * 3600)


def test_all_faults_of_a_file_are_told_at_once_in_its_order(read):
    findings = refused(
        read, row(0, "-1"), row(1), row(2, "x"), row(3, minutes="15"), "a,b", row(4, "1", "guess")
    )
    assert [(finding.line, finding.rule) for finding in findings] == [
        (2, "energy"),
        (4, "energy"),
        (5, "mixed-steps"),
        (6, "field-count"),
        (7, "quality"),
    ]


def test_beyond_a_thousand_faults_the_rest_is_counted(read):
    with pytest.raises(ReadingsError, match="2499 more faults") as error:
        read(*[row(0, "x", start=f"20{year:02d}-01-01T00:00Z") for year in range(10, 35)] * 100)
    findings = error.value.findings
    assert len(findings) == FINDINGS_MAX + 1
    assert findings[-1].rule == "more-faults"
    assert findings[-1].value == "1500 faults"


def test_the_step_that_the_community_settles_is_demanded(read):
    findings = refused(read, row(0), resolution_minutes=15)
    assert [finding.rule for finding in findings] == ["mixed-steps"]
    assert "the community settles 15" in findings[0].message


def test_an_identical_duplicate_is_dropped_with_a_warning(read):
    table, findings = read(row(0), row(1), row(0))
    assert len(table) == 2
    assert [(finding.rule, finding.severity, finding.line) for finding in findings] == [
        ("duplicate", Severity.WARNING, 4)
    ]


def test_an_unknown_point_is_one_finding_however_many_rows_it_has(read):
    findings = refused(read, *[row(hour, point="home-9-load") for hour in range(24)])
    assert [(finding.line, finding.value) for finding in findings] == [(2, "24 rows")]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("metering_point,start,resolution_minutes,energy_kwh,qualty", ['did you mean "quality"']),
        ("metering_point,start,resolution_minutes,energy_kwh", ['"quality" is missing']),
        (HEADER + ",quality", ['"quality" is there 2 times']),
        (HEADER.replace(",", ";"), ["not separated by commas"]),
        ("", ["is missing"]),
    ],
)
def test_a_wrong_header_is_refused_by_column(read, header, words):
    findings = refused(read, raw=f"{header}\n{row(0)}\n".encode())
    assert all(finding.line == 1 for finding in findings)
    for word in words:
        assert any(word in finding.message for finding in findings)


def test_columns_may_come_in_any_order(read):
    table, _ = read(
        raw=b"quality,energy_kwh,start,metering_point,resolution_minutes\nmeasured,2,2017-06-01T00:00Z,home-01-load,15\n"
    )
    assert (table.energy.tolist(), table.resolution_minutes) == ([2_000_000], 15)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.rstrip(b"\n"),
        lambda content: content.replace(b"\n", b"\r\n").rstrip(b"\n"),
        lambda content: content.replace(b"\n", b"\n\n"),
        lambda content: content + b",,,,\n\n",
        gzip.compress,
        lambda content: content.replace(b"home-01-load", b'"home-01-load"').replace(b"1.5", b'"1.5"'),
    ],
    ids=["bom", "crlf", "no-last-newline", "crlf-cut", "blank-lines", "blank-end", "gzip", "quoted"],
)
def test_what_spreadsheets_and_archives_do_to_a_file_changes_nothing(read, change):
    content = "\n".join([HEADER, row(0), row(1, "0.25"), ""]).encode()
    table, findings = read(raw=change(content))
    assert findings == []
    assert table.energy.tolist() == [1_500_000, 250_000]


def test_line_numbers_hold_below_blank_lines(read):
    assert [finding.line for finding in refused(read, "", row(0), "", "", row(1, "x"))] == [6]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty-file"),
        (b"\n\n  \n", "empty-file"),
        (HEADER.encode() + b"\n", "no-readings"),
        (b"PK\x03\x04" + b"\0" * 50, "not-text"),
        ((HEADER + "\n" + row(0)).encode("utf-16"), "not-utf-8"),
        ((HEADER + "\nH\xe4user" + row(0)[4:]).encode("latin-1"), "not-utf-8"),
        (gzip.compress((HEADER + "\n" + row(0)).encode())[:-9], "truncated"),
        (b"\x1f\x8b garbage", "truncated"),
        (f"{HEADER}\n{row(0)}\nhome-01-load,2017-06-01T01:00:00Z,60,1.".encode(), "truncated"),
    ],
)
def test_what_is_no_readings_file_is_refused_as_a_whole(read, content, rule):
    findings = refused(read, raw=content)
    assert [finding.rule for finding in findings] == [rule]


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(ReadingsError, match="cannot be read"):
            read_generic_csv(path)


def test_an_endless_line_is_refused_without_reading_it_whole(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(HEADER.encode() + b"\n")
        file.seek(1 << 30)
        file.write(b"x")
    spaces = tmp_path / "spaces.csv.gz"
    with gzip.open(spaces, "wb", compresslevel=1) as packed:
        packed.write(HEADER.encode() + b"\n")
        for _ in range(100):
            packed.write(b" " * (1 << 20))
    tracemalloc.start()
    try:
        for file in (path, spaces):
            with pytest.raises(ReadingsError) as error:
                read_generic_csv(file)
            assert [(finding.rule, finding.line) for finding in error.value.findings] == [("long-line", 2)]
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_long_line_in_the_middle_is_found(read):
    findings = refused(read, row(0), row(1, "1" * 70_000), row(2))
    assert [(finding.rule, finding.line) for finding in findings] == [("long-line", 3)]


def test_rows_across_many_blocks_arrive_whole_with_their_lines(read, monkeypatch):
    monkeypatch.setattr("backend.adapters.meter_files.text_blocks._BLOCK_BYTES", 100)
    lines = [
        row(hour, f"{day}.{hour:02d}", start=f"2017-06-{day:02d}T{hour:02d}:00Z")
        for day in range(1, 31)
        for hour in range(24)
    ]
    table, _ = read(*lines)
    assert table.energy.tolist() == [
        day * 1_000_000 + hour * 10_000 for day in range(1, 31) for hour in range(24)
    ]
    lines[500] = lines[500].replace("measured", "x")
    assert [finding.line for finding in refused(read, *lines)] == [502]


def test_what_is_written_reads_back_the_same(read, tmp_path):
    table, _ = read(
        row(0), row(1, "", "missing"), row(2, "0.000001", "edited"), row(0, "7", point="home-01-solar")
    )
    again, _ = read(raw=write_generic_csv(table))
    for column in ("point", "start_utc", "energy", "quality"):
        assert getattr(again, column).tolist() == getattr(table, column).tolist()
    assert again.metering_points == table.metering_points
    assert write_generic_csv(again) == write_generic_csv(table)


def test_a_million_rows_take_seconds_not_minutes(tmp_path):
    stamps = [
        f"2017-{month:02d}-{day:02d}T{hour:02d}:00:00Z"
        for month in range(1, 13)
        for day in range(1, 29)
        for hour in range(24)
    ]
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for point in range(25):
            file.writelines(
                f"p-{point},{stamp},60,0.{index:06d},measured\n" for index, stamp in enumerate(stamps)
            )
    begun = time.perf_counter()
    table, _ = read_generic_csv(path)
    assert len(table) == 25 * len(stamps)
    assert time.perf_counter() - begun < 5  # about 0.1 s on an idle core
