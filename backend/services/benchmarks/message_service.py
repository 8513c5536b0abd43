"""Readings by MQTT: how many a second end to end, over TLS at QoS 1, checked and durable; on a broker of our own."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import BalanceError, MissingToolError
from backend.services.benchmarks.measurement import Measurement
from backend.services.benchmarks.message_generator import BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from backend.services.benchmarks.reading_service import ServedHome

__all__ = ["NO_BROKER", "ServedBroker", "find_broker", "measure_messages"]

NO_BROKER = "there is no Mosquitto here; install it (apt install mosquitto) to measure this"

_COMMAND = "import sys; from backend.cli import main; sys.argv[0] = 'partage'; main()"
_ROOM = "backend.services.benchmarks"
_MESSAGES = 3_000
_WARMING = 300
_START_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class ServedBroker:
    """What a broker needs to know, and who logs in to it.

    Attributes:
        folder: With ``partage.conf``, ``broker.crt`` and ``broker.key``.
        served: The home that listens; its device publishes.
        login: User and password of whoever listens.
    """

    folder: Path
    served: ServedHome
    login: tuple[str, str]


def find_broker() -> str | None:
    """Mosquitto's command; None where there is none."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def measure_messages(broker: ServedBroker) -> list[Measurement]:
    """Batches of a hundred readings, ours beside a plain loop; publisher and broker share the machine's cores.

    Raises:
        MissingToolError: If there is no Mosquitto, or it does not start.
        BalanceError: If a batch was refused, or never answered.
    """
    served, authorities = broker.served, str(broker.folder / "broker.crt")
    with _running_broker(broker.folder) as port:
        environment = {**os.environ, "PARTAGE_HOME": str(served.home)}
        for name in ("PARTAGE_DATABASE_URL", "PARTAGE_CHAIN_URL"):
            environment.pop(name, None)
        listen = ["listen", f"mqtts://localhost:{port}", "--ca", authorities]
        with _running([sys.executable, "-c", _COMMAND, *listen], environment=environment):
            ours = _publish(broker, port, 0, _MESSAGES)
        user, password = broker.login
        task = {
            "database": str(broker.folder / "naive.db"),
            "user": user,
            "password": password,
            "authorities": authorities,
            "port": port,
        }
        few = _MESSAGES // 4
        with _running([sys.executable, "-m", f"{_ROOM}.naive_listener"], task):
            loop = _publish(broker, port, _MESSAGES * 2, few)
    return [
        _measured("partage, MQTT, TLS, QoS 1, batches of 100", ours, _MESSAGES, ours / _MESSAGES),
        _measured("MQTT, json.loads and SQLite in a loop", loop, few, ours / _MESSAGES),
    ]


def _measured(what: str, seconds: float, messages: int, ours: float) -> Measurement:
    rate = f"{messages * BATCH_ROWS / seconds:,.0f} readings/s"
    return Measurement(what, seconds, 1, seconds / messages / ours, rate)


def _publish(broker: ServedBroker, port: int, first: int, messages: int) -> float:
    """Seconds until all are answered. [s]"""
    served = broker.served
    task = {
        "community": served.community,
        "device": served.token.split("~")[2],
        "token": served.token,
        "points": list(served.points),
        "authorities": str(broker.folder / "broker.crt"),
        "port": port,
        "first": first,
        "messages": messages,
        "warming": _WARMING,
    }
    done = subprocess.run(
        [sys.executable, "-m", f"{_ROOM}.message_generator"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    if done.returncode or told.get("refused"):
        words = done.stderr.strip().splitlines() or [f"{told.get('refused')} were refused"]
        raise BalanceError(f"batches were not taken by MQTT: {words[-1]}")
    return float(told["seconds"])


@contextmanager
def _running(
    command: Sequence[str],
    task: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block."""
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(task) if task else "")
            process.stdin.close()
            yield process
        finally:
            process.kill()


@contextmanager
def _running_broker(folder: Path) -> Iterator[int]:
    """Mosquitto on a free port, with TLS; its port."""
    command = find_broker()
    if command is None:
        raise MissingToolError(f"{NO_BROKER}.")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    lines = [
        f"listener {port} 127.0.0.1",
        f"certfile {folder}/broker.crt",
        f"keyfile {folder}/broker.key",
        "persistence true",
        f"persistence_location {folder}/",
        f"user {getpass.getuser()}",
    ]
    settings = (folder / "partage.conf").read_text(encoding="utf-8")
    (folder / "broker.conf").write_text(settings + "\n".join(lines) + "\n", encoding="utf-8")
    with _running([command, "-c", str(folder / "broker.conf")]) as process:
        deadline = time.monotonic() + _START_SECONDS_MAX
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                yield port
                return
        raise MissingToolError(f"Mosquitto did not start; try: {command} -c {folder}/broker.conf")
