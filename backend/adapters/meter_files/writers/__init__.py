"""The forms that readings are written in: a module each, which has ``WRITER``.

A writer streams into what it is given and writes no more than it says: what a form cannot carry (a word of a source, a
step) it refuses with ``InputError`` before its first byte. Heavy libraries are imported where they are used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

from backend.errors import InputError
from backend.metering.known_points import split_pure_id

if TYPE_CHECKING:
    from backend.metering import ReadingTable

__all__ = ["MeterFileWriter", "WriteOptions", "all_writers", "find_writer"]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a table does not say.

    Attributes:
        time_zone: Whose civil days a form is divided by, IANA name.
        source_quality: Write the sources' own words for qualities where the form leaves that open?
        created_utc: When the file is made, for forms that carry it. [s since 1970, UTC]
        name: Operator's number and direction (``backend.metering.points``) of a metering point by its id.
    """

    time_zone: str = "UTC"
    source_quality: bool = False
    created_utc: int = 0
    name: Callable[[str], tuple[str, int]] = split_pure_id


@dataclass(frozen=True, slots=True)
class MeterFileWriter:
    """A form.

    Attributes:
        name: For ``--to``: lower case, dashes.
        title: In words.
        suffixes: Of file names, with the dot, that mean this form where nobody says; a suffix belongs to one form.
        write: Writes a table into a stream.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    write: Callable[[ReadingTable, BinaryIO, WriteOptions], None]


_MODULES: tuple[str, ...] = (
    "arrow",
    "eda",
    "generic",
    "green_button",
    "parquet",
)


def all_writers() -> tuple[MeterFileWriter, ...]:
    """Every form."""
    return tuple(import_module(f"{__name__}.{module}").WRITER for module in _MODULES)


def find_writer(name: str, file_name: str) -> MeterFileWriter:
    """The form of a name, or that which a file's suffix means; the generic CSV where neither says.

    Raises:
        InputError: If there is none of that name.
    """
    writers = {writer.name: writer for writer in all_writers()}
    if name:
        if name not in writers:
            raise InputError(
                f'readings are not written as "{name[:40]}"; there are {", ".join(sorted(writers))}.'
            )
        return writers[name]
    fitting = [
        writer for writer in writers.values() if file_name.lower().endswith(writer.suffixes or ("\0",))
    ]
    return fitting[0] if fitting else writers["csv"]
