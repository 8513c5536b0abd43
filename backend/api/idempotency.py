"""Writes that are done once, however often they are sent: ``Idempotency-Key``.

The answer is kept with the key for a day, without what is told once (a generated password): a repeat gets the same
answer with null in its place. The same key with another request is refused.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header

from backend.errors import ConflictError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.ports import Clock, RecordStore

__all__ = ["IdempotencyKey", "OnceOnly"]

_FACT = "api/idempotency"
_KEPT_MAX = 300
_KEPT_SECONDS = 86_400

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Made by the caller; the same request sent again with it is done once.",
    ),
]


class OnceOnly:
    """Answers by key.

    Args:
        store: Records.
        clock: Time.

    Invariants:
        - At most ``_KEPT_MAX`` answers are kept, none longer than a day, and no secret.
    """

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._running: set[str] = set()
        self._guard = threading.Lock()

    def perform(
        self,
        key: str | None,
        user: str,
        request: str,
        work: Callable[[], Mapping[str, Any]],
        secrets: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """Do it, or tell what it gave when it was done.

        Args:
            key: From the caller; None to do it anyway.
            user: Whose key it is.
            request: Method, path and body, whatever makes two requests the same.
            work: Does it and answers.
            secrets: Names in the answer that are told once.

        Raises:
            InputError: If the key was used for another request.
            ConflictError: If the same request is being done at this moment.
        """
        if key is None:
            return dict(work())
        name = hashlib.sha256(f"{user}\0{key}".encode()).hexdigest()
        digest = hashlib.sha256(request.encode("utf-8", "surrogatepass")).hexdigest()
        with self._alone(name):
            kept = self._kept().get(name)
            if kept is not None:
                if kept["request"] != digest:
                    raise InputError("This Idempotency-Key was used for another request; make a new one.")
                return dict(kept["answer"])
            answer = dict(work())
            told = {field: None if field in secrets else value for field, value in answer.items()}
            self._keep(name, {"request": digest, "answer": told, "at": self._clock.now_utc()})
            return answer

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        with self._guard:
            if name in self._running:
                raise ConflictError("The same request is being done at this moment; wait for its answer.")
            self._running.add(name)
        try:
            yield
        finally:
            with self._guard:
                self._running.discard(name)

    def _kept(self) -> dict[str, Any]:
        with self._store.reading() as records:
            return self._young(records.fact(_FACT) or {})

    def _young(self, kept: dict[str, Any]) -> dict[str, Any]:
        oldest = self._clock.now_utc() - _KEPT_SECONDS
        return {name: entry for name, entry in kept.items() if entry["at"] > oldest}

    def _keep(self, name: str, entry: dict[str, Any]) -> None:
        with self._store.transaction() as records:
            kept = self._young(records.fact(_FACT) or {}) | {name: entry}
            newest = sorted(kept, key=lambda known: kept[known]["at"])[-_KEPT_MAX:]
            records.put_fact(_FACT, {known: kept[known] for known in newest})
