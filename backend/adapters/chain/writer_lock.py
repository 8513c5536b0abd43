"""The writer's lock of a chain: held for a batch of transactions, never for the life of a server.

Within a process the threads take turns; between processes the lock on a file decides, of which the kernel lets go when
its holder ends, by SIGKILL too, so that no lock is ever stale. The embedded chain has the file beside it; for a node by
URL it lies beside the keys, so that no two transactions of one key are signed with the same nonce.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from backend.adapters.file_lock import FileHeldError, held_file
from backend.errors import ChainBusyError, ChainUnavailableError

__all__ = ["WriterLock"]


class WriterLock:
    """Who may write to the chain now.

    Args:
        path: The lock's file, created where it is absent.

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
            raise self._busy(timeout_seconds, f"process {os.getpid()}")
        try:
            is_outermost = self._depth == 0
            with contextlib.ExitStack() as held:
                if is_outermost:
                    self._enter_file(held, deadline, timeout_seconds)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
        finally:
            self._turn.release()

    def _enter_file(self, held: contextlib.ExitStack, deadline: float, timeout_seconds: float) -> None:
        """Take the lock between processes, in what is left of the time."""
        try:
            held.enter_context(
                held_file(self.path, f"process {os.getpid()}\n", max(0.0, deadline - time.monotonic()))
            )
        except FileHeldError as error:
            raise self._busy(timeout_seconds, error.holder) from None
        except OSError as error:
            raise ChainUnavailableError(f"the chain's lock {self.path} cannot be opened: {error}") from error

    def _busy(self, timeout_seconds: float, holder: str) -> ChainBusyError:
        return ChainBusyError(
            f"{holder} has been writing to the chain {self.path.with_suffix('')} for more than {timeout_seconds:g} s; "
            "wait for it to end and try again"
        )
