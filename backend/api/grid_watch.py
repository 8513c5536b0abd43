"""Watches networks beside everything else, and sends their messages."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.services.grid.watching import NetworkWatch

__all__ = ["GridWatch"]

logger = logging.getLogger("partage.api")

_FIRST_SECONDS = 30.0
_PAUSE_SECONDS = 15.0
_LOOKS_EVERY = 20  # every five minutes: readings come by the quarter-hour at best, messages wait for seconds


class GridWatch:
    """Sends messages every quarter of a minute, and looks for alarms every five minutes.

    Args:
        open_watch: Makes what watches, in the thread: it takes a while to load.
    """

    def __init__(self, open_watch: Callable[[], NetworkWatch]) -> None:
        self._open = open_watch
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go, name="watch of networks", daemon=True)

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """End after what is under way; a look that takes longer is safe to break off."""
        self._stopped.set()
        self._thread.join(seconds)

    def _go(self) -> None:
        if self._stopped.wait(_FIRST_SECONDS):
            return
        watch: NetworkWatch | None = None
        turn = 0
        while True:
            try:
                watch = watch or self._open()
                if turn % _LOOKS_EVERY == 0:
                    watch.look_at_all()
                else:
                    watch.send()
            except Exception:  # the next time tries again; a thread that died would be missed by nobody
                logger.exception("networks could not be watched")
            turn += 1
            if self._stopped.wait(_PAUSE_SECONDS):
                return
