"""Readings by HTTP: checked, kept, acknowledged; by devices and roles of their own community alone."""

import json
import shutil

import pyarrow as pa
import pytest

from backend.bootstrap import Wiring
from backend.errors import ConflictError
from backend.services.devices import add_device, revoke_device
from tests.integration.api.conftest import close_place, open_place

PATH = "/api/v1/readings"
HOURS = [f"2024-05-01T{hour:02}:00:00Z" for hour in range(4)]


@pytest.fixture
def points(place):
    return [point.id for point in place.wiring.context.community("toits").community.metering_points]


@pytest.fixture
def step(place):
    return place.wiring.context.community("toits").community.resolution_minutes


@pytest.fixture
def token(place):
    return add_device(place.wiring.store, place.clock, "toits", "box-1", bytes)[1]


@pytest.fixture
def client(place, token):
    client = place.visit()
    del client.headers["X-Partage-Request"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def rows(points, step):
    return [
        {
            "metering_point": points[0],
            "start": start,
            "resolution_minutes": step,
            "energy_kwh": 0.125 + number,
        }
        for number, start in enumerate(HOURS)
    ]


def csv_of(rows):
    lines = [
        f"{row['metering_point']},{row['start']},{row['resolution_minutes']},{row['energy_kwh']},measured\n"
        for row in rows
    ]
    return ("metering_point,start,resolution_minutes,energy_kwh,quality\n" + "".join(lines)).encode()


def arrow_of(rows, compression=None, **columns):
    table = pa.table(
        columns
        or {
            "metering_point": [row["metering_point"] for row in rows],
            "start": [row["start"] for row in rows],
            "energy_milliwatt_hours": [int(row["energy_kwh"] * 1_000_000) for row in rows],
        }
    )
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


BODIES = {
    "application/json": lambda rows: json.dumps(rows).encode(),
    "application/x-ndjson": lambda rows: b"\n".join(json.dumps(row).encode() for row in rows),
    "text/csv": csv_of,
    "application/vnd.apache.arrow.stream": arrow_of,
}


def send(client, body, media_type="application/json", key=None, **options):
    headers = {"Content-Type": media_type} | ({"Idempotency-Key": key} if key else {})
    return client.post(PATH, content=body, headers=headers, **options)


def stored(place, points, community="toits"):
    intervals = place.wiring.intervals
    first, last = intervals.span(community)
    table = intervals.readings(community, points[:1], first, last)
    return {int(start): int(energy) for start, energy in zip(table.start_utc, table.energy, strict=True)}


@pytest.mark.parametrize("media_type", BODIES)
def test_readings_of_every_form_are_in_force_once_they_are_acknowledged(
    place, client, rows, points, media_type
):
    answer = send(client, BODIES[media_type](rows), media_type)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["community"], told["readings"], told["is_new"], told["findings"]) == ("toits", 4, True, [])
    energies = list(stored(place, points).values())[-4:]
    assert energies == [125_000, 1_125_000, 2_125_000, 3_125_000]
    assert place.wiring.intervals.loads("toits")[-1].files == ("journal",)


def test_the_source_s_own_words_for_qualities_are_kept(place, client, rows, points):
    rows[0]["source_quality"] = "E52"
    assert send(client, BODIES["application/json"](rows)).status_code == 202
    _, end = place.wiring.intervals.span("toits")
    found = place.wiring.intervals.readings("toits", points[:1], end - 4 * 3600, end)
    assert [found.codes[code] for code in found.code] == ["E52", "", "", ""]


def test_decimal_digits_are_read_as_they_stand(place, client, rows, points):
    exact = b'[{"metering_point": "%s", "start": "2024-05-01T00:00:00Z", "energy_kwh": 8007199254.740993}]'
    answer = send(client, exact % points[0].encode())
    assert answer.status_code == 202, answer.text
    assert 8_007_199_254_740_993 in stored(place, points).values()


def test_the_same_batch_again_changes_nothing(place, client, rows):
    body = BODIES["application/json"](rows)
    first, again = send(client, body), send(client, body)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["is_new"] is False
    loads = len(place.wiring.intervals.loads("toits"))
    assert send(client, body).status_code == 200  # also once it has become a load
    assert len(place.wiring.intervals.loads("toits")) == loads


def test_a_name_is_one_batch_s_and_survives_a_restart(settled_home, place, client, rows, token, tmp_path):
    body = BODIES["application/json"](rows)
    assert send(client, body, key="morning-0001").status_code == 202
    assert send(client, body, key="morning-0001").status_code == 200
    refused = send(client, BODIES["application/json"](rows[:2]), key="morning-0001")
    assert refused.status_code == 409
    shutil.copytree(place.wiring.home.root, tmp_path / "again")
    other = open_place(tmp_path / "again", settled_home.passwords)
    try:
        after = other.visit()
        after.headers["Authorization"] = f"Bearer {token}"
        assert send(after, body, key="morning-0001").status_code == 200
    finally:
        close_place(other)


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson", "text/csv"])
def test_what_is_wrong_is_told_by_line_and_nothing_is_kept(place, client, rows, points, media_type):
    rows[1]["metering_point"] = "nobody"
    rows[2]["energy_kwh"] = -1
    answer = send(client, BODIES[media_type](rows), media_type)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    found = {finding["rule"]: finding for finding in answer.json()["findings"]}
    header = 1 if media_type == "text/csv" else 0
    assert found["unknown-point"]["line"] == 2 + header
    assert found["energy"]["line"] == 3 + header
    assert place.wiring.incoming.journal.pending("toits") is None


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"[]", "no reading"),
        (b"[[[[", "no array"),
        (b"[" * 100_000, "no array"),
        (b'{"metering_point": 1}', "no array"),
        (b'[{"metering_point": "x", "start": "y", "energy": 1}]', "reading 1 is none"),
        (b"NaN", "no JSON"),
        (b'[{"metering_point": "x", "start": "y", "energy_kwh": NaN}]', "no JSON"),
        (b"\xff\xfe", "no JSON"),
    ],
)
def test_hostile_json_is_refused_with_a_reason(client, body, word):
    answer = send(client, body)
    assert answer.status_code == 422
    assert word in answer.text


def test_hostile_arrow_is_refused_with_a_reason(client, rows):
    good = arrow_of(rows)
    media_type = "application/vnd.apache.arrow.stream"
    floats = arrow_of(rows, metering_point=["a"], start=["b"], energy_kwh=[0.1])
    naive = arrow_of(rows, metering_point=["a"], start=pa.array([0], pa.timestamp("s")), energy_kwh=["0.1"])
    assert "compressed" in send(client, arrow_of(rows, compression="zstd"), media_type).text
    assert "floats" in send(client, floats, media_type).text
    assert "time zone" in send(client, naive, media_type).text
    for cut in range(0, len(good) - 8, 37):
        answer = send(client, good[:cut], media_type)
        assert answer.status_code in {415, 422}, cut
    for at in range(0, len(good), 11):
        bent = bytearray(good)
        bent[at] ^= 0x41
        assert send(client, bytes(bent), media_type).status_code in {200, 202, 409, 422}, at


def test_too_much_is_refused(client, rows):
    lines = BODIES["application/x-ndjson"](rows[:1] * 100_010)
    assert send(client, lines, "application/x-ndjson").status_code in {413, 422}
    assert send(client, b" " * (8 * 1024 * 1024 + 1)).status_code == 413
    assert send(client, b"x", "application/xml").status_code == 415


def test_a_device_opens_nothing_else(client):
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/operator/communities/toits/points/2024-03").status_code == 401


def test_a_device_that_is_revoked_is_out(place, client, rows):
    body = BODIES["application/json"](rows)
    assert send(client, body).status_code == 202
    revoke_device(place.wiring.store, place.clock, "toits", "box-1")
    place.clock.advance(3)
    assert send(client, body).status_code == 401


def test_a_wrong_token_is_nobody(place, client, rows, token):
    for wrong in (token[:-1], token + "x", token.replace("toits", "lac"), "x", "partage-device~~~"):
        client.headers["Authorization"] = f"Bearer {wrong}"
        assert send(client, BODIES["application/json"](rows)).status_code == 401


def test_a_device_hands_in_for_its_own_community_alone(client, rows):
    body = BODIES["application/json"](rows)
    assert send(client, body, params={"community": "lac"}).status_code == 404
    assert send(client, body, params={"community": "toits"}).status_code == 202


def test_operators_and_providers_hand_in_and_members_do_not(place, rows):
    body = BODIES["application/json"](rows)
    assert send(place.log_in("operator@toits"), body).status_code == 202
    assert send(place.log_in("provider@toits"), body).status_code == 200
    assert send(place.log_in("ada@toits"), body).status_code == 403
    assert send(place.visit(), body).status_code == 401


def test_cookies_alone_do_not_hand_in_from_another_site(place, rows):
    operator = place.log_in("operator@toits")
    del operator.headers["X-Partage-Request"]
    assert send(operator, BODIES["application/json"](rows)).status_code == 403


def test_what_waits_becomes_loads_before_a_command_begins(place, client, rows):
    send(client, BODIES["application/json"](rows))
    assert place.wiring.incoming.journal.pending("toits") is not None
    with place.wiring.writing("test"):
        assert place.wiring.incoming.journal.pending("toits") is None


def test_nothing_is_sealed_while_a_command_is_at_work(place, client, rows):
    before = len(place.wiring.intervals.loads("toits"))
    other = Wiring(place.wiring.home)
    with other.writing("test"):
        send(client, BODIES["application/json"](rows))
        assert len(place.wiring.intervals.loads("toits")) == before
        assert len(other.intervals.loads("toits")) == before
    assert len(other.intervals.loads("toits")) == before + 1


def test_the_token_is_kept_nowhere_and_a_name_is_given_once(place, token):
    secret = token.rpartition("~")[2].encode()
    for path in place.wiring.home.root.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path
    with pytest.raises(ConflictError, match="already"):
        add_device(place.wiring.store, place.clock, "toits", "box-1", bytes)
