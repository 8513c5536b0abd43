"""Sends batches of readings as fast as they are acknowledged, from a process of its own.

Run as a process: ``python -m backend.services.benchmarks.load_generator``. Takes its task as JSON on stdin and tells
the batches that were acknowledged one per line, then what it measured, as JSON. A connection that breaks ends the task.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

__all__ = ["STEP_SECONDS", "body_of", "energy_of", "start_of"]

STEP_SECONDS = 900
_FIRST_UTC = 1_496_275_200  # 2017-06-01T00:00:00Z
_ENERGIES = 900


def start_of(batch: int) -> int:
    """The interval that a batch is of. [s since 1970, UTC]"""
    return _FIRST_UTC + batch * STEP_SECONDS


def energy_of(batch: int, place: int) -> int:
    """What the point at a place drew in it. [mWh]"""
    return (100 + (batch * 7 + place) % _ENERGIES) * 1000


def body_of(batch: int, points: list[str], media_type: str) -> bytes:
    """A reading of each point, as CSV or as a JSON array."""
    start = datetime.fromtimestamp(start_of(batch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    texts = [f"0.{energy_of(batch, place):06d}" for place in range(len(points))]
    if media_type == "text/csv":
        lines = [f"{point},{start},15,{text},measured\n" for point, text in zip(points, texts, strict=True)]
        return ("metering_point,start,resolution_minutes,energy_kwh,quality\n" + "".join(lines)).encode()
    rows = [
        f'{{"metering_point":"{point}","start":"{start}","energy_kwh":{text}}}'
        for point, text in zip(points, texts, strict=True)
    ]
    return f"[{','.join(rows)}]".encode()


def _request(task: dict[str, Any], batch: int) -> bytes:
    body = body_of(batch, task["points"], task["media_type"])
    head = (
        f"POST /api/v1/readings HTTP/1.1\r\nHost: {task['host']}\r\nContent-Type: {task['media_type']}\r\n"
        f"Authorization: Bearer {task['token']}\r\nIdempotency-Key: bench-{batch:08d}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Sender:
    """Connections that share the batches."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._task = task
        batches = range(task["first"], task["first"] + task["batches"])
        self._requests = iter([(batch, _request(task, batch)) for batch in batches])
        self._guard = threading.Lock()
        self.statuses: dict[str, int] = {}
        self.broken = ""

    def send(self) -> None:
        """Send what is left, one after the other."""
        try:
            with socket.create_connection((self._task["host"], self._task["port"]), timeout=60) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with line.makefile("rb") as answers:
                    self._converse(line, answers)
        except OSError as error:
            self.broken = str(error)

    def _converse(self, line: socket.socket, answers: Any) -> None:
        while True:
            with self._guard:
                batch, request = next(self._requests, (-1, b""))
            if batch < 0:
                return
            line.sendall(request)
            status = self._read(answers)
            with self._guard:
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status in {"200", "202"}:
                    sys.stdout.write(f"{batch}\n")
                    sys.stdout.flush()

    @staticmethod
    def _read(answers: Any) -> str:
        first = answers.readline().split()
        if len(first) < 2:  # noqa: PLR2004 -- version and status
            raise OSError("the service closed the connection")
        length = 0
        while (header := answers.readline()) not in {b"\r\n", b""}:
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(answers.read(length)) < length:
            raise OSError("the answer was cut off")
        return str(first[1].decode())


def _main() -> None:
    task = json.load(sys.stdin)
    sender = _Sender(task)
    threads = [threading.Thread(target=sender.send) for _ in range(task["connections"])]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    sys.stdout.write(
        json.dumps({"seconds": seconds, "statuses": sender.statuses, "broken": sender.broken}) + "\n"
    )


if __name__ == "__main__":
    _main()
