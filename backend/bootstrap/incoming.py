"""Readings that arrive by themselves, joined: a home's journal, and when what waits in it becomes loads."""

from __future__ import annotations

import logging
import secrets
import threading
from functools import cached_property
from typing import TYPE_CHECKING

from backend.adapters.home import HomeLock
from backend.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.adapters.home import Home
    from backend.adapters.intervals import ParquetIntervals
    from backend.adapters.journal import FileJournal
    from backend.ports import Clock, RecordStore
    from backend.services.receive_readings import Reception

__all__ = ["IncomingReadings"]

logger = logging.getLogger("partage.readings")

SEAL_BYTES = 8 * 1024 * 1024
SEAL_SECONDS = 3600


class IncomingReadings:
    """A home's journal.

    A command that writes seals when it begins, and nothing is sealed while it is at work: what it reads stays the
    same. Whoever reads beside it sees the readings as that command found them. A journal that cannot be sealed is in
    the way of those who read its community, and of nobody else.

    Args:
        home: Where everything lies.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._spare_lock = HomeLock(home, wait_seconds=0.0)
        self._turn = threading.RLock()
        self._broken: dict[str, str] = {}  # communities whose journal cannot be sealed, and why

    @cached_property
    def journal(self) -> FileJournal:
        """Keeps what arrives."""
        from backend.adapters.journal import FileJournal

        return FileJournal(self._home.journal)

    @cached_property
    def _intervals(self) -> ParquetIntervals:
        from backend.adapters.intervals import ParquetIntervals

        return ParquetIntervals(self._home.intervals)

    def reception(self, store: RecordStore, clock: Clock) -> Reception:
        """Takes batches."""
        from backend.adapters.meter_files.grouped_bodies import read_bodies
        from backend.services.receive_readings import Reception

        return Reception(store, self.journal, clock, read_bodies)

    def seal(self, community: str) -> None:
        """Make loads of what waits, for whoever holds the home.

        Raises:
            StoreError: If it cannot be sealed.
        """
        from backend.services.seal_readings import seal_readings

        with self._turn:
            if self.journal.pending(community) is not None:
                seal_readings(self.journal, self._intervals, community, secrets.token_bytes)
            self._broken.pop(community, None)

    def seal_all(self) -> None:
        """The same of every community, for a command that begins; what is wrong is told to whoever reads there."""
        for community in self._communities():
            self._try(self.seal, community)

    def seal_if_free(self, community: str) -> None:
        """Make loads of what waits, unless a command is at work: it sealed when it began.

        Raises:
            StoreError: If it cannot be sealed, or could not be when the command began: something acknowledged lacks.
        """
        if not self._home.journal.is_dir() or self.journal.pending(community) is None:
            return
        with self._turn:
            try:
                with self._spare_lock.hold("sealing incoming readings"):
                    self.seal(community)
            except StoreBusyError:
                if community in self._broken:
                    raise StoreError(self._broken[community]) from None

    def seal_due(self, now_utc: int) -> None:
        """Make loads of what waits long or is much, of every community."""
        for community in self._communities():
            waiting = self.journal.pending(community)
            if waiting is not None and (
                waiting.size >= SEAL_BYTES or now_utc - waiting.since_utc >= SEAL_SECONDS
            ):
                self._try(self.seal_if_free, community)

    def _try(self, seal: Callable[[str], None], community: str) -> None:
        """Seal one community; what is wrong there is noted, and told once."""
        try:
            seal(community)
        except StoreError as error:
            if self._broken.get(community) != str(error):
                logger.error("readings that wait for %s cannot be made loads: %s", community, error)  # noqa: TRY400 -- it says all
            self._broken[community] = str(error)

    def _communities(self) -> Sequence[str]:
        return self.journal.communities() if self._home.journal.is_dir() else ()
