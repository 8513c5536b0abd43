"""The pages hash and sign typed documents as ``eth_account`` does: the vectors of ``tests/frontend`` are its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_defunct, encode_typed_data

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "typed_data.json").read_text())


@pytest.mark.parametrize("case", VECTORS["documents"], ids=lambda case: case["name"])
def test_each_document_hashes_and_signs_as_recorded(case: dict[str, Any]) -> None:
    message = encode_typed_data(full_message=case["document"])
    signed = Account.sign_message(message, VECTORS["key"])
    assert "0x" + _hash_eip191_message(message).hex() == case["digest"]
    assert "0x" + signed.signature.hex() == case["signature"]


@pytest.mark.parametrize("case", VECTORS["texts"], ids=lambda case: case["name"])
def test_each_text_hashes_and_signs_as_recorded(case: dict[str, Any]) -> None:
    message = encode_defunct(text=case["text"])
    signed = Account.sign_message(message, VECTORS["key"])
    assert "0x" + _hash_eip191_message(message).hex() == case["digest"]
    assert "0x" + signed.signature.hex() == case["signature"]


def test_the_address_is_the_key_s() -> None:
    assert Account.from_key(VECTORS["key"]).address == VECTORS["address"]
