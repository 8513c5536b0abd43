"""Several tables of readings as one: what was given later supersedes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import ReadingsError
from backend.metering.readings import ReadingTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["empty_table", "join_codes", "join_tables"]


def empty_table(resolution_minutes: int) -> ReadingTable:
    """A table without any reading."""
    none = np.empty(0, np.int64)
    return ReadingTable((), none.astype(np.int32), none, none, none.astype(np.uint8), resolution_minutes)


def join_tables(tables: Sequence[ReadingTable]) -> ReadingTable:
    """Join tables; of two rows of one (point, interval) the later table's stays.

    Args:
        tables: At least one, of one step, each sorted by point and time.

    Returns:
        Sorted by point and time; points in the order of their first appearance.

    Raises:
        ReadingsError: If the steps differ.
    """
    if len(tables) == 1:
        return tables[0]
    steps = sorted({table.resolution_minutes for table in tables})
    if len(steps) > 1:
        raise ReadingsError(
            f"the files are of {' and '.join(map(str, steps))} minutes; give the files of one step at a time."
        )
    names = tuple(dict.fromkeys(name for table in tables for name in table.metering_points))
    place = {name: index for index, name in enumerate(names)}
    places = [np.array([place[name] for name in table.metering_points], dtype=np.int32) for table in tables]
    point = np.concatenate([of[table.point] for of, table in zip(places, tables, strict=True)])
    start = np.concatenate([table.start_utc for table in tables])
    rank = np.concatenate([np.full(len(table), index, dtype=np.int32) for index, table in enumerate(tables)])
    order = np.lexsort((rank, start, point))
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (np.diff(point[order]) != 0) | (np.diff(start[order]) != 0)
    kept = order[last]
    code, codes = join_codes([(table.code, table.codes, len(table)) for table in tables])
    return ReadingTable(
        metering_points=names,
        point=point[kept],
        start_utc=start[kept],
        energy=np.concatenate([table.energy for table in tables])[kept],
        quality=np.concatenate([table.quality for table in tables])[kept],
        resolution_minutes=steps[0],
        code=None if code is None else code[kept],
        codes=codes,
    )


def join_codes(
    tables: Sequence[tuple[NDArray[np.int32] | None, tuple[str, ...], int]],
) -> tuple[NDArray[np.int32] | None, tuple[str, ...]]:
    """The sources' words of several tables over one list.

    Args:
        tables: Of each its rows' codes, None where it has none, the words that they index, and how many rows it has.

    Returns:
        Codes of all rows, one table's behind the other's, and the words; None where no table has any.
    """
    if all(code is None for code, _, _ in tables):
        return None, ()
    place: dict[str, int] = {"": 0}
    parts = []
    for code, words, rows in tables:
        if code is None:
            parts.append(np.zeros(rows, np.int32))
            continue
        lookup = np.array([place.setdefault(word, len(place)) for word in words], np.int32)
        parts.append(lookup[code])
    return np.concatenate(parts), tuple(place)
