"""Meter data over the API: handed in, looked at, loaded, decided about; by whom it concerns and nobody else."""

import io
import json
import stat
import zipfile
from datetime import UTC, datetime

import pytest

from backend.adapters.uploads import WAITING_MAX, WAITING_SECONDS_MAX
from tests.integration.settlement.small_community import MONTH, readings_csv

BASE = "/api/v1/provider/communities/toits"
BINARY = {"Content-Type": "application/octet-stream"}
HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality\n"
NOON = datetime(2024, 3, 14, 11, tzinfo=UTC)


def hand_in(client, content, name="readings.csv", base=BASE):
    body = content.encode() if isinstance(content, str) else content
    return client.post(f"{base}/files", params={"name": name}, content=body, headers=BINARY)


def row(instant=NOON, energy="0.5", point="ada-load", quality="measured"):
    return f"{point},{instant.isoformat()},60,{energy},{quality}\n"


def decision(**changed):
    asked = {
        "metering_point": "ada-load",
        "start": "2024-03-14T11:00:00Z",
        "end": "2024-03-14T13:00:00Z",
        "treatment": "returned",
        "reason": "The meter was exchanged.",
        "rule": "spike",
    }
    return asked | changed


@pytest.fixture
def provider(place):
    return place.log_in("provider@toits")


def test_a_file_is_looked_at_and_changes_nothing_until_it_is_loaded(place, provider):
    before = place.wiring.intervals.loads("toits")
    answer = hand_in(provider, HEADER + row(energy="0.385") + row(NOON.replace(hour=12), "0.9"))
    assert answer.status_code == 201, answer.text
    look = answer.json()["look"]
    assert (look["accepted"], look["format"], look["readings"]) == (True, "csv", 2)
    assert (look["new"], look["same"], look["changed"]) == (0, 1, 1)
    assert look["start_utc"] == int(NOON.timestamp())
    assert [point["metering_point"] for point in look["points"]] == ["ada-load"]
    assert look["points"][0]["energy_milliwatt_hours"] == 1_285_000
    assert place.wiring.intervals.loads("toits") == before


def test_a_look_says_what_a_check_would_find(provider):
    rows = "".join(row(NOON.replace(hour=hour), "900") for hour in range(24))
    look = hand_in(provider, HEADER + rows).json()["look"]
    assert look["accepted"]
    assert look["checked_count"] >= 1
    assert {finding["metering_point"] for finding in look["checked"]} == {"ada-load"}


def test_a_file_is_loaded_once_with_who_loaded_it_and_waits_no_longer(place, provider):
    upload = hand_in(provider, HEADER + row(energy="0.9")).json()["upload"]
    first = provider.post(f"{BASE}/loads", json={"uploads": [upload]})
    assert first.status_code == 200, first.text
    assert first.json()["is_new"]
    assert first.json()["load"]["by"] == "provider@toits"
    assert provider.get(f"{BASE}/files").json()["items"] == []
    again = hand_in(place.log_in("operator@toits"), HEADER + row(energy="0.9")).json()["upload"]
    second = provider.post(f"{BASE}/loads", json={"uploads": [again]}).json()
    assert (second["is_new"], second["load"]) == (False, first.json()["load"])
    listed = provider.get(f"{BASE}/loads").json()["items"]
    assert (listed[0]["readings"], listed[0]["by"]) == (1, "provider@toits")
    assert listed[-1]["by"] == ""
    assert len(listed) == 2


def test_several_files_become_one_load_and_the_later_one_supersedes(place, provider):
    first = hand_in(provider, HEADER + row(energy="0.8"), "a.csv").json()["upload"]
    second = hand_in(provider, HEADER + row(energy="0.9"), "b.csv").json()["upload"]
    loaded = provider.post(f"{BASE}/loads", json={"uploads": [first, second]}).json()
    assert loaded["load"]["files"] == ["a.csv", "b.csv"]
    start = int(NOON.timestamp())
    table = place.wiring.intervals.readings("toits", ["ada-load"], start, start + 1)
    assert table.energy.tolist() == [900_000]


def test_the_same_request_is_done_once_by_its_key(provider):
    upload = hand_in(provider, HEADER + row(energy="0.9")).json()["upload"]
    headers = {"Idempotency-Key": "load-once-1"}
    first = provider.post(f"{BASE}/loads", json={"uploads": [upload]}, headers=headers)
    assert provider.post(f"{BASE}/loads", json={"uploads": [upload]}, headers=headers).json() == first.json()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 not readings at all", "PDF"),
        (HEADER + row(point="nobody-load"), "nobody-load"),
        (HEADER + row(energy="-1"), "energy"),
        (HEADER + row(energy="NaN"), "energy"),
        (b"\x00\xff\x00\xff" * 1000, "file"),
        (b"PK\x03\x04" + b"\x00" * 100, "damaged"),
    ],
)
def test_a_wrong_file_is_refused_with_findings_and_cannot_be_loaded(place, provider, content, words):
    answer = hand_in(provider, content)
    assert answer.status_code == 201, answer.text
    look = answer.json()["look"]
    assert not look["accepted"]
    assert words in json.dumps([look["reason"], look["findings"]])
    before = place.wiring.intervals.loads("toits")
    refused = provider.post(f"{BASE}/loads", json={"uploads": [answer.json()["upload"]]})
    assert refused.status_code in {409, 422}
    assert place.wiring.intervals.loads("toits") == before


def test_a_zip_bomb_and_a_path_trick_are_refused_in_words(provider):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0" * (80 * 1024 * 1024))
    trick = io.BytesIO()
    with zipfile.ZipFile(trick, "w") as archive:
        archive.writestr("../../escape.csv", HEADER + row())
    for content in (bomb.getvalue(), trick.getvalue()):
        look = hand_in(provider, content, "archive.zip").json()["look"]
        assert not look["accepted"]
        assert look["findings"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("..", "file"),
        ("=cmd|'calc'!A1.csv", "cmd_calc_A1.csv"),
        ("a\u202egnp.csv\x00\n", "a_gnp.csv"),
        ("é" * 200, "file"),
        ("x" * 200, "x" * 99),
        ("upload.json", "upload.json"),
    ],
)
def test_a_hostile_name_leads_nowhere(place, provider, name, kept):
    answer = hand_in(provider, HEADER + row(), name)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == kept
    root = place.wiring.home.cache / "uploads"
    assert stat.S_IMODE((root / "toits").stat().st_mode) == 0o700
    outside = [path for path in place.wiring.home.root.parent.rglob("*passwd*") if root not in path.parents]
    assert outside == []
    assert provider.get(f"{BASE}/files/{answer.json()['upload']}").json()["look"]["accepted"]


def test_an_empty_or_too_large_file_leaves_nothing_behind(place, provider, monkeypatch):
    assert hand_in(provider, b"").status_code == 422
    monkeypatch.setattr("backend.adapters.uploads.UPLOAD_BYTES_MAX", 100)
    assert hand_in(provider, b"x" * 101).status_code == 422
    assert list((place.wiring.home.cache / "uploads" / "toits").iterdir()) == []


def test_a_body_larger_than_any_meter_file_is_refused_before_it_is_read(provider):
    headers = BINARY | {"Content-Length": str(300 * 1024 * 1024)}
    assert (
        provider.post(f"{BASE}/files", params={"name": "a"}, content=b"x", headers=headers).status_code == 413
    )


def test_only_so_much_waits_and_not_for_longer_than_a_day(place, provider):
    for number in range(WAITING_MAX):
        assert hand_in(provider, HEADER + row(energy=f"0.{number + 1}")).status_code == 201
    assert hand_in(provider, HEADER + row(energy="0.99")).status_code == 422
    place.clock.advance(WAITING_SECONDS_MAX + 1)
    provider = place.log_in("provider@toits")
    assert hand_in(provider, HEADER + row(energy="0.99")).status_code == 201
    assert len(provider.get(f"{BASE}/files").json()["items"]) == 1


def test_the_same_content_handed_in_twice_waits_once(provider):
    first, second = (hand_in(provider, HEADER + row()).json()["upload"] for _ in range(2))
    assert first == second
    assert provider.delete(f"{BASE}/files/{first}").status_code == 204
    assert provider.get(f"{BASE}/files/{first}").status_code == 404
    assert provider.post(f"{BASE}/loads", json={"uploads": [first]}).status_code == 404


ROUTES = [
    ("POST", "files?name=a.csv"),
    ("GET", "files"),
    ("GET", f"files/{'0' * 32}"),
    ("DELETE", f"files/{'0' * 32}"),
    ("GET", "loads"),
    ("POST", "loads"),
    ("GET", "findings"),
    ("GET", "curve?metering_point=ada-load"),
    ("GET", "feeders/trafo"),
    ("GET", "decisions"),
    ("POST", "decisions"),
    ("GET", "quality"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_strangers_members_and_other_communities_get_nothing(shared_place, method, path):
    def ask(client):
        raw = path.startswith("files?")
        options = {"content": b"x", "headers": BINARY} if raw else {}
        if method == "POST" and not raw:
            options = {"json": {}}
        return client.request(method, f"{BASE}/{path}", **options).status_code

    assert ask(shared_place.visit()) == 401
    assert ask(shared_place.log_in("ada@toits")) == 403
    assert ask(shared_place.log_in("provider@lac")) == 404
    assert ask(shared_place.log_in("operator@lac")) == 404


def test_another_communitys_file_is_not_found_by_its_id(place, provider):
    upload = hand_in(provider, HEADER + row()).json()["upload"]
    other = place.log_in("provider@lac")
    assert other.get(f"/api/v1/provider/communities/lac/files/{upload}").status_code == 404
    loads = "/api/v1/provider/communities/lac/loads"
    assert other.post(loads, json={"uploads": [upload]}).status_code == 404


def test_findings_are_told_with_what_was_decided_about_them(place, provider):
    days = "".join(row(NOON.replace(hour=hour), "900") for hour in range(24))
    upload = hand_in(provider, HEADER + days).json()["upload"]
    assert provider.post(f"{BASE}/loads", json={"uploads": [upload]}).status_code == 200
    asked = {"from": "2024-03-01", "to": "2024-03-31"}
    found = provider.get(f"{BASE}/findings", params=asked).json()
    mine = [one for one in found["items"] if one["metering_point"] == "ada-load"]
    assert mine
    assert all(one["decision"] is None for one in mine)
    whole = decision(
        start="2024-02-28T00:00:00Z", end="2024-04-02T00:00:00Z", treatment="accepted", rule=mine[0]["rule"]
    )
    made = provider.post(f"{BASE}/decisions", json=whole)
    assert made.status_code == 201, made.text
    assert made.json()["decided_by"] == "provider@toits"
    items = provider.get(f"{BASE}/findings", params=asked).json()["items"]
    answered = [one for one in items if one["decision"]]
    assert answered
    assert {one["rule"] for one in answered} == {mine[0]["rule"]}
    assert provider.get(f"{BASE}/decisions").json()["items"] == [made.json()]


def test_a_curve_shows_what_stands_what_was_decided_and_what_would_be_estimated(provider):
    asked = {"metering_point": "ada-load", "from": "2024-03-14", "to": "2024-03-14"}
    before = provider.get(f"{BASE}/curve", params=asked).json()
    assert len(before["energy_milliwatt_hours"]) == len(before["treatment"]) == 24
    assert set(before["quality"]) == {"measured"}
    assert set(before["treatment"]) == {""}
    assert set(before["estimate_milliwatt_hours"]) == {None}
    asked_decision = decision(treatment="estimated", end="2024-03-14T12:00:00Z")
    assert provider.post(f"{BASE}/decisions", json=asked_decision).status_code == 201
    after = provider.get(f"{BASE}/curve", params=asked).json()
    assert after["energy_milliwatt_hours"] == before["energy_milliwatt_hours"]
    place = (int(NOON.timestamp()) - after["start_utc"]) // 3600
    assert [index for index, word in enumerate(after["treatment"]) if word] == [place]
    assert after["estimate_milliwatt_hours"][place] == 385_000
    assert provider.post(f"{BASE}/decisions", json=decision()).status_code == 201
    returned = provider.get(f"{BASE}/curve", params=asked).json()
    assert returned["treatment"][place : place + 2] == ["returned", "returned"]
    assert returned["estimate_milliwatt_hours"][place] is None


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"metering_point": "nobody-load"}, 404),
        ({"metering_point": "../secret"}, 422),
        ({"treatment": "forgotten"}, 422),
        ({"reason": ""}, 422),
        ({"start": "2024-03-14T11:00:00"}, 422),
        ({"end": "2024-03-14T11:00:00Z"}, 422),
        ({"start": "2024-03-14T11:00:01Z"}, 422),
        ({"metering_point": "ben-solar", "treatment": "estimated"}, 422),
        ({"decided_by": "somebody"}, 422),
    ],
)
def test_what_cannot_be_decided_is_refused(provider, changed, status):
    answer = provider.post(f"{BASE}/decisions", json=decision(**changed))
    assert answer.status_code == status, answer.text
    assert provider.get(f"{BASE}/decisions").json()["items"] == []


def test_the_overview_counts_what_is_due_and_what_came(place, provider):
    asked = {"from": "2024-03-01", "to": "2024-03-31"}
    told = provider.get(f"{BASE}/quality", params=asked).json()
    hours = 31 * 24 - 1  # the clock is set on
    cleo = 21 * 24 - 1
    assert told["total"]["expected"] == 3 * hours + cleo
    assert told["total"]["measured_ppm"] == 1_000_000
    assert [len(point["cells"]) for point in told["points"]] == [31] * 4
    cells = next(point["cells"] for point in told["points"] if point["metering_point"] == "cleo-load")
    assert cells[:10] == [None] * 10
    assert cells[10] == [1_000_000, 0, 0]
    assert told["total"]["lateness_median_hours"] > 0
    upload = hand_in(
        provider,
        HEADER + row(quality="missing", energy="") + row(NOON.replace(hour=12), "1", quality="edited"),
    )
    assert provider.post(f"{BASE}/loads", json={"uploads": [upload.json()["upload"]]}).status_code == 200
    later = provider.get(f"{BASE}/quality", params=asked | {"by": "week"}).json()
    ada = next(point for point in later["points"] if point["metering_point"] == "ada-load")
    assert (ada["missing_ppm"], ada["edited_ppm"]) == (1_000_000 // hours, 1_000_000 // hours)
    assert [step["start"] for step in later["trend"]] == [
        "2024-03-01",
        "2024-03-04",
        "2024-03-11",
        "2024-03-18",
        "2024-03-25",
    ]
    assert later["trend"][2]["missing_ppm"] > 0
    assert later["trend"][3]["missing_ppm"] == 0


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("quality", {"from": "2024-03-02", "to": "2024-03-01"}),
        ("quality", {"from": "2024-03-02"}),
        ("quality", {"from": "0001-01-01", "to": "9999-12-31"}),
        ("quality", {"from": "1971-01-01", "to": "2199-12-31"}),
        ("quality", {"by": "year"}),
        ("curve", {"metering_point": "ada-load", "from": "2024-01-01", "to": "2024-03-01"}),
        ("feeders/trafo", {"from": "2024-01-01", "to": "2024-06-01"}),
        ("findings", {"from": "2024-13-01", "to": "2024-03-01"}),
    ],
)
def test_days_that_make_no_sense_are_refused_in_words(shared_place, path, asked):
    answer = shared_place.log_in("provider@toits").get(f"{BASE}/{path}", params=asked)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_community_without_readings_is_told_so(shared_place):
    client = shared_place.log_in("operator@lac")
    base = "/api/v1/provider/communities/lac"
    assert client.get(f"{base}/findings").json()["items"] == []
    assert client.get(f"{base}/quality").json()["total"] is None
    assert client.get(f"{base}/loads").json()["items"] == []
    assert client.get(f"{base}/curve", params={"metering_point": "ada-load"}).status_code == 422


def test_every_look_is_logged_with_whose_readings_it_was(place, provider):
    provider.get(
        f"{BASE}/curve", params={"metering_point": "ada-load", "from": "2024-03-14", "to": "2024-03-14"}
    )
    with place.wiring.store.reading() as records:
        noted = [what for _, what, _ in records.accesses("toits/ada")]
    assert "meter data: curve 2024-03-14" in noted


def test_the_month_that_was_settled_is_restated_after_a_decision(place, provider):
    from backend.services.settle_period import settle_period

    with place.wiring.store.reading() as records:
        before = records.runs("toits", MONTH.id)[-1]
    assert provider.post(f"{BASE}/decisions", json=decision()).status_code == 201
    after = settle_period(place.wiring.context, "toits", MONTH)
    assert (after.version, after.consumption < before.consumption) == (before.version + 1, True)


def test_a_whole_month_is_taken_in_one_piece(provider):
    look = hand_in(provider, readings_csv(scale=2), "month.csv").json()["look"]
    assert look["accepted"]
    assert (look["new"], look["changed"] > 0, len(look["points"])) == (0, True, 4)
