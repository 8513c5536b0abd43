"""Many short bodies read together: what a message costs is then its readings, not the setting up of columns.

Only what is plain goes this way, and only where nothing at all is wrong with any of it; everything else is read body
by body, which tells what is wrong and where. The tables are the same either way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from backend.adapters.meter_files.bodies import decode_rows, read_body
from backend.adapters.meter_files.faults import FaultCollector
from backend.errors import PartageError
from backend.metering import Finding, ReadingTable

if TYPE_CHECKING:
    from backend.adapters.meter_files.held_rows import RowColumns

__all__ = ["read_bodies"]

_SHORT_BYTES_MAX = 16 * 1024
_HEADER = b"metering_point,start,resolution_minutes,energy_kwh,quality\n"
_FIELDS = 5

Outcome = tuple[ReadingTable, list[Finding]] | PartageError
#: Points, starts, steps, energies, qualities, as texts.
_Texts = list[Sequence[str]]


def read_bodies(
    bodies: Sequence[tuple[bytes, str]], *, known_points: Collection[str], resolution_minutes: int
) -> list[Outcome]:
    """Read bodies, each whole or not at all, and by itself.

    Args:
        bodies: Each with its media type.
        known_points: Metering points that may be in them.
        resolution_minutes: The step that every reading must have. [min]

    Returns:
        Of each what ``read_body`` would have returned or raised.
    """
    plain = {}
    for place, (body, media_type) in enumerate(bodies) if len(bodies) > 1 else ():
        texts = _plain_texts(body, media_type, resolution_minutes)
        if texts is not None:
            plain[place] = texts
    tables = _read_together(list(plain.values()), known_points, resolution_minutes) if plain else None
    found: dict[int, Outcome] = {}
    for place, table in zip(plain, tables or (), strict=False):
        found[place] = (table, [])
    return [
        found.get(place) or _read_alone(body, media_type, known_points, resolution_minutes)
        for place, (body, media_type) in enumerate(bodies)
    ]


def _read_alone(
    body: bytes, media_type: str, known_points: Collection[str], resolution_minutes: int
) -> Outcome:
    try:
        return read_body(body, media_type, known_points=known_points, resolution_minutes=resolution_minutes)
    except PartageError as error:
        return error


def _plain_texts(body: bytes, media_type: str, step: int) -> _Texts | None:
    """The columns of a short body in the usual form, None for any other."""
    if len(body) > _SHORT_BYTES_MAX:
        return None
    if media_type == "text/csv":
        return _plain_lines(body)
    try:
        rows = decode_rows(body, media_type)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if not rows or any(row.source_quality for row in rows):
        return None
    return [
        [row.metering_point for row in rows],
        [row.start for row in rows],
        [str(step if row.resolution_minutes is None else row.resolution_minutes) for row in rows],
        [row.energy_text() for row in rows],
        [row.quality for row in rows],
    ]


def _plain_lines(body: bytes) -> _Texts | None:
    if not body.startswith(_HEADER) or any(mark in body for mark in (b'"', b"\r", b"\0")):
        return None
    try:
        lines = body[len(_HEADER) :].decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        return None
    fields = [line.split(",") for line in lines]
    if any(len(line) != _FIELDS for line in fields):
        return None
    return list(zip(*fields, strict=True))


def _read_together(
    parts: Sequence[_Texts], known_points: Collection[str], resolution_minutes: int
) -> list[ReadingTable] | None:
    """A table per part, None where anything is wrong with any of them."""
    from backend.adapters.meter_files.bodies import add_columns
    from backend.adapters.meter_files.reading_rows import ReadingRows
    from backend.adapters.meter_files.text_columns import text_column

    faults = FaultCollector("bodies")
    rows = ReadingRows(faults, known_points, resolution_minutes)
    columns = [text_column([text for part in parts for text in part[place]]) for place in range(_FIELDS)]
    names = ("metering_point", "start", "step", "energy", "quality")
    add_columns(rows, source=None, **dict(zip(names, columns, strict=True)))
    sound = rows.sound_rows()
    if sound is None or len(sound[0]) != len(columns[0]):
        return None
    ends = np.cumsum([0, *(len(part[0]) for part in parts)])
    return _split(*sound, ends, resolution_minutes)


def _split(
    rows: RowColumns, names: Sequence[str], ends: Any, resolution_minutes: int
) -> list[ReadingTable] | None:
    """The table of each part, sorted by point id and time; None where a part has a reading twice."""
    by_name = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int32)
    rank[by_name] = np.arange(len(names), dtype=np.int32)
    ordered = [names[place] for place in by_name]
    part = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    point = rank[rows.point]
    order = np.lexsort((rows.start_utc, point, part))
    part, point, start = part[order], point[order], rows.start_utc[order]
    same = (part[1:] == part[:-1]) & (point[1:] == point[:-1]) & (start[1:] == start[:-1])
    if same.any():
        return None
    energy, quality = rows.energy[order], rows.quality[order]
    tables = []
    for begin, end in pairwise(ends.tolist()):
        used, local = np.unique(point[begin:end], return_inverse=True)
        tables.append(
            ReadingTable(
                metering_points=tuple(ordered[place] for place in used.tolist()),
                point=local.astype(np.int32),
                start_utc=start[begin:end],
                energy=energy[begin:end],
                quality=quality[begin:end],
                resolution_minutes=resolution_minutes,
            )
        )
    return tables
