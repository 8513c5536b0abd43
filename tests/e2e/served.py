"""A settled demo, served as a user serves it; and hands that alter what it keeps."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import queue
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.adapters.demo_data.communities import build_demo
from backend.adapters.intervals.manifest import MANIFEST_NAME, load_manifest, save_manifest
from backend.adapters.intervals.run_files import decode_run, encode_run
from tests.prepared import copy_prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backend.ports import AllocationFrame

PARTAGE = [str(Path(sys.executable).with_name("partage"))]
MONTH = "2017-06"
_ANSWER = "answer.json"
_SECONDS_MAX = 300  # a first start compiles the kernels


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PARTAGE_HOME": str(home)}


def _make_demo(home: Path) -> None:
    """Settle the demo's month into a home, and keep there what the command prints."""
    done = _run(home, "demo", "roof", "--month", MONTH, "--json")
    (home / _ANSWER).write_text(done.stdout.strip().splitlines()[-1])


def copy_demo(home: Path) -> dict[str, Any]:
    """The settled demo in a home of one's own; returns what the command printed."""
    copy_prepared(home, _make_demo)
    answer: dict[str, Any] = json.loads((home / _ANSWER).read_text())
    return answer


def _make_voting(home: Path) -> None:
    copy_prepared(home, _make_demo)
    _run(home, "community", "load", str(_short_votes(home)))
    _run(home, "governance", "seat", "roof", "home-03")
    _run(home, "governance", "open", "roof")


def copy_voting(home: Path) -> Path:
    """The settled demo whose members vote, an hour a proposal; ``home-03`` has a seat by a key of the home."""
    copy_prepared(home, _make_voting)
    return home


def move_clock(moved: Path, seconds: int) -> None:
    """Let time pass for a server that was given this file; it reads it at any moment, and never a half. [s]"""
    written = moved.with_suffix(".next")
    written.write_text(str(int(moved.read_text()) + seconds))
    written.replace(moved)


def _run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own command
        [*PARTAGE, *words],
        env=_environment(home),
        capture_output=True,
        text=True,
        timeout=_SECONDS_MAX,
        check=True,
    )


def add_feeder(home: Path, feeder: str) -> Path:
    """Name a meter, in the demo's community file, that its first home is behind."""
    file = home.parent / "fed.toml"
    told = f'[[feeders]]\nid = "{feeder}"\nmetering_points = ["home-01-load"]\n\n'
    file.write_text(
        build_demo("roof").definition_toml.replace("[[participants]]", f"{told}[[participants]]", 1)
    )
    _run(home, "community", "load", str(file))
    return home


def _short_votes(home: Path) -> Path:
    """The demo's community file, with votes that take no longer than an hour."""
    file = home.parent / "roof.toml"
    # Two votes are a quorum, however many members other tests of the same home have seated before.
    terms = "[governance]\nvoting_delay_hours = 0\nvoting_period_hours = 1\ntimelock_hours = 0\nlate_quorum_hours = 0\n"
    terms += "quorum_ppm = 100000\n"
    given = re.sub(r"\[governance\]\n(?:\w.*\n)*", "", build_demo("roof").definition_toml)
    file.write_text(f"{given}\n{terms}")
    return file


@contextlib.contextmanager
def serve(home: Path, moved: Path | None = None) -> Iterator[str]:
    """Serve a home on a free port; yields its address, without a slash at the end.

    Args:
        home: What is served.
        moved: File that says by how much the server's clock is moved on. [s]
    """
    command = [sys.executable, "-m", "tests.e2e.moved_clock", str(moved)] if moved else PARTAGE
    server = subprocess.Popen(  # our own command
        [*command, "serve", "--port", "0"],
        env=_environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    assert server.stdout is not None

    def read() -> None:
        for line in server.stdout or ():
            lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            line = lines.get(timeout=_SECONDS_MAX)
            if line.startswith("Partage listens on "):
                break
        yield line.removeprefix("Partage listens on ").strip().rstrip("/")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        reader.join(timeout=10)
        server.stdout.close()


def copy_home(home: Path, to: Path) -> Path:
    """A home of its own, to alter."""
    shutil.copytree(home, to)
    return to


def alter_bill(home: Path, participant: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a stored bill, as someone with the database in their hands could."""
    with contextlib.closing(sqlite3.connect(home / "partage.db")) as connection, connection:
        connection.execute("DROP TRIGGER guard_bill_update")
        ((text,),) = connection.execute("SELECT content FROM bill WHERE participant = ?", (participant,))
        content = json.loads(text)
        change(content)
        connection.execute(
            "UPDATE bill SET content = ? WHERE participant = ?", (json.dumps(content), participant)
        )


def alter_rows(home: Path, change: Callable[[AllocationFrame], dict[str, Any]]) -> None:
    """Change the stored rows of the run, and list the changed file as if it were the one that was kept."""
    folder = home / "intervals" / "roof"
    manifest = load_manifest(folder / MANIFEST_NAME)
    frame = decode_run({file.kind: (folder / file.path).read_bytes() for file in manifest.parts})
    files = encode_run(dataclasses.replace(frame, **change(frame)))
    listed = []
    for file in manifest.parts:
        data = bytes(files[file.kind])
        (folder / file.path).write_bytes(data)
        listed.append(dataclasses.replace(file, sha256=hashlib.sha256(data).hexdigest()))
    save_manifest(folder / MANIFEST_NAME, dataclasses.replace(manifest, parts=tuple(listed)))
