"""Alarms that are found as values come in: once each, with their begin, worst value and end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid.alarms import AlarmSeverity, Measure, write_rules
from backend.ports.failpoints import Crash, armed
from backend.ports.grid_event_records import ChangeAction, EventKind, EventState, SettingKind
from backend.services.grid.alarms import end_silences, look_for_alarms
from backend.services.grid.event_settings import put_setting
from backend.services.grid.events import change_entry
from tests.integration.grid.watched import QUARTER, RULE, T0, Watched

ALARMS = (EventKind.ALARM,)


def told(world: Watched) -> list[tuple[int, int | None, float | None, str]]:
    """Alarms, the oldest first: quarter-hours of begin and end, worst value, state."""
    return [
        (
            (entry.event.at_utc - T0) // QUARTER,
            (entry.standing.end_utc - T0) // QUARTER if entry.standing.end_utc else None,
            entry.standing.worst,
            entry.standing.state.value,
        )
        for entry in reversed(world.timeline(kinds=ALARMS))
    ]


def actions(world: Watched, event: str) -> list[str]:
    with world.store.reading() as records:
        return [change.action.value for change in records.event_changes([event])]


def change(world: Watched, event: str, action: ChangeAction, **more: Any) -> EventState:
    with world.store.transaction() as records:
        return change_entry(
            records,
            "rue",
            event,
            action,
            by="ann",
            now_utc=world.clock.now,
            **more,
        ).standing.state


def test_the_same_values_looked_at_twice_make_no_second_alarm(watched: Watched) -> None:
    watched.load(90, 120, 130, 90, 110)
    first = watched.look()
    assert (len(first.begun), len(first.ended)) == (2, 1)
    again = watched.look()
    assert (again.begun, again.ended, again.looked_at) == ([], [], {})
    assert told(watched) == [(1, 3, 130.0, "open"), (4, None, 110.0, "open")]


def test_only_what_is_new_is_looked_at_and_an_alarm_goes_on_through_it(watched: Watched) -> None:
    watched.load(90, 120)
    (begun,) = watched.look().begun
    watched.load(90, 120, 150, 90)
    run = watched.look()
    assert (run.begun, run.ended) == ([], [begun])
    assert watched.source.asked == [(T0, T0 + 2 * QUARTER), (T0 + 2 * QUARTER, T0 + 4 * QUARTER)]
    assert told(watched) == [(1, 3, 150.0, "open")]
    assert actions(watched, begun) == ["ended"]


def test_an_alarm_tells_what_it_is_in_words_and_in_figures(watched: Watched) -> None:
    watched.load(120, 131.26)
    watched.look()
    (entry,) = watched.timeline(kinds=ALARMS)
    assert entry.event.title == "T1: loading 131.3 %, above 100 %"
    assert entry.event.data == {
        "element_kind": "transformer",
        "measure": "loading",
        "limit": 100.0,
        "unit": "%",
        "value": 131.26,
    }


def test_a_long_time_is_looked_at_piece_by_piece_and_an_alarm_over_a_piece_is_one(watched: Watched) -> None:
    week = 7 * 96
    watched.load(*[90.0] * (week - 1), *[120.0] * 3, *[90.0] * week)
    watched.look()
    assert len(watched.source.asked) == 3
    assert told(watched) == [(week - 1, week + 2, 120.0, "open")]


def test_a_network_that_is_looked_at_first_has_eight_weeks_looked_at(watched: Watched) -> None:
    watched.load(*[120.0], *[90.0] * (60 * 96))
    watched.look()
    assert watched.source.asked[0][0] == watched.clock.now - 56 * 86_400
    assert told(watched) == []
    watched.look(T0)
    assert told(watched) == [(0, 1, 120.0, "open")]


def test_a_crash_between_two_pieces_loses_and_doubles_nothing(watched: Watched) -> None:
    week = 7 * 96
    watched.load(*[90.0] * (week - 1), *[120.0] * 3, *[90.0] * week, 120.0)
    with pytest.raises(Crash), armed("grid.alarms_judged"):
        watched.look()
    assert told(watched) == [(week - 1, None, 120.0, "open")]
    watched.look()
    assert told(watched) == [(week - 1, week + 2, 120.0, "open"), (2 * week + 2, None, 120.0, "open")]


def test_two_who_look_at_the_same_time_find_an_alarm_once(watched: Watched) -> None:
    watched.load(90, 120)
    inner = watched.source.series

    def overtaken(*arguments):
        watched.source.series = inner  # type: ignore[method-assign]
        watched.look()
        return inner(*arguments)

    watched.source.series = overtaken  # type: ignore[method-assign]
    with pytest.raises(ConflictError, match="Somebody else looked for alarms of network rue"):
        watched.look()
    assert told(watched) == [(1, None, 120.0, "open")]


def test_corrected_readings_take_back_what_they_no_longer_show(watched: Watched) -> None:
    watched.load(90, 120, 90, 130, 140, 90)
    gone, stays = watched.look().begun
    watched.load(90, 95, 90, 130, 135, 90)
    run = watched.look(T0)
    assert (run.begun, run.withdrawn) == ([], [gone])
    assert told(watched) == [(1, 2, 120.0, "resolved"), (3, 5, 135.0, "open")]
    assert (actions(watched, gone), actions(watched, stays)) == (["ended", "withdrawn"], ["ended"])
    assert watched.look(T0).withdrawn == []


def test_looking_again_from_within_an_alarm_does_not_cut_it_in_two(watched: Watched) -> None:
    watched.load(90, 120, 120, 120, 90)
    watched.look()
    run = watched.look(T0 + 2 * QUARTER)
    assert (run.begun, run.withdrawn) == ([], [])
    assert watched.source.asked[-1][0] == T0 + QUARTER
    assert told(watched) == [(1, 4, 120.0, "open")]


def test_an_alarm_over_two_pieces_that_is_found_again_is_not_reopened_in_between(watched: Watched) -> None:
    week = 7 * 96
    watched.load(*[90.0] * (week - 1), *[120.0] * 3, *[90.0] * week)
    (begun,) = watched.look().begun
    watched.look(T0)
    assert actions(watched, begun) == ["ended"]
    assert told(watched) == [(week - 1, week + 2, 120.0, "open")]


def test_an_alarm_that_goes_on_after_all_is_open_again(watched: Watched) -> None:
    watched.load(120, 90, 90)
    (begun,) = watched.look().begun
    watched.load(120, 120, 120)
    watched.look(T0)
    assert told(watched) == [(0, None, 120.0, "open")]
    assert actions(watched, begun) == ["ended", "reopened"]


def test_a_rule_that_watches_otherwise_takes_back_what_lasts_by_the_old_one(watched: Watched) -> None:
    watched.load(90, 120)
    (old,) = watched.look().begun
    watched.rules(replace(RULE, limit=110.0))
    watched.load(90, 120, 120)
    run = watched.look()
    assert run.withdrawn == [old]
    assert told(watched)[0][3] == "resolved"
    assert told(watched)[1] == (2, None, 120.0, "open")


def test_a_rule_that_is_gone_leaves_no_alarm_that_lasts(watched: Watched) -> None:
    watched.load(120)
    watched.look()
    watched.rules()
    assert len(watched.look().withdrawn) == 1
    assert watched.look().withdrawn == []


def test_a_new_rule_does_not_look_back_by_itself(watched: Watched) -> None:
    watched.load(120, 90, 90)
    watched.look()
    watched.rules(RULE, replace(RULE, id="second", limit=80.0))
    watched.load(120, 90, 90, 90)
    assert len(watched.look().begun) == 1
    assert [entry[0] for entry in told(watched)] == [0, 3]


def test_a_measure_without_values_is_let_be(watched: Watched) -> None:
    assert watched.look().looked_at == {}
    watched.load(90)
    watched.source.values[Measure.VUF] = np.array([1.0])
    assert list(watched.look().looked_at) == ["loading"]


def test_what_cannot_be_looked_for_is_refused(watched: Watched) -> None:
    watched.load(90)
    with pytest.raises(InputError, match="still to come"):
        watched.look(watched.clock.now + 1)
    with pytest.raises(NotFoundError, match="'ruelle'"):
        look_for_alarms(watched.store, watched.clock, watched.source, "ruelle")


# what people do with them


def test_an_alarm_that_was_seen_is_resolved_when_it_ends_and_one_that_ended_when_it_is_seen(
    watched: Watched,
) -> None:
    watched.load(120)
    (first,) = watched.look().begun
    assert change(watched, first, ChangeAction.ACKNOWLEDGED) is EventState.ACKNOWLEDGED
    watched.load(120, 90, 120, 90)
    (second,) = watched.look().begun
    assert [entry[3] for entry in told(watched)] == ["resolved", "open"]
    assert change(watched, second, ChangeAction.ACKNOWLEDGED) is EventState.RESOLVED


def test_an_alarm_of_little_weight_needs_nobody_to_be_resolved(watched: Watched) -> None:
    watched.rules(replace(RULE, severity=AlarmSeverity.INFO))
    watched.load(120, 90)
    watched.look()
    assert told(watched) == [(0, 1, 120.0, "resolved")]


def test_a_silence_covers_what_comes_and_goes_at_the_place_until_it_is_over(watched: Watched) -> None:
    watched.load(120)
    (first,) = watched.look().begun
    until = T0 + 4 * QUARTER
    assert change(watched, first, ChangeAction.SILENCED, until_utc=until) is EventState.SILENCED
    watched.load(120, 90, 120)
    (second,) = watched.look().begun
    assert [entry[3] for entry in told(watched)] == ["resolved", "silenced"]
    assert end_silences(watched.store, watched.clock, "rue") == []
    watched.clock.now = until
    assert end_silences(watched.store, watched.clock, "rue") == [second]
    assert actions(watched, second) == ["reopened"]
    watched.load(120, 90, 120, 90, 120)
    watched.look()
    assert [entry[3] for entry in told(watched)] == ["resolved", "open", "open"]


def test_resolving_by_hand_takes_back_a_silence(watched: Watched) -> None:
    watched.load(120)
    (first,) = watched.look().begun
    change(watched, first, ChangeAction.SILENCED, until_utc=T0 + 9 * QUARTER)
    change(watched, first, ChangeAction.RESOLVED)
    watched.load(120, 90, 120)
    watched.look()
    assert [entry[3] for entry in told(watched)] == ["resolved", "open"]


def test_doing_the_same_twice_changes_nothing_more(watched: Watched) -> None:
    watched.load(120)
    (event,) = watched.look().begun
    for _ in range(2):
        change(watched, event, ChangeAction.ACKNOWLEDGED)
    assert actions(watched, event) == ["acknowledged"]
    for _ in range(2):
        change(watched, event, ChangeAction.COMMENTED, text="the fair")
    assert actions(watched, event) == ["acknowledged", "commented", "commented"]


def test_what_makes_no_sense_is_refused(watched: Watched) -> None:
    watched.load(120)
    (event,) = watched.look().begun
    with pytest.raises(InputError, match="ends after now"):
        change(watched, event, ChangeAction.SILENCED, until_utc=watched.clock.now)
    with pytest.raises(InputError, match="ends after now"):
        change(watched, event, ChangeAction.SILENCED, until_utc=watched.clock.now + 93 * 86_400)
    with pytest.raises(InputError, match="says nothing"):
        change(watched, event, ChangeAction.COMMENTED, text="  ")
    with pytest.raises(InputError, match="2001 characters"):
        change(watched, event, ChangeAction.COMMENTED, text="x" * 2001)
    change(watched, event, ChangeAction.RESOLVED)
    with pytest.raises(ConflictError, match="is resolved; a silence"):
        change(watched, event, ChangeAction.SILENCED, until_utc=watched.clock.now + 60)
    (noted,) = watched.timeline(kinds=(EventKind.RULES,))
    with pytest.raises(ConflictError, match="only alarms are acknowledged"):
        change(watched, noted.event.id, ChangeAction.ACKNOWLEDGED)


# what is set


def test_a_setting_that_changes_is_a_version_and_an_entry_and_the_same_again_is_none(
    watched: Watched,
) -> None:
    watched.rules(RULE)
    assert len(watched.timeline(kinds=(EventKind.RULES,))) == 1
    watched.rules(replace(RULE, limit=90.0))
    entries = watched.timeline(kinds=(EventKind.RULES,))
    assert {(entry.event.title, entry.event.by) for entry in entries} == {
        ("Alarm rules set anew, version 1", "ann"),
        ("Alarm rules set anew, version 2", "ann"),
    }


def test_a_setting_that_somebody_changed_meanwhile_is_not_overwritten(watched: Watched) -> None:
    with (
        watched.store.transaction() as records,
        pytest.raises(ConflictError, match="at version 1 by now, not 0"),
    ):
        put_setting(
            records,
            records.network("rue"),
            SettingKind.RULES,
            write_rules([RULE]),
            by="bob",
            now_utc=T0,
            based_on=0,
        )


def test_a_rule_for_an_element_that_is_not_there_is_refused(watched: Watched) -> None:
    with pytest.raises(InputError, match="'loaded': network rue has no transformer 'T9'"):
        watched.rules(replace(RULE, elements=("T9",)))
    watched.rules(replace(RULE, elements=("T1",)))
