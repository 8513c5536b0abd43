"""Batches of Arrow data whose size nobody has to be believed: what their buffers would unpack to is looked up before.

A compressed buffer begins with the length that it unpacks to, and so much is allocated for it at once. (Arrow Columnar
Format, "Compression" and "Serialization and Interprocess Communication"; flatbuffers, "Internals")
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UNPACKED_MAX", "check_file", "names_compression", "read_batches", "unpacked_bytes"]

UNPACKED_MAX = 256 * 1024**2
"""So much may the compressed buffers of one batch unpack to. [B]"""

_MESSAGES_MAX = 1_000_000
_MAGIC_BYTES = 8  # of a file, before its stream
_BUFFERS_FIELD, _COMPRESSION_FIELD = 2, 3  # of RecordBatch: length, nodes, buffers, compression
_BUFFER_BYTES = 16  # a pair of 64 bits: offset and length
_HAS_BODY = frozenset({"record batch", "dictionary"})


def check_file(stream: BinaryIO) -> int:
    """Look at each batch of an Arrow file, and leave the stream where its batches begin.

    Returns:
        Number of its batches, of records. [1]

    Raises:
        ValueError: If a batch would unpack to more than ``UNPACKED_MAX``, or the file's batches are not those of its
            footer.
        pyarrow.ArrowException: If it is no Arrow file, or damaged.
    """
    with pa.ipc.open_file(pa.PythonFile(stream, mode="r")) as file:
        told = int(file.num_record_batches)
    stream.seek(_MAGIC_BYTES)
    found = 0
    messages = pa.ipc.MessageReader.open_stream(pa.PythonFile(stream, mode="r"))
    for _ in range(_MESSAGES_MAX):
        try:
            message = messages.read_next_message()
        except StopIteration:
            break
        found += message.type == "record batch"
        size = unpacked_bytes(message)
        if size > UNPACKED_MAX:
            raise ValueError(
                f"a batch unpacks to {size:,} bytes, at most {UNPACKED_MAX:,} are taken; write smaller batches"
            )
    if found != told:
        raise ValueError(f"it has {found} batches, its end tells of {told}")
    stream.seek(_MAGIC_BYTES)
    return found


def read_batches(stream: BinaryIO) -> Iterator[Any]:
    """The batches of a stream that ``check_file`` has left at their beginning, each checked in itself.

    Raises:
        pyarrow.ArrowException: If one is damaged.
    """
    with pa.ipc.open_stream(pa.PythonFile(stream, mode="r")) as reader:
        for batch in reader:
            batch.validate(full=True)
            yield batch


def names_compression(message: Any) -> bool:
    """Whether a batch's metadata has the field ``compression`` (Arrow's Message.fbs)."""
    metadata = message.metadata.to_pybytes()
    header = _batch_of(metadata, message.type)
    return header is not None and _field(metadata, header, _COMPRESSION_FIELD) is not None


def unpacked_bytes(message: Any) -> int:
    """What the compressed buffers of a message say that they unpack to, added. [B]"""
    if message.type not in _HAS_BODY or not names_compression(message):
        return 0
    metadata, body = message.metadata.to_pybytes(), memoryview(message.body)
    header = _batch_of(metadata, message.type)
    buffers = None if header is None else _follow(metadata, header, _BUFFERS_FIELD)
    if buffers is None:
        return 0
    total = 0
    for place in range(struct.unpack_from("<I", metadata, buffers)[0]):
        offset, length = struct.unpack_from("<qq", metadata, buffers + 4 + place * _BUFFER_BYTES)
        if 0 <= offset <= len(body) - 8 and length > 0:
            total += max(struct.unpack_from("<q", body, offset)[0], 0)
    return total


def _batch_of(metadata: bytes, kind: str) -> int | None:
    """Place of a message's RecordBatch."""
    message = struct.unpack_from("<I", metadata, 0)[0]
    header = _follow(metadata, message, 2)
    if header is not None and kind == "dictionary":
        header = _follow(metadata, header, 1)  # DictionaryBatch: id, data
    return header


def _field(buffer: bytes, table: int, number: int) -> int | None:
    """Place of a table's field, None where it is not set."""
    vtable = table - struct.unpack_from("<i", buffer, table)[0]
    size = struct.unpack_from("<H", buffer, vtable)[0]
    slot = 4 + 2 * number
    offset = struct.unpack_from("<H", buffer, vtable + slot)[0] if slot + 2 <= size else 0
    return table + offset if offset else None


def _follow(buffer: bytes, table: int, number: int) -> int | None:
    place = _field(buffer, table, number)
    return None if place is None else place + int(struct.unpack_from("<I", buffer, place)[0])
