"""Sound bodies read together: what a message costs is then its readings, not the setting up of columns.

Only where nothing at all is wrong with any of them; else each is read by the readers that tell what is wrong and where.
The tables are the same either way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.meter_files.body_columns import BodyColumns, add_columns
from backend.adapters.meter_files.faults import FaultCollector
from backend.metering import ReadingTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.adapters.meter_files.held_rows import RowColumns

__all__ = ["read_plain"]


def read_plain(
    parts: Sequence[BodyColumns], known_points: Collection[str], resolution_minutes: int
) -> list[ReadingTable] | None:
    """A table per part, sorted by point id and time.

    Args:
        parts: Bodies, none of them empty.
        known_points: Metering points that may be in them.
        resolution_minutes: The step that every reading must have. [min]

    Returns:
        None where anything is wrong with any of them, or one has a reading twice.
    """
    from backend.adapters.meter_files.reading_rows import ReadingRows

    whole = parts[0] if len(parts) == 1 else BodyColumns.joined(parts)
    rows = ReadingRows(FaultCollector("bodies"), known_points, resolution_minutes)
    add_columns(rows, whole, resolution_minutes, with_source=False)
    sound = rows.sound_rows()
    if sound is None or len(sound[0]) != len(whole):
        return None
    ends = np.cumsum([0, *map(len, parts)])
    sources = [part.source for part in parts]
    return _split(*sound, (ends, sources), resolution_minutes)


def _split(
    rows: RowColumns,
    names: Sequence[str],
    parted: tuple[NDArray[np.int64], Sequence[Sequence[str] | None]],
    resolution_minutes: int,
) -> list[ReadingTable] | None:
    ends, sources = parted
    by_name = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int32)
    rank[by_name] = np.arange(len(names), dtype=np.int32)
    ordered = [names[place] for place in by_name]
    part = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    point, start = rank[rows.point], rows.start_utc
    order = np.lexsort((start, point, part))
    point, start = point[order], start[order]
    fresh = np.ones(len(order), np.bool_)  # where a part's next point begins; parts keep their places
    fresh[1:] = point[1:] != point[:-1]
    fresh[ends[1:-1]] = True
    if (~fresh[1:] & (start[1:] == start[:-1])).any():
        return None
    series = np.cumsum(fresh) - 1
    used, begins = point[fresh], series[ends[:-1]]
    local = (series - begins[part]).astype(np.int32)
    energy, quality = rows.energy[order], rows.quality[order]
    tables = []
    bounds = zip(pairwise(ends.tolist()), pairwise([*begins.tolist(), len(used)]), sources, strict=True)
    for (begin, end), (first, last), source in bounds:
        code, codes = _codes(source, order[begin:end] - begin)
        tables.append(
            ReadingTable(
                metering_points=tuple(map(ordered.__getitem__, used[first:last].tolist())),
                point=local[begin:end],
                start_utc=start[begin:end],
                energy=energy[begin:end],
                quality=quality[begin:end],
                resolution_minutes=resolution_minutes,
                code=code,
                codes=codes,
            )
        )
    return tables


def _codes(
    source: Sequence[str] | None, order: NDArray[Any]
) -> tuple[NDArray[np.int32] | None, tuple[str, ...]]:
    """The sources' own words by code, in the order of a table's rows."""
    if source is None:
        return None, ()
    index = {word: place for place, word in enumerate(dict.fromkeys(("", *source)))}
    code = np.fromiter(map(index.__getitem__, source), np.int32, len(source))
    return code[order], tuple(index)
