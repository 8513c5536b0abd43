"""Long work of the grid room: asked for, left, found again; one piece after another beside everything else."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, PartageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BackgroundWork", "WorkState"]

logger = logging.getLogger(__name__)

_WAITING_MAX = 10
_OF_ONE_MAX = 4  # so that one who asks for much leaves places to others
_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class WorkState:
    """How far a piece of work is.

    Attributes:
        state: ``waiting``, ``running``, ``done`` or ``failed``.
        progress: The part that is done, 0 to 1.
        problem: Why it failed, in words; empty otherwise.
        result: What it gave; None before it is done.
    """

    state: str
    progress: float = 0.0
    problem: str = ""
    result: Any = None

    @property
    def is_open(self) -> bool:
        """Is it not over?"""
        return self.state in {"waiting", "running"}


class BackgroundWork:
    """Does pieces of work by key, each in its turn.

    Invariants:
        - One piece runs at a time, and a key has at most one that is not over.
        - What failed or was done is remembered until the service stops, the oldest are forgotten first.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="grid")
        self._guard = threading.Lock()
        self._states: dict[str, WorkState] = {}
        self._owners: dict[str, str] = {}
        self._stopping = False

    def ask(self, key: str, task: Callable[[Callable[[float], None]], Any], owner: str = "") -> WorkState:
        """Ask for a piece of work; of a key that has one which is not over, that one is told instead.

        Args:
            key: What it is.
            task: Does it; is given what takes note of the part that is done, 0 to 1.
            owner: Whose it is, such as a community.

        Raises:
            ConflictError: If too many pieces are waiting, or too many of the owner's.
        """
        with self._guard:
            known = self._states.get(key)
            if known is not None and known.is_open:
                return known
            waiting = [one for one, state in self._states.items() if state.is_open]
            own = sum(self._owners.get(one) == owner for one in waiting)
            if len(waiting) >= _WAITING_MAX or own >= _OF_ONE_MAX:
                raise ConflictError("Much work on networks is waiting at this moment; try again later.")
            self._states.pop(key, None)
            state = self._states[key] = WorkState("waiting")
            self._owners[key] = owner
            for old in [one for one, kept in self._states.items() if not kept.is_open][:-_REMEMBERED]:
                del self._states[old]
                self._owners.pop(old, None)
        self._pool.submit(self._run, key, task)
        return state

    def look(self, key: str) -> WorkState | None:
        """How far the work of a key is, None where none was asked for since the service began."""
        with self._guard:
            return self._states.get(key)

    def close(self) -> None:
        """Begin nothing more, and stop what runs at its next note."""
        self._stopping = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, key: str, task: Callable[[Callable[[float], None]], Any]) -> None:
        self._set(key, WorkState("running"))

        def note(done: float) -> None:
            if self._stopping:
                raise _StoppedError
            self._set(key, WorkState("running", min(max(done, 0.0), 1.0)))

        try:
            result = task(note)
            self._set(key, WorkState("done", 1.0, result=result))
        except _StoppedError:
            self._fail(key, "The service was stopped meanwhile; ask again.")
        except PartageError as error:
            self._fail(key, str(error))
        except Exception:
            logger.exception("work on a network failed")
            self._fail(key, "The fault is on our side and was noted.")

    def _fail(self, key: str, problem: str) -> None:
        with self._guard:
            self._states[key] = replace(self._states[key], state="failed", problem=problem)

    def _set(self, key: str, state: WorkState) -> None:
        with self._guard:
            self._states[key] = state


class _StoppedError(Exception):
    """The service is stopping; raised in the work's own thread."""
