"""A network's timeline, alarm rules, routes of messages and workflows for its grid operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from backend.api.access import guarded_router
from backend.api.cursors import read_text, write_cursor
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.grid_desk import note_network_look
from backend.api.grid_event_schemas import (
    Action,
    AskedSetting,
    EntryId,
    EventAction,
    EventItem,
    Kinds,
    MessageItem,
    RouteId,
    RouteKey,
    SettingCard,
    Severities,
    States,
)
from backend.api.grid_schemas import BeginAt, EndAt, NetworkName
from backend.api.idempotency import IdempotencyKey
from backend.api.meter_data_looks import login_names
from backend.api.schemas import CommunityId, Cursor, Page
from backend.api.spans import span_of
from backend.errors import InputError, NotFoundError
from backend.grid.alarms import AlarmSeverity, Channel
from backend.ports.grid_event_records import ChangeAction, EventKind, EventQuery, EventState, SettingKind
from backend.services.grid.event_settings import Setting, put_setting, read_setting, routes_in_force
from backend.services.grid.events import change_entry, elements_alone, entry_as_dict, note_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backend.api.dependencies import Services
    from backend.ports.grid_event_records import TimelineEntry
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.sessions import OpenSession

__all__ = ["note_elements", "router"]

router = guarded_router("/operator/communities/{community}/networks/{network}", "grid")

_ACTIONS = {
    "acknowledge": ChangeAction.ACKNOWLEDGED,
    "silence": ChangeAction.SILENCED,
    "resolve": ChangeAction.RESOLVED,
    "comment": ChangeAction.COMMENTED,
}


# the timeline


@router.get("/events", response_model=Page[EventItem])
def events(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    state: States = None,
    severity: Severities = None,
    kind: Kinds = None,
    element: Annotated[str, Query(max_length=200)] = "",
    begin: BeginAt = None,
    end: EndAt = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """What happened on a network, the newest first: alarms, readings, plans, work, messages, changes of records."""
    known = services.grid.networks.find(community, network)
    begin_utc, end_utc = span_of(begin, end)
    query = EventQuery(
        begin_utc=begin_utc,
        end_utc=end_utc,
        states=tuple(EventState(one) for one in state or () if one),
        severities=tuple(AlarmSeverity(one) for one in severity or () if one),
        kinds=tuple(EventKind(one) for one in kind or () if one),
        element=element,
        before=_place(cursor),
        limit=limit,
    )
    with services.store.reading() as records:
        found = records.timeline(network, query)
        changes = records.event_changes([entry.event.id for entry in found])
    by_event: dict[str, list[Any]] = {}
    for change in changes:
        by_event.setdefault(change.event, []).append(change)
    note_elements(services, opened, known, "events", (entry.event.element for entry in found))
    last = found[-1].event if len(found) == limit else None
    names = login_names(services)
    return {
        "items": [_told(by_event.get(entry.event.id, []), entry, names) for entry in found],
        "next_cursor": write_cursor(f"{last.at_utc}:{last.id}" if last else None),
    }


def _place(cursor: str | None) -> tuple[int, str] | None:
    text = read_text(cursor)
    if text is None:
        return None
    at_utc, colon, event = text.partition(":")
    if not colon or not at_utc.isascii() or not at_utc.isdigit() or len(at_utc) > 12:  # noqa: PLR2004 -- digits of any instant
        raise InputError("The cursor is none that was given out; start the list again without it.")
    return int(at_utc), event


@router.post("/events/{event}/{action}", response_model=EventItem)
def act(
    *,
    community: CommunityId,
    network: NetworkName,
    event: EntryId,
    action: Action,
    body: EventAction,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Acknowledge, silence (until an instant), resolve or comment an entry."""
    known = services.grid.networks.find(community, network)

    def work() -> dict[str, Any]:
        with services.store.transaction() as records:
            entry = change_entry(
                records,
                known.record.name,
                event,
                _ACTIONS[action],
                by=opened.user.id,
                now_utc=services.clock.now_utc(),
                text=body.text,
                until_utc=body.until_utc,
            )
            changes = records.event_changes([event])
        return _told(changes, entry, login_names(services))

    request = f"POST {network}/events/{event}/{action} {body.model_dump_json()}"
    told: dict[str, Any] = services.once.perform(key, opened.user.id, request, work)
    note_elements(services, opened, known, "events", [told["element"]])
    return told


def _told(changes: Iterable[Any], entry: TimelineEntry, names: Mapping[str, str]) -> dict[str, Any]:
    told = entry_as_dict(entry, list(changes))
    named = [one | {"by_name": names.get(one["by"], "")} for one in told["changes"]]
    return told | {"by_name": names.get(entry.event.by, ""), "changes": named}


# what is set


@router.get("/alarm-rules", response_model=SettingCard)
def alarm_rules(community: CommunityId, network: NetworkName, services: ServicesOf) -> dict[str, Any]:
    """Rules that alarms are found by."""
    return _setting(services, community, network, SettingKind.RULES)


@router.put("/alarm-rules", response_model=SettingCard)
def set_alarm_rules(
    community: CommunityId, network: NetworkName, body: AskedSetting, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Set all rules anew, as a version of their own."""
    return _set(services, opened, community, network, SettingKind.RULES, body)


@router.get("/routes", response_model=SettingCard)
def routes(community: CommunityId, network: NetworkName, services: ServicesOf) -> dict[str, Any]:
    """Whereto messages go."""
    return _setting(services, community, network, SettingKind.ROUTES)


@router.put("/routes", response_model=SettingCard)
def set_routes(
    community: CommunityId, network: NetworkName, body: AskedSetting, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Set all routes anew, as a version of their own."""
    return _set(services, opened, community, network, SettingKind.ROUTES, body)


@router.post("/routes/{route}/key", response_model=RouteKey)
def tell_route_key(
    community: CommunityId, network: NetworkName, route: RouteId, opened: AsksAs, services: ServicesOf
) -> dict[str, str]:
    """Tell the key of a webhook, for whoever receives; the timeline says who asked."""
    known = services.grid.networks.find(community, network)
    now = services.clock.now_utc()
    with services.store.transaction() as records:
        webhooks = [
            one.id for one in routes_in_force(records, known.record.name) if one.channel is Channel.WEBHOOK
        ]
        if route not in webhooks:
            here = ", ".join(webhooks) or "none is set"
            raise NotFoundError(f"Network {network} has no webhook {route!r}; its webhooks: {here}.")
        note_event(
            records,
            network=known.record.name,
            kind=EventKind.RULES,
            title=f"The key of webhook {route} was shown",
            at_utc=now,
            noted_utc=now,
            by=opened.user.id,
            data={"setting": SettingKind.ROUTES.value, "route": route},
        )
    return {"route": route, "key": services.webhook_key(known.record.name, route)}


@router.get("/workflows", response_model=SettingCard)
def workflows(community: CommunityId, network: NetworkName, services: ServicesOf) -> dict[str, Any]:
    """Steps that work goes through."""
    return _setting(services, community, network, SettingKind.WORKFLOWS)


@router.put("/workflows", response_model=SettingCard)
def set_workflows(
    community: CommunityId, network: NetworkName, body: AskedSetting, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Set all workflows anew; work that has begun goes on by the version that it began with."""
    return _set(services, opened, community, network, SettingKind.WORKFLOWS, body)


def _setting(services: Services, community: str, network: str, kind: SettingKind) -> dict[str, Any]:
    known = services.grid.networks.find(community, network)
    with services.store.reading() as records:
        setting = read_setting(records, known.record.name, kind)
    return _as_card(setting, login_names(services))


def _set(
    services: Services,
    opened: OpenSession,
    community: str,
    network: str,
    kind: SettingKind,
    body: AskedSetting,
) -> dict[str, Any]:
    known = services.grid.networks.find(community, network)
    with services.store.transaction() as records:
        setting = put_setting(
            records,
            known.record,
            kind,
            body.content,
            by=opened.user.id,
            now_utc=services.clock.now_utc(),
            based_on=body.based_on,
        )
    return _as_card(setting, login_names(services))


def _as_card(setting: Setting, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": setting.kind.value,
        "version": setting.version,
        "content": setting.content,
        "by": setting.by,
        "by_name": names.get(setting.by, ""),
        "at_utc": setting.at_utc or None,
    }


@router.get("/messages", response_model=Page[MessageItem])
def messages(
    community: CommunityId,
    network: NetworkName,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """The newest messages, and how far each has come."""
    known = services.grid.networks.find(community, network)
    with services.store.reading() as records:
        found = records.messages(known.record.name)
    items = [
        {
            "id": one.id,
            "route": one.route,
            "state": one.state.value,
            "entries": len(one.entries),
            "created_utc": one.created_utc,
            "due_utc": None if one.done_utc else one.due_utc,
            "attempts": one.attempts,
            "error": one.error,
            "done_utc": one.done_utc or None,
        }
        for one in list(reversed(found))[:limit]
    ]
    return {"items": items, "next_cursor": None}


def note_elements(
    services: Services, opened: OpenSession, known: KnownNetwork, what: str, elements: Iterable[str]
) -> None:
    """Log whose connections were shown, and whose alone is fed by what was shown; all else is nobody's."""
    shown = set(elements)
    members = services.settled.community(known.record.community).community
    owners = {name: point for point in members.metering_points for name in (point.id, point.number)}
    rows: dict[str, set[int]] = {}
    for row, connection in enumerate(known.network.connections):
        for name in connection.metering_points:
            if name in owners:
                rows.setdefault(owners[name].participant, set()).add(row)
    seen = {one for one in rows if not shown.isdisjoint(elements_alone(known.topology, rows[one]))}
    points = {point.id for point in members.metering_points if point.participant in seen}
    if points:
        note_network_look(services, opened, known, what, points)
