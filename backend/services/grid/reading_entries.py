"""Readings on a network's timeline: what came in, a day at a time, and what was returned to the operator.

A day is told once it is over, however many loads it had: readings that arrive by themselves are a load every few
seconds. Who is behind a connection is not said, nor its metering point.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.grid.alarms import AlarmSeverity
from backend.metering.decisions import SpanTreatment
from backend.ports.grid_event_records import EventKind
from backend.services.grid.events import note_event

if TYPE_CHECKING:
    from backend.ports import IntervalStore, ReadingLoad, Records, RecordStore
    from backend.ports.grid_records import NetworkRecord
    from backend.ports.treatment_records import ReadingDecision

__all__ = ["note_readings"]

_DAY = 86_400


def note_readings(store: RecordStore, intervals: IntervalStore, network: str, now_utc: int) -> int:
    """Note the days that are over and the decisions that are new since it was done last.

    Args:
        store: Records.
        intervals: Loads of readings.
        network: Name; nothing is noted of one that is no community's.
        now_utc: [s since 1970, UTC]

    Returns:
        How many entries are new.
    """
    with store.reading() as records:
        record = records.network(network)
        known = records.fact(_fact(network)) or {}
        newest = max((one.number for one in _decisions(records, record)), default=0)
    day = known.get("day", record.loaded_utc // _DAY * _DAY)
    today = now_utc // _DAY * _DAY
    if not record.community or (day >= today and known.get("decisions", 0) == newest):
        return 0
    by_day: dict[int, list[ReadingLoad]] = {}
    for load in intervals.loads(record.community) if day < today else ():
        if day <= load.received_utc < today:
            by_day.setdefault(load.received_utc // _DAY * _DAY, []).append(load)
    with store.transaction() as records:
        count = sum(_note_day(records, network, loads, now_utc) for _, loads in sorted(by_day.items()))
        for decision in _decisions(records, record):
            if decision.number > known.get("decisions", 0) and decision.treatment is SpanTreatment.RETURNED:
                count += _note_return(records, record, decision, now_utc)
        records.put_fact(_fact(network), {"day": max(day, today), "decisions": newest})
    return count


def _fact(network: str) -> str:
    return f"grid/readings/{network}"


def _decisions(records: Records, record: NetworkRecord) -> list[ReadingDecision]:
    return list(records.decisions(record.community)) if record.community else []


def _note_day(records: Records, network: str, loads: list[ReadingLoad], now_utc: int) -> bool:
    readings, registers = (sum(getattr(load, name) for load in loads) for name in ("rows", "registers"))
    count = len(loads)
    last = max(load.received_utc for load in loads)
    data: dict[str, Any] = {"loads": count, "readings": readings, "register_reads": registers}
    return note_event(
        records,
        network=network,
        kind=EventKind.READINGS,
        title=f"{readings:,} readings came in {count} load{'' if count == 1 else 's'}",
        at_utc=last,
        noted_utc=now_utc,
        data=data,
        event_id=f"readings-{network}-{last // _DAY * _DAY}",
    )


def _note_return(records: Records, record: NetworkRecord, decision: ReadingDecision, now_utc: int) -> int:
    """At every connection of the network that the point is joined to."""
    count = 0
    for joined in records.network_points(record.community, [decision.metering_point]):
        if joined.network != record.name:
            continue
        span = f"{_told(decision.start_utc)} to {_told(decision.end_utc)}"
        count += note_event(
            records,
            network=record.name,
            kind=EventKind.READINGS,
            element=joined.connection,
            severity=AlarmSeverity.WARNING,
            title=f"Readings of connection {joined.connection} from {span} were returned: they count as missing",
            at_utc=decision.decided_utc,
            noted_utc=now_utc,
            by=decision.decided_by,
            data={"from_utc": decision.start_utc, "to_utc": decision.end_utc, "rule": decision.rule},
            event_id=f"returned-{record.name}-{joined.connection}-{decision.number}",
        )
    return count


def _told(instant_utc: int) -> str:
    return datetime.fromtimestamp(instant_utc, UTC).strftime("%Y-%m-%dT%H:%MZ")
