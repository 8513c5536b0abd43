"""Timelines, settings, messages and work orders of networks: what was noted and done never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, cast, delete, or_, update
from sqlmodel import col, select

from backend.adapters.store.grid_event_tables import (
    EventChangeRow,
    EventRow,
    MessageRow,
    SettingRow,
    StandingRow,
    WorkOrderRow,
    WorkStepRow,
)
from backend.adapters.store.grid_plan_records import rename_in_document
from backend.adapters.store.grid_plan_tables import PlanRow
from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import FactRow
from backend.errors import NotFoundError
from backend.ports.grid_event_records import (
    EventChange,
    EventQuery,
    EventRecord,
    EventStanding,
    MessageRecord,
    MessageState,
    SettingKind,
    SettingRecord,
    TimelineEntry,
    WorkOrderRecord,
    WorkStepRecord,
    alarm_memory,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["GridEventRecords"]

# Ids that one statement asks for: both engines bound their parameters.
_ASKED_AT_ONCE = 500
# What a work order's details tell of the wire alone; the gain is what somebody draws, all else is somebody's words.
_OF_THE_WIRE = frozenset({"number", "place", "crew_place", "spur", "from", "to"})


class GridEventRecords(RecordSet):
    """Implements ``backend.ports.grid_event_records.GridEventRecords``."""

    # the timeline
    def add_event(self, record: EventRecord, standing: EventStanding) -> bool:
        """See the port."""
        row = row_of(EventRow, record)
        if self._kept(row) is not None:
            return False
        session = self._writer()
        session.add(row)
        session.flush()
        session.add(row_of(StandingRow, standing))
        session.flush()
        return True

    def timeline_entry(self, network: str, event: str) -> TimelineEntry:
        """See the port."""
        entries = self.timeline_entries([event])
        if not entries or entries[0].event.network != network:
            raise NotFoundError(f"The timeline of network {network!r} has no entry {event!r}.")
        return entries[0]

    def timeline(self, network: str, query: EventQuery) -> Sequence[TimelineEntry]:
        """See the port."""
        entry, standing = EventRow, StandingRow
        statement = self._entries().where(entry.network == network)
        for column, value in ((entry.element, query.element), (entry.rule, query.rule)):
            if value:
                statement = statement.where(col(column) == value)
        if query.begin_utc is not None:
            statement = statement.where(col(entry.at_utc) >= query.begin_utc)
        if query.end_utc is not None:
            statement = statement.where(col(entry.at_utc) < query.end_utc)
        wanted: tuple[tuple[Any, Sequence[Any]], ...] = (
            (standing.state, query.states),
            (entry.severity, query.severities),
            (entry.kind, query.kinds),
        )
        for column, values in wanted:
            if values:
                statement = statement.where(col(column).in_(values))
        if query.lasting:
            statement = statement.where(entry.rule != "", standing.end_utc == 0)
        if query.before is not None:
            at_utc, event = query.before
            older = and_(col(entry.at_utc) == at_utc, col(entry.id) < event)
            statement = statement.where(or_(col(entry.at_utc) < at_utc, older))
        ordered = statement.order_by(col(entry.at_utc).desc(), col(entry.id).desc()).limit(query.limit)
        return [_entry(*found) for found in self._session.exec(ordered)]

    def timeline_entries(self, events: Collection[str]) -> Sequence[TimelineEntry]:
        """See the port."""
        found = [
            _entry(*pair)
            for part in _parts(events)
            for pair in self._session.exec(self._entries().where(col(EventRow.id).in_(part)))
        ]
        return sorted(found, key=lambda entry: (entry.event.at_utc, entry.event.id))

    @staticmethod
    def _entries() -> Any:
        return select(EventRow, StandingRow).join(StandingRow, col(StandingRow.event) == col(EventRow.id))

    def put_standing(self, standing: EventStanding) -> None:
        """See the port."""
        self._put(row_of(StandingRow, standing))

    def add_event_change(self, record: EventChange) -> None:
        """See the port."""
        self._keep_once(row_of(EventChangeRow, record), f"Change {record.number} of entry {record.event}")

    def event_changes(self, events: Collection[str]) -> Sequence[EventChange]:
        """See the port."""
        row = EventChangeRow
        found = [
            record_of(EventChange, one)
            for part in _parts(events)
            for one in self._session.exec(select(row).where(col(row.event).in_(part)))
        ]
        return sorted(found, key=lambda change: (change.event, change.number))

    # settings
    def add_grid_setting(self, record: SettingRecord) -> None:
        """See the port."""
        what = f"Version {record.version} of the {record.kind} of network {record.network}"
        self._keep_once(row_of(SettingRow, record), what)

    def grid_setting(self, network: str, kind: SettingKind, version: int = 0) -> SettingRecord | None:
        """See the port."""
        row = SettingRow
        statement = select(row).where(row.network == network, row.kind == kind)
        if version:
            statement = statement.where(row.version == version)
        found = self._session.exec(statement.order_by(col(row.version).desc()).limit(1)).first()
        return None if found is None else record_of(SettingRecord, found)

    # messages
    def put_message(self, record: MessageRecord) -> None:
        """See the port."""
        self._put(row_of(MessageRow, record))

    def message(self, message: str) -> MessageRecord | None:
        """See the port."""
        row = self._session.get(MessageRow, message)
        return None if row is None else record_of(MessageRecord, row)

    def messages(
        self, network: str | None = None, states: Collection[MessageState] = (), since_utc: int = 0
    ) -> Sequence[MessageRecord]:
        """See the port."""
        row = MessageRow
        statement = select(row).where(col(row.created_utc) >= since_utc)
        if network is not None:
            statement = statement.where(row.network == network)
        if states:
            statement = statement.where(col(row.state).in_(list(states)))
        ordered = statement.order_by(col(row.created_utc), col(row.id))
        return [record_of(MessageRecord, one) for one in self._session.exec(ordered)]

    # work
    def add_work_order(self, record: WorkOrderRecord) -> bool:
        """See the port."""
        row = row_of(WorkOrderRow, record)
        if self._kept(row) is not None:
            return False
        self._writer().add(row)
        self._writer().flush()
        return True

    def work_orders(self, network: str, plan: str | None = None) -> Sequence[WorkOrderRecord]:
        """See the port."""
        row = WorkOrderRow
        statement = select(row).where(row.network == network)
        if plan is not None:
            statement = statement.where(row.plan == plan)
        found = [record_of(WorkOrderRecord, one) for one in self._session.exec(statement)]
        return sorted(
            found, key=lambda one: (-one.created_utc, one.plan, one.details.get("place", 0), one.id)
        )

    def work_order(self, network: str, order: str) -> WorkOrderRecord:
        """See the port."""
        row = self._session.get(WorkOrderRow, order)
        if row is None or row.network != network:
            raise NotFoundError(f"Network {network!r} has no work order {order!r}.")
        return record_of(WorkOrderRecord, row)

    def add_work_step(self, record: WorkStepRecord) -> None:
        """See the port."""
        self._keep_once(
            row_of(WorkStepRow, record), f"Step {record.number} of work order {record.work_order}"
        )

    def work_steps(self, orders: Collection[str]) -> Sequence[WorkStepRecord]:
        """See the port."""
        row = WorkStepRow
        found = [
            record_of(WorkStepRecord, one)
            for part in _parts(orders)
            for one in self._session.exec(select(row).where(col(row.work_order).in_(part)))
        ]
        return sorted(found, key=lambda step: (step.work_order, step.number))

    # forgetting
    def erase_connection_events(self, network: str, elements: Collection[str]) -> None:
        """See the port."""
        session = self._writer()
        gone: list[str] = []
        for part in _parts(elements):
            about = select(EventRow.id).where(EventRow.network == network, col(EventRow.element).in_(part))
            gone += session.exec(about).all()
            orders = select(WorkOrderRow.id).where(
                WorkOrderRow.network == network, col(WorkOrderRow.element).in_(part)
            )
            session.execute(
                update(WorkStepRow).where(col(WorkStepRow.work_order).in_(orders)).values(fields={})
            )
            for row in session.exec(select(WorkOrderRow).where(col(WorkOrderRow.id).in_(orders))).all():
                row.title = f"Work at {row.element}"
                row.details = {key: one for key, one in row.details.items() if key in _OF_THE_WIRE}
        self._forget_alarms(network, elements)
        told = set(gone)
        for message in session.exec(select(MessageRow).where(MessageRow.network == network)).all():
            if not told.isdisjoint(message.entries):
                session.delete(message)
        session.flush()
        for part in _parts(gone):
            for table, key in (
                (EventChangeRow, EventChangeRow.event),
                (StandingRow, StandingRow.event),
                (EventRow, EventRow.id),
            ):
                session.execute(delete(table).where(col(key).in_(part)))
        session.expire_all()
        self.erased = True

    def _forget_alarms(self, network: str, elements: Collection[str]) -> None:
        """What rules remember of elements; else the next look would note an alarm that lasts once more."""
        kept = self._writer().get(FactRow, alarm_memory(network))
        if kept is None:
            return
        names = set(elements)
        carries = {
            rule: carry
            | {"elements": {name: one for name, one in carry["elements"].items() if name not in names}}
            for rule, carry in kept.value["carries"].items()
        }
        self._replace(kept, FactRow(name=kept.name, value=kept.value | {"carries": carries}))

    def rename_grid_actors(self, user: str, alias: str) -> None:
        """See the port."""
        session = self._writer()
        tables: tuple[tuple[type[Any], str], ...] = (
            (EventRow, "by"),
            (EventChangeRow, "by"),
            (SettingRow, "by"),
            (WorkOrderRow, "created_by"),
            (WorkStepRow, "by"),
            (PlanRow, "made_by"),
        )
        for table, column in tables:
            session.execute(update(table).where(getattr(table, column) == user).values({column: alias}))
        naming = select(PlanRow).where(cast(col(PlanRow.document), String).contains(user, autoescape=True))
        for row in session.exec(naming).all():
            row.document = rename_in_document(row.document, user, alias)
        session.flush()
        session.expire_all()


def _entry(event: EventRow, standing: StandingRow) -> TimelineEntry:
    return TimelineEntry(record_of(EventRecord, event), record_of(EventStanding, standing))


def _parts(ids: Iterable[str]) -> list[list[str]]:
    """Ids, a statement's worth at a time."""
    every = sorted(set(ids))
    return [every[place : place + _ASKED_AT_ONCE] for place in range(0, len(every), _ASKED_AT_ONCE)]
