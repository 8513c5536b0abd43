"""What every set of records is built from: turning records into rows and back, and keeping what must not change."""

from __future__ import annotations

import operator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger
from sqlalchemy import inspect as inspect_row

from backend.adapters.store.columns import stored_form
from backend.errors import ConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlmodel import Session

    from backend.adapters.store.tables import Row

__all__ = ["RecordSet", "record_of", "row_of"]

_RowT = TypeVar("_RowT", bound="Row")
_RecordT = TypeVar("_RecordT")


def row_of(table: type[_RowT], record: Any, **more: Any) -> _RowT:
    """The row that keeps a record: its fields by name, and what only the table has.

    Raises:
        TypeError: If a whole-number column is given what is no whole number. NumPy's whole numbers are taken as such:
            SQLite would keep their bytes.
    """
    columns = table.__table__.columns  # type: ignore[attr-defined]
    values = {
        field.name: getattr(record, field.name) for field in fields(record) if field.name in columns
    } | more
    for name, value in values.items():
        if isinstance(columns[name].type, BigInteger):
            values[name] = operator.index(value)
    return table(**values)


def record_of(record_type: type[_RecordT], row: Row, **more: Any) -> _RecordT:
    """The record that a row keeps."""
    names = (field.name for field in fields(record_type) if field.name not in more)  # type: ignore[arg-type]
    return record_type(**{name: getattr(row, name) for name in names}, **more)


class RecordSet:
    """Records of one kind, inside one transaction.

    Args:
        session: Of the transaction.
        writable: Whether anything may be written in it.
    """

    def __init__(self, session: Session, *, writable: bool) -> None:
        self._session = session
        self._writable = writable
        # What lies in rows that are deleted here must not stay behind in the files.
        self.erased = False
        # Whether the guards of what never changes are lifted until the transaction ends.
        self.lifted = False

    def _writer(self) -> Session:
        if not self._writable:
            raise StoreError(
                "This view of the store is for reading; write inside ``with store.transaction()``."
            )
        return self._session

    def _kept(self, row: _RowT) -> _RowT | None:
        """The row with the same identity that is there already, to be written."""
        return self._writer().get(type(row), inspect_row(type(row)).primary_key_from_instance(row))

    def _keep_once(self, row: _RowT, what: str) -> bool:
        """Add a row that never changes; adding the same again changes nothing.

        Returns:
            Whether it is new.

        Raises:
            ConflictError: If another content is there under the same identity.
        """
        session = self._writer()
        kept = self._kept(row)
        if kept is None:
            session.add(row)
            session.flush()
            return True
        self._require_same(kept, row, what)
        return False

    def _require_same(self, kept: Row, row: Row, what: str, only: Collection[str] | None = None) -> None:
        before, after = stored_form(kept, only), stored_form(row, only)
        differing = [name for name, value in after.items() if value != before[name]]
        if differing:
            raise ConflictError(
                f"{what} is kept already with another {', '.join(differing)}; what is kept is never overwritten, "
                "a correction is a new version."
            )

    def _put(self, row: Row) -> None:
        """Add a row, or give the one that is there its values."""
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
        else:
            self._replace(kept, row)

    def _replace(self, kept: Row, row: Row) -> None:
        """Give a kept row the values of another of the same identity, where they differ."""
        # What was taken from the kept row is the same object: large content need not be written out to see that.
        names = [
            column.name
            for column in type(row).__table__.columns  # type: ignore[attr-defined]
            if getattr(row, column.name) is not getattr(kept, column.name)
        ]
        before, after = stored_form(kept, names), stored_form(row, names)
        for name in names:
            if after[name] != before[name]:
                setattr(kept, name, getattr(row, name))
        self._writer().flush()
