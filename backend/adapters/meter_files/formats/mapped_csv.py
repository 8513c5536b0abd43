"""CSV of any columns, by a mapping."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING, Any, BinaryIO

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.mapped_rows import read_rows
from backend.adapters.meter_files.mapping import TableMapping, read_mapping
from backend.adapters.meter_files.text_blocks import split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import RegisterRead, SourceBlock

__all__ = ["FORMAT"]

_NO_TEXT = (b"PK\x03\x04", b"PAR1", b"ARROW1", b"%PDF", b"\xd0\xcf\x11\xe0")


def recognise(head: bytes) -> bool:
    """Any text may be such a table; whether its columns fit, the mapping says."""
    return bool(head.strip()) and not head.startswith(_NO_TEXT)


def read(
    source: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    """Read a table by ``options.mapping``."""
    mapping = read_mapping(options.mapping or {})
    yield from read_rows(_rows(source, mapping, faults), mapping, options, faults)


def _rows(
    source: SourceFile, mapping: TableMapping, faults: FaultCollector
) -> Iterator[tuple[int, list[str]]]:
    with source.open() as raw:
        stream = raw if mapping.encoding == "utf-8" else _as_utf8(raw, mapping.encoding)
        try:
            for first, block, _ in split_blocks(stream, faults):
                lines = block.decode().split("\n")
                if not lines[-1]:
                    lines.pop()
                for number, text in enumerate(lines, first):
                    if number >= mapping.header_row:
                        yield number, _fields(text, number, mapping, faults)
        except UnicodeDecodeError as error:
            faults.refuse(
                "encoding", f"the file is not {mapping.encoding} ({error.reason}); correct [form] encoding."
            )


def _fields(text: str, line: int, mapping: TableMapping, faults: FaultCollector) -> list[str]:
    if '"' not in text:
        return text.split(mapping.delimiter)
    try:
        return next(csv.reader([text], delimiter=mapping.delimiter, strict=True), [])
    except csv.Error as error:
        faults.refuse("quotes", f"the quotes of the line do not fit ({error}).", line=line)
        return []


def _as_utf8(raw: BinaryIO, encoding: str) -> BinaryIO:
    return io.BufferedReader(_Recoded(raw, encoding))


class _Recoded(io.RawIOBase):
    """A stream of another encoding as UTF-8, piece by piece."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        while not self._rest and not self._ended:
            piece = self._stream.read(len(view))
            self._ended = not piece
            self._rest = self._decoder.decode(piece, final=not piece).encode()
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


FORMAT = MeterFormat(
    name="mapped-csv",
    title="CSV of any columns, by --mapping",
    recognise=recognise,
    read=read,
    needs_mapping=True,
)
