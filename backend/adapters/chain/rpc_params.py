"""Parameters of JSON-RPC: strings from anywhere to checked values, or an error that names what does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.adapters.chain.rpc_errors import INVALID_PARAMS, RpcError

__all__ = [
    "BLOCK_NAMES",
    "CallRequest",
    "LogFilter",
    "parse_address",
    "parse_block",
    "parse_call",
    "parse_data",
    "parse_hash",
    "parse_log_filter",
    "parse_quantity",
]

BLOCK_NAMES = ("earliest", "latest", "safe", "finalized", "pending")

# Python's int() and bytes.fromhex() take blanks, underscores and signs, which JSON-RPC does not.
QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")

TOPICS_MAX = 4
ALTERNATIVES_MAX = 100
SHOWN_CHARACTERS = 80

Block = int | bytes | str


@dataclass(frozen=True, slots=True)
class CallRequest:
    """An execution that is asked for.

    Attributes:
        sender: Who calls. [20 bytes]
        to: Whom; empty for the creation of a contract. [20 bytes]
        data: With which input.
        value: With how much. [wei]
        gas: With how much gas at most; None for as much as is allowed.
    """

    sender: bytes
    to: bytes
    data: bytes
    value: int
    gas: int | None


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which logs are asked for.

    Attributes:
        first: First block, or the block by hash.
        last: Last block; None where ``first`` is a hash.
        addresses: Any of these contracts; empty for all.
        topics: Per place the topics that fit; empty where every topic does.
    """

    first: Block
    last: Block | None
    addresses: tuple[bytes, ...]
    topics: tuple[tuple[bytes, ...], ...]


def _misfit(name: str, value: object, wanted: str) -> RpcError:
    """Name a value that does not fit, cut short where it is long."""
    shown = repr(value)
    if len(shown) > SHOWN_CHARACTERS:
        shown = f"{shown[:SHOWN_CHARACTERS]}..."
    return RpcError(INVALID_PARAMS, f"invalid params: {name} is {shown}, it must be {wanted}")


def parse_quantity(value: object, name: str, *, bits: int = 256) -> int:
    """Read an unsigned whole number from 0x-hexadecimal."""
    if not isinstance(value, str) or not QUANTITY.fullmatch(value):
        raise _misfit(name, value, "a number as 0x-hexadecimal")
    number = int(value, 16)
    if number >= 1 << bits:
        raise _misfit(name, value, f"below 2**{bits}")
    return number


def parse_data(value: object, name: str, *, length: int | None = None) -> bytes:
    """Read bytes from 0x-hexadecimal, of a given length if there is one. [bytes]"""
    if isinstance(value, str) and DATA.fullmatch(value):
        data = bytes.fromhex(value[2:])
        if length is None or len(data) == length:
            return data
    raise _misfit(
        name, value, "bytes as 0x-hexadecimal" if length is None else f"{length} bytes as 0x-hexadecimal"
    )


def parse_address(value: object, name: str = "address") -> bytes:
    """Read an address; capitals are not taken for a checksum."""
    return parse_data(value, name, length=20)


def parse_hash(value: object, name: str = "hash") -> bytes:
    """Read a hash."""
    return parse_data(value, name, length=32)


def parse_block(value: object, name: str = "block") -> Block:
    """Read which block is meant: a name, a number, a hash, or an object with either (EIP-1898)."""
    if value is None:
        return "latest"
    if isinstance(value, Mapping):
        if set(value) - {"blockNumber", "blockHash", "requireCanonical"} or ("blockNumber" in value) == (
            "blockHash" in value
        ):
            raise _misfit(name, dict(value), "an object with blockNumber or blockHash")
        if "blockHash" in value:
            return parse_hash(value["blockHash"], f"{name}.blockHash")
        return _parse_block_text(value["blockNumber"], f"{name}.blockNumber")
    return _parse_block_text(value, name)


def _parse_block_text(value: object, name: str) -> Block:
    if not isinstance(value, str):
        raise _misfit(name, value, f"a number, a hash or one of {', '.join(BLOCK_NAMES)}")
    if value in BLOCK_NAMES:
        return value
    if len(value) == 66:  # noqa: PLR2004 -- 0x and 32 bytes
        return parse_hash(value, name)
    return parse_quantity(value, name, bits=64)


def parse_call(value: object) -> CallRequest:
    """Read what ``eth_call`` and ``eth_estimateGas`` execute; fees are ignored, for nobody pays them."""
    if not isinstance(value, Mapping):
        raise _misfit("transaction", value, "an object")
    data, given_input = value.get("data"), value.get("input")
    if data is not None and given_input is not None and data != given_input:
        raise _misfit("transaction.input", given_input, "the same as transaction.data, or absent")
    content = data if data is not None else given_input
    sender, to, amount, gas = (value.get(key) for key in ("from", "to", "value", "gas"))
    return CallRequest(
        sender=bytes(20) if sender is None else parse_address(sender, "transaction.from"),
        to=b"" if to is None else parse_address(to, "transaction.to"),
        data=b"" if content is None else parse_data(content, "transaction.data"),
        value=0 if amount is None else parse_quantity(amount, "transaction.value"),
        gas=None if gas is None else parse_quantity(gas, "transaction.gas", bits=64),
    )


def parse_log_filter(value: object) -> LogFilter:
    """Read what ``eth_getLogs`` looks for."""
    if not isinstance(value, Mapping):
        raise _misfit("filter", value, "an object")
    topics = value.get("topics")
    if topics is None:
        topics = []
    if not isinstance(topics, list) or len(topics) > TOPICS_MAX:
        raise _misfit("filter.topics", topics, f"a list of at most {TOPICS_MAX}")
    block_hash = value.get("blockHash")
    first, last = value.get("fromBlock"), value.get("toBlock")
    if block_hash is not None and (first is not None or last is not None):
        raise _misfit("filter.blockHash", block_hash, "absent where fromBlock or toBlock is given")
    return LogFilter(
        first=parse_block(first, "filter.fromBlock")
        if block_hash is None
        else parse_hash(block_hash, "filter.blockHash"),
        last=parse_block(last, "filter.toBlock") if block_hash is None else None,
        addresses=_parse_alternatives(value.get("address"), "filter.address", 20),
        topics=tuple(
            _parse_alternatives(topic, f"filter.topics[{place}]", 32) for place, topic in enumerate(topics)
        ),
    )


def _parse_alternatives(value: object, name: str, length: int) -> tuple[bytes, ...]:
    """Read one value, or a list of those that fit; nothing for all."""
    if value is None:
        return ()
    if not isinstance(value, list):
        return (parse_data(value, name, length=length),)
    if len(value) > ALTERNATIVES_MAX:
        raise _misfit(name, value, f"a list of at most {ALTERNATIVES_MAX}")
    # A null among the alternatives fits everything, as a null alone does.
    if None in value:
        return ()
    return tuple(parse_data(one, f"{name}[{place}]", length=length) for place, one in enumerate(value))
