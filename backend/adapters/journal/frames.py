"""Frames of a journal's segment: bytes of batches and back, whole or not at all."""

from __future__ import annotations

import secrets
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from backend.errors import StoreError
from backend.metering import ReadingTable
from backend.ports.reading_journal import IncomingBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "FRAME_BYTES_MAX",
    "HEADER_BYTES",
    "Frames",
    "begun_of",
    "decode_batches",
    "encode_batch",
    "encode_frame",
    "ids_of",
    "make_header",
    "read_frames",
    "token_of",
]

FRAME_BYTES_MAX = 64 * 1024 * 1024
"""Longer ones are written by nobody. [B]"""

_MAGIC = b"PTGJ\x00\x00\x00\x01"  # and the format
_HEADER = struct.Struct(
    "<8sq16s"
)  # magic, begun [s since 1970, UTC], a token that makes each segment's hash its own
HEADER_BYTES = _HEADER.size
_FRAME_MARK = b"\xf7PJ\x01"
_FRAME = struct.Struct("<4sII")  # mark, length of the payload [B], CRC-32 of it
_FRAME_CHECK = struct.Struct("<I")  # CRC-32 of these three
_FRAME_HEAD_BYTES = _FRAME.size + _FRAME_CHECK.size


class _Batch(msgspec.Struct, array_like=True, frozen=True):
    """A batch as it is written; fields are only ever added, behind, with a default."""

    id: bytes
    digest: bytes
    received_utc: int
    resolution_minutes: int
    metering_points: list[str]
    point: bytes
    start_utc: bytes
    energy: bytes
    quality: bytes
    code: bytes = b""
    codes: tuple[str, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[_Batch])


@dataclass(frozen=True, slots=True)
class Frames:
    """What stands in a stretch of a segment.

    Attributes:
        payloads: Of the sound frames, in order.
        end: Behind the last sound frame, from the stretch's beginning. [B]
        torn: Does something else follow?
        damaged: Does a sound frame follow what is none?
    """

    payloads: list[bytes]
    end: int
    torn: bool
    damaged: bool


def make_header(begun_utc: int) -> bytes:
    """The beginning of a new segment."""
    return _HEADER.pack(_MAGIC, begun_utc, secrets.token_bytes(16))


def token_of(header: bytes) -> str:
    """What tells a segment from all others, hexadecimal."""
    return str(_HEADER.unpack_from(header)[2].hex())


def begun_of(header: bytes) -> int | None:
    """When a segment was begun, None where this is no header of one. [s since 1970, UTC]"""
    if len(header) < HEADER_BYTES:
        return None
    magic, begun, _ = _HEADER.unpack_from(header)
    return int(begun) if magic == _MAGIC else None


def encode_batch(batch: IncomingBatch) -> bytes:
    """A batch's part of a frame, made before its turn to be written comes."""
    table = batch.table
    return _ENCODER.encode(
        _Batch(
            batch.id,
            batch.digest,
            batch.received_utc,
            table.resolution_minutes,
            list(table.metering_points),
            np.asarray(table.point, "<i4").tobytes(),
            np.asarray(table.start_utc, "<i8").tobytes(),
            np.asarray(table.energy, "<i8").tobytes(),
            np.asarray(table.quality, "u1").tobytes(),
            b"" if table.code is None else np.asarray(table.code, "<i4").tobytes(),
            table.codes,
        )
    )


def encode_frame(parts: Sequence[bytes]) -> bytes:
    """A frame of encoded batches."""
    payload = b"".join((_list_head(len(parts)), *parts))
    assert len(payload) <= FRAME_BYTES_MAX, len(payload)
    head = _FRAME.pack(_FRAME_MARK, len(payload), zlib.crc32(payload))
    return head + _FRAME_CHECK.pack(zlib.crc32(head)) + payload


def read_frames(stretch: bytes) -> Frames:
    """The frames of a stretch that begins where one begins."""
    payloads: list[bytes] = []
    at = 0
    while (payload := _payload_at(stretch, at)) is not None:
        payloads.append(payload)
        at += _FRAME_HEAD_BYTES + len(payload)
    torn = at < len(stretch)
    return Frames(payloads, at, torn, torn and _any_frame_after(stretch, at))


def decode_batches(payload: bytes, place: str) -> list[IncomingBatch]:
    """The batches of a frame.

    Args:
        payload: Of a frame whose checksum holds.
        place: Where it stands, for messages.

    Raises:
        StoreError: If it is none of ours, or of a newer Partage.
    """
    try:
        return [_table_of(kept) for kept in _DECODER.decode(payload)]
    except (msgspec.DecodeError, ValueError) as error:
        raise StoreError(f"{place} cannot be read ({error}); was it written by a newer Partage?") from None


def ids_of(payload: bytes, place: str) -> list[tuple[bytes, bytes, int]]:
    """Id, digest and time of the batches of a frame. [bytes, bytes, s since 1970, UTC]

    Raises:
        StoreError: If it is none of ours.
    """
    try:
        return [(kept.id, kept.digest, kept.received_utc) for kept in _DECODER.decode(payload)]
    except msgspec.DecodeError as error:
        raise StoreError(f"{place} cannot be read ({error}); was it written by a newer Partage?") from None


def _list_head(count: int) -> bytes:
    """MessagePack's head of an array of 32-bit length (specification, section "array format family")."""
    return b"\xdd" + struct.pack(">I", count)


def _head_at(stretch: bytes, at: int) -> tuple[int, int] | None:
    """Length and checksum of the payload of the frame that begins here, None where none does."""
    if len(stretch) - at < _FRAME_HEAD_BYTES:
        return None
    mark, length, checksum = _FRAME.unpack_from(stretch, at)
    (check,) = _FRAME_CHECK.unpack_from(stretch, at + _FRAME.size)
    if mark != _FRAME_MARK or zlib.crc32(stretch[at : at + _FRAME.size]) != check or length > FRAME_BYTES_MAX:
        return None
    return length, checksum


def _payload_at(stretch: bytes, at: int) -> bytes | None:
    head = _head_at(stretch, at)
    begin = at + _FRAME_HEAD_BYTES
    if head is None or begin + head[0] > len(stretch):
        return None
    payload = stretch[begin : begin + head[0]]
    return payload if zlib.crc32(payload) == head[1] else None


def _any_frame_after(stretch: bytes, at: int) -> bool:
    """Does a sound frame follow the torn one? What senders wrote inside that one is not looked at."""
    head = _head_at(stretch, at)
    place = stretch.find(_FRAME_MARK, at + 1 if head is None else at + _FRAME_HEAD_BYTES + head[0])
    while place >= 0:
        if _payload_at(stretch, place) is not None:
            return True
        place = stretch.find(_FRAME_MARK, place + 1)
    return False


def _table_of(kept: _Batch) -> IncomingBatch:
    columns: dict[str, Any] = {
        "point": np.frombuffer(kept.point, "<i4").astype(np.int32),
        "start_utc": np.frombuffer(kept.start_utc, "<i8").astype(np.int64),
        "energy": np.frombuffer(kept.energy, "<i8").astype(np.int64),
        "quality": np.frombuffer(kept.quality, "u1").astype(np.uint8),
    }
    if kept.codes:
        columns["code"] = np.frombuffer(kept.code, "<i4").astype(np.int32)
    if len({len(column) for column in columns.values()}) != 1:
        raise ValueError("its columns differ in length")
    table = ReadingTable(
        metering_points=tuple(kept.metering_points),
        resolution_minutes=kept.resolution_minutes,
        codes=kept.codes,
        **columns,
    )
    return IncomingBatch(kept.id, kept.digest, kept.received_utc, table)
