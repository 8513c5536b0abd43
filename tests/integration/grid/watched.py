"""A network whose measures a test makes up, and a clock that it moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.home import Home
from backend.adapters.store import DatabaseStore, open_store
from backend.grid.alarms import (
    AlarmRule,
    Channel,
    ElementKind,
    Measure,
    MeasureSeries,
    write_routes,
    write_rules,
)
from backend.ports.grid_event_records import EventQuery, SettingKind, TimelineEntry
from backend.ports.grid_messages import Delivery
from backend.services.grid.alarms import AlarmRun, look_for_alarms
from backend.services.grid.event_settings import put_setting
from backend.services.grid.messages import Dispatch, send_due
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.grid.alarms import Route
    from backend.ports.grid_records import NetworkRecord

QUARTER = 900
T0 = 1_720_000_800  # on a quarter-hour
RULE = AlarmRule("loaded", Measure.LOADING, ElementKind.TRANSFORMER, 100.0)


@dataclass
class MovedClock:
    """A clock that stands where it was put."""

    now: int = T0

    def now_utc(self) -> int:
        return self.now


@dataclass
class MadeUp:
    """Measures of T1 and the bus lv as a test says; what was asked for is kept."""

    values: dict[Measure, NDArray[np.float64]] = field(default_factory=dict)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def spans(self, record: NetworkRecord, measures: Collection[Measure]) -> dict[Measure, tuple[int, int]]:
        known = {measure: values for measure, values in self.values.items() if measure in measures}
        return {measure: (T0, T0 + len(values) * QUARTER) for measure, values in known.items()}

    def series(
        self, record: NetworkRecord, measures: Collection[Measure], begin_utc: int, end_utc: int
    ) -> Sequence[MeasureSeries]:
        self.asked.append((begin_utc, end_utc))
        first, until = (begin_utc - T0) // QUARTER, (end_utc - T0) // QUARTER
        kinds = {Measure.LOADING: (ElementKind.TRANSFORMER, "T1")}
        return [
            MeasureSeries(
                measure,
                *(
                    kinds.get(measure, (ElementKind.BUS, "lv"))[0],
                    (kinds.get(measure, (ElementKind.BUS, "lv"))[1],),
                ),
                T0 + first * QUARTER,
                QUARTER,
                self.values[measure][None, first:until],
            )
            for measure in measures
        ]


@dataclass
class Receiver:
    """Takes messages as it is told to."""

    answers: list[Delivery] = field(default_factory=list)
    taken: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, route: Route, message_id: str, body: str) -> Delivery:
        self.taken.append((route.id, message_id, body))
        return self.answers.pop(0) if self.answers else Delivery(arrived=True)


@dataclass
class Watched:
    """The network and all that watches it."""

    store: DatabaseStore
    clock: MovedClock
    source: MadeUp
    receiver: Receiver

    def set(self, kind: SettingKind, tables: Any) -> None:
        with self.store.transaction() as records:
            record = records.network("rue")
            put_setting(records, record, kind, tables, by="ann", now_utc=self.clock.now)

    def rules(self, *rules: AlarmRule) -> None:
        self.set(SettingKind.RULES, write_rules(rules))

    def routes(self, *routes: Route) -> None:
        self.set(SettingKind.ROUTES, write_routes(routes))

    def load(self, *percent: float) -> None:
        """How T1 is loaded, quarter-hour by quarter-hour; now is the end."""
        self.source.values[Measure.LOADING] = np.array(percent, dtype=np.float64)
        self.clock.now = T0 + len(percent) * QUARTER

    def look(self, begin_utc: int | None = None) -> AlarmRun:
        return look_for_alarms(self.store, self.clock, self.source, "rue", begin_utc)

    def send(self) -> Dispatch:
        return send_due(self.store, self.clock, dict.fromkeys(Channel, self.receiver))

    def timeline(self, **query: Any) -> list[TimelineEntry]:
        with self.store.reading() as records:
            return list(records.timeline("rue", EventQuery(**query)))


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """The small network, watched by a rule for its transformer."""
    store = open_store(Home(tmp_path / "home"))
    with store.transaction() as records:
        records.put_network(network_record(small_network(), ""))
    world = Watched(store, MovedClock(), MadeUp(), Receiver())
    world.rules(RULE)
    yield world
    store.close()
