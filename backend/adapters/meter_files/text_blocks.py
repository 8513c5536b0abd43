"""A text file as blocks of whole lines, in bounded memory, with what makes it no text found on the way."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from backend.adapters.meter_files.faults import FaultCollector
from backend.errors import ReadingsError

__all__ = ["LINE_BYTES_MAX", "TextBlock", "read_blocks", "split_blocks"]

LINE_BYTES_MAX = 64 * 1024
_BLOCK_BYTES = 8 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_BOM = b"\xef\xbb\xbf"
_LONE_RETURN = re.compile(rb"\r(?!\n|\Z)")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

TextBlock = tuple[
    int, bytes, bool
]  # number of its first line, whole lines with LF, does the last one end with LF?


def read_blocks(path: Path, faults: FaultCollector) -> Iterator[TextBlock]:
    """Read a file, gzip-compressed or not, as blocks of whole lines.

    Byte order mark and carriage returns before line feeds are taken away. Stops at the first thing that makes the
    file no text, which is noted as a refusal: it is empty, binary, not UTF-8, cut off, or has a line above
    ``LINE_BYTES_MAX``, which is found without reading that line whole.

    Args:
        path: The file.
        faults: Takes what is found.

    Yields:
        Number of the first line from 1, the bytes, and whether the last line is ended.

    Raises:
        ReadingsError: If the file cannot be opened.
    """
    with _open(path) as raw:
        magic = raw.read(4)
        raw.seek(0)
        if magic == _ZIP:
            faults.refuse(
                "not-text", "this is a zip archive or a spreadsheet, not text; export it as CSV (UTF-8)."
            )
            return
        if magic.startswith(_UTF16):
            faults.refuse("not-utf-8", "this is UTF-16 text; save it as UTF-8.", line=1)
            return
        try:
            if magic.startswith(_GZIP):
                with gzip.open(raw) as unpacked:
                    yield from split_blocks(unpacked, faults)  # type: ignore[arg-type]
            else:
                yield from split_blocks(raw, faults)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            faults.refuse(
                "truncated", f"the compressed file is cut off or damaged ({error}); fetch it again."
            )


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise ReadingsError(f"{path} cannot be read: {reason}; check the path.") from None


def split_blocks(stream: BinaryIO, faults: FaultCollector) -> Iterator[TextBlock]:
    """The same of an open, decompressed stream, which stays open."""
    line = 1
    rest = stream.read(len(_BOM))
    rest = b"" if rest == _BOM else rest
    empty = True
    while True:
        piece = stream.read(_BLOCK_BYTES)
        block = rest + piece
        empty = empty and not block.strip()
        cut = block.rfind(b"\n") + 1 if piece else len(block)
        lines, rest = block[:cut], block[cut:]
        if lines:
            ended = lines.endswith(b"\n")
            if not _is_sound(lines, line, faults):
                return
            if not empty:
                if b"\r" in lines:
                    lines = lines.replace(b"\r\n", b"\n").removesuffix(b"\r")
                yield line, lines, ended
            line += lines.count(b"\n")
        if len(rest) > LINE_BYTES_MAX:
            _refuse_long(line, faults)
            return
        if not piece:
            break
    if empty:
        faults.refuse("empty-file", "the file is empty; it must have a header line and a reading per line.")


def _is_sound(lines: bytes, first_line: int, faults: FaultCollector) -> bool:
    """Are these lines text of bearable length? Else the first fault is noted."""

    def line_at(offset: int) -> int:
        return first_line + lines.count(b"\n", 0, offset)

    nul = lines.find(b"\0")
    if nul >= 0:
        faults.refuse("not-text", "there is a zero byte: this is a binary file, not CSV.", line=line_at(nul))
        return False
    lone = _LONE_RETURN.search(lines) if b"\r" in lines else None
    if lone:
        faults.refuse(
            "line-end",
            "a carriage return stands inside the line; end lines with LF or CRLF.",
            line=line_at(lone.start()),
        )
        return False
    start = _find_long_line(lines)
    if start >= 0:
        _refuse_long(line_at(start), faults)
        return False
    try:
        lines.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = lines[error.start : error.start + 1].hex()
        faults.refuse(
            "not-utf-8", f"byte 0x{shown} is not UTF-8; save the file as UTF-8.", line=line_at(error.start)
        )
        return False
    return True


def _find_long_line(lines: bytes) -> int:
    """Offset of the first line above the bound, or -1."""
    start = 0
    while len(lines) - start > LINE_BYTES_MAX:
        end = lines.rfind(b"\n", start, start + LINE_BYTES_MAX + 1)
        if end < 0:
            return start
        start = end + 1
    return -1


def _refuse_long(line: int, faults: FaultCollector) -> None:
    faults.refuse(
        "long-line",
        f"the line is longer than {LINE_BYTES_MAX // 1024} kB; this is no readings file.",
        line=line,
    )
