"""Watching: one look does all that is due, a network's fault holds up no other, and the watch goes on."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from backend.api import grid_watch
from backend.errors import PowerFlowError
from backend.grid.alarms import Channel, Route
from backend.ports.grid_event_records import ChangeAction, EventKind, EventQuery
from backend.services.grid.events import change_entry
from backend.services.grid.messages import Dispatch
from backend.services.grid.watching import NetworkWatch
from backend.services.grid.work_orders import PlannedSwitch, make_switch_orders
from tests.integration.grid.watched import T0, Watched
from tests.integration.settlement.small_community import copy_settled
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

HOOK = Route(
    "scada", Channel.WEBHOOK, url="https://hook.example/", gather_seconds=0, kinds=("alarm", "work_order")
)


def watch_of(world: Watched) -> NetworkWatch:
    return NetworkWatch(world.store, world.clock, world.source, dict.fromkeys(Channel, world.receiver))


def test_one_look_finds_alarms_ends_silences_tells_overdue_work_and_sends(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    (first,) = watched.look().begun
    with watched.store.transaction() as records:
        until = watched.clock.now + 60
        change_entry(
            records, "rue", first, ChangeAction.SILENCED, by="ann", now_utc=watched.clock.now, until_utc=until
        )
        switch = [PlannedSwitch("ben", "L1", "L3", 1.0)]
        (order,) = make_switch_orders(records, records.network("rue"), "p1", switch, by="", now_utc=T0)
    watched.load(120, 120)
    watched.clock.now = T0 + 40 * 86_400
    found = watch_of(watched).look("rue")
    assert (found.alarms.begun, found.reopened, found.overdue) == ([], (first,), (order.order.id,))
    assert found.messages == Dispatch(sent=1)
    assert watch_of(watched).look("rue").messages == Dispatch()


def test_a_fault_of_one_network_is_logged_and_holds_up_no_other(
    tmp_path: Path, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    wiring = copy_settled(tmp_path / "settled")
    with wiring.store.transaction() as records:
        for name in ("alley", "rue"):
            records.put_network(network_record(replace(small_network(), name=name), "toits", T0))
        records.put_network(network_record(replace(small_network(), name="nobody"), "", T0))
    watched.load(120, 120, 120, 120)  # an hour, as the rules that a network begins with want it
    inner = watched.source.series
    asked: list[str] = []

    def failing(record: Any, *more: Any) -> Any:
        asked.append(record.name)
        if record.name == "alley":
            raise PowerFlowError("no voltage carries the load of alley")
        return inner(record, *more)

    watched.source.series = failing  # type: ignore[method-assign, assignment]
    watch = NetworkWatch(wiring.store, watched.clock, watched.source, {})
    with caplog.at_level(logging.ERROR):
        watch.look_at_all()
    assert asked == ["alley", "rue"]
    assert "no voltage carries the load of alley" in caplog.text
    with wiring.store.reading() as records:
        (alarm,) = records.timeline("rue", EventQuery(kinds=(EventKind.ALARM,)))
    assert alarm.event.at_utc == T0
    wiring.store.close()


class Looker:
    """Counts what the watch's thread asks for; its first look fails."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.enough = threading.Event()

    def look_at_all(self) -> None:
        self.calls.append("look")
        if len(self.calls) == 1:
            raise RuntimeError("a mistake of ours")

    def send(self) -> None:
        self.calls.append("send")
        if len(self.calls) > 6:
            self.enough.set()


def test_the_watch_looks_now_and_then_sends_in_between_and_outlives_a_mistake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(grid_watch, "_FIRST_SECONDS", 0.0)
    monkeypatch.setattr(grid_watch, "_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(grid_watch, "_LOOKS_EVERY", 3)
    looker: Any = Looker()
    watch = grid_watch.GridWatch(lambda: looker)
    with caplog.at_level(logging.ERROR):
        watch.start()
        assert looker.enough.wait(10)
        watch.stop()
    assert looker.calls[:6] == ["look", "send", "send", "look", "send", "send"]
    assert "a mistake of ours" in caplog.text


def test_a_watch_that_is_stopped_before_it_begins_does_nothing() -> None:
    looker: Any = Looker()
    watch = grid_watch.GridWatch(lambda: looker)
    watch.start()
    watch.stop()
    assert looker.calls == []
