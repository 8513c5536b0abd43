"""Whole commands, timed as processes of their own: what a person waits for."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from backend.errors import MissingToolError
from backend.services.benchmarks.measurement import Benchmark, Measurement

__all__ = ["bench_demo", "bench_startup"]

_COMMAND = "import sys; from backend.cli import main; sys.argv[0] = 'partage'; main()"
_STARTS = 5


def _run(*arguments: str, home: Path) -> float:
    """Run ``partage`` in a process of its own. [s]"""
    environment = {**os.environ, "PARTAGE_HOME": str(home)}
    for name in ("PARTAGE_DATABASE_URL", "PARTAGE_CHAIN_URL"):
        environment.pop(name, None)
    begin = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-c", _COMMAND, *arguments], env=environment, capture_output=True, check=False
    )
    seconds = time.perf_counter() - begin
    if finished.returncode:
        words = finished.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise MissingToolError(f"`partage {' '.join(arguments)}` failed while it was timed: {words[-1]}")
    return seconds


def _import_time(module: str) -> float:
    """A fresh interpreter that imports one library. [s]"""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True, capture_output=True)
    return time.perf_counter() - begin


def bench_startup() -> Benchmark:
    """Cold start of the command, beside importing what it does not import."""
    with tempfile.TemporaryDirectory() as folder:
        ours = min(_run("--help", home=Path(folder)) for _ in range(_STARTS))
    rows = [Measurement("partage --help", ours, _STARTS, 1.0, "limit 0.5 s on a quiet machine")]
    for module in ("pandas", "web3"):
        if importlib.util.find_spec(module) is not None:
            seconds = min(_import_time(module) for _ in range(2))
            rows.append(
                Measurement(f"import {module}", seconds, 2, seconds / ours, "loaded where it is used")
            )
    return Benchmark("startup", "from the shell to the last line of help", tuple(rows))


def bench_demo() -> Benchmark:
    """The main job as a newcomer runs it: a month, the same again, and the year of the street, each from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        month = _run("demo", "roof", "--json", home=home / "month")
        again = _run("demo", "roof", "--json", home=home / "month")
        year = _run("demo", "roof", "--year", "--json", home=home / "year")
        street = _run("demo", "street", "--year", "--json", home=home / "street")
    rows = (
        Measurement(
            "roof, a month", month, 1, 1.0, "limit 10 s: contracts, chain, store and log-ins made anew"
        ),
        Measurement("the same again", again, 1, again / month, "nothing is done twice"),
        Measurement("roof, the year", year, 1, year / month, "limit 60 s: twelve settlements"),
        Measurement("street, the year", street, 1, street / month, "limit 60 s: twice twelve settlements"),
    )
    return Benchmark("demo", "partage demo, as processes of their own", rows)
