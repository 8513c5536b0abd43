"""Whether contracts are the published ones: their code byte by byte, and that they refer to each other.

The compiler leaves zeros where immutables stand. Put in what each must be, and the code on chain is either the same or
another contract's: a bundle may name any address, but it cannot make other rules stand behind it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from backend.commitments.keccak import keccak256
from backend.errors import VerificationError

__all__ = ["SOURCES", "find_references", "is_published"]

SOURCES = {
    "registry": "CommunityRegistry",
    "rule_book": "RuleBook",
    "period_book": "PeriodBook",
    "meter_data_ledger": "MeterDataLedger",
    "schedule_book": "ScheduleBook",
    "settlement_ledger": "SettlementLedger",
    "billing_ledger": "BillingLedger",
    "contests": "Contests",
    "input_contests": "InputContests",
    "sum_contests": "SumContests",
    "stair_contests": "StairContests",
    "bill_contests": "BillContests",
    "link_contests": "LinkContests",
    "demands": "Demands",
    "bonds": "Bonds",
    "pause_book": "PauseBook",
}
"""Each contract's name in Solidity. A bundle names the first seven; the others are named by the code of those."""

_ARTIFACTS = Path(__file__).resolve().parents[2].joinpath("contracts", "artifacts")
_WORD = 32
_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_DOMAIN_NAME, _DOMAIN_VERSION = b"Partage", b"1"


def is_published(
    name: str, code: bytes, addresses: Mapping[str, bytes], chain_id: int, source: str = ""
) -> bool:
    """Say whether a contract's code is the published one, made for these contracts and this chain.

    Args:
        name: Such as ``rule_book``.
        code: What stands at its address.
        addresses: All contracts by name, 20 bytes each.
        chain_id: The chain.
        source: Name in Solidity of a contract that is none of ``SOURCES``.

    Raises:
        VerificationError: If this program lacks its copy of the published code.
    """
    template, places = _published(source or SOURCES[name])
    filled = bytearray(template)
    for immutable, starts in places.items():
        value = _immutable(immutable, addresses[name], addresses, chain_id)
        if value is None:
            return False
        for start in starts:
            filled[start : start + _WORD] = value
    return bytes(filled) == code


def find_references(name: str, code: bytes) -> dict[str, bytes]:
    """Read out of a contract's code which others it was told of, by name; those that are no address are left out.

    What is read is worth as much as the code, which the caller holds.
    """
    _, places = _published(SOURCES[name])
    found = {}
    for immutable, starts in places.items():
        word = code[starts[0] : starts[0] + _WORD]
        if _snake(immutable) in SOURCES and len(word) == _WORD and not any(word[:12]):
            found[_snake(immutable)] = word[12:]
    return found


def _immutable(name: str, own: bytes, addresses: Mapping[str, bytes], chain_id: int) -> bytes | None:
    """What an immutable must hold: the domain that signatures are made for, or another contract's address.

    None where that contract was not found.
    """
    hashed = {"_hashedName": keccak256(_DOMAIN_NAME), "_hashedVersion": keccak256(_DOMAIN_VERSION)}
    chain, this = chain_id.to_bytes(_WORD, "big"), own.rjust(_WORD, b"\0")
    domain = (keccak256(_DOMAIN), hashed["_hashedName"], hashed["_hashedVersion"], chain, this)
    values: dict[str, Callable[[], bytes]] = {
        "_hashedName": lambda: hashed["_hashedName"],
        "_hashedVersion": lambda: hashed["_hashedVersion"],
        "_cachedChainId": lambda: chain,
        "_cachedThis": lambda: this,
        "_cachedDomainSeparator": lambda: keccak256(b"".join(domain)),
        "_name": lambda: _short_text(_DOMAIN_NAME),
        "_version": lambda: _short_text(_DOMAIN_VERSION),
    }
    if name in values:
        return values[name]()
    address = addresses.get(_snake(name))
    return None if address is None else address.rjust(_WORD, b"\0")


def _short_text(text: bytes) -> bytes:
    """A text of up to 31 bytes in one word: its length is the last byte."""
    return text.ljust(_WORD - 1, b"\0") + bytes((len(text),))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@cache
def _published(source: str) -> tuple[bytes, dict[str, tuple[int, ...]]]:
    """The published code, and where the immutables stand in it."""
    path = _ARTIFACTS.joinpath(f"{source}.json")
    try:
        deployed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["deployedBytecode"]
    except OSError as error:
        raise VerificationError(
            f"the published code of {source} cannot be read ({error}); restore the folder contracts/artifacts"
        ) from None
    places = {
        name: tuple(int(place["start"]) for place in places)
        for name, places in deployed["immutables"].items()
    }
    return bytes.fromhex(deployed["object"].removeprefix("0x")), places
