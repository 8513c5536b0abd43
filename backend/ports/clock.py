"""Time as services see it."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Clock"]


class Clock(Protocol):
    """Tells the present instant."""

    def now_utc(self) -> int:
        """[s since 1970, UTC]"""
        ...
