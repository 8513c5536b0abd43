"""The command as a person meets it: typed, answered, and the home looked at before and after."""

import hashlib
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.settlement.small_community import DEFINITION, copy_settled, readings_csv

PASSING = (".lock", ".migration", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The first line on stderr."""
        return self.err.strip().splitlines()[0]


Command = Callable[..., Outcome]


@pytest.fixture
def partage(monkeypatch, capsys) -> Command:
    """Run the command in this process, as the installed script does."""
    from backend.cli import main

    def run(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["partage", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def settled_template(tmp_path_factory):
    """A home with one small community, loaded and settled; never used itself, only copied."""
    folder = tmp_path_factory.mktemp("settled") / "home"
    copy_settled(folder)
    return folder


@pytest.fixture
def home(settled_template, tmp_path, monkeypatch):
    """A copy of the settled home, which the environment names."""
    root = tmp_path / "home"
    shutil.copytree(settled_template, root)
    monkeypatch.setenv("PARTAGE_HOME", str(root))
    return root


@pytest.fixture(autouse=True)
def no_other_home(tmp_path, monkeypatch) -> None:
    """Whatever the environment of the tests says, a command works in the test's own folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("PARTAGE_HOME", "PARTAGE_DATABASE_URL", "PARTAGE_CHAIN_URL", "PARTAGE_FUNDING_KEY"):
        monkeypatch.delenv(name, raising=False)


def contents_of(root: Path) -> dict[str, str]:
    """Hash by path of everything that a home keeps, locks aside; empty where there is no home."""
    return {
        str(path.relative_to(root)): hashlib.sha256(_kept(path)).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "lock" and not path.name.endswith(PASSING)
    }


def _kept(path: Path) -> bytes:
    """A file's bytes; of a database what is committed, wherever it lies."""
    content = path.read_bytes()
    if not content.startswith(b"SQLite format 3\0"):
        return content
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump()).encode()


@pytest.fixture
def community_file(tmp_path):
    file = tmp_path / "toits.toml"
    file.write_text(DEFINITION)
    return file


@pytest.fixture
def readings_file(tmp_path):
    file = tmp_path / "readings.csv"
    file.write_text(readings_csv(scale=2))
    return file


@pytest.fixture
def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def refuses(partage: Command) -> Callable[..., Outcome]:
    """Hold that a command refuses in one sentence with certain words in it, and leaves the home as it was."""

    def check(*words: object, said: Sequence[str]) -> Outcome:
        home = Path(os.environ.get("PARTAGE_HOME", ".partage"))
        before = contents_of(home)
        outcome = partage(*words)
        assert outcome.code == 1, outcome
        assert outcome.out == ""
        assert outcome.err.startswith("partage: ")
        assert "Traceback" not in outcome.err
        for word in said:
            assert word in outcome.sentence
        assert contents_of(home) == before
        return outcome

    return check
