"""Readings as programs send them: the generic form as CSV, JSON lines, a JSON array or an Arrow stream.

The fields are those of the generic CSV. JSON may leave ``resolution_minutes`` (then the community's) and ``quality``
(then ``measured``) away, and write ``energy_kwh`` as a number or as text: its digits are read as they stand, never
through a float. Arrow's ``energy_kwh`` is text or decimal, or ``energy_milliwatt_hours`` stands in its place, whole.
``source_quality``, the source's own word for a quality, may stand beside.
All of them pass the checks that a file passes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from backend.adapters.meter_files.faults import FaultCollector
from backend.errors import InputError

if TYPE_CHECKING:
    from backend.adapters.meter_files.reading_rows import CodedColumn
    from backend.metering import Finding, ReadingTable

__all__ = [
    "BODY_BYTES_MAX",
    "MEDIA_TYPES",
    "ROWS_MAX",
    "add_columns",
    "decode_rows",
    "read_body",
    "require_count",
]

BODY_BYTES_MAX = 8 * 1024 * 1024
"""Of a request or message. [B]"""
ROWS_MAX = 100_000
"""Readings in one. [1]"""

_NAME = "body"
_SHOWN = 200


class _Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A reading of JSON; ``line`` is none of its fields."""

    metering_point: str
    start: str
    energy_kwh: msgspec.Raw = msgspec.Raw(b"null")
    quality: str = "measured"
    resolution_minutes: int | None = None
    source_quality: str = ""

    def energy_text(self) -> str:
        """The digits as they stand; empty for null."""
        text = bytes(self.energy_kwh).decode(errors="replace")
        if text[:1] == '"':
            try:
                return str(msgspec.json.decode(text))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return text
        return "" if text == "null" else text


_ROW = msgspec.json.Decoder(_Row)
_ROWS = msgspec.json.Decoder(list[_Row])
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
    faults = FaultCollector(_NAME)
    if media_type == "text/csv":
        return _read_csv(body, faults, known_points, resolution_minutes)
    columns = _READERS.get(media_type)
    if columns is None:
        raise InputError(f"{media_type[:60]!r} is none of {', '.join(MEDIA_TYPES)}.")
    from backend.adapters.meter_files.reading_rows import ReadingRows

    rows = ReadingRows(faults, known_points, resolution_minutes)
    columns(body, faults, rows, resolution_minutes)
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
        blocks, faults, known_points=known_points, resolution_minutes=resolution_minutes
    )


def decode_rows(body: bytes, media_type: str) -> list[_Row] | None:
    """The rows of JSON, None where it is none of the forms that have rows.

    Raises:
        msgspec.DecodeError: If it is none.
        RecursionError: If it is too deep.
    """
    if media_type == "application/json":
        return _ROWS.decode(body)
    return _ROW.decode_lines(body) if media_type == "application/x-ndjson" else None


def _read_array(body: bytes, faults: FaultCollector, rows: Any, step: int) -> None:
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


def _read_lines(body: bytes, faults: FaultCollector, rows: Any, step: int) -> None:
    require_count(body.count(b"\n"))
    try:
        found = _ROW.decode_lines(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        found = _each(body.rstrip(b"\n").split(b"\n"), faults)
    _add_rows(found, faults, rows, step)


def _each(parts: Sequence[bytes | msgspec.Raw], faults: FaultCollector) -> list[_Row]:
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


def _add_rows(found: list[_Row], faults: FaultCollector, rows: Any, step: int) -> None:
    """Columns of rows, into the checks."""
    from backend.adapters.meter_files.text_columns import text_column

    require_count(len(found))
    if not found or faults.refused:
        if not faults.refused:
            faults.refuse("no-readings", "there is no reading in it.")
        return
    steps = [row.resolution_minutes for row in found]
    sources = [row.source_quality for row in found]
    texts = [row.energy_text() for row in found]
    add_columns(
        rows,
        metering_point=text_column([row.metering_point for row in found]),
        start=text_column([row.start for row in found]),
        step=text_column([str(step if minutes is None else minutes) for minutes in steps]),
        quality=text_column([row.quality for row in found]),
        energy=text_column(texts),
        source=text_column(sources) if any(sources) else None,
    )


def add_columns(rows: Any, **columns: Any) -> None:
    """Columns of texts, into the checks of ``ReadingRows``."""
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
        )
    )


def _coded(column: Any) -> CodedColumn:
    from backend.adapters.meter_files.reading_rows import CodedColumn

    encoded = column.dictionary_encode()
    return CodedColumn(np.asarray(encoded.indices).astype(np.int64), encoded.dictionary.to_pylist())


def _read_arrow(body: bytes, faults: FaultCollector, rows: Any, step: int) -> None:
    from backend.adapters.meter_files.arrow_bodies import read_arrow_columns

    columns = read_arrow_columns(body, faults, step)
    if columns is not None:
        add_columns(rows, **columns)


_READERS: dict[str, Callable[[bytes, FaultCollector, Any, int], None]] = {
    "application/json": _read_array,
    "application/x-ndjson": _read_lines,
    "application/vnd.apache.arrow.stream": _read_arrow,
}
MEDIA_TYPES = ("text/csv", *_READERS)
"""What programs may send."""
