"""Batches that arrive at the same time, taken together: read at once, kept by one flush."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.errors import PartageError
    from backend.services.receive_readings import ReceivedReadings, SentBatch

__all__ = ["ReadingDesk"]

_AT_ONCE_MAX = 2  # while one group is flushed, the next is read
_GROUP_MAX = 64
_GROUP_BYTES_MAX = 4 * 1024 * 1024


@dataclass(slots=True)
class _Counter:
    """What waits in one event loop."""

    waiting: deque[tuple[SentBatch, asyncio.Future[ReceivedReadings]]] = field(default_factory=deque)
    groups: set[asyncio.Task[None]] = field(default_factory=set)


class ReadingDesk:
    """Takes batches from requests.

    A request that comes alone is taken at once; those that come while two groups are under way form the next one, so
    that the busier it is, the less each costs.

    Args:
        take_all: Keeps batches, each by itself; durable when it returns.
    """

    def __init__(
        self, take_all: Callable[[Sequence[SentBatch]], Sequence[ReceivedReadings | PartageError]]
    ) -> None:
        self._take_all = take_all
        self._counters: WeakKeyDictionary[asyncio.AbstractEventLoop, _Counter] = WeakKeyDictionary()

    async def take(self, batch: SentBatch) -> ReceivedReadings:
        """Keep a batch; durable when it returns.

        Raises:
            PartageError: As ``Reception.receive``.
        """
        loop = asyncio.get_running_loop()
        counter = self._counters.setdefault(loop, _Counter())
        answer: asyncio.Future[ReceivedReadings] = loop.create_future()
        counter.waiting.append((batch, answer))
        self._begin_group(counter)
        return await answer

    def _begin_group(self, counter: _Counter) -> None:
        if counter.waiting and len(counter.groups) < _AT_ONCE_MAX:
            group = asyncio.create_task(self._take_group(counter))
            counter.groups.add(group)

    async def _take_group(self, counter: _Counter) -> None:
        group = _next_group(counter)
        try:
            if group:
                outcomes = await run_in_threadpool(self._take_all, [batch for batch, _ in group])
                for (_, answer), outcome in zip(group, outcomes, strict=True):
                    _tell(answer, outcome)
        except Exception as error:  # noqa: BLE001 -- whoever waits is told, each by their own request
            for _, answer in group:
                _tell(answer, error)
        finally:
            for _, answer in group:  # nobody waits for ever where the loop ends in the midst
                answer.cancel()
            task = asyncio.current_task()
            assert task is not None, "a group is a task"
            counter.groups.discard(task)
            self._begin_group(counter)


def _next_group(counter: _Counter) -> list[tuple[SentBatch, asyncio.Future[ReceivedReadings]]]:
    """What waits, as far as it is not too much at once; one batch at least where any waits."""
    group: list[tuple[SentBatch, asyncio.Future[ReceivedReadings]]] = []
    size = 0
    while counter.waiting and len(group) < _GROUP_MAX:
        size += len(counter.waiting[0][0].body)
        if group and size > _GROUP_BYTES_MAX:
            break
        group.append(counter.waiting.popleft())
    return group


def _tell(answer: asyncio.Future[ReceivedReadings], outcome: ReceivedReadings | Exception) -> None:
    """Answer whoever still waits: a connection may be gone meanwhile."""
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
