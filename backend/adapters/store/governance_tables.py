"""The tables of rehearsals, drafts, proposals and votes; as in ``tables``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlmodel import Field

from backend.adapters.store.columns import CanonicalJson
from backend.adapters.store.tables import Row

__all__ = ["DraftRow", "ProposalRow", "RehearsalRow", "VoteRow"]


class RehearsalRow(Row, table=True):
    """What rules would have made of past periods."""

    __tablename__ = "rehearsal"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    id: str = Field(primary_key=True)
    community: str = Field(index=True)
    user: str
    rules: Any = Field(sa_type=CanonicalJson, nullable=False)
    months: int = Field(sa_type=BigInteger)
    state: str
    result: Any = Field(sa_type=CanonicalJson, nullable=False)
    result_hash: str
    problem: str
    created_utc: int = Field(sa_type=BigInteger)


class DraftRow(Row, table=True):
    """What somebody would propose."""

    __tablename__ = "draft"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    id: str = Field(primary_key=True)
    community: str
    user: str
    kind: str
    member: str
    content: Any = Field(sa_type=CanonicalJson, nullable=False)
    text: str = Field(sa_type=Text)
    salt: str
    text_hash: str
    rehearsal: str
    rehearsal_hash: str
    nonce: str
    created_utc: int = Field(sa_type=BigInteger)


class ProposalRow(Row, table=True):
    """A proposal as it was handed to the governor."""

    __tablename__ = "proposal"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    draft: str
    kind: str
    member: str
    seat: int = Field(sa_type=BigInteger)
    content: Any = Field(sa_type=CanonicalJson, nullable=False)
    text: str = Field(sa_type=Text)
    salt: str
    text_hash: str
    rehearsal: str
    rehearsal_hash: str
    call: Any = Field(sa_type=CanonicalJson, nullable=False)
    proposed_utc: int = Field(sa_type=BigInteger)


class VoteRow(Row, table=True):
    """A vote as it was signed."""

    __tablename__ = "vote"
    __table_args__ = (ForeignKeyConstraint(["community", "proposal"], ["proposal.community", "proposal.id"]),)

    community: str = Field(primary_key=True)
    proposal: str = Field(primary_key=True)
    seat: int = Field(primary_key=True, sa_type=BigInteger)
    account: str
    support: int = Field(sa_type=BigInteger)
    signature: str
    signed_utc: int = Field(sa_type=BigInteger)
    batch: str
