"""The writer's lock of the embedded chain: held for a batch of transactions, never for the life of a server.

Within a process the threads take turns; between processes an advisory lock (``flock``) on a file beside the chain
decides. The kernel lets go of it when its holder ends, by SIGKILL too, so that no lock is ever stale. The file holds
the number of the process that writes, for whoever gives up waiting.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from backend.errors import ChainBusyError, ChainUnavailableError

__all__ = ["WriterLock"]

# Whoever waits looks again after a few milliseconds, at random so that two who wait do not move in step.
PAUSE_SECONDS_MIN = 0.001
PAUSE_SECONDS_MAX = 0.010


class WriterLock:
    """Who may write to the chain now.

    Args:
        path: The lock's file, created where it is absent and never removed: a lock on a file that another process
            has replaced would lock nothing.

    Invariants:
        - At most one thread of one process is inside ``hold``; that thread may enter it again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._owner_process = os.getpid()
        self._turn = threading.RLock()
        self._depth = 0

    @property
    def is_held(self) -> bool:
        """Whether a thread of this process writes now."""
        return self._depth > 0

    @contextlib.contextmanager
    def hold(self, timeout_seconds: float) -> Iterator[None]:
        """Wait for the turn, keep it for a ``with`` block.

        Args:
            timeout_seconds: How long to wait at most; zero to try once. [s]

        Raises:
            ChainBusyError: If another writer still holds it then; names its process.
            ChainUnavailableError: If the lock's file cannot be opened, or this process is a fork of the one that did.
        """
        if os.getpid() != self._owner_process:
            raise ChainUnavailableError(
                f"the chain was opened by process {self._owner_process}, of which this one ({os.getpid()}) is a fork; "
                "open it again here"
            )
        deadline = time.monotonic() + timeout_seconds
        if not self._turn.acquire(timeout=max(0.0, timeout_seconds)):
            raise self._busy(timeout_seconds, os.getpid())
        try:
            is_outermost = self._depth == 0
            with self._file_lock(deadline, timeout_seconds) if is_outermost else contextlib.nullcontext():
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
        finally:
            self._turn.release()

    @contextlib.contextmanager
    def _file_lock(self, deadline: float, timeout_seconds: float) -> Iterator[None]:
        """Hold the lock between processes, and write into its file who does."""
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ChainUnavailableError(f"the chain's lock {self.path} cannot be opened: {error}") from error
        try:
            while not _try_lock(file):
                if time.monotonic() >= deadline:
                    raise self._busy(timeout_seconds, _process_in(file))
                time.sleep(random.uniform(PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX))  # noqa: S311 -- a pause is no secret
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            try:
                yield
            finally:
                os.ftruncate(file, 0)
        finally:
            os.close(file)  # and with it the lock

    def _busy(self, timeout_seconds: float, process: int | None) -> ChainBusyError:
        holder = "another process" if process is None else f"process {process}"
        return ChainBusyError(
            f"{holder} has been writing to the chain {self.path.with_suffix('')} for more than {timeout_seconds:g} s; "
            "wait for it to end and try again"
        )


def _try_lock(file: int) -> bool:
    """Take the lock of an open file if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _process_in(file: int) -> int | None:
    """Read which process has put its number into the lock's file."""
    number = os.pread(file, 32, 0).strip()
    return int(number) if number.isdigit() else None
