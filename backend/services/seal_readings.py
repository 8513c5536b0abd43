"""Readings of the journal become loads of the interval store: once, whatever stops on the way.

A load's id is the hash of its segment, so that a segment that became a load and was not yet discarded is known. All
versions of a reading that are in one segment become one, the latest: none of the others was ever in force.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from backend.commitments.keccak import keccak256
from backend.errors import ConflictError
from backend.metering.joining import join_tables
from backend.ports import ReadingLoad
from backend.ports.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.metering import ReadingTable
    from backend.ports import IntervalStore
    from backend.ports.reading_journal import JournalSegment, ReadingJournal

__all__ = ["JOURNAL", "seal_readings"]

logger = logging.getLogger("partage.readings")

JOURNAL = "journal"
"""Stands for a file's name in loads that were no file."""
_SALT_BYTES = 32


def seal_readings(
    journal: ReadingJournal, intervals: IntervalStore, community: str, random_bytes: Callable[[int], bytes]
) -> int:
    """Make loads of what waits.

    Args:
        journal: Where it waits.
        intervals: Where it goes; must not look into the journal itself.
        community: Its id.
        random_bytes: Source of salts; takes a length.

    Returns:
        How many readings went over. [1]

    Raises:
        StoreError: If the journal is damaged, or the store cannot be written; what waits goes on waiting.
    """
    rows = 0
    for segment in journal.seal(community):
        try:
            rows += _load_segment(journal, intervals, community, segment, random_bytes)
        except ConflictError:
            # It would stand in the way of all that follow, and of every settlement.
            logger.exception("%s: readings of %s cannot become a load; set aside", community, segment.name)
            journal.set_aside(community, segment)
            continue
        reach("journal.segment_loaded")
        journal.discard(community, segment)
    return rows


def _load_segment(
    journal: ReadingJournal,
    intervals: IntervalStore,
    community: str,
    segment: JournalSegment,
    random_bytes: Callable[[int], bytes],
) -> int:
    by_step: dict[int, list[ReadingTable]] = {}
    received = 0
    for batch in journal.batches(community, segment):
        by_step.setdefault(batch.table.resolution_minutes, []).append(batch.table)
        received = max(received, batch.received_utc)
    rows = 0
    for step, tables in sorted(by_step.items()):
        table = join_tables(tables)
        content = keccak256(segment.sha256 + step.to_bytes(2, "big"))
        load = ReadingLoad(
            id=keccak256(community.encode() + b"\x00" + content).hex(),
            community=community,
            received_utc=received,
            files=(JOURNAL,),
            file_hash="0x" + content.hex(),
            salt="0x" + random_bytes(_SALT_BYTES).hex(),
            rows=len(table),
        )
        intervals.add_readings(load, table)
        rows += len(table)
    return rows
