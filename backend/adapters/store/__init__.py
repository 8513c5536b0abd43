"""The record store: master data, rules, runs, bills, postings, users and the outbox, on SQLite or PostgreSQL.

``open_store`` gives it, migrated. SQLModel lives here only; services see ``backend.ports``. Quantities are whole: mWh,
cents, seconds since 1970 UTC, periods in days since 1970. What is settled never changes: code refuses with a sentence,
and triggers in the database refuse whoever goes round the code. Erasure of slot keys takes their bytes out of the
database's files too; backups are for their keeper to delete.
"""

from backend.adapters.store.record_store import DatabaseRecords, DatabaseStore, open_store

__all__ = ["DatabaseRecords", "DatabaseStore", "open_store"]
