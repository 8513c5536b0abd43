"""A network's timeline: what is noted on it, and what operators do with its entries."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError
from backend.grid.alarms import AlarmSeverity
from backend.ports.grid_event_records import (
    ChangeAction,
    EventChange,
    EventKind,
    EventRecord,
    EventStanding,
    EventState,
    TimelineEntry,
)
from backend.services.grid.messages import announce

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend.grid import Topology
    from backend.ports import Records

__all__ = ["change_entry", "elements_alone", "entry_as_dict", "note_event", "record_change"]

_TEXT_MAX = 2_000
_SILENCE_SECONDS_MAX = 92 * 86_400
_TITLE_MAX = 300


def note_event(  # noqa: PLR0913 -- what an entry tells
    records: Records,
    *,
    network: str,
    kind: EventKind,
    title: str,
    at_utc: int,
    noted_utc: int,
    element: str = "",
    severity: AlarmSeverity = AlarmSeverity.INFO,
    by: str = "",
    data: Any = None,
    event_id: str | None = None,
) -> bool:
    """Put an entry on a network's timeline, and tell whom its routes say.

    Args:
        records: Of a transaction: the entry is there if what it tells of is.
        network: Name.
        kind: What it is about.
        title: One sentence.
        at_utc: When it was. [s since 1970, UTC]
        noted_utc: Now. [s since 1970, UTC]
        element: Id, empty for the network as a whole.
        severity: How grave.
        by: Id of the user, empty for a command or the service itself.
        data: JSON-ready; no personal data beyond ids of connections.
        event_id: The same for the same thing; drawn from what is told where none is given.

    Returns:
        Whether it is new.
    """
    told = [network, kind.value, element, title, at_utc, by, data]
    drawn = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]
    event = EventRecord(
        id=event_id or drawn,
        network=network,
        kind=kind,
        element=element,
        severity=severity,
        rule="",
        at_utc=at_utc,
        noted_utc=noted_utc,
        by=by,
        title=title[:_TITLE_MAX],
        data={} if data is None else data,
    )
    if not records.add_event(event, EventStanding(event.id, EventState.NOTED)):
        return False
    announce(records, event, noted_utc)
    return True


def record_change(
    records: Records, entry: TimelineEntry, action: ChangeAction, standing: EventStanding, **told: Any
) -> TimelineEntry:
    """Keep a change of an entry and where it stands then; ``told`` has by, at_utc, text, until_utc."""
    number = entry.standing.changes + 1
    records.add_event_change(EventChange(entry.event.id, number, action, **told))
    after = replace(standing, changes=number)
    records.put_standing(after)
    return TimelineEntry(entry.event, after)


def change_entry(
    records: Records,
    network: str,
    event: str,
    action: ChangeAction,
    *,
    by: str,
    now_utc: int,
    text: str = "",
    until_utc: int = 0,
) -> TimelineEntry:
    """Acknowledge, silence, resolve or comment an entry.

    Args:
        records: Of a transaction.
        network: Name.
        event: Id.
        action: One of these four.
        by: Id of the user.
        now_utc: [s since 1970, UTC]
        text: A comment, or why.
        until_utc: End of a silence. [s since 1970, UTC]

    Raises:
        NotFoundError: If the network has no such entry.
        ConflictError: If the entry does not stand so that this could be done; doing the same again changes nothing.
        InputError: If the text or the end of the silence does not fit.
    """
    entry = records.timeline_entry(network, event)
    _require_words(action, text, until_utc, now_utc)
    standing = entry.standing
    target = _target(entry, action)
    same = standing.state is target and not text and standing.until_utc == until_utc
    if action is not ChangeAction.COMMENTED and same:
        return entry
    standing = replace(standing, state=target, until_utc=until_utc if target is EventState.SILENCED else 0)
    if action is ChangeAction.COMMENTED:
        standing = entry.standing
    return record_change(
        records, entry, action, standing, by=by, at_utc=now_utc, text=text, until_utc=until_utc
    )


def _target(entry: TimelineEntry, action: ChangeAction) -> EventState:
    """Where an entry stands after an action.

    Raises:
        ConflictError: If it cannot be done.
    """
    state = entry.standing.state
    if action is ChangeAction.COMMENTED:
        return state
    if state is EventState.NOTED:
        raise ConflictError(f"Entry {entry.event.id} tells what was done; only alarms are {action.value}.")
    if action is ChangeAction.RESOLVED:
        return EventState.RESOLVED
    if state is EventState.RESOLVED:
        why = (
            "there is nothing left to acknowledge"
            if action is ChangeAction.ACKNOWLEDGED
            else "a silence would hold back nothing"
        )
        raise ConflictError(f"Entry {entry.event.id} is resolved; {why}.")
    if action is ChangeAction.SILENCED:
        return EventState.SILENCED
    assert action is ChangeAction.ACKNOWLEDGED, f"{action} is not for people"
    # Whoever has seen an alarm that is over has nothing left to do about it.
    return EventState.RESOLVED if entry.standing.end_utc else EventState.ACKNOWLEDGED


def _require_words(action: ChangeAction, text: str, until_utc: int, now_utc: int) -> None:
    if len(text) > _TEXT_MAX:
        raise InputError(f"The text has {len(text)} characters; write at most {_TEXT_MAX}.")
    if action is ChangeAction.COMMENTED and not text.strip():
        raise InputError("A comment without words says nothing; write some.")
    if action is ChangeAction.SILENCED and not now_utc < until_utc <= now_utc + _SILENCE_SECONDS_MAX:
        raise InputError("A silence ends after now and within 92 days; give such an instant.")


def elements_alone(topology: Topology, connections: Collection[int]) -> set[str]:
    """Connections, and the buses and branches that feed nobody else: what is known of them is known of these.

    Args:
        topology: Of the network.
        connections: Places in it. [index]
    """
    network, chosen = topology.network, set(connections)
    found = {network.connections[row].id for row in chosen}
    for row in chosen:
        bus = network.bus_index[network.connections[row].bus]
        for branch in topology.way_up(bus):
            if not chosen.issuperset(topology.connections_behind(branch)):
                break
            found |= {topology.branches[branch].id, network.buses[topology.far_bus(branch)].id}
    return found


def entry_as_dict(entry: TimelineEntry, changes: list[EventChange]) -> dict[str, Any]:
    """An entry as programs and pages get it; instants are seconds since 1970, UTC."""
    event, standing = entry.event, entry.standing
    return {
        "id": event.id,
        "kind": event.kind.value,
        "element": event.element,
        "severity": event.severity.value,
        "rule": event.rule,
        "state": standing.state.value,
        "at_utc": event.at_utc,
        "noted_utc": event.noted_utc,
        "end_utc": standing.end_utc or None,
        "silenced_until_utc": standing.until_utc or None,
        "worst": standing.worst,
        "worst_utc": standing.worst_utc or None,
        "by": event.by,
        "title": event.title,
        "data": event.data,
        "changes": [
            {
                "number": change.number,
                "action": change.action.value,
                "by": change.by,
                "at_utc": change.at_utc,
                "text": change.text,
                "until_utc": change.until_utc or None,
            }
            for change in changes
        ],
    }
