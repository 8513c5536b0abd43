"""Excel workbooks read in bounds: what a sheet would take is counted before the reader that takes it is let near.

The reader unfolds a sheet to a full rectangle and copies shared texts into every cell that refers to them, so a file of
a few hundred bytes can ask for terabytes. Members are therefore unpacked once in pieces, and their cells counted.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from backend.adapters.meter_files.archives import DAMAGES

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import SourceFile

__all__ = ["Sheet", "is_workbook", "open_sheets"]

_MEMBERS_MAX = 2_000
_UNPACKED_MAX = 1024**3
_AREA_MAX = 40_000_000  # cells of a sheet: a year of quarter-hours of a thousand columns
_TEXT_MAX = 1024**3  # of all texts, were each as long as the longest [B]
_PIECE_BYTES = 1024 * 1024
_TAIL_BYTES = 128 * 1024  # an inline text may have 32,767 characters
_PARTS = (b"[Content_Types].xml", b"xl/workbook.xml", b"xl/worksheets/", b"xl/theme/", b"xl/styles.xml")
_OTHERS = frozenset(
    {"xl/workbook.bin", "content.xml", "mimetype"}
)  # what the reader would take for xlsb or ods
_CELL = re.compile(rb"<(?:\w{1,9}:)?c[\s/>]")
_REFERENCE = re.compile(
    rb"<(?:\w{1,9}:)?c\s+(?:[a-z]{1,9}=[\"'][^\"'<]{0,20}[\"']\s+)*?r=[\"']([A-Z]{1,3})([1-9]\d{0,6})[\"']"
)
_TEXT_END = re.compile(rb"</(?:\w{1,9}:)?si\s*>")


class _TooLarge(Exception):  # noqa: N818 -- its text is the finding
    """A workbook would take more than it may."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        name: As the workbook has it.
        rows: Its rows from the first of the sheet on, cells as texts, numbers, dates or empty texts; read once, when
            they are asked for.
    """

    name: str
    rows: Iterator[list[Any]]


def is_workbook(head: bytes) -> bool:
    """Does a file that begins so look like a workbook of Excel 2007 or later?"""
    return head.startswith(b"PK\x03\x04") and any(part in head for part in _PARTS)


def open_sheets(file: SourceFile, faults: FaultCollector) -> Iterator[Sheet]:
    """The visible content of a workbook, sheet by sheet; nothing after noting why it is refused.

    Args:
        file: The workbook.
        faults: Takes what is found: damaged or encrypted files, too many cells, texts that would unfold to too much.
    """
    import python_calamine

    with file.open() as stream:
        try:
            _check_sizes(stream)
            stream.seek(0)
            workbook = python_calamine.CalamineWorkbook.from_filelike(stream)
        except _TooLarge as error:
            faults.refuse("too-large", f"the workbook {error}; export a shorter period.")
            return
        except (python_calamine.CalamineError, *DAMAGES) as error:
            faults.refuse(
                "workbook", f"the workbook is damaged, encrypted or none ({error}); export it again."
            )
            return
        for name in workbook.sheet_names:
            yield Sheet(name, _read_rows(workbook, name, faults))


def _read_rows(workbook: Any, name: str, faults: FaultCollector) -> Iterator[list[Any]]:
    import python_calamine

    try:
        yield from workbook.get_sheet_by_name(name).iter_rows()
    except python_calamine.CalamineError as error:
        faults.refuse("workbook", f"the workbook's sheet {name!r:.60} is damaged ({error}); export it again.")


def _check_sizes(stream: BinaryIO) -> None:
    """Refuse what would unfold to too much. Any part may be a sheet or the shared texts, whatever its name."""
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if len(members) > _MEMBERS_MAX:
            raise _TooLarge(f"has {len(members)} parts")
        if _OTHERS & {member.filename.lower() for member in members}:
            raise zipfile.BadZipFile("it is a workbook of another kind; save it as .xlsx")
        room = _UNPACKED_MAX
        cells = longest = 0
        for member in members:
            counter = _Counter()
            with archive.open(member) as unpacked:
                while piece := unpacked.read(_PIECE_BYTES):
                    room -= len(piece)
                    if room < 0:
                        raise _TooLarge(f"unpacks to more than {_UNPACKED_MAX // 1024**2} MB")
                    counter.take(piece)
            counter.end()
            cells += counter.cells
            longest = max(longest, counter.longest)
        if cells * longest > _TEXT_MAX:
            raise _TooLarge(f"has {cells} cells and a text of {longest} characters, which each may repeat")


class _Counter:
    """Counts the cells of a part, how far they reach, and how long a text is that cells may share.

    Attributes:
        cells: 0 where the part is no sheet.
        longest: Length of the longest shared text, at most. [B]
    """

    def __init__(self) -> None:
        self.cells = 0
        self.longest = 0
        self._sheet = False
        self._tags = 0
        self._columns = 0
        self._rows = 0
        self._since = 0
        self._tail = b""

    def take(self, piece: bytes) -> None:
        """Look at the next bytes of the part."""
        text = self._tail + piece
        cut = text.rfind(b">") + 1
        if self._sheet and len(text) - cut > _TAIL_BYTES:
            raise _TooLarge(f"has a tag or a text of more than {_TAIL_BYTES // 1024} kB")
        cut = cut if len(text) - cut <= _TAIL_BYTES else len(text)
        self._tail = text[cut:]
        self._look(text[:cut])

    def end(self) -> None:
        """The part is over."""
        self._look(self._tail)
        if not self._sheet:
            self.cells = 0
        elif self._tags != self.cells:
            raise _TooLarge("has cells without an address")
        elif self._rows * self._columns > _AREA_MAX:
            raise _TooLarge(f"has a sheet of {self._rows} rows and {self._columns} columns")

    def _look(self, text: bytes) -> None:
        self._sheet |= b"sheetData" in text
        references = _REFERENCE.findall(text)
        self._tags += len(_CELL.findall(text))
        self.cells += len(references)
        if references:
            letters = max({column for column, _ in references}, key=lambda word: (len(word), word))
            self._columns = max(self._columns, _number_column(letters))
            self._rows = max(self._rows, *(int(row) for _, row in references))
        begin = 0
        for match in _TEXT_END.finditer(text):
            self.longest = max(self.longest, self._since + match.end() - begin)
            begin, self._since = match.end(), 0
        self._since += len(text) - begin


def _number_column(letters: bytes) -> int:
    """``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
