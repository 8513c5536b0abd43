"""The tables of networks: the document that is true, and its projection for whoever asks in SQL; as in ``tables``.

The projection is written with the document, in the same transaction, and holds nothing that the document does not say:
views over it (``grid_structure`` and others, made by the migration) are what notebooks and BI tools read.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from backend.adapters.store.tables import Row

__all__ = ["GridBranchRow", "GridBusRow", "GridConnectionPointRow", "GridConnectionRow", "NetworkRow"]


def _of_network() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["network"], ["grid_network.name"])


class NetworkRow(Row, table=True):
    """A network, as it was loaded last."""

    __tablename__ = "grid_network"
    __table_args__ = (Index(None, "community"),)

    name: str = Field(primary_key=True)
    community: str
    document: str = Field(sa_type=Text)
    digest: str
    source_format: str
    loaded_utc: int = Field(sa_type=BigInteger)


class GridBusRow(Row, table=True):
    """A bus; ``feeder`` and ``transformer`` are the branches that feed it, empty where there is none."""

    __tablename__ = "grid_bus"
    __table_args__ = (_of_network(),)

    network: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
    nominal_volts: float = Field(sa_type=Double)
    phases: str
    x: float | None = Field(sa_type=Double, nullable=True)
    y: float | None = Field(sa_type=Double, nullable=True)
    substation: str
    is_fed: bool
    feeder: str
    transformer: str


class GridBranchRow(Row, table=True):
    """What joins two buses: ``kind`` is segment, switch or transformer."""

    __tablename__ = "grid_branch"
    __table_args__ = (_of_network(),)

    network: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
    kind: str
    from_bus: str
    to_bus: str
    phases: str
    length_metres: float | None = Field(sa_type=Double, nullable=True)
    rated_amperes: float | None = Field(sa_type=Double, nullable=True)
    rated_volt_amperes: float | None = Field(sa_type=Double, nullable=True)
    is_closed: bool
    meter: str
    feeder: str
    transformer: str


class GridConnectionRow(Row, table=True):
    """Where a customer is joined to the network."""

    __tablename__ = "grid_connection"
    __table_args__ = (_of_network(),)

    network: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
    bus: str
    phases: str
    power_factor: float = Field(sa_type=Double)
    rated_watts: float | None = Field(sa_type=Double, nullable=True)
    is_critical: bool
    can_rotate: bool
    switch_cost: float = Field(sa_type=Double)
    feeder: str
    transformer: str


class GridConnectionPointRow(Row, table=True):
    """A metering point behind a connection."""

    __tablename__ = "grid_connection_point"
    __table_args__ = (_of_network(), Index(None, "metering_point"))

    network: str = Field(primary_key=True)
    connection: str = Field(primary_key=True)
    metering_point: str = Field(primary_key=True)
