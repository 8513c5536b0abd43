"""The tables of decisions about readings and of who loaded them; as in ``tables``."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlmodel import Field

from backend.adapters.store.columns import ChoiceText
from backend.adapters.store.tables import Row
from backend.metering.decisions import SpanTreatment

__all__ = ["DecisionRow", "LoadAuthorRow"]


class DecisionRow(Row, table=True):
    """What was decided about a span of a point's readings."""

    __tablename__ = "reading_decision"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    metering_point: str
    start_utc: int = Field(sa_type=BigInteger)
    end_utc: int = Field(sa_type=BigInteger)
    treatment: SpanTreatment = Field(sa_type=ChoiceText(SpanTreatment))
    rule: str
    reason: str = Field(sa_type=Text)
    loads: int = Field(sa_type=BigInteger)
    decided_by: str
    decided_utc: int = Field(sa_type=BigInteger)


class LoadAuthorRow(Row, table=True):
    """Who loaded readings first."""

    __tablename__ = "load_author"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    load: str = Field(primary_key=True)
    user: str
    loaded_utc: int = Field(sa_type=BigInteger)
