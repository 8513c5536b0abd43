"""Strict reading of TOML tables: each refusal names file, line, table, key, value and what to write instead."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from typing import Any

from backend.errors import CommunityDefinitionError, InputError

__all__ = ["Document", "Table", "name_nearest"]

_HEADER = re.compile(r"\s*\[(\[?)\s*([A-Za-z0-9_\-\"'. ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*[=.]")

_LISTED_MOST = 12
_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def name_nearest(value: str, known: Collection[str]) -> str:
    """``did you mean "dynamic"?`` where something known is near, else the list of what is known."""
    near = difflib.get_close_matches(value, list(known), n=1, cutoff=0.5)
    if near:
        return f'did you mean "{near[0]}"?'
    listed = sorted(known)
    if len(listed) > _LISTED_MOST:
        return f"known are {', '.join(listed[:_LISTED_MOST])} and {len(listed) - _LISTED_MOST} more."
    return f"known are {', '.join(listed)}."


class Document:
    """A TOML text and where its tables and keys stand.

    Attributes:
        file: Name for messages.
        root: The parsed content.
    """

    def __init__(self, text: str, file: str) -> None:
        """Parse.

        Raises:
            CommunityDefinitionError: If it is not TOML; the message has line and column.
        """
        self.file = file
        try:
            self.root: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise CommunityDefinitionError(f"{file}: this is not valid TOML: {error}.") from None
        except RecursionError:
            raise CommunityDefinitionError(
                f"{file}: the arrays are nested too deeply to be a community."
            ) from None
        self._lines = _index_lines(text)

    @classmethod
    def of_tables(cls, tables: Mapping[str, Any], name: str) -> Document:
        """A document that came as data, not as text: messages name no line."""
        document = cls("", name)
        document.root = dict(tables)
        return document

    def line_of(self, table: str, index: int, key: str = "") -> int:
        """Line of a key of the table's index-th occurrence, else of its header, 0 where it cannot be told."""
        return self._lines.get((table, index, key), self._lines.get((table, index, ""), 0))

    def table(self, name: str, known: Collection[str], *, required: bool) -> Table | None:
        """The table of that name, its keys checked.

        Raises:
            CommunityDefinitionError: If it is absent though required, is no table, or has an unknown key.
        """
        value = self.root.get(name)
        if value is None:
            if required:
                raise CommunityDefinitionError(f"{self.file}: table [{name}] is missing; add it.")
            return None
        return Table(self, name, value, known)

    def tables(self, name: str, known: Collection[str]) -> list[Table]:
        """The array of tables of that name.

        Raises:
            CommunityDefinitionError: If it is absent, empty, no array of tables, or one has an unknown key.
        """
        values = self.root.get(name)
        if not values:
            raise CommunityDefinitionError(f"{self.file}: there is no [[{name}]]; list at least one.")
        if not isinstance(values, list):
            raise CommunityDefinitionError(
                f"{self.file}, line {self.line_of(name, 0)}: {name} is a list; write [[{name}]] with double brackets."
            )
        return [Table(self, name, value, known, index) for index, value in enumerate(values)]

    def refuse_unknown_tables(self, known: Collection[str]) -> None:
        """Refuse a top-level key or table that is not known.

        Raises:
            CommunityDefinitionError: Naming it and the nearest known one.
        """
        for name in self.root:
            if name not in known:
                line = self.line_of(name, 0) or self.line_of("", 0, name)
                place = f"{self.file}, line {line}" if line else self.file
                raise CommunityDefinitionError(
                    f"{place}: there is no table [{name}]; {name_nearest(name, known)}"
                )


class Table:
    """One TOML table whose values are taken by type.

    Attributes:
        name: As in the header.
    """

    def __init__(
        self,
        document: Document,
        name: str,
        value: object,
        known: Collection[str],
        index: int = 0,
        outer: tuple[str, str] | None = None,
    ) -> None:
        self.name = name
        self._document = document
        self._index = index
        self._outer = outer
        if not isinstance(value, dict):
            raise self.error("", f"is a table; write [{name}] and its keys below")
        self._values: dict[str, Any] = value
        for key in value:
            if key not in known:
                raise self.error(key, f"is not known; {name_nearest(key, known).removesuffix('.')}")

    def error(self, key: str, problem: str) -> CommunityDefinitionError:
        """The refusal of a key of this table, with its place."""
        line = self._document.line_of(self.name, self._index, key)
        if not line and self._outer:
            line = self._document.line_of(self._outer[0], 0, self._outer[1])
        place = f"{self._document.file}, line {line}" if line else self._document.file
        identity = self._values.get("id") if hasattr(self, "_values") and self.name != "community" else None
        table = f"[{self.name}] {identity}" if isinstance(identity, str) else f"[{self.name}]"
        return CommunityDefinitionError(
            f"{place}: {table} {key} {problem}.".replace("  ", " ").replace("?.", "?")
        )

    @property
    def file(self) -> str:
        """Name of the file, for messages."""
        return self._document.file

    def inner(self, key: str, known: Collection[str]) -> Table | None:
        """The table below a key of this one, its keys checked; None where the key is absent.

        Raises:
            CommunityDefinitionError: If it is no table, or has an unknown key.
        """
        if key not in self._values:
            return None
        return Table(self._document, f"{self.name}.{key}", self._values[key], known, outer=(self.name, key))

    def has(self, key: str) -> bool:
        """Is the key there?"""
        return key in self._values

    def raw(self, key: str) -> Any:
        """The value as TOML gives it.

        Raises:
            CommunityDefinitionError: If it is absent.
        """
        if key not in self._values:
            raise self.error(key, "is missing; add it")
        return self._values[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A string.

        Raises:
            CommunityDefinitionError: If it is absent without default, empty, or no string.
        """
        if default is not None and key not in self._values:
            return default
        value = self.raw(key)
        if not isinstance(value, str):
            raise self.error(key, f'is {_describe(value)}; write it in quotes, such as "{_plain(value)}"')
        if not value.strip():
            raise self.error(key, "is empty; fill it in or remove the line")
        return value

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """One of some words.

        Raises:
            CommunityDefinitionError: If it is another; the nearest is named.
        """
        value = self.text(key, default)
        if value not in known:
            raise self.error(key, f'is "{value}"; {name_nearest(value, known).removesuffix(".")}')
        return value

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number in [low, high].

        Raises:
            CommunityDefinitionError: If it is not.
        """
        if default is not None and key not in self._values:
            return default
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, f"is {_describe(value)}; write a whole number without quotes")
        if not low <= value <= high:
            raise self.error(key, f"is {value}; it lies in {low} to {high}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """A finite number in [low, high].

        Raises:
            CommunityDefinitionError: If it is not.
        """
        value = self.raw(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
            raise self.error(key, f"is {_describe(value)}; write a number without quotes")
        if not low <= value <= high:
            raise self.error(key, f"is {value}; it lies in {low:g} to {high:g}")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false.

        Raises:
            CommunityDefinitionError: If it is neither.
        """
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"is {_describe(value)}; write true or false, without quotes")
        return value

    def date(self, key: str) -> date | None:
        """A civil date, quoted or not; None where the key is absent.

        Raises:
            CommunityDefinitionError: If it is no date.
        """
        if key not in self._values:
            return None
        value = self._values[key]
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 -- a civil date has no zone
        except (TypeError, ValueError):
            raise self.error(key, f'is {_describe(value)}; write a date such as "2024-01-01"') from None

    def quantity(self, key: str, parse: Callable[[str], int], default: str | None = None) -> int:
        """A quoted decimal, read exactly by a parser of quantities.

        Raises:
            CommunityDefinitionError: If it is absent without default, no text, or the parser refuses it.
        """
        text = self.text(key, default)
        try:
            return parse(text)
        except InputError as error:
            raise self.error(key, f"cannot be taken: {str(error).removesuffix('.')}") from None


def _describe(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    kind = names.get(type(value), type(value).__name__)
    return f"{kind} ({_plain(value)})"


def _plain(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004 -- a message stays one line


def _index_lines(text: str) -> dict[tuple[str, int, str], int]:
    """Line of each (table, occurrence, key). Keys inside multi-line values are not told apart, the first line wins."""
    lines: dict[tuple[str, int, str], int] = {}
    counts: dict[str, int] = {}
    table, index = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = header[2].strip("\"'")
            index = counts.get(table, 0)
            counts[table] = index + 1
            lines.setdefault((table, index, ""), number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((table, index, key[1]), number)
    return lines
