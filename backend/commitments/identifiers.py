"""Identifiers of what is anchored, tags of points, hashes of source files (docs/protocol.md, section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.commitments.keccak import HASH_BYTES, keccak256

__all__ = [
    "PROTOCOL_VERSION",
    "form_batch_id",
    "form_points_hash",
    "form_run_id",
    "form_schedule_id",
    "form_source_hash",
    "form_tag",
    "form_terms_id",
]

PROTOCOL_VERSION = 2
ADDRESS_BYTES = 20
_RUN, _BATCH, _TERMS, _SOURCE, _SCHEDULE = 0x21, 0x22, 0x23, 0x24, 0x25


def form_terms_id(community: bytes, period: int) -> bytes:
    """Identify the terms that open a period.

    Args:
        community: The community's random name on chain. [32 bytes]
        period: Days from 1970-01-01 to the period's first civil date. [u32]
    """
    return keccak256(_open(_TERMS, community, period))


def form_run_id(community: bytes, period: int, version: int) -> bytes:
    """Identify one settlement run of a period; versions count from 1."""
    return keccak256(_open(_RUN, community, period) + _number(version))


def form_batch_id(community: bytes, period: int, version: int, signer: bytes) -> bytes:
    """Identify one batch of readings of a period, by the address that signs it. [20 bytes]"""
    assert len(signer) == ADDRESS_BYTES, f"a signer's address has {ADDRESS_BYTES} bytes, not {len(signer)}"
    return keccak256(_open(_BATCH, community, period) + _number(version) + signer)


def form_schedule_id(community: bytes, period: int, version: int) -> bytes:
    """Identify the coefficients that were handed in for a period; versions count from 1."""
    return keccak256(_open(_SCHEDULE, community, period) + _number(version))


def form_tag(nonce: bytes, number: str) -> bytes:
    """Hide a metering point's number behind a nonce drawn for this point and period. [32 bytes]"""
    return keccak256(_whole(nonce) + number.encode("utf-8"))


def form_source_hash(salt: bytes, files: Sequence[bytes]) -> bytes:
    """Bind a batch to the files it came from.

    Args:
        salt: Random, kept with the files. [32 bytes]
        files: Hashes of the files' bytes, in load order, at least one. [32 bytes each]
    """
    assert files, "a batch that names its source comes from at least one file"
    joined = files[0] if len(files) == 1 else keccak256(b"".join(map(_whole, files)))
    return keccak256(bytes([_SOURCE]) + _whole(salt) + _whole(joined))


def form_points_hash(tags: Mapping[int, bytes]) -> bytes:
    """Hash the confirmed points of a period, so that who opens it says which points are meant.

    Args:
        tags: Tag by slot, of the confirmed points only. [32 bytes]
    """
    return keccak256(b"".join(_number(slot) + _whole(tags[slot]) for slot in sorted(tags)))


def _open(first: int, community: bytes, period: int) -> bytes:
    return bytes([first, PROTOCOL_VERSION]) + _whole(community) + _number(period)


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _whole(value: bytes) -> bytes:
    assert len(value) == HASH_BYTES, f"{HASH_BYTES} bytes are needed, not {len(value)}"
    return value
