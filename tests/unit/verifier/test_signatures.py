"""The verifier recovers who signed, and knows no signature where there is none."""

import pytest
from eth_keys.datatypes import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.commitments.keccak import keccak256
from backend.verifier.signatures import recover

N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
DIGEST = keccak256(b"a paper")
KEY = PrivateKey(bytes(31) + b"\x09")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, N - 1), st.binary(min_size=32, max_size=32))
def test_the_signer_is_found_whatever_was_signed(secret, digest):
    key = PrivateKey(secret.to_bytes(32, "big"))
    signature = key.sign_msg_hash(digest).to_bytes()
    assert recover(digest, signature) == key.public_key.to_canonical_address()
    ethereum = signature[:64] + bytes([signature[64] + 27])
    assert recover(digest, ethereum) == key.public_key.to_canonical_address()


@pytest.mark.parametrize("change", range(0, 65, 4))
def test_an_altered_signature_is_another_accounts_or_nobodys(change):
    signature = bytearray(KEY.sign_msg_hash(DIGEST).to_bytes())
    signature[change] ^= 1
    assert recover(DIGEST, bytes(signature)) != KEY.public_key.to_canonical_address()


def test_what_is_malformed_or_malleable_is_no_signature():
    good = KEY.sign_msg_hash(DIGEST).to_bytes()
    r, s, parity = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    high = r + (N - s).to_bytes(32, "big") + bytes([1 - parity])
    for wrong in (
        high,
        good[:64],
        good + b"\0",
        good[:64] + b"\x02",
        bytes(32) + good[32:],
        N.to_bytes(32, "big") + good[32:],
        r + bytes(32) + good[64:],
        b"",
    ):
        assert recover(DIGEST, wrong) is None


def test_an_r_that_is_no_points_is_no_signature():
    found = [recover(DIGEST, r.to_bytes(32, "big") + bytes(31) + b"\x01\x00") for r in range(1, 12)]
    assert any(account is None for account in found)
    assert any(account is not None for account in found)
