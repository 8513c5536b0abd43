"""Plans for networks: what was planned stays, what was decided about it is noted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from backend.adapters.store.grid_plan_tables import PlanRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.errors import ConflictError, NotFoundError
from backend.ports.grid_plan_records import PlanKind, PlanRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backend.ports.grid_plan_records import PlanState

__all__ = ["GridPlanRecords", "rename_in_document"]

_BY_NAME = frozenset({"costs", "places"})  # tables of a document whose keys are connections


class GridPlanRecords(RecordSet):
    """Implements ``backend.ports.grid_plan_records.GridPlanRecords``."""

    def add_plan(self, record: PlanRecord) -> None:
        """See the port."""
        self._keep_once(row_of(PlanRow, record), f"plan {record.id!r}")

    def change_plan(self, record: PlanRecord, was: PlanState) -> None:
        """See the port."""
        kept = self.plan(record.network, record.id)
        if kept.state != was:
            raise ConflictError(
                f"Plan {record.id!r} is {kept.state} already, no longer {was}; look at it again."
            )
        self._put(row_of(PlanRow, replace(kept, state=record.state, document=record.document)))

    def plan(self, network: str, plan: str) -> PlanRecord:
        """See the port."""
        row = self._session.get(PlanRow, plan)
        if row is None or row.network != network:
            raise NotFoundError(f"Network {network!r} has no plan {plan!r}.")
        return record_of(PlanRecord, row)

    def plans(self, network: str, kind: PlanKind) -> Sequence[PlanRecord]:
        """See the port."""
        statement = (
            select(PlanRow)
            .where(PlanRow.network == network, PlanRow.kind == kind)
            .order_by(col(PlanRow.made_utc).desc(), col(PlanRow.id))
        )
        return [record_of(PlanRecord, row) for row in self._session.exec(statement)]

    def erase_connection_plans(self, network: str, connections: Collection[str]) -> None:
        """See the port."""
        for kind in PlanKind:
            for record in self.plans(network, kind):
                document = _without(record.document, frozenset(connections) | _loads_at(record, connections))
                if document != record.document:
                    self._put(row_of(PlanRow, replace(record, document=document)))
        self.erased = True


def rename_in_document(value: Any, user: str, alias: str) -> Any:
    """A document with an alias wherever it names a user, who decided for one."""
    if isinstance(value, list):
        return [rename_in_document(one, user, alias) for one in value]
    if isinstance(value, dict):
        return {key: rename_in_document(one, user, alias) for key, one in value.items()}
    return alias if isinstance(value, str) and value == user else value


def _loads_at(record: PlanRecord, connections: Collection[str]) -> set[str]:
    """Names of flexible loads at connections: a relief plan lists them by these too."""
    loads = record.document.get("loads", []) if isinstance(record.document, dict) else []
    return {load["id"] for load in loads if load["connection"] in connections}


def _without(value: Any, gone: frozenset[str]) -> Any:
    """A document without list items that are about something, and without what it is counted at."""
    if isinstance(value, list):
        about = [one.get("connection") if isinstance(one, dict) else one for one in value]
        return [
            _without(one, gone)
            for one, name in zip(value, about, strict=True)
            if not (isinstance(name, str) and name in gone)
        ]
    if isinstance(value, dict):
        return {
            key: {name: part for name, part in one.items() if name not in gone}
            if key in _BY_NAME and isinstance(one, dict)
            else _without(one, gone)
            for key, one in value.items()
        }
    return value
