"""Readings that arrive by themselves: checked, kept durably, then acknowledged; loads are made of them later."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from backend.community import read_definition
from backend.errors import InputError, PartageError
from backend.metering.known_points import KnownPoints
from backend.ports.reading_journal import IncomingBatch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backend.metering import Finding, ReadingTable
    from backend.ports import Clock, RecordStore
    from backend.ports.reading_journal import ReadingJournal

__all__ = ["BodiesReader", "ReceivedReadings", "Reception", "SentBatch"]

logger = logging.getLogger("partage.readings")

_ID_BYTES = 16
_TRUSTED_SECONDS = 2.0
_COMMUNITIES_KEPT = 256


class BodiesReader(Protocol):
    """Reads what programs sent into the generic form."""

    def __call__(
        self,
        bodies: Sequence[tuple[bytes, str]],
        *,
        known_points: Collection[str],
        resolution_minutes: int,
    ) -> Sequence[tuple[ReadingTable, list[Finding]] | PartageError]:
        """Read bodies with their media types, each whole or not at all.

        Returns:
            Of each its readings and what was put right, or why it is refused: a ``ReadingsError`` with a finding per
            fault, an ``InputError`` where there is too much of it or its media type is unknown.
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
    points: KnownPoints
    resolution_minutes: int


class Reception:
    """Takes batches of readings.

    Args:
        store: Records.
        journal: Keeps batches.
        clock: Time.
        read_bodies: Reads them.
    """

    def __init__(
        self, store: RecordStore, journal: ReadingJournal, clock: Clock, read_bodies: BodiesReader
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._read_bodies = read_bodies
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
        places: dict[str, list[int]] = {}
        for place, one in enumerate(sent):
            places.setdefault(one.community, []).append(place)
        outcomes: dict[int, ReceivedReadings | PartageError] = {}
        for community, here in places.items():
            received = self._receive_in(community, [sent[place] for place in here])
            outcomes |= dict(zip(here, received, strict=True))
        return [outcomes[place] for place in range(len(sent))]

    def _receive_in(
        self, community: str, sent: Sequence[SentBatch]
    ) -> Sequence[ReceivedReadings | PartageError]:
        """The same of one community."""
        try:
            terms = self._terms_of(community)
        except PartageError as error:
            return [error] * len(sent)
        read = self._read(sent, terms)
        now = self._clock.now_utc()
        sound = {
            place: _batch_of(one, outcome[0], now)
            for place, (one, outcome) in enumerate(zip(sent, read, strict=True))
            if not isinstance(outcome, PartageError)
        }
        kept = dict(zip(sound, self._journal.append_all(community, list(sound.values())), strict=True))
        return [
            outcome
            if isinstance(outcome, PartageError)
            else _received(community, sound[place], outcome[1], kept=kept[place])
            for place, outcome in enumerate(read)
        ]

    def _read(
        self, sent: Sequence[SentBatch], terms: _Terms
    ) -> Sequence[tuple[ReadingTable, list[Finding]] | PartageError]:
        """What batches say; one that is beyond our reading costs neither the others nor whoever takes them."""
        try:
            return self._read_bodies(
                [(one.body, one.media_type) for one in sent],
                known_points=terms.points,
                resolution_minutes=terms.resolution_minutes,
            )
        except Exception:
            if len(sent) > 1:
                return [outcome for one in sent for outcome in self._read([one], terms)]
            logger.exception("a batch for %s cannot be read; report this", sent[0].community)
            return [
                InputError(
                    "This batch cannot be read by a fault of ours; send it in another form, or report it."
                )
            ]

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
            points = KnownPoints(read.metered_series, read.time_zone)
            step = read.resolution_minutes
        terms = _Terms(now, definition, points, step)
        with self._guard:
            if len(self._terms) >= _COMMUNITIES_KEPT:
                self._terms.clear()
            self._terms[community] = terms
        return terms


def _batch_of(sent: SentBatch, table: ReadingTable, now_utc: int) -> IncomingBatch:
    content = hashlib.sha256(sent.media_type.encode() + b"\0" + sent.body).digest()[:_ID_BYTES]
    name = content if sent.name is None else _named(sent.sender, sent.name)
    return IncomingBatch(name, content, now_utc, table)


def _received(
    community: str, batch: IncomingBatch, findings: Sequence[Finding], *, kept: bool | PartageError
) -> ReceivedReadings | PartageError:
    if isinstance(kept, PartageError):
        return kept
    return ReceivedReadings(community, batch.id.hex(), len(batch.table), kept, tuple(findings))


def _named(sender: str, name: str) -> bytes:
    return hashlib.sha256(f"{sender}\0{name}".encode("utf-8", "surrogatepass")).digest()[:_ID_BYTES]
