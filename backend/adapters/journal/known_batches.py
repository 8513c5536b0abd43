"""Which batches were kept before: fixed-length records in a file that is only added to, the oldest forgotten."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from typing import TYPE_CHECKING

from backend.adapters.durable_files import write_durably

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["KNOWN_MAX", "KnownBatches"]

KNOWN_MAX = 1 << 18
"""So many batches are known at least before the oldest are forgotten. [1]"""

_RECORD = struct.Struct("<16s16s")
_CHECKED = struct.Struct("<16s16sI")


class KnownBatches:
    """Ids of sealed batches, with the digest of each one's content.

    Whoever calls holds the journal's lock: the file may be another process's work of a moment ago.

    Args:
        path: The file; need not be there.
        known_max: How many are known at least. [1]
    """

    def __init__(self, path: Path, known_max: int = KNOWN_MAX) -> None:
        self._path = path
        self._known_max = known_max
        self._read_until = 0
        self._descriptor = -1  # kept open, so that its inode is given to no other file
        self._digests: dict[bytes, bytes] = {}

    def digest_of(self, batch: bytes) -> bytes | None:
        """The digest of a batch's content, None where it is not known."""
        return self._digests.get(batch)

    def refresh(self) -> None:
        """Learn what was added since; a record that a crash tore is cut."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            self.close()
            return
        if self._descriptor < 0 or os.fstat(self._descriptor).st_ino != inode:
            self._open()
        size = os.fstat(self._descriptor).st_size
        if size == self._read_until:
            return
        content = os.pread(self._descriptor, size - self._read_until, self._read_until)
        self._read_until += self._take(content)
        if self._read_until < size:
            os.ftruncate(self._descriptor, self._read_until)
        os.fsync(self._descriptor)  # whoever wrote it may have ended before its own flush

    def add(self, batches: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep ids with digests. Durable when it returns. Call after ``refresh``."""
        if len(self._digests) + len(batches) > 2 * self._known_max:
            self._rewrite(batches)
            return
        if self._descriptor < 0:
            self._open()
        content = _encode(batches)
        written = os.pwrite(self._descriptor, content, self._read_until)
        os.fsync(self._descriptor)
        if written < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        self._read_until += len(content)
        self._digests.update(batches)

    def close(self) -> None:
        """Let go of the file, and forget."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._read_until, self._digests = -1, 0, {}

    def _open(self) -> None:
        self.close()
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _rewrite(self, batches: Sequence[tuple[bytes, bytes]]) -> None:
        """Forget the oldest: the file is replaced as a whole."""
        kept = [*self._digests.items(), *batches][-self._known_max :]
        write_durably(self._path, _encode(kept), mode=0o600)
        self._open()
        self._digests.update(kept)
        self._read_until = len(kept) * _CHECKED.size

    def _take(self, content: bytes) -> int:
        """Learn the sound records at the beginning; returns how far they reach. [B]"""
        until = len(content) - len(content) % _CHECKED.size
        at = 0
        for batch, digest, checksum in _CHECKED.iter_unpack(content[:until]):
            if zlib.crc32(batch + digest) != checksum:
                break
            self._digests[batch] = digest
            at += _CHECKED.size
        return at


def _encode(batches: Iterable[tuple[bytes, bytes]]) -> bytes:
    records = []
    for batch, digest in batches:
        record = _RECORD.pack(batch, digest)
        records.append(record + struct.pack("<I", zlib.crc32(record)))
    return b"".join(records)
