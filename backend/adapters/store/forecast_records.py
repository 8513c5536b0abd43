"""Models, forecasts, scores and anchors: what was believed stays as it was, how good it was is looked at again."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, tuple_
from sqlmodel import col, select

from backend.adapters.store.forecast_tables import (
    ForecastAnchorRow,
    ForecastModelRow,
    ForecastRow,
    ForecastScoreRow,
)
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.errors import NotFoundError
from backend.ports.forecast_records import (
    ForecastAnchor,
    ForecastKey,
    ForecastModelRecord,
    ForecastRecord,
    ForecastScoreRecord,
    ModelCard,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["ForecastRecords"]

_KEYS_AT_ONCE = 200  # of four columns each, within what a statement may have
_CARD = tuple(field.name for field in fields(ModelCard))


class ForecastRecords(RecordSet):
    """Implements ``backend.ports.forecast_records.ForecastRecords``."""

    def add_forecast_model(self, record: ForecastModelRecord) -> None:
        """See the port."""
        row = row_of(ForecastModelRow, record.card, content=record.content)
        if self._kept(row) is None:  # the id is the content's hash: trained again, it is the same model
            self._writer().add(row)
            self._writer().flush()

    def forecast_models(
        self, community: str, subject: str | None = None, target: str | None = None
    ) -> Sequence[ModelCard]:
        """See the port."""
        row = ForecastModelRow
        statement = select(*(getattr(row, name) for name in _CARD)).where(row.community == community)
        statement = _narrowed(statement, row, subject, target)
        ordered = statement.order_by(
            col(row.made_utc).desc(), col(row.until_utc).desc(), row.subject, row.target
        )
        return [ModelCard(*found) for found in self._session.exec(ordered)]

    def forecast_model(self, community: str, subject: str, target: str, model: str) -> ForecastModelRecord:
        """See the port."""
        row = self._session.get(ForecastModelRow, (community, subject, target, model))
        if row is None:
            raise NotFoundError(f"There is no model {model} of {subject} ({target}) in {community}.")
        return ForecastModelRecord(record_of(ModelCard, row), row.content)

    def add_forecast(self, record: ForecastRecord) -> None:
        """See the port."""
        self._keep_once(row_of(ForecastRow, record), f"A forecast of {record.subject} ({record.target})")

    def forecasts(
        self,
        community: str,
        subject: str | None = None,
        target: str | None = None,
        *,
        origin_utc: int | None = None,
        known_utc: int | None = None,
        since_utc: int | None = None,
        limit: int | None = None,
    ) -> Sequence[ForecastRecord]:
        """See the port."""
        row = ForecastRow
        statement = _narrowed(select(row).where(row.community == community), row, subject, target)
        if origin_utc is not None:
            statement = statement.where(row.origin_utc == origin_utc)
        if known_utc is not None:
            statement = statement.where(col(row.made_utc) <= known_utc)
        if since_utc is not None:
            statement = statement.where(col(row.origin_utc) >= since_utc)
        statement = statement.order_by(
            col(row.origin_utc).desc(), col(row.made_utc).desc(), col(row.subject), col(row.target)
        )
        if limit is not None:
            statement = statement.limit(limit)
        return [record_of(ForecastRecord, found) for found in self._session.exec(statement)]

    def newest_forecasts(self, community: str) -> Sequence[ForecastKey]:
        """See the port."""
        row = ForecastRow
        columns = (row.subject, row.target, row.origin_utc, func.max(row.made_utc))
        origins = (
            select(row.subject, row.target, func.max(row.origin_utc).label("origin_utc"))
            .where(row.community == community)
            .group_by(col(row.subject), col(row.target))
            .subquery()
        )
        statement = (
            select(*columns)
            .where(
                row.community == community,
                row.subject == origins.c.subject,
                row.target == origins.c.target,
                row.origin_utc == origins.c.origin_utc,
            )
            .group_by(col(row.subject), col(row.target), col(row.origin_utc))
            .order_by(col(row.subject), col(row.target))
        )
        return [ForecastKey(community, *found) for found in self._session.exec(statement)]

    def forecasting_models(self, community: str, *, newest: bool) -> frozenset[str]:
        """See the port."""
        row = ForecastRow
        statement = select(row.model).where(row.community == community).distinct()
        if newest:
            key = (row.subject, row.target, row.origin_utc, row.made_utc)
            last = [
                (one.subject, one.target, one.origin_utc, one.made_utc)
                for one in self.newest_forecasts(community)
            ]
            found: set[str] = set()
            for first in range(0, len(last), _KEYS_AT_ONCE):
                part = statement.where(tuple_(*key).in_(last[first : first + _KEYS_AT_ONCE]))
                found |= set(self._session.exec(part))
            return frozenset(found) - {""}
        return frozenset(self._session.exec(statement)) - {""}

    def scored_subjects(self, community: str) -> frozenset[tuple[str, str]]:
        """See the port."""
        row = ForecastScoreRow
        statement = select(row.subject, row.target).where(row.community == community).distinct()
        return frozenset((subject, target) for subject, target in self._session.exec(statement))

    def forecast_origins(self, community: str, subject: str, target: str, limit: int) -> Sequence[int]:
        """See the port."""
        row = ForecastRow
        statement = (
            select(row.origin_utc)
            .where(row.community == community, row.subject == subject, row.target == target)
            .distinct()
            .order_by(col(row.origin_utc).desc())
            .limit(limit)
        )
        return list(self._session.exec(statement))

    def put_forecast_score(self, record: ForecastScoreRecord) -> None:
        """See the port."""
        self._put(row_of(ForecastScoreRow, record))

    def forecast_scores(
        self, community: str, subject: str | None = None, target: str | None = None, since_utc: int = 0
    ) -> Sequence[ForecastScoreRecord]:
        """See the port."""
        row = ForecastScoreRow
        statement = _narrowed(select(row).where(row.community == community), row, subject, target)
        statement = statement.where(col(row.origin_utc) >= since_utc).order_by(
            col(row.origin_utc), col(row.made_utc), col(row.subject), col(row.target)
        )
        return [record_of(ForecastScoreRecord, found) for found in self._session.exec(statement)]

    def add_forecast_anchor(self, record: ForecastAnchor) -> None:
        """See the port."""
        row = row_of(ForecastAnchorRow, record)
        if self._kept(row) is None:
            self._writer().add(row)
            self._writer().flush()

    def forecast_anchors(self, community: str) -> Sequence[ForecastAnchor]:
        """See the port."""
        row = ForecastAnchorRow
        statement = select(row).where(row.community == community).order_by(col(row.model))
        return [record_of(ForecastAnchor, found) for found in self._session.exec(statement)]

    def erase_forecasts(self, community: str, participant: str, subjects: Collection[str]) -> None:
        """See the port."""
        session = self._writer()
        gone: set[tuple[str, str]] = set()
        about: tuple[Any, ...] = (ForecastModelRow, ForecastRow)
        for table in about:
            columns = select(table.subject, table.target, table.owners).where(table.community == community)
            for subject, target, owners in session.exec(columns.distinct()):
                if participant in owners or subject in subjects:
                    gone.add((subject, target))
        for table in (ForecastScoreRow, *reversed(about)):
            for subject, target in sorted(gone):
                session.execute(
                    delete(table).where(
                        col(table.community) == community,
                        col(table.subject) == subject,
                        col(table.target) == target,
                    )
                )
        self.erased = True
        session.flush()
        session.expire_all()


def _narrowed(statement: Any, row: Any, subject: str | None, target: str | None) -> Any:
    if subject is not None:
        statement = statement.where(row.subject == subject)
    return statement if target is None else statement.where(row.target == target)
