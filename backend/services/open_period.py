"""Open a settlement period: freeze its slots, calendar, bands and rule on chain, and draw its keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backend.commitments import form_points_hash, form_tag, pack_bands
from backend.community import VatStatus
from backend.errors import NotFoundError, PeriodError
from backend.ports import ContractCall, OutboxEntry, PeriodRecord, SlotKey
from backend.services.commit import PeriodCommitments, bytes_of, hex_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backend.community import Community, MeteringPoint, Rule
    from backend.ports import RuleVersionRecord
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["band_codes", "frozen_terms", "open_period", "rule_version_in"]

_POINTS_PER_CALL = 120
_KEY_BYTES = 32
_NETWORK_CLASS_STANDARD = 0
_CONFIRM_TYPES = {
    "ConfirmPoints": [
        {"name": "community", "type": "bytes32"},
        {"name": "period", "type": "uint32"},
        {"name": "points", "type": "ConfirmPoint[]"},
    ],
    "ConfirmPoint": [
        {"name": "community", "type": "bytes32"},
        {"name": "period", "type": "uint32"},
        {"name": "slot", "type": "uint32"},
        {"name": "tag", "type": "bytes32"},
        {"name": "direction", "type": "uint8"},
        {"name": "factorPpm", "type": "uint32"},
        {"name": "fromDay", "type": "uint16"},
        {"name": "untilDay", "type": "uint16"},
    ],
}


@dataclass(frozen=True, slots=True)
class _Opening:
    record: PeriodRecord
    keys: tuple[SlotKey, ...]


def open_period(context: SettlementContext, view: CommunityView, calendar: PeriodCalendar) -> PeriodRecord:
    """Open a period, or return it as it was opened.

    Raises:
        PeriodError: If no metering point is a member in it, or no rule covers it.
        ContractRefusal: If a contract refuses.
    """
    with context.store.reading() as records:
        opened = records.period(view.record.id, calendar.period.id)
    if opened is None:
        opening = _draw(context, view, calendar)
        entries = _confirmations(context, view, opening)
        context.announce(lambda records: records.add_period(opening.record, opening.keys), *entries)
        opened = opening.record
    _announce_opening(context, view, calendar, opened)
    return opened


def rule_version_in(context: SettlementContext, community: str, period: int) -> RuleVersionRecord:
    """The rule version in force in a period, which an open one froze.

    Raises:
        PeriodError: If no rule covers it.
    """
    with context.store.reading() as records:
        versions = records.rule_versions(community)
        opened = records.period(community, period)
    if opened is not None:
        return next(version for version in versions if version.version == opened.rule_version)
    in_force = [version for version in versions if version.effective_from <= period]
    if not in_force:
        raise PeriodError(
            f"community {community} has no rule that covers period {period}; load its file first."
        )
    return in_force[-1]


def _active_days(point: MeteringPoint, calendar: PeriodCalendar) -> tuple[int, int]:
    """Days [from, until) of the period on which a point is a member."""
    period = calendar.period
    first = max(point.valid_from or period.first, period.first)
    until = min(point.valid_to + timedelta(days=1) if point.valid_to else period.until, period.until)
    return (first - period.first).days, max((until - period.first).days, (first - period.first).days)


def frozen_terms(view: CommunityView, calendar: PeriodCalendar) -> list[dict[str, Any]]:
    """What a period freezes of the points that are members in it, in the order of their slots.

    Raises:
        PeriodError: If there is none.
    """
    community, slots, period = view.community, view.slots, calendar.period
    vat_status = {participant.id: participant.vat_status for participant in community.participants}
    seats: dict[str, int] = {}
    terms: list[dict[str, Any]] = []
    for point in sorted(community.metering_points, key=lambda point: slots[point.id]):
        from_day, until_day = _active_days(point, calendar)
        if from_day == until_day:
            continue
        terms.append(
            {
                "slot": slots[point.id],
                "point": point.id,
                "number": point.number,
                "participant": point.participant,
                "seat": seats.setdefault(point.participant, slots[point.id]),
                "direction": int(point.direction),
                "factor_ppm": point.participation_ppm,
                "from_day": from_day,
                "until_day": until_day,
                "vat_class": int(vat_status[point.participant] or VatStatus.PRIVATE),
                "network_class": _NETWORK_CLASS_STANDARD,
            }
        )
    if not terms:
        raise PeriodError(
            f"no metering point of {community.id} is a member in {period.label}; check valid_from and valid_to."
        )
    return terms


def _draw(context: SettlementContext, view: CommunityView, calendar: PeriodCalendar) -> _Opening:
    """Freeze the points that are members in the period and draw their keys."""
    community, period = view.community, calendar.period
    terms = frozen_terms(view, calendar)
    nonces = _nonces_elsewhere(context, community, period.id, terms)
    keys = tuple(
        SlotKey(
            community.id,
            period.id,
            term["slot"],
            hex_of(context.random_bytes(_KEY_BYTES)),
            nonces.get(term["slot"]) or hex_of(context.random_bytes(_KEY_BYTES)),
        )
        for term in terms
    )
    rule = rule_version_in(context, community.id, period.id)
    record = PeriodRecord(
        community=community.id,
        period=period.id,
        label=period.label,
        days=period.days,
        rule_version=rule.version,
        slots=terms[-1]["slot"] + 1,
        terms=terms,
        auditors_key=hex_of(context.random_bytes(_KEY_BYTES)),
        classes_root="",
    )
    commitments = PeriodCommitments(view.record.anchor, record, keys, calendar.intervals_per_day)
    return _Opening(replace(record, classes_root=hex_of(commitments.classes().root)), keys)


def _nonces_elsewhere(
    context: SettlementContext, community: Community, period: int, terms: Sequence[Mapping[str, Any]]
) -> dict[int, str]:
    """Nonces of tags by slot, of the points that another community has in the period too.

    One nonce for all communities that a point is in, so that its factors are summed on chain. The operator's number and
    the direction say that it is one point, the days that it is not the next tenant's. An id is a community's own word:
    every community may have a ``home-01-load``.
    """
    kept: list[tuple[Mapping[str, Any], str]] = []
    with context.store.reading() as records:
        for other in records.communities():
            frozen = records.period(other.id, period) if other.id != community.id else None
            if frozen is None:
                continue
            keys = {key.slot: key.nonce for key in records.slot_keys(other.id, period)}
            kept += [(term, keys[term["slot"]]) for term in frozen.terms if term["slot"] in keys]
    external = {point.id for point in community.metering_points if point.external_id is not None}
    nonces: dict[int, str] = {}
    for term in terms:
        for known, nonce in kept:
            # A tag stands once in a community's period, so that two of its points never share a nonce.
            if (
                term["point"] in external
                and _is_same_point(term, known)
                and nonce not in nonces.values()
                and term["slot"] not in nonces
            ):
                nonces[term["slot"]] = nonce
    return nonces


def _is_same_point(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (
        (one["number"], one["direction"]) == (other["number"], other["direction"])
        and one["from_day"] < other["until_day"]
        and other["from_day"] < one["until_day"]
    )


def _confirmations(context: SettlementContext, view: CommunityView, opening: _Opening) -> list[OutboxEntry]:
    """The operator's signed confirmation of each point, in chunks that a block can take."""
    record, anchor = opening.record, view.record.anchor
    points = list(_confirmed_points(record, anchor, opening.keys))
    entries = []
    for start in range(0, len(points), _POINTS_PER_CALL):
        chunk = points[start : start + _POINTS_PER_CALL]
        message = {"community": anchor, "period": record.period, "points": chunk}
        signature = context.chain.sign_typed_data(
            "operator", "registry", "ConfirmPoints", _CONFIRM_TYPES, message
        )
        call = ContractCall("settler", "registry", "confirmPoints", (anchor, record.period, chunk, signature))
        purpose = f"{record.community}/{record.period}/points/{start // _POINTS_PER_CALL}"
        entries.append(OutboxEntry(purpose, record.community, record.period, call))
    return entries


def _confirmed_points(record: PeriodRecord, anchor: str, keys: Sequence[SlotKey]) -> Iterator[dict[str, Any]]:
    nonces = {key.slot: key.nonce for key in keys}
    for term in record.terms:
        yield {
            "community": anchor,
            "period": record.period,
            "slot": term["slot"],
            "tag": hex_of(form_tag(bytes_of(nonces[term["slot"]]), term["number"])),
            "direction": term["direction"],
            "factorPpm": term["factor_ppm"],
            "fromDay": term["from_day"],
            "untilDay": term["until_day"],
        }


def _announce_opening(
    context: SettlementContext, view: CommunityView, calendar: PeriodCalendar, record: PeriodRecord
) -> None:
    purpose = f"{record.community}/{record.period}/opening"
    with context.store.reading() as records:
        if records.outbox_entry(purpose) is not None:
            return
        keys = records.slot_keys(record.community, record.period)
        rule = next(v for v in records.rule_versions(record.community) if v.version == record.rule_version)
    if len(keys) < len(record.terms):
        raise NotFoundError(
            f"keys of period {record.label} were erased before it was opened; it cannot be settled."
        )
    tags = {
        point["slot"]: bytes_of(point["tag"]) for point in _confirmed_points(record, view.record.anchor, keys)
    }
    seats = list(range(record.slots))
    for term in record.terms:
        seats[term["slot"]] = term["seat"]
    opening = {
        "ruleVersion": record.rule_version,
        "slots": record.slots,
        "startUtc": calendar.start_utc,
        "resolutionMinutes": calendar.resolution_minutes,
        "intervals": list(calendar.intervals_per_day),
        "bands": pack_bands(band_codes(view.rule_of(rule), calendar)),
        "seats": seats,
        "classesRoot": record.classes_root,
        "pointsHash": hex_of(form_points_hash(tags)),
    }
    call = ContractCall("settler", "period_book", "openPeriod", (view.record.anchor, record.period, opening))
    context.announce(lambda _: None, OutboxEntry(purpose, record.community, record.period, call))


def band_codes(rule: Rule, calendar: PeriodCalendar) -> list[int]:
    """Tariff band of every interval of a period. Length T."""
    return [rule.tariff.band_at(minute) for minute in calendar.local_minutes()]
