"""How often anyone may ask what needs no log-in: a bucket per network address, in bounded memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from backend.errors import TooManyAttemptsError
from backend.services.attempts import name_network

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RequestRate"]

_BURST = 300
_SECONDS_EACH = 0.2
_CAPACITY = 20_000


class RequestRate:
    """Lets a burst of requests through, and then so many a second.

    Args:
        burst: Requests at once. [1]
        seconds_each: Until another is let through. [s]
        now: A clock that only goes forward. [s]

    Invariants:
        - At most ``_CAPACITY`` addresses are known; the one that was silent longest goes first.
    """

    def __init__(
        self,
        burst: int = _BURST,
        seconds_each: float = _SECONDS_EACH,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst_seconds = burst * seconds_each
        self._seconds_each = seconds_each
        self._now = now
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._guard = threading.Lock()

    def admit(self, address: str) -> None:
        """Count a request.

        Args:
            address: Network address that asks.

        Raises:
            TooManyAttemptsError: If there were too many; this one is not counted.
        """
        network = name_network(address)
        with self._guard:
            now = self._now()
            # When its bucket will be full again: never before now.
            full_at = max(self._full_at.get(network, now), now) + self._seconds_each
            wait = full_at - now - self._burst_seconds
            if wait > 0:
                raise TooManyAttemptsError(
                    "Too many requests from this address; try again in a moment.", wait_seconds=int(wait) + 1
                )
            self._full_at[network] = full_at
            self._full_at.move_to_end(network)
            while len(self._full_at) > _CAPACITY:
                self._full_at.popitem(last=False)
