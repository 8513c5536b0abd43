"""What waits for the listener is bounded, whatever devices publish; a file of certificates that is none is told."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend.adapters.mqtt import BrokerAddress, MqttListener
from backend.errors import InputError
from backend.ports.messages import IncomingMessage, MessageAnswer


class Taker:
    """Takes messages, and stops the listener once it took them all."""

    def __init__(self, expected: int) -> None:
        self.groups: list[int] = []
        self.listener: Any = None
        self._left = expected

    def __call__(self, messages: Sequence[IncomingMessage]) -> list[MessageAnswer]:
        self.groups.append(sum(len(message.payload) for message in messages))
        self._left -= len(messages)
        if self._left <= 0:
            self.listener.stop()
        return [MessageAnswer("", b"", is_done=True) for _ in messages]


class Client(SimpleNamespace):
    """A connection on which messages came already."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def listener_with(messages: int, qos: int, payload: bytes, taken: int) -> Taker:
    taker = Taker(taken)
    address = BrokerAddress("broker.example", 1883, is_encrypted=False)
    taker.listener = MqttListener(address, "partage", "", "client", "#", taker)
    real = vars(taker.listener)["_client"]
    message = SimpleNamespace(topic="t", payload=payload, qos=qos, mid=1, properties=None)
    for _ in range(messages):
        real.on_message(real, None, message)
    vars(taker.listener)["_client"] = Client()
    taker.listener.run()
    return taker


def test_messages_that_nobody_acknowledges_are_dropped_where_too_many_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taker = listener_with(5_000, 0, b"x", 2_000)
    assert sum(taker.groups) == 2_000
    assert [record.message for record in caplog.records] == [
        "messages of QoS 0 come faster than they can be kept, and are lost; use QoS 1"
    ]


def test_messages_to_be_acknowledged_are_never_dropped() -> None:
    assert sum(listener_with(3_000, 1, b"x", 3_000).groups) == 3_000


def test_long_messages_are_not_all_taken_at_once() -> None:
    groups = listener_with(40, 1, bytes(1 << 20), 40).groups
    assert sum(groups) == 40 << 20
    assert max(groups) <= 17 << 20


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    address = BrokerAddress("broker.example", 8883, is_encrypted=True, authorities=tmp_path / "none.pem")
    with pytest.raises(InputError, match=r"none\.pem holds no certificates"):
        MqttListener(address, "partage", "", "client", "#", lambda _: [])
