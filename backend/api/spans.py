"""Spans of time that are asked for, as seconds since 1970; instants that nothing can be of are refused."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from backend.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["YEARS", "epoch_of", "span_of"]

YEARS = (1970, 2200)
"""What is asked for lies between them, in neither."""


def epoch_of(moment: datetime, name: str) -> int:
    """An instant that is asked for, in whole seconds.

    Args:
        moment: With an offset from UTC.
        name: What it is asked as, such as ``from``.

    Returns:
        [s since 1970, UTC]

    Raises:
        InputError: If its year is none that anything is stored of.
    """
    if not YEARS[0] < moment.year < YEARS[1]:
        raise InputError(
            f"{name} is in the year {moment.year}; give an instant between {YEARS[0]} and {YEARS[1]}."
        )
    return int(moment.astimezone(UTC).timestamp())


def span_of(begin: datetime | None, end: datetime | None) -> tuple[int | None, int | None]:
    """What ``from`` and ``to`` ask for; None for an end that is left open. [s since 1970, UTC]

    Raises:
        InputError: If the year of either is none that anything is stored of.
    """
    return (
        None if begin is None else epoch_of(begin, "from"),
        None if end is None else epoch_of(end, "to"),
    )
