"""Connections to SQLite and to PostgreSQL, set so that what was committed stays, and writers take turns.

SQLite: write-ahead log, ``synchronous=FULL`` (with ``NORMAL`` a power cut takes back what was acknowledged),
foreign keys, ``secure_delete`` (a deleted row's bytes are overwritten, for erasure). A writer begins with
``BEGIN IMMEDIATE``.

PostgreSQL 15 or newer: a writer takes one advisory lock for its transaction, so that counters and sequences have no gap
and nobody's transaction has to be repeated; a reader sees one snapshot.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from backend.errors import ConflictError, InputError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine.interfaces import DBAPIConnection

__all__ = ["is_sqlite", "open_postgresql", "open_sqlite", "parse_database_url", "translated", "writing"]

BUSY_SECONDS = 30.0
POSTGRESQL_OLDEST = 15
# "PRTS": tells a store from every other SQLite file.
SQLITE_APPLICATION_ID = 0x50525453
# The writers' turn in PostgreSQL: any number will do that nobody else in the database uses.
WRITERS_LOCK = 0x50525453_00000001
# PostgreSQL's class for "lock not available", and those of a server that goes or is not there.
_LOCK_NOT_AVAILABLE = "55P03"
_WRITES = "partage_writes"


def is_sqlite(engine: Engine) -> bool:
    """Is it SQLite, not PostgreSQL?"""
    return engine.dialect.name == "sqlite"


def parse_database_url(text: str) -> URL:
    """The address of a PostgreSQL database, spoken to with psycopg.

    Raises:
        StoreError: If it is not one. The message leaves the password out.
    """
    try:
        url = make_url(text)
    except Exception:  # noqa: BLE001 -- whatever SQLAlchemy says would repeat the password
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        scheme, separator, _ = text.partition("://")
        shown = f" ({scheme}://...)" if separator else ""
        raise StoreError(
            f"PARTAGE_DATABASE_URL{shown} is no PostgreSQL address; write "
            "postgresql://user:password@host:5432/database, or unset it to use SQLite."
        )
    return url.set(drivername="postgresql+psycopg")


def open_sqlite(path: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine on a SQLite file.

    Args:
        path: The file; its folder exists.
        busy_seconds: How long a writer waits for its turn. [s]
    """
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": busy_seconds},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: object) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None  # the module's own BEGIN comes too late for a consistent view
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def open_postgresql(url: URL, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine on a PostgreSQL database.

    Args:
        url: Its address.
        busy_seconds: How long a writer waits for its turn. [s]

    Raises:
        StoreError: If it cannot be reached, or is too old.
    """
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    milliseconds = max(1, round(busy_seconds * 1000))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql(
                f"SET LOCAL lock_timeout = {milliseconds}; SET LOCAL synchronous_commit = on; "
                f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})"
            )

    with translated(engine), engine.connect() as connection:
        version = int((connection.dialect.server_version_info or (0,))[0])
    if version < POSTGRESQL_OLDEST:
        raise StoreError(f"The database is PostgreSQL {version}; Partage needs {POSTGRESQL_OLDEST} or newer.")
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that has the writers' turn; kept when it closes, undone if something is raised."""
    with engine.connect() as connection:
        writer = connection.execution_options(**{_WRITES: True})
        with writer.begin():
            yield writer


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database and cannot change it."""
    with engine.connect() as connection:
        if not is_sqlite(engine):
            snapshot = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with snapshot.begin():
                yield snapshot
            return
        connection.connection.execute("PRAGMA query_only = ON")
        try:
            with connection.begin():
                yield connection
        finally:
            connection.connection.execute("PRAGMA query_only = OFF")


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Say a database's errors in our words.

    Raises:
        StoreBusyError: Where another process holds the store too long.
        ConflictError: Where a constraint or a guard refuses.
        InputError: Where a value is none that the database can hold, such as a text with a zero byte.
        StoreError: For everything else.
    """
    where = _place(engine)
    try:
        yield
    except IntegrityError as error:
        raise ConflictError(f"{where} refuses what contradicts what it keeps: {_cause(error)}.") from error
    except OperationalError as error:
        if _is_busy(error):
            raise StoreBusyError(
                f"{where} is held by another process; wait until its command ends and run the same one again."
            ) from error
        raise StoreError(f"{where} cannot be used: {_cause(error)}. {_remedy(engine)}") from error
    except DataError as error:
        raise InputError(f"a value cannot be kept: {_cause(error)}.") from error
    except DBAPIError as error:
        raise StoreError(f"{where} cannot be used: {_cause(error)}. {_remedy(engine)}") from error


def _place(engine: Engine) -> str:
    url = engine.url
    return (
        str(url.database)
        if is_sqlite(engine)
        else f"The database {url.database} on {url.host or 'this machine'}"
    )


def _remedy(engine: Engine) -> str:
    if is_sqlite(engine):
        return "Is the disk full, and may this user write there? A damaged file is replaced by `partage restore`."
    return "Is the server of PARTAGE_DATABASE_URL running, and may this user connect?"


def _cause(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split()).rstrip(".")


def _is_busy(error: DBAPIError) -> bool:
    cause: Any = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        return cause.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE
