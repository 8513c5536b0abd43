"""Bringing a database to this version's tables, one process at a time, with Alembic.

The revision a database is at is read first: where it is the newest, nothing else happens and Alembic is not even
imported. A new revision adds a file to ``versions`` and its name to the end of ``REVISIONS``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from backend.adapters.file_lock import FileLock
from backend.adapters.store.engine import BUSY_SECONDS, SQLITE_APPLICATION_ID, is_sqlite, writing
from backend.errors import StoreError
from backend.ports.failpoints import reach

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["REVISIONS", "migrate", "upgrade"]

# From the first to the newest.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")


def migrate(engine: Engine) -> None:
    """Make or change the tables so that they are those of this version; does nothing where they are.

    Raises:
        StoreError: If the database was written by a newer Partage, or is another program's.
        StoreBusyError: If another process migrates it too long.
    """
    if is_sqlite(engine):
        _migrate_sqlite(engine)
        return
    with engine.connect() as connection:
        if _revision(connection) == REVISIONS[-1]:
            return
    with writing(engine) as connection:
        upgrade(connection)


def _migrate_sqlite(engine: Engine) -> None:
    path = Path(str(engine.url.database))
    if path.exists() and path.stat().st_size:
        with engine.connect() as connection:
            if _revision(connection) == REVISIONS[-1]:
                return
    # The switch to the write-ahead log cannot wait for its turn as a transaction does, hence a lock around all of it.
    lock = FileLock(path.with_name(f"{path.name}.migration"), f"the store {path}")
    with lock.hold("making the store's tables", BUSY_SECONDS):
        with engine.connect() as connection:
            _claim_sqlite_file(connection, path)
        with writing(engine) as connection:
            upgrade(connection)


def _claim_sqlite_file(connection: Connection, path: Path) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    application = driver.execute("PRAGMA application_id").fetchone()[0]
    is_empty = driver.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != SQLITE_APPLICATION_ID and not is_empty:
        raise StoreError(
            f"{path} is another program's database; set PARTAGE_HOME to a folder of Partage's own."
        )
    driver.execute("PRAGMA journal_mode = WAL")
    driver.execute(f"PRAGMA application_id = {SQLITE_APPLICATION_ID}")


def _revision(connection: Connection) -> str | None:
    """The revision that a database is at, None where it has no tables yet.

    Raises:
        StoreError: If this version does not know it.
    """
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            f"The store was written by a newer Partage (its tables are at revision {revision}, "
            f"this one knows {REVISIONS[-1]}). Install that version or a newer one; nothing was changed."
        )
    return None if revision is None else str(revision)


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the revisions that are missing, inside the connection's transaction.

    Args:
        connection: In a writer's transaction, which the caller ends.
        to: The revision to stop at.
    """
    if _revision(connection) == REVISIONS[-1]:
        return  # somebody else was faster while we waited for the turn
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    reach("store.migrated")
