"""What registers showed and what went down a feeder: handed in, looked at, loaded, and held against the readings."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.services.check_readings import check_readings
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.look_at_files import look_at_file
from tests.integration.settlement.small_community import DEFINITION, MONTH

BASE = "/api/v1/provider/communities/toits"
BINARY = {"Content-Type": "application/octet-stream"}
FIRST, LAST = datetime(2024, 3, 4, 23, tzinfo=UTC), datetime(2024, 3, 11, 23, tzinfo=UTC)  # local midnights
POINTS = ("ada-load", "ben-load", "ben-solar", "cleo-load")
FEEDER = DEFINITION.replace(
    "[[participants]]", '[[feeders]]\nid = "trafo"\nexternal_id = "FR-7"\n\n[[participants]]', 1
)


@pytest.fixture
def provider(place):
    return place.log_in("provider@toits")


def counted(place, point):
    """What the readings of a point say between the two reads. [mWh]"""
    span = (int(FIRST.timestamp()), int(LAST.timestamp()))
    return int(place.wiring.intervals.readings("toits", [point], *span).energy.sum())


def nem13(point, energy):
    """Two reads of a point's register, that many mWh apart."""
    moments = [f"{at + timedelta(hours=10):%Y%m%d%H%M%S}" for at in (FIRST, LAST)]
    values = [f"{at / 1e6:010.6f}" for at in (1e9, 1e9 + energy)]
    return (
        "100,NEM13,202403120000,MDA1,Ret1\n"
        f"250,{point},11,1,11,11,METER1,E,{values[0]},{moments[0]},A,,,{values[1]},{moments[1]},A,,,"
        f"{energy / 1e6:.6f},kWh,20240601,20240312100333,20240312091133\n900\n"
    )


def hand_in(client, content, name):
    answer = client.post(f"{BASE}/files", params={"name": name}, content=content.encode(), headers=BINARY)
    assert answer.status_code == 201, answer.text
    return answer.json()


def load(client, card):
    answer = client.post(f"{BASE}/loads", json={"uploads": [card["upload"]]})
    assert answer.status_code == 200, answer.text
    return answer.json()["load"]


def found(client, rule):
    listed = client.get(f"{BASE}/findings", params={"first": "2024-03-01", "last": "2024-03-31"}).json()[
        "items"
    ]
    return [one for one in listed if one["rule"] == rule]


def registers(client, day, point="ada-load"):
    told = client.get(f"{BASE}/curve", params={"metering_point": point, "from": day, "to": day})
    assert told.status_code == 200, told.text
    return told.json()["registers"]


def test_a_file_of_register_reads_is_looked_at_loaded_and_held_against_the_intervals(place, provider):
    energy = counted(place, "ada-load") + 100_000_000
    card = hand_in(provider, nem13("ada-load", energy), "reads.csv")
    look = card["look"]
    assert look["accepted"], look["reason"]
    assert (look["readings"], look["registers"]) == (0, 2)
    assert [one["metering_point"] for one in look["checked"] if one["rule"] == "register"] == ["ada-load"]
    assert not found(provider, "register")
    told = load(provider, card)
    assert (told["readings"], told["registers"]) == (0, 2)
    (finding,) = found(provider, "register")
    assert finding["value"] == "100.000 kWh apart"
    (span,) = registers(provider, "2024-03-06")
    assert span == {
        "start_utc": finding["start_utc"],
        "end_utc": finding["end_utc"],
        "missing": 0,
        "register_milliwatt_hours": energy,
        "intervals_milliwatt_hours": energy - 100_000_000,
        "apart_milliwatt_hours": 98_000_000,
        "limit_milliwatt_hours": 2_000_000,
    }
    assert registers(provider, "2024-03-04") == registers(provider, "2024-03-12") == []
    assert registers(provider, "1971-01-01") == registers(provider, "2199-12-31") == []
    assert registers(provider, "2024-03-05") == registers(provider, "2024-03-11") == [span]
    assert registers(provider, "2024-03-06", "ben-load") == []
    assert (finding["start_utc"], finding["end_utc"]) == (int(FIRST.timestamp()), int(LAST.timestamp()))
    own = place.log_in("ada@toits").get("/api/v1/me/findings/2024-03").json()["items"]
    assert [one["rule"] for one in own if one["rule"] == "register"] == ["register"]
    other = place.log_in("ben@toits").get("/api/v1/me/findings/2024-03").json()["items"]
    assert not [one for one in other if one["rule"] == "register"]
    # What agrees is no finding, and a later read of the same instant supersedes.
    load(provider, hand_in(provider, nem13("ada-load", energy - 100_000_000), "mended.csv"))
    assert not found(provider, "register")
    assert [one["apart_milliwatt_hours"] for one in registers(provider, "2024-03-06")] == [0]


def test_reads_of_a_number_that_is_nobodys_refuse_the_file(place, provider):
    look = hand_in(provider, nem13("NOBODY", 1_000_000), "reads.csv")["look"]
    assert not look["accepted"]
    assert [one["rule"] for one in look["findings"]].count("unknown-point") == 1


def feeder_csv(place, lost_from):
    """What the feeder's meter counted of March: the points' sum and 2 % of losses, half of it lost from a day on."""
    start, until = (int(datetime(2024, 3, day, tzinfo=UTC).timestamp()) for day in (2, 30))
    net = np.zeros((until - start) // 3600, dtype=np.int64)
    for point in POINTS:
        energy = place.wiring.intervals.readings("toits", [point], start, until).energy
        net += -energy if point == "ben-solar" else energy
    lost = int((datetime(2024, 3, lost_from, tzinfo=UTC).timestamp() - start) // 3600)
    rows = ["metering_point,start,resolution_minutes,energy_kwh,quality"]
    for name, flow in (("FR-7", np.maximum(net, 0) * 102 // 100), ("trafo~given", np.maximum(-net, 0))):
        flow[lost:] *= 3
        for hour, energy in enumerate(flow.tolist()):
            at = datetime.fromtimestamp(start + 3600 * hour, UTC)
            rows.append(f"{name},{at:%Y-%m-%dT%H:%M:%SZ},60,{energy / 1e6:.6f},measured")
    return "\n".join(rows) + "\n"


def held_beside(place, provider):
    """The feeder's days are as its points' readings say: whole from 3 to 29 March, apart from the 20th on."""
    asked = {"from": "2024-03-01", "to": "2024-03-31"}
    told = provider.get(f"{BASE}/feeders/trafo", params=asked).json()
    assert (told["feeder"], told["number"], told["metering_points"]) == ("trafo", "FR-7", list(POINTS))
    days = {one.pop("day"): one for one in told["days"]}
    assert [day[-2:] for day, one in days.items() if one["drawn_milliwatt_hours"] is None] == [
        *("01", "02", "30", "31"),
    ]
    limits = {
        day: (one["apart_milliwatt_hours"], one["tolerance_milliwatt_hours"]) for day, one in days.items()
    }
    apart = [day[-2:] for day, (found, limit) in limits.items() if found is not None and found > limit]
    assert apart == [f"{day}" for day in range(20, 30)]
    day = days["2024-03-12"]
    midnight = int(datetime(2024, 3, 11, 23, tzinfo=UTC).timestamp())
    taken = place.wiring.intervals.readings("toits", POINTS, midnight, midnight + 86_400)
    solar = np.asarray(taken.metering_points)[taken.point] == "ben-solar"
    assert day["feed_in_milliwatt_hours"] == taken.energy[solar].sum()
    assert day["consumption_milliwatt_hours"] == taken.energy[~solar].sum()
    gross = day["drawn_milliwatt_hours"] + day["given_milliwatt_hours"]
    assert (day["losses_milliwatt_hours"], day["tolerance_milliwatt_hours"]) == (
        gross * 6 // 100,
        max(gross // 100, 1_000_000),
    )
    long_ago = {"from": "1971-01-01", "to": "1971-01-02"}
    (first, second) = provider.get(f"{BASE}/feeders/trafo", params=long_ago).json()["days"]
    assert [first.pop("day"), second.pop("day")] == ["1971-01-01", "1971-01-02"]
    assert {*first.values(), *second.values()} == {None}
    assert provider.get(f"{BASE}/feeders/trofa", params=asked).status_code == 404
    with place.wiring.store.reading() as records:
        noted = [what for _, what, _ in records.accesses("toits/ada")]
    assert "meter data: feeder 2024-03-01" in noted


def test_a_feeders_meter_is_held_against_its_points_and_is_nobodys(place, provider):
    load_community(place.wiring.context, FEEDER, "toits.toml")
    intervals, month = place.wiring.intervals, (1_709_247_600, 1_711_922_400)
    before = intervals.coverage("toits", *month), intervals.loads_within("toits", *month)
    card = hand_in(provider, feeder_csv(place, lost_from=20), "trafo.csv")
    assert {one["metering_point"] for one in card["look"]["points"]} == {"trafo~drawn", "trafo~given"}
    assert [one["metering_point"] for one in card["look"]["checked"] if one["rule"] == "feeder"] == ["trafo"]
    load(provider, card)
    (finding,) = found(provider, "feeder")
    assert finding["metering_point"] == "trafo"
    assert finding["start_utc"] == int(datetime(2024, 3, 19, 23, tzinfo=UTC).timestamp())
    assert (intervals.coverage("toits", *month), intervals.loads_within("toits", *month)) == before
    held_beside(place, provider)
    for login in ("ada", "ben", "cleo"):
        told = place.log_in(f"{login}@toits").get("/api/v1/me/findings/2024-03").text
        assert "trafo" not in told


def test_a_feeder_that_agrees_is_no_finding(place, tmp_path):
    context = place.wiring.context
    load_community(context, FEEDER, "toits.toml")
    file = tmp_path / "trafo.csv"
    file.write_text(feeder_csv(place, lost_from=30))
    look = look_at_file(context, "toits", file, place.wiring.reader_for())
    assert not [one for one in look["checked"] if one["rule"] == "feeder"]
    load_readings(context, place.wiring.reader_for(), [file], community="toits")
    assert not [one for one in check_readings(context, "toits", MONTH) if one.rule == "feeder"]
