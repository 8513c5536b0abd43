"""Locks between threads and processes that the kernel lets go of when their holder ends, however it ends.

``held_file`` is the mechanism, once for all: ``FileLock`` guards folders and stores with it, and the chain's
``WriterLock`` adds turns between the threads of one process and entering again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FileHeldError", "FileLock", "held_file"]

# Whoever waits looks again after a few milliseconds, at random so that two who wait do not move in step.
PAUSE_SECONDS_MIN = 0.001
PAUSE_SECONDS_MAX = 0.010
_NOTE_BYTES_MAX = 500


class FileHeldError(Exception):
    """Another holds the lock; does not leave the lock that asked.

    Attributes:
        holder: What it wrote into the file.
    """

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def held_file(path: Path, note: str, wait_seconds: float) -> Iterator[None]:
    """Wait for ``flock`` on a file, keep it for a ``with`` block.

    Args:
        path: The lock's file, made where it is absent and never removed: a lock on a file that another process has
            replaced would lock nothing.
        note: What the file says of its holder meanwhile.
        wait_seconds: How long to wait at most; zero to try once. [s]

    Raises:
        FileHeldError: If another still holds it then.
        OSError: If the file cannot be opened.
    """
    # Each holder opens the file anew: flock belongs to the open file, so threads exclude each other as well.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait(descriptor, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # a full disk must not hide what happened inside
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # lets go of the lock too


def _wait(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                text = os.pread(descriptor, _NOTE_BYTES_MAX, 0).decode(errors="replace").strip()
                raise FileHeldError(text or "another process") from None
            time.sleep(random.uniform(PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX))  # noqa: S311 -- a pause is no secret


class FileLock:
    """``flock`` on a file that says who holds it.

    Args:
        path: The lock's file.
        what: What it guards, for messages.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what

    @contextmanager
    def hold(self, purpose: str, wait_seconds: float) -> Iterator[None]:
        """Wait for the lock, keep it for a ``with`` block.

        Args:
            purpose: What whoever waits is told.
            wait_seconds: How long to wait at most; zero to try once. [s]

        Raises:
            StoreBusyError: If another still holds it then; names its process and purpose.
            StoreError: If the lock's file cannot be opened.
        """
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(
                    held_file(self._path, f"process {os.getpid()} ({purpose}) since {since}\n", wait_seconds)
                )
            except FileHeldError as error:
                raise StoreBusyError(
                    f"{self._what} is held by {error.holder}; waited {wait_seconds:g} s. "
                    "Wait until it ends, or end it, and run the same command again."
                ) from None
            except OSError as error:
                raise StoreError(
                    f"{self._path} cannot be opened ({error.strerror}); may this user write there?"
                ) from None
            yield
