"""The writer's lock within one process; between processes it is held in the integration tests."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from backend.adapters.chain.writer_lock import WriterLock
from backend.errors import ChainBusyError, ChainUnavailableError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.sqlite.lock"


def test_who_holds_it_may_enter_again(path: Path):
    lock = WriterLock(path)
    with lock.hold(0), lock.hold(0):
        with lock.hold(0):
            assert lock.is_held
        assert lock.is_held
    assert not lock.is_held


def test_a_second_lock_on_the_file_waits_and_then_names_the_holder(path: Path):
    with WriterLock(path).hold(0):
        start = time.monotonic()
        with (
            pytest.raises(
                ChainBusyError, match=rf"process {os.getpid()} .*chain\.sqlite for more than 0\.05 s"
            ),
            WriterLock(path).hold(0.05),
        ):
            pass
        assert time.monotonic() - start >= 0.05
    with WriterLock(path).hold(0):
        pass
    assert path.read_bytes() == b""


def test_an_error_inside_lets_go(path: Path):
    lock = WriterLock(path)
    with pytest.raises(KeyError), lock.hold(0):
        raise KeyError
    with WriterLock(path).hold(0):
        assert not lock.is_held


def test_who_waits_gets_it_as_soon_as_it_is_free(path: Path):
    first, second = WriterLock(path), WriterLock(path)
    order: list[str] = []

    def wait():
        with second.hold(10):
            order.append("second")

    with first.hold(0):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.05)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_a_fork_must_open_the_chain_again(path: Path, monkeypatch: pytest.MonkeyPatch):
    lock = WriterLock(path)
    monkeypatch.setattr(os, "getpid", lambda: -5)
    with pytest.raises(ChainUnavailableError, match="a fork; open it again here"), lock.hold(0):
        pass


def test_a_lock_that_cannot_be_opened_is_told(tmp_path: Path):
    with (
        pytest.raises(ChainUnavailableError, match="cannot be opened"),
        WriterLock(tmp_path / "absent" / "chain.lock").hold(0),
    ):
        pass
