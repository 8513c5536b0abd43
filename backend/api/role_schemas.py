"""What grid operators and providers are told. Energies [mWh], money [cents], prices [µEUR/kWh]."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

__all__ = ["AllocationRow", "Flows", "HoldingRow", "PointTotal", "SupplierLine"]


class FlowNode(BaseModel):
    """A participant on one side of the flows, or all that are not shown one by one (`id` empty). [mWh]"""

    id: str
    label: str
    metering_points: int
    energy_milliwatt_hours: int
    shared_milliwatt_hours: int
    surplus_milliwatt_hours: int | None = None
    residual_milliwatt_hours: int | None = None


class FlowLink(BaseModel):
    """What a producer gave a consumer. [mWh]"""

    producer: str
    consumer: str
    energy_milliwatt_hours: int


class Flows(BaseModel):
    """Who served whom over a period."""

    period: int
    label: str
    version: int
    producers: list[FlowNode]
    consumers: list[FlowNode]
    links: list[FlowLink]


class AllocationRow(BaseModel):
    """A metering point in an interval. For feed-in, `allocated` is the part that was shared. [mWh]"""

    metering_point: str
    start: str
    resolution_minutes: int
    quality: str
    energy_milliwatt_hours: int
    allocated_milliwatt_hours: int


class PointTotal(BaseModel):
    """A metering point's sums over a period or a part of it. For feed-in, `allocated` is what was shared. [mWh]"""

    metering_point: str
    number: str
    participant: str
    direction: Literal["consumption", "feed_in"]
    intervals: int
    estimated_readings: int
    edited_readings: int
    missing_readings: int
    energy_milliwatt_hours: int
    allocated_milliwatt_hours: int


class HoldingRow(BaseModel):
    """A participant in a provider's portfolio. [mWh]"""

    participant: str
    name: str
    metering_points: list[str]
    used_milliwatt_hours: int
    residual_milliwatt_hours: int
    surplus_milliwatt_hours: int
    residual_by_hour_milliwatt_hours: list[int]


class SupplierLine(BaseModel):
    """What a supplier or offtaker bills a customer for a period, at the tariff's prices."""

    participant: str
    metering_point: str
    biller: str
    kind: str
    band: int
    windows: list[str]
    quantity_milliwatt_hours: int
    unit_price_micro_eur_per_kilowatt_hour: int
    amount_cents: int
