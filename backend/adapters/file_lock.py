"""A lock between threads and processes that the kernel lets go of when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FileLock"]

# Whoever waits looks again this often; a waiting command costs nothing that anyone would notice.
PAUSE_SECONDS = 0.02


class FileLock:
    """``flock`` on a file that says who holds it.

    Args:
        path: The lock's file, made where it is absent and never removed: a lock on a file that another process has
            replaced would lock nothing.
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
        try:
            # Each holder opens the file anew: flock belongs to the open file, so threads exclude each other as well.
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"{self._path} cannot be opened ({error.strerror}); may this user write there?"
            ) from None
        try:
            self._wait(descriptor, wait_seconds)
            os.ftruncate(descriptor, 0)
            since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            os.pwrite(descriptor, f"process {os.getpid()} ({purpose}) since {since}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)  # lets go of the lock too

    def _wait(self, descriptor: int, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreBusyError(
                        f"{self._what} is held by {self._holder(descriptor)}; waited {wait_seconds:g} s. "
                        "Wait until it ends, or end it, and run the same command again."
                    ) from None
                time.sleep(PAUSE_SECONDS)

    @staticmethod
    def _holder(descriptor: int) -> str:
        text = os.pread(descriptor, 500, 0).decode(errors="replace").strip()
        return text or "another process"
