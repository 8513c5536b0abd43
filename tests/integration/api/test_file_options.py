"""What a meter file does not say of itself, said by whoever hands it in; and the operator's allocation handed in."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from backend.bootstrap.meter_files import how_read, meter_files
from backend.services.load_readings import load_readings
from tests.integration.settlement.compared_operator import csv_of, settled_rows
from tests.integration.settlement.small_community import MONTH

BASE = "/api/v1/provider/communities/toits"
BINARY = {"Content-Type": "application/octet-stream"}
HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality\n"
NAMELESS = "Wann;Wert\n14.03.2024 12:00;0,9\n14.03.2024 13:00;0,8\n"
MAPPING = """
[columns]
start = "Wann"
energy = "Wert"
[form]
unit = "kWh"
delimiter = ";"
decimal = ","
time_format = "%d.%m.%Y %H:%M"
"""
MAPPING_JSON = json.dumps(
    {
        "columns": {"start": "Wann", "energy": "Wert"},
        "form": {"unit": "kWh", "delimiter": ";", "decimal": ",", "time_format": "%d.%m.%Y %H:%M"},
    }
)
NOON = int(datetime(2024, 3, 14, 11, tzinfo=UTC).timestamp())  # 12:00 in Paris
SAID = {"mapping": MAPPING, "metering_point": "ada-load", "direction": "consumption", "resolution": 60}


@pytest.fixture
def provider(place):
    return place.log_in("provider@toits")


def hand_in(client, content, name="readings.csv", **options):
    body = content.encode() if isinstance(content, str) else content
    return client.post(f"{BASE}/files", params={"name": name} | options, content=body, headers=BINARY)


def stored(place, count=2):
    table = place.wiring.intervals.readings("toits", ["ada-load"], NOON, NOON + count * 3600)
    return table.energy.tolist()


@pytest.mark.parametrize("mapping", [MAPPING, MAPPING_JSON], ids=["TOML", "JSON"])
def test_a_table_of_its_own_columns_is_read_by_the_mapping_that_comes_with_it(place, provider, mapping):
    card = hand_in(provider, NAMELESS, **(SAID | {"mapping": mapping})).json()
    assert card["look"]["accepted"], card["look"]["reason"]
    assert (card["look"]["readings"], card["look"]["start_utc"]) == (2, NOON)
    assert card["options"]["mapping"] == mapping
    loaded = provider.post(f"{BASE}/loads", json={"uploads": [card["upload"]]})
    assert loaded.status_code == 200, loaded.text
    assert stored(place) == [900_000, 800_000]


def test_the_load_is_the_one_that_a_command_would_make_of_the_same_file_and_options(
    place, provider, tmp_path
):
    upload = hand_in(provider, NAMELESS, **SAID).json()["upload"]
    by_page = provider.post(f"{BASE}/loads", json={"uploads": [upload]}).json()["load"]["load"]
    (tmp_path / "readings.csv").write_text(NAMELESS)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    reader = meter_files(
        mapping=tmp_path / "mapping.toml",
        metering_point="ada-load",
        direction="consumption",
        resolution_minutes=60,
    )
    file = tmp_path / "readings.csv"
    by_command = load_readings(place.wiring.context, reader, [file], community="toits", how=how_read(reader))
    assert (by_command.load.id, by_command.is_new) == (by_page, False)


def test_a_file_that_names_nobody_asks_for_the_point_and_is_read_once_it_is_told(place, provider):
    card = hand_in(provider, NAMELESS, mapping=MAPPING, direction="consumption").json()
    assert not card["look"]["accepted"]
    assert card["look"]["asks"] == ["metering_point"]
    told = card["options"] | {"metering_point": "ada-load", "resolution": 60}
    again = provider.put(f"{BASE}/files/{card['upload']}/options", json=told)
    assert again.status_code == 200, again.text
    look = again.json()["look"]
    assert (look["accepted"], look["asks"], look["readings"]) == (True, [], 2)
    listed = provider.get(f"{BASE}/files").json()["items"]
    assert [one["options"] for one in listed] == [told]
    assert provider.post(f"{BASE}/loads", json={"uploads": [card["upload"]]}).status_code == 200
    assert stored(place) == [900_000, 800_000]


def test_a_table_that_is_not_recognised_asks_for_a_mapping(provider):
    assert hand_in(provider, NAMELESS).json()["look"]["asks"] == ["mapping"]


def test_files_that_are_read_differently_are_loaded_together(place, provider):
    plain = hand_in(provider, HEADER + "ada-load,2024-03-14T10:00:00Z,60,0.7,measured\n").json()["upload"]
    mapped = hand_in(provider, NAMELESS, "table.csv", **SAID).json()["upload"]
    loaded = provider.post(f"{BASE}/loads", json={"uploads": [plain, mapped], "keep": True})
    assert loaded.status_code == 200, loaded.text
    assert loaded.json()["load"]["readings"] == 3
    assert len(provider.get(f"{BASE}/files").json()["items"]) == 2
    again = provider.post(f"{BASE}/loads", json={"uploads": [plain, mapped]}).json()
    assert not again["is_new"]
    assert provider.get(f"{BASE}/files").json()["items"] == []


def test_the_same_content_with_other_options_waits_once_with_the_later_ones(provider):
    first = hand_in(provider, NAMELESS).json()
    second = hand_in(provider, NAMELESS, **SAID).json()
    assert second["upload"] == first["upload"]
    assert second["look"]["accepted"]
    assert len(provider.get(f"{BASE}/files").json()["items"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "nonsense"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "\0"},
        {"resolution": 7},
        {"resolution": 0},
        {"direction": "sideways"},
        {"mapping": "[columns"},
        {"mapping": "{"},
        {"mapping": "{" + '"a":{' * 5000},
        {"mapping": "a = " + "[" * 3000},
        {"mapping": '{"columns": 1}'},
        {"mapping": '[columns]\nstart = "a"\nenergie = "b"\n'},
    ],
    ids=str,
)
def test_options_that_cannot_be_are_refused_before_anything_is_kept(place, provider, wrong):
    short = {name: value for name, value in wrong.items() if len(str(value)) < 8_000}
    if short:
        assert hand_in(provider, NAMELESS, **short).status_code == 422
        uploads = place.wiring.home.cache / "uploads" / "toits"
        assert not uploads.exists() or list(uploads.iterdir()) == []
    upload = hand_in(provider, NAMELESS).json()["upload"]
    answer = provider.put(f"{BASE}/files/{upload}/options", json=wrong)
    assert answer.status_code == 422, answer.text
    assert provider.get(f"{BASE}/files/{upload}").json()["options"]["mapping"] == ""


def test_formats_are_told_for_a_choice(provider):
    told = provider.get(f"{BASE}/formats").json()
    assert told["time_zone"] == "Europe/Paris"
    assert {"csv", "eda", "nem12"} <= {one["name"] for one in told["items"]}
    assert all(one["title"] for one in told["items"])


# the operator's allocation


@pytest.fixture
def operator(place):
    return place.log_in("operator@toits")


@pytest.fixture
def allocation(place):
    return csv_of(settled_rows(place.wiring, MONTH))


@pytest.mark.parametrize("role", ["operator", "provider"])
def test_an_operators_allocation_is_recognised_loaded_and_compared(place, allocation, role):
    client = place.log_in(f"{role}@toits")
    reconciliation = "/api/v1/communities/toits/periods/2024-03/reconciliation"
    assert client.get(reconciliation).json()["files"] == []
    card = hand_in(client, allocation, "operator.csv").json()
    found = card["look"]["allocation"]
    assert (card["look"]["accepted"], card["look"]["format"], found["accepted"]) == (
        False,
        "allocation",
        True,
    )
    assert found["rows"] == allocation.count("\n") - 1
    assert found["points"] == ["ada-load", "ben-load", "ben-solar", "cleo-load"]
    assert found["allocated_milliwatt_hours"] == found["shared_milliwatt_hours"] > 0
    assert place.wiring.context.operator_allocations.loads("toits") == []
    loaded = client.post(f"{BASE}/allocations", json={"uploads": [card["upload"]]})
    assert loaded.status_code == 200, loaded.text
    (item,) = loaded.json()["items"]
    assert (item["is_new"], item["load"]["readings"], item["load"]["by"]) == (
        True,
        found["rows"],
        f"{role}@toits",
    )
    assert client.get(f"{BASE}/allocations").json()["items"] == [item["load"]]
    assert [file["name"] for file in client.get(reconciliation).json()["files"]] == ["operator.csv"]
    assert client.get(f"{BASE}/files").json()["items"] == []


def test_the_same_allocation_again_changes_nothing(operator, allocation):
    for expected in (True, False):
        upload = hand_in(operator, allocation).json()["upload"]
        told = operator.post(f"{BASE}/allocations", json={"uploads": [upload]}).json()["items"]
        assert [one["is_new"] for one in told] == [expected]
    assert len(operator.get(f"{BASE}/allocations").json()["items"]) == 1


def test_packed_allocations_are_taken_and_bombs_among_them_refused(operator, allocation, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("operator.csv", allocation)
    for content in (packed.getvalue(), gzip.compress(allocation.encode())):
        assert hand_in(operator, content, "operator.packed").json()["look"]["allocation"]["accepted"]
    head = allocation.partition("\n")[0].encode() + b"\n"
    bomb = gzip.compress(head + b"0" * (80 * 1024 * 1024))
    found = hand_in(operator, bomb, "bomb.csv.gz").json()["look"]["allocation"]
    assert not found["accepted"]
    assert {finding["rule"] for finding in found["findings"]} & {"too-large", "long-line"}


def test_an_allocation_of_a_stranger_or_with_wrong_sums_is_told_row_by_row_and_not_kept(
    place, operator, allocation
):
    head, first, rest = allocation.split("\n", 2)
    cells = first.split(",")
    cells[5] = "99.000000"
    for line, rule in ((",".join(["nobody", *cells[1:]]), "metering-point"), (",".join(cells), "sum")):
        card = hand_in(operator, f"{head}\n{line}\n{rest}").json()
        found = card["look"]["allocation"]
        assert not found["accepted"]
        assert rule in {finding["rule"] for finding in found["findings"]}, found
        refused = operator.post(f"{BASE}/allocations", json={"uploads": [card["upload"]]})
        assert refused.status_code in {409, 422}, refused.text
    assert place.wiring.context.operator_allocations.loads("toits") == []


def test_readings_are_no_allocation_and_an_allocation_is_no_reading(place, operator, allocation):
    readings = hand_in(operator, HEADER + "ada-load,2024-03-14T10:00:00Z,60,0.7,measured\n").json()
    assert readings["look"]["allocation"] is None
    refused = operator.post(f"{BASE}/allocations", json={"uploads": [readings["upload"]]})
    assert refused.status_code in {409, 422}
    assert "no-allocation" in refused.text
    before = place.wiring.intervals.loads("toits")
    upload = hand_in(operator, allocation).json()["upload"]
    assert operator.post(f"{BASE}/loads", json={"uploads": [upload]}).status_code in {409, 422}
    assert place.wiring.intervals.loads("toits") == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "formats"),
        ("GET", "allocations"),
        ("POST", "allocations"),
        ("PUT", f"files/{'0' * 32}/options"),
    ],
)
def test_strangers_members_and_other_communities_get_nothing(shared_place, method, path):
    def ask(client):
        return client.request(method, f"{BASE}/{path}", json=None if method == "GET" else {}).status_code

    assert ask(shared_place.visit()) == 401
    assert ask(shared_place.log_in("ada@toits")) == 403
    assert ask(shared_place.log_in("provider@lac")) == 404
    assert ask(shared_place.log_in("operator@lac")) == 404
