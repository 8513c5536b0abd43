"""``partage contest`` and ``partage watch``, as whoever doubts a settlement types them."""

import json
import sqlite3
from contextlib import closing

import pytest

from backend.errors import ConflictError
from backend.services.bundles import run_of
from tests.integration.contests.test_watch import LIES, MORNING, lie
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home

RED = 3
CONTEST = ("contest", "toits", "--period", "2024-03")


@pytest.fixture
def lying(tmp_path, monkeypatch):
    """A home whose settler anchored a row that the key does not give; nobody attested it."""
    wiring = open_home(tmp_path / "home")
    with monkeypatch.context() as patched:
        lie(patched, **LIES["row"])
        with pytest.raises(ConflictError):
            load_and_settle(wiring)
    wiring.store.close()
    monkeypatch.setenv("PARTAGE_HOME", str(wiring.home.root))
    return wiring


def state_of(wiring):
    run = run_of(wiring.context, "toits", MONTH)
    return wiring.context.chain.read("settlement_ledger", "run", run.run_id)["state"]


def copied(source, target):
    """Write the chain of one file over that of another."""
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as behind:
        before.backup(behind)


def test_an_honest_run_leaves_nothing_to_contest(partage, home):
    outcome = partage(*CONTEST)
    assert outcome.code == 0
    assert outcome.out == ("toits 2024-03, run 1: is what its readings give; there is nothing to contest.\n")
    told = json.loads(partage(*CONTEST, "--interval", 3, "--row", "ada-load", "--yes", "--json").out)
    assert (told["holds"], told["contest"], told["shows"], told["sent"]) == (True, None, [], False)


def test_a_contest_says_what_it_shows_and_is_sent_on_yes_alone(partage, lying):
    looked = partage(*CONTEST, "--interval", MORNING, "--row", "ben-load")
    assert looked.code == 0
    assert looked.out.splitlines() == [
        "toits 2024-03, run 1: what a point was given is not what the sharing key gives.",
        "Everyone would see, for ever:",
        "  - energy, allocation and running totals of ben-load at 2024-03-13T07:00+01:00",
        "  - the community's totals at 2024-03-13T07:00+01:00",
        "Nothing was sent; add --yes to send it.",
    ]
    assert state_of(lying) == 1, "it is still contestable"
    sent = partage(*CONTEST, "--interval", MORNING, "--row", "ben-load", "--yes")
    assert sent.code == 0
    assert sent.out.splitlines()[1] == "Everyone sees from now on:"
    assert sent.out.splitlines()[-1] == "The contest was sent."
    assert state_of(lying) == 4, "it is void"


def test_a_contest_looks_for_what_differs_where_no_interval_is_named(partage, lying):
    told = json.loads(partage(*CONTEST, "--json").out)
    assert told["holds"] is False
    assert told["differences"] > 0
    assert (told["contest"], told["sent"]) == ("row", False)
    assert state_of(lying) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--interval", 9_999), "2024-03 has intervals 0 to 742; 9999 is none."),
        (("--interval", 3, "--row", "nobody"), "nobody is no metering point of toits in 2024-03."),
    ],
)
def test_a_place_that_is_none_is_refused_in_a_sentence(partage, home, words, sentence):
    outcome = partage(*CONTEST, *words)
    assert outcome.code != 0
    assert sentence in outcome.err


def test_a_watch_pins_the_head_and_holds_each_run_once(partage, home):
    first = partage("watch", "--once")
    assert first.code == 0
    assert [line.split()[0] for line in first.out.splitlines()] == ["head", "holds"]
    again = json.loads(partage("watch", "--once", "--json").out)
    assert again["red"] is False
    assert [sighting["kind"] for sighting in again["sightings"]] == ["head"]


def test_a_watch_voids_a_run_that_lies(partage, lying):
    outcome = partage("watch", "--once")
    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.out.splitlines()] == ["head", "contested"]
    assert "shown: energy, allocation and running totals of" in outcome.out
    assert state_of(lying) == 4


def test_a_watch_is_red_on_a_chain_that_went_back_behind_what_was_pinned(partage, lying, tmp_path):
    chain = lying.home.root / "chain.sqlite"
    copied(chain, tmp_path / "before.sqlite")
    assert partage("watch", "--once").code == 0
    assert partage("watch", "--once").code == 0, "the head after the contest is pinned"
    copied(tmp_path / "before.sqlite", chain)
    outcome = partage("watch", "--once")
    assert outcome.code == RED
    assert outcome.out.startswith("forgotten")
    assert "the chain forgot block" in outcome.out
    assert partage("watch", "--once").code == RED, "what was pinned stays pinned"
