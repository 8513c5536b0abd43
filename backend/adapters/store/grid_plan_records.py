"""Plans for networks: what was planned stays, what was decided about it is noted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlmodel import col, select

from backend.adapters.store.grid_plan_tables import PlanRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.errors import ConflictError, NotFoundError
from backend.ports.grid_plan_records import PlanRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.ports.grid_plan_records import PlanKind, PlanState

__all__ = ["GridPlanRecords"]


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
