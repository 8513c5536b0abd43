"""Long work, asked for, left and found again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from backend.errors import ConflictError, InputError
from backend.services.grid.background import BackgroundWork, WorkState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def work() -> Iterator[BackgroundWork]:
    made = BackgroundWork()
    yield made
    made.close()


def over(work: BackgroundWork, key: str) -> WorkState:
    for _ in range(500):
        state = work.look(key)
        assert state is not None
        if not state.is_open:
            return state
        time.sleep(0.01)
    raise AssertionError(f"{key} is not over after five seconds")


def test_work_is_found_again_with_its_progress_and_its_result(work: BackgroundWork) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def task(note: Callable[[float], None]) -> str:
        note(0.25)
        begun.set()
        assert go_on.wait(5)
        return "a plan"

    assert work.look("plan") is None
    work.ask("plan", task)
    assert begun.wait(5)
    assert work.look("plan") == WorkState("running", 0.25)
    go_on.set()
    assert over(work, "plan") == WorkState("done", 1.0, result="a plan")


def test_asking_again_for_what_is_not_over_begins_nothing_new(work: BackgroundWork) -> None:
    go_on = threading.Event()
    done: list[str] = []

    def task_of(name: str) -> Callable[[Any], None]:
        def task(_: Any) -> None:
            go_on.wait(5)
            done.append(name)

        return task

    for name in ("one", "two"):
        work.ask("same", task_of(name))
    work.ask("other", task_of("three"))
    go_on.set()
    over(work, "same")
    over(work, "other")
    assert done == ["one", "three"]
    work.ask("same", task_of("four"))
    over(work, "same")
    assert done == ["one", "three", "four"]


def test_a_failure_is_told_in_words_and_a_fault_of_ours_keeps_its_words_to_the_log(
    work: BackgroundWork, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: Any) -> None:
        raise InputError("No series is there.")

    def break_down(note: Callable[[float], None]) -> None:
        note(0.5)
        raise RuntimeError("secret")

    work.ask("refused", refuse)
    work.ask("broken", break_down)
    assert over(work, "refused") == WorkState("failed", 0.0, "No series is there.")
    broken = over(work, "broken")
    assert (broken.state, broken.progress) == ("failed", 0.5)
    assert "secret" not in broken.problem
    assert "secret" in caplog.text


def test_too_much_at_once_is_refused(work: BackgroundWork) -> None:
    go_on = threading.Event()
    for place in range(10):
        work.ask(f"{place}", lambda _: go_on.wait(5), owner=f"community {place % 3}")
    with pytest.raises(ConflictError, match="try again later"):
        work.ask("one more", lambda _: None)
    go_on.set()


def test_who_asks_for_much_leaves_places_to_others(work: BackgroundWork) -> None:
    go_on = threading.Event()
    for place in range(4):
        work.ask(f"{place}", lambda _: go_on.wait(5), owner="toits")
    with pytest.raises(ConflictError, match="try again later"):
        work.ask("one more", lambda _: None, owner="toits")
    work.ask("another's", lambda _: None, owner="lac")
    assert work.ask("0", lambda _: None, owner="toits").is_open
    go_on.set()
    over(work, "another's")
    work.ask("one more", lambda _: None, owner="toits")


def test_closing_stops_what_runs_at_its_next_note() -> None:
    work, begun = BackgroundWork(), threading.Event()

    def task(note: Callable[[float], None]) -> None:
        while True:
            note(0.5)
            begun.set()
            time.sleep(0.01)

    work.ask("endless", task)
    assert begun.wait(5)
    work.close()
    state = work.look("endless")
    assert state is not None
    assert state.state == "failed"
    assert "stopped meanwhile" in state.problem
