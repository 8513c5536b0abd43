"""Readings that arrive by themselves, kept durably before they are acknowledged, until they become a load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.errors import PartageError
    from backend.metering import ReadingTable

__all__ = ["IncomingBatch", "JournalSegment", "PendingReadings", "ReadingJournal"]


@dataclass(frozen=True)
class IncomingBatch:
    """Readings that one sender handed over together, checked.

    Attributes:
        id: 16 bytes, made of what the sender calls the batch, or of its content.
        digest: 16 bytes of its content's hash: one id stands for one content.
        received_utc: Belief time. [s since 1970, UTC]
        table: The readings.
    """

    id: bytes
    digest: bytes
    received_utc: int
    table: ReadingTable


@dataclass(frozen=True, slots=True)
class PendingReadings:
    """What of a community waits to become a load.

    Attributes:
        size: [B]
        since_utc: Since when the oldest waits, at the latest. [s since 1970, UTC]
    """

    size: int
    since_utc: int


@dataclass(frozen=True, slots=True)
class JournalSegment:
    """A part of the journal that nothing is added to any more.

    Attributes:
        name: Within the community's journal.
        sha256: Of its bytes, which no other segment has.
    """

    name: str
    sha256: bytes


class ReadingJournal(Protocol):
    """Batches by community, in order of arrival."""

    def append(self, community: str, batch: IncomingBatch) -> bool:
        """Keep a batch. Durable when it returns.

        Returns:
            Whether it is new: False where a batch of its id and content was kept before, which changes nothing.

        Raises:
            ConflictError: If a batch of its id was kept with another content.
            StoreError: If it cannot be written; then it is not kept.
            StoreBusyError: If another process holds the journal too long.
        """
        ...

    def append_all(self, community: str, batches: Sequence[IncomingBatch]) -> list[bool | PartageError]:
        """Keep batches by as few flushes as can be, each by itself.

        Returns:
            Of each what ``append`` would have returned or raised.
        """
        ...

    def communities(self) -> Sequence[str]:
        """Those that have a journal."""
        ...

    def pending(self, community: str) -> PendingReadings | None:
        """What waits, None where nothing does; told without reading it."""
        ...

    def seal(self, community: str) -> Sequence[JournalSegment]:
        """End the segment that is written, and name all that wait, oldest first."""
        ...

    def batches(self, community: str, segment: JournalSegment) -> Iterator[IncomingBatch]:
        """A segment's batches, in order of arrival."""
        ...

    def discard(self, community: str, segment: JournalSegment) -> None:
        """Forget a segment that has become a load; its batches stay known."""
        ...

    def set_aside(self, community: str, segment: JournalSegment) -> None:
        """Keep a segment that cannot become a load out of the way of the others."""
        ...
