"""Makes loads of readings that wait in the journal, beside everything else."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.api.dependencies import Incoming
    from backend.ports import Clock

__all__ = ["JournalSealing"]

logger = logging.getLogger("partage.api")

_PAUSE_SECONDS = 2.0


class JournalSealing:
    """Looks every two seconds whether enough waits, or long enough.

    Args:
        incoming: What waits.
        clock: Time.
    """

    def __init__(self, incoming: Incoming, clock: Clock) -> None:
        self._incoming = incoming
        self._clock = clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go, name="sealing of readings", daemon=True)

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        self._thread.start()

    def stop(self) -> None:
        """End, what is under way first: a process must not go while a file is being written in it."""
        self._stopped.set()
        self._thread.join()

    def _go(self) -> None:
        while not self._stopped.wait(_PAUSE_SECONDS):
            try:
                self._incoming.seal_due(self._clock.now_utc())
            except Exception:  # what waits goes on waiting; a thread that died would be missed by nobody
                logger.exception("readings of the journal could not be made loads")
