"""Batches that come together are taken together; each sender hears of their own."""

import asyncio
import threading
from typing import Any

import pytest

from backend.api.reading_desk import ReadingDesk
from backend.errors import InputError
from backend.services.receive_readings import ReceivedReadings, SentBatch


def batch(number: int, size: int = 1) -> SentBatch:
    return SentBatch("toits", "box", b"x" * size, "text/csv", f"b-{number}")


def received(sent: SentBatch) -> ReceivedReadings:
    return ReceivedReadings(sent.community, str(sent.name), 1, is_new=True, findings=())


class Taking:
    """Takes groups; the first waits until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.begun = threading.Event()
        self.go = threading.Event()

    def __call__(self, sent: Any) -> Any:
        self.groups.append([str(one.name) for one in sent])
        self.begun.set()
        assert self.go.wait(10)
        return [InputError("not this one") if one.name == "b-3" else received(one) for one in sent]


async def take(desk: ReadingDesk, sent: list[SentBatch], taking: Taking) -> list[Any]:
    waiting = [asyncio.ensure_future(desk.take(one)) for one in sent[:2]]
    await asyncio.to_thread(taking.begun.wait, 10)
    waiting += [asyncio.ensure_future(desk.take(one)) for one in sent[2:]]
    await asyncio.sleep(0)
    taking.go.set()
    return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 20)


def test_what_comes_while_others_are_taken_is_taken_together_and_each_hears_of_their_own() -> None:
    taking = Taking()
    outcomes = asyncio.run(take(ReadingDesk(taking), [batch(number) for number in range(40)], taking))
    assert sorted(name for group in taking.groups for name in group) == sorted(
        f"b-{number}" for number in range(40)
    )
    assert len(taking.groups) <= 4
    assert isinstance(outcomes.pop(3), InputError)
    assert [outcome.batch for outcome in outcomes] == [f"b-{number}" for number in range(40) if number != 3]


def test_a_group_holds_so_many_bytes_at_most() -> None:
    taking = Taking()
    sent = [batch(number, 3 * 1024 * 1024) for number in range(10, 16)]
    asyncio.run(take(ReadingDesk(taking), sent, taking))
    assert max(map(len, taking.groups)) == 1
    assert len(taking.groups) == len(sent)


def test_a_fault_of_ours_reaches_all_that_wait_and_the_next_are_taken() -> None:
    failed: list[int] = []

    def fail_once(sent: Any) -> Any:
        if not failed:
            failed.append(len(sent))
            raise RuntimeError("a fault of ours")
        return [received(one) for one in sent]

    async def twice() -> list[Any]:
        desk = ReadingDesk(fail_once)
        first = await asyncio.gather(desk.take(batch(1)), desk.take(batch(2)), return_exceptions=True)
        return [*first, await desk.take(batch(5))]

    one, two, last = asyncio.run(twice())
    assert failed == [2]
    assert isinstance(one, RuntimeError)
    assert isinstance(two, RuntimeError)
    assert last.batch == "b-5"


def test_each_event_loop_is_served_by_itself() -> None:
    desk = ReadingDesk(lambda sent: [received(one) for one in sent])
    for number in (1, 2):
        assert asyncio.run(desk.take(batch(number))).batch == f"b-{number}"


def test_whoever_went_away_is_in_nobodys_way() -> None:
    taking = Taking()

    async def go_away() -> ReceivedReadings:
        desk = ReadingDesk(taking)
        gone = asyncio.ensure_future(desk.take(batch(1)))
        await asyncio.to_thread(taking.begun.wait, 10)
        gone.cancel()
        taking.go.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await desk.take(batch(2))

    assert asyncio.run(go_away()).batch == "b-2"
