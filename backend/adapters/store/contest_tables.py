"""The table of looks at what could be contested; as in ``tables``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlmodel import Field

from backend.adapters.store.columns import CanonicalJson
from backend.adapters.store.tables import Row

__all__ = ["LookRow"]


class LookRow(Row, table=True):
    """A look, with the steps that were added to it."""

    __tablename__ = "contest_look"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    id: str = Field(primary_key=True)
    community: str = Field(index=True)
    participant: str
    user: str
    period: int = Field(sa_type=BigInteger)
    version: int = Field(sa_type=BigInteger)
    run_id: str
    metering_point: str
    start_utc: int = Field(sa_type=BigInteger)
    contest: str
    place: str
    shows_others: bool
    words: Any = Field(sa_type=CanonicalJson, nullable=False)
    words_hash: str
    looked_utc: int = Field(sa_type=BigInteger)
    question: str = Field(sa_type=Text)
    asked_utc: int = Field(sa_type=BigInteger)
    advice: str
    answer: str = Field(sa_type=Text)
    answered_by: str
    answered_utc: int = Field(sa_type=BigInteger)
    consented_by: str
    consented_utc: int = Field(sa_type=BigInteger)
    sent_utc: int = Field(sa_type=BigInteger)
