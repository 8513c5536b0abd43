"""A look at the embedded chain as it is now, while this or any other process writes it.

Reading takes no lock: what a block adds never changes afterwards, and SQLite shows a block whole or not at all. A view
holds on to the head that it saw first, so that all answers of one request speak of the same block.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from eth.abc import BlockAPI, BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI
from eth.chains.base import Chain
from eth.exceptions import HeaderNotFound, TransactionNotFound
from eth_typing import BlockNumber, Hash32
from rlp.exceptions import RLPException

from backend.adapters.chain.embedded_evm import Clock, next_header, open_chain
from backend.adapters.chain.embedded_store import LogQuery, LogRow, SqliteStore
from backend.errors import ChainUnavailableError

__all__ = [
    "BlockReference",
    "ChainReader",
    "ChainView",
    "FileIdentity",
    "LocatedTransaction",
    "file_identity",
]

# A number, a hash, or the name that JSON-RPC gives to a block: earliest, latest, safe, finalized, pending.
BlockReference = int | bytes | str

FileIdentity = tuple[int, int]
SPARE_CONNECTIONS = 8


def file_identity(path: Path) -> FileIdentity | None:
    """Tell which file a path means now; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino)


@dataclass(frozen=True, slots=True)
class LocatedTransaction:
    """A mined transaction and what became of it.

    Attributes:
        header: Of its block.
        index: Its place in the block.
        transaction: The transaction.
        receipt: Its receipt; ``gas_used`` counts from the start of the block.
        gas_used: By it alone. [gas]
        first_log: Index of its first log in the block.
    """

    header: BlockHeaderAPI
    index: int
    transaction: SignedTransactionAPI
    receipt: ReceiptAPI
    gas_used: int
    first_log: int


@dataclass(frozen=True, slots=True)
class ChainView:
    """The chain up to one head.

    Attributes:
        chain: py-evm's chain over the file.
        store: The file.
        head: The newest block of this view.
        clock: Seconds since 1970.
        deadline: When work for this view must end, None for never. [s of ``time.monotonic``]
    """

    chain: Chain
    store: SqliteStore
    head: BlockHeaderAPI
    clock: Clock
    deadline: float | None = None

    @property
    def is_too_late(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline is not None and time.monotonic() > self.deadline

    @property
    def chain_id(self) -> int:
        """The id that transactions are signed for."""
        return int(self.chain.chain_id)

    def header_at(self, reference: BlockReference) -> BlockHeaderAPI | None:
        """Find a block's header; ``pending`` is the head, for no transaction ever waits here."""
        if reference == "earliest":
            reference = 0
        if isinstance(reference, str):
            return self.head
        if isinstance(reference, bytes):
            return self._header_by_hash(reference)
        if reference > self.head.block_number:
            return None
        return self.chain.get_canonical_block_header_by_number(BlockNumber(reference))

    def _header_by_hash(self, block_hash: bytes) -> BlockHeaderAPI | None:
        """Find the block of this chain that has a hash.

        The file keeps headers, trie nodes and contract code under their hashes alike; what is stored under a hash may
        be code that somebody deployed to look like a header. A block counts if the chain has it at its number.
        """
        try:
            header = self.chain.get_block_header_by_hash(Hash32(block_hash))
        except (HeaderNotFound, RLPException, ValueError):
            return None
        known = self.header_at(header.block_number)
        return header if known is not None and known.hash == block_hash else None

    def next_header(self) -> BlockHeaderAPI:
        """Date and number the block that a transaction sent now would be in."""
        return next_header(self.chain, self.head, self.clock)

    def block_of(self, header: BlockHeaderAPI) -> BlockAPI:
        """Read the transactions to a header."""
        return self.chain.get_block_by_header(header)

    def locate(self, transaction_hash: bytes) -> LocatedTransaction | None:
        """Find a mined transaction by its hash, with a look-up and no scan."""
        try:
            number, index = self.chain.get_canonical_transaction_index(Hash32(transaction_hash))
        except TransactionNotFound:
            return None
        header = self.chain.get_canonical_block_header_by_number(number)
        earlier = [self.chain.get_transaction_receipt_by_index(number, place) for place in range(index)]
        receipt = self.chain.get_transaction_receipt_by_index(number, index)
        return LocatedTransaction(
            header=header,
            index=index,
            transaction=self.chain.get_canonical_transaction_by_index(number, index),
            receipt=receipt,
            gas_used=receipt.gas_used - (earlier[-1].gas_used if earlier else 0),
            first_log=sum(len(one.logs) for one in earlier),
        )

    def find_logs(self, query: LogQuery, *, limit: int) -> list[LogRow]:
        """Find logs up to the head.

        Raises:
            TimeoutError: If the deadline passed meanwhile.
        """
        last_block = min(query.last_block, self.head.block_number)
        if query.first_block > last_block:
            return []
        try:
            return self.store.find_logs(
                replace(query, last_block=last_block), limit=limit, is_too_late=lambda: self.is_too_late
            )
        except sqlite3.OperationalError:
            if self.is_too_late:
                raise TimeoutError("the search for logs takes too long; ask for fewer blocks") from None
            raise


@dataclass(frozen=True, slots=True)
class _Connection:
    """A read-only connection with the chain over it, used by one thread at a time."""

    file: FileIdentity
    store: SqliteStore
    chain: Chain


class ChainReader:
    """Reads a chain file that this or another process writes.

    Args:
        path: The chain file; it need not be there before the first view.
        clock: Seconds since 1970, for what ``pending`` means.

    Invariants:
        - Never writes to the file.
        - A view is of the file that the path means at that moment: a chain that was removed or replaced is not served.
    """

    def __init__(self, path: Path, clock: Clock = time.time) -> None:
        self.path = path
        self._clock = clock
        self._guard = threading.Lock()
        self._spare: list[_Connection] = []

    @contextlib.contextmanager
    def view(self, deadline: float | None = None) -> Iterator[ChainView]:
        """Look at the chain for a ``with`` block, from one thread.

        Args:
            deadline: When work for this view must end, None for never. [s of ``time.monotonic``]

        Raises:
            ChainUnavailableError: If there is no chain, or its file cannot be read.
        """
        try:
            connection = self._take()
        except sqlite3.Error as error:
            raise ChainUnavailableError(f"the chain {self.path} cannot be read: {error}") from error
        is_sound = False
        try:
            head = connection.chain.get_canonical_head()
            yield ChainView(connection.chain, connection.store, head, self._clock, deadline)
            is_sound = True
        except sqlite3.Error as error:
            raise ChainUnavailableError(f"the chain {self.path} cannot be read: {error}") from error
        except Exception:
            is_sound = True  # the caller's error says nothing about the connection
            raise
        finally:
            self._give_back(connection, is_sound=is_sound)

    def close(self) -> None:
        """Let go of the file; views that are open keep their own hold until they end."""
        with self._guard:
            spare, self._spare = self._spare, []
        for connection in spare:
            connection.store.close()

    def _take(self) -> _Connection:
        """Take a connection to the file that the path means now."""
        file = file_identity(self.path)
        if file is None:
            raise ChainUnavailableError(f"there is no chain at {self.path} yet")
        while True:
            with self._guard:
                connection = self._spare.pop() if self._spare else None
            if connection is None:
                return self._connect(file)
            if connection.file == file:
                return connection
            connection.store.close()

    def _connect(self, file: FileIdentity) -> _Connection:
        store = SqliteStore(self.path, "ro")
        try:
            if store.is_born:
                return _Connection(file, store, open_chain(store))
        except BaseException:
            store.close()
            raise
        store.close()
        raise ChainUnavailableError(f"the chain {self.path} is being made; try again in a moment")

    def _give_back(self, connection: _Connection, *, is_sound: bool) -> None:
        """Keep a connection for the next view, without anything that an execution may have left behind."""
        connection.store.discard()
        with self._guard:
            if is_sound and len(self._spare) < SPARE_CONNECTIONS:
                self._spare.append(connection)
                return
        connection.store.close()
