"""Messages about networks: written with what they tell, sent until they arrive or are given up.

A message is a row that is written in the transaction of the first entry that it tells of. It gathers more until it is
due; then its body is fixed and it is sent. A crash in between finds the row again: nothing is lost, and what was sent
but not noted is sent again under the same id, by which a receiver knows it (its header, or the mail's Message-ID).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.grid.alarms import AlarmSeverity, Channel
from backend.ports.failpoints import reach
from backend.ports.grid_event_records import (
    EventKind,
    EventRecord,
    EventStanding,
    EventState,
    MessageRecord,
    MessageState,
)
from backend.services.grid.event_settings import routes_in_force, time_zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.grid.alarms import Route
    from backend.ports import Clock, Records, RecordStore
    from backend.ports.grid_event_records import TimelineEntry
    from backend.ports.grid_messages import Delivery, MessageSender

__all__ = ["RETRY_SECONDS", "Dispatch", "announce", "send_due"]

#: Pauses after each try that failed; after the last one a message is given up, a day and a half after its first.
RETRY_SECONDS = (30, 120, 600, 3_600, 3 * 3_600, 8 * 3_600, 24 * 3_600)
# A message that is being sent is nobody else's for this long; a process that died in it is taken over then.
_CLAIM_SECONDS = 180
_HOUR_SECONDS = 3_600
_TOLD_MAX = 100


def announce(records: Records, event: EventRecord, now_utc: int, *, is_end: bool = False) -> int:
    """Have an entry told to whom the routes say, with others that wait for the same.

    Args:
        records: Of the transaction that the entry is noted in.
        event: The entry.
        now_utc: [s since 1970, UTC]
        is_end: Is its end what is told?

    Returns:
        How many messages it is in.
    """
    chosen = [
        route
        for route in routes_in_force(records, event.network)
        if route.carries(event.kind.value, event.severity) and (route.tells_end or not is_end)
    ]
    if not chosen:
        return 0
    zone = time_zone_of(records, records.network(event.network))
    waiting = records.messages(event.network, [MessageState.GATHERING])
    for route in chosen:
        own = [one for one in waiting if one.route == route.id]
        if any(event.id in one.entries for one in own):
            continue  # it is told with how it stands when the message goes
        mates = [one for one in own if not _is_full(one, route)]
        recent = records.messages(event.network, since_utc=now_utc - 2 * _HOUR_SECONDS)
        times = [one.done_utc or one.due_utc for one in recent if one.route == route.id and one not in mates]
        due = route.due_utc(
            event.severity, now_utc, [at for at in times if at > now_utc - _HOUR_SECONDS], zone
        )
        if mates:
            mate = mates[0]
            joined = replace(mate, entries=(*mate.entries, event.id), due_utc=min(mate.due_utc, due))
            records.put_message(joined)
            continue
        told = json.dumps([event.network, route.id, event.id, is_end, now_utc])
        name = hashlib.sha256(told.encode()).hexdigest()[:32]
        if records.message(name) is None:
            records.put_message(
                MessageRecord(
                    name, event.network, route.id, MessageState.GATHERING, (event.id,), "", now_utc, due
                )
            )
    return len(chosen)


def _is_full(message: MessageRecord, route: Route) -> bool:
    """Can no more join it? A program gets every entry; people get as many as they read, and a count."""
    return route.channel is Channel.WEBHOOK and len(message.entries) >= _TOLD_MAX


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What became of messages that were due. [1]"""

    sent: int = 0
    postponed: int = 0
    given_up: int = 0


def send_due(
    store: RecordStore, clock: Clock, senders: Mapping[Channel, MessageSender], network: str | None = None
) -> Dispatch:
    """Send what is due, one after the other.

    Args:
        store: Records.
        clock: Time.
        senders: By channel.
        network: Of this one alone, or of all.
    """
    counts = {MessageState.SENT: 0, MessageState.SEALED: 0, MessageState.GIVEN_UP: 0}
    with store.reading() as records:
        unsent = records.messages(network, [MessageState.GATHERING, MessageState.SEALED])
    for message in unsent:
        if message.due_utc > clock.now_utc():
            continue
        claimed = _claim(store, message.id, clock.now_utc())
        if claimed is None:
            continue
        route, sealed = claimed
        reach("grid.message_claimed")
        delivery = None if route is None else senders[route.channel].send(route, sealed.id, sealed.body)
        reach("grid.message_sent")
        counts[_conclude(store, sealed, delivery, clock.now_utc())] += 1
    return Dispatch(
        *(counts[state] for state in (MessageState.SENT, MessageState.SEALED, MessageState.GIVEN_UP))
    )


def _claim(store: RecordStore, name: str, now_utc: int) -> tuple[Route | None, MessageRecord] | None:
    """Take a message for this process, its body fixed; None where another one was faster."""
    with store.transaction() as records:
        message = records.message(name)
        if message is None or message.state not in {MessageState.GATHERING, MessageState.SEALED}:
            return None
        if message.due_utc > now_utc:
            return None
        routes = routes_in_force(records, message.network)
        route = next((one for one in routes if one.id == message.route and one.is_enabled), None)
        if message.state is MessageState.GATHERING and route is not None:
            message = replace(message, state=MessageState.SEALED, body=_body(records, message, route))
        message = replace(message, due_utc=now_utc + _CLAIM_SECONDS, attempts=message.attempts + 1)
        records.put_message(message)
    return route, message


def _conclude(
    store: RecordStore, message: MessageRecord, delivery: Delivery | None, now_utc: int
) -> MessageState:
    """Keep what became of a try, and put what is final on the timeline."""
    is_last = message.attempts > len(RETRY_SECONDS)
    if delivery is None:
        after = replace(message, state=MessageState.GIVEN_UP, error="the route is no longer in use")
    elif delivery.arrived:
        after = replace(message, state=MessageState.SENT, error=delivery.error)
    elif delivery.is_hopeless or is_last:
        after = replace(message, state=MessageState.GIVEN_UP, error=delivery.error)
    else:
        pause = RETRY_SECONDS[message.attempts - 1]
        after = replace(message, error=delivery.error, due_utc=now_utc + pause)
    if after.state is not MessageState.SEALED:
        after = replace(after, done_utc=now_utc)
    with store.transaction() as records:
        if records.message(message.id) is None:
            return after.state  # forgotten meanwhile, with the connection that it told of
        records.put_message(after)
        if after.state is not MessageState.SEALED:
            _note(records, after, now_utc)
    return after.state


def _note(records: Records, message: MessageRecord, now_utc: int) -> None:
    """The fate of a message on the timeline; no route carries these, or a dead line would never be quiet."""
    is_sent = message.state is MessageState.SENT
    count = len(message.entries)
    told = f"{count} entr{'y' if count == 1 else 'ies'}"
    title = f"Told {message.route} of {told}" if is_sent else f"Gave up telling {message.route} of {told}"
    event = EventRecord(
        id=f"message-{message.id}",
        network=message.network,
        kind=EventKind.MESSAGE,
        element="",
        severity=AlarmSeverity.INFO if is_sent else AlarmSeverity.WARNING,
        rule="",
        at_utc=now_utc,
        noted_utc=now_utc,
        by="",
        title=title if is_sent else f"{title}: {message.error}",
        data={"message": message.id, "route": message.route, "attempts": message.attempts, "entries": count},
    )
    records.add_event(event, EventStanding(event.id, EventState.NOTED))


# what is said


def _body(records: Records, message: MessageRecord, route: Route) -> str:
    record = records.network(message.network)
    entries = records.timeline_entries(message.entries)
    gravest_first = sorted(
        entries, key=lambda one: (-one.event.severity.rank, one.event.at_utc, one.event.id)
    )
    told = gravest_first[:_TOLD_MAX]
    if route.channel is Channel.WEBHOOK:
        content: dict[str, Any] = {
            "id": message.id,
            "network": message.network,
            "community": record.community,
            "route": route.id,
            "entries": [_as_json(entry) for entry in told],
        }
    else:
        content = {"subject": _subject(record.name, entries), "text": _text(told, len(entries) - len(told))}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _as_json(entry: TimelineEntry) -> dict[str, Any]:
    event, standing = entry.event, entry.standing
    return {
        "id": event.id,
        "kind": event.kind.value,
        "element": event.element,
        "severity": event.severity.value,
        "rule": event.rule,
        "state": standing.state.value,
        "at": _instant(event.at_utc),
        "noted": _instant(event.noted_utc),
        "end": _instant(standing.end_utc) if standing.end_utc else None,
        "worst": standing.worst,
        "title": event.title,
        "data": event.data,
    }


def _subject(network: str, entries: Sequence[TimelineEntry]) -> str:
    if len(entries) == 1:
        return f"[{network}] {entries[0].event.severity.value}: {entries[0].event.title}"[:150]
    counts = dict.fromkeys(reversed(AlarmSeverity), 0)
    for entry in entries:
        counts[entry.event.severity] += 1
    told = ", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count)
    return f"[{network}] {told}"


def _text(entries: Sequence[TimelineEntry], left_out: int) -> str:
    lines = []
    for entry in entries:
        event, standing = entry.event, entry.standing
        over = f", over since {_instant(standing.end_utc)}" if standing.end_utc else ""
        lines.append(f"{event.severity.value:<8}  {_instant(event.at_utc)}  {event.title}{over}")
    if left_out:
        lines.append(f"and {left_out} more; the timeline of the network has them all.")
    return "\n".join(lines) + "\n"


def _instant(seconds_utc: int) -> str:
    return datetime.fromtimestamp(seconds_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
