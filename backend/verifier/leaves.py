"""Identifiers, salts and leaf hashes as a member's bundle needs them (protocol, sections 4 to 6)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from backend.commitments.keccak import keccak256

__all__ = [
    "Salter",
    "batch_id",
    "bill_leaf",
    "class_leaf",
    "header_leaf",
    "period_leaf",
    "reading_leaf",
    "row_leaf",
    "run_id",
    "tag",
    "terms_id",
]

_HEADER = struct.Struct(">BQQQIB")
_ROW = struct.Struct(">QQB8Q")
_READING = struct.Struct(">QBB")
_PERIOD = struct.Struct(">8Q")
_BILL = struct.Struct(">13Q")
_POSITION = struct.Struct(">HH")


def terms_id(community: bytes, period: int) -> bytes:
    """Name the frozen terms of a period; the salts of class leaves use it."""
    return keccak256(b"\x23\x01" + community + struct.pack(">I", period))


def run_id(community: bytes, period: int, version: int) -> bytes:
    """Name a settlement run."""
    return keccak256(b"\x21\x01" + community + struct.pack(">II", period, version))


def batch_id(community: bytes, period: int, version: int, signer: bytes) -> bytes:
    """Name a batch of readings by who signed it."""
    return keccak256(b"\x22\x01" + community + struct.pack(">II", period, version) + signer)


def tag(nonce: bytes, number: str) -> bytes:
    """Blind a metering point's number for the registry."""
    return keccak256(nonce + number.encode())


class Salter:
    """The salts of one slot's leaves of one kind.

    Args:
        key: The slot's key K.
        community: The community's 32 bytes.
        identifier: Run, batch or terms id, as the kind asks for.
        kind: The leaf's first byte.
        slot: The slot; for a bill, the seat.
    """

    __slots__ = ("_prefix",)

    def __init__(self, key: bytes, community: bytes, identifier: bytes, kind: int, slot: int) -> None:
        self._prefix = b"\x20" + key + community + identifier + struct.pack(">BI", kind, slot)

    def salt(self, day: int = 0, interval: int = 0) -> bytes:
        """Give the 16 bytes that blind the leaf of this day and interval."""
        return keccak256(self._prefix + _POSITION.pack(day, interval))[:16]


def header_leaf(feed_in: int, consumption: int, allocated: int, tau: int, band: int) -> bytes:
    """Hash a header without rounds; energies in milliwatt-hours."""
    return keccak256(_HEADER.pack(0x01, feed_in, consumption, allocated, tau, band))


def row_leaf(salt: bytes, energy: int, allocated: int, quality: int, running: Sequence[int]) -> bytes:
    """Hash a row; ``running`` holds (energy, allocated) per band, eight values [mWh]."""
    return keccak256(b"\x03" + salt + _ROW.pack(energy, allocated, quality, *running))


def period_leaf(salt: bytes, running: Sequence[int]) -> bytes:
    """Hash a slot's totals of the period, in the order of a row's running totals."""
    return keccak256(b"\x04" + salt + _PERIOD.pack(*running))


def bill_leaf(salt: bytes, amounts: Sequence[int]) -> bytes:
    """Hash a bill: nine lines, VAT debit, VAT credit, debit, credit [cents]."""
    return keccak256(b"\x06" + salt + _BILL.pack(*amounts))


def reading_leaf(salt: bytes, energy: int, quality: int, source: int) -> bytes:
    """Hash a reading [mWh]."""
    return keccak256(b"\x08" + salt + _READING.pack(energy, quality, source))


def class_leaf(salt: bytes, vat_class: int, network_class: int) -> bytes:
    """Hash a slot's VAT and network class."""
    return keccak256(b"\x0a" + salt + bytes((vat_class, network_class)))
