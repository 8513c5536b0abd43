"""A grid operator's allocation beside ours. Energies [mWh], money [cents; by row µEUR], shares [ppm]."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

__all__ = ["Course", "Reconciled", "ReconciledRow"]

CauseWord = Literal[
    "rounding",
    "missing-reading",
    "late-correction",
    "participation",
    "other-coefficients",
    "unexplained",
]


class FoundCoefficient(BaseModel):
    """A coefficient that the operator's figures fit, and the one in force, if any. [ppm]"""

    metering_point: str
    found_ppm: int
    in_force_ppm: int | None


class MovedMember(BaseModel):
    """First and last day of membership by us and by the operator; null for no day."""

    metering_point: str
    ours: list[str] | None
    theirs: list[str] | None


class ComparedReading(BaseModel):
    """The reading behind a difference; null where there is none, all empty where it is another member's. [mWh]"""

    metering_point: str
    ours_milliwatt_hours: int | None
    theirs_milliwatt_hours: int | None
    quality: str


class Evidence(BaseModel):
    """What shows a cause; `kind` says which of the fields there are. `message` says it in English."""

    kind: str
    message: str
    method: str | None = None
    version: int | None = None
    received_at: str | None = None
    rows: int | None = None
    seen: int | None = None
    differing_rows: int | None = None
    coefficients: list[FoundCoefficient] | None = None
    moved: list[MovedMember] | None = None
    reading: ComparedReading | None = None
    unit_milliwatt_hours: int | None = None
    bound_milliwatt_hours: int | None = None


class DifferenceSums(BaseModel):
    """What differences come to. `more`: the operator gave more; `cost`: what the points' owners pay more by it."""

    rows: int
    more_milliwatt_hours: int
    less_milliwatt_hours: int
    difference_milliwatt_hours: int
    cost_cents: int


class CauseSums(DifferenceSums):
    """Differences of one cause."""

    cause: CauseWord
    points: int
    intervals: int
    evidence: list[Evidence]


class PointCause(DifferenceSums):
    """Differences of one point of one cause."""

    cause: CauseWord


class Dispute(BaseModel):
    """What a case on the point would be about: the time, and both sides' figures over it. [mWh]"""

    cause: CauseWord
    start: str
    end: str
    operator_milliwatt_hours: int
    computed_milliwatt_hours: int


class PointDifference(DifferenceSums):
    """A metering point: both sides' sums, differences by cause, the gravest first."""

    metering_point: str
    participant: str
    direction: Literal["consumption", "feed_in"]
    operator_milliwatt_hours: int
    computed_milliwatt_hours: int
    causes: list[PointCause]
    dispute: Dispute | None


class OperatorFile(BaseModel):
    """A file of the operator's that reaches into the period."""

    name: str
    received_at: str


class Reconciled(BaseModel):
    """A period's allocation by the operator held against ours; without `run` where it is not settled yet."""

    community: str
    label: str
    run: int | None
    binding: bool
    rule_version: int
    method: str
    resolution_minutes: int
    time_zone: str
    start: str
    files: list[OperatorFile]
    intervals: int
    compared_intervals: int
    untold: list[str]
    total: DifferenceSums
    causes: list[CauseSums]
    points: list[PointDifference]


class ReconciledRow(BaseModel):
    """A metering point in an interval where both sides differ."""

    metering_point: str
    start: str
    operator_milliwatt_hours: int
    computed_milliwatt_hours: int
    difference_milliwatt_hours: int
    cost_micro_eur: int
    cause: CauseWord
    evidence: Evidence


class CourseSeries(BaseModel):
    """Interval by interval; starts in seconds since 1970. [mWh]"""

    start: list[int]
    energy: list[int]
    operator: list[int]
    computed: list[int]


class Course(BaseModel):
    """A metering point's course by both sides; causes are empty where they do not differ."""

    metering_point: str
    slot: int
    period: int
    direction: Literal["consumption", "feed_in"]
    time_zone: str
    resolution_minutes: int
    series: CourseSeries
    compared: list[bool]
    causes: list[CauseWord | Literal[""]]
