"""The record store: transactions and views on SQLite or PostgreSQL."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlmodel import Session

from backend.adapters.store.anomaly_records import AnomalyRecords
from backend.adapters.store.case_records import CaseRecords
from backend.adapters.store.community_records import CommunityRecords
from backend.adapters.store.contest_records import ContestRecords
from backend.adapters.store.device_records import DeviceRecords
from backend.adapters.store.engine import (
    BUSY_SECONDS,
    is_sqlite,
    open_postgresql,
    open_sqlite,
    parse_database_url,
    reading,
    translated,
    writing,
)
from backend.adapters.store.forecast_records import ForecastRecords
from backend.adapters.store.governance_records import GovernanceRecords
from backend.adapters.store.grid_event_records import GridEventRecords
from backend.adapters.store.grid_plan_records import GridPlanRecords
from backend.adapters.store.grid_records import GridRecords
from backend.adapters.store.identity_records import IdentityRecords
from backend.adapters.store.invoice_records import InvoiceRecords
from backend.adapters.store.migrations import migrate
from backend.adapters.store.outbox_records import OutboxRecords
from backend.adapters.store.settlement_records import SettlementRecords
from backend.adapters.store.treatment_records import TreatmentRecords
from backend.adapters.store.user_records import UserRecords
from backend.ports.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from backend.adapters.home import Home

__all__ = ["DatabaseRecords", "DatabaseStore", "open_store"]

# Tables that what concerns a person is taken out of.
_ERASED_FROM = (
    *(
        "slot_key",
        "party",
        "community",
        "slot",
        "period",
        "treatment",
        "bill",
        "invoice",
        "invoice_counter",
        "fact",
    ),
    *("access", "login", "passkey", "account", "key_backup", "erasure", "user_account", "rehearsal", "draft"),
    *("dispute", "claim", "ruling", "contest_look", "reading_decision", "load_author"),
    *("grid_network", "grid_connection_point", "grid_event", "grid_standing", "grid_event_change"),
    *("grid_message", "grid_setting", "grid_work_order", "grid_work_step", "grid_plan"),
    *("forecast_model", "forecast", "forecast_score", "anomaly"),
)


class DatabaseRecords(
    CommunityRecords,
    SettlementRecords,
    InvoiceRecords,
    OutboxRecords,
    UserRecords,
    IdentityRecords,
    GovernanceRecords,
    CaseRecords,
    ContestRecords,
    DeviceRecords,
    TreatmentRecords,
    GridRecords,
    GridEventRecords,
    GridPlanRecords,
    ForecastRecords,
    AnomalyRecords,
):
    """All records, inside one transaction: implements ``backend.ports.Records``."""


class DatabaseStore:
    """Implements ``backend.ports.RecordStore``.

    Args:
        engine: From ``open_sqlite`` or ``open_postgresql``, on a database that is migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._here = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[DatabaseRecords]:
        """All or nothing, durable when it closes; one writer at a time.

        Raises:
            StoreBusyError: If another process holds the store too long.
            ConflictError: If what is written contradicts what is kept.
            StoreError: If the store cannot be written.
        """
        assert not getattr(self._here, "writes", False), (
            "a transaction inside a transaction would wait for itself"
        )
        self._here.writes = True
        try:
            with translated(self._engine):
                with writing(self._engine) as connection, Session(connection) as session:
                    records = DatabaseRecords(session, writable=True)
                    yield records
                    if records.lifted:
                        records.close_erasing()
                    session.flush()
                    reach("store.before_commit")
                reach("store.after_commit")
        finally:
            self._here.writes = False
        if records.erased:
            self._wipe_erased()

    @contextmanager
    def reading(self) -> Iterator[DatabaseRecords]:
        """A consistent view.

        Raises:
            StoreError: If the store cannot be read, or something is written in it.
        """
        with translated(self._engine), reading(self._engine) as connection, Session(connection) as session:
            yield DatabaseRecords(session, writable=False)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _wipe_erased(self) -> None:
        """Take what was erased out of the files too.

        SQLite overwrites deleted rows (``secure_delete``), but its write-ahead log keeps older pages until it is
        emptied. PostgreSQL keeps dead rows until the table is rewritten. Copies elsewhere (backups, a server's archived
        log) are for their keeper to delete.
        """
        with translated(self._engine), self._engine.connect() as connection:
            if is_sqlite(self._engine):
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                    f"VACUUM (FULL) {', '.join(_ERASED_FROM)}"
                )


def open_store(
    home: Home, database_url: str | None = None, busy_seconds: float = BUSY_SECONDS
) -> DatabaseStore:
    """The store of a home, made or brought to this version's tables where needed.

    Args:
        home: Where the SQLite file lies.
        database_url: Of a PostgreSQL database to use instead: what ``PARTAGE_DATABASE_URL`` says.
        busy_seconds: How long a writer waits for its turn. [s]

    Raises:
        StoreError: If it cannot be opened, or was written by a newer Partage.
        StoreBusyError: If another process holds it too long.
    """
    if database_url:
        engine = open_postgresql(parse_database_url(database_url), busy_seconds)
    else:
        home.create()
        engine = open_sqlite(home.database, busy_seconds)
    try:
        with translated(engine):
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return DatabaseStore(engine)
