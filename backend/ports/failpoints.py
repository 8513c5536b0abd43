"""Named points at which a test may stop the program, to show that a crash there loses and doubles nothing.

Code calls ``reach("room.step")`` between two durable steps. Nothing happens unless somebody armed the point:

- in this process, ``with armed("intervals.files_written"): ...`` raises ``Crash`` at the point, and
  ``with recorded() as names`` lists the points on the way;
- in another process, ``PARTAGE_FAILPOINT=intervals.files_written`` (or ``...:3`` for the third time) kills it there
  with SIGKILL, as a power cut would: no handler runs, no buffer is flushed.

Unarmed, a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ENVIRONMENT_VARIABLE", "Crash", "armed", "reach", "recorded"]

ENVIRONMENT_VARIABLE = "PARTAGE_FAILPOINT"


class Crash(BaseException):
    """Stands for the end of the process where a test armed a point in its own process."""


_listeners: list[Callable[[str], None]] = []


def reach(name: str) -> None:
    """Say that a durable step is done; stops here if somebody armed this point.

    Args:
        name: ``room.step``, in the past tense for a step that is done: ``intervals.files_written``.
    """
    if _listeners:
        for listener in tuple(_listeners):
            listener(name)


def _countdown(name: str, nth: int, stop: Callable[[], None]) -> Callable[[str], None]:
    left = nth

    def listen(reached: str) -> None:
        nonlocal left
        if reached == name:
            left -= 1
            if left == 0:
                stop()

    return listen


@contextmanager
def armed(name: str, nth: int = 1) -> Iterator[None]:
    """Raise ``Crash`` the n-th time that the point is reached in this process.

    Args:
        name: The point.
        nth: Which time, from 1. [1]
    """

    def crash() -> None:
        raise Crash(name)

    listener = _countdown(name, nth, crash)
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """List the points that are reached inside, in order, each as often as it is reached."""
    names: list[str] = []
    _listeners.append(names.append)
    try:
        yield names
    finally:
        _listeners.remove(names.append)


def _arm_from_environment(setting: str) -> None:
    name, _, count = setting.partition(":")
    nth = int(count) if count else 1
    _listeners.append(_countdown(name, nth, lambda: os.kill(os.getpid(), signal.SIGKILL)))


if _setting := os.environ.get(ENVIRONMENT_VARIABLE):
    _arm_from_environment(_setting)
