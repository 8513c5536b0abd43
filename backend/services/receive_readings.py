"""Readings that arrive by themselves: checked, kept durably, then acknowledged; loads are made of them later."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from backend.community import read_definition
from backend.errors import PartageError
from backend.ports.reading_journal import IncomingBatch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backend.metering import Finding, ReadingTable
    from backend.ports import Clock, RecordStore
    from backend.ports.reading_journal import ReadingJournal

__all__ = ["BodyReader", "ReceivedReadings", "Reception", "SentBatch"]

_ID_BYTES = 16
_TRUSTED_SECONDS = 2.0
_COMMUNITIES_KEPT = 256


class BodyReader(Protocol):
    """Reads what a program sent into the generic form."""

    def __call__(
        self, body: bytes, media_type: str, *, known_points: Collection[str], resolution_minutes: int
    ) -> tuple[ReadingTable, list[Finding]]:
        """Read it whole or not at all.

        Raises:
            ReadingsError: With a finding per fault.
            InputError: If there is too much of it, or its media type is unknown.
        """
        ...


@dataclass(frozen=True, slots=True)
class SentBatch:
    """A batch as it was sent.

    Attributes:
        community: Its id.
        sender: Who hands it in; names of batches are theirs.
        body: As sent.
        media_type: Of the body.
        name: What the sender calls the batch; without, its content names it.
    """

    community: str
    sender: str
    body: bytes
    media_type: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ReceivedReadings:
    """What became of a batch.

    Attributes:
        community: Its id.
        batch: Id of the batch, hexadecimal.
        rows: Readings in it. [1]
        is_new: False where it was kept before: nothing changed.
        findings: What was put right on the way.
    """

    community: str
    batch: str
    rows: int
    is_new: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What readings of a community are held against."""

    looked: float
    definition: str
    points: frozenset[str]
    resolution_minutes: int


class Reception:
    """Takes batches of readings.

    Args:
        store: Records.
        journal: Keeps batches.
        clock: Time.
        read_body: Reads them.
    """

    def __init__(
        self, store: RecordStore, journal: ReadingJournal, clock: Clock, read_body: BodyReader
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._read_body = read_body
        self._terms: dict[str, _Terms] = {}
        self._guard = threading.Lock()

    def receive(
        self, community: str, sender: str, body: bytes, media_type: str, name: str | None = None
    ) -> ReceivedReadings:
        """Check a batch and keep it. Durable when it returns.

        Args:
            community: Its id.
            sender: Who hands it in; names of batches are theirs.
            body: As sent.
            media_type: Of the body.
            name: What the sender calls the batch; without, its content names it.

        Raises:
            ReadingsError: With a finding per fault; nothing is kept.
            ConflictError: If the sender gave another batch this name.
            NotFoundError: If there is no such community.
            StoreError: If it cannot be kept.
        """
        (outcome,) = self.receive_all([SentBatch(community, sender, body, media_type, name)])
        if isinstance(outcome, PartageError):
            raise outcome
        return outcome

    def receive_all(self, sent: Sequence[SentBatch]) -> list[ReceivedReadings | PartageError]:
        """Check batches and keep the sound ones, each by itself, by as few flushes as can be.

        Returns:
            Of each what ``receive`` would have returned or raised.
        """
        outcomes: list[ReceivedReadings | PartageError | None] = [None] * len(sent)
        checked: dict[str, list[tuple[int, IncomingBatch, tuple[Finding, ...]]]] = {}
        for place, one in enumerate(sent):
            try:
                batch, findings = self._check(one)
            except PartageError as error:
                outcomes[place] = error
                continue
            checked.setdefault(one.community, []).append((place, batch, findings))
        for community, batches in checked.items():
            kept = self._journal.append_all(community, [batch for _, batch, _ in batches])
            for (place, batch, findings), is_new in zip(batches, kept, strict=True):
                outcomes[place] = (
                    is_new
                    if isinstance(is_new, PartageError)
                    else ReceivedReadings(community, batch.id.hex(), len(batch.table), is_new, findings)
                )
        return [outcome for outcome in outcomes if outcome is not None]

    def _check(self, sent: SentBatch) -> tuple[IncomingBatch, tuple[Finding, ...]]:
        terms = self._terms_of(sent.community)
        table, findings = self._read_body(
            sent.body,
            sent.media_type,
            known_points=terms.points,
            resolution_minutes=terms.resolution_minutes,
        )
        content = hashlib.sha256(sent.media_type.encode() + b"\0" + sent.body).digest()[:_ID_BYTES]
        batch = content if sent.name is None else _named(sent.sender, sent.name)
        return IncomingBatch(batch, content, self._clock.now_utc(), table), tuple(findings)

    def _terms_of(self, community: str) -> _Terms:
        """Points and step of a community, as its file says, at most two seconds old."""
        known, now = self._terms.get(community), time.monotonic()
        if known is not None and now - known.looked < _TRUSTED_SECONDS:
            return known
        with self._store.reading() as records:
            definition = records.community(community).definition
        if known is not None and known.definition == definition:
            points, step = known.points, known.resolution_minutes
        else:
            read = read_definition(definition, f"{community}.toml")
            points, step = frozenset(point.id for point in read.metering_points), read.resolution_minutes
        terms = _Terms(now, definition, points, step)
        with self._guard:
            if len(self._terms) >= _COMMUNITIES_KEPT:
                self._terms.clear()
            self._terms[community] = terms
        return terms


def _named(sender: str, name: str) -> bytes:
    return hashlib.sha256(f"{sender}\0{name}".encode("utf-8", "surrogatepass")).digest()[:_ID_BYTES]
