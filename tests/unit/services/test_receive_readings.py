"""A batch that our own reading stumbles over is refused alone: a broker would give it again for ever."""

from collections.abc import Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from backend.errors import InputError
from backend.metering import ReadingTable
from backend.services.receive_readings import ReceivedReadings, Reception, SentBatch
from tests.integration.settlement.small_community import DEFINITION

POISON = b"poison"


def table() -> ReadingTable:
    nothing = np.zeros(0, np.int64)
    return ReadingTable((), nothing.astype(np.int32), nothing, nothing, nothing.astype(np.uint8), 60)


def read_bodies(bodies: Sequence[tuple[bytes, str]], **_: Any) -> Any:
    if any(body == POISON for body, _ in bodies):
        raise IndexError("a fault of ours")
    return [(table(), []) for _ in bodies]


def reception(kept: list[Any]) -> Reception:
    @contextmanager
    def reading() -> Any:
        yield SimpleNamespace(community=lambda _: SimpleNamespace(definition=DEFINITION))

    def append_all(_community: str, batches: Sequence[Any]) -> list[bool]:
        kept.extend(batches)
        return [True] * len(batches)

    parts: tuple[Any, Any, Any] = (
        SimpleNamespace(reading=reading),
        SimpleNamespace(append_all=append_all),
        SimpleNamespace(now_utc=lambda: 0),
    )
    return Reception(*parts, read_bodies)


def test_a_batch_that_we_stumble_over_is_refused_and_the_others_are_kept(caplog: Any) -> None:
    kept: list[Any] = []
    bodies = (b"one", POISON, b"two")
    sent = [SentBatch("toits", "box", body, "text/csv") for body in bodies]
    first, refused, last = reception(kept).receive_all(sent)
    assert isinstance(first, ReceivedReadings)
    assert isinstance(last, ReceivedReadings)
    assert isinstance(refused, InputError)
    assert len(kept) == 2
    assert [record.levelname for record in caplog.records] == ["ERROR"]
