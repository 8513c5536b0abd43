"""Opens workbooks in bounds: what would unfold to terabytes is refused before the reader is let near."""

import io
import time
import zipfile

import openpyxl
import pytest

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.formats import SourceFile, workbooks
from backend.adapters.meter_files.formats.eda_report import FORMAT
from backend.adapters.meter_files.formats.workbooks import is_workbook, open_sheets
from tests.unit.meter_files.national.workbook_files import altered, saved

SHEET = "xl/worksheets/sheet1.xml"
PARTS = {
    "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "xl/workbook.xml": b"<workbook/>",
}


def opened(content):
    faults = FaultCollector("file")
    sheets = [
        (sheet.name, list(sheet.rows))
        for sheet in open_sheets(SourceFile("file", content[:64], lambda: io.BytesIO(content)), faults)
    ]
    return sheets, faults.told()


def small_book():
    book = openpyxl.Workbook()
    book.active.title = "Eins"
    book.active.append(["a", 1, 2.5])
    book.active.append(["a", None, "b"])
    return saved(book)


def with_sheet(xml):
    return altered(small_book(), SHEET, lambda _: xml)


def rows_of(cells):
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + cells
        + b"</sheetData></worksheet>"
    )


def packed(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_sheets_come_with_their_cells():
    content = small_book()
    assert is_workbook(content)
    sheets, findings = opened(content)
    assert sheets == [("Eins", [["a", 1.0, 2.5], ["a", "", "b"]])]
    assert not findings


def test_other_archives_are_no_workbooks():
    assert not is_workbook(packed({"readings.csv": b"a,b"}))
    assert not is_workbook(b"xl/workbook.xml")


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (
            rows_of(
                b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            ),
            "1048576 rows and 16384 columns",
        ),
        (rows_of(b'<row><c t="n" s="1" r="ZZZ9999999"><v>1</v></c></row>'), "9999999 rows"),
        (rows_of(b"<row><c><v>1</v></c></row>"), "without an address"),
        (rows_of(b'<row><c r="&#88;FD1"><v>1</v></c></row>'), "without an address"),
        (rows_of(b'<row><c r="A1"><v>' + b"1" * 3_000_000 + b"</v></c></row>"), "more than 128 kB"),
    ],
)
def test_a_sheet_that_asks_for_too_much_is_refused_at_once(xml, words):
    started = time.monotonic()
    sheets, findings = opened(with_sheet(xml))
    assert not sheets
    assert [finding.rule for finding in findings] == ["too-large"]
    assert words in findings[0].message
    assert time.monotonic() - started < 5


def test_a_sheet_hides_behind_no_name_of_a_part():
    bomb = rows_of(b'<row><c r="A1"/></row><row><c r="XFD1048576"/></row>')
    assert "1048576 rows" in opened(altered(small_book(), "docs/Notes.txt", lambda _: bomb))[1][0].message


@pytest.mark.parametrize("part", ["xl/workbook.bin", "content.xml", "XL/Workbook.BIN"])
def test_workbooks_of_other_kinds_are_refused(part):
    _, findings = opened(altered(small_book(), part, lambda _: b""))
    assert "save it as .xlsx" in findings[0].message


def test_a_sheet_in_utf_16_has_no_cells():
    sheet = rows_of(b'<row><c r="XFD1048576"><v>1</v></c></row>').decode().encode("utf-16")
    assert opened(with_sheet(sheet)) == ([("Eins", [])], [])


def test_a_long_text_that_every_cell_repeats_is_refused():
    text = b"<sst><si><t>" + b"a" * 3_000_000 + b"</t></si></sst>"
    content = altered(small_book(), "XL/sharedstrings.xml", lambda _: text)
    cells = b"".join(
        b'<row r="%d">' % row
        + b"".join(b'<c r="%s%d" t="s"><v>0</v></c>' % (column, row) for column in (b"A", b"B", b"C"))
        + b"</row>"
        for row in range(1, 200)
    )
    _, findings = opened(altered(content, SHEET, lambda _: rows_of(cells)))
    assert [finding.rule for finding in findings] == ["too-large"]
    assert "may repeat" in findings[0].message


def test_a_part_that_unpacks_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(workbooks, "_UNPACKED_MAX", 8 * 1024**2)
    content = altered(small_book(), "docProps/app.xml", lambda _: b" " * (64 * 1024**2))
    assert len(content) < 200_000
    _, findings = opened(content)
    assert "unpacks to more than 8 MB" in findings[0].message


def test_too_many_parts_are_refused():
    content = packed(PARTS | {f"xl/media/{number}": b"" for number in range(2001)})
    assert "2003 parts" in opened(content)[1][0].message


@pytest.mark.parametrize(
    "content",
    [
        small_book()[:-200],
        small_book()[:500],
        packed(PARTS),
        b"PK\x03\x04",
        packed({"xl/workbook.xml": b"\0\0"}),
    ],
)
def test_what_is_cut_off_or_no_workbook_says_so(content):
    faults = FaultCollector("file")
    source = SourceFile("file", content[:65536], lambda: io.BytesIO(content))
    from backend.adapters.meter_files.formats import ReadOptions

    assert list(FORMAT.read(source, ReadOptions(), faults)) == []
    assert faults.refused == 1
