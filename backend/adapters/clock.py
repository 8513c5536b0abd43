"""The present instant, as the machine tells it or as a test sets it."""

from __future__ import annotations

import time

__all__ = ["FixedClock", "SystemClock"]


class SystemClock:
    """The machine's clock."""

    def now_utc(self) -> int:
        """[s since 1970, UTC]"""
        return int(time.time())


class FixedClock:
    """A clock that stands still until it is moved.

    Args:
        now_utc: Where it stands. [s since 1970, UTC]
    """

    def __init__(self, now_utc: int) -> None:
        self._now_utc = now_utc

    def now_utc(self) -> int:
        """[s since 1970, UTC]"""
        return self._now_utc

    def advance(self, seconds: int) -> None:
        """Move it forward. [s]"""
        assert seconds >= 0, "a clock never goes back"
        self._now_utc += seconds
