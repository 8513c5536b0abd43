"""One's own data: all of it in an archive, and forgotten when one asks."""

import csv
import io
import json
import zipfile

import pytest

from backend.metering.joining import empty_table
from backend.metering.source_series import RegisterRead, SeriesName
from backend.ports import ReadingLoad
from backend.ports.grid_event_records import EventKind
from backend.services.grid.events import note_event
from tests.integration.api.people import API, Person

ERASURE, EXPORT = f"{API}/me/erasure", f"{API}/me/export"


@pytest.fixture
def archive(place):
    """Of Ada, who has all kinds of things."""
    ada = Person(place, "ada@toits")
    ada.link()
    ada.client.put(f"{API}/me/accounts/backup", json={"sealed": "a sealed key"})
    ben = Person(place, "ben@toits")
    until = place.wiring.chain.block_time_utc() + 3600
    ben.link()
    asked = {"grantee": ben.address, "scope": "bills", "from_utc": 0, "until_utc": until}
    assert ada.paper("/me/consents", asked).status_code == 204
    ben.client.get(f"{API}/communities/toits/participants/ada/bills/2024-03")
    keep_reads(place)
    keep_events(place)
    ada.client.put(f"{API}/me/locale", json={"locale": "fr"})
    answer = ada.client.get(EXPORT)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def keep_reads(place):
    """A read of Ada's register and one of Ben's."""
    reads = [
        RegisterRead(SeriesName(point, 0), 1_709_251_200, 12_345_678, f"METER-OF-{name}")
        for point, name in (("ada-load", "ADA"), ("ben-load", "BEN"))
    ]
    load = ReadingLoad("reads", "toits", 0, ("reads.csv",), "0x", "0x", 0, registers=2)
    place.wiring.intervals.add_readings(load, empty_table(60), reads)


def keep_events(place):
    """What was noted of Ada's connection and of Ben's."""
    with place.wiring.store.transaction() as records:
        for element in ("ada", "ben", "west-end", "west"):
            note_event(
                records,
                network="rue",
                kind=EventKind.PHASE_RECORD,
                element=element,
                title=f"The record of {element} was wrong",
                at_utc=1_711_000_000,
                noted_utc=1_711_000_000,
            )


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_an_archive_holds_all_that_is_kept_of_its_owner(archive):
    assert set(archive) == {
        *("index.html", "person.json", "keys.json", "consents.json", "postings.csv", "accesses.csv"),
        *("readings.csv", "register-reads.csv", "operator-allocations.csv", "allocations/2024-03-1.csv"),
        *("bills/2024-03-1.json", "bills/2024-03-1.pdf", "forecasts.csv"),
    }
    person = json.loads(archive["person.json"])
    assert person["participant"]["name"] == "Ada"
    (user,) = person["users"]
    assert (user["login"], user["sealed_key"]["sealed"]) == ("ada@toits", "a sealed key")
    assert len(user["sessions"]) == len(user["accounts"]) == 1
    (joined,) = person["network_connections"]
    assert (joined["network"], joined["connection"], joined["phases"]) == ("rue", "ada", "L1")
    (noted,) = person["network_events"]
    assert (noted["network"], noted["title"]) == ("rue", "The record of ada was wrong")
    assert len(rows(archive["readings.csv"])) == 743
    assert {row["metering_point"] for row in rows(archive["readings.csv"])} == {"ada-load"}
    (read,) = rows(archive["register-reads.csv"])
    assert (read["metering_point"], read["at"], read["meter"], read["energy_kwh"]) == (
        "ada-load",
        "2024-03-01T00:00:00Z",
        "METER-OF-ADA",
        "12.345678",
    )
    assert len(rows(archive["allocations/2024-03-1.csv"])) == 743
    assert archive["bills/2024-03-1.pdf"].startswith(b"%PDF")
    (consent,) = json.loads(archive["consents.json"])
    assert (consent["scope"], consent["holds"]) == ("bills", True)
    (access,) = rows(archive["accesses.csv"])
    assert (access["by"], access["what"]) == ("ben@toits", "bill 2024-03")
    (key,) = json.loads(archive["keys.json"])
    assert len(key["key"]) == 66
    assert [row["account"] for row in rows(archive["postings.csv"])] == ["member/0"]


def test_the_index_names_each_file_in_the_language_of_its_owner(archive):
    index = archive["index.html"].decode()
    assert '<html lang="fr">' in index
    assert all(f'href="{name}"' in index for name in archive if name != "index.html")


def test_an_archive_holds_no_password_no_token_and_nothing_of_a_neighbours(place, archive):
    with place.wiring.store.reading() as records:
        users = {login: records.user_by_login(login) for login in ("ada@toits", "ben@toits")}
        sessions = records.logins(users["ada@toits"].id)
        slots = records.slot_keys("toits", records.periods("toits")[0].period)
    text = b"".join(content for name, content in archive.items() if not name.endswith(".pdf")).decode()
    assert all(user.password_hash not in text for user in users.values())
    assert all(session.token_hash not in text and session.id not in text for session in sessions)
    assert sum(key.key in text for key in slots) == 1
    assert not any(word in text for word in ("ben-load", "ben-solar", "cleo-load", "METER-OF-BEN"))


def test_an_archive_has_what_was_noted_of_the_line_that_feeds_its_owner_alone(place):
    keep_events(place)
    answer = Person(place, "ben@toits").client.get(EXPORT)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        person = json.loads(opened.read("person.json"))
    assert [noted["element"] for noted in person["network_events"]] == ["ben", "west-end"]


def test_to_be_forgotten_is_asked_for_by_a_word_and_taken_back_by_none(place):
    ada = Person(place, "ada@toits").client
    before = ada.get(ERASURE).json()
    assert before["asked_at"] is None
    assert [(part["what"], part["waits_for"]) for part in before["parts"]] == [
        (what, "membership") for what in ("log_in", "readings_and_keys", "documents")
    ]
    assert "L123-22" in before["parts"][2]["source"]
    assert ada.post(ERASURE, json={"confirm": "yes"}).status_code == 422
    asked = ada.post(ERASURE, json={"confirm": "erase me"})
    assert asked.status_code == 202
    assert asked.json()["asked_at"] is not None
    assert ada.delete(ERASURE).status_code == 204
    assert ada.delete(ERASURE).status_code == 404
    assert ada.get(ERASURE).json() == before
