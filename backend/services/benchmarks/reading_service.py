"""Readings by HTTP: how many a second end to end, checked and durable, and what being killed at random costs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from backend.errors import BalanceError, MissingToolError
from backend.services.benchmarks.load_generator import STEP_SECONDS, body_of, energy_of, start_of
from backend.services.benchmarks.measurement import Benchmark, Measurement
from backend.services.benchmarks.naive_listener import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from backend.ports import IntervalStore

__all__ = ["ServedHome", "bench_kills", "measure_service"]

_COMMAND = "import sys; from backend.cli import main; sys.argv[0] = 'partage'; main()"
_GENERATOR = "backend.services.benchmarks.load_generator"
_NAIVE = "backend.services.benchmarks.naive_service"
_BATCHES = 600
_WARMING = 300
_CONNECTIONS = 8
_START_SECONDS_MAX = 120
_KILLED_BATCHES = 4000
_STEADY_SECONDS = (0.3, 2.0)


@dataclass(frozen=True, slots=True)
class ServedHome:
    """A home that takes readings of made points.

    Attributes:
        home: Its folder.
        community: Its id.
        points: A thousand of them.
        token: Of a device.
    """

    home: Path
    community: str
    points: tuple[str, ...]
    token: str


def measure_service(served: ServedHome, folder: Path) -> list[Measurement]:
    """Bodies of a thousand readings, ours as CSV and as JSON, beside a naive service.

    The load comes from a process of its own on the same machine, so that both share its cores.
    """
    rows = []
    with _running(_partage(served.home)) as place:
        _send(
            served, place, "application/json", 2 * _BATCHES, _WARMING
        )  # what is imported late is imported now
        for first, media_type in ((0, "text/csv"), (_BATCHES, "application/json")):
            seconds = _send(served, place, media_type, first, _BATCHES)
            rows.append((f"partage, HTTP, {media_type}", seconds, _BATCHES))
    command = [sys.executable, "-m", _NAIVE, str(folder / "naive.db")]
    with _running((command, dict(os.environ))) as place:
        few = _BATCHES // 6
        rows.append(("FastAPI, pydantic, SQLite", _send(served, place, "application/json", 0, few), few))
    rows.append(("json.loads and SQLite in a loop, no HTTP", _loop(served, folder, few), few))
    ours = rows[0][1] / rows[0][2]
    size = len(served.points)
    return [
        Measurement(what, seconds, 1, seconds / batches / ours, f"{batches * size / seconds:,.0f} readings/s")
        for what, seconds, batches in rows
    ]


def _loop(served: ServedHome, folder: Path, batches: int) -> float:
    """Seconds of a loop over the same bodies, in this process, without anything sent. [s]"""
    bodies = [body_of(batch, list(served.points), "application/json") for batch in range(batches)]
    loop = Loop(str(folder / "loop.db"))
    begin = time.perf_counter()
    for body in bodies:
        loop.take(body)
    seconds = time.perf_counter() - begin
    kept = loop.count()
    loop.close()
    if kept != batches * len(served.points):
        raise BalanceError(f"the loop kept {kept:,} readings of {batches * len(served.points):,}.")
    return seconds


def bench_kills(served: ServedHome, open_intervals: Callable[[], IntervalStore], kills: int = 5) -> Benchmark:
    """Kill the service at random under load, start it again, then hold what is stored against what was acknowledged.

    Args:
        served: The home.
        open_intervals: Opens its store once the service is gone.
        kills: How often.

    Raises:
        BalanceError: If an acknowledged reading is lost, differs, or is there twice.
    """
    draw = random.Random(11)  # noqa: S311 -- moments of kills are no secret
    acknowledged: list[int] = []
    begin = time.perf_counter()
    first = 0
    for _ in range(kills):
        with _running(_partage(served.home)) as place:
            acknowledged += _send_until_killed(served, place, first, draw.uniform(*_STEADY_SECONDS))
        # What was under way is sent again with the same names, as a sender that got no answer does.
        first = max(acknowledged, default=-1) - _CONNECTIONS
        first = max(first, 0)
    seconds = time.perf_counter() - begin
    distinct = sorted(set(acknowledged))
    stored, rows = _stored(served, open_intervals(), distinct)
    note = f"{len(distinct):,} batches acknowledged, {stored:,} readings stored, none lost, none twice"
    if rows != stored:
        raise BalanceError(
            f"{rows:,} readings were loaded, {stored:,} of them are distinct: some are there twice."
        )
    return Benchmark(
        "readings-kill",
        f"the service killed {kills} times at random while batches of {len(served.points):,} readings come",
        (Measurement("partage", seconds, kills, 1.0, note),),
    )


def _stored(served: ServedHome, intervals: IntervalStore, batches: Sequence[int]) -> tuple[int, int]:
    """How many readings are in force, and how many were loaded; refuses where an acknowledged one is not as sent."""
    span = intervals.span(served.community)
    if span is None or not batches:
        raise BalanceError(
            "nothing was acknowledged before the service was killed; there is nothing to hold."
        )
    table = intervals.readings(served.community, served.points, *span)
    place = (table.start_utc - start_of(0)) // STEP_SECONDS
    found = np.full((len(served.points), int(place.max()) + 1), -1, np.int64)
    found[table.point, place] = table.energy
    for batch in batches:
        due = [energy_of(batch, point) for point in range(len(served.points))]
        if batch >= found.shape[1] or found[:, batch].tolist() != due:
            raise BalanceError(
                f"batch {batch} was acknowledged, but its readings are not stored as they were sent."
            )
    return len(table), sum(load.rows for load in intervals.loads(served.community))


def _partage(home: Path) -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "PARTAGE_HOME": str(home)}
    for name in ("PARTAGE_DATABASE_URL", "PARTAGE_CHAIN_URL"):
        environment.pop(name, None)
    return [sys.executable, "-c", _COMMAND, "serve", "--port", "0"], environment


@dataclass(frozen=True, slots=True)
class _Place:
    process: subprocess.Popen[str]
    host: str
    port: int


@contextmanager
def _running(command: tuple[list[str], dict[str, str]]) -> Iterator[_Place]:
    """A service in a process of its own, which ends with the block."""
    arguments, environment = command
    with subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        timer = threading.Timer(_START_SECONDS_MAX, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            told = next((line for line in process.stdout if "listens on" in line), "")
            if not told:
                raise MissingToolError(
                    "the service that should be measured did not start; try `partage serve`."
                )
            parts = urlsplit(told.split()[-1])
            yield _Place(process, str(parts.hostname), int(parts.port or 0))
        finally:
            timer.cancel()
            process.kill()


def _task(served: ServedHome, place: _Place, media_type: str, first: int, batches: int) -> str:
    return json.dumps(
        {
            "host": place.host,
            "port": place.port,
            "token": served.token,
            "points": list(served.points),
            "media_type": media_type,
            "first": first,
            "batches": batches,
            "connections": _CONNECTIONS,
        }
    )


def _generate(task: str, meanwhile: Callable[[], None] = lambda: None) -> tuple[list[int], dict[str, Any]]:
    """Acknowledged batches, and what the generator measured."""
    with subprocess.Popen(
        [sys.executable, "-m", _GENERATOR], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(task)
        process.stdin.close()
        lines: list[str] = []
        for line in process.stdout:
            if not lines:
                threading.Thread(target=meanwhile, daemon=True).start()
            lines.append(line)
    return [int(line) for line in lines[:-1]], json.loads(lines[-1])


def _send(served: ServedHome, place: _Place, media_type: str, first: int, batches: int) -> float:
    """Seconds until all are acknowledged. [s]"""
    acknowledged, told = _generate(_task(served, place, media_type, first, batches))
    if len(acknowledged) < batches:
        raise BalanceError(f"{len(acknowledged)} of {batches} batches were acknowledged: {told}.")
    return float(told["seconds"])


def _send_until_killed(served: ServedHome, place: _Place, first: int, seconds: float) -> list[int]:
    def kill() -> None:
        time.sleep(seconds)
        place.process.kill()

    return _generate(_task(served, place, "text/csv", first, _KILLED_BATCHES), kill)[0]
