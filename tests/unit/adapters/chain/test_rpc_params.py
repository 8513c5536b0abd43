"""Parameters of JSON-RPC: what fits is read, what does not is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.chain.rpc_errors import INVALID_PARAMS, RpcError
from backend.adapters.chain.rpc_params import (
    CallRequest,
    LogFilter,
    parse_address,
    parse_block,
    parse_call,
    parse_data,
    parse_hash,
    parse_log_filter,
    parse_quantity,
)

ADDRESS = "0x" + "ab" * 20
HASH = "0x" + "cd" * 32


@given(st.integers(0, 2**256 - 1))
def test_a_quantity_comes_back(number: int):
    assert parse_quantity(hex(number), "n") == number


@given(st.binary())
def test_data_come_back(data: bytes):
    assert parse_data("0x" + data.hex(), "d") == data
    assert parse_data("0x" + data.hex().upper(), "d") == data


@pytest.mark.parametrize(
    "value",
    ["", "0x", "1", "0x1_0", "0x 1", "-0x1", "0x-1", "+0x1", "0xg", "0X1", "0x" + "1" * 65, 1, None, True],
)
def test_what_is_no_quantity_is_refused(value: object):
    with pytest.raises(RpcError, match="invalid params: n is ") as caught:
        parse_quantity(value, "n")
    assert caught.value.code == INVALID_PARAMS


def test_a_quantity_that_is_too_large_is_refused():
    with pytest.raises(RpcError, match=r"below 2\*\*64"):
        parse_quantity(hex(2**64), "n", bits=64)


@pytest.mark.parametrize("value", ["", "0", "0x1", "0x 1", "0x1g", "ab", "0x12\n", 12, None, b"\1"])
def test_what_is_no_data_is_refused(value: object):
    with pytest.raises(RpcError, match="bytes as 0x-hexadecimal"):
        parse_data(value, "d")


def test_addresses_and_hashes_have_their_length():
    assert parse_address(ADDRESS) == b"\xab" * 20
    assert parse_hash(HASH) == b"\xcd" * 32
    with pytest.raises(RpcError, match="20 bytes"):
        parse_address(HASH)
    with pytest.raises(RpcError, match="32 bytes"):
        parse_hash(ADDRESS)


def test_a_long_value_is_shown_in_short():
    with pytest.raises(RpcError) as caught:
        parse_quantity("0x" + "zz" * 10_000, "n")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "block"),
    [
        (None, "latest"),
        ("pending", "pending"),
        ("0x10", 16),
        (HASH, b"\xcd" * 32),
        ({"blockNumber": "0x10"}, 16),
        ({"blockNumber": "earliest"}, "earliest"),
        ({"blockHash": HASH, "requireCanonical": True}, b"\xcd" * 32),
    ],
)
def test_a_block_is_named_numbered_or_hashed(value: object, block: object):
    assert parse_block(value) == block


@pytest.mark.parametrize(
    "value", [1, "newest", "", {}, [], {"blockNumber": "0x1", "blockHash": HASH}, {"number": "0x1"}]
)
def test_what_is_no_block_is_refused(value: object):
    with pytest.raises(RpcError, match="invalid params: block"):
        parse_block(value)


def test_a_call_has_sensible_defaults():
    assert parse_call({}) == CallRequest(bytes(20), b"", b"", 0, None)
    full = {
        "from": ADDRESS,
        "to": ADDRESS,
        "data": "0x01",
        "input": "0x01",
        "value": "0x2",
        "gas": "0x3",
        "nonce": "0x9",
    }
    assert parse_call(full) == CallRequest(b"\xab" * 20, b"\xab" * 20, b"\1", 2, 3)
    with pytest.raises(RpcError, match="it must be the same as"):
        parse_call({"data": "0x01", "input": "0x02"})


def test_a_filter_has_sensible_defaults():
    assert parse_log_filter({}) == LogFilter("latest", "latest", (), ())
    assert parse_log_filter({"blockHash": HASH}) == LogFilter(b"\xcd" * 32, None, (), ())
    wanted = {
        "address": ADDRESS,
        "topics": [None, HASH, [HASH, None]],
        "fromBlock": "0x1",
        "toBlock": "latest",
    }
    assert parse_log_filter(wanted) == LogFilter(1, "latest", (b"\xab" * 20,), ((), (b"\xcd" * 32,), ()))
