"""PARTAGE_HOME: the folder that holds all of a community's state, and the lock of who writes to it.

partage.db          master data, rules, runs, bills, postings, users, outbox (unless PARTAGE_DATABASE_URL is set)
chain.sqlite        the embedded chain
deployment.json     which chain, which contracts
intervals/          readings and allocations
keys/               what signs, 0600 in 0700
files/              meter files as they were given
journal/            readings that arrived by themselves and are no load yet
cases/              readings that were claimed in disputes, and their evidence
networks/           load profiles that networks came with
cache/              copies that can be made again at any time, in no backup
lock                who writes
chain.lock          who sends to the node of PARTAGE_CHAIN_URL
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.adapters.durable_files import make_folder
from backend.adapters.file_lock import FileLock
from backend.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DEFAULT_HOME", "HOME_VARIABLE", "Home", "HomeLock"]

HOME_VARIABLE = "PARTAGE_HOME"
DEFAULT_HOME = ".partage"
LOCK_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies.

    Attributes:
        root: The folder, absolute.
    """

    root: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Home:
        """The home that PARTAGE_HOME names, else ``.partage`` in the working directory. Nothing is created."""
        environment = os.environ if environment is None else environment
        return cls(Path(environment.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser().absolute())

    @property
    def database(self) -> Path:
        """The SQLite store."""
        return self.root / "partage.db"

    @property
    def chain(self) -> Path:
        """The embedded chain."""
        return self.root / "chain.sqlite"

    @property
    def chain_lock(self) -> Path:
        """Who sends to a node by URL."""
        return self.root / "chain.lock"

    @property
    def deployment(self) -> Path:
        """Which chain, which contracts."""
        return self.root / "deployment.json"

    @property
    def intervals(self) -> Path:
        """Readings and allocations."""
        return self.root / "intervals"

    @property
    def journal(self) -> Path:
        """Readings that arrived by themselves and are no load yet."""
        return self.root / "journal"

    @property
    def keys(self) -> Path:
        """What signs."""
        return self.root / "keys"

    @property
    def files(self) -> Path:
        """Meter files as they were given."""
        return self.root / "files"

    @property
    def cases(self) -> Path:
        """Readings that were claimed in disputes, and their evidence."""
        return self.root / "cases"

    @property
    def networks(self) -> Path:
        """Load profiles that networks came with."""
        return self.root / "networks"

    @property
    def cache(self) -> Path:
        """Copies that can be made again: deleting it loses nothing."""
        return self.root / "cache"

    @property
    def lock_file(self) -> Path:
        """Who writes."""
        return self.root / "lock"

    def exists(self) -> bool:
        """Is there a store here?"""
        return self.database.exists() or self.deployment.exists() or self.intervals.exists()

    def create(self) -> Home:
        """Make the folder and those in it; what is there stays.

        The home is its owner's alone (0700): it holds personal data and keys.

        Raises:
            StoreError: If it cannot be made.
        """
        try:
            make_folder(self.root, 0o700)
            make_folder(self.intervals, 0o700)
            make_folder(self.keys, 0o700)
            make_folder(self.files, 0o700)
        except OSError as error:
            raise StoreError(
                f"{self.root} cannot be made into a home ({error.strerror}); "
                f"set {HOME_VARIABLE} to a folder that you may write."
            ) from None
        return self


class HomeLock:
    """Held by a command that writes: one of settle, demo, load at a time in a home.

    The kernel lets go of it when its holder ends, by SIGKILL too. The thread that holds it may take it again.

    Args:
        home: Which home.
        wait_seconds: How long a second command waits before it says who holds it. [s]
    """

    def __init__(self, home: Home, wait_seconds: float = LOCK_WAIT_SECONDS) -> None:
        self._home = home
        self._lock = FileLock(home.lock_file, f"the home {home.root}")
        self._wait_seconds = wait_seconds
        self._depth = 0
        self._thread = 0

    @property
    def depth(self) -> int:
        """How many times whoever holds it has entered, 0 where nobody of this process does. [1]"""
        return self._depth

    @contextmanager
    def hold(self, command: str) -> Iterator[None]:
        """Wait for the home, keep it for a ``with`` block.

        Args:
            command: What to tell whoever waits, such as ``settle roof``; no personal data.

        Raises:
            StoreBusyError: If another command still writes after the wait; it names the command and its process.
        """
        if self._depth and self._thread == threading.get_ident():
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        make_folder(self._home.root, 0o700)
        with self._lock.hold(command, self._wait_seconds):
            self._depth, self._thread = 1, threading.get_ident()
            try:
                yield
            finally:
                self._depth, self._thread = 0, 0
