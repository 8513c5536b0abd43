"""What other processes do in these tests: they write until they are done, or until they are killed."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from backend.adapters.chain.embedded_chain import EmbeddedChain
from backend.adapters.chain.embedded_rpc import EmbeddedRpc
from backend.adapters.chain.embedded_store import SqliteStore
from tests.integration.chain.notebook import account_number, sign

RECIPIENT = "0x" + "11" * 20
FUNDED = [account_number(1).address]


def context() -> Any:
    """Start processes as forks of a server that has imported this module and nothing else: quick, and no thread."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([__name__])
    return made


class Touches:
    """Counts each touch of a store: each look and change that the EVM makes, each SQL statement before and after it.

    Args:
        on_touch: Told the number of each touch, from 1.

    Attributes:
        count: Touches so far.
        is_armed: Whether they are counted.
    """

    def __init__(self, on_touch: Callable[[int], None]) -> None:
        self.on_touch = on_touch
        self.count = 0
        self.is_armed = False

    def touch(self) -> None:
        if not self.is_armed:
            return
        self.count += 1
        self.on_touch(self.count)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Count within a ``with`` block, on connections that are opened in it."""
        touches = self

        class Touched(sqlite3.Connection):
            def execute(self, *arguments: Any) -> sqlite3.Cursor:
                touches.touch()
                result = super().execute(*arguments)
                touches.touch()
                return result

        def touched(name: str) -> Callable[..., Any]:
            method = getattr(SqliteStore, name)

            def call(store: SqliteStore, *arguments: Any) -> Any:
                touches.touch()
                return method(store, *arguments)

            return call

        names = ("__getitem__", "__setitem__", "add_log")
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(mock.patch.object(SqliteStore, name, touched(name)))
            stack.enter_context(
                mock.patch("sqlite3.connect", functools.partial(sqlite3.connect, factory=Touched))
            )
            yield


def send_next(rpc: EmbeddedRpc, value: int = 1) -> str:
    """Send the next transaction of the first account, within the lock so that the nonce is right."""
    account = account_number(1)
    with rpc.chain.writing():
        nonce = int(rpc.request("eth_getTransactionCount", [account.address]), 16)
        chain_id = int(rpc.request("eth_chainId", []), 16)
        raw = sign(account, chain_id, nonce, RECIPIENT, value=value)
        return str(rpc.request("eth_sendRawTransaction", [raw]))


def mine_without_end(path: Path, acknowledgements: Path) -> None:
    """Open the chain and send transactions, noting each that was acknowledged, until killed."""
    rpc = EmbeddedRpc(EmbeddedChain.open(path, funded=FUNDED))
    with acknowledgements.open("a") as notes:
        while True:
            sent = send_next(rpc)
            notes.write(f"{sent}\n")
            notes.flush()


def die_at_touch(path: Path, number: int) -> None:
    """Open the chain and send one transaction, but be killed at a touch of the store; end well if there are fewer."""

    def die(touch: int) -> None:
        if touch == number:
            os.kill(os.getpid(), signal.SIGKILL)

    touches = Touches(die)
    touches.is_armed = True
    with touches.installed():
        chain = EmbeddedChain.open(path, funded=FUNDED)
        send_next(EmbeddedRpc(chain))
        chain.close()


def mine_some(path: Path, count: int, batch: int, acknowledgements: Path) -> None:
    """Send transactions in batches of the lock, beside whoever else does."""
    chain = EmbeddedChain.open(path, funded=FUNDED)
    rpc = EmbeddedRpc(chain)
    with acknowledgements.open("a") as notes:
        for start in range(0, count, batch):
            with chain.writing(timeout_seconds=60):
                for _ in range(start, min(start + batch, count)):
                    notes.write(f"{send_next(rpc)}\n")
    chain.close()


def hold_the_lock(path: Path, sign_of_life: Path) -> None:
    """Take the lock and keep it until killed."""
    with EmbeddedChain.open(path).writing():
        sign_of_life.touch()
        time.sleep(600)
