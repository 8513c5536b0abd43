"""The journal in files: group commit, sealing, and what a crash left put right."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.adapters.durable_files import flush_folder, make_folder
from backend.adapters.file_lock import FileLock
from backend.adapters.journal.frames import (
    FRAME_BYTES_MAX,
    HEADER_BYTES,
    begun_of,
    decode_batches,
    encode_batch,
    encode_frame,
    ids_of,
    make_header,
    read_frames,
    token_of,
)
from backend.adapters.journal.known_batches import KNOWN_MAX, KnownBatches
from backend.errors import ConflictError, InputError, PartageError, StoreError
from backend.ports.failpoints import reach
from backend.ports.reading_journal import IncomingBatch, JournalSegment, PendingReadings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["SEGMENT_BYTES_MAX", "FileJournal"]

WAIT_SECONDS = 30.0
SEGMENT_BYTES_MAX = 32 * 1024 * 1024
"""A segment that is larger is sealed: so much is held at once when it becomes a load. [B]"""

_ACTIVE = "active.journal"
_SEALED = re.compile(r"[0-9]{6}-[0-9a-f]{16}\.journal")
_COMMUNITY = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class FileJournal:
    """Implements ``backend.ports.reading_journal.ReadingJournal`` in a folder.

    Args:
        folder: Holds one folder per community.
        wait_seconds: How long a writer waits for another process. [s]
        segment_bytes_max: A segment that is larger is sealed. [B]
        known_max: How many batches of sealed segments are known at least. [1]
    """

    def __init__(
        self,
        folder: Path,
        wait_seconds: float = WAIT_SECONDS,
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
        known_max: int = KNOWN_MAX,
    ) -> None:
        self._folder = folder
        self._limits = wait_seconds, segment_bytes_max, known_max
        self._journals: dict[str, _CommunityJournal] = {}
        self._guard = threading.Lock()

    def append(self, community: str, batch: IncomingBatch) -> bool:
        """See ``ReadingJournal.append``."""
        (outcome,) = self.append_all(community, [batch])
        if isinstance(outcome, PartageError):
            raise outcome
        return outcome

    def append_all(self, community: str, batches: Sequence[IncomingBatch]) -> list[bool | PartageError]:
        """See ``ReadingJournal.append_all``."""
        return self._of(community).append_all(batches)

    def communities(self) -> list[str]:
        """See ``ReadingJournal.communities``."""
        if not self._folder.is_dir():
            return []
        return sorted(
            entry.name
            for entry in self._folder.iterdir()
            if _COMMUNITY.fullmatch(entry.name) and entry.is_dir()
        )

    def pending(self, community: str) -> PendingReadings | None:
        """See ``ReadingJournal.pending``."""
        return self._of(community).pending()

    def seal(self, community: str) -> list[JournalSegment]:
        """See ``ReadingJournal.seal``."""
        return self._of(community).seal()

    def batches(self, community: str, segment: JournalSegment) -> Iterator[IncomingBatch]:
        """See ``ReadingJournal.batches``."""
        path = self._folder / community / segment.name
        for payload in _read_sealed(path)[1]:
            yield from decode_batches(payload, str(path))

    def discard(self, community: str, segment: JournalSegment) -> None:
        """See ``ReadingJournal.discard``."""
        folder = self._folder / community
        (folder / segment.name).unlink(missing_ok=True)
        flush_folder(folder)

    def set_aside(self, community: str, segment: JournalSegment) -> None:
        """See ``ReadingJournal.set_aside``."""
        folder = self._folder / community
        make_folder(folder / "aside", 0o700)
        (folder / segment.name).rename(folder / "aside" / segment.name)
        flush_folder(folder / "aside")
        flush_folder(folder)

    def close(self) -> None:
        """Let go of the files; they are opened again when they are needed."""
        with self._guard:
            for journal in self._journals.values():
                journal.close()
            self._journals.clear()

    def _of(self, community: str) -> _CommunityJournal:
        journal = self._journals.get(community)
        if journal is None:
            if not _COMMUNITY.fullmatch(community):
                raise StoreError(
                    f"{community!r} is no community's id; use a-z, 0-9, dot, dash and underscore."
                )
            with self._guard:
                journal = self._journals.setdefault(
                    community, _CommunityJournal(self._folder / community, *self._limits)
                )
        return journal


@dataclass(slots=True)
class _Waiting:
    """A batch on its way to the disk, and what came of it."""

    batch: IncomingBatch
    encoded: bytes
    done: bool = False
    is_new: bool = False
    error: PartageError | None = None


def _all_done(batches: Sequence[_Waiting]) -> bool:
    return all(waiting.done for waiting in batches)


class _CommunityJournal:
    """The journal of one community.

    Invariants:
        - What is acknowledged lies in a frame that was flushed, or did before it became a load.
        - Of one process, one thread writes at a time, for all that wait; of several, the one that holds the lock.
    """

    def __init__(self, folder: Path, wait_seconds: float, segment_bytes_max: int, known_max: int) -> None:
        self._folder = folder
        self._wait_seconds = wait_seconds
        self._segment_bytes_max = segment_bytes_max
        self._known = KnownBatches(folder / "batches", known_max)
        self._here: dict[bytes, bytes] = {}  # batches of the active segment, with their digests
        self._descriptor = -1
        self._inode = 0
        self._end = 0
        self._queue: deque[_Waiting] = deque()
        self._writing = False
        self._turn = threading.Condition()  # of the queue, and of who writes
        self._files = threading.Lock()

    def append_all(self, batches: Sequence[IncomingBatch]) -> list[bool | PartageError]:
        """Keep batches, together with all that wait at the same time."""
        own = [_Waiting(batch, encode_batch(batch)) for batch in batches]
        for waiting in own:
            if len(waiting.encoded) > FRAME_BYTES_MAX // 2:
                size = len(waiting.encoded)
                waiting.error = InputError(
                    f"the batch has {size:,} bytes, too many at once; send it in parts."
                )
                waiting.done = True
        with self._turn:
            self._queue += [waiting for waiting in own if not waiting.done]
            # Whoever writes meanwhile may write these batches too: then there is nothing left to do.
            self._turn.wait_for(lambda: _all_done(own) or not self._writing)
            is_writer = not _all_done(own)
            self._writing = self._writing or is_writer
        if is_writer:
            try:
                while not _all_done(own):
                    self._write_waiting()
            finally:
                with self._turn:
                    self._writing = False
                    self._turn.notify_all()
        return [waiting.is_new if waiting.error is None else waiting.error for waiting in own]

    def pending(self) -> PendingReadings | None:
        """See ``ReadingJournal.pending``."""
        size, since = 0, None
        for path in [*self._sealed(), self._folder / _ACTIVE]:
            try:
                with path.open("rb") as file:
                    begun = begun_of(file.read(HEADER_BYTES))
                    held = os.fstat(file.fileno()).st_size - HEADER_BYTES
            except FileNotFoundError:
                continue
            if held > 0:
                size += held
                begun = (
                    begun or 0
                )  # a header that is none of ours: sealing looks at it, and says what is wrong
                since = begun if since is None else min(since, begun)
        return None if since is None else PendingReadings(size, since)

    def seal(self) -> list[JournalSegment]:
        """See ``ReadingJournal.seal``."""
        if not self._folder.is_dir():
            return []
        with self._files, self._locked("sealing"):
            self._refresh()
            if self._here:
                self._rotate()
            return [JournalSegment(path.name, _read_sealed(path)[0]) for path in self._sealed()]

    def close(self) -> None:
        """Let go of the file."""
        with self._files:
            self._let_go()
            self._known.close()

    # writing, by the one thread that has its turn

    def _write_waiting(self) -> None:
        """Write what waits now, all of it by one flush, unless it is too much for a frame."""
        group: list[_Waiting] = []
        with self._turn:
            size = 0
            while self._queue and size + len(self._queue[0].encoded) <= FRAME_BYTES_MAX - 16:
                size += len(self._queue[0].encoded)
                group.append(self._queue.popleft())
        stopped: PartageError | None = StoreError(
            "the journal was stopped before the batch was written; send it again."
        )
        try:
            with self._files:
                self._write_group(group)
            stopped = None
        except PartageError as error:  # each of them is told by its own thread
            stopped = error
        except OSError as error:
            stopped = StoreError(f"{self._folder} cannot be written: {error.strerror}. Nothing was kept.")
        finally:
            for waiting in group:
                waiting.error = waiting.error or stopped
                waiting.done = True

    def _write_group(self, group: list[_Waiting]) -> None:
        make_folder(self._folder, 0o700)
        with self._locked("incoming readings"):
            self._refresh()
            if self._end > self._segment_bytes_max:
                self._rotate()
            self._require_open(group[0].batch.received_utc)
            fresh: dict[bytes, bytes] = {}
            written: list[_Waiting] = []
            for waiting in group:
                batch = waiting.batch
                digest = fresh.get(batch.id) or self._here.get(batch.id) or self._known.digest_of(batch.id)
                if digest is None:
                    fresh[batch.id] = batch.digest
                    written.append(waiting)
                elif digest != batch.digest:
                    waiting.error = ConflictError(
                        "a batch of this name was taken before with other readings; give each batch a name of its own."
                    )
            if written:
                self._append_frame(encode_frame([waiting.encoded for waiting in written]))
                self._here |= fresh
            for waiting in written:
                waiting.is_new = True

    def _append_frame(self, frame: bytes) -> None:
        try:
            left = memoryview(frame)
            while left:
                left = left[os.pwrite(self._descriptor, left, self._end + len(frame) - len(left)) :]
            reach("journal.frame_written")
            os.fsync(self._descriptor)
        except OSError as error:
            self._cut()
            raise StoreError(
                f"{self._folder / _ACTIVE} cannot be written: {error.strerror}. Nothing of the batch was kept."
            ) from None
        self._end += len(frame)
        reach("journal.frame_flushed")

    def _cut(self) -> None:
        """Take back what a failed write left; where even that fails, the next opening finds out."""
        try:
            os.ftruncate(self._descriptor, self._end)
            os.fsync(self._descriptor)
        except OSError:
            self._let_go()

    def _require_open(self, now_utc: int) -> None:
        """The active segment, begun where there is none."""
        if self._descriptor >= 0:
            return
        path = self._folder / _ACTIVE
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        header = make_header(now_utc)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, header, 0)
        os.fsync(self._descriptor)
        flush_folder(self._folder)
        self._inode, self._end = os.fstat(self._descriptor).st_ino, HEADER_BYTES

    # knowing what other processes did meanwhile

    def _refresh(self) -> None:
        """Bring what is known of the files up to date; what a crash tore is cut."""
        self._known.refresh()
        path = self._folder / _ACTIVE
        try:
            status = path.stat()
        except FileNotFoundError:
            self._let_go()
            return
        if self._descriptor >= 0 and status.st_ino != self._inode:
            self._let_go()
        if self._descriptor < 0:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            if begun_of(os.pread(descriptor, HEADER_BYTES, 0)) is None:
                os.close(descriptor)
                if status.st_size > HEADER_BYTES:
                    raise StoreError(f"{path} is damaged: its header is not ours. Restore it from a backup.")
                return  # a crash came before its header was whole: nothing is in it
            self._descriptor, self._inode, self._end = descriptor, status.st_ino, HEADER_BYTES
        size = os.fstat(self._descriptor).st_size
        if size != self._end:
            self._learn(path, os.pread(self._descriptor, size - self._end, self._end))

    def _learn(self, path: Path, stretch: bytes) -> None:
        frames = read_frames(stretch)
        if frames.damaged:
            self._let_go()
            raise StoreError(
                f"{path} is damaged in its midst. Restore it from a backup with `partage restore`."
            )
        for payload in frames.payloads:
            self._here |= {batch: digest for batch, digest, _ in ids_of(payload, str(path))}
        self._end += frames.end
        if frames.torn:
            os.ftruncate(self._descriptor, self._end)
        os.fsync(self._descriptor)  # whoever wrote it may have ended before its own flush

    def _rotate(self) -> None:
        """Seal the active segment: its batches are known from now on by their file."""
        self._known.add(list(self._here.items()))
        reach("journal.batches_noted")
        numbers = [int(path.name[:6]) for path in self._sealed()]
        token = token_of(os.pread(self._descriptor, HEADER_BYTES, 0))
        # Numbers come again once all were discarded: the token keeps one segment from being taken for another.
        sealed = self._folder / f"{max(numbers, default=0) + 1:06d}-{token[:16]}.journal"
        (self._folder / _ACTIVE).rename(sealed)
        flush_folder(self._folder)
        self._let_go()
        reach("journal.segment_sealed")

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._inode, self._end = -1, 0, 0
        self._here = {}

    def _sealed(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if _SEALED.fullmatch(path.name))
        except FileNotFoundError:
            return []

    def _locked(self, purpose: str) -> AbstractContextManager[None]:
        lock = FileLock(self._folder / "lock", f"the journal of {self._folder.name}")
        return lock.hold(purpose, self._wait_seconds)


def _read_sealed(path: Path) -> tuple[bytes, list[bytes]]:
    """Hash and payloads of a sealed segment.

    Raises:
        StoreError: If it is damaged: whole frames alone were sealed.
    """
    content = path.read_bytes()
    frames = read_frames(content[HEADER_BYTES:])
    if begun_of(content[:HEADER_BYTES]) is None or frames.torn:
        raise StoreError(f"{path} is damaged. Restore it from a backup with `partage restore`.")
    return hashlib.sha256(content).digest(), frames.payloads
