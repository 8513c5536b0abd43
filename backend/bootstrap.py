"""The one place that joins services to adapters, by what the environment says.

PARTAGE_HOME            folder of all state (default ``.partage``)
PARTAGE_DATABASE_URL    PostgreSQL in place of SQLite
PARTAGE_CHAIN_URL       a JSON-RPC node in place of the embedded chain
PARTAGE_FUNDING_KEY     private key of an account on that node that funds ours
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from backend.adapters.clock import SystemClock
from backend.adapters.home import Home, HomeLock
from backend.adapters.key_vault import ROLE_KEYS, KeyVault
from backend.errors import ChainUnavailableError, InputError, NotFoundError
from backend.services.context import SettlementContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from backend.adapters.chain.deployment import Deployment
    from backend.adapters.chain.gateway import NodeGateway
    from backend.adapters.chain.node import Node
    from backend.ports import ChainGateway, IntervalStore, MeterFileReader, RecordStore

__all__ = ["Wiring", "backup_home", "node_for_verification", "open_wiring", "read_text", "restore_home"]

_EMBEDDED_WINDOW_SECONDS = 0
_NETWORK_WINDOW_SECONDS = 168 * 3600
_TEXT_BYTES_MAX = 64 * 1024 * 1024


class Wiring:
    """A home, opened; what needs time to open is opened when it is first used.

    Args:
        home: Where everything lies.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.vault = KeyVault(home.keys)
        self.clock = SystemClock()
        self._lock = HomeLock(home)

    @contextmanager
    def writing(self, command: str) -> Iterator[None]:
        """Hold the home for a command that writes."""
        self.home.create()
        with self._lock.hold(command):
            yield

    @cached_property
    def store(self) -> RecordStore:
        """Records."""
        from backend.adapters.store import open_store

        return open_store(self.home)

    @cached_property
    def intervals(self) -> IntervalStore:
        """Readings and allocations."""
        from backend.adapters.intervals import ParquetIntervals

        return ParquetIntervals(self.home.intervals)

    @cached_property
    def node(self) -> Node:
        """The embedded chain, or the node of PARTAGE_CHAIN_URL."""
        from backend.adapters.chain.node import connect, open_embedded

        url = os.environ.get("PARTAGE_CHAIN_URL")
        if url:
            return connect(url, self.vault, ROLE_KEYS, os.environ.get("PARTAGE_FUNDING_KEY"))
        return open_embedded(self.home.chain, self.vault, ROLE_KEYS)

    @cached_property
    def deployment(self) -> Deployment:
        """The contracts; deployed the first time."""
        from backend.adapters.chain.deployment import deploy, load_deployment

        return load_deployment(self.home.deployment, self.node) or deploy(self.node, self.vault, self.home.deployment)

    @cached_property
    def chain(self) -> ChainGateway:
        """The contracts, as services see them."""
        return self._gateway

    @cached_property
    def _gateway(self) -> NodeGateway:
        from backend.adapters.chain.gateway import NodeGateway

        return NodeGateway(self.node, self.vault, self.deployment)

    @cached_property
    def context(self) -> SettlementContext:
        """The ports that settlement services share."""
        window = _EMBEDDED_WINDOW_SECONDS if self.node.embedded else _NETWORK_WINDOW_SECONDS
        return SettlementContext(
            store=self.store,
            intervals=self.intervals,
            chain=self.chain,
            clock=self.clock,
            random_bytes=secrets.token_bytes,
            default_window_seconds=window,
        )

    def reader_for(self, file_format: str = "auto") -> MeterFileReader:
        """Reads meter files of a format; the generic CSV is what ``auto`` knows yet.

        Raises:
            InputError: If there is no such format.
        """
        from backend.adapters.meter_files.generic_csv import read_generic_csv

        if file_format not in {"auto", "csv"}:
            raise InputError(f"there is no meter file format {file_format!r}; use auto or csv.")
        return read_generic_csv

    @property
    def render_bill(self) -> Callable[..., bytes]:
        """Writes a bill as PDF."""
        from backend.adapters.documents.bill_pdf import render_bill

        return render_bill


def open_wiring(home: Home | None = None) -> Wiring:
    """The home that PARTAGE_HOME names."""
    return Wiring(home or Home.from_environment())


def node_for_verification(url: str) -> Callable[[str, list[Any]], Any]:
    """What answers a verifier's JSON-RPC calls: a node by URL, or the embedded chain of PARTAGE_HOME, read only.

    Raises:
        ChainUnavailableError: If there is neither.
    """
    if url:
        from backend.verifier import http_call

        return http_call(url)
    wiring = open_wiring()
    if not os.environ.get("PARTAGE_CHAIN_URL") and not wiring.home.chain.exists():
        raise ChainUnavailableError(
            f"There is no chain in {wiring.home.root}; give the URL of a node with --rpc, or set PARTAGE_HOME."
        )
    return wiring.node.rpc


def read_text(file: Path, what: str) -> str:
    """A small text file, or a clear sentence.

    Raises:
        NotFoundError: If it is not there.
        InputError: If it is too large or not UTF-8.
    """
    if not file.is_file():
        raise NotFoundError(f"{file} is not a file; give the path of a {what}.")
    if file.stat().st_size > _TEXT_BYTES_MAX:
        raise InputError(f"{file.name} has {file.stat().st_size:,} bytes, too many for a {what}; is it the right file?")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name} is not UTF-8 text (byte {error.start}); is it a {what}?") from None


def backup_home(target: Path) -> int:
    """Write a consistent copy of the home; returns the number of files."""
    from backend.adapters.backup import backup

    return backup(Home.from_environment(), target)


def restore_home(archive: Path) -> int:
    """Restore an archive into an empty home; returns the number of files."""
    from backend.adapters.backup import restore

    return restore(archive, Home.from_environment())
