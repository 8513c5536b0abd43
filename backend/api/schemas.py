"""What goes in and out, as the API describes it. Energies [mWh], money [cents], prices [µEUR/kWh], ppm, s."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AccessItem",
    "BillSummary",
    "CommunityCard",
    "CommunityRule",
    "Curve",
    "Deployment",
    "FindingItem",
    "Health",
    "LocaleChange",
    "Me",
    "NewUser",
    "NewUserAnswer",
    "Page",
    "PasswordAnswer",
    "PasswordChange",
    "PeriodCard",
    "Profile",
    "RuleCard",
    "SessionAnswer",
    "SignIn",
    "User",
    "UserChange",
    "instant",
]

_ItemT = TypeVar("_ItemT")

Role = Literal["member", "provider", "operator", "governance", "arbiter", "auditor", "admin"]
Locale = Literal["en", "fr"]
Amount = int
_ID = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_LABEL = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$"
_INT32_MAX = 2**31 - 1

CommunityId = Annotated[str, Path(pattern=_ID, description="Id of a community.")]
ParticipantId = Annotated[str, Path(pattern=_ID, description="Id of a participant.")]
Label = Annotated[str, Path(pattern=_LABEL, description="A period: 2017-06, or 2017-06-01..2017-06-15.")]
Version = Annotated[
    int | None, Query(ge=1, le=_INT32_MAX, description="Of the run; without, the one in force.")
]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]


def instant(epoch: int | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Taken(BaseModel):
    """What a caller sends: nothing that is not named, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Page(BaseModel, Generic[_ItemT]):
    """A part of a list."""

    items: list[_ItemT]
    next_cursor: str | None = None


class SignIn(_Taken):
    """Log-in."""

    login: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=200)


class User(BaseModel):
    """Who is logged in."""

    id: str
    login: str
    roles: list[Role]
    community: str | None
    participant: str | None
    locale: Locale
    disabled: bool


class SessionAnswer(BaseModel):
    """A session that was opened or refreshed; its tokens are in cookies."""

    user: User


class Me(BaseModel):
    """Oneself."""

    id: str
    login: str
    name: str
    roles: list[Role]
    community: str | None
    participant: str | None
    locale: Locale


class PasswordChange(_Taken):
    """A new password."""

    current: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=1, max_length=200)


class LocaleChange(_Taken):
    """Another language."""

    locale: Locale


class BillEnergy(BaseModel):
    """Where it came from and went. [mWh]"""

    used_milliwatt_hours: int
    own_milliwatt_hours: int
    from_neighbours_milliwatt_hours: int
    from_grid_milliwatt_hours: int
    produced_milliwatt_hours: int
    sold_to_neighbours_milliwatt_hours: int
    surplus_milliwatt_hours: int


class BillSummary(BaseModel):
    """A bill in a list."""

    period: int
    label: str
    version: int
    state: str
    bill_state: str
    number: str
    debit_cents: Amount
    credit_cents: Amount
    balance_cents: Amount
    due_date: str | None
    currency: str
    energy: BillEnergy
    saving_cents: Amount
    estimated_readings: int
    missing_readings: int


class CurvePoint(BaseModel):
    """A metering point of one's own."""

    id: str
    direction: Literal["consumption", "feed_in"]
    slot: int


class CurveSeries(BaseModel):
    """A value per interval; `start` in seconds since 1970, the rest in mWh."""

    start: list[int]
    used: list[int]
    from_neighbours: list[int]
    from_grid: list[int]
    produced: list[int]
    sold_to_neighbours: list[int]
    surplus: list[int]


class Curve(BaseModel):
    """One's energy, interval by interval."""

    period: int
    label: str
    version: int
    time_zone: str
    resolution_minutes: int
    start: str
    points: list[CurvePoint]
    series: CurveSeries
    estimated: list[bool]
    missing: list[bool]


class FindingItem(BaseModel):
    """What a check found; instants in seconds since 1970."""

    rule: str
    severity: str
    message: str
    file: str
    line: int
    metering_point: str
    start_utc: int | None
    end_utc: int | None
    value: str
    limit: str = ""
    treatment: str = ""
    facts: dict[str, int | str] = {}


class AccessItem(BaseModel):
    """Somebody looked at somebody's data."""

    by: str
    what: str
    at: str


class Deployment(BaseModel):
    """Which chain, which contracts."""

    model_config = ConfigDict(extra="allow")
    chain_id: int
    genesis_hash: str
    contracts: dict[str, str]
    rpc: str
    embedded: bool


class CommunityCard(BaseModel):
    """A community, without anything personal."""

    id: str
    name: str
    anchor: str
    note: str
    country: str
    time_zone: str
    currency: str
    resolution_minutes: int
    participants: int
    metering_points: int


class RuleCard(BaseModel):
    """A rule version in numbers and words."""

    version: int
    effective_from: int
    method: str
    surplus_owner: str
    schedule: str
    source: str
    contest_window_seconds: int | None
    limits: dict[str, Any]
    tariff: dict[str, Any]
    words: dict[Locale, list[str]]
    coefficients_ppm: dict[str, int] | None = None


class CommunityRule(CommunityCard):
    """A community and the rule in force."""

    rule: RuleCard | None


class RunCard(BaseModel):
    """A run: roots, states, totals [mWh, cents]."""

    version: int
    run_id: str
    root: str
    batch_root: str
    bill_root: str
    rule_version: int
    state: str
    bill_state: str
    feed_in_milliwatt_hours: int
    consumption_milliwatt_hours: int
    allocated_milliwatt_hours: int
    residual_milliwatt_hours: int
    surplus_milliwatt_hours: int
    bill_totals_cents: dict[str, int]


class PeriodCard(BaseModel):
    """A period and its runs."""

    period: int
    label: str
    days: int
    rule_version: int
    state: str
    bill_state: str
    version: int | None
    runs: list[RunCard]
    gas: int
    transactions: int
    contestable_until: str | None
    shows_profile: bool = Field(description="Whether who asks may see the profile of the run in force")


class Profile(BaseModel):
    """A community's totals by hour of the local day. [mWh]"""

    period: int
    label: str
    version: int
    by_hour_of_day: dict[str, list[int]]
    by_hour_of_week: dict[str, list[list[int]]]
    total: dict[str, int]


class ExplainedLink(BaseModel):
    """The other end of a link in an interval; for the flow key, why it carried no more. [mWh]"""

    metering_point: str
    energy_milliwatt_hours: int
    limit: str | None = None
    why: str | None = None
    level: str | None = None
    came_first: str | None = None


class Explanation(BaseModel):
    """Who served a metering point in an interval, or whom it served. [mWh]"""

    community: str
    period: str
    version: int
    metering_point: str
    direction: str
    start: str
    method: str
    energy_milliwatt_hours: int
    allocated_milliwatt_hours: int
    totals: dict[str, int]
    links: list[ExplainedLink]


class NewUser(_Taken):
    """A user to make."""

    login: str = Field(min_length=2, max_length=63)
    roles: list[Role] = Field(min_length=1, max_length=6)
    community: str = Field(default="", max_length=63)
    participant: str = Field(default="", max_length=63)
    locale: Locale = "en"


class NewUserAnswer(BaseModel):
    """The user that was made; the password is told once, a repeat of the request has null."""

    user: User
    password: str | None


class UserChange(_Taken):
    """What to change of a user."""

    disabled: bool | None = None
    roles: list[Role] | None = Field(default=None, min_length=1, max_length=6)


class PasswordAnswer(BaseModel):
    """A password, told once."""

    password: str | None


class ChainHealth(BaseModel):
    """Does the chain answer, and with which block?"""

    ok: bool
    block: int | None


class StoreHealth(BaseModel):
    """Does the store answer?"""

    ok: bool


class Health(BaseModel):
    """How the service is."""

    status: Literal["ok", "degraded"]
    chain: ChainHealth
    store: StoreHealth
