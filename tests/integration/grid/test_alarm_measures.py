"""Measures that alarms are found in, of real readings of a small community on a small network."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.adapters.clock import FixedClock
from backend.grid.alarms import AlarmRule, ElementKind, Measure, MeasureSeries, write_rules
from backend.grid.imbalance import Measure as FlowMeasure
from backend.grid.imbalance import measure_flow
from backend.grid.power_flow import PowerFlow
from backend.ports.grid_event_records import EventKind, EventQuery, MessageRecord, MessageState, SettingKind
from backend.services.grid.alarm_measures import ComputedMeasures
from backend.services.grid.alarms import look_for_alarms
from backend.services.grid.event_settings import put_setting
from backend.services.grid.known_networks import KnownNetworks
from backend.services.grid.network_series import network_series
from backend.services.grid.transformers import TransformerDesk
from backend.services.load_readings import load_readings
from tests.integration.settlement.small_community import copy_settled
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.bootstrap import Wiring

HOUR, DAY = 3_600, 86_400
FIRST = int(datetime(2024, 2, 29, 23, tzinfo=UTC).timestamp())  # midnight of 1 March in Paris
HOURS = 743
END = FIRST + HOURS * HOUR
JOINED = int(datetime(2024, 3, 10, 23, tzinfo=UTC).timestamp())  # of Cleo
RECORD = network_record(small_network(), "toits", FIRST)


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    wiring: Wiring = copy_settled(tmp_path / "home")
    with wiring.store.transaction() as records:
        records.put_network(RECORD)
    return wiring


def source_of(wiring: Wiring, now_utc: int = END) -> ComputedMeasures:
    networks = KnownNetworks(wiring.grid_sources)
    return ComputedMeasures(networks, TransformerDesk(networks, wiring.ambient), FixedClock(now_utc))


def told(
    wiring: Wiring, measure: Measure, begin: int, end: int, kind: ElementKind, now_utc: int = END
) -> MeasureSeries:
    found = source_of(wiring, now_utc).series(RECORD, [measure], begin, end)
    return next(one for one in found if one.kind is kind)


def span_of(wiring: Wiring, measure: Measure, now_utc: int = END) -> tuple[int, int]:
    return source_of(wiring, now_utc).spans(RECORD, [measure])[measure]


def load_missing(wiring: Wiring, *rows: tuple[str, int]) -> None:
    lines = [f"{point},{datetime.fromtimestamp(start, UTC).isoformat()},60,,missing" for point, start in rows]
    file = wiring.home.files / "more.csv"
    file.write_text("\n".join(["metering_point,start,resolution_minutes,energy_kwh,quality", *lines]) + "\n")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def test_flows_are_those_of_the_power_flow_by_kind_of_element(wiring: Wiring) -> None:
    span = (FIRST + 20 * DAY, FIRST + 21 * DAY)
    series = network_series(wiring.grid_sources, RECORD, *span)
    result = PowerFlow(small_network()).solve(series)
    loading = measure_flow(result, FlowMeasure.LOADING)
    cables = told(wiring, Measure.LOADING, *span, ElementKind.SEGMENT)
    assert (cables.elements, cables.start_utc, cables.step_seconds) == (
        ("west", "west-end", "east"),
        span[0],
        HOUR,
    )
    np.testing.assert_allclose(cables.values, loading[:3])
    trafo = told(wiring, Measure.LOADING, *span, ElementKind.TRANSFORMER)
    assert trafo.elements == ("T1",)
    np.testing.assert_allclose(trafo.values, loading[4:])
    low = told(wiring, Measure.VOLTAGE_LOW, *span, ElementKind.BUS)
    high = told(wiring, Measure.VOLTAGE_HIGH, *span, ElementKind.BUS)
    np.testing.assert_allclose(low.values, np.abs(result.voltages).min(axis=1))
    np.testing.assert_allclose(high.values, np.abs(result.voltages).max(axis=1))
    assert (high.values > low.values).any()
    assert low.elements == ("mv", "lv", "w1", "w2", "e1")


def test_a_flow_of_which_little_is_known_is_not_known(wiring: Wiring) -> None:
    start = FIRST + 20 * DAY
    load_missing(
        wiring, *[(point, start + 2 * HOUR) for point in ("ada-load", "ben-load")], ("ada-load", start)
    )
    values = told(wiring, Measure.LOADING, start, start + 6 * HOUR, ElementKind.TRANSFORMER).values
    assert np.isnan(values[0]).tolist() == [False, False, True, False, False, False]


def test_flows_are_judged_until_the_readings_of_all_are_there_and_not_held_up_by_one_that_is_late(
    wiring: Wiring,
) -> None:
    assert span_of(wiring, Measure.LOADING) == (FIRST, END)
    load_missing(wiring, *[("ada-load", END - hours * HOUR) for hours in (1, 2, 3)])
    assert span_of(wiring, Measure.LOADING) == (FIRST, END - 3 * HOUR)
    load_missing(wiring, *[("ada-load", END - hours * HOUR) for hours in range(1, 41)])
    assert span_of(wiring, Measure.LOADING) == (FIRST, END)


def test_a_connection_is_late_behind_the_newest_reading_and_the_network_behind_the_clock(
    wiring: Wiring,
) -> None:
    load_missing(wiring, *[("ada-load", END - hours * HOUR) for hours in range(1, 11)])
    now = END + 5 * HOUR + 100
    assert span_of(wiring, Measure.READINGS_LATE, now) == (FIRST, END + 5 * HOUR)
    span = (END - 12 * HOUR, END + 5 * HOUR)
    homes = told(wiring, Measure.READINGS_LATE, *span, ElementKind.CONNECTION, now)
    assert homes.elements == ("ada", "ben", "cleo")
    np.testing.assert_allclose(homes.values[0], [0, 0, *range(1, 11), *[10] * 5])
    np.testing.assert_allclose(homes.values[1:], 0)
    whole = told(wiring, Measure.READINGS_LATE, *span, ElementKind.NETWORK, now)
    np.testing.assert_allclose(whole.values, [[*[0] * 12, 1, 2, 3, 4, 5]])
    late = (END + 40 * DAY, END + 41 * DAY)
    homes = told(wiring, Measure.READINGS_LATE, *late, ElementKind.CONNECTION, late[1])
    assert homes.elements == ("ada", "ben", "cleo")
    np.testing.assert_allclose(homes.values[0], 10)
    whole = told(wiring, Measure.READINGS_LATE, *late, ElementKind.NETWORK, late[1])
    np.testing.assert_allclose(whole.values[0], 40 * 24 + np.arange(1, 25))


def test_nobody_is_late_before_they_are_members(wiring: Wiring) -> None:
    span = (JOINED - 2 * HOUR, JOINED + 2 * HOUR)
    homes = told(wiring, Measure.READINGS_LATE, *span, ElementKind.CONNECTION)
    np.testing.assert_allclose(homes.values[2], [np.nan, np.nan, 0, 0])


def test_a_day_tells_how_much_of_it_is_missing_of_what_is_due(wiring: Wiring) -> None:
    day = -(-FIRST // DAY) * DAY
    load_missing(wiring, *[("ada-load", day + DAY + hours * HOUR) for hours in range(6)])
    begin, end = span_of(wiring, Measure.READINGS_MISSING)
    assert (begin, end) == (day, END // DAY * DAY)
    found = told(wiring, Measure.READINGS_MISSING, begin, begin + 14 * DAY, ElementKind.CONNECTION)
    np.testing.assert_allclose(found.values[0, :3], [0, 25, 0])
    # Cleo is a member from an hour before the UTC day on.
    joined = (JOINED + HOUR - day) // DAY
    assert np.isnan(found.values[2, : joined - 1]).all()
    np.testing.assert_allclose(found.values[2, joined - 1 :], 0)


def test_a_transformer_is_as_warm_as_it_is_whichever_piece_is_looked_at(wiring: Wiring) -> None:
    begin = FIRST + 20 * DAY
    whole = told(wiring, Measure.HOT_SPOT, begin, begin + 2 * DAY, ElementKind.TRANSFORMER)
    part = told(wiring, Measure.HOT_SPOT, begin + DAY, begin + 2 * DAY, ElementKind.TRANSFORMER)
    assert (whole.start_utc, part.start_utc) == (begin, begin + DAY)
    np.testing.assert_allclose(part.values, whole.values[:, 24:], atol=0.1)
    assert whole.values.min() > 0


def test_messages_that_reached_nobody_are_counted_by_the_hour(wiring: Wiring) -> None:
    with wiring.store.transaction() as records:
        for name, state in (
            ("a", MessageState.GIVEN_UP),
            ("b", MessageState.GIVEN_UP),
            ("c", MessageState.SENT),
        ):
            message = MessageRecord(name, "rue", "crew", state, (), "", END, END, done_utc=END + HOUR + 5)
            records.put_message(message)
    begin = END // HOUR * HOUR
    found = told(wiring, Measure.MESSAGES_LOST, begin, begin + 3 * HOUR, ElementKind.NETWORK)
    assert (found.elements, found.values.tolist()) == (("rue",), [[0, 2, 0]])


def test_rules_find_what_the_readings_hold_once(wiring: Wiring) -> None:
    rules = [
        AlarmRule("any-load", Measure.LOADING, ElementKind.TRANSFORMER, 1.0, for_seconds=2 * HOUR),
        AlarmRule("stopped", Measure.READINGS_LATE, ElementKind.NETWORK, 48.0),
        AlarmRule("warm", Measure.HOT_SPOT, ElementKind.TRANSFORMER, 1.0),
        AlarmRule("unmeasured", Measure.RESIDUAL, ElementKind.TRANSFORMER, 0.0),
    ]
    now = END + 3 * DAY
    with wiring.store.transaction() as records:
        put_setting(records, RECORD, SettingKind.RULES, write_rules(rules), by="", now_utc=now)
    run = look_for_alarms(wiring.store, FixedClock(now), source_of(wiring, now), "rue")
    assert look_for_alarms(wiring.store, FixedClock(now), source_of(wiring, now), "rue").begun == []
    with wiring.store.reading() as records:
        found = records.timeline("rue", EventQuery(kinds=(EventKind.ALARM,), limit=1000))
    assert len(found) == len(run.begun)
    by_rule = {rule.id: [one for one in found if one.event.rule == rule.id] for rule in rules}
    (stopped,) = by_rule["stopped"]
    assert stopped.event.at_utc == END + 48 * HOUR
    (warm,) = by_rule["warm"]
    assert (warm.event.at_utc, warm.standing.end_utc) == (FIRST, 0)
    assert by_rule["any-load"]
    assert not by_rule["unmeasured"]


def test_an_interval_without_a_solution_is_noted_and_holds_up_no_other(wiring: Wiring) -> None:
    start = FIRST + 20 * DAY
    row = f"ben-load,{datetime.fromtimestamp(start + 2 * HOUR, UTC).isoformat()},60,90000,measured"
    file = wiring.home.files / "more.csv"
    file.write_text(f"metering_point,start,resolution_minutes,energy_kwh,quality\n{row}\n")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    rules = [
        AlarmRule("any-load", Measure.LOADING, ElementKind.TRANSFORMER, 1.0),
        AlarmRule("warm", Measure.HOT_SPOT, ElementKind.TRANSFORMER, 1.0),
    ]
    with wiring.store.transaction() as records:
        put_setting(records, RECORD, SettingKind.RULES, write_rules(rules), by="", now_utc=END)
    for measure in (Measure.LOADING, Measure.HOT_SPOT):
        values = told(wiring, measure, start, start + 6 * HOUR, ElementKind.TRANSFORMER)
        assert np.isnan(values.values[0]).tolist() == [False, False, True, False, False, False]
        assert values.unsolved == (start + 2 * HOUR,)
    for begin in (None, FIRST):
        run = look_for_alarms(wiring.store, FixedClock(END), source_of(wiring), "rue", begin)
        assert {until for _, until in run.looked_at.values()} == {END}
    with wiring.store.reading() as records:
        (noted,) = records.timeline("rue", EventQuery(kinds=(EventKind.NETWORK,)))
        alarms = records.timeline("rue", EventQuery(kinds=(EventKind.ALARM,), limit=1000))
    assert {one.event.rule for one in alarms} == {"any-load", "warm"}
    assert (noted.event.at_utc, noted.event.data) == (start + 2 * HOUR, {"unsolved_utc": [start + 2 * HOUR]})
    assert "no solution at 2024-03-21 01:00 UTC" in noted.event.title
