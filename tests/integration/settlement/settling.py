"""Processes that settle a home, to be killed: each forked from one that has imported what settling needs."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 120
# Of what a settlement imports late: importing takes thrice as long as settling.
LIBRARIES = ("backend", "eth", "web3", "numba", "pyarrow", "alembic", "sqlmodel")


@dataclass
class Settlement:
    """One process."""

    settling: "Settling"
    pid: int

    def wait(self):
        """Its exit status once it has ended; 0 is a settlement that came to its end."""
        return self.settling.ask("wait", self.pid)

    def kill(self):
        """End it as a power cut would; whether it was still at work."""
        return self.settling.ask("kill", self.pid) == -signal.SIGKILL


class Settling:
    """Asks the process that forks; it imports what is imported here when it is begun."""

    def __enter__(self):
        names = [name for name in sys.modules if name.split(".")[0] in LIBRARIES]
        self._forking = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.settlement.settling", json.dumps(names)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert self._forking.stdin is not None
        assert self._forking.stdout is not None
        self._asks, self._answers = self._forking.stdin, self._forking.stdout
        return self

    def __exit__(self, *_):
        self._asks.close()
        self._forking.wait(PATIENCE_SECONDS)
        self._answers.close()

    def start(self, home):
        """Begin to settle a home."""
        return Settlement(self, self.ask("start", str(home)))

    def ask(self, *words):
        self._asks.write(json.dumps(words) + "\n")
        self._asks.flush()
        assert select.select([self._answers], [], [], PATIENCE_SECONDS)[0], words
        return json.loads(self._answers.readline())


def _import(names):
    import contextlib
    import importlib

    for name in names:
        with contextlib.suppress(ImportError):  # what only its own program can import
            importlib.import_module(name)


def _settle(home):
    from tests.integration.settlement.small_community import load_and_settle, open_home

    wiring = open_home(Path(home))
    with wiring.writing("settle"):
        load_and_settle(wiring)


def _start(home):
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _settle(home)
        status = 0
    finally:
        os._exit(status)


def _end(pid):
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _kill(pid):
    os.kill(pid, signal.SIGKILL)  # of a process nobody has waited for: its number is nobody else's
    return _end(pid)


def main():
    """Answer questions, one line each."""
    _import(json.loads(sys.argv[1]))
    assert threading.active_count() == 1, "a thread would be lost in a fork"
    ways = {"start": _start, "wait": _end, "kill": _kill}
    for line in sys.stdin:
        what, argument = json.loads(line)
        print(json.dumps(ways[what](argument)), flush=True)  # noqa: T201 -- the answer


if __name__ == "__main__":
    main()
