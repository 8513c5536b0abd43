"""Cursors: where a list goes on, opaque to whoever gets one."""

from __future__ import annotations

import base64
import binascii

from backend.errors import InputError

__all__ = ["read_number", "read_text", "write_cursor"]

_LENGTH_MAX = 200


def write_cursor(place: int | str | None) -> str | None:
    """A cursor for a place in a list; None at its end."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def read_text(cursor: str | None) -> str | None:
    """The place that a cursor names.

    Raises:
        InputError: If it is none of ours.
    """
    if cursor is None:
        return None
    padded = cursor[:_LENGTH_MAX] + "=" * (-len(cursor[:_LENGTH_MAX]) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise InputError("The cursor is none that was given out; start the list again without it.") from None


def read_number(cursor: str | None) -> int | None:
    """The place that a cursor names, where places are whole numbers.

    Raises:
        InputError: If it is none of ours.
    """
    text = read_text(cursor)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 12:  # noqa: PLR2004 -- digits of any place
        raise InputError("The cursor is none that was given out; start the list again without it.")
    return int(text)
