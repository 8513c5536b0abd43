"""Header lines of portals' CSV exports: columns recognised by an explicit table of names, others reported."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats.portal_rows import shorten
from backend.adapters.meter_files.words import name_nearest

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["CsvTable", "fold_word", "read_csv_header", "split_fields"]

_BOM = "\ufeff"
_DELIMITERS = ";,\t"
_NAMES_MAX = 200


def fold_word(word: str) -> str:
    """A column's name for comparing: lower case, without accents, blanks single."""
    plain = unicodedata.normalize("NFKD", word)
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(kept.replace("\u2019", "'").lower().split())


def split_fields(line: str, delimiter: str) -> list[str]:
    """Fields of one line, unquoted (RFC 4180; a quoted line break is not one of a portal)."""
    if '"' not in line:
        return [field.strip() for field in line.split(delimiter)]
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter), [])]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A header line.

    Attributes:
        delimiter: Between its fields.
        names: Folded, in the file's order.
    """

    delimiter: str
    names: tuple[str, ...]

    def check(
        self,
        known: Mapping[str, str],
        needed: Collection[str],
        faults: FaultCollector,
        line: int,
        *,
        usual: Collection[str] = (),
    ) -> bool:
        """Can the table be read? Unknown columns are told, missing and doubled ones refused.

        Args:
            known: Folded names and the fields that they hold.
            needed: Fields without which nothing can be read.
            faults: Takes what is found.
            line: Of the header.
            usual: Fields that a table may lack, as it may be without qualities; not where an unknown column stands,
                which may be theirs by another name.
        """
        refused = faults.refused
        fields = [known.get(name) for name in self.names]
        for name, field in zip(self.names, fields, strict=True):
            if field is None and name:
                faults.warn(
                    "unknown-column",
                    f'column "{shorten(name)}" is not known and not read{name_nearest(name, known)}',
                    line=line,
                )
        for field in sorted({field for field in fields if field and fields.count(field) > 1}):
            names = [name for name, held in zip(self.names, fields, strict=True) if held == field]
            faults.refuse(
                "columns", f'columns "{shorten(", ".join(names))}" hold the same; keep one.', line=line
            )
        is_new = any(name and not field for name, field in zip(self.names, fields, strict=True))
        for field in (*needed, *(usual if is_new else ())):
            if field not in fields:
                names = [f'"{name}"' for name, held in known.items() if held == field]
                faults.refuse("columns", f"there is no column {' or '.join(names)}.", line=line)
        return faults.refused == refused


def read_csv_header(head: bytes) -> CsvTable | None:
    """The first line that is not blank as a header; None where it is no line of at least two fields."""
    text = head.decode("utf-8", errors="replace").removeprefix(_BOM)
    line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        fields = split_fields(line, delimiter)
    except csv.Error:
        return None
    if not 1 < len(fields) <= _NAMES_MAX:
        return None
    return CsvTable(delimiter, tuple(fold_word(field) for field in fields))
