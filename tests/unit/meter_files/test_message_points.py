"""Programs call points by their ids or by the operator's numbers; a number of two points needs a direction."""

import io
import json
import time
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pytest

from backend.adapters.meter_files.bodies import read_body
from backend.adapters.meter_files.grouped_bodies import read_bodies
from backend.errors import ReadingsError
from backend.metering.known_points import KnownPoints

HOURS = [f"2024-05-01T{hour:02}:00:00Z" for hour in range(2)]
MEDIA = ["application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.arrow.stream"]


@dataclass(frozen=True)
class Point:
    id: str
    direction: int
    external_id: str | None = None
    valid_from: date | None = None


KNOWN = KnownPoints(
    [
        Point("ada-load", 0, "AT001"),
        Point("ada-solar", 1, "AT001"),
        Point("ben-load", 0, "AT002"),
        Point("old-load", 0, "AT003"),
        Point("new-load", 0, "AT003", date(2024, 5, 2)),
        Point("roof", 1),
    ],
    "Europe/Vienna",
)


def body_of(media_type, rows):
    names = ["metering_point", "start", "resolution_minutes", "energy_kwh", "quality", *rows[0]]
    full = [
        {"start": HOURS[0], "resolution_minutes": 60, "energy_kwh": "0.5", "quality": "measured"} | row
        for row in rows
    ]
    names = list(dict.fromkeys(names))
    if media_type == "application/json":
        return json.dumps(full).encode()
    if media_type == "application/x-ndjson":
        return b"\n".join(json.dumps(row).encode() for row in full)
    if media_type == "text/csv":
        lines = [names, *([str(row[name]) for name in names] for row in full)]
        return "".join(f"{','.join(line)}\n" for line in lines).encode()
    table = pa.table({name: [row[name] for row in full] for name in names})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def read(media_type, *rows):
    table, _ = read_body(body_of(media_type, rows), media_type, known_points=KNOWN, resolution_minutes=60)
    return table


def refused(media_type, *rows):
    with pytest.raises(ReadingsError) as caught:
        read(media_type, *rows)
    return {finding.rule: finding.message for finding in caught.value.findings}


@pytest.mark.parametrize("media_type", MEDIA)
@pytest.mark.parametrize(
    ("name", "direction", "point"),
    [
        ("ada-load", "", "ada-load"),
        ("ada-load", "consumption", "ada-load"),
        ("AT002", "", "ben-load"),
        ("AT002", "consumption", "ben-load"),
        ("AT001", "consumption", "ada-load"),
        ("AT001", "feed-in", "ada-solar"),
        ("AT001", "feed_in", "ada-solar"),
        ("AT001-feed-in", "", "ada-solar"),
        ("AT001-feed-in", "feed-in", "ada-solar"),
        ("roof", "feed-in", "roof"),
    ],
)
def test_a_point_is_found_by_what_it_is_called(media_type, name, direction, point):
    row = {"metering_point": name} | ({"direction": direction} if direction else {})
    assert read(media_type, row).metering_points == (point,)


@pytest.mark.parametrize("media_type", MEDIA)
def test_a_number_with_points_of_both_directions_is_refused_without_one(media_type):
    told = refused(media_type, {"metering_point": "AT001"})
    assert list(told) == ["direction"]
    assert '"AT001" (1 rows) is an operator\'s number with points of both directions' in told["direction"]


@pytest.mark.parametrize("media_type", MEDIA)
@pytest.mark.parametrize(
    ("name", "direction", "rule"),
    [
        ("AT002", "feed-in", "direction"),
        ("roof", "consumption", "direction"),
        ("AT001-feed-in", "consumption", "direction"),
        ("AT002", "sideways", "direction"),
        ("AT009", "consumption", "unknown-point"),
        ("AT009-feed-in", "", "unknown-point"),
        ("", "consumption", "unknown-point"),
    ],
)
def test_what_fits_no_point_is_told(media_type, name, direction, rule):
    row = {"metering_point": name} | ({"direction": direction} if direction else {})
    assert rule in refused(media_type, row)


@pytest.mark.parametrize("media_type", MEDIA)
def test_readings_of_a_meter_go_to_its_member_of_that_day(media_type):
    starts = ["2024-05-01T21:00:00Z", "2024-05-01T22:00:00Z"]  # midnight in Vienna is between them
    table = read(media_type, *({"metering_point": "AT003", "start": start} for start in starts))
    assert table.metering_points == ("new-load", "old-load")
    assert table.point.tolist() == [0, 1]
    assert table.start_utc.tolist() == [1_714_600_800, 1_714_597_200]


@pytest.mark.parametrize("media_type", MEDIA)
def test_a_reading_by_both_names_is_one_reading_or_a_contradiction(media_type):
    same = [{"metering_point": name} for name in ("AT002", "ben-load")]
    assert len(read(media_type, *same)) == 1
    same[0]["energy_kwh"] = "0.6"
    same[1]["energy_kwh"] = "0.5"
    assert refused(media_type, *same)


@pytest.mark.parametrize("media_type", MEDIA)
def test_the_sources_own_words_stand_as_they_were_sent(media_type):
    words = ["E52", " L1 ", "é"]
    rows = [
        {"metering_point": name, "source_quality": word}
        for name, word in zip(("ada-load", "ada-solar", "ben-load"), words, strict=True)
    ]
    table = read(media_type, *rows)
    assert table.code is not None
    assert [table.codes[code] for code in table.code] == words


@pytest.mark.parametrize("media_type", MEDIA[:3])
def test_bodies_of_numbers_and_words_are_read_together_as_alone(media_type, monkeypatch):
    bodies = [
        body_of(media_type, [{"metering_point": "AT001", "direction": "feed-in", "source_quality": "A"}]),
        body_of(
            media_type,
            [
                {"metering_point": name, "source_quality": word}
                for name, word in (("AT002", "B"), ("roof", "A"))
            ],
        ),
        body_of(media_type, [{"metering_point": "ada-load"}]),
    ]
    alone = [read_body(body, media_type, known_points=KNOWN, resolution_minutes=60)[0] for body in bodies]
    monkeypatch.setattr("backend.adapters.meter_files.grouped_bodies.read_body", lambda *_, **__: 1 / 0)
    together = read_bodies([(body, media_type) for body in bodies], known_points=KNOWN, resolution_minutes=60)
    for outcome, table in zip(together, alone, strict=True):
        assert isinstance(outcome, tuple)
        found = outcome[0]
        assert (found.metering_points, found.codes) == (table.metering_points, table.codes)
        for name in ("point", "start_utc", "energy", "quality"):
            assert getattr(found, name).tolist() == getattr(table, name).tolist()
        assert (found.code is None) == (table.code is None)
        assert found.code is None or found.code.tolist() == (
            table.code if table.code is None else table.code.tolist()
        )


def test_thousands_of_strangers_are_refused_in_bounded_time():
    rows = "".join(f"x{number},{HOURS[0]},60,1,measured\n" for number in range(20_000))
    body = f"metering_point,start,resolution_minutes,energy_kwh,quality\n{rows}".encode()
    many = KnownPoints([Point(f"x-{number}", 0) for number in range(1_000)])
    begin = time.process_time()
    with pytest.raises(ReadingsError, match="not in the community"):
        read_body(body, "text/csv", known_points=many, resolution_minutes=60)
    assert time.process_time() - begin < 5  # to look for what is near each of them takes a minute


CALLED_BY_NUMBERS = KnownPoints(
    [
        Point("AT001", 0, "AT001"),
        Point("AT001-feed-in", 1, "AT001"),
        Point("AT003", 0, "AT003"),
        Point("AT003-new", 0, "AT003", date(2024, 5, 2)),
        Point("AT004", 0, "AT005"),
        Point("ben", 0, "AT004"),
    ],
    "Europe/Vienna",
)


@pytest.mark.parametrize(
    ("name", "direction", "points"),
    [
        ("AT001", -1, ["AT001"]),
        ("AT001", 1, ["AT001-feed-in"]),
        ("AT001-feed-in", -1, ["AT001-feed-in"]),
        ("AT001-feed-in", 0, []),
        ("AT003", -1, ["AT003", "AT003-new"]),
        ("AT003-new", -1, ["AT003-new"]),
        ("AT004", -1, []),
        ("AT005", -1, ["AT004"]),
    ],
)
def test_an_id_that_is_a_number_too_never_names_somebody_elses_point(name, direction, points):
    assert [tenure.point for tenure in CALLED_BY_NUMBERS.named(name, direction)] == points


def test_readings_by_a_number_that_is_a_former_members_id_are_of_who_has_the_meter():
    rows = [
        {"metering_point": "AT003", "start": f"2024-05-0{day}T12:00:00Z", "energy_kwh": f"0.{day}"}
        for day in (1, 3)
    ]
    body = body_of("application/json", rows)
    table, _ = read_body(body, "application/json", known_points=CALLED_BY_NUMBERS, resolution_minutes=60)
    assert table.metering_points == ("AT003", "AT003-new")
    assert table.energy.tolist() == [100_000, 300_000]


def test_a_name_of_two_points_is_refused_in_words():
    body = body_of("application/json", [{"metering_point": "AT004"}])
    with pytest.raises(ReadingsError) as caught:
        read_body(body, "application/json", known_points=CALLED_BY_NUMBERS, resolution_minutes=60)
    (finding,) = caught.value.findings
    assert finding.rule == "ambiguous-point"
    assert "the id of one point and the operator's number of another" in finding.message
