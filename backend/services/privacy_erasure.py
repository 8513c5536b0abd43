"""Forgetting people who asked for it, as far as it is due; safe to repeat, and after a crash at any point.

What lies in files goes first, by the ids that the records still know; the records follow in one transaction. A crash
between the two finds the same ids again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from backend.billing.numbering import parse_invoice_number
from backend.community import MeteringPoint, Participant, write_definition
from backend.errors import ContractRefusal
from backend.grid import trace_network
from backend.grid.network_form import read_network
from backend.ports import NOBODY
from backend.services.grid.events import elements_alone
from backend.services.member_views import subject_of
from backend.services.privacy import alias_of_point, first_day_utc, periods_of, plan_erasure
from backend.services.relays import relay_to_registry
from backend.services.seats import find_seat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community
    from backend.ports import BillRecord, InvoiceRecord, Records, UserRecord
    from backend.ports.case_files import CaseFiles
    from backend.ports.erasing import FilesEraser, IntervalEraser, UploadEraser
    from backend.ports.identity_records import ErasureRecord
    from backend.ports.profile_store import ProfileStore
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["Erased", "Erasers", "erase_due", "without_person"]

_FOREVER = 2**31 - 1
_FORMER = "Former member"


@dataclass(frozen=True, slots=True)
class Erasers:
    """What takes people out of what is no record.

    Attributes:
        intervals: Stores of readings, allocations and operators' allocations.
        files: Of the home.
        cases: Readings and evidence that parties of cases handed in.
        uploads: Files that wait to be loaded.
        profiles: Load profiles of networks.
    """

    intervals: Sequence[IntervalEraser]
    files: FilesEraser
    cases: CaseFiles
    uploads: UploadEraser
    profiles: ProfileStore


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done for one who asked.

    Attributes:
        community: Its id.
        alias: What stands in place of the participant.
        begun: Were readings, keys and log-ins destroyed now?
        periods: Whose documents were destroyed now.
        done: Is nothing left?
        seat_left: Seat that only a vote can take back now, None for none.
    """

    community: str
    alias: str
    begun: bool
    periods: tuple[int, ...]
    done: bool
    seat_left: int | None = None


def erase_due(context: SettlementContext, erasers: Erasers) -> list[Erased]:
    """Destroy what is due of all who asked; what is not due yet stays."""
    with context.store.reading() as records:
        asked = [record for record in records.erasures() if not record.done_utc]
    return [erased for record in asked if (erased := _erase(context, erasers, record)) is not None]


def _erase(context: SettlementContext, erasers: Erasers, record: ErasureRecord) -> Erased | None:
    now, begun, seat_left = context.clock.now_utc(), False, None
    if not record.begun_utc:
        plan = plan_erasure(context, record.community, record.participant)
        due = plan.due_utc("readings_and_keys")
        if due is None or due > now:
            return None
        seat_left = _leave_seat(context, record)
        record = _begin(context, erasers, record)
        begun = True
    periods, left = _erase_documents(context, erasers, record)
    if not left:
        _close(context, record)
    if not begun and not periods and left:
        return None
    return Erased(record.community, record.alias, begun, tuple(periods), not left, seat_left)


def _leave_seat(context: SettlementContext, record: ErasureRecord) -> int | None:
    """Have the steward take the seat back, so that it votes and consents no more; the seat where only a vote can."""
    view = context.community(record.community)
    seat, anchor = find_seat(view, record.participant), view.record.anchor
    if seat is None or context.chain.read("registry", "holderOf", anchor, seat) == NOBODY:
        return None
    try:
        name = ("left", seat, record.alias)
        relay_to_registry(context, view.record, name, "revokeSeat", anchor, seat)
    except ContractRefusal:
        return seat
    return None


def _begin(context: SettlementContext, erasers: Erasers, record: ErasureRecord) -> ErasureRecord:
    """Destroy readings, keys, log-ins, master data; documents that the law asks for stay."""
    view = context.community(record.community)
    points = view.community.points_of(record.participant)
    with context.store.reading() as records:
        periods = periods_of(records, record.community, record.participant)
        users = [user for user in records.users(record.community) if user.participant == record.participant]
        own_ids = [point.id for point in points]
        cases = [case.id for case in records.cases(record.community) if case.metering_point in own_ids]
    for case in cases:
        erasers.cases.erase(record.community, case)
    joined = [*own_ids, *(point.number for point in points)]
    connections = _joined_connections(context, record.community, frozenset(joined))
    for network, rows in connections.items():
        erasers.profiles.forget(network, list(rows))
    slots = {period.period: [term["slot"] for term in terms] for period, terms in periods}
    # Less the others, what went down a feeder would give the erased.
    feeders = [
        feeder
        for feeder in view.community.feeders
        if not feeder.metering_points or not set(own_ids).isdisjoint(feeder.metering_points)
    ]
    behind = [feeder.id for feeder in feeders]
    for eraser in erasers.intervals:
        eraser.erase_points(record.community, [*own_ids, *behind], slots)
    words = _words(view, record, periods)
    erasers.files.erase_words(words, [user.login for user in users])
    erasers.uploads.erase(record.community, {*words, *behind, *(feeder.number for feeder in feeders)})
    for eraser in erasers.intervals:  # again: what a device sent meanwhile was taken still
        eraser.erase_points(record.community, [*own_ids, *behind], {})
    names = {record.participant: record.alias}
    names |= {point.id: alias_of_point(record.alias, view.slots[point.id]) for point in points}
    definition = write_definition(without_person(view.community, record.participant, names))
    begun = replace(record, begun_utc=context.clock.now_utc())
    with context.store.transaction() as records:
        records.begin_erasing()
        records.erase_slot_keys(record.community, [view.slots[point.id] for point in points], _FOREVER)
        records.erase_party(record.community, record.participant)
        for case in cases:
            records.remove_case(case)
        records.remove_looks(record.community, record.participant)
        records.erase_treatments(record.community, own_ids)
        records.erase_decisions(record.community, own_ids)
        records.erase_anomalies(record.community, record.participant)
        records.erase_network_points(record.community, joined)
        about = {f"feeder:{feeder}" for feeder in behind} | _erase_connections(records, connections)
        records.erase_forecasts(record.community, record.participant, about)
        records.erase_accesses(subject_of(record.community, record.participant))
        records.erase_rehearsed(record.community, record.participant)
        records.erase_drafts([user.id for user in users])
        _erase_users(records, users, record.alias)
        records.rename_points(record.community, definition, names)
        records.put_erasure(begun)
    return begun


def _erase_connections(records: Records, connections: Mapping[str, Mapping[int, str]]) -> set[str]:
    """Destroy what is kept of connections, or of what feeds them alone; returns the subjects of forecasts of that."""
    about: set[str] = set()
    for network, rows in connections.items():
        alone = elements_alone(trace_network(read_network(records.network(network).document)), dict(rows))
        records.erase_connection_events(network, alone)
        records.erase_connection_plans(network, list(rows.values()))
        about |= {f"network:{network}/{element}" for element in alone}
    return about


def _joined_connections(
    context: SettlementContext, community: str, points: frozenset[str]
) -> dict[str, dict[int, str]]:
    """Connections that points are joined to, by network: their places and ids."""
    with context.store.reading() as records:
        networks = records.networks(community)
    return {
        network.name: {
            row: one.id
            for row, one in enumerate(read_network(network.document).connections)
            if points.intersection(one.metering_points)
        }
        for network in networks
    }


def _erase_users(records: Records, users: Sequence[UserRecord], alias: str) -> None:
    for user in users:
        records.rename_deciders(user.id, alias)
        records.rename_grid_actors(user.id, alias)
        records.erase_user(user.id, alias)
    # Answers that were told once hold log-ins of whoever asked or was made.
    records.erase_facts(["api/idempotency", *(f"wallet/{user.id}" for user in users)])


def _words(view: CommunityView, record: ErasureRecord, periods: Sequence[Any]) -> set[str]:
    """By what files name somebody."""
    person = next(known for known in view.community.participants if known.id == record.participant)
    points = view.community.points_of(record.participant)
    frozen = {str(term[key]) for _, terms in periods for term in terms for key in ("point", "number")}
    return {person.id, person.name, *frozen, *(text for point in points for text in (point.id, point.number))}


def without_person(community: Community, participant: str, names: Mapping[str, str]) -> Community:
    """A community in which somebody has another name, and nothing else that tells who it was.

    Args:
        community: As it is.
        participant: Who.
        names: New id by old one, of the participant and of their points.
    """
    alias = names[participant]
    participants = [
        Participant(alias, _FORMER, known.vat_status) if known.id == participant else known
        for known in community.participants
    ]
    points = [
        _without_place(point, alias, names[point.id]) if point.participant == participant else point
        for point in community.metering_points
    ]
    of_points = {old: new for old, new in names.items() if old != participant}
    rule = _renamed(community.rule, of_points)
    return replace(
        community,
        participants=tuple(participants),
        metering_points=tuple(points),
        rule=rule,
        feeders=_renamed(community.feeders, of_points),
    )


def _without_place(point: MeteringPoint, participant: str, name: str) -> MeteringPoint:
    """A metering point without what finds it: number, place, connection."""
    return MeteringPoint(
        id=name,
        participant=participant,
        direction=point.direction,
        source=point.source,
        valid_from=point.valid_from,
        valid_to=point.valid_to,
    )


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A value with other names where one is a key or an element; a text that is a field of its own is no id."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        texts = {name for name, part in kept.items() if isinstance(part, str)}
        return replace(
            value, **{name: _renamed(part, names) for name, part in kept.items() if name not in texts}
        )
    if isinstance(value, Mapping):
        return {_renamed(key, names): _renamed(part, names) for key, part in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return type(value)(_renamed(part, names) for part in value)
    return names.get(value, value) if type(value) is str else value


# documents


@dataclass(frozen=True, slots=True)
class _Documents:
    """What was issued to and by somebody for a period."""

    bills: tuple[BillRecord, ...]
    invoices: tuple[InvoiceRecord, ...]

    def last_issued_utc(self) -> int:
        """When the newest was issued. [s since 1970, UTC]"""
        return max(
            *(bill.issued_utc for bill in self.bills), *(known.issued_utc for known in self.invoices), 0, 0
        )

    def __bool__(self) -> bool:
        return bool(self.bills or self.invoices)


def _documents(records: Records, record: ErasureRecord) -> dict[int, _Documents]:
    """All that is left, by period."""
    community, person = record.community, record.participant
    found = {
        period.period: _Documents(
            tuple(bill for bill in records.bills(community, period.period) if bill.participant == person),
            tuple(
                known
                for known in records.invoices(community, period.period)
                if person in {known.seller, known.buyer}
            ),
        )
        for period in records.periods(community)
    }
    return {period: documents for period, documents in found.items() if documents}


def _erase_documents(
    context: SettlementContext, erasers: Erasers, record: ErasureRecord
) -> tuple[list[int], bool]:
    """Destroy documents whose time is over, and what the bills of others say of whom they were for.

    Returns:
        Periods whose documents were destroyed, and whether any are left.
    """
    community = record.community
    view = context.community(community)
    with context.store.reading() as records:
        left = _documents(records, record)
    erased = []
    for period, documents in left.items():
        if first_day_utc(view, documents.last_issued_utc()) > context.clock.now_utc():
            continue
        names = _names_in(documents, record)
        erasers.files.erase_words(frozenset(names), [])
        with context.store.transaction() as records:
            records.begin_erasing()
            records.erase_documents(community, period, record.participant)
            records.rename_in_documents(community, period, names)
        erased.append(period)
    return erased, len(erased) < len(left)


def _names_in(documents: _Documents, record: ErasureRecord) -> dict[str, str]:
    """What tells who somebody was in their own documents, and what stands in its place in those of others."""
    names = {record.participant: record.alias}
    for bill in documents.bills:
        names[bill.content["participant"]["name"]] = _FORMER
        for point in bill.content["points"]:
            alias = alias_of_point(record.alias, point["slot"])
            names |= {point["point"]: alias, point["number"]: alias}
    for invoice in documents.invoices:
        if invoice.seller == record.participant:
            series, _, _ = parse_invoice_number(invoice.number)
            names[series] = f"{record.community}.i.{record.alias}"
    return names


def _close(context: SettlementContext, record: ErasureRecord) -> None:
    """Forget even who asked: what is left tells of an alias only."""
    done = replace(
        record, participant=record.alias, begun_utc=record.begun_utc, done_utc=context.clock.now_utc()
    )
    with context.store.transaction() as records:
        records.begin_erasing()
        records.remove_erasure(record.community, record.participant)
        records.put_erasure(done)
