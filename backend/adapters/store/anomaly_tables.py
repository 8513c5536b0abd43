"""The tables of looks for anomalies and of what they found; as in ``tables``. Guards keep both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field

from backend.adapters.store.columns import CanonicalJson, CanonicalTuple, ChoiceText
from backend.adapters.store.tables import Row
from backend.forecasting.anomalies import AnomalyKind

__all__ = ["AnomalyLookRow", "AnomalyRow"]


class AnomalyLookRow(Row, table=True):
    """A look at some days."""

    __tablename__ = "anomaly_look"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    start_utc: int = Field(sa_type=BigInteger)
    end_utc: int = Field(sa_type=BigInteger)
    budget_thousandths: int = Field(sa_type=BigInteger)
    made_utc: int = Field(sa_type=BigInteger)
    meters: int = Field(sa_type=BigInteger)
    feeders: int = Field(sa_type=BigInteger)
    unjudged: tuple[str, ...] = Field(sa_type=CanonicalTuple)


class AnomalyRow(Row, table=True):
    """What a look found."""

    __tablename__ = "anomaly"
    __table_args__ = (
        ForeignKeyConstraint(["community", "look"], ["anomaly_look.community", "anomaly_look.id"]),
    )

    community: str = Field(primary_key=True)
    look: str = Field(primary_key=True)
    place: int = Field(primary_key=True, sa_type=BigInteger)
    owners: tuple[str, ...] = Field(sa_type=CanonicalTuple)
    kind: AnomalyKind = Field(sa_type=ChoiceText(AnomalyKind))
    element: str
    start_utc: int = Field(sa_type=BigInteger)
    end_utc: int = Field(sa_type=BigInteger)
    document: Any = Field(sa_type=CanonicalJson)
