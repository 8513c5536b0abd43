"""Publishes batches of readings on a broker as fast as they are answered, from a process of its own.

Run as a process: ``python -m backend.services.benchmarks.message_generator``. Takes its task as JSON on stdin and tells
what it measured as JSON. At most a thousand messages are unanswered at a time: a broker drops answers beyond that.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from backend.services.benchmarks.load_generator import body_of

__all__ = ["BATCH_ROWS", "messages_of"]

BATCH_ROWS = 100
_UNANSWERED_MAX = 1_000
_PATIENCE_SECONDS = 30.0
_KNOCK_SECONDS = 0.5


def messages_of(points: list[str], first: int, count: int) -> list[tuple[str, bytes]]:
    """Names and bodies of messages of a hundred readings each, JSON arrays; no reading is in two of them."""
    parts = len(points) // BATCH_ROWS
    made = []
    for number in range(first, first + count):
        batch, part = divmod(number, parts)
        chosen = points[part * BATCH_ROWS : (part + 1) * BATCH_ROWS]
        made.append((f"m-{number:08d}", body_of(batch, chosen, "application/json")))
    return made


class _Publisher:
    """A device that publishes and hears what became of it."""

    def __init__(self, task: dict[str, Any]) -> None:
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        self._topic = f"partage/{task['community']}/{task['device']}"
        self._free = threading.Semaphore(_UNANSWERED_MAX)
        self._answered = threading.Semaphore(0)
        self.refused = 0
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.username_pw_set(f"{task['community']}/{task['device']}", task["token"])
        self._client.tls_set(ca_certs=task["authorities"])
        self._client.max_inflight_messages_set(_UNANSWERED_MAX)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{self._topic}/answers", qos=1)
        self._client.on_message = self._hear
        self._client.connect("localhost", task["port"])
        self._client.loop_start()

    def _hear(self, _client: Any, _data: Any, message: Any) -> None:
        self.refused += b'"problem"' in message.payload
        self._free.release()
        self._answered.release()

    def publish(self, messages: list[tuple[str, bytes]]) -> None:
        """Send all, and wait until each is answered."""
        for name, body in messages:
            if not self._free.acquire(timeout=_PATIENCE_SECONDS):
                raise TimeoutError("no answer came")
            self._client.publish(f"{self._topic}/readings/{name}", body, qos=1)
        for _ in messages:
            if not self._answered.acquire(timeout=_PATIENCE_SECONDS):
                raise TimeoutError("an answer did not come")

    def knock(self, message: tuple[str, bytes]) -> None:
        """Send a message until whoever listens is there."""
        for _ in range(int(_PATIENCE_SECONDS / _KNOCK_SECONDS)):
            self._client.publish(f"{self._topic}/readings/{message[0]}", message[1], qos=1)
            if self._answered.acquire(timeout=_KNOCK_SECONDS):
                time.sleep(_KNOCK_SECONDS)  # answers to earlier knocks
                while self._answered.acquire(blocking=False):
                    pass
                return
        raise TimeoutError("nobody listens on the broker")


def _main() -> None:
    task = json.load(sys.stdin)
    publisher = _Publisher(task)
    first, count = task["first"], task["messages"]
    warming = messages_of(task["points"], first, task["warming"] + 1)
    messages = messages_of(task["points"], first + len(warming), count)
    publisher.knock(warming[0])
    publisher.publish(warming[1:])
    begin = time.perf_counter()
    publisher.publish(messages)
    seconds = time.perf_counter() - begin
    sys.stdout.write(json.dumps({"seconds": seconds, "refused": publisher.refused}) + "\n")


if __name__ == "__main__":
    _main()
