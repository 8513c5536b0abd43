"""Load a community file: members and slots into the store, seat and rule onto the chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend.community import read_definition
from backend.community.law import require_lawful
from backend.errors import ConflictError, NotFoundError
from backend.governance import encode_rule, on_chain
from backend.ports import CommunityRecord, ContractCall, OutboxEntry, RuleVersionRecord
from backend.services.context import CommunityView
from backend.services.governance_rules import refuse_unvoted_rule, sync_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.community import Community, Rule
    from backend.community.law import LegalFinding
    from backend.services.context import SettlementContext

__all__ = ["LoadedCommunity", "load_community"]

_ROLES = {"operator": 1, "provider": 2, "importer": 3, "settler": 4, "arbiter": 5, "auditor": 6}
_FIRST_EFFECTIVE_PERIOD = 1  # the first version may cover all periods that are not open yet
_EPOCH = date(1970, 1, 1)
_ANCHOR_BYTES_DRAWN = 12


@dataclass(frozen=True, slots=True)
class LoadedCommunity:
    """What a load did.

    Attributes:
        community: As loaded.
        is_new: Was it not there before?
        rule_version: In force from ``effective_from`` on.
        effective_from: Period id.
        added_points: Metering points that got a slot now.
        legal: What the country's law says of it; nothing that it forbids.
    """

    community: Community
    is_new: bool
    rule_version: int
    effective_from: int
    added_points: tuple[str, ...]
    legal: tuple[LegalFinding, ...] = ()


def load_community(
    context: SettlementContext, definition: str, file: str, carbon_source: str = ""
) -> LoadedCommunity:
    """Load or change a community.

    A metering point keeps its slot for ever; new ones get the next. A changed rule becomes a new version that holds
    from
    the next month that is not open yet.

    Raises:
        CommunityDefinitionError: If the file is wrong, or the country's law forbids what it says; nothing is stored.
        ConflictError: If it changes what settled periods stand on.
        ContractRefusal: If a contract refuses.
    """
    community = read_definition(definition, file)
    legal = require_lawful(community, datetime.fromtimestamp(context.clock.now_utc(), UTC).date())
    former = _former(context, community.id)
    slots = dict(former.slots) if former else {}
    added = tuple(point.id for point in community.metering_points if point.id not in slots)
    for point in added:
        slots[point] = len(slots)
    if former:
        _check_change(former, community)
    record = CommunityRecord(
        id=community.id,
        anchor=former.record.anchor if former else _draw_anchor(context),
        definition=definition,
        slots=slots,
        created_utc=former.record.created_utc if former else context.clock.now_utc(),
        carbon_source=carbon_source or (former.record.carbon_source if former else ""),
    )
    if former is None:
        _register(context, record)
    else:
        with context.store.transaction() as records:
            records.put_community(record)
        context.outbox.drain(community.id)
    version = _schedule_rule(
        context, CommunityView(record, community), former.community.rule if former else None
    )
    return LoadedCommunity(community, former is None, version.version, version.effective_from, added, legal)


def _draw_anchor(context: SettlementContext) -> str:
    """An id that only our steward can create: it ends with the steward's address."""
    founder = context.chain.address_of("steward").removeprefix("0x").lower()
    return "0x" + context.random_bytes(_ANCHOR_BYTES_DRAWN).hex() + founder


def _former(context: SettlementContext, community: str) -> CommunityView | None:
    try:
        return context.community(community)
    except NotFoundError:
        return None


def _check_change(former: CommunityView, community: Community) -> None:
    """Refuse changes that would rewrite the past: dropped points, another direction, owner, zone or resolution."""
    for name in ("time_zone", "resolution_minutes", "currency"):
        before, after = getattr(former.community, name), getattr(community, name)
        if before != after:
            raise ConflictError(
                f"community {community.id} was loaded with {name} {before!r}; {after!r} would change settled periods. "
                "Load it under another id."
            )
    for point in former.community.metering_points:
        now = community.metering_point(point.id)
        if now is None:
            raise ConflictError(
                f"metering point {point.id} is missing from the file; a member that leaves keeps its entry "
                "and gets a valid_to."
            )
        if (now.direction, now.participant) != (point.direction, point.participant):
            raise ConflictError(
                f"metering point {point.id} changed its direction or owner; give the new one an id of its own."
            )


def _register(context: SettlementContext, record: CommunityRecord) -> None:
    """Create the community on chain and give its keys their roles.

    Each step is announced when the one before is on chain, so that a contract's refusal comes before anything is kept.
    """
    steward = context.chain.address_of("steward")
    entry = _entry(record.id, "registration", "registry", "createCommunity", record.anchor, steward)
    context.announce(lambda records: records.put_community(record), entry)
    _grant_roles(context, record)


def _grant_roles(context: SettlementContext, record: CommunityRecord) -> None:
    entries = [
        _entry(
            record.id,
            f"role/{name}",
            "registry",
            "grantRole",
            record.anchor,
            role,
            context.chain.address_of(name),
        )
        for name, role in _ROLES.items()
    ]
    with context.store.reading() as records:
        missing = [entry for entry in entries if records.outbox_entry(entry.id) is None]
    if missing:
        context.announce(lambda _: None, *missing)


def _entry(community: str, purpose: str, contract: str, function: str, *arguments: Any) -> OutboxEntry:
    call = ContractCall("steward", contract, function, arguments)
    return OutboxEntry(id=f"{community}/{purpose}", community=community, period=0, call=call)


def _schedule_rule(context: SettlementContext, view: CommunityView, former: Rule | None) -> RuleVersionRecord:
    """Schedule the file's rule as a new version unless it is the last one already, or members vote the rules."""
    sync_rules(context, view.record.id)
    _grant_roles(context, view.record)
    with context.store.reading() as records:
        versions = records.rule_versions(view.record.id)
        opened = [record.period + record.days for record in records.periods(view.record.id)]
    struct = encode_rule(
        view.community.rule,
        view.slots,
        effective_from=_FIRST_EFFECTIVE_PERIOD,
        contest_window_seconds=context.default_window_seconds,
    )
    if versions:
        last = versions[-1]
        if _without_start(last.definition) == _without_start(struct):
            return last
        if refuse_unvoted_rule(context, view, former):
            return last
        struct["effectiveFrom"] = _next_month(max([_today(context), last.effective_from + 1, *opened]))
    version = RuleVersionRecord(view.record.id, len(versions) + 1, struct["effectiveFrom"], struct)
    entry = _entry(
        view.record.id,
        f"rule/{version.version}",
        "rule_book",
        "scheduleRule",
        view.record.anchor,
        on_chain(struct),
    )
    context.announce(
        lambda records: records.add_rule_version(version), replace(entry, period=version.effective_from)
    )
    return version


def _without_start(struct: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in struct.items() if name != "effectiveFrom"}


def _today(context: SettlementContext) -> int:
    """Tomorrow, in days since 1970-01-01, at the later of our clock and the chain's."""
    return max(context.clock.now_utc(), context.chain_time_utc()) // 86_400 + 1


def _next_month(period: int) -> int:
    """The first of a month on or after a period id."""
    day = _EPOCH + timedelta(days=period)
    if day.day == 1:
        return period
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (datetime(following.year, following.month, 1, tzinfo=UTC).date() - _EPOCH).days
