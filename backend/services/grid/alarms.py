"""Finding alarms: a network's rules held against what its measures have come to since they were looked at last.

What was looked at is remembered with what was found, in one transaction: a crash neither loses an alarm nor tells it
twice. Alarms that are there already only go on, or end. Looking again from an earlier instant, after readings were
corrected, takes back what is no longer found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError
from backend.grid.alarms import AlarmSeverity, Carry, digest_rule, find_alarms
from backend.grid.alarms.measures import traits_of
from backend.ports.failpoints import reach
from backend.ports.grid_event_records import (
    ChangeAction,
    EventKind,
    EventQuery,
    EventRecord,
    EventStanding,
    EventState,
    alarm_memory,
)
from backend.services.grid.event_settings import rules_in_force
from backend.services.grid.events import note_event, record_change
from backend.services.grid.messages import announce

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.grid.alarms import Alarm, AlarmRule, Measure, MeasureSeries
    from backend.ports import Clock, Records, RecordStore
    from backend.ports.grid_event_records import TimelineEntry
    from backend.ports.grid_measures import MeasureSource
    from backend.ports.grid_records import NetworkRecord

__all__ = ["AlarmRun", "end_silences", "look_for_alarms"]

_DAY_SECONDS = 86_400
_PIECE_SECONDS = 7 * _DAY_SECONDS
_FIRST_SECONDS = 8 * _PIECE_SECONDS
# What was over longer ago is found, but told to nobody: a network's first look finds months.
_NEWS_SECONDS = _PIECE_SECONDS
_ENTRIES_MAX = 1_000_000


@dataclass(slots=True)
class AlarmRun:
    """What was found.

    Attributes:
        begun: Ids of alarms that are new.
        ended: Ids of alarms whose value is back within its limit.
        withdrawn: Ids of alarms that readings as they are known now do not show.
        looked_at: By measure, from when until when. [s since 1970, UTC]
    """

    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    looked_at: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Memory:
    """What was looked at until when, and what rules remember: JSON-ready, by network."""

    until: dict[str, int]
    carries: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, records: Records, network: str) -> _Memory:
        kept = records.fact(alarm_memory(network)) or {"until": {}, "carries": {}}
        return cls(dict(kept["until"]), dict(kept["carries"]))

    def keep(self, records: Records, network: str) -> None:
        records.put_fact(alarm_memory(network), {"until": self.until, "carries": self.carries})

    def carries_of(self, rule: AlarmRule, kind: str) -> dict[str, Carry]:
        """What a rule remembers; nothing where it watches otherwise by now."""
        kept = self.carries.get(rule.id)
        if kept is None or kept["digest"] != digest_rule(rule) or kept["kind"] != kind:
            return {}
        return {element: Carry(**carry) for element, carry in kept["elements"].items()}

    def remember(self, rule: AlarmRule, kind: str, carries: dict[str, Carry]) -> None:
        told = {element: carry.as_dict() for element, carry in carries.items()}
        self.carries[rule.id] = {"digest": digest_rule(rule), "kind": kind, "elements": told}


def look_for_alarms(
    store: RecordStore, clock: Clock, source: MeasureSource, network: str, begin_utc: int | None = None
) -> AlarmRun:
    """Hold a network's rules against what is new.

    Args:
        store: Records.
        clock: Time.
        source: Measures.
        network: Name.
        begin_utc: Look again from here on; None to go on where it was looked at last. [s since 1970, UTC]

    Raises:
        NotFoundError: If there is no such network.
        InputError: If it is to be looked at from an instant that is still to come.
    """
    with store.reading() as records:
        record = records.network(network)
        rules = [rule for rule in rules_in_force(records, network) if rule.is_enabled]
        memory = _Memory.of(records, network)
    if begin_utc is not None and begin_utc > clock.now_utc():
        raise InputError(f"Alarms are looked for until now; {begin_utc} s since 1970 is still to come.")
    run = AlarmRun()
    spans = source.spans(record, tuple(dict.fromkeys(rule.measure for rule in rules)))
    if begin_utc is not None:
        begin_utc = _forget_since(store, network, memory, rules, begin_utc)
    found_again: set[str] = set()
    for (first, until), measures in _alike(spans, memory, begin_utc).items():
        for measure in measures:
            run.looked_at[measure.value] = (first, until)
        known = {measure: memory.until.get(measure.value) for measure in measures}
        for begin in range(first, until, _PIECE_SECONDS):
            end = min(until, begin + _PIECE_SECONDS)
            piece = source.series(record, measures, begin, end)
            found_again |= _judge(store, clock, record, rules, known, piece, end, run)
            known = dict.fromkeys(measures, end)
            reach("grid.alarms_judged")
    if begin_utc is not None:
        _withdraw(store, clock, network, rules, begin_utc, found_again, run)
    _end_stale(store, clock, network, rules, run)
    return run


def _alike(
    spans: Mapping[Measure, tuple[int, int]], memory: _Memory, begin_utc: int | None
) -> dict[tuple[int, int], list[Measure]]:
    """Measures that are due from the same instant until the same: they are computed at once."""
    groups: dict[tuple[int, int], list[Measure]] = {}
    for measure, (begin, until) in spans.items():
        known = memory.until.get(measure.value, until - _FIRST_SECONDS)
        first = max(begin, known if begin_utc is None else min(begin_utc, until))
        if first < until:
            groups.setdefault((first, until), []).append(measure)
    return groups


def _judge(
    store: RecordStore,
    clock: Clock,
    record: NetworkRecord,
    rules: Sequence[AlarmRule],
    known: Mapping[Measure, int | None],
    piece: Sequence[MeasureSeries],
    end_utc: int,
    run: AlarmRun,
) -> set[str]:
    """Hold rules against a piece; what is found and what is remembered are kept together."""
    seen: set[str] = set()
    with store.transaction() as records:
        memory = _Memory.of(records, record.name)
        if any(memory.until.get(measure.value) != until for measure, until in known.items()):
            raise ConflictError(
                f"Somebody else looked for alarms of network {record.name} meanwhile; what they found stands."
            )
        for series in piece:
            for rule in rules:
                if rule.measure is not series.measure or rule.kind is not series.kind:
                    continue
                carries = memory.carries_of(rule, series.kind.value)
                alarms, after = find_alarms(record.name, rule, series, carries)
                memory.remember(rule, series.kind.value, after)
                seen |= {alarm.id for alarm in alarms}
                _note_alarms(records, record.name, alarms, series.end_utc, clock.now_utc(), run)
        _note_unsolved(records, record.name, piece, clock.now_utc())
        for measure in known:
            memory.until[measure.value] = end_utc
        memory.keep(records, record.name)
    return seen


def _note_unsolved(records: Records, network: str, piece: Sequence[MeasureSeries], now_utc: int) -> None:
    """Note days (UTC) with intervals that power flow has no solution of, each once; the others are judged."""
    days: dict[int, list[int]] = {}
    for start in sorted({start for series in piece for start in series.unsolved}):
        days.setdefault(start // _DAY_SECONDS, []).append(start)
    for day, starts in days.items():
        first = datetime.fromtimestamp(starts[0], UTC)
        note_event(
            records,
            network=network,
            kind=EventKind.NETWORK,
            severity=AlarmSeverity.WARNING,
            title=f"Power flow has no solution at {first:%Y-%m-%d %H:%M} UTC; look at the readings and ratings then",
            at_utc=starts[0],
            noted_utc=now_utc,
            data={"unsolved_utc": starts},
            event_id=hashlib.sha256(f"unsolved {network} {day}".encode()).hexdigest()[:32],
        )


def _note_alarms(
    records: Records, network: str, alarms: Sequence[Alarm], seen_utc: int, now_utc: int, run: AlarmRun
) -> None:
    """Keep alarms that were found in values until ``seen_utc``."""
    known = {entry.event.id: entry for entry in records.timeline_entries({alarm.id for alarm in alarms})}
    for alarm in alarms:
        if alarm.id in known:
            _go_on(records, known[alarm.id], alarm, seen_utc, now_utc, run)
        else:
            _begin(records, network, alarm, now_utc, run)


def _begin(records: Records, network: str, alarm: Alarm, now_utc: int, run: AlarmRun) -> None:
    silence = _silence(records, network, alarm, now_utc)
    event = EventRecord(
        id=alarm.id,
        network=network,
        kind=EventKind.ALARM,
        element=alarm.element,
        severity=alarm.severity,
        rule=alarm.rule,
        at_utc=alarm.begin_utc,
        noted_utc=now_utc,
        by="",
        title=_title(alarm),
        data={
            "element_kind": alarm.kind.value,
            "measure": alarm.measure.value,
            "limit": alarm.limit,
            "unit": alarm.unit,
            "value": alarm.worst,
        },
    )
    state = EventState.SILENCED if silence else EventState.OPEN
    standing = EventStanding(alarm.id, state, silence, worst=alarm.worst, worst_utc=alarm.worst_utc)
    records.add_event(event, standing)
    run.begun.append(alarm.id)
    is_news = alarm.end_utc is None or alarm.end_utc > now_utc - _NEWS_SECONDS
    if is_news and not silence:
        announce(records, event, now_utc)
    if alarm.end_utc is not None:
        _end(records, records.timeline_entry(network, alarm.id), alarm.end_utc, now_utc, run)


def _silence(records: Records, network: str, alarm: Alarm, now_utc: int) -> int:
    """Until when the rule is silenced at the element, 0 where it is not. [s since 1970, UTC]

    A silence outlasts the alarm that it was said of: what comes and goes would break it with its next coming.
    """
    query = EventQuery(kinds=(EventKind.ALARM,), element=alarm.element, rule=alarm.rule)
    ends = [entry.standing.until_utc for entry in records.timeline(network, query)]
    return max((end for end in ends if end > now_utc), default=0)


def _title(alarm: Alarm) -> str:
    traits = traits_of(alarm.measure)
    side = "below" if traits.is_low else "above"
    unit = "" if traits.unit == "1" else f" {traits.unit}"
    return f"{alarm.element}: {traits.title} {_figure(alarm.worst)}{unit}, {side} {alarm.limit:g}{unit}"


def _figure(value: float) -> str:
    """A value for people: four digits, or all before the point."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"  # noqa: PLR2004 -- four digits


def _go_on(
    records: Records, entry: TimelineEntry, alarm: Alarm, seen_utc: int, now_utc: int, run: AlarmRun
) -> None:
    """An alarm that is known: how bad it has become, and whether it ended."""
    standing = entry.standing
    after = replace(standing, worst=alarm.worst, worst_utc=alarm.worst_utc)
    if after != standing:
        records.put_standing(after)
        entry = replace(entry, standing=after)
    if alarm.end_utc is not None and alarm.end_utc != standing.end_utc:
        _end(records, entry, alarm.end_utc, now_utc, run)
    elif alarm.end_utc is None and 0 < standing.end_utc < seen_utc:
        again = replace(after, end_utc=0, state=EventState.OPEN)
        record_change(records, entry, ChangeAction.REOPENED, again, by="", at_utc=now_utc, text="it goes on")


def _end(records: Records, entry: TimelineEntry, end_utc: int, now_utc: int, run: AlarmRun) -> None:
    """An alarm is over; one that somebody has seen, or that nobody needs to, is resolved with it."""
    standing = entry.standing
    is_seen = standing.state is not EventState.OPEN or entry.event.severity.rank == 0
    state = EventState.RESOLVED if is_seen else EventState.OPEN
    after = replace(standing, end_utc=end_utc, state=state)
    record_change(records, entry, ChangeAction.ENDED, after, by="", at_utc=now_utc)
    run.ended.append(entry.event.id)
    if standing.state is not EventState.SILENCED and end_utc > now_utc - _NEWS_SECONDS:
        announce(records, entry.event, now_utc, is_end=True)


# looking again


def _forget_since(
    store: RecordStore, network: str, memory: _Memory, rules: Sequence[AlarmRule], begin_utc: int
) -> int:
    """Let rules remember nothing; returns from when to look, so that no alarm is cut in two."""
    names = {rule.id for rule in rules}
    with store.transaction() as records:
        query = EventQuery(kinds=(EventKind.ALARM,), end_utc=begin_utc, limit=_ENTRIES_MAX)
        for entry in records.timeline(
            network, query
        ):  # the newest first: a begin may reach into one before it
            over = entry.standing.end_utc
            if entry.event.rule in names and (not over or over > begin_utc):
                begin_utc = min(begin_utc, entry.event.at_utc)
        memory.until.clear()
        memory.carries.clear()
        memory.keep(records, network)
    return begin_utc


def _withdraw(
    store: RecordStore,
    clock: Clock,
    network: str,
    rules: Sequence[AlarmRule],
    begin_utc: int,
    found: set[str],
    run: AlarmRun,
) -> None:
    """Take back alarms that began in what was looked at again and were not found."""
    spans = {rule.id: run.looked_at.get(rule.measure.value) for rule in rules}
    with store.transaction() as records:
        query = EventQuery(kinds=(EventKind.ALARM,), begin_utc=begin_utc, limit=_ENTRIES_MAX)
        for entry in records.timeline(network, query):
            span = spans.get(entry.event.rule)
            is_gone = entry.standing.state is EventState.RESOLVED and entry.standing.end_utc
            if span is None or entry.event.id in found or is_gone:
                continue
            if span[0] <= entry.event.at_utc < span[1]:
                why = "readings as they are known now do not show it"
                _take_back(records, entry, clock.now_utc(), why)
                run.withdrawn.append(entry.event.id)


def _end_stale(
    store: RecordStore, clock: Clock, network: str, rules: Sequence[AlarmRule], run: AlarmRun
) -> None:
    """Take back alarms that last, but whose rule watches nothing of the kind any more."""
    with store.transaction() as records:
        memory = _Memory.of(records, network)
        known = {rule.id: digest_rule(rule) for rule in rules}
        query = EventQuery(kinds=(EventKind.ALARM,), lasting=True, limit=_ENTRIES_MAX)
        for entry in records.timeline(network, query):
            kept = memory.carries.get(entry.event.rule, {"digest": "", "elements": {}})
            carry = kept["elements"].get(entry.event.element)
            holds = kept["digest"] == known.get(entry.event.rule)
            if holds and carry is not None and carry["begin_utc"] == entry.event.at_utc:
                continue
            if entry.standing.state is not EventState.RESOLVED:
                _take_back(records, entry, clock.now_utc(), "its rule or its element is no longer watched so")
                run.withdrawn.append(entry.event.id)
        gone = memory.carries.keys() - known.keys()
        if gone:
            for name in gone:
                del memory.carries[name]
            memory.keep(records, network)


def _take_back(records: Records, entry: TimelineEntry, now_utc: int, why: str) -> None:
    after = replace(entry.standing, state=EventState.RESOLVED, end_utc=entry.standing.end_utc or now_utc)
    record_change(records, entry, ChangeAction.WITHDRAWN, after, by="", at_utc=now_utc, text=why)


def end_silences(store: RecordStore, clock: Clock, network: str) -> list[str]:
    """Open alarms again whose silence is over and that last still, and tell them; returns their ids."""
    now = clock.now_utc()
    opened = []
    with store.transaction() as records:
        query = EventQuery(states=(EventState.SILENCED,), limit=_ENTRIES_MAX)
        for entry in records.timeline(network, query):
            if entry.standing.until_utc > now:
                continue
            after = replace(entry.standing, state=EventState.OPEN, until_utc=0)
            record_change(
                records, entry, ChangeAction.REOPENED, after, by="", at_utc=now, text="the silence is over"
            )
            announce(records, entry.event, now)
            opened.append(entry.event.id)
    return opened
