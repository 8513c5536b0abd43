"""Passkeys: made by who is logged in, used in place of a password, refused like one."""

import logging
from dataclasses import replace

import pytest

from tests.integration.api.authenticator import Authenticator

API = "/api/v1"
HERE = {"base_url": "http://localhost"}


def make_passkey(client, authenticator=None, name="Phone"):
    authenticator = authenticator or Authenticator()
    options = client.post(f"{API}/me/passkeys/options").json()["publicKey"]
    made = authenticator.make(options)
    answer = client.post(f"{API}/me/passkeys", json={"credential": made, "name": name})
    return authenticator, answer


def knock(place, authenticator, **options):
    client = place.visit(**(options or HERE))
    asked = client.post(f"{API}/session/passkey/options").json()["publicKey"]
    answer = client.post(f"{API}/session/passkey", json={"credential": authenticator.sign(asked)})
    return client, answer


@pytest.fixture
def ada(place):
    return place.log_in("ada@toits", **HERE)


def test_a_passkey_opens_the_same_session_as_the_password(place, ada):
    authenticator, answer = make_passkey(ada)
    assert answer.status_code == 201
    client, opened = knock(place, authenticator)
    assert opened.json() == {"user": {**opened.json()["user"], "login": "ada@toits", "participant": "ada"}}
    assert client.get(f"{API}/me").json()["name"] == "Ada"
    assert client.post(f"{API}/session/refresh").status_code == 200
    kept = ada.get(f"{API}/me/passkeys").json()["items"]
    assert [(key["name"], key["used_at"] is not None) for key in kept] == [("Phone", True)]


def test_several_passkeys_open_the_door_until_each_is_removed(place, ada):
    phone, _ = make_passkey(ada)
    laptop, _ = make_passkey(ada, name="Laptop")
    kept = ada.get(f"{API}/me/passkeys").json()["items"]
    assert sorted(key["name"] for key in kept) == ["Laptop", "Phone"]
    lost = next(key["id"] for key in kept if key["name"] == "Phone")
    assert ada.delete(f"{API}/me/passkeys/{lost}").status_code == 204
    assert knock(place, phone)[1].status_code == 401
    assert knock(place, laptop)[1].status_code == 200


@pytest.mark.parametrize(
    "lie",
    [
        {"verifies": False},
        {"origin": "http://localhost.evil.example"},
        {"host": "evil.example"},
        {"key": Authenticator().key},
        {"id": b"nobody's"},
        {"handle": "YmVu"},
    ],
    ids=["unverified user", "other pages", "other host", "other key", "unknown passkey", "other user"],
)
def test_whatever_a_passkey_lies_about_it_is_refused_like_a_wrong_password(place, ada, lie):
    authenticator, _ = make_passkey(ada)
    wrong = place.visit(**HERE).post(f"{API}/session", json={"login": "ada@toits", "password": "wrong"})
    _, answer = knock(place, replace(authenticator, **lie))
    assert answer.status_code == wrong.status_code == 401
    assert answer.json()["detail"] == wrong.json()["detail"]
    assert answer.json()["type"] == wrong.json()["type"]
    assert knock(place, authenticator)[1].status_code == 200


@pytest.mark.parametrize(
    "lie", [{"verifies": False}, {"origin": "https://evil.example"}, {"host": "evil.example"}]
)
def test_a_passkey_that_was_made_elsewhere_or_without_its_user_is_not_kept(ada, lie):
    _, answer = make_passkey(ada, Authenticator(**lie))
    assert answer.status_code == 422
    assert ada.get(f"{API}/me/passkeys").json()["items"] == []


def test_an_answer_is_good_for_one_use(place, ada):
    authenticator, _ = make_passkey(ada)
    client = place.visit(**HERE)
    options = client.post(f"{API}/session/passkey/options").json()["publicKey"]
    signed = authenticator.sign(options)
    assert client.post(f"{API}/session/passkey", json={"credential": signed}).status_code == 200
    assert place.visit(**HERE).post(f"{API}/session/passkey", json={"credential": signed}).status_code == 401


def test_a_challenge_is_over_after_five_minutes(place, ada):
    authenticator, _ = make_passkey(ada)
    client = place.visit(**HERE)
    options = client.post(f"{API}/session/passkey/options").json()["publicKey"]
    place.clock.advance(300)
    answer = client.post(f"{API}/session/passkey", json={"credential": authenticator.sign(options)})
    assert answer.status_code == 401


def test_a_challenge_to_log_in_makes_no_passkey_and_anothers_neither(place, ada):
    ben = place.log_in("ben@toits", **HERE)
    for options in (
        ada.post(f"{API}/session/passkey/options").json()["publicKey"],
        ben.post(f"{API}/me/passkeys/options").json()["publicKey"],
    ):
        asked = {
            **ada.post(f"{API}/me/passkeys/options").json()["publicKey"],
            "challenge": options["challenge"],
        }
        made = Authenticator().make(asked)
        answer = ada.post(f"{API}/me/passkeys", json={"credential": made, "name": "x"})
        assert answer.status_code == 422


def test_a_copied_authenticator_is_found_by_its_count(place, ada):
    authenticator, _ = make_passkey(ada)
    copy = replace(authenticator)
    assert knock(place, authenticator)[1].status_code == 200
    assert knock(place, authenticator)[1].status_code == 200
    assert knock(place, copy)[1].status_code == 401


def test_a_passkey_is_one_users_alone(place, ada):
    authenticator, _ = make_passkey(ada)
    ben = place.log_in("ben@toits", **HERE)
    assert make_passkey(ben, authenticator)[1].status_code == 409
    known_as = ada.get(f"{API}/me/passkeys").json()["items"][0]["id"]
    assert ben.delete(f"{API}/me/passkeys/{known_as}").status_code == 404


def test_a_disabled_user_is_not_let_in_by_a_passkey(place, ada):
    authenticator, _ = make_passkey(ada)
    root = place.log_in("root")
    user = ada.get(f"{API}/me").json()["id"]
    assert root.patch(f"{API}/admin/users/{user}", json={"disabled": True}).status_code == 200
    assert knock(place, authenticator)[1].status_code == 401


def test_guessing_with_a_passkey_is_stopped(place, ada):
    authenticator, _ = make_passkey(ada)
    wrong = replace(authenticator, key=Authenticator().key)
    statuses = [knock(place, wrong)[1].status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


@pytest.mark.parametrize(
    "sent",
    [{}, {"id": 7}, {"response": []}, {"id": "a", "response": {"clientDataJSON": "e30"}}, {"id": "x" * 5000}],
)
def test_what_is_no_passkey_at_all_is_refused_and_breaks_nothing(place, ada, sent):
    assert place.visit(**HERE).post(f"{API}/session/passkey", json={"credential": sent}).status_code == 401
    assert ada.post(f"{API}/me/passkeys", json={"credential": sent, "name": "x"}).status_code == 422


def test_pages_elsewhere_need_their_address_told(place):
    answer = place.visit(base_url="http://partage.example").post(f"{API}/session/passkey/options")
    assert answer.status_code == 422
    assert "PARTAGE_ORIGIN" in answer.json()["detail"]


def test_no_challenge_or_credential_reaches_the_log(place, ada, caplog):
    authenticator, _ = make_passkey(ada)
    with caplog.at_level(logging.DEBUG):
        knock(place, authenticator)
        knock(place, replace(authenticator, key=Authenticator().key))
    assert authenticator.sign({"challenge": "", "userVerification": "required"})["id"] not in caplog.text


def test_knocking_without_end_is_answered_with_a_wait(place):
    client = place.visit(**HERE)
    statuses = {client.post(f"{API}/session/passkey/options").status_code for _ in range(400)}
    assert statuses == {200, 429}
