"""Keys, values and logs of the embedded chain in one SQLite file: one durable transaction a block.

py-evm asks for a key-value store. What it writes is collected in memory and goes to the file with ``commit``, in a
single SQL transaction that is on the disk (WAL, ``synchronous=FULL``) before it returns. A process that is killed at
any point leaves the file at a block boundary.

The logs of each block go into a table of their own in the same transaction, so that a filter is an index look-up
instead of a walk through receipts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eth.db.backends.base import BaseDB

from backend.errors import ChainUnavailableError

__all__ = ["LogQuery", "LogRow", "SqliteStore"]

# "PRTG": tells a chain from every other SQLite file.
APPLICATION_ID = 0x50525447
FORMAT_VERSION = 1
# Between processes SQLite itself is locked for the moment of one commit only.
BUSY_SECONDS = 30.0
# How many steps of SQLite's own machine pass between two looks at the clock.
STEPS_BETWEEN_CHECKS = 20_000

LOGS_TABLE = """
CREATE TABLE logs (
    block INTEGER NOT NULL, position INTEGER NOT NULL,
    address BLOB NOT NULL, topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL,
    block_hash BLOB NOT NULL, transaction_hash BLOB NOT NULL, transaction_index INTEGER NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID
"""
SCHEMA = (
    "CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    LOGS_TABLE,
    "CREATE INDEX logs_by_address ON logs (address, topic0, block)",
    "CREATE INDEX logs_by_topic ON logs (topic0, block)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT_VERSION}",
)
LOG_COLUMNS = (
    "block, position, address, topic0, topic1, topic2, topic3, data,"
    " block_hash, transaction_hash, transaction_index"
)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A log as it stands in the table: what a receipt says, and where in the chain it says it.

    Attributes:
        block: Number of its block.
        position: Index among the logs of its block.
        address: The contract that emitted it. [20 bytes]
        topics: None to four topics. [32 bytes each]
        data: The rest of the event.
        block_hash: Hash of its block. [32 bytes]
        transaction_hash: Hash of its transaction. [32 bytes]
        transaction_index: Index of that transaction in its block.
    """

    block: int
    position: int
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_hash: bytes
    transaction_hash: bytes
    transaction_index: int


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which logs are meant, as in ``eth_getLogs``.

    Attributes:
        first_block: From this block on.
        last_block: Up to this block, included.
        addresses: Any of these contracts; empty for all.
        topics: Per place the topics that fit; an empty place fits every topic, but there must be one.
    """

    first_block: int
    last_block: int
    addresses: tuple[bytes, ...] = ()
    topics: tuple[tuple[bytes, ...], ...] = ()


class SqliteStore(BaseDB):
    """A py-evm database over the chain file.

    Args:
        path: The chain file.
        access: As SQLite has it: ``ro`` reads, and what py-evm writes is dropped with ``discard``; ``rw`` writes;
            ``rwc`` also makes the file where there is none.

    Raises:
        ChainUnavailableError: If the file cannot be opened, or is no chain of this format.

    Invariants:
        - The file only changes within ``commit``, by everything collected since the last one or by nothing.
        - ``is_born`` says whether the first commit has happened.
    """

    def __init__(self, path: Path, access: Literal["ro", "rw", "rwc"]) -> None:
        self.path = path
        self.access = access
        self._changes: dict[bytes, bytes | None] = {}  # None: deleted
        self._logs: list[LogRow] = []
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={access}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_SECONDS,
            )
        except sqlite3.Error as error:
            raise ChainUnavailableError(f"the chain {path} cannot be opened: {error}") from error
        try:
            self._check_format()
            if access != "ro":
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            self.close()
            raise ChainUnavailableError(f"the chain {path} cannot be read: {error}") from error
        except ChainUnavailableError:
            self.close()
            raise

    def _check_format(self) -> None:
        """Refuse another program's database before anything is written to it."""
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (objects,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if objects and application != APPLICATION_ID:
            raise ChainUnavailableError(f"{self.path} is a database of another program; choose another file")
        if objects and version != FORMAT_VERSION:
            raise ChainUnavailableError(
                f"{self.path} has chain format {version}, this program reads {FORMAT_VERSION}; use the other one"
            )

    @property
    def is_born(self) -> bool:
        """Whether the file holds a chain, rather than nothing yet or a birth that was cut short."""
        found = self._connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'entries'"
        ).fetchone()
        return bool(found[0])

    def __getitem__(self, key: bytes) -> bytes:
        if key in self._changes:
            value = self._changes[key]
        else:
            row = self._connection.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
            value = None if row is None else row[0]
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._changes[key] = value

    def __delitem__(self, key: bytes) -> None:
        if not self._exists(key):
            raise KeyError(key)
        self._changes[key] = None

    def _exists(self, key: bytes) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    def add_log(self, row: LogRow) -> None:
        """Let a log go to the file with the next commit."""
        self._logs.append(row)

    def discard(self) -> None:
        """Forget what was collected since the last commit."""
        self._changes.clear()
        self._logs.clear()

    def commit(self) -> None:
        """Write everything collected as one durable transaction; what fails leaves the file as it was.

        Raises:
            sqlite3.Error: If the disk is full or fails. What was collected is forgotten.
        """
        assert self.access != "ro", "a reader has nothing to commit"
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            if not self.is_born:
                for statement in SCHEMA:
                    self._connection.execute(statement)
            for key, value in self._changes.items():
                if value is None:
                    self._connection.execute("DELETE FROM entries WHERE key = ?", (key,))
                else:
                    self._connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?)", (key, value))
            for row in self._logs:
                self._connection.execute(
                    f"INSERT INTO logs ({LOG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 -- a constant
                    _columns_of(row),
                )
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self.discard()

    def find_logs(
        self, query: LogQuery, *, limit: int, is_too_late: Callable[[], bool] | None = None
    ) -> list[LogRow]:
        """Find the logs that a query means, in the order of the chain.

        Args:
            query: Which logs are meant.
            limit: How many to return at most.
            is_too_late: Asked while the table is searched; once it is true the search ends.

        Raises:
            sqlite3.OperationalError: If the search was ended.
        """
        conditions = ["block BETWEEN ? AND ?"]
        values: list[object] = [query.first_block, query.last_block]
        places = [("address", query.addresses)]
        places += [(f"topic{place}", topics) for place, topics in enumerate(query.topics)]
        for column, wanted in places:
            if wanted:
                conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
            elif column != "address":
                conditions.append(f"{column} IS NOT NULL")
        statement = (
            f"SELECT {LOG_COLUMNS} FROM logs WHERE {' AND '.join(conditions)}"  # noqa: S608 -- our columns; values are bound
            " ORDER BY block, position LIMIT ?"
        )
        self._connection.set_progress_handler(is_too_late, STEPS_BETWEEN_CHECKS)
        try:
            return [_row_of(columns) for columns in self._connection.execute(statement, (*values, limit))]
        finally:
            self._connection.set_progress_handler(None, 0)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _columns_of(row: LogRow) -> tuple[object, ...]:
    """Spread a log over the table's columns."""
    topics = (*row.topics, None, None, None, None)[:4]
    where = (row.block_hash, row.transaction_hash, row.transaction_index)
    return (row.block, row.position, row.address, *topics, row.data, *where)


def _row_of(columns: Sequence[Any]) -> LogRow:
    """Read a log back from the table's columns."""
    block, position, address, *topics, data, block_hash, transaction_hash, transaction_index = columns
    present = tuple(topic for topic in topics if topic is not None)
    return LogRow(block, position, address, present, data, block_hash, transaction_hash, transaction_index)
