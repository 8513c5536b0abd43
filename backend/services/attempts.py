"""How often someone may try: failures are counted per name and address, in bounded memory."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.errors import TooManyAttemptsError

if TYPE_CHECKING:
    from backend.ports import Clock

__all__ = ["Attempt", "AttemptLimiter", "name_network"]

_FIRST_WAIT_SECONDS = 30
_WAIT_SECONDS_MAX = 900
_FORGET_SECONDS = 3600
_CAPACITY = 20_000
_IPV6_NETWORK_BITS = 64
# Failures before the first wait: of one name from one address, of one address, of one name from everywhere.
_FREE_PAIR = 5
_FREE_ADDRESS = 30
_FREE_NAME = 100


@dataclass(slots=True)
class _Count:
    failures: int
    last_utc: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was counted before it was made, so that many at once are no way around."""

    keys: tuple[bytes, ...]


def name_network(address: str) -> str:
    """What is counted as one address: an IPv4 address, or a whole /64 of IPv6, which a home has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 -- of the internet protocol
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False))


class AttemptLimiter:
    """Counts failures and says how long to wait; names are kept as keyed hashes only.

    Args:
        clock: Time.
        capacity: Counters kept; the oldest goes first.

    Invariants:
        - At most ``capacity`` counters exist.
        - A name that nobody has is treated like one that somebody has.
    """

    def __init__(self, clock: Clock, capacity: int = _CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._counts: OrderedDict[bytes, _Count] = OrderedDict()
        self._guard = threading.Lock()
        self._secret = secrets.token_bytes(32)

    def begin(self, name: str, address: str) -> Attempt:
        """Count an attempt.

        Raises:
            TooManyAttemptsError: If one of its counters is waiting; then it is not counted.
        """
        network = name_network(address)
        limits = (
            (f"pair\0{name}\0{network}", _FREE_PAIR),
            (f"from\0{network}", _FREE_ADDRESS),
            (f"name\0{name}", _FREE_NAME),
        )
        keyed = [(self._key(text), free) for text, free in limits]
        with self._guard:
            now = self._clock.now_utc()
            wait = max(self._wait(key, free, now) for key, free in keyed)
            if wait > 0:
                raise TooManyAttemptsError(
                    f"Too many attempts failed; wait {wait} seconds and try again.", wait_seconds=wait
                )
            for key, _ in keyed:
                self._add(key, 1, now)
        return Attempt(tuple(key for key, _ in keyed))

    def succeeded(self, attempt: Attempt) -> None:
        """Forget the failures of this name from this address, and that this attempt was counted elsewhere."""
        pair, *others = attempt.keys
        with self._guard:
            self._counts.pop(pair, None)
            for key in others:
                count = self._counts.get(key)
                if count is not None:
                    count.failures = max(count.failures - 1, 0)

    def __len__(self) -> int:
        return len(self._counts)

    def _key(self, text: str) -> bytes:
        return hashlib.blake2b(
            text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16
        ).digest()

    def _wait(self, key: bytes, free: int, now: int) -> int:
        count = self._counts.get(key)
        if count is None or count.failures < free:
            return 0
        if now - count.last_utc >= _FORGET_SECONDS:
            del self._counts[key]
            return 0
        doublings = min(count.failures - free, math.ceil(math.log2(_WAIT_SECONDS_MAX / _FIRST_WAIT_SECONDS)))
        wait = min(_FIRST_WAIT_SECONDS << doublings, _WAIT_SECONDS_MAX)
        return max(count.last_utc + wait - now, 0)

    def _add(self, key: bytes, failures: int, now: int) -> None:
        count = self._counts.get(key)
        if count is None or now - count.last_utc >= _FORGET_SECONDS:
            self._counts[key] = _Count(failures, now)
        else:
            count.failures += failures
            count.last_utc = now
        self._counts.move_to_end(key)
        while len(self._counts) > self._capacity:
            self._counts.popitem(last=False)
