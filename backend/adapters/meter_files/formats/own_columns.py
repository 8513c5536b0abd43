"""What our Parquet and Arrow files share: batches of our columns to blocks of series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.meter_files.words import QUALITY_WORDS, name_nearest
from backend.metering import Quality
from backend.metering.known_points import DIRECTION_UNSTATED
from backend.metering.source_series import SeriesName, SourceBlock
from backend.quantities.energy import MILLIWATT_HOURS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["ROWS_MAX", "blocks_of", "coded_words", "fits_schema"]

ROWS_MAX = 200_000_000
_STEPS = frozenset(minutes for minutes in range(1, 61) if 60 % minutes == 0)
_OPTIONAL = "source_quality"
_WORD_MAX = 200


def fits_schema(schema: Any, faults: FaultCollector) -> bool:
    """Are the columns ours, of types that hold them exactly? Else what is wrong is noted."""
    import pyarrow as pa

    from backend.adapters.meter_files.arrow_tables import COLUMNS

    names, before = list(schema.names), faults.refused
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            hint = name_nearest(name, [column for column in COLUMNS if column not in names])
            faults.refuse(
                "columns",
                f'there is no column "{name[:60]}" in this form{hint} Other tables are read with --mapping FILE.toml.',
                value=name[:60],
            )
        elif names.count(name) > 1:
            faults.refuse("columns", f'column "{name}" is there {names.count(name)} times; keep one.')
    for name in COLUMNS:
        if name not in names and name != _OPTIONAL:
            faults.refuse("columns", f'column "{name}" is missing.', value=name)
    if faults.refused > before:
        return False
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        good, due = {
            "start": (
                pa.types.is_timestamp(field.type) and kind.tz is not None,
                "a timestamp with a time zone",
            ),
            "resolution_minutes": (pa.types.is_integer(kind), "a whole number"),
            "energy_milliwatt_hours": (pa.types.is_integer(kind), "a whole number"),
        }.get(field.name, (text, "text"))
        if not good:
            faults.refuse(
                "columns",
                f'column "{field.name}" is {str(field.type)[:60]}; make it {due}.',
                value=field.name,
            )
    return faults.refused == before


def blocks_of(batches: Iterable[Any], faults: FaultCollector) -> Iterator[SourceBlock]:
    """The readings of batches, by metering point; stops at the first batch with a fault."""
    seen = 0
    for batch in batches:
        if seen + batch.num_rows > ROWS_MAX:
            faults.refuse("too-large", f"the file has more than {ROWS_MAX:,} rows; split it.")
            return
        if batch.num_rows:
            yield from _blocks_of_batch(batch, seen + 1, faults)
        if faults.refused:
            return
        seen += batch.num_rows


def _blocks_of_batch(batch: Any, first: int, faults: FaultCollector) -> Iterator[SourceBlock]:
    for name in batch.schema.names:
        if batch.column(name).null_count and name not in {"energy_milliwatt_hours", _OPTIONAL}:
            faults.refuse("columns", f'column "{name}" has empty values from row {first} on; fill them in.')
            return
    line = np.arange(first, first + batch.num_rows, dtype=np.int64)
    point, points = coded_words(batch.column("metering_point"))
    start = _seconds(batch.column("start"))
    minutes = _whole(batch.column("resolution_minutes"), 0)
    energy = _whole(batch.column("energy_milliwatt_hours"), 0)
    absent = np.asarray(batch.column("energy_milliwatt_hours").is_null())
    word, words = coded_words(batch.column("quality"))
    quality = np.array([QUALITY_WORDS.get(text, 255) for text in words], np.uint8)[word]
    if "" in points:  # a dictionary's empty value is none of the column's
        faults.refuse(
            "columns", f'column "metering_point" has empty values from row {first} on; fill them in.'
        )
        return
    if _OPTIONAL in batch.schema.names:
        code, codes = coded_words(batch.column(_OPTIONAL))
    else:
        code, codes = np.zeros(len(line), np.int32), [""]
    for name, said in (("metering_point", points), ("quality", words), (_OPTIONAL, codes)):
        longest = max(map(len, said), default=0)
        if longest > _WORD_MAX:
            faults.refuse(
                "columns",
                f'column "{name}" has a text of {longest:,} characters from row {first} on, at most {_WORD_MAX} are '
                "taken; is it another column?",
            )
            return
    wrong = (
        ("quality", quality == 255, f"the quality is not one of {', '.join(QUALITY_WORDS)}"),  # noqa: PLR2004 -- none
        ("instant", start < 0, "the start has a fraction of a second or is no instant from 1970 on"),
        ("resolution", ~np.isin(minutes, list(_STEPS)), "resolution_minutes does not divide the hour"),
        (
            "energy",
            (energy < 0) | (energy > MILLIWATT_HOURS_MAX),
            "the energy is negative or beyond any meter",
        ),
        (
            "energy-absent",
            absent & (quality != Quality.MISSING),
            'the energy is empty; write quality "missing"',
        ),
        (
            "energy-where-missing",
            ~absent & (quality == Quality.MISSING),
            "an energy is given where it is missing",
        ),
    )
    for rule, rows, what in wrong:
        if rows.any():
            row = int(np.argmax(rows))
            count = int(np.count_nonzero(rows))
            faults.refuse(
                rule,
                f"{what} (row {line[row]}, {count} rows in all from there on).",
                line=int(line[row]),
                metering_point=points[point[row]][:80],
            )
    if faults.refused:
        return
    order = np.argsort(point, kind="stable")
    bounds = np.searchsorted(point[order], np.arange(len(points) + 1))
    for index, name in enumerate(points):
        rows = order[bounds[index] : bounds[index + 1]]
        if len(rows):
            yield SourceBlock(
                SeriesName(name, DIRECTION_UNSTATED),
                start[rows],
                minutes[rows] * 60,
                energy[rows],
                quality[rows],
                code[rows].astype(np.int32),
                tuple(codes),
                line[rows],
            )


def coded_words(column: Any) -> tuple[Any, list[str]]:
    """Codes and words of a text column, each word once; an absent text is the empty word.

    No text is repeated on the way, so that a long one which all rows share takes its length once.
    """
    import pyarrow as pa

    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    places: dict[str, int] = {}
    word_of = [places.setdefault(word or "", len(places)) for word in coded.dictionary.to_pylist()]
    absent = places.setdefault("", len(places)) if coded.null_count else 0
    code = np.array([*word_of, absent], np.int64)
    return code[np.asarray(coded.indices.cast(pa.int64()).fill_null(len(word_of)))], list(places)


def _seconds(column: Any) -> Any:
    """Instants in whole seconds, -1 where one has a fraction."""
    import pyarrow as pa

    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    ticks = np.asarray(column.cast(pa.int64()))
    return np.where(ticks % per_second == 0, ticks // per_second, -1)


def _whole(column: Any, absent: int) -> Any:
    import pyarrow as pa

    filled = column.fill_null(absent)
    if pa.types.is_uint64(column.type):
        return np.minimum(np.asarray(filled), np.uint64(2**62)).astype(np.int64)
    return np.asarray(filled.cast(pa.int64()))
