"""Instants as people type them, and as they are told."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["read_instant", "write_instant"]


def read_instant(text: str) -> int:
    """An instant of ISO 8601 with an offset. [s since 1970, UTC]

    Raises:
        InputError: If it is none.
    """
    from backend.errors import InputError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(f"{text!r} is no instant with an offset; write it like 2024-03-20T10:00:00+01:00.")
    return int(moment.timestamp())


def write_instant(instant_utc: int) -> str:
    """``2024-03-20T09:00Z``."""
    return f"{datetime.fromtimestamp(instant_utc, UTC):%Y-%m-%dT%H:%MZ}"
