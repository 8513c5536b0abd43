"""Which format a file has, by its content; and what is in one that has none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import SourceFile, all_formats
from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.adapters.meter_files.formats import MeterFormat

__all__ = ["describe_head", "detect_format", "find_format"]

_SHOWN = 12
_WORD_SHOWN = 40
_LINE_SHOWN = 120
_ROOT = re.compile(r"<(?![?!])([^\s/>]{1,120})[^>]*?(?:\sxmlns(?::\w+)?=[\"']([^\"']{1,200})[\"'])?[^>]*>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_KEY = re.compile(r'"([^"\\]{1,60})"\s*:')
_BINARY = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def find_format(name: str) -> MeterFormat:
    """The format of a name.

    Raises:
        InputError: If there is none.
    """
    from backend.adapters.meter_files.words import name_nearest

    formats = {one.name: one for one in all_formats()}
    if name not in formats:
        hint = name_nearest(name, formats)
        raise InputError(
            f'there is no meter file format "{name[:_WORD_SHOWN]}"{hint} There are: {", ".join(sorted(formats))}.'
        )
    return formats[name]


def detect_format(source: SourceFile, faults: FaultCollector, *, mapped: bool = False) -> MeterFormat | None:
    """The one format that claims a file; None after noting what was seen where none or several do.

    Args:
        source: The file.
        faults: Takes what is found.
        mapped: Did the caller give a mapping? Then the file is a table of its own columns, and nothing else.
    """
    formats = [one for one in all_formats() if one.needs_mapping == mapped]
    claims = [one for one in formats if one.recognise(source.head)]
    if len(claims) == 1:
        return claims[0]
    if not source.head.strip():
        faults.refuse("empty-file", "the file is empty; fetch it again.")
        return None
    seen = describe_head(source.head)
    if claims:
        names = " and ".join(one.name for one in claims)
        faults.refuse(
            "several-formats", f"the file is {seen}; it may be {names}: say which with --format.", line=1
        )
    else:
        faults.refuse(
            "unknown-format", f"the file is {seen}. {_what_is_known(formats, mapped=mapped)}", line=1
        )
    return None


def _what_is_known(formats: Sequence[MeterFormat], *, mapped: bool) -> str:
    names = ", ".join(one.name for one in formats)
    if mapped:
        return f"A mapping is for tables; known are {names}."
    return f"Known formats are {names}; a table of other columns is read with --mapping FILE.toml."


def describe_head(head: bytes) -> str:
    """What a file seems to be, in words."""
    for magic, words in _BINARY:
        if head.startswith(magic):
            return words
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16 text, which only some formats have; save it as UTF-8"
    if b"\0" in head:
        return "a binary file of no kind known here"
    text = head.decode("utf-8-sig", errors="replace").strip()
    if text.startswith("<"):
        return _describe_xml(text)
    if text.startswith(("{", "[")):
        keys = list(dict.fromkeys(_KEY.findall(text)))[:_SHOWN]
        return f"JSON whose first keys are {', '.join(map(_show, keys))}" if keys else "JSON without keys"
    return _describe_lines(text)


def _describe_xml(text: str) -> str:
    root = _ROOT.search(_COMMENT.sub("", text))
    if root is None:
        return "XML without a root element in its beginning"
    space = f" of {root[2]}" if root[2] else ""
    return f"XML whose root element is {_show(root[1])}{space}"


def _describe_lines(text: str) -> str:
    line = text.partition("\n")[0].strip()[:_LINE_SHOWN]
    for mark in (";", ",", "\t", "|"):
        columns = [word.strip().strip('"') for word in line.split(mark)]
        if len(columns) > 1:
            shown = ", ".join(_show(column) for column in columns[:_SHOWN])
            return f"text whose first line has the columns {shown}"
    return f'text that begins with "{_show(line)}"'


def _show(word: str) -> str:
    cut = word[:_WORD_SHOWN]
    return "".join(letter if letter.isprintable() else "?" for letter in cut)
