"""The tables of passkeys, accounts on chain, sealed keys and erasures; as in ``tables``."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlmodel import Field

from backend.adapters.store.tables import Row

__all__ = ["AccountRow", "ErasingRow", "ErasureRow", "KeyBackupRow", "PasskeyRow"]


class PasskeyRow(Row, table=True):
    """A passkey."""

    __tablename__ = "passkey"
    __table_args__ = (ForeignKeyConstraint(["user"], ["user_account.id"]),)

    id: str = Field(primary_key=True)
    user: str = Field(index=True)
    public_key: str
    sign_count: int = Field(sa_type=BigInteger)
    name: str
    created_utc: int = Field(sa_type=BigInteger)
    used_utc: int = Field(sa_type=BigInteger)


class AccountRow(Row, table=True):
    """An account on chain that a user has proved to control."""

    __tablename__ = "account"
    __table_args__ = (ForeignKeyConstraint(["user"], ["user_account.id"]),)

    user: str = Field(primary_key=True)
    address: str = Field(primary_key=True, index=True)
    kind: str
    linked_utc: int = Field(sa_type=BigInteger)
    until_utc: int = Field(sa_type=BigInteger)


class KeyBackupRow(Row, table=True):
    """A key that its user's browser sealed."""

    __tablename__ = "key_backup"
    __table_args__ = (ForeignKeyConstraint(["user"], ["user_account.id"]),)

    user: str = Field(primary_key=True)
    sealed: str = Field(sa_type=Text)
    kept_utc: int = Field(sa_type=BigInteger)


class ErasureRow(Row, table=True):
    """Who asked to be forgotten, and how far it has come."""

    __tablename__ = "erasure"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    participant: str = Field(primary_key=True)
    asked_utc: int = Field(sa_type=BigInteger)
    alias: str
    begun_utc: int = Field(sa_type=BigInteger)
    done_utc: int = Field(sa_type=BigInteger)


class ErasingRow(Row, table=True):
    """Has a row only inside a transaction that erases: then the guards let what it does pass."""

    __tablename__ = "erasing"

    id: int = Field(primary_key=True, sa_type=BigInteger)
