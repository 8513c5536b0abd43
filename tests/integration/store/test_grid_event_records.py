"""Timelines, settings, messages and work orders in the store, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from backend.errors import ConflictError, NotFoundError
from backend.grid.alarms import AlarmSeverity
from backend.ports.grid_event_records import (
    ChangeAction,
    EventChange,
    EventKind,
    EventQuery,
    EventRecord,
    EventStanding,
    EventState,
    MessageRecord,
    MessageState,
    SettingKind,
    SettingRecord,
    WorkOrderRecord,
    WorkStepRecord,
    alarm_memory,
)
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from backend.adapters.store import DatabaseStore

NETWORK = network_record(small_network(), "toits")
T0 = 1_720_000_000


def event(name: str, at_utc: int, **more: Any) -> EventRecord:
    plain = EventRecord(
        id=name,
        network="rue",
        kind=EventKind.ALARM,
        element="T1",
        severity=AlarmSeverity.WARNING,
        rule="loaded",
        at_utc=at_utc,
        noted_utc=at_utc + 60,
        by="",
        title="T1 is loaded to 130 %",
        data={"limit": 100.0},
    )
    return replace(plain, **more)


FIRST, SECOND = event("b", T0), event("c", T0 + 900, element="ada", severity=AlarmSeverity.CRITICAL)
THIRD = event("a", T0 + 900, kind=EventKind.PLAN, rule="", element="")
OPEN = EventStanding("b", EventState.OPEN, worst=130.5, worst_utc=T0)
MESSAGE = MessageRecord("m1", "rue", "crew", MessageState.GATHERING, ("b",), "", T0, T0 + 300)
ORDER = WorkOrderRecord("w1", "rue", "phase-switch", 1, "p1", "ada", "Move ada", {"place": 2}, "ann", T0)
STEP = WorkStepRecord("w1", 1, "plan", "approved", "announce", {"crew": "north"}, "ann", "page", T0, T0 + 5)
SETTING = SettingRecord("rue", SettingKind.RULES, 1, [{"id": "loaded"}], "ann", T0)
CHANGE = EventChange("b", 1, ChangeAction.COMMENTED, "ann", T0 + 70, "the fair")


@pytest.fixture
def filled(store: DatabaseStore) -> DatabaseStore:
    with store.transaction() as records:
        records.put_network(NETWORK)
        records.add_event(FIRST, OPEN)
        records.add_event(SECOND, EventStanding("c", EventState.RESOLVED, end_utc=T0 + 1800))
        records.add_event(THIRD, EventStanding("a", EventState.NOTED))
        records.add_event_change(CHANGE)
        records.add_grid_setting(SETTING)
        records.put_message(MESSAGE)
        records.add_work_order(ORDER)
        records.add_work_step(STEP)
    return store


def ids(store: DatabaseStore, **query: Any) -> list[str]:
    with store.reading() as records:
        return [entry.event.id for entry in records.timeline("rue", EventQuery(**query))]


def test_a_timeline_has_the_newest_first_and_goes_on_after_any_of_them(filled: DatabaseStore) -> None:
    assert ids(filled) == ["c", "a", "b"]
    assert ids(filled, limit=1) == ["c"]
    assert ids(filled, before=(T0 + 900, "c")) == ["a", "b"]
    assert ids(filled, before=(T0 + 900, "a")) == ["b"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"states": (EventState.OPEN, EventState.NOTED)}, ["a", "b"]),
        ({"severities": (AlarmSeverity.CRITICAL,)}, ["c"]),
        ({"kinds": (EventKind.PLAN,)}, ["a"]),
        ({"element": "T1"}, ["b"]),
        ({"rule": "loaded", "lasting": True}, ["b"]),
        ({"begin_utc": T0 + 900}, ["c", "a"]),
        ({"end_utc": T0 + 900}, ["b"]),
    ],
)
def test_a_timeline_is_narrowed_by_what_is_asked(filled: DatabaseStore, query: Any, found: list[str]) -> None:
    assert ids(filled, **query) == found


def test_an_entry_is_kept_once_and_comes_back_as_it_was_noted(filled: DatabaseStore) -> None:
    with filled.transaction() as records:
        assert not records.add_event(replace(FIRST, title="other"), OPEN)
    with filled.reading() as records:
        entry = records.timeline_entry("rue", "b")
        assert (entry.event, entry.standing) == (FIRST, OPEN)
        assert [one.event.id for one in records.timeline_entries(["c", "b", "gone"])] == ["b", "c"]
        with pytest.raises(NotFoundError, match="no entry 'b'"):
            records.timeline_entry("other", "b")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grid_event SET title = 'x'",
        "DELETE FROM grid_event_change",
        "UPDATE grid_event_change SET text = 'x'",
        "UPDATE grid_setting SET at_utc = 0",
        "DELETE FROM grid_setting",
        "UPDATE grid_work_order SET title = 'x'",
        "DELETE FROM grid_work_step",
    ],
)
def test_what_was_noted_and_done_never_changes(filled: DatabaseStore, statement: str) -> None:
    with pytest.raises(ConflictError, match="never change"), filled.transaction() as records:
        records._writer().execute(text(statement))  # noqa: SLF001


def test_a_change_of_an_entry_has_a_number_of_its_own(filled: DatabaseStore) -> None:
    with pytest.raises(ConflictError, match="Change 1 of entry b"), filled.transaction() as records:
        records.add_event_change(replace(CHANGE, text="another"))
    with filled.reading() as records:
        assert records.event_changes(["b", "c"]) == [CHANGE]


def test_where_an_entry_stands_follows(filled: DatabaseStore) -> None:
    now = replace(OPEN, state=EventState.SILENCED, until_utc=T0 + 9_000, changes=2)
    with filled.transaction() as records:
        records.put_standing(now)
    with filled.reading() as records:
        assert records.timeline_entry("rue", "b").standing == now


def test_the_newest_version_of_a_setting_is_in_force_and_the_older_ones_stay(filled: DatabaseStore) -> None:
    newer = replace(SETTING, version=2, content=[])
    with filled.transaction() as records:
        records.add_grid_setting(newer)
    with filled.reading() as records:
        assert records.grid_setting("rue", SettingKind.RULES) == newer
        assert records.grid_setting("rue", SettingKind.RULES, 1) == SETTING
        assert records.grid_setting("rue", SettingKind.ROUTES) is None
    with pytest.raises(ConflictError, match="Version 2 of the alarm-rules"), filled.transaction() as records:
        records.add_grid_setting(replace(newer, by="bob"))


def test_messages_are_found_by_how_far_they_have_come(filled: DatabaseStore) -> None:
    sent = replace(MESSAGE, state=MessageState.SENT, attempts=2, done_utc=T0 + 400, body="{}")
    with filled.reading() as records:
        assert records.messages(states=[MessageState.GATHERING]) == [MESSAGE]
        assert records.messages("other") == []
    with filled.transaction() as records:
        records.put_message(sent)
    with filled.reading() as records:
        assert records.messages("rue", since_utc=T0) == [sent]
        assert records.messages("rue", since_utc=T0 + 1) == []
        assert records.messages(states=[MessageState.GATHERING]) == []


def test_work_orders_are_kept_once_and_in_their_plans_order(filled: DatabaseStore) -> None:
    sooner = replace(ORDER, id="w2", details={"place": 1}, element="ben")
    with filled.transaction() as records:
        assert records.add_work_order(sooner)
        assert not records.add_work_order(replace(ORDER, title="other"))
    with filled.reading() as records:
        assert records.work_orders("rue", "p1") == [sooner, ORDER]
        assert records.work_orders("rue", "p2") == []
        assert records.work_order("rue", "w1") == ORDER
        assert records.work_steps(["w1", "w2"]) == [STEP]
        with pytest.raises(NotFoundError, match="no work order 'w1'"):
            records.work_order("other", "w1")


def test_forgetting_a_connection_leaves_nothing_that_tells_of_it(filled: DatabaseStore) -> None:
    elements = {"ada": {"begin_utc": T0}, "ben": {"begin_utc": T0}}
    memory = {"until": {"loading": T0}, "carries": {"loaded": {"digest": "d", "elements": elements}}}
    with filled.transaction() as records:
        records.put_message(replace(MESSAGE, id="m2", entries=("b", "c")))
        records.put_fact(alarm_memory("rue"), memory)
    with filled.transaction() as records:
        records.begin_erasing()
        records.erase_connection_events("rue", ["ada"])
    assert ids(filled) == ["a", "b"]
    with filled.reading() as records:
        assert [message.id for message in records.messages()] == ["m1"]
        assert records.work_order("rue", "w1") == replace(ORDER, title="Work at ada")
        assert records.work_steps(["w1"]) == [replace(STEP, fields={})]
        left = {"ben": {"begin_utc": T0}}
        carries = {"loaded": {"digest": "d", "elements": left}}
        assert records.fact(alarm_memory("rue")) == {"until": {"loading": T0}, "carries": carries}


def test_who_did_something_can_get_another_name(filled: DatabaseStore) -> None:
    with filled.transaction() as records:
        records.begin_erasing()
        records.rename_grid_actors("ann", "former-1")
    with filled.reading() as records:
        setting = records.grid_setting("rue", SettingKind.RULES)
        assert setting is not None
        told = (
            records.event_changes(["b"])[0].by,
            setting.by,
            records.work_order("rue", "w1").created_by,
            records.work_steps(["w1"])[0].by,
        )
        assert told == ("former-1",) * 4
