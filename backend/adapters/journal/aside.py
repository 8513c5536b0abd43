"""Erasing points from segments that were set aside: those that wait become loads first, and are erased there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.durable_files import flush_folder, write_durably
from backend.adapters.journal.frames import (
    HEADER_BYTES,
    begun_of,
    decode_batches,
    encode_batch,
    encode_frame,
    read_frames,
)
from backend.metering.decisions import without_rows
from backend.ports.intervals import SERIES_MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from backend.metering import ReadingTable

__all__ = ["ErasingAside"]


class ErasingAside:
    """Implements ``backend.ports.erasing.IntervalEraser``.

    Args:
        folder: Of the journal.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def erase_points(
        self,
        community: str,
        points: Sequence[str],
        slots: Mapping[int, Collection[int]],  # noqa: ARG002 -- of runs, which are elsewhere
    ) -> None:
        """See ``IntervalEraser.erase_points``. One that cannot be read any more goes whole, if it names a point."""
        for path in sorted((self._folder / community / "aside").glob("*.journal")):
            content = path.read_bytes()
            if not any(point.encode() in content for point in points):
                continue
            kept = _without(content, frozenset(points), str(path))
            if kept is None:
                path.unlink()
                flush_folder(path.parent)
            else:
                write_durably(path, kept, mode=0o600)


def _without(content: bytes, points: frozenset[str], place: str) -> bytes | None:
    """A segment without points, None where nothing is left, or nothing of it can be read."""
    frames = read_frames(content[HEADER_BYTES:])
    if begun_of(content[:HEADER_BYTES]) is None or frames.torn:
        return None
    parts = [content[:HEADER_BYTES]]
    for payload in frames.payloads:
        batches = [
            replace(batch, table=_others(batch.table, points)) for batch in decode_batches(payload, place)
        ]
        left = [encode_batch(batch) for batch in batches if len(batch.table)]
        if left:
            parts.append(encode_frame(left))
    return b"".join(parts) if len(parts) > 1 else None


def _others(table: ReadingTable, points: frozenset[str]) -> ReadingTable:
    """The rows of all other points, and no name but theirs; all series of a point or feeder go with it."""
    gone = np.array([name.partition(SERIES_MARK)[0] in points for name in table.metering_points], np.bool_)
    left = without_rows(table, gone[table.point])
    return replace(
        left,
        metering_points=tuple(
            name for name, erased in zip(table.metering_points, gone, strict=True) if not erased
        ),
        point=(np.cumsum(~gone, dtype=np.int32) - 1)[left.point].astype(np.int32),
    )
