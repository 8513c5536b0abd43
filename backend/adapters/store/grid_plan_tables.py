"""The table of plans for networks; as in ``tables``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field

from backend.adapters.store.columns import CanonicalJson, ChoiceText
from backend.adapters.store.tables import Row
from backend.ports.grid_plan_records import PlanKind, PlanState

__all__ = ["PlanRow"]


class PlanRow(Row, table=True):
    """A plan, and what was decided about it."""

    __tablename__ = "grid_plan"
    __table_args__ = (
        ForeignKeyConstraint(["network"], ["grid_network.name"]),
        Index(None, "network", "kind", "made_utc"),
    )

    id: str = Field(primary_key=True)
    network: str
    kind: PlanKind = Field(sa_type=ChoiceText(PlanKind))
    element: str
    state: PlanState = Field(sa_type=ChoiceText(PlanState))
    made_utc: int = Field(sa_type=BigInteger)
    made_by: str
    document: Any = Field(sa_type=CanonicalJson)
