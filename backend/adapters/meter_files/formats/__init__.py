"""The formats that meter data come in: a module each, which recognises its files by their content and reads them.

Each module has ``FORMAT``. A reader streams: it yields blocks as it goes and holds no more of a file than a block, or
one series where the format makes it necessary. What is wrong goes to the ``FaultCollector`` with line, metering point
and value; a reader raises nothing of its own about content, and stops where going on is senseless. Words that it does
not know (a column, a code, a unit) it tells; it never guesses. Heavy libraries are imported where they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

from backend.metering.source_series import RegisterRead, SourceBlock

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering import Finding, ReadingTable

__all__ = [
    "HEAD_BYTES",
    "FormatReader",
    "MeterFormat",
    "ReadOptions",
    "SourceFile",
    "TableReader",
    "all_formats",
]

HEAD_BYTES = 64 * 1024
"""So much of a file's beginning is looked at to recognise it. [B]"""


@dataclass(frozen=True)
class SourceFile:
    """A file, or a member of an archive, as a reader takes it.

    Attributes:
        name: Without folder; for messages, never to recognise by.
        head: Its first bytes, ``HEAD_BYTES`` at most, decompressed.
        open: A new stream from its beginning, decompressed; bounded, so that reading it whole is safe only for
            formats that say so.
        size: Decompressed, where it is known without reading. [B]
    """

    name: str
    head: bytes
    open: Callable[[], BinaryIO]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader cannot know from the file.

    Attributes:
        time_zone: Of stamps without offset, IANA name; None where nobody said, which refuses such stamps.
        resolution_minutes: Step of the readings where the file does not say it. [min]
        metering_point: Whose readings a file is that names nobody (a meter's telegram, a portal's export).
        direction: ``CONSUMPTION`` or ``FEED_IN`` of a file that does not say it; None where nobody said.
        mapping: How columns of a generic table map to ours, as the mapping file states it; None without.
    """

    time_zone: str | None = None
    resolution_minutes: int | None = None
    metering_point: str = ""
    direction: int | None = None
    mapping: Mapping[str, object] | None = field(default=None)


FormatReader = Callable[[SourceFile, ReadOptions, "FaultCollector"], Iterator[SourceBlock | RegisterRead]]

TableReader = Callable[
    [SourceFile, "FaultCollector", "AbstractSet[str] | None", "int | None"],
    "tuple[ReadingTable, list[Finding]]",
]


@dataclass(frozen=True, slots=True)
class MeterFormat:
    """A format.

    Attributes:
        name: For ``--format`` and messages: lower case, dashes.
        title: In words, with who issues it.
        recognise: Does a file that begins so have this format? Must be sure: two formats never claim one file.
        read: The reader.
        needs_mapping: Is it a table of the file's own columns, which is read by a mapping file only?
        read_table: Instead of ``read``, of our own form: reads it into a table at once, matched and checked.
    """

    name: str
    title: str
    recognise: Callable[[bytes], bool]
    read: FormatReader
    needs_mapping: bool = False
    read_table: TableReader | None = None


_MODULES: tuple[str, ...] = (
    "arrow",
    "cau_coefficients",
    "cim_vhd",
    "datadis",
    "dsmr",
    "eda",
    "eda_report",
    "enedis",
    "energinet",
    "fingrid",
    "fluvius",
    "generic",
    "green_button",
    "mapped_columns",
    "mapped_csv",
    "mapped_excel",
    "meter_readings_61968",
    "mijn_aansluiting",
    "mscons",
    "nem12",
    "nem13",
    "parquet",
)


def all_formats() -> tuple[MeterFormat, ...]:
    """Every format, in the order in which they are asked."""
    return tuple(import_module(f"{__name__}.{module}").FORMAT for module in _MODULES)
