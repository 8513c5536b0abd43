"""Readings as programs send them: the generic form as CSV, JSON lines, a JSON array or an Arrow stream.

The fields are those of the generic CSV. JSON may leave ``resolution_minutes`` (then the community's) and ``quality``
(then ``measured``) away, and write ``energy_kwh`` as a number or as text: its digits are read as they stand, never
through a float. Arrow's ``energy_kwh`` is text or decimal, or ``energy_milliwatt_hours`` stands in its place, whole.
``source_quality``, the source's own word for a quality, may stand beside. ``metering_point`` is a point's id or the
operator's number; where a number has points of both directions, ``direction`` says which.
All of them pass the checks that a file passes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from backend.adapters.meter_files.body_columns import (
    BodyColumns,
    JsonRow,
    add_columns,
    columns_of_csv,
    columns_of_json,
)
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.plain_bodies import read_plain
from backend.adapters.meter_files.words import DIRECTION_COLUMN, SOURCE_COLUMN
from backend.errors import InputError

if TYPE_CHECKING:
    from backend.adapters.meter_files.reading_rows import CodedColumn, ReadingRows
    from backend.metering import Finding, ReadingTable

__all__ = [
    "BODY_BYTES_MAX",
    "MEDIA_TYPES",
    "ROWS_MAX",
    "columns_of",
    "read_body",
    "require_count",
]

BODY_BYTES_MAX = 8 * 1024 * 1024
"""Of a request or message. [B]"""
ROWS_MAX = 100_000
"""Readings in one. [1]"""

_NAME = "body"
_SHOWN = 200


_ROW = msgspec.json.Decoder(JsonRow)
_ROWS = msgspec.json.Decoder(list[JsonRow])
_PARTS = msgspec.json.Decoder(list[msgspec.Raw])


def read_body(
    body: bytes, media_type: str, *, known_points: Collection[str], resolution_minutes: int
) -> tuple[ReadingTable, list[Finding]]:
    """Read what was sent whole or not at all.

    Args:
        body: At most ``BODY_BYTES_MAX``.
        media_type: One of ``MEDIA_TYPES``.
        known_points: Metering points that may be in it.
        resolution_minutes: The step that every reading must have. [min]

    Returns:
        The readings sorted by metering point and time, and what was put right on the way.

    Raises:
        ReadingsError: If anything is wrong, with a finding per fault; a line is a reading's place, from 1.
        InputError: If the media type is none of ours, or there is too much in it.
    """
    if len(body) > BODY_BYTES_MAX:
        raise InputError(
            f"there are {len(body):,} bytes, {BODY_BYTES_MAX:,} are taken at once; send it in parts."
        )
    if media_type not in MEDIA_TYPES:
        raise InputError(f"{media_type[:60]!r} is none of {', '.join(MEDIA_TYPES)}.")
    plain = columns_of(body, media_type)
    tables = None if plain is None else read_plain([plain], known_points, resolution_minutes)
    if tables is not None:
        return tables[0], []
    faults = FaultCollector(_NAME)
    if media_type == "text/csv":
        return _read_csv(body, faults, known_points, resolution_minutes)
    from backend.adapters.meter_files.reading_rows import ReadingRows

    rows = ReadingRows(faults, known_points, resolution_minutes)
    _READERS[media_type](body, faults, rows, resolution_minutes)
    table = rows.finish()
    faults.stop_if_refused()
    return table, faults.told()


def _read_csv(
    body: bytes, faults: FaultCollector, known_points: Collection[str], resolution_minutes: int
) -> tuple[ReadingTable, list[Finding]]:
    from backend.adapters.meter_files.generic_csv import read_generic_blocks
    from backend.adapters.meter_files.text_blocks import split_blocks

    require_count(body.count(b"\n"))
    blocks = split_blocks(BytesIO(body), faults)
    return read_generic_blocks(
        blocks,
        faults,
        known_points=known_points,
        resolution_minutes=resolution_minutes,
        optional=(SOURCE_COLUMN, DIRECTION_COLUMN),
    )


def columns_of(body: bytes, media_type: str) -> BodyColumns | None:
    """The columns of a body in its usual form; None of any other, of which it may still be told what is wrong.

    Raises:
        InputError: If there is too much in it.
    """
    if media_type == "text/csv":
        require_count(body.count(b"\n"))
        return columns_of_csv(body)
    try:
        if media_type == "application/json":
            found = _ROWS.decode(body)
        elif media_type == "application/x-ndjson":
            require_count(body.count(b"\n"))
            found = _ROW.decode_lines(body)
        else:
            return None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    require_count(len(found))
    return columns_of_json(found) if found else None


def _read_array(body: bytes, faults: FaultCollector, rows: ReadingRows, step: int) -> None:
    try:
        found = _ROWS.decode(body)
    except msgspec.ValidationError:
        try:
            found = _each(_PARTS.decode(body), faults)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            faults.refuse("json", f"there is no array of readings: {error}.", value=_shown(body))
            return
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        faults.refuse("json", f"this is no JSON: {error}.", value=_shown(body))
        return
    _add_rows(found, faults, rows, step)


def _read_lines(body: bytes, faults: FaultCollector, rows: ReadingRows, step: int) -> None:
    require_count(body.count(b"\n"))
    try:
        found = _ROW.decode_lines(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        found = _each(body.rstrip(b"\n").split(b"\n"), faults)
    _add_rows(found, faults, rows, step)


def _each(parts: Sequence[bytes | msgspec.Raw], faults: FaultCollector) -> list[JsonRow]:
    """Readings one by one, what is wrong with each told."""
    found = []
    for number, part in enumerate(parts, 1):
        try:
            found.append(_ROW.decode(part))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            faults.refuse("json", f"reading {number} is none: {error}.", line=number, value=_shown(part))
    return found


def _shown(part: bytes | msgspec.Raw) -> str:
    return bytes(memoryview(part)[:_SHOWN]).decode(errors="replace")


def require_count(count: int) -> None:
    """Refuse more readings than are taken at once.

    Raises:
        InputError: If there are more.
    """
    if count > ROWS_MAX + 1:
        raise InputError(f"there are {count:,} readings, {ROWS_MAX:,} are taken at once; send them in parts.")


def _add_rows(found: list[JsonRow], faults: FaultCollector, rows: ReadingRows, step: int) -> None:
    """Columns of rows, into the checks."""
    require_count(len(found))
    if not found or faults.refused:
        if not faults.refused:
            faults.refuse("no-readings", "there is no reading in it.")
        return
    add_columns(rows, columns_of_json(found), step)


def _read_arrow(body: bytes, faults: FaultCollector, rows: ReadingRows, step: int) -> None:
    from backend.adapters.meter_files.arrow_bodies import read_arrow_columns

    columns = read_arrow_columns(body, faults, step)
    if columns is not None:
        _add_texts(rows, columns)


def _add_texts(rows: ReadingRows, columns: Mapping[str, Any]) -> None:
    """Arrow's columns of texts, into the checks."""
    from backend.adapters.meter_files.kilowatt_hours import parse_energy_column
    from backend.adapters.meter_files.reading_rows import RowBlock

    energy, empty, bad = parse_energy_column(columns["energy"])
    rows.add(
        RowBlock(
            line=np.arange(1, len(energy) + 1, dtype=np.int64),
            point=_coded(columns["metering_point"]),
            start=_coded(columns["start"]),
            step=_coded(columns["step"]),
            quality=_coded(columns["quality"]),
            energy=energy,
            energy_empty=empty,
            energy_bad=bad,
            energy_text=columns["energy"],
            source=None if columns["source"] is None else _coded(columns["source"]),
            direction=None if columns["direction"] is None else _coded(columns["direction"]),
        )
    )


def _coded(column: Any) -> CodedColumn:
    from backend.adapters.meter_files.reading_rows import CodedColumn

    encoded = column.dictionary_encode()
    return CodedColumn(np.asarray(encoded.indices).astype(np.int64), encoded.dictionary.to_pylist())


_READERS: dict[str, Callable[[bytes, FaultCollector, ReadingRows, int], None]] = {
    "application/json": _read_array,
    "application/x-ndjson": _read_lines,
    "application/vnd.apache.arrow.stream": _read_arrow,
}
MEDIA_TYPES = ("text/csv", *_READERS)
"""What programs may send."""
