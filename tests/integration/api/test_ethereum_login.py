"""Log-in by an account on chain (ERC-4361): the message to the byte, once, now, here, by an account that is linked."""

import pytest
from eth_account import Account

from tests.integration.api.people import API, HERE, Person, signed

NONCE = f"{API}/session/ethereum/nonce"
SESSION = f"{API}/session/ethereum"
ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


@pytest.fixture
def ada(place):
    person = Person(place, "ada@toits")
    assert person.link().status_code == 201
    return person


def message_for(client, address):
    return client.get(NONCE, params={"address": address}).json()["message"]


def knock(place, key, change=lambda text: text, before=lambda: None):
    client = place.visit(**HERE)
    text = change(message_for(client, key.address))
    before()
    return client.post(SESSION, json={"message": text, "signature": signed(key, text)}), client


def test_a_linked_account_opens_the_same_session_as_the_password(place, ada):
    answer, client = knock(place, ada.key)
    assert answer.json()["user"]["login"] == "ada@toits"
    assert client.get(f"{API}/me").json()["name"] == "Ada"
    assert client.post(f"{API}/session/refresh").status_code == 200


def test_the_message_is_the_standards_and_names_the_chain_of_the_deployment(place, ada):
    text = message_for(place.visit(**HERE), ada.address.lower())
    chain = place.wiring.chain.facts().chain_id
    lines = text.split("\n")
    assert lines[:6] == [
        "localhost wants you to sign in with your Ethereum account:",
        ada.address,
        "",
        "Log in to Partage.",
        "",
        "URI: http://localhost",
    ]
    assert lines[6:8] == ["Version: 1", f"Chain ID: {chain}"]
    assert [line.partition(": ")[0] for line in lines[8:]] == ["Nonce", "Issued At", "Expiration Time"]


CHANGES = {
    "another domain": lambda text: text.replace("localhost wants", "evil.example wants"),
    "another address of the pages": lambda text: text.replace(
        "URI: http://localhost", "URI: http://evil.example"
    ),
    "another version": lambda text: text.replace("Version: 1", "Version: 2"),
    "another chain": lambda text: text.replace("Chain ID: ", "Chain ID: 9"),
    "another nonce": lambda text: text.replace("Nonce: 0", "Nonce: 1"),
    "a longer life": lambda text: (
        text[:-21] + str(int(text[-21:-16]) + 1) + text[-16:]
        if text[-21:-16].isdecimal()
        else text.replace("Expiration Time: 2", "Expiration Time: 3")
    ),
    "a line more": lambda text: text + "\nResources:\n- https://evil.example",
    "another statement": lambda text: text.replace("Log in to", "Pay all to"),
    "windows' line ends": lambda text: text.replace("\n", "\r\n"),
    "a small address": lambda text: text.replace(text.split("\n")[1], text.split("\n")[1].lower()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_message_that_differs_in_anything_opens_nothing_though_it_is_signed(place, ada, change):
    answer, _ = knock(place, ada.key, change)
    wrong = place.visit().post(f"{API}/session", json={"login": "ada@toits", "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["detail"] == wrong.json()["detail"]


def test_an_account_that_nobody_linked_is_answered_like_a_wrong_password(place, ada):
    assert knock(place, Account.create())[0].status_code == 401


def test_a_signature_of_another_key_opens_nothing(place, ada):
    client = place.visit(**HERE)
    text = message_for(client, ada.address)
    body = {"message": text, "signature": signed(Account.create(), text)}
    assert client.post(SESSION, json=body).status_code == 401


def test_a_message_is_good_for_one_use(place, ada):
    client = place.visit(**HERE)
    text = message_for(client, ada.address)
    body = {"message": text, "signature": ada.sign(text)}
    assert client.post(SESSION, json=body).status_code == 200
    assert place.visit(**HERE).post(SESSION, json=body).status_code == 401


def test_a_message_is_over_after_five_minutes(place, ada):
    answer, _ = knock(place, ada.key, before=lambda: place.clock.advance(300))
    assert answer.status_code == 401


def test_the_twin_of_a_signature_with_a_high_s_is_no_signature(place, ada):
    client = place.visit(**HERE)
    text = message_for(client, ada.address)
    raw = bytes.fromhex(ada.sign(text)[2:])
    twin = raw[:32] + (ORDER - int.from_bytes(raw[32:64])).to_bytes(32) + bytes([55 - raw[64]])
    assert client.post(SESSION, json={"message": text, "signature": "0x" + twin.hex()}).status_code == 401


def test_an_account_that_was_unlinked_opens_nothing_any_more(place, ada):
    assert ada.client.delete(f"{API}/me/accounts/{ada.address}").status_code == 204
    assert knock(place, ada.key)[0].status_code == 401


def test_an_address_whose_capitals_are_wrong_is_refused(place, ada):
    swapped = "0x" + ada.address[2:].swapcase()
    assert place.visit(**HERE).get(NONCE, params={"address": swapped}).status_code == 422
