"""The measurement of messages: every reading once, each batch answered, and no broker told as such."""

import json
import shutil
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from backend.benches import _served_broker
from backend.services.benchmarks import message_service
from backend.services.benchmarks import readings as reading_bench
from backend.services.benchmarks.measurement import Measurement
from backend.services.benchmarks.message_generator import BATCH_ROWS, messages_of
from backend.services.benchmarks.naive_listener import Loop
from tests.integration.mqtt.broker import require_mosquitto


def test_no_reading_is_in_two_messages():
    points = [f"p-{number}" for number in range(3 * BATCH_ROWS)]
    messages = messages_of(points, 5, 7)
    rows = [(row["metering_point"], row["start"]) for _, body in messages for row in json.loads(body)]
    assert len(rows) == len(set(rows)) == 7 * BATCH_ROWS
    assert len({name for name, _ in messages}) == 7


def test_the_loop_keeps_what_the_messages_say(tmp_path):
    loop = Loop(str(tmp_path / "loop.db"))
    for _, body in messages_of([f"p-{number}" for number in range(BATCH_ROWS)], 0, 3):
        loop.take(body)
    assert loop.count() == 3 * BATCH_ROWS
    loop.close()


def test_a_machine_without_a_broker_is_told_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert message_service.find_broker() is None
    monkeypatch.setattr(
        reading_bench, "load_readings", lambda *_, **__: SimpleNamespace(load=SimpleNamespace(rows=1))
    )
    monkeypatch.setattr(reading_bench, "_RIVALS", {})
    monkeypatch.setattr(reading_bench, "_total", lambda *_: 0)
    measured = Measurement("asked", 1.0, 1, 1.0, "")
    monkeypatch.setattr(reading_bench, "_ask", lambda *_: measured)
    monkeypatch.setattr(reading_bench, "measure_service", lambda *_: [measured])
    made = SimpleNamespace(community="toits", file="", rows=1, folder="", work="work")
    nothing: Any = None
    last = reading_bench.bench_readings(nothing, nothing, cast("Any", made), nothing).measurements[-1]
    assert (last.what, last.runs) == ("partage, MQTT", 0)
    assert "there is no Mosquitto here" in last.note


@pytest.mark.slow
def test_batches_by_mqtt_are_measured_to_their_last_answer(tmp_path, monkeypatch):
    require_mosquitto()
    monkeypatch.setattr(message_service, "_MESSAGES", 40)
    monkeypatch.setattr(message_service, "_WARMING", 4)
    broker = _served_broker(tmp_path)
    assert broker is not None
    ours, loop = message_service.measure_messages(broker)
    assert ours.ratio == 1.0
    assert np.isfinite(loop.ratio)
    assert "readings/s" in ours.note
