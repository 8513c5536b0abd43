"""What parties to a case sign is what the contract recovers, and words are known by salted hashes alone."""

import json

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from backend.commitments.keccak import keccak256
from backend.governance.case_papers import claim_document, evidence_hash, opening_document, words_hash
from backend.verifier.signatures import CLAIM, OPEN_CASE, digest_of, recover

ARBITRATION = "0x" + "ab" * 20
SALT = "0x" + "07" * 32
OPENING = {
    "community": "0x" + "11" * 32,
    "period": 19_783,
    "slot": 3,
    "first": 40,
    "until": 46,
    "paper": "0x" + "22" * 32,
}
CLAIMED = {
    "community": "0x" + "11" * 32,
    "caseId": 2**200,
    "party": 2,
    "readings": "0x" + "33" * 32,
    "evidence": "0x" + "44" * 32,
}
PAPERS = {"OpenCase": (opening_document, OPENING, OPEN_CASE), "Claim": (claim_document, CLAIMED, CLAIM)}


def words_of(message):
    return [bytes.fromhex(value[2:]) if isinstance(value, str) else value for value in message.values()]


@pytest.mark.parametrize("kind", PAPERS)
def test_wallets_sign_what_the_verifier_recovers(kind):
    write, message, type_of = PAPERS[kind]
    document = write(1337, ARBITRATION, message)
    assert json.loads(json.dumps(document)) == document
    key = Account.from_key("0x" + "05" * 32)
    signed = key.sign_typed_data(full_message=document)
    digest = digest_of(type_of, words_of(message), 1337, bytes.fromhex(ARBITRATION[2:]))
    told = encode_typed_data(full_message=document)
    assert digest == keccak256(b"\x19\x01" + told.header + told.body)
    signer = recover(digest, bytes(signed.signature))
    assert signer is not None
    assert signer.hex() == key.address[2:].lower()


@pytest.mark.parametrize("kind", PAPERS)
def test_every_field_and_the_domain_are_signed(kind):
    _, message, type_of = PAPERS[kind]
    contract = bytes.fromhex(ARBITRATION[2:])
    digests = {digest_of(type_of, words_of(message), chain, contract) for chain in (1, 1337)}
    digests.add(digest_of(type_of, words_of(message), 1, bytes(20)))
    for name, value in message.items():
        other = value + 1 if isinstance(value, int) else "0x" + "99" * 32
        digests.add(digest_of(type_of, words_of(message | {name: other}), 1, contract))
    assert len(digests) == 3 + len(message)


def test_words_and_files_are_hidden_behind_their_salts():
    assert words_hash(SALT, "é") == "0x" + keccak256(b"\x28" + bytes([7] * 32) + "é".encode()).hex()
    assert words_hash(SALT, "é") != words_hash("0x" + "08" * 32, "é")
    file_hash = keccak256(b"photograph")
    assert evidence_hash(SALT, file_hash) == "0x" + keccak256(b"\x27" + bytes([7] * 32) + file_hash).hex()


def test_a_document_with_another_field_is_our_own_mistake():
    with pytest.raises(AssertionError):
        claim_document(1, ARBITRATION, {**CLAIMED, "more": 1})
