"""Consents: signed by the member's own key, sent by the service, in force and out of force at once."""

import pytest

from tests.integration.api.people import API, Person

BILLS = f"{API}/communities/toits/participants/ada/bills/2024-03"
CURVES = f"{API}/communities/toits/participants/ada/energy/2024-03"


@pytest.fixture
def ada(place):
    person = Person(place, "ada@toits")
    assert person.link().json()["seat"]["holder"] == person.address
    return person


@pytest.fixture
def ben(place):
    person = Person(place, "ben@toits")
    person.link()
    return person


def now(place):
    return place.wiring.chain.block_time_utc()


def give(place, giver, grantee, scope="bills", begins=0, lasts=3600, key=None):
    asked = {"grantee": grantee, "scope": scope, "from_utc": begins, "until_utc": now(place) + lasts}
    return giver.paper("/me/consents", asked, key)


def take_back(giver, grantee, scope="bills"):
    return giver.paper("/me/consents", {"grantee": grantee, "scope": scope, "withdraw": True})


def test_a_consent_opens_at_once_and_its_withdrawal_shuts_at_once(place, ada, ben):
    assert ben.client.get(BILLS).status_code == 404
    assert give(place, ada, ben.address).status_code == 204
    assert ben.client.get(BILLS).json()["participant"]["name"] == "Ada"
    assert ben.client.get(CURVES).status_code == 404
    assert take_back(ada, ben.address).status_code == 204
    assert ben.client.get(BILLS).status_code == 404


def test_each_scope_opens_its_own_routes(place, ada, ben):
    give(place, ada, ben.address, "curves")
    assert (ben.client.get(CURVES).status_code, ben.client.get(BILLS).status_code) == (200, 404)
    give(place, ada, ben.address, "flexibility")
    assert ben.client.get(BILLS).status_code == 404


def test_a_consent_is_over_at_its_end_though_the_chain_has_no_newer_block(place, ada, ben):
    give(place, ada, ben.address, lasts=3600)
    place.clock.advance(3500)
    assert ben.refresh().get(BILLS).status_code == 200
    place.clock.advance(200)
    assert ben.client.get(BILLS).status_code == 404


def test_a_consent_does_not_hold_before_it_begins(place, ada, ben):
    give(place, ada, ben.address, begins=now(place) + 1000, lasts=7200)
    assert ben.client.get(BILLS).status_code == 404
    place.clock.advance(1100)
    Person(place, "cleo@toits").link()  # anything that is sent: the embedded chain has no block without
    assert ben.refresh().get(BILLS).status_code == 200


def test_a_role_that_is_named_opens_to_who_has_that_role_here(place, ada):
    auditor, elsewhere = Person(place, "auditor@toits"), Person(place, "auditor@lac")
    listed = ada.client.get(f"{API}/consents/grantees").json()["items"]
    address = next(known["address"] for known in listed if known["label"] == "auditor")
    give(place, ada, address)
    assert auditor.client.get(BILLS).status_code == 200
    assert elsewhere.client.get(BILLS).status_code == 404
    assert Person(place, "operator@toits").client.get(BILLS).status_code == 404


def test_members_can_be_named_and_one_oneself_is_not_listed(place, ada, ben):
    listed = ada.client.get(f"{API}/consents/grantees").json()["items"]
    assert [known["label"] for known in listed if known["kind"] == "role"] == [
        "operator",
        "provider",
        "auditor",
    ]
    members = [known for known in listed if known["kind"] == "member"]
    assert members == [{"address": ben.address, "kind": "member", "label": "Ben", "seat": 1}]


def test_consents_are_told_newest_first_with_whether_they_hold(place, ada, ben):
    assert ada.client.get(f"{API}/me/consents").json()["items"] == []
    stranger = "0x" + "ab" * 20
    give(place, ada, stranger, "curves")
    give(place, ada, ben.address)
    take_back(ada, ben.address)
    told = ada.client.get(f"{API}/me/consents").json()["items"]
    assert [(item["grantee"]["kind"], item["scope"], item["holds"]) for item in told] == [
        ("member", "bills", False),
        ("account", "curves", True),
    ]
    assert ben.client.get(f"{API}/me/consents").json()["items"] == []


def test_what_another_key_signed_gives_nothing(place, ada, ben):
    assert give(place, ada, ben.address, key=ben.key).status_code == 409
    assert ben.client.get(BILLS).status_code == 404
    assert give(place, ada, ben.address).status_code == 204


def test_a_signed_draft_gives_a_consent_once(place, ada, ben):
    asked = {"grantee": ben.address, "scope": "bills", "from_utc": 0, "until_utc": now(place) + 3600}
    drafted = ada.client.post(f"{API}/me/consents/draft", json=asked).json()
    body = {"draft": drafted["draft"], "signature": ada.sign_document(drafted["typed_data"])}
    assert ada.client.post(f"{API}/me/consents", json=body).status_code == 204
    take_back(ada, ben.address)
    assert ada.client.post(f"{API}/me/consents", json=body).status_code == 409
    assert ben.client.get(BILLS).status_code == 404


@pytest.mark.parametrize("until", [0, 1, 2**40])
def test_a_consent_that_is_over_or_without_end_is_not_drafted(place, ada, ben, until):
    asked = {"grantee": ben.address, "scope": "bills", "from_utc": 0, "until_utc": until}
    assert ada.client.post(f"{API}/me/consents/draft", json=asked).status_code == 422


def test_who_has_no_seat_gives_no_consent(place, ben):
    cleo = Person(place, "cleo@toits")
    asked = {"grantee": ben.address, "scope": "bills", "from_utc": 0, "until_utc": now(place) + 3600}
    assert cleo.client.post(f"{API}/me/consents/draft", json=asked).status_code == 409
