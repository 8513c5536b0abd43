"""Readings on a network's timeline: days that are over, and returns, once each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from backend.metering.decisions import SpanTreatment
from backend.ports import ReadingLoad
from backend.ports.grid_event_records import EventKind, EventQuery
from backend.ports.treatment_records import ReadingDecision
from backend.services.grid.reading_entries import note_readings
from tests.integration.settlement.small_community import copy_settled
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.bootstrap import Wiring

DAY = 86_400
T0 = 1_720_051_200  # a UTC midnight
DECISION = ReadingDecision(
    "toits", 1, "ben-load", T0 - DAY, T0, SpanTreatment.RETURNED, "jump", "a jump", 1, "ann", T0 + 60
)


class Loads:
    """A store of readings of which the loads alone matter."""

    def __init__(self, *received: tuple[int, int]) -> None:
        self.told = [
            ReadingLoad(f"l{place}", "toits", at, ("a.csv",), "0x", "0x", rows)
            for place, (at, rows) in enumerate(received)
        ]

    def loads(self, community: str) -> list[ReadingLoad]:
        return self.told


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    wiring: Wiring = copy_settled(tmp_path / "home")
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), "toits", T0 + 100))
        records.put_network(network_record(replace(small_network(), name="nobody"), "", T0 + 100))
    return wiring


def note(wiring: Wiring, loads: Loads, now_utc: int, network: str = "rue") -> int:
    return note_readings(wiring.store, loads, network, now_utc)  # type: ignore[arg-type]


def titles(wiring: Wiring) -> list[tuple[str, str]]:
    with wiring.store.reading() as records:
        entries = records.timeline("rue", EventQuery(kinds=(EventKind.READINGS,)))
    return [(entry.event.element, entry.event.title) for entry in reversed(entries)]


def test_a_day_is_told_once_when_it_is_over_however_many_loads_it_had(wiring: Wiring) -> None:
    loads = Loads((T0 - 5, 7), (T0 + 10, 1_000), (T0 + DAY - 1, 500), (T0 + 2 * DAY, 30))
    assert note(wiring, loads, T0 + DAY - 1) == 0
    assert note(wiring, loads, T0 + DAY) == 1
    assert note(wiring, loads, T0 + DAY + 5) == 0
    assert note(wiring, loads, T0 + 4 * DAY) == 1
    assert titles(wiring) == [("", "1,500 readings came in 2 loads"), ("", "30 readings came in 1 load")]


def test_what_is_returned_is_told_at_its_connection_once_and_not_whose_meter_it_is(wiring: Wiring) -> None:
    with wiring.store.transaction() as records:
        records.add_decision(DECISION)
        records.add_decision(replace(DECISION, number=2, treatment=SpanTreatment.ACCEPTED))
        records.add_decision(replace(DECISION, number=3, metering_point="elsewhere"))
    assert note(wiring, Loads(), T0 + 200) == 1
    assert note(wiring, Loads(), T0 + 200) == 0
    ((element, title),) = titles(wiring)
    assert element == "ben"
    assert title.startswith(
        "Readings of connection ben from 2024-07-03T00:00Z to 2024-07-04T00:00Z were returned"
    )
    with wiring.store.transaction() as records:
        records.add_decision(replace(DECISION, number=4, metering_point="ada-load"))
    assert note(wiring, Loads(), T0 + 300) == 1
    with wiring.store.reading() as records:
        told = [repr(entry) for entry in records.timeline("rue", EventQuery(kinds=(EventKind.READINGS,)))]
    assert "ben-load" not in "".join(told)


def test_a_network_that_is_no_communitys_has_no_readings(wiring: Wiring) -> None:
    assert note(wiring, Loads((T0 + 200, 5)), T0 + 3 * DAY, "nobody") == 0
