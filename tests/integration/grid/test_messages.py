"""Messages about what happens on a network: gathered, sent once, tried again, and given up in the end."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from backend.grid.alarms import AlarmRule, AlarmSeverity, Channel, ElementKind, Measure, Route
from backend.ports.failpoints import Crash, armed
from backend.ports.grid_event_records import EventKind, MessageState
from backend.ports.grid_messages import Delivery
from backend.services.grid.messages import RETRY_SECONDS, Dispatch, _claim
from tests.integration.grid.watched import QUARTER, RULE, T0, Watched

HOOK = Route("scada", Channel.WEBHOOK, url="https://hook.example/x", gather_seconds=0)
MAIL = Route("crew", Channel.EMAIL, addresses=("crew@example.org",), gather_seconds=0)


def bodies(world: Watched) -> list[Any]:
    return [json.loads(body) for _, _, body in world.receiver.taken]


def states(world: Watched) -> list[str]:
    with world.store.reading() as records:
        return [message.state.value for message in records.messages()]


def test_an_alarm_is_told_once_and_its_end_as_well(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(90, 120)
    watched.look()
    assert watched.send() == Dispatch(sent=1)
    assert watched.send() == Dispatch()
    (body,) = bodies(watched)
    assert (body["network"], body["community"], body["route"]) == ("rue", "", "scada")
    (told,) = body["entries"]
    assert (told["title"], told["end"], told["at"]) == (
        "T1: loading 120 %, above 100 %",
        None,
        "2024-07-03T10:15:00Z",
    )
    assert body["id"] == watched.receiver.taken[0][1]
    watched.load(90, 120, 90)
    watched.look()
    watched.send()
    assert bodies(watched)[1]["entries"][0]["end"] == "2024-07-03T10:30:00Z"
    assert bodies(watched)[1]["id"] != body["id"]


def test_a_route_that_does_not_care_for_ends_hears_of_none(watched: Watched) -> None:
    watched.routes(Route("scada", Channel.WEBHOOK, url=HOOK.url, gather_seconds=0, tells_end=False))
    watched.load(120)
    watched.look()
    watched.send()
    watched.load(120, 90)
    watched.look()
    assert watched.send() == Dispatch()


def test_a_flood_becomes_one_message_with_the_gravest_first(watched: Watched) -> None:
    critical = AlarmRule("worse", Measure.LOADING, ElementKind.TRANSFORMER, 150.0, AlarmSeverity.CRITICAL)
    watched.rules(RULE, critical)
    watched.routes(Route("crew", Channel.EMAIL, addresses=MAIL.addresses, gather_seconds=60))
    watched.load(*[120, 90] * 60, 160)
    watched.look()
    assert watched.send() == Dispatch()
    watched.clock.now += 60
    assert watched.send() == Dispatch(sent=1)
    (body,) = bodies(watched)
    assert body["subject"] == "[rue] 1 critical, 61 warning"
    lines = body["text"].splitlines()
    assert (len(lines), lines[0].split()[0]) == (62, "critical")


def test_what_keeps_coming_does_not_hold_back_what_waits(watched: Watched) -> None:
    watched.routes(Route("scada", Channel.WEBHOOK, url=HOOK.url, gather_seconds=1_000))
    watched.load(120)
    watched.look()
    watched.load(120, 90, 120)
    watched.clock.now = T0 + QUARTER + 900
    watched.look()
    watched.clock.now = T0 + QUARTER + 1_000
    assert watched.send() == Dispatch(sent=1)


def test_more_than_people_read_is_counted_and_programs_get_every_entry(watched: Watched) -> None:
    watched.routes(MAIL, HOOK)
    watched.load(*[120, 90] * 150)
    watched.look()
    watched.send()
    mails = [json.loads(body) for route, _, body in watched.receiver.taken if route == "crew"]
    posts = [json.loads(body)["entries"] for route, _, body in watched.receiver.taken if route == "scada"]
    assert "and 50 more; the timeline" in mails[0]["text"]
    assert (len(mails), sorted(len(entries) for entries in posts)) == (1, [50, 100])
    assert len({entry["id"] for entries in posts for entry in entries}) == 150


def test_too_many_messages_in_an_hour_join_the_next_one(watched: Watched) -> None:
    watched.routes(
        Route("scada", Channel.WEBHOOK, url=HOOK.url, gather_seconds=0, per_hour=1, tells_end=False)
    )
    watched.load(120)
    watched.look()
    assert watched.send().sent == 1
    begun = watched.clock.now
    for count in (1, 2):
        watched.load(120, *[90, 120] * count)
        watched.clock.now = begun + 60 * count
        watched.look()
        assert watched.send() == Dispatch()
    watched.clock.now = begun + 3600
    assert watched.send().sent == 1
    assert len(bodies(watched)[1]["entries"]) == 2


def test_a_line_that_is_down_is_tried_again_with_the_same_words_and_then_given_up(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    down = Delivery(arrived=False, error="hook.example answers 503")
    watched.receiver.answers = [down] * (len(RETRY_SECONDS) + 1)
    for pause in RETRY_SECONDS:
        assert watched.send() == Dispatch(postponed=1)
        watched.clock.now += pause - 1
        assert watched.send() == Dispatch()
        watched.clock.now += 1
    assert watched.send() == Dispatch(given_up=1)
    watched.clock.now += 10**6
    assert watched.send() == Dispatch()
    assert len(set(watched.receiver.taken)) == 1
    (entry,) = watched.timeline(kinds=(EventKind.MESSAGE,))
    assert entry.event.title == "Gave up telling scada of 1 entry: hook.example answers 503"
    assert entry.event.severity is AlarmSeverity.WARNING


def test_a_line_that_comes_back_gets_what_it_missed(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    watched.receiver.answers = [Delivery(arrived=False, error="down")]
    watched.send()
    watched.clock.now += RETRY_SECONDS[0]
    assert watched.send() == Dispatch(sent=1)
    (entry,) = watched.timeline(kinds=(EventKind.MESSAGE,))
    assert entry.event.title == "Told scada of 1 entry"


def test_what_is_hopeless_is_given_up_at_once(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    watched.receiver.answers = [
        Delivery(arrived=False, is_hopeless=True, error="hook.example refuses it with 404")
    ]
    assert watched.send() == Dispatch(given_up=1)


def test_a_message_whose_route_is_gone_is_given_up_without_being_sent(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    watched.routes()
    assert watched.send() == Dispatch(given_up=1)
    assert watched.receiver.taken == []


@pytest.mark.parametrize("point", ["grid.message_claimed", "grid.message_sent"])
def test_a_crash_while_sending_loses_nothing_and_repeats_under_the_same_id(
    watched: Watched, point: str
) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    with pytest.raises(Crash), armed(point):
        watched.send()
    assert watched.send() == Dispatch()  # it is claimed still
    watched.clock.now += 180
    assert watched.send() == Dispatch(sent=1)
    assert len(set(watched.receiver.taken)) == 1
    assert states(watched) == ["sent"]


def test_what_is_being_sent_is_not_sent_by_another_as_well(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    inner = watched.receiver.send
    others: list[Dispatch] = []

    def overtaken(*arguments: Any) -> Delivery:
        watched.receiver.send = inner  # type: ignore[method-assign]
        others.append(watched.send())
        return inner(*arguments)

    watched.receiver.send = overtaken  # type: ignore[method-assign, assignment]
    assert watched.send() == Dispatch(sent=1)
    assert (others, len(watched.receiver.taken)) == ([Dispatch()], 1)


def test_a_message_that_two_found_due_is_claimed_by_one(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    with watched.store.reading() as records:
        (message,) = records.messages()
    assert _claim(watched.store, message.id, watched.clock.now) is not None
    assert _claim(watched.store, message.id, watched.clock.now) is None


def test_what_is_grave_takes_along_what_waits_for_the_morning(watched: Watched) -> None:
    critical = AlarmRule("worse", Measure.LOADING, ElementKind.TRANSFORMER, 150.0, AlarmSeverity.CRITICAL)
    watched.rules(RULE, critical)
    # It is ten in the morning, UTC.
    watched.routes(
        Route("scada", Channel.WEBHOOK, url=HOOK.url, gather_seconds=0, quiet_from=540, quiet_to=1200)
    )
    watched.load(120)
    watched.look()
    assert watched.send() == Dispatch()
    watched.load(120, 160)
    watched.look()
    assert watched.send() == Dispatch(sent=1)
    assert len(bodies(watched)[0]["entries"]) == 2


def test_what_happens_while_a_message_is_on_its_way_goes_into_the_next(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    watched.receiver.answers = [Delivery(arrived=False, error="down")]
    watched.send()
    watched.load(120, 90, 120)
    watched.look()
    with watched.store.reading() as records:
        sealed, gathering = sorted(records.messages(), key=lambda message: message.state.value, reverse=True)
    assert (sealed.state, len(sealed.entries)) == (MessageState.SEALED, 1)
    assert (gathering.state, len(gathering.entries)) == (MessageState.GATHERING, 2)


def test_a_silenced_alarm_and_old_news_are_told_to_nobody(watched: Watched) -> None:
    watched.routes(HOOK)
    watched.load(120, *[90] * 96 * 8, 120)
    watched.look()
    watched.send()
    ((told,),) = [body["entries"] for body in bodies(watched)]
    assert told["at"] == "2024-07-11T10:15:00Z"


def test_a_message_holds_no_more_than_what_the_timeline_has(watched: Watched) -> None:
    """No names, numbers or metering points: an entry's own words and figures alone."""
    watched.routes(HOOK)
    watched.load(120)
    watched.look()
    watched.send()
    (told,) = bodies(watched)[0]["entries"]
    keys = {
        "id",
        "kind",
        "element",
        "severity",
        "rule",
        "state",
        "at",
        "noted",
        "end",
        "worst",
        "title",
        "data",
    }
    assert told.keys() == keys
    assert told["data"].keys() == {"element_kind", "measure", "limit", "unit", "value"}
    assert np.isclose(told["worst"], 120.0)
    assert watched.clock.now == T0 + QUARTER
