"""Routes of messages: what is taken, what is refused, and when a message may go."""

from datetime import UTC, datetime

import pytest

from backend.errors import InputError
from backend.grid.alarms.measures import AlarmSeverity
from backend.grid.alarms.routes import read_routes, write_routes

HOOK = {"id": "scada", "channel": "webhook", "url": "https://example.org/hook"}
MAIL = {"id": "crew", "channel": "email", "addresses": ["crew@example.org"]}
INFO, WARNING, CRITICAL = AlarmSeverity


def at(text):
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def test_routes_are_written_and_read_back_the_same():
    routes = read_routes(
        [
            HOOK,
            MAIL | {"quiet_from": "22:00", "quiet_to": "06:30", "kinds": ["alarm", "plan"], "enabled": False},
        ]
    )
    assert read_routes(write_routes(routes)) == routes
    assert (routes[1].quiet_from, routes[1].quiet_to, routes[1].is_enabled) == (1320, 390, False)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (HOOK | {"url": "ftp://example.org"}, "url is 'ftp://example.org'; write https://"),
        (HOOK | {"url": "https://user:word@example.org/"}, "without a user in it"),
        (HOOK | {"url": "https://example.org/a b"}, "url is"),
        (HOOK | {"url": "https://example.org:99999/"}, "url is"),
        (HOOK | {"url": "https:///x"}, "url is"),
        (HOOK | {"url": 7}, "url is '7'; write a text"),
        (HOOK | {"addresses": ["a@b.org"]}, "a webhook has a url and no addresses"),
        (MAIL | {"url": "https://example.org"}, "an e-mail has addresses and no url"),
        (MAIL | {"addresses": []}, "addresses is '0'; name 1 to 20"),
        (MAIL | {"addresses": ["crew"]}, "write addresses such as"),
        (MAIL | {"addresses": ["a@b.org\nBcc: c@d.org"]}, "write addresses such as"),
        (MAIL | {"addresses": ["a@b.org,c@d.org"]}, "write addresses such as"),
        (MAIL | {"addresses": "crew@example.org"}, "write a list of texts"),
        (MAIL | {"channel": "pigeon"}, "channel is 'pigeon'; choose one of webhook, email"),
        (MAIL | {"least": "loud"}, "least is 'loud'; choose one of info"),
        (MAIL | {"kinds": ["bill"]}, "kinds is .*; choose some of alarm"),
        (MAIL | {"kinds": ["message"]}, "kinds is .*; choose some of alarm"),
        (MAIL | {"kinds": []}, "kinds is"),
        (MAIL | {"quiet_from": "22:00"}, "give both, two different times"),
        (MAIL | {"quiet_from": "22:00", "quiet_to": "22:00"}, "give both, two different times"),
        (MAIL | {"quiet_from": "24:00", "quiet_to": "06:00"}, "quiet_from is '24:00'"),
        (MAIL | {"per_hour": 0}, "per_hour is '0'; give 1 to 3600"),
        (MAIL | {"per_hour": True}, "per_hour is 'True'; write a whole number"),
        (MAIL | {"gather_seconds": -1}, "gather_seconds is '-1'; give 0 to 86400"),
        (MAIL | {"enabled": "yes"}, "is_enabled is 'yes'; write true or false"),
        (MAIL | {"colour": "red"}, "'crew' has 'colour'; the keys are"),
        (MAIL | {"id": "The crew"}, "id is 'The crew'"),
        ({"id": "a"}, "'a' has no channel"),
    ],
)
def test_a_route_that_does_not_fit_is_refused_with_its_place_value_and_remedy(table, said):
    with pytest.raises(InputError, match=said):
        read_routes([table])


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "a list of tables"),
        ([1], "a list of tables"),
        ([HOOK, HOOK], "'scada' stands there twice"),
        ([HOOK] * 21, "21"),
    ],
)
def test_what_is_no_list_of_routes_is_refused(tables, said):
    with pytest.raises(InputError, match=said):
        read_routes(tables)


def test_a_route_carries_its_kinds_from_its_gravity_on():
    (route,) = read_routes([MAIL])
    told = [
        route.carries("alarm", WARNING),
        route.carries("alarm", CRITICAL),
        route.carries("alarm", INFO),
        route.carries("plan", CRITICAL),
    ]
    assert told == [True, True, False, False]
    (off,) = read_routes([MAIL | {"enabled": False}])
    assert not off.carries("alarm", CRITICAL)


QUIET = MAIL | {"quiet_from": "22:00", "quiet_to": "06:30", "gather_seconds": 0}


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2024-06-10T21:59:00+02:00", "2024-06-10T21:59:00+02:00"),
        ("2024-06-10T22:00:00+02:00", "2024-06-11T06:30:00+02:00"),
        ("2024-06-11T06:29:00+02:00", "2024-06-11T06:30:00+02:00"),
        ("2024-06-11T06:30:00+02:00", "2024-06-11T06:30:00+02:00"),
        # The clock is set forward in that night, and back in the other.
        ("2024-03-30T23:00:00+01:00", "2024-03-31T06:30:00+02:00"),
        ("2024-10-26T23:00:00+02:00", "2024-10-27T06:30:00+01:00"),
    ],
)
def test_a_message_waits_for_the_end_of_the_quiet_hours(now, due):
    (route,) = read_routes([QUIET])
    assert route.due_utc(WARNING, at(now), [], "Europe/Paris") == at(due)
    assert route.due_utc(CRITICAL, at(now), [], "Europe/Paris") == at(now)


def test_quiet_hours_within_a_day_end_on_that_day():
    (route,) = read_routes([QUIET | {"quiet_from": "12:00", "quiet_to": "14:00"}])
    assert route.due_utc(INFO, at("2024-06-10T12:30:00+00:00"), [], "UTC") == at("2024-06-10T14:00:00+00:00")


def test_a_message_waits_for_others_and_for_its_turn_in_the_hour():
    (route,) = read_routes([MAIL | {"gather_seconds": 30, "per_hour": 2}])
    assert route.due_utc(WARNING, 10_000, [9_000], "UTC") == 10_030
    assert route.due_utc(WARNING, 10_000, [8_000, 9_000, 9_500], "UTC") == 9_000 + 3_600
    assert route.due_utc(CRITICAL, 20_000, [8_000, 9_000], "UTC") == 20_030
