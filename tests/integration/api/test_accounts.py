"""Accounts on chain: linked by what they sign, seated by the steward, replaced by their holder or after a loss."""

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address

from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from tests.integration.api.people import API, Person
from tests.integration.settlement.small_community import MONTH

ACCOUNTS = f"{API}/me/accounts"
DAYS_14 = 14 * 86_400


@pytest.fixture
def ada(place):
    return Person(place, "ada@toits")


def holder(place, seat):
    anchor = place.wiring.context.community("toits").record.anchor
    return to_checksum_address(place.wiring.chain.read("registry", "holderOf", anchor, seat))


def test_a_member_whose_meter_was_confirmed_is_seated_with_the_account_that_they_link(place, ada):
    assert ada.client.get(ACCOUNTS).json() == {
        "accounts": [],
        "seat": {"number": 0, "holder": None, "waits_for": "account", "recovery": None},
    }
    book = ada.link().json()
    assert book["seat"] == {"number": 0, "holder": ada.address, "waits_for": None, "recovery": None}
    assert [(known["address"], known["kind"]) for known in book["accounts"]] == [(ada.address, "browser")]
    assert holder(place, 0) == ada.address


def test_a_member_of_a_community_that_opened_no_period_waits_and_is_seated_once_it_does(place):
    lena = Person(place, "ada@lac")
    assert lena.link().json()["seat"]["waits_for"] == "period"
    assert lena.client.post(f"{ACCOUNTS}/seat").json()["seat"]["waits_for"] == "period"
    readings = place.wiring.home.files / "readings.csv"
    load_readings(place.wiring.context, place.wiring.reader_for(), [readings], community="lac")
    settle_period(place.wiring.context, "lac", MONTH)
    assert lena.client.get(ACCOUNTS).json()["seat"]["holder"] == lena.address


def test_an_account_is_linked_by_its_own_signature_of_its_own_challenge_only(place, ada):
    asked = {"address": ada.address, "kind": "browser"}
    text = ada.client.post(f"{ACCOUNTS}/challenge", json=asked).json()["message"]
    assert "toits" in text
    ben = Person(place, "ben@toits")
    foreign = Account.create()
    wrong = [
        {**asked, "message": text, "signature": ben.sign(text)},
        {**asked, "kind": "wallet", "message": text, "signature": ada.sign(text)},
        {**asked, "address": foreign.address, "message": text, "signature": ada.sign(text)},
        {**asked, "message": text + "0", "signature": ada.sign(text + "0")},
    ]
    for body in wrong:
        assert ada.client.post(ACCOUNTS, json=body).status_code == 422
    assert (
        ben.client.post(ACCOUNTS, json={**asked, "message": text, "signature": ada.sign(text)}).status_code
        == 422
    )
    assert ada.client.get(ACCOUNTS).json()["accounts"] == []


def test_a_challenge_is_good_for_one_use_and_five_minutes(place, ada):
    asked = {"address": ada.address, "kind": "browser"}
    text = ada.client.post(f"{ACCOUNTS}/challenge", json=asked).json()["message"]
    body = {**asked, "message": text, "signature": ada.sign(text)}
    assert ada.client.post(ACCOUNTS, json=body).status_code == 201
    assert ada.client.delete(f"{ACCOUNTS}/{ada.address}").status_code == 204
    assert ada.client.post(ACCOUNTS, json=body).status_code == 422
    text = ada.client.post(f"{ACCOUNTS}/challenge", json=asked).json()["message"]
    place.clock.advance(300)
    assert (
        ada.client.post(ACCOUNTS, json={**asked, "message": text, "signature": ada.sign(text)}).status_code
        == 422
    )


def test_an_account_is_one_users_alone(place, ada):
    ada.link()
    ben = Person(place, "ben@toits", key=ada.key)
    assert ben.link().status_code == 409
    assert ben.client.delete(f"{ACCOUNTS}/{ada.address}").status_code == 404
    assert ben.client.get(ACCOUNTS).json()["accounts"] == []


def test_somebody_without_a_seat_links_an_account_to_log_in_only(place):
    operator = Person(place, "operator@toits")
    assert operator.link("wallet").json()["seat"] is None


def test_a_sealed_key_is_kept_as_it_is_and_comes_back_to_its_owner_alone(place, ada):
    assert ada.client.get(f"{ACCOUNTS}/backup").json() == {"sealed": None, "kept_at": None}
    assert ada.client.put(f"{ACCOUNTS}/backup", json={"sealed": "é" * 4000}).status_code == 204
    assert ada.client.get(f"{ACCOUNTS}/backup").json()["sealed"] == "é" * 4000
    assert ada.client.put(f"{ACCOUNTS}/backup", json={"sealed": "é" * 5000}).status_code == 422
    assert Person(place, "ben@toits").client.get(f"{ACCOUNTS}/backup").json()["sealed"] is None


def test_a_holder_passes_the_seat_on_to_a_new_key_by_signature(place, ada):
    ada.link()
    new = Account.create()
    assert ada.client.post(f"{ACCOUNTS}/replacement/draft", json={"to": new.address}).status_code == 422
    ada.link(key=new)
    answer = ada.paper("/me/accounts/replacement", {"to": new.address})
    assert answer.json()["holder"] == new.address == holder(place, 0)


def test_a_key_that_is_not_the_holders_passes_no_seat_on_and_holds_up_nothing(place, ada):
    ada.link()
    new = Account.create()
    ada.link(key=new)
    refused = ada.paper("/me/accounts/replacement", {"to": new.address}, key=new)
    assert refused.status_code == 409
    assert holder(place, 0) == ada.address
    assert ada.paper("/me/accounts/replacement", {"to": new.address}).status_code == 200


def test_a_draft_is_its_owners_and_unaltered(place, ada):
    ada.link()
    new = Account.create()
    ada.link(key=new)
    drafted = ada.client.post(f"{ACCOUNTS}/replacement/draft", json={"to": new.address}).json()
    signature = ada.sign_document(drafted["typed_data"])
    ben = Person(place, "ben@toits")
    ben.link()
    altered = drafted["draft"][:50] + ("A" if drafted["draft"][50] != "A" else "B") + drafted["draft"][51:]
    for person, draft in ((ben, drafted["draft"]), (ada, altered), (ada, "AAAA")):
        body = {"draft": draft, "signature": signature}
        assert person.client.post(f"{ACCOUNTS}/replacement", json=body).status_code == 422
    place.clock.advance(3600)
    ada.refresh()
    body = {"draft": drafted["draft"], "signature": signature}
    assert ada.client.post(f"{ACCOUNTS}/replacement", json=body).status_code == 422


def test_a_lost_key_is_replaced_after_fourteen_days(place, ada):
    ada.link()
    new = Account.create()
    ada.link(key=new)
    asked = ada.client.post(f"{ACCOUNTS}/recovery", json={"to": new.address}).json()
    assert (asked["holder"], asked["recovery"]["to"]) == (ada.address, new.address)
    assert ada.client.post(f"{ACCOUNTS}/recovery/completion").status_code == 409
    place.clock.advance(DAYS_14 + 60)
    ada = Person(place, "ada@toits")
    done = ada.client.post(f"{ACCOUNTS}/recovery/completion")
    assert done.json()["holder"] == new.address == holder(place, 0)


def test_who_has_the_key_objects_to_its_recovery(place, ada):
    ada.link()
    new = Account.create()
    ada.link(key=new)
    ada.client.post(f"{ACCOUNTS}/recovery", json={"to": new.address})
    answer = ada.paper("/me/accounts/recovery/objection", None)
    assert answer.json()["recovery"] is None
    assert ada.client.post(f"{ACCOUNTS}/recovery/completion").status_code == 409
    assert holder(place, 0) == ada.address
