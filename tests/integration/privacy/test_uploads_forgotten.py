"""Meter files that wait to be loaded are kept for hours, and go with whoever they name."""

import gzip
import logging

import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.erased_files import HomeFiles
from backend.adapters.home import Home
from backend.adapters.uploads import WAITING_SECONDS_MAX, HomeUploads
from backend.services.privacy import ask_erasure
from backend.services.privacy_erasure import erase_due
from tests.integration.privacy.leaver import NUMBER, PERSON, POINT, join, open_home, settle

WORDS = frozenset({"quint-load", "AT0099"})
OTHERS = b"metering_point,start\nben-load,2024-03-01\n"


@pytest.fixture
def uploads(tmp_path):
    return HomeUploads(tmp_path / "cache" / "uploads", FixedClock(1_700_000_000))


def wait(uploads, content, name="readings.csv", look=None, community="toits"):
    with uploads.receive(community, name, "user") as incoming:
        incoming.write(content)
        upload = incoming.finish()
    return uploads.keep_look(upload, look) if look is not None else upload


def accepted(*points):
    return {"accepted": True, "points": [{"metering_point": point} for point in points]}


@pytest.mark.parametrize(
    ("content", "look"),
    [
        (OTHERS + b"quint-load,2024-03-01\n", accepted("ben-load")),
        (OTHERS + b"x,AT0099\n", accepted("ben-load")),
        (gzip.compress(OTHERS, mtime=0), accepted("ben-load", "quint-load")),
        (gzip.compress(OTHERS, mtime=0), {"accepted": False, "reason": "", "points": []}),
        (OTHERS, {}),
        (
            gzip.compress(OTHERS, mtime=0),
            {"accepted": False, "allocation": {"accepted": True, "points": ["quint-load"]}},
        ),
        (
            gzip.compress(OTHERS, mtime=0),
            {"accepted": False, "allocation": {"accepted": False, "points": []}},
        ),
    ],
)
def test_a_file_that_names_somebody_or_may_goes_with_them(uploads, content, look):
    wait(uploads, content, look=look)
    uploads.erase("toits", WORDS)
    assert uploads.all("toits") == []


@pytest.mark.parametrize(
    ("content", "look"),
    [
        (OTHERS, accepted("ben-load")),
        (OTHERS + b"quint-load-2,2024-03-01\nAT00991,2024\n", accepted("ben-load")),
        (
            gzip.compress(OTHERS, mtime=0),
            {"accepted": False, "allocation": {"accepted": True, "points": ["ben-load"]}},
        ),
    ],
)
def test_files_of_others_wait_on(uploads, content, look):
    kept = wait(uploads, content, look=look)
    uploads.erase("toits", WORDS)
    assert uploads.all("toits") == [kept]


def test_another_communitys_files_wait_on(uploads):
    kept = wait(uploads, OTHERS + b"quint-load,2024-03-01\n", look=accepted("quint-load"), community="lac")
    uploads.erase("toits", WORDS)
    assert uploads.all("lac") == [kept]


def test_what_waits_longer_than_a_look_lasts_is_swept(tmp_path):
    clock = FixedClock(1_700_000_000)
    uploads = HomeUploads(tmp_path / "cache" / "uploads", clock)
    wait(uploads, OTHERS)
    clock.advance(WAITING_SECONDS_MAX)
    uploads.sweep_all()
    assert len(uploads.all("toits")) == 1
    clock.advance(1)
    uploads.sweep_all()
    assert uploads.all("toits") == []
    assert list((tmp_path / "cache" / "uploads" / "toits").iterdir()) == []
    assert WAITING_SECONDS_MAX <= 12 * 3600


def test_other_copies_are_made_again_without_who_is_erased(tmp_path):
    home = Home(tmp_path)
    home.create()
    for name in ("readings/a/b.npy", "note", "uploads/toits/x/content/a.csv"):
        path = home.cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"quint-load")
    HomeFiles(home).erase_words(WORDS, [])
    left = [path.relative_to(home.cache).as_posix() for path in home.cache.rglob("*") if path.is_file()]
    assert left == ["uploads/toits/x/content/a.csv"]


def test_whoever_is_forgotten_is_forgotten_in_files_that_wait(tmp_path, caplog):
    caplog.set_level(logging.ERROR)
    wiring = open_home(tmp_path / "home")
    settle(wiring)
    wiring.clock.advance(40 * 86_400)
    join(wiring)
    uploads = HomeUploads(wiring.home.cache / "uploads", wiring.clock)
    named = [
        wait(uploads, gzip.compress(word.encode(), mtime=0), f"{word}.gz", accepted(word))
        for word in (POINT, NUMBER)
    ]
    kept = wait(uploads, OTHERS, look=accepted("ben-load"))
    ask_erasure(wiring.context, "toits", PERSON)
    assert [one.begun for one in erase_due(wiring.context, wiring.erasers)] == [True]
    assert uploads.all("toits") == [kept]
    assert named
    wiring.store.close()
