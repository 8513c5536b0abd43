"""What is measured against: a loop that takes messages by ``json.loads`` and an insert, as a first attempt writes it.

Run as a process: ``python -m backend.services.benchmarks.naive_listener``, with its task as JSON on stdin.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import Any

__all__ = ["Loop"]


class Loop:
    """Reads bodies of JSON into SQLite, flushed with every commit; nothing is checked.

    Args:
        database: File.
    """

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(database, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(
            "CREATE TABLE reading (metering_point TEXT, start TEXT, energy_kwh REAL, "
            "PRIMARY KEY (metering_point, start)) WITHOUT ROWID"
        )

    def take(self, body: bytes) -> None:
        """Keep a body's readings."""
        rows = json.loads(body)
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO reading VALUES (:metering_point, :start, :energy_kwh)", rows
            )

    def count(self) -> int:
        """Readings that are kept. [1]"""
        (found,) = self._connection.execute("SELECT count(*) FROM reading").fetchone()
        return int(found)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _main() -> None:
    from paho.mqtt.client import Client, MQTTv5
    from paho.mqtt.enums import CallbackAPIVersion

    task = json.load(sys.stdin)
    loop = Loop(task["database"])

    def take(client: Any, _data: Any, message: Any) -> None:
        loop.take(message.payload)
        client.publish(f"{message.topic.rsplit('/', 2)[0]}/answers", b"{}", qos=0)

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.username_pw_set(task["user"], task["password"])
    client.tls_set(ca_certs=task["authorities"])
    client.on_connect = lambda connected, *_: connected.subscribe("partage/+/+/readings/+", qos=1)
    client.on_message = take
    client.connect("localhost", task["port"])
    client.loop_forever()


if __name__ == "__main__":
    _main()
