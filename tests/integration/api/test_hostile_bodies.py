"""Readings and meter files that were bent on their way in: an answer that says what is wrong, never a fault of ours."""

import json
import random

import pyarrow as pa
import pytest

from backend.services.devices import add_device
from backend.services.request_rate import RequestRate
from tests.unit.meter_files.hostile.sound_files import SOUND

FILES = "/api/v1/provider/communities/toits/files"
CSV = (
    b"metering_point,start,resolution_minutes,energy_kwh,quality\n%s,2024-05-01T00:00:00Z,%d,0.125,measured\n"
)
FIGURES = (
    b"NaN",
    b"1e999",
    b"-1",
    b"9" * 5000,
    b"\0",
    b"\xed\xa0\x80",
    b"[" * 100_000,
    b'"',
    b"Infinity",
    b"null",
)


def bodies_of(point, step):
    """A sound body of each media type."""
    row = {
        "metering_point": point,
        "start": "2024-05-01T00:00:00Z",
        "resolution_minutes": step,
        "energy_kwh": 0.125,
    }
    table = pa.table(
        {"metering_point": [point], "start": [row["start"]], "energy_milliwatt_hours": [125_000]}
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return {
        "text/csv": CSV % (point.encode(), step),
        "application/json": json.dumps([row]).encode(),
        "application/x-ndjson": json.dumps(row).encode() + b"\n",
        "application/vnd.apache.arrow.stream": sink.getvalue().to_pybytes(),
    }


def bent(content, chance, count):
    """The same with bits flipped, cut off, or something else in a figure's place."""
    for number in range(count):
        place = chance.randrange(len(content))
        yield content[:place]
        yield content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]
        figure = FIGURES[number % len(FIGURES)]
        yield content[:place] + figure + content[place + chance.randrange(9) :]
        yield content.replace(b"0.125", figure).replace(
            b"2024-05-01", figure if number % 2 else b"0000-00-00"
        )
    yield content.decode("latin-1").encode("utf-16")
    yield b""


def judge(answer):
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@pytest.mark.parametrize("media_type", list(bodies_of("home", 15)))
def test_bent_readings_of_a_device_are_answered(place, media_type):
    community = place.wiring.context.community("toits").community
    token = add_device(place.wiring.store, place.clock, "toits", "box-1", bytes)[1]
    client = place.visit()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type}
    sound = bodies_of(community.metering_points[0].id, community.resolution_minutes)[media_type]
    assert client.post("/api/v1/readings", content=sound, headers=headers).status_code < 300
    statuses = set()
    for body in bent(sound, random.Random(7), 25):
        place.app.state.services.rate = RequestRate()
        answer = client.post("/api/v1/readings", content=body, headers=headers)
        judge(answer)
        statuses.add(answer.status_code)
    assert min(statuses) >= 200
    assert max(statuses) >= 400


@pytest.mark.parametrize("name", SOUND)
def test_bent_meter_files_are_looked_at_and_refused_in_words(place, name):
    provider = place.log_in("provider@toits")
    content = SOUND[name][0]
    for body in [content, *bent(content, random.Random(7), 3)]:
        place.app.state.services.rate = RequestRate()
        answer = provider.post(FILES, params={"name": "given.bin"}, content=body)
        judge(answer)
        if answer.status_code == 201:
            upload, look = answer.json()["upload"], answer.json()["look"]
            assert look["accepted"] or look["reason"] or look["findings"]
            judge(provider.get(f"{FILES}/{upload}"))
            if not look["accepted"]:
                loads = f"{FILES.removesuffix('files')}loads"
                assert 400 <= provider.post(loads, json={"uploads": [upload]}).status_code < 500
            judge(provider.delete(f"{FILES}/{upload}"))
