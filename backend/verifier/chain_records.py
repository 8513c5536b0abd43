"""What the contracts keep, field by field as they declare it, and the functions that tell it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend.verifier.abi import Array, Struct, Type

__all__ = [
    "FUNCTIONS",
    "BatchRecord",
    "BillsRecord",
    "PointRecord",
    "Rule",
    "RunRecord",
    "ScheduleRecord",
    "SharingKey",
    "Tariff",
    "Terms",
]


@dataclass(frozen=True, slots=True)
class Terms:
    """The frozen terms of a period; ``opened_at`` is zero where it is not open."""

    rule_version: int
    slots: int
    day_count: int
    max_intervals: int
    resolution_minutes: int
    start_utc: int
    expected_readings: int
    opened_at: int
    classes_root: bytes


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A confirmed point; zeros where the slot has none."""

    direction: int
    factor_ppm: int
    from_day: int
    until_day: int
    tag: bytes


@dataclass(frozen=True, slots=True)
class SharingKey:
    """A sharing key's method and parameters; lists are by slot, a pairwise key's coefficients by slot and producer."""

    method: int
    surplus_owner: int
    schedule: int
    coefficients_ppm: tuple[int, ...]
    producers: tuple[int, ...]
    tier_methods: tuple[int, ...]
    tiers: tuple[int, ...]
    producer_ppm: tuple[int, ...]
    link_terms: bytes


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices [micro-euro per kWh], the fee [cents], VAT, who sells and who bills what, and the windows of the bands."""

    residual_price: tuple[int, ...]
    shared_price: int
    surplus_price: int
    network_price: int
    network_shared_price: int
    excise_price: int
    excise_shared_price: int
    premium_consumption: int
    premium_feed_in: int
    pricing: int
    seller: int
    monthly_fee: int
    vat_ppm: int
    community_vat_class: int
    billed_by: int
    windows: tuple[int, ...]
    producer_price: tuple[int, ...]

    def price_of(self, slot: int) -> int:
        """Give what a producer asks where each names its price."""
        return self.producer_price[slot] if slot < len(self.producer_price) else 0


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule version in force: whose allocation binds, the sharing key, the tariff, the terms of conformity.

    ``terms`` is their hash, zero where they are the software's own.
    """

    source: int
    key: SharingKey
    tariff: Tariff
    terms: bytes = bytes(32)

    @property
    def may_profile(self) -> bool:
        """Whether gaps may be profiled: terms that are the software's own never say so."""
        return self.terms != bytes(32)


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """An anchored batch of readings; ``submitted_at`` is zero where there is none."""

    community: bytes
    period: int
    version: int
    label: int
    signer: bytes
    measured: int
    estimated: int
    missing: int
    submitted_at: int
    root: bytes
    source: bytes


@dataclass(frozen=True, slots=True)
class RunRecord:
    """An anchored run; ``state`` is zero where there is none."""

    community: bytes
    period: int
    version: int
    rule_version: int
    batch_id: bytes
    basis: bytes
    root: bytes
    feed_in: int
    consumption: int
    allocated: int
    shared: int
    proposer: bytes
    proposed_at: int
    contestable_until: int
    state: int
    attested_by: bytes
    voided_by: bytes


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """Coefficients that were handed in for a period; ``handed_in_at`` is zero where there are none."""

    community: bytes
    period: int
    version: int
    root: bytes
    slots: int
    day_count: int
    max_intervals: int
    handed_in_at: int


@dataclass(frozen=True, slots=True)
class BillsRecord:
    """The anchored bills of a run; ``state`` is zero where there are none."""

    community: bytes
    run_id: bytes
    root: bytes
    debits: int
    credits: int
    fees: int
    vat_debits: int
    vat_credits: int
    pass_through: int
    rounding: int
    proposer: bytes
    proposed_at: int
    contestable_until: int
    state: int
    voided_by: bytes


def _struct(text: str) -> Struct:
    """Read fields as Solidity writes them: ``uint32 slots; bytes32 root``; names become ours."""
    pairs = (field.split() for field in text.split(";"))
    return Struct({re.sub(r"[A-Z]", lambda m: f"_{m[0].lower()}", name): kind for kind, name in pairs})


_TARIFF = Struct(
    {
        "residual_price": Array("uint32", 4),
        **_struct(
            "uint32 sharedPrice; uint32 surplusPrice; uint32 networkPrice; uint32 networkSharedPrice;"
            " uint32 excisePrice; uint32 exciseSharedPrice;"
            " uint32 premiumConsumption; uint32 premiumFeedIn; uint8 pricing; uint8 seller;"
            " uint32 monthlyFee; uint32 vatPpm; uint8 communityVatClass; uint8 billedBy"
        ).fields,
        "windows": Array("uint24"),
        "producer_price": Array("uint32"),
    }
)
_KEY = Struct(
    {
        **_struct("uint8 method; uint8 surplusOwner; uint8 schedule").fields,
        "coefficients_ppm": Array("uint32"),
        "producers": Array("uint32"),
        "tier_methods": Array("uint8"),
        "tiers": Array("uint8"),
        "producer_ppm": Array("uint32"),
        "link_terms": "bytes32",
    }
)
_RULE = Struct(
    {
        **_struct("uint32 effectiveFrom; uint32 contestWindowSeconds; uint8 source").fields,
        "limits": _struct("uint32 maxEstimatedPpm; uint32 maxMissingPpm; uint8 gaps; bytes32 terms"),
        "key": _KEY,
        "tariff": _TARIFF,
    }
)
_TERMS = _struct(
    "uint32 ruleVersion; uint32 slots; uint16 dayCount; uint16 maxIntervals; uint16 resolutionMinutes; uint64 startUtc;"
    " uint64 expectedReadings; uint64 openedAt; bytes32 classesRoot"
)
_POINT = _struct("uint8 direction; uint32 factorPpm; uint16 fromDay; uint16 untilDay; bytes32 tag")
_BATCH = _struct(
    "bytes32 community; uint32 period; uint32 version; uint8 label; address signer; uint64 measured; uint64 estimated;"
    " uint64 missing; uint64 submittedAt; bytes32 root; bytes32 source"
)
_SCHEDULE = _struct(
    "bytes32 community; uint32 period; uint32 version; bytes32 root; uint32 slots; uint16 dayCount;"
    " uint16 maxIntervals; uint64 handedInAt"
)
_FOLLOWED = "address proposer; uint64 proposedAt; uint64 contestableUntil; uint8 state"
_RUN = _struct(
    "bytes32 community; uint32 period; uint32 version; uint32 ruleVersion; bytes32 batchId; bytes32 basis;"
    f" bytes32 root; uint64 feedIn; uint64 consumption; uint64 allocated; uint64 shared; {_FOLLOWED};"
    " address attestedBy; address voidedBy"
)
_BILLS = _struct(
    "bytes32 community; bytes32 runId; bytes32 root; uint64 debits; uint64 credits; uint64 fees; uint64 vatDebits;"
    f" uint64 vatCredits; int64 passThrough; int64 rounding; {_FOLLOWED}; address voidedBy"
)

FUNCTIONS: dict[str, tuple[str, str, Type]] = {
    "allPoints": ("registry", "allPoints(bytes32,uint32)", Array(_POINT)),
    "rule": ("rule_book", "rule(bytes32,uint32)", _RULE),
    "terms": ("period_book", "terms(bytes32,uint32)", _TERMS),
    "allIntervals": ("period_book", "allIntervals(bytes32,uint32)", Array("uint16")),
    "allBands": ("period_book", "allBands(bytes32,uint32)", Array("uint256")),
    "allSeats": ("period_book", "allSeats(bytes32,uint32)", Array("uint32")),
    "batch": ("meter_data_ledger", "batch(bytes32)", _BATCH),
    "schedule": ("schedule_book", "schedule(bytes32)", _SCHEDULE),
    "run": ("settlement_ledger", "run(bytes32)", _RUN),
    "bills": ("billing_ledger", "bills(bytes32)", _BILLS),
}
"""The functions that are read: contract, signature, type of what they return."""
