"""How the command starts, and what it shows where: help at once, bars on terminals only, tables in line."""

import contextlib
import io
import os
import pty
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from backend.cli.output import command_name, print_table, progress
from backend.services import benchmarks
from backend.services.benchmarks.allocation import bench_allocation

ROOT = Path(__file__).parents[3]
SCRIPT = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from backend.cli import main; main()"
HEAVY = (
    *("numpy", "numba", "pandas", "polars", "duckdb", "pyarrow", "scipy", "sklearn", "ortools"),
    *("sqlmodel", "sqlalchemy", "alembic", "fastapi", "uvicorn", "httpx", "requests"),
    *("web3", "eth", "eth_account", "eth_utils", "rlp", "argon2", "fpdf", "reportlab", "typst", "rich"),
)


@pytest.mark.parametrize("words", [[], ["settle"], ["demo"], ["readings"], ["users", "add"]])
def test_help_loads_nothing_that_takes_its_time(words):
    script = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"sys.argv = ['partage', *{words!r}, '--help']\n"
        "from backend.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Usage: partage" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded:"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "shown", "written"),
    [(Terminal, True, True), (Terminal, False, False), (io.StringIO, True, False)],
)
def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(stream, shown, written, monkeypatch):
    terminal = stream()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(shown=shown, total=2, what="readings [a]") as move:
        move("reading [b].csv")
        move("keeping")
    assert bool(terminal.getvalue()) is written


def test_a_person_at_a_terminal_sees_how_far_a_load_is_and_a_pipe_gets_the_answer_alone(home, readings_file):
    master, slave = pty.openpty()
    words = [sys.executable, "-c", SCRIPT, "readings", "load", str(readings_file)]
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=slave, text=True, env=environment) as loading:
        os.close(slave)
        shown = b""
        # Read while it draws: a terminal that nobody reads holds four thousand bytes, then whoever draws waits.
        with contextlib.suppress(OSError):  # a terminal that was hung up
            while piece := os.read(master, 4096):
                shown += piece
        os.close(master)
        assert loading.stdout is not None
        told = loading.stdout.read()
    assert loading.returncode == 0
    assert b"reading readings.csv" in shown
    assert len(told.splitlines()) == 1
    assert "2,972 readings loaded" in told


def test_a_table_stands_in_columns(capsys):
    print_table(["home", "saved"], [["a", "1.00"], ["home-17", "-12.50"]])
    assert capsys.readouterr().out == "    home      saved\n    a          1.00\n    home-17  -12.50\n"


def test_the_command_is_named_as_it_can_be_called_again(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "bin" / "partage")])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert command_name() == "bin/partage"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "partage").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert command_name() == "partage"


def test_the_benchmark_of_allocation_shows_each_way_with_its_ratio(partage, monkeypatch):
    small = partial(bench_allocation, intervals=96, members=20, producers=3)
    monkeypatch.setattr(benchmarks, "_BENCHMARKS", {"allocation": small})
    said = partage("bench", "allocation")
    assert said.code == 0
    assert said.out.startswith("allocation: ")
    for words in ("pandas", " x ", "exact"):
        assert words in said.out
