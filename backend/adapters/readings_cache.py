"""Assembled readings as memory-mapped arrays in the home: bounded, private, and safe to delete at any time.

Each entry is an array (``.npy``) and a note beside it (``.json``) with its counts and its hash, written last. An array
without a note, or with another hash, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.durable_files import make_folder, write_durably
from backend.errors import StoreError
from backend.ports.readings_cache import AssembledReadings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["MappedReadings"]

BYTES_MAX = 2 * 1024**3
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_CONTENT = re.compile(r"(?:0x)?([0-9a-f]{64})")
_NARROW_MAX = int(np.iinfo(np.uint32).max)


class MappedReadings:
    """Implements ``backend.ports.readings_cache.ReadingsCache`` in a folder.

    Args:
        folder: Holds one folder per community; made when something is kept.
        bytes_max: What all arrays may take; the least recently used go first. [B]
    """

    def __init__(self, folder: Path, bytes_max: int = BYTES_MAX) -> None:
        self._folder = folder
        self._bytes_max = bytes_max

    def find(self, community: str, content: str) -> AssembledReadings | None:
        """What is kept under that name, None where it is not there or damaged."""
        file = self._file(community, content)
        try:
            note = json.loads(file.with_suffix(".json").read_bytes())
            energy = np.load(file, mmap_mode="r", allow_pickle=False)
            if _hash(energy) != note["sha256"]:
                return None
            os.utime(file)
            digest = bytes.fromhex(note["digest"])
            return AssembledReadings(
                energy, note["measured"], note["estimated"], note["missing"], note["energy_max"], digest
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, community: str, content: str, readings: AssembledReadings) -> AssembledReadings:
        """Keep readings in the narrowest whole numbers that hold them; the oldest make room.

        Raises:
            StoreError: If the folder cannot be written.
        """
        file = self._file(community, content)
        kind = np.dtype(np.uint32 if readings.energy_max <= _NARROW_MAX else np.int64)
        energy = np.ascontiguousarray(readings.energy, dtype=kind)
        note = {
            "sha256": _hash(energy),
            "digest": readings.digest.hex(),
            "measured": readings.measured,
            "estimated": readings.estimated,
            "missing": readings.missing,
            "energy_max": readings.energy_max,
        }
        buffer = io.BytesIO()
        np.save(buffer, energy, allow_pickle=False)
        try:
            make_folder(file.parent, 0o700)
            write_durably(file, buffer.getbuffer(), mode=0o600, flush=False)
            write_durably(file.with_suffix(".json"), json.dumps(note).encode(), mode=0o600, flush=False)
            self._make_room(file)
        except OSError as error:
            raise StoreError(f"{file.parent} cannot be written: {error.strerror}.") from None
        return self.find(community, content) or readings

    def erase(self, community: str) -> None:
        """Forget all of a community."""
        shutil.rmtree(self._place(community), ignore_errors=True)

    def _make_room(self, kept: Path) -> None:
        """Remove the least recently used arrays until all fit; the one just kept stays."""
        found: list[tuple[float, int, Path]] = []
        for file in self._folder.rglob("*.npy"):
            with suppress(FileNotFoundError):  # another process made room too
                status = file.stat()
                found.append((status.st_mtime, status.st_size, file))
        total = sum(size for _, size, _ in found)
        for _, size, file in sorted(found):
            if total <= self._bytes_max:
                return
            if file != kept:
                file.with_suffix(".json").unlink(missing_ok=True)
                file.unlink(missing_ok=True)
                total -= size

    def _place(self, community: str) -> Path:
        if not _NAME.fullmatch(community):
            raise StoreError(f"{community!r} is no community's id; use a-z, 0-9, dot, dash and underscore.")
        return self._folder / community

    def _file(self, community: str, content: str) -> Path:
        match = _CONTENT.fullmatch(content)
        assert match, content
        return self._place(community) / f"{match[1][:40]}.npy"


def _hash(energy: NDArray[Any]) -> str:
    return hashlib.sha256(energy.data.cast("B")).hexdigest()
