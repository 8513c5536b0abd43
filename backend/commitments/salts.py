"""Salts that hide leaves, and the keys they come from (docs/protocol.md, section 5).

A member's key opens the leaves of one slot in one period and nothing else; the auditors' key opens the stairs. Who
holds neither cannot guess a reading from its hash, and once a key is destroyed nobody can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.commitments.keccak import HASH_BYTES, Bytes, keccak256, keccak256_many
from backend.commitments.leaves import SALT_BYTES, LeafKind
from backend.errors import InputError

__all__ = ["SaltKeys", "derive_salt", "stack_keys"]

_SALT = 0x20
_MESSAGE = np.dtype(
    [
        ("first", "u1"),
        ("key", "u1", (HASH_BYTES,)),
        ("community", "u1", (HASH_BYTES,)),
        ("scope", "u1", (HASH_BYTES,)),
        ("kind", "u1"),
        ("slot", ">u4"),
        ("day", ">u2"),
        ("t", ">u2"),
    ]
)
Indices = npt.NDArray[np.int64]


def derive_salt(
    key: bytes, community: bytes, scope: bytes, kind: LeafKind, place: tuple[int, int, int] = (0, 0, 0)
) -> bytes:
    """Derive the salt of one leaf.

    Args:
        key: The slot's key K, or the auditors' key X. [32 bytes]
        community: The community's name on chain. [32 bytes]
        scope: Id of the run, batch or terms. [32 bytes]
        kind: The leaf's kind.
        place: Slot (or block of a stair), day, interval of the day.

    Returns:
        The salt. [16 bytes]
    """
    slot, day, t = place
    head = bytes([_SALT]) + key + community + scope + bytes([kind])
    return keccak256(head + slot.to_bytes(4, "big") + day.to_bytes(2, "big") + t.to_bytes(2, "big"))[
        :SALT_BYTES
    ]


def stack_keys(keys: dict[int, bytes], slots: int) -> Bytes:
    """Lay out keys by slot, zeros where a slot has none. [slots, 32]"""
    stacked = np.zeros((slots, HASH_BYTES), dtype=np.uint8)
    for slot, key in keys.items():
        stacked[slot] = np.frombuffer(key, dtype=np.uint8)
    return stacked


@dataclass(frozen=True, slots=True, eq=False)
class SaltKeys:
    """The keys of one community and period.

    Attributes:
        community: The community's name on chain. [32 bytes]
        slot_keys: K by slot, zeros for slots without a point. [slots, 32]
        auditors_key: X. [32 bytes]
    """

    community: bytes
    slot_keys: Bytes
    auditors_key: bytes

    def __post_init__(self) -> None:
        if self.slot_keys.shape[1:] != (HASH_BYTES,) or self.slot_keys.dtype != np.uint8:
            raise InputError(
                f"Slot keys are bytes [slots, {HASH_BYTES}], not {self.slot_keys.dtype} {self.slot_keys.shape}."
            )
        for name, value in (("community", self.community), ("auditors' key", self.auditors_key)):
            if len(value) != HASH_BYTES:
                raise InputError(f"The {name} has {len(value)} bytes; it needs {HASH_BYTES}.")

    def check_slots(self, active: npt.NDArray[np.bool_]) -> None:
        """See that every slot with a leaf has a key of its own.

        Args:
            active: Which slots have leaves. [slots]

        Raises:
            InputError: If there are too few keys, or one is all zeros.
        """
        if len(self.slot_keys) != len(active):
            raise InputError(
                f"{len(self.slot_keys)} slot keys were given for {len(active)} slots; give one each."
            )
        bare = np.flatnonzero(active & ~self.slot_keys.any(axis=1))
        if bare.size:
            raise InputError(
                f"Slot {bare[0]} is active but its key is all zeros, which hides nothing; draw one."
            )

    def slot_salts(
        self, scope: bytes, kind: LeafKind, slots: Indices, day: int = 0, intervals: int = 1
    ) -> Bytes:
        """Derive the salts of slots' leaves over a day's intervals. [slots, intervals, 16]"""
        messages = self._messages(scope, kind, (len(slots), intervals))
        messages["key"] = self.slot_keys[slots][:, None, :]
        messages["slot"], messages["day"] = slots[:, None], day
        messages["t"] = np.arange(intervals)
        return _first_bytes(messages)

    def stair_salts(
        self, scope: bytes, kind: LeafKind, blocks: int, day: int = 0, intervals: int = 1
    ) -> Bytes:
        """Derive the salts of stairs over a day's intervals. [intervals, blocks, 16]"""
        messages = self._messages(scope, kind, (intervals, blocks))
        messages["key"] = np.frombuffer(self.auditors_key, dtype=np.uint8)
        messages["slot"], messages["day"] = np.arange(blocks), day
        messages["t"] = np.arange(intervals)[:, None]
        return _first_bytes(messages)

    def pair_salts(self, scope: bytes, kind: LeafKind, slots: Indices, others: Indices) -> Bytes:
        """Derive the salts of leaves of pairs of slots, by the auditors' key. [slots, others, 16]"""
        messages = self._messages(scope, kind, (len(slots), len(others)))
        messages["key"] = np.frombuffer(self.auditors_key, dtype=np.uint8)
        messages["slot"], messages["day"], messages["t"] = slots[:, None], others, 0
        return _first_bytes(messages)

    def _messages(self, scope: bytes, kind: LeafKind, shape: tuple[int, int]) -> npt.NDArray[np.void]:
        messages: npt.NDArray[np.void] = np.empty(shape, dtype=_MESSAGE)
        messages["first"], messages["kind"] = _SALT, kind
        messages["community"] = np.frombuffer(self.community, dtype=np.uint8)
        messages["scope"] = np.frombuffer(scope, dtype=np.uint8)
        return messages


def _first_bytes(messages: npt.NDArray[np.void]) -> Bytes:
    flat = messages.view(np.uint8).reshape(-1, _MESSAGE.itemsize)
    return keccak256_many(flat)[:, :SALT_BYTES].reshape(*messages.shape, SALT_BYTES)
