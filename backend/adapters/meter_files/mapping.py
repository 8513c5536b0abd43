"""How the columns of a table that is nobody's form map to ours, as a mapping file (TOML) states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.adapters.meter_files.words import QUALITY_WORDS, name_nearest
from backend.errors import InputError
from backend.metering import Quality
from backend.metering.known_points import DIRECTION_UNSTATED
from backend.metering.points import CONSUMPTION, FEED_IN

__all__ = ["DECADES", "POWER_UNITS", "TableMapping", "WideColumn", "read_mapping"]

DECADES = {"MWh": 9, "kWh": 6, "Wh": 3}
"""Powers of ten from units of energy to milliwatt-hours."""

POWER_UNITS = {"kW": 6, "W": 3}
"""Powers of ten from units of mean power to milliwatts."""

_DIRECTIONS = {"consumption": CONSUMPTION, "feed-in": FEED_IN, "feed_in": FEED_IN}
_COLUMNS = ("metering_point", "start", "energy", "quality", "direction", "date", "time", "ignore")
_FORM = (
    *("unit", "delimiter", "decimal", "time_format", "stamps", "time_zone", "resolution_minutes"),
    *("direction", "sheet", "header_row", "encoding"),
)
_TABLES = ("columns", "form", "quality", "directions", "points", "wide")
_TEXT_MAX = 200
_COLUMNS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class WideColumn:
    """A column that holds the energies of one point.

    Attributes:
        metering_point: Its number.
        direction: Of ``backend.metering.points``.
    """

    metering_point: str
    direction: int


@dataclass(frozen=True)
class TableMapping:
    """A mapping, checked.

    Attributes:
        name: Of the mapping's file, for messages.
        start: Column of the stamps; where ``time`` is set, of their dates.
        time: Column of the times of day, empty where stamps are in one column.
        energy: Column of the energies, empty in a wide table.
        metering_point: Column of the points' numbers; empty where the table names nobody.
        quality: Column of the source's words for qualities; empty where there is none.
        direction: Column of the directions; empty where there is none.
        ignored: Columns that are left aside knowingly.
        wide: Points by column, in a wide table.
        unit: Of the energies, a key of ``DECADES`` or ``POWER_UNITS``.
        delimiter: Between fields of CSV, one character.
        decimal: ``.`` or ``,``.
        time_format: As ``datetime.strptime`` has it; empty for ISO 8601.
        stamps_are_ends: Do stamps name the ends of intervals?
        time_zone: Of stamps without offset; empty where they have one.
        resolution_minutes: Step; 0 where the stamps say it. [min]
        default_direction: Of what has no direction column; ``DIRECTION_UNSTATED`` where the mapping says none.
        sheet: Of a workbook; empty for its only one.
        header_row: Of the columns' names, from 1.
        encoding: Of CSV.
        qualities: Ours by the source's word.
        directions: Ours by the source's word.
        points: Numbers by the table's own names of points.
    """

    name: str
    start: str
    time: str
    energy: str
    metering_point: str
    quality: str
    direction: str
    ignored: frozenset[str]
    wide: Mapping[str, WideColumn]
    unit: str
    delimiter: str
    decimal: str
    time_format: str
    stamps_are_ends: bool
    time_zone: str
    resolution_minutes: int
    default_direction: int
    sheet: str
    header_row: int
    encoding: str
    qualities: Mapping[str, Quality]
    directions: Mapping[str, int]
    points: Mapping[str, str] = field(default_factory=dict)

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that a table must have."""
        single = (self.start, self.time, self.energy, self.metering_point, self.quality, self.direction)
        return (*dict.fromkeys(filter(None, single)), *self.wide)

    @property
    def known(self) -> frozenset[str]:
        """Columns that a table may have."""
        return self.ignored.union(self.needed)


def read_mapping(content: Mapping[str, object], name: str = "the mapping") -> TableMapping:
    """Check a mapping.

    Args:
        content: The TOML file's content.
        name: Of the file, for messages.

    Raises:
        InputError: If something in it is unknown, missing or of another kind.
    """
    _require_known(content, _TABLES, name, "table")
    columns, form = _table(content, "columns", name), _table(content, "form", name)
    _require_known(columns, _COLUMNS, name, "column")
    _require_known(form, _FORM, name, "word of [form]")
    wide = _wide(_table(content, "wide", name), name)
    direction = _text(form, "direction", name)
    start = _text(columns, "start", name) or _text(columns, "date", name)
    mapping = TableMapping(
        name=name,
        start=start,
        time=_text(columns, "time", name),
        energy=_text(columns, "energy", name),
        metering_point=_text(columns, "metering_point", name),
        quality=_text(columns, "quality", name),
        direction=_text(columns, "direction", name),
        ignored=frozenset(_texts(columns.get("ignore", []), name)),
        wide=wide,
        unit=_one_of(_text(form, "unit", name), (*DECADES, *POWER_UNITS), name, "unit"),
        delimiter=_delimiter(_text(form, "delimiter", name) or ",", name),
        decimal=_one_of(_text(form, "decimal", name) or ".", (".", ","), name, "decimal"),
        time_format=_text(form, "time_format", name),
        stamps_are_ends=_one_of(_text(form, "stamps", name) or "start", ("start", "end"), name, "stamps")
        == "end",
        time_zone=_zone(_text(form, "time_zone", name), name),
        resolution_minutes=_whole(form, "resolution_minutes", 0, 60, name),
        default_direction=_DIRECTIONS[_one_of(direction, tuple(_DIRECTIONS), name, "direction")]
        if direction
        else DIRECTION_UNSTATED,
        sheet=_text(form, "sheet", name),
        header_row=_whole(form, "header_row", 1, 1000, name),
        encoding=_one_of(
            _text(form, "encoding", name) or "utf-8",
            ("utf-8", "latin-1", "cp1252", "utf-16"),
            name,
            "encoding",
        ),
        qualities=_qualities(_table(content, "quality", name), name),
        directions=_directions(_table(content, "directions", name), name),
        points={
            key: _require_text(value, f"points.{key}", name)
            for key, value in _table(content, "points", name).items()
        },
    )
    _require_whole(mapping)
    return mapping


def _require_whole(mapping: TableMapping) -> None:
    if not mapping.start:
        raise InputError(f'{mapping.name}: [columns] start = "..." is missing: the column of the stamps.')
    if bool(mapping.energy) == bool(mapping.wide):
        raise InputError(
            f'{mapping.name}: give either [columns] energy = "..." or, for a column per point, a table [wide].'
        )
    if mapping.wide and (mapping.metering_point or mapping.direction):
        raise InputError(f"{mapping.name}: the columns of [wide] say point and direction; leave theirs out.")
    if mapping.quality and not mapping.qualities:
        raise InputError(
            f"{mapping.name}: column {mapping.quality!r} has words for qualities; say what they are in a table "
            '[quality], such as A = "measured".'
        )
    if mapping.direction and not mapping.directions:
        raise InputError(
            f"{mapping.name}: column {mapping.direction!r} has words for directions; say what they are in a table "
            '[directions], such as OUT = "feed-in".'
        )
    if mapping.time and not mapping.time_format:
        raise InputError(
            f"{mapping.name}: date and time in two columns need [form] time_format, such as %d.%m.%Y %H:%M."
        )
    taken = [word for word in mapping.needed if word in mapping.ignored]
    if taken:
        raise InputError(f"{mapping.name}: column {taken[0]!r} is mapped and ignored; do one of the two.")


def _wide(table: Mapping[str, Any], name: str) -> dict[str, WideColumn]:
    columns = {}
    for column, value in table.items():
        given = {"metering_point": value} if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            raise InputError(f"{name}: wide.{column[:60]} is neither a metering point nor a table with one.")
        _require_known(given, ("metering_point", "direction"), name, f"word of wide.{column[:60]}")
        direction = _one_of(given.get("direction", "consumption"), tuple(_DIRECTIONS), name, "direction")
        point = _require_text(given.get("metering_point"), f"wide.{column[:60]}", name)
        columns[column] = WideColumn(point, _DIRECTIONS[direction])
    return columns


def _qualities(table: Mapping[str, Any], name: str) -> dict[str, Quality]:
    return {
        word: QUALITY_WORDS[_one_of(value, tuple(QUALITY_WORDS), name, f"quality.{word[:60]}")]
        for word, value in table.items()
    }


def _directions(table: Mapping[str, Any], name: str) -> dict[str, int]:
    return {
        word: _DIRECTIONS[_one_of(value, tuple(_DIRECTIONS), name, f"directions.{word[:60]}")]
        for word, value in table.items()
    }


def _table(content: Mapping[str, object], key: str, name: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: {key} is no table; write [{key}] above its lines.")
    if len(value) > _COLUMNS_MAX:
        raise InputError(f"{name}: [{key}] has {len(value)} lines, at most {_COLUMNS_MAX} are taken.")
    return value


def _require_known(table: Mapping[str, object], known: tuple[str, ...], name: str, what: str) -> None:
    for word in table:
        if word not in known:
            raise InputError(f'{name}: there is no {what} "{word[:60]}"{name_nearest(word, known)}')


def _text(table: Mapping[str, Any], key: str, name: str) -> str:
    return _require_text(table[key], key, name) if key in table else ""


def _require_text(value: object, key: str, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MAX:
        raise InputError(f"{name}: {key} is {ascii(value)[:60]}; write a text in quotes.")
    return value


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list):
        raise InputError(
            f'{name}: ignore is {ascii(value)[:60]}; write a list of columns, such as ["Comment"].'
        )
    return [_require_text(word, "ignore", name) for word in value]


def _whole(table: Mapping[str, Any], key: str, least: int, most: int, name: str) -> int:
    value = table.get(key, least)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InputError(
            f"{name}: {key} is {ascii(value)[:60]}; write a whole number from {least} to {most}."
        )
    if key == "resolution_minutes" and value and 60 % value:
        raise InputError(f"{name}: {value} minutes do not divide the hour; use 5, 15, 30 or 60.")
    return value


def _one_of(value: object, known: tuple[str, ...], name: str, what: str) -> str:
    if value not in known:
        raise InputError(f"{name}: {what} is {ascii(value)[:60]}; write one of {', '.join(known)}.")
    return str(value)


def _delimiter(text: str, name: str) -> str:
    if len(text) != 1 or text in '"\n\r':
        raise InputError(f"{name}: delimiter is {ascii(text)[:60]}; write one character, such as ;.")
    return text


def _zone(text: str, name: str) -> str:
    if text:
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InputError(
                f'{name}: there is no time zone "{text[:60]}"; write it like Europe/Paris.'
            ) from None
    return text
