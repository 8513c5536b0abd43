"""Words that are good for one use and a few minutes, without anything being kept until they come back.

A token carries its own end and a seal under a secret that lives as long as the process, so that whoever asks for a
million of them fills no memory. One that came back is remembered until its end.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.ports import Clock

__all__ = ["OneTimeTokens"]

_LIFETIME_SECONDS = 300
_USED_MAX = 50_000
_TIME_BYTES = 8
_RANDOM_BYTES = 16
_SEAL_BYTES = 24
_LENGTH = _TIME_BYTES + _RANDOM_BYTES + _SEAL_BYTES


class OneTimeTokens:
    """Issues tokens and takes each back once.

    Args:
        clock: Time.

    Invariants:
        - A token is taken at most once, before its end, for the purpose that it was issued for.
        - Memory holds used tokens only, until their end; where there were too many, all that were issued are void.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._used: OrderedDict[bytes, int] = OrderedDict()
        self._guard = threading.Lock()

    def issue(self, purpose: str) -> bytes:
        """A token of 48 bytes.

        Args:
            purpose: What it is for, and of whom.
        """
        head = (self._clock.now_utc() + _LIFETIME_SECONDS).to_bytes(_TIME_BYTES) + secrets.token_bytes(
            _RANDOM_BYTES
        )
        return head + self._seal(head, purpose)

    def expiry_of(self, token: bytes) -> int:
        """When a token ends. [s since 1970, UTC]"""
        return int.from_bytes(token[:_TIME_BYTES])

    def redeem(self, token: bytes, purpose: str) -> bool:
        """Take a token back; False where it is not ours, for something else, over, or was taken before."""
        head, seal = token[:-_SEAL_BYTES], token[-_SEAL_BYTES:]
        if len(token) != _LENGTH or not hmac.compare_digest(seal, self._seal(head, purpose)):
            return False
        now, ends = self._clock.now_utc(), self.expiry_of(token)
        with self._guard:
            if ends <= now or token in self._used:
                return False
            self._used[token] = ends
            self._forget(now)
        return True

    def _forget(self, now: int) -> None:
        for token in [known for known, ends in self._used.items() if ends <= now]:
            del self._used[token]
        if len(self._used) > _USED_MAX:
            self._used.clear()
            self._secret = secrets.token_bytes(32)

    def _seal(self, head: bytes, purpose: str) -> bytes:
        return hmac.digest(self._secret, head + purpose.encode("utf-8", "surrogatepass"), "sha256")[
            :_SEAL_BYTES
        ]
