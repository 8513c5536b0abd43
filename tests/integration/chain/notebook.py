"""A contract small enough to assemble by hand, and accounts that use it.

The notebook keeps one word. Called with nothing it returns the word; called with a word that is not zero it keeps it
and emits it as topic and as data; called with zero it reverts with the custom error ``0xdeadbeef`` of 7.
"""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

GAS = 300_000
FEE_WEI = 10**11

REVERT_DATA = "0xdeadbeef" + "00" * 31 + "07"

OPCODES = {
    "STOP": 0x00,
    "SHL": 0x1B,
    "ADDRESS": 0x30,
    "CALLDATALOAD": 0x35,
    "CALLDATASIZE": 0x36,
    "CODECOPY": 0x39,
    "TIMESTAMP": 0x42,
    "MSTORE": 0x52,
    "SLOAD": 0x54,
    "SSTORE": 0x55,
    "JUMP": 0x56,
    "JUMPI": 0x57,
    "GAS": 0x5A,
    "JUMPDEST": 0x5B,
    "PUSH0": 0x5F,
    "DUP1": 0x80,
    "LOG1": 0xA1,
    "CALL": 0xF1,
    "RETURN": 0xF3,
    "REVERT": 0xFD,
}

NOTEBOOK = """
CALLDATASIZE :write JUMPI
PUSH0 SLOAD PUSH0 MSTORE 0x20 PUSH0 RETURN
write: PUSH0 CALLDATALOAD DUP1 :keep JUMPI
0xdeadbeef 0xe0 SHL PUSH0 MSTORE 0x07 0x04 MSTORE 0x24 PUSH0 REVERT
keep: DUP1 PUSH0 SSTORE DUP1 PUSH0 MSTORE 0x20 PUSH0 LOG1 STOP
"""
CLOCK = "TIMESTAMP PUSH0 MSTORE 0x20 PUSH0 RETURN"
LOOP = "again: :again JUMP"
INTO_ITSELF = "PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS CALL STOP"


def assemble(source: str) -> bytes:
    """Translate opcodes, hexadecimal literals (pushed), labels and their uses, of code below 256 bytes."""
    code = bytearray()
    labels: dict[str, int] = {}
    uses: dict[int, str] = {}
    for word in source.split():
        if word.endswith(":"):
            labels[word[:-1]] = len(code)
            code.append(OPCODES["JUMPDEST"])
        elif word.startswith(":"):
            code += b"\x60\x00"
            uses[len(code) - 1] = word[1:]
        elif word.startswith("0x"):
            literal = bytes.fromhex(word[2:])
            code += bytes([OPCODES["PUSH0"] + len(literal)]) + literal
        else:
            code.append(OPCODES[word])
    for place, label in uses.items():
        code[place] = labels[label]
    return bytes(code)


def creation_of(runtime: bytes) -> bytes:
    """Wrap code so that a creation leaves it behind."""
    prefix_bytes = 13
    start = assemble(f"0x{len(runtime):04x} DUP1 0x{prefix_bytes:02x} PUSH0 CODECOPY PUSH0 RETURN")
    return start.ljust(prefix_bytes, b"\0") + runtime


def account_number(number: int) -> LocalAccount:
    """Make the same account every time."""
    account: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return account


def sign(
    account: LocalAccount, chain_id: int, nonce: int, to: str | None = None, data: bytes = b"", **more: Any
) -> bytes:
    """Sign a transaction; without ``to`` it creates a contract."""
    transaction: dict[str, Any] = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "value": 0,
        "data": data,
        "gas": GAS,
        "maxFeePerGas": FEE_WEI,
        "maxPriorityFeePerGas": 10**9,
    }
    if to is not None:
        transaction["to"] = to_checksum_address(to)
    transaction = {key: value for key, value in (transaction | more).items() if value is not None}
    return bytes(account.sign_transaction(transaction).raw_transaction)


def word(number: int) -> bytes:
    """Write a number as the EVM's word."""
    return number.to_bytes(32, "big")
