"""The table of devices; as in ``tables``."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field

from backend.adapters.store.tables import Row

__all__ = ["DeviceRow"]


class DeviceRow(Row, table=True):
    """A program that may hand in readings of one community."""

    __tablename__ = "device"
    __table_args__ = (ForeignKeyConstraint(["community"], ["community.id"]),)

    community: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    token_hash: str
    mqtt_hash: str
    added_utc: int = Field(sa_type=BigInteger)
    revoked_utc: int = Field(sa_type=BigInteger)
