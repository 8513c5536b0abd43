"""The tables of cases, claims and rulings; as in ``tables``."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlmodel import Field

from backend.adapters.store.tables import Row

__all__ = ["CaseRow", "ClaimRow", "RulingRow"]


class CaseRow(Row, table=True):
    """A case as it was opened."""

    __tablename__ = "dispute"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    id: str = Field(primary_key=True)
    community: str = Field(index=True)
    period: int = Field(sa_type=BigInteger)
    metering_point: str
    slot: int = Field(sa_type=BigInteger)
    first: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    party: int = Field(sa_type=BigInteger)
    opener: str
    text: str = Field(sa_type=Text)
    salt: str
    paper: str
    claim_key: str
    opened_utc: int = Field(sa_type=BigInteger)
    number: int = Field(sa_type=BigInteger)


class ClaimRow(Row, table=True):
    """A claim as it was filed."""

    __tablename__ = "claim"
    __table_args__ = (ForeignKeyConstraint(["case"], ["dispute.id"]),)

    case: str = Field(primary_key=True)
    party: int = Field(primary_key=True, sa_type=BigInteger)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    signer: str
    signature: str
    readings_root: str
    readings_file: str
    evidence: str
    evidence_salt: str
    evidence_file: str
    evidence_name: str
    filed_utc: int = Field(sa_type=BigInteger)


class RulingRow(Row, table=True):
    """An arbiter's ruling."""

    __tablename__ = "ruling"
    __table_args__ = (ForeignKeyConstraint(["case"], ["dispute.id"]),)

    case: str = Field(primary_key=True)
    party: int = Field(sa_type=BigInteger)
    text: str = Field(sa_type=Text)
    salt: str
    reasons: str
    ruled_utc: int = Field(sa_type=BigInteger)
