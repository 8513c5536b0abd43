"""Posting messages: signed, repeatable, and to nobody who should not be reached."""

import hashlib
import hmac
import json
import logging
import time

import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.messages import WebhookSender, route_key
from backend.grid.alarms import Channel, Route
from tests.integration.messages.receivers import make_certificate, receiving_posts

SECRET = b"s" * 32
BODY = json.dumps({"network": "rue", "entries": [{"title": "Trafo à 130 %"}]}, ensure_ascii=False)
NOW = 1_720_000_000


def route(url):
    return Route("scada", Channel.WEBHOOK, url=url)


def sender(**options):
    return WebhookSender(SECRET, FixedClock(NOW), **{"allows_private": True} | options)


def test_a_message_arrives_with_an_id_and_a_signature_that_the_receiver_can_check():
    with receiving_posts() as posted:
        told = sender().send(route(f"{posted.url}/hook?a=1"), "m1", BODY)
    assert (told.arrived, told.error) == (True, "")
    ((path, headers, body),) = posted.requests
    assert (path, body.decode()) == ("/hook?a=1", BODY)
    assert headers["Idempotency-Key"] == headers["Partage-Message-Id"] == "m1"
    assert headers["Host"] == f"127.0.0.1:{posted.port}"
    assert headers["Content-Type"] == "application/json"
    signed = f"{headers['Partage-Timestamp']}.".encode() + body
    key = route_key(SECRET, "rue", "scada")
    assert headers["Partage-Signature"] == "v1=" + hmac.new(key, signed, hashlib.sha256).hexdigest()
    assert headers["Partage-Timestamp"] == str(NOW)


def test_each_network_and_route_signs_under_a_key_of_its_own():
    keys = {route_key(SECRET, "rue", "a"), route_key(SECRET, "rue", "b"), route_key(SECRET, "lac", "a")}
    assert len(keys) == 3
    assert SECRET not in keys


@pytest.mark.parametrize(
    ("status", "hopeless"),
    [(500, False), (503, False), (429, False), (408, False), (400, True), (404, True), (410, True)],
)
def test_a_refusal_is_tried_again_only_where_another_try_may_help(status, hopeless):
    with receiving_posts(status) as posted:
        told = sender().send(route(posted.url), "m1", BODY)
    assert (told.arrived, told.is_hopeless) == (False, hopeless)
    assert str(status) in told.error


def test_no_log_shows_what_stands_in_a_route_s_address(caplog):
    with caplog.at_level(logging.DEBUG), receiving_posts() as posted:
        assert sender().send(route(f"{posted.url}/hooks/T0KEN?key=S3CRET"), "m1", BODY).arrived
    assert "T0KEN" not in caplog.text
    assert "S3CRET" not in caplog.text


def test_a_redirection_is_not_followed():
    with receiving_posts(302) as posted:
        told = sender().send(route(posted.url), "m1", BODY)
    assert (told.arrived, told.is_hopeless, len(posted.requests)) == (False, True, 1)


def test_a_receiver_that_is_not_there_is_told_and_tried_again():
    with receiving_posts() as posted:
        url = posted.url
    told = sender().send(route(url), "m1", BODY)
    assert (told.arrived, told.is_hopeless) == (False, False)
    assert "127.0.0.1 cannot be reached" in told.error


def test_a_receiver_that_trickles_its_answer_holds_nobody_up():
    begun = time.monotonic()
    with receiving_posts(trickles=True) as posted:
        told = sender(seconds_max=0.3).send(route(posted.url), "m1", BODY)
        assert not told.arrived
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),  # noqa: S104
        *(
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "224.0.0.1",
            "::",
            "::7f00:1",
            "fec0::1",
            "64:ff9b:1::a00:1",
        ),
    ],
)
def test_a_name_that_leads_into_a_private_network_is_never_connected_to(address):
    careful = sender(allows_private=False, resolver=lambda *_: ["93.184.215.14", address])
    told = careful.send(route("https://hook.example/x"), "m1", BODY)
    assert (told.arrived, told.is_hopeless) == (False, True)
    assert "hook.example is an address of a private network" in told.error


def test_a_name_is_looked_up_once_and_the_connection_goes_where_was_looked():
    asked = []

    def resolver(host, port):
        asked.append((host, port))
        return ["127.0.0.1"]

    with receiving_posts() as posted:
        told = sender(resolver=resolver).send(route(f"http://hook.example:{posted.port}/x"), "m1", BODY)
    assert told.arrived
    assert asked == [("hook.example", posted.port)]
    assert posted.requests[0][1]["Host"] == f"hook.example:{posted.port}"


def test_a_message_goes_to_the_world_by_https_alone():
    careful = sender(allows_private=False, resolver=lambda *_: ["93.184.215.14"])
    told = careful.send(route("http://hook.example/x"), "m1", BODY)
    assert (told.is_hopeless, "not https" in told.error) == (True, True)


def test_a_name_without_an_address_is_tried_again():
    def resolver(host, port):
        raise OSError(-2, "Name or service not known")

    told = sender(resolver=resolver).send(route("https://hook.example/x"), "m1", BODY)
    assert (told.is_hopeless, told.error) == (
        False,
        "hook.example cannot be looked up (Name or service not known)",
    )


def test_the_certificate_is_held_against_the_name_not_the_address(tmp_path):
    right = make_certificate(tmp_path, "hook.example")
    with receiving_posts(tls=right.server) as posted:
        options = {"resolver": lambda *_: ["127.0.0.1"], "trust": right.client}
        told = sender(**options).send(route(f"https://hook.example:{posted.port}/"), "m1", BODY)
        assert (told.arrived, told.error) == (True, "")
        told = sender(**options).send(route(f"https://other.example:{posted.port}/"), "m2", BODY)
        assert (told.arrived, "other.example cannot be reached" in told.error) == (False, True)
        options.pop("trust")
        assert not sender(**options).send(route(f"https://hook.example:{posted.port}/"), "m3", BODY).arrived


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving_posts() as posted:
        assert sender().send(route(posted.url), "m1", BODY).arrived
