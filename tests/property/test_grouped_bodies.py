"""Bodies read together come to the same tables and the same findings as bodies read one by one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.meter_files.bodies import read_body
from backend.adapters.meter_files.grouped_bodies import read_bodies
from backend.errors import PartageError, ReadingsError

KNOWN = frozenset({"home", "barn", "attic"})
STARTS = st.integers(0, 12).map(lambda n: f"2017-06-01T{n // 4:02}:{n % 4 * 15:02}:00Z")
ENERGIES = st.sampled_from(["0.1", "2", ".5", "0.0000005"])
SOUND = st.tuples(st.sampled_from(sorted(KNOWN)), STARTS, st.just("15"), ENERGIES, st.just("measured"))
ODD = st.tuples(
    st.sampled_from(["home", "cellar", ""]),
    st.sampled_from(["2017-06-01T00:00:00Z", "2017-06-01T00:07:00Z", "yesterday"]),
    st.sampled_from(["15", "60", "x"]),
    st.sampled_from(["0.1", "", "-1", "nan", '"0.1"', "1\r"]),
    st.sampled_from(["measured", "missing", "good"]),
)


def as_csv(rows):
    header = "metering_point,start,resolution_minutes,energy_kwh,quality\n"
    return (header + "".join(f"{','.join(row)}\n" for row in rows)).encode(), "text/csv"


def as_json(rows):
    names = ("metering_point", "start", "resolution_minutes", "energy_kwh", "quality")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for row in found:
        row["resolution_minutes"] = (
            int(row["resolution_minutes"]) if row["resolution_minutes"] != "x" else "x"
        )
    return json.dumps(found).encode(), "application/json"


def as_told_csv(rows):
    header = "quality,metering_point,start,resolution_minutes,energy_kwh,source_quality,direction\n"
    lines = [",".join([row[4], *row[:4], f"w{len(row[1]) % 3}", ""]) for row in rows]
    return (header + "".join(f"{line}\n" for line in lines)).encode(), "text/csv"


def as_told_json(rows):
    body, media_type = as_json(rows)
    found = [row | {"source_quality": row["start"][-4:]} for row in json.loads(body)]
    return json.dumps(found).encode(), media_type


def as_lines(rows):
    body, _ = as_json(rows)
    return b"\n".join(json.dumps(row).encode() for row in json.loads(body)), "application/x-ndjson"


FORMS = [as_csv, as_json, as_lines, as_told_csv, as_told_json]
ROWS = st.one_of(
    st.lists(SOUND, min_size=1, max_size=8, unique_by=lambda row: row[:2]),
    st.lists(st.one_of(SOUND, SOUND, ODD), max_size=8),
)
BODIES = st.lists(
    st.one_of(st.tuples(ROWS, st.sampled_from(FORMS)).map(lambda made: made[1](made[0]))),
    max_size=6,
)


def words_of(table):
    return None if table.code is None else [table.codes[code] for code in table.code]


def told(outcome):
    if isinstance(outcome, PartageError):
        return str(outcome), outcome.findings if isinstance(outcome, ReadingsError) else ()
    table, findings = outcome
    columns = [getattr(table, name).tolist() for name in ("point", "start_utc", "energy", "quality")]
    return table.metering_points, table.resolution_minutes, columns, words_of(table), findings


def alone(body, media_type):
    try:
        return read_body(body, media_type, known_points=KNOWN, resolution_minutes=15)
    except PartageError as error:
        return error


@given(bodies=BODIES)
def test_together_and_one_by_one_agree(bodies):
    found = read_bodies(bodies, known_points=KNOWN, resolution_minutes=15)
    assert [told(outcome) for outcome in found] == [told(alone(*body)) for body in bodies]


@given(body=st.tuples(ROWS, st.sampled_from(FORMS)).map(lambda made: made[1](made[0])))
def test_what_is_read_at_once_comes_to_what_is_read_with_care(body):
    at_once = alone(*body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backend.adapters.meter_files.bodies.columns_of", lambda *_: None)
        with_care = alone(*body)
    assert told(at_once) == told(with_care)


def test_sound_bodies_are_read_together(monkeypatch):
    bodies = [as_csv([("home", "2017-06-01T00:00:00Z", "15", "1", "measured")])] * 3
    monkeypatch.setattr(
        "backend.adapters.meter_files.grouped_bodies.read_body",
        lambda *_, **__: 1 / 0,  # nothing is read alone
    )
    assert len(read_bodies(bodies, known_points=KNOWN, resolution_minutes=15)) == 3
