"""Identifiers, salts and leaf hashes as a member's bundle needs them (protocol, sections 4 to 6)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from backend.commitments.keccak import keccak256
from backend.verifier.bundle import Cost, Detail, Header, Link, Scale

__all__ = [
    "TOTALS",
    "Salter",
    "batch_id",
    "bill_leaf",
    "class_leaf",
    "coefficient_leaf",
    "cost_leaf",
    "detail_leaf",
    "header_leaf",
    "links_leaf",
    "period_leaf",
    "reading_leaf",
    "row_leaf",
    "run_id",
    "scale_leaf",
    "schedule_id",
    "tag",
    "terms_id",
]

TOTALS = 10
"""Running totals of a row: energy and allocated of each band, value, credited."""

_VERSION = b"\x02"
_HEADER = struct.Struct(">BQQQQIB")
_ROW = struct.Struct(">QQB10Q")
_READING = struct.Struct(">QBB")
_PERIOD = struct.Struct(">10Q")
_BILL = struct.Struct(">17Q")
_LINK = struct.Struct(">IQQB")
_FLOW = struct.Struct(">IQ")
_COST = struct.Struct(">qQ")
_SCALE = struct.Struct(">QQQI")
_POSITION = struct.Struct(">HH")


def terms_id(community: bytes, period: int) -> bytes:
    """Name the frozen terms of a period; the salts of class leaves use it."""
    return keccak256(b"\x23" + _VERSION + community + struct.pack(">I", period))


def run_id(community: bytes, period: int, version: int) -> bytes:
    """Name a settlement run."""
    return keccak256(b"\x21" + _VERSION + community + struct.pack(">II", period, version))


def batch_id(community: bytes, period: int, version: int, signer: bytes) -> bytes:
    """Name a batch of readings by who signed it."""
    return keccak256(b"\x22" + _VERSION + community + struct.pack(">II", period, version) + signer)


def schedule_id(community: bytes, period: int, version: int) -> bytes:
    """Name a schedule of coefficients."""
    return keccak256(b"\x25" + _VERSION + community + struct.pack(">II", period, version))


def tag(nonce: bytes, number: str) -> bytes:
    """Blind a metering point's number for the registry."""
    return keccak256(nonce + number.encode())


class Salter:
    """The salts of one slot's leaves of one kind.

    Args:
        key: The slot's key K.
        community: The community's 32 bytes.
        identifier: Run, batch, schedule or terms id, as the kind asks for.
        kind: The leaf's first byte.
        slot: The slot; for a bill, the seat.
    """

    __slots__ = ("_prefix",)

    def __init__(self, key: bytes, community: bytes, identifier: bytes, kind: int, slot: int) -> None:
        self._prefix = b"\x20" + key + community + identifier + struct.pack(">BI", kind, slot)

    def salt(self, day: int = 0, interval: int = 0) -> bytes:
        """Give the 16 bytes that blind the leaf of this day and interval."""
        return keccak256(self._prefix + _POSITION.pack(day, interval))[:16]


def header_leaf(header: Header) -> bytes:
    """Hash the totals of an interval."""
    h = header
    fixed = _HEADER.pack(0x01, h.feed_in, h.consumption, h.allocated, h.value, h.tau, h.band)
    return keccak256(fixed + b"".join(struct.pack(">QQ", *pair) for pair in h.rounds))


def row_leaf(
    salt: bytes, energy: int, allocated: int, quality: int, totals: Sequence[int], detail: bytes = b""
) -> bytes:
    """Hash a row; ``totals`` are the ten running ones, ``detail`` the hash of its leaf 0d, of ``flow`` alone."""
    return keccak256(b"\x03" + salt + _ROW.pack(energy, allocated, quality, *totals) + detail)


def period_leaf(salt: bytes, totals: Sequence[int], links: bytes) -> bytes:
    """Hash a slot's totals of the period, and the hash of whom it was served by."""
    return keccak256(b"\x04" + salt + _PERIOD.pack(*totals) + links)


def bill_leaf(salt: bytes, amounts: Sequence[int]) -> bytes:
    """Hash a bill: thirteen lines, VAT debit, VAT credit, debit, credit [cents]."""
    return keccak256(b"\x06" + salt + _BILL.pack(*amounts))


def reading_leaf(salt: bytes, energy: int, quality: int, source: int) -> bytes:
    """Hash a reading [mWh]."""
    return keccak256(b"\x08" + salt + _READING.pack(energy, quality, source))


def class_leaf(salt: bytes, vat_class: int, network_class: int) -> bytes:
    """Hash a slot's VAT and network class."""
    return keccak256(b"\x0a" + salt + bytes((vat_class, network_class)))


def coefficient_leaf(salt: bytes, coefficient_ppm: int) -> bytes:
    """Hash a scheduled coefficient."""
    return keccak256(b"\x0b" + salt + struct.pack(">I", coefficient_ppm))


def links_leaf(salt: bytes, links: Sequence[Link]) -> bytes:
    """Hash whom a slot was served by, or whom it served."""
    told = (_LINK.pack(link.slot, link.energy, link.value, link.vat_class) for link in links)
    return keccak256(b"\x0c" + salt + b"".join(told))


def detail_leaf(salt: bytes, detail: Detail) -> bytes:
    """Hash the potential and the links of a row of ``flow``."""
    told = (_FLOW.pack(*flow) for flow in detail.links)
    return keccak256(b"\x0d" + salt + struct.pack(">q", detail.potential) + b"".join(told))


def cost_leaf(cost: Cost) -> bytes:
    """Hash what a link of ``flow`` costs."""
    return keccak256(b"\x0e" + cost.salt + _COST.pack(cost.weight, cost.cap))


def scale_leaf(scale: Scale) -> bytes:
    """Hash how levels and steps of ``flow`` are weighed."""
    numbers = _SCALE.pack(scale.shared, scale.consumer_step, scale.producer_step, scale.steps)
    return keccak256(b"\x0f" + scale.salt + numbers)
