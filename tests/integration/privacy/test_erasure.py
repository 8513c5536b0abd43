"""Who asks to be forgotten is: nothing in any file or table tells of them, and what is on chain opens to nobody."""

import logging
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.uploads import HomeUploads
from backend.api.application import create_app
from backend.api.daily_erasure import DailyErasure
from backend.api.settings import ApiSettings
from backend.errors import ConflictError, NotFoundError
from backend.metering import ReadingTable
from backend.metering.source_series import RegisterRead, SeriesName
from backend.ports import ReadingLoad
from backend.ports.failpoints import Crash, armed
from backend.services.bundles import make_bundle
from backend.services.load_community import load_community
from backend.services.privacy import ask_erasure, plan_erasure, take_back_erasure
from backend.services.privacy_erasure import erase_due
from tests.integration.journal.incoming import batch, reading
from tests.integration.privacy.leaver import (
    LEFT,
    NAME,
    NUMBER,
    PERSON,
    POINT,
    YEAR,
    erase,
    join,
    open_home,
    settle,
)
from tests.integration.settlement.small_community import MONTH


def everything_in(home, *but):
    """Every byte of every file of the home."""
    return {
        path.relative_to(home.root).as_posix(): path.read_bytes()
        for path in home.root.rglob("*")
        if path.is_file() and not path.name.startswith(but)
    }


def files_with(home, words, *but):
    found = {}
    for name, content in everything_in(home, *but).items():
        hits = [word for word in words if word.encode() in content or word.upper().encode() in content]
        if hits:
            found[name] = hits
    return found


def parquet_words(home):
    """Compressed columns hide words from a search of bytes, so they are read."""
    import pyarrow.parquet as pq

    words = set()
    for path in home.intervals.rglob("*.parquet"):
        table = pq.read_table(path)
        if "metering_point" in table.column_names:
            words |= set(table["metering_point"].to_pylist())
    return words


class SendsMeanwhile:
    """Erases from files, while the leaver's device goes on sending."""

    def __init__(self, wiring):
        self._wiring = wiring

    def erase_words(self, words, logins):
        table = reading(0, point=POINT)
        self._wiring.incoming.journal.append("toits", replace(batch(0), table=table))
        self._wiring.erasers.files.erase_words(words, logins)


def secrets_of(wiring):
    with wiring.store.reading() as records:
        slot = records.community("toits").slots[POINT]
        (key,) = [key for key in records.slot_keys("toits", MONTH.id) if key.slot == slot]
    return key


def advance_until_due(wiring, years):
    wiring.clock.advance(years * YEAR)


def test_nothing_in_any_file_or_table_tells_of_who_was_forgotten(wiring):
    user, address = join(wiring)
    key = secrets_of(wiring)
    words = [PERSON, POINT, NUMBER, NAME, "Quintessenz", user.id, "quint@toits", key.key[2:], key.nonce[2:]]
    words += ["Y3JlZGVudGlhbA", "sealed-"]
    before = files_with(wiring.home, words, "chain")
    assert {word for hits in before.values() for word in hits} == set(
        words
    )  # so does this search see what is there
    assert {POINT, NUMBER} & parquet_words(wiring.home)
    ask_erasure(wiring.context, "toits", PERSON)
    (first,) = erase_due(wiring.context, replace(wiring.erasers, files=SendsMeanwhile(wiring)))
    assert first.begun
    assert not first.done
    wiring.incoming.seal("toits")
    assert files_with(wiring.home, words[5:], "chain") == {}
    assert not {POINT, NUMBER} & parquet_words(wiring.home)
    advance_until_due(wiring, 11)
    (last,) = erase(wiring)
    assert last.done
    assert erase(wiring) == []
    wiring.store.close()
    assert files_with(wiring.home, [*words, address[2:], address[2:].lower()], "chain") == {}
    chain = files_with(wiring.home, words)
    assert chain == {}, "nor has the chain ever known any of it"


def test_no_row_that_is_left_joins_a_slot_to_who_had_it(wiring):
    join(wiring)
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    advance_until_due(wiring, 11)
    (done,) = erase(wiring)
    wiring.store.close()
    with sqlite3.connect(wiring.home.database) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    text = repr(rows)
    assert done.alias in text
    assert PERSON not in text
    assert rows["account"] == rows["passkey"] == rows["login"] == rows["key_backup"] == []
    assert rows["erasing"] == []
    assert '"ben":{"gain":2}' in repr(rows["rehearsal"]), "a neighbour's line stays"
    assert [row[1] for row in rows["erasure"]] == [done.alias]
    assert [row[1] for row in rows["access"]] == [done.alias], (
        "the look at a neighbour stays that neighbour's to know"
    )


def test_the_leaves_on_chain_open_to_nobody_once_the_keys_are_gone(wiring):
    settled_root = make_bundle(wiring.context, "toits", MONTH, PERSON)
    assert settled_root["points"]
    key = secrets_of(wiring)
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with wiring.store.reading() as records:
        assert len(records.slot_keys("toits", MONTH.id)) == 3
    for participant in (PERSON, "ben"):
        with pytest.raises(NotFoundError, match=r"were erased"):
            make_bundle(wiring.context, "toits", MONTH, participant)
    frame = wiring.context.intervals.allocation("toits", MONTH.id, 1)
    assert not frame.energy[key.slot].any()
    assert not frame.allocated[key.slot].any()
    assert not frame.rounds.any(), "less the others, an interval's total would give the erased"
    assert frame.energy[[1, 2, 3]].any(axis=1).all()
    assert key.slot not in frame.links[:, :2]


def test_what_the_law_asks_for_is_kept_until_its_time(wiring):
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with wiring.store.reading() as records:
        bill = records.bill("toits", MONTH.id, 1, PERSON)
        postings = records.postings("toits")
    assert bill.content["participant"]["name"] == NAME
    advance_until_due(wiring, 10)
    assert erase(wiring) == []
    advance_until_due(wiring, 1)
    assert erase(wiring)[0].periods == (MONTH.id,)
    with wiring.store.reading() as records:
        assert records.bill("toits", MONTH.id, 1, PERSON) is None
        assert records.bill("toits", MONTH.id, 1, "ben").content["neighbours"]
        assert records.postings("toits") == postings, "they tell of seats, and balance"


def test_a_member_whose_meter_is_still_in_is_not_erased(tmp_path):
    wiring = open_home(tmp_path / "home")
    settle(wiring)
    ask_erasure(wiring.context, "toits", "ben")
    assert [part.waits_for for part in plan_erasure(wiring.context, "toits", "ben").parts] == [
        "membership"
    ] * 3
    advance_until_due(wiring, 20)
    assert erase(wiring) == []


def test_nobody_is_erased_before_their_last_bill_was_due(wiring):
    early = open_home(wiring.home.root.parent / "early", now=1_711_929_600)
    settle(early)
    ask_erasure(early.context, "toits", PERSON)
    assert erase(early) == []
    plan = plan_erasure(early.context, "toits", PERSON)
    early.clock.advance(plan.due_utc("readings_and_keys") - early.clock.now_utc() - 1)
    assert erase(early) == []
    early.clock.advance(1)
    assert erase(early)[0].begun


def test_the_wish_can_be_taken_back_until_it_is_done(wiring):
    ask_erasure(wiring.context, "toits", PERSON)
    take_back_erasure(wiring.context, "toits", PERSON)
    assert erase(wiring) == []
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    with pytest.raises(ConflictError, match="begun"):
        take_back_erasure(wiring.context, "toits", PERSON)


def test_what_others_have_is_untouched(wiring):
    points = ["ben-load", "ben-solar", "cleo-load"]
    start, end = 1_709_247_600, 1_711_922_400
    before = wiring.context.intervals.readings("toits", points, start, end)
    (ben,) = [wiring.context.store]
    with ben.reading() as records:
        bill = records.bill("toits", MONTH.id, 1, "cleo")
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    after = wiring.context.intervals.readings("toits", points, start, end)
    for column in ("point", "start_utc", "energy", "quality"):
        assert (getattr(before, column) == getattr(after, column)).all()
    with wiring.store.reading() as records:
        assert records.bill("toits", MONTH.id, 1, "cleo") == bill
    view = wiring.context.community("toits")
    assert [known.id for known in view.community.participants][1:] == ["ben", "cleo"]
    assert view.community.participants[1] == replace(view.community.participants[1], name="Ben")
    assert LEFT.count("valid_to") == sum(bool(point.valid_to) for point in view.community.metering_points)


FEEDERS = f"""
[[feeders]]
id = "street"
external_id = "FR-7"
metering_points = ["{POINT}", "ben-load"]

[[feeders]]
id = "lane"
metering_points = ["cleo-load"]
"""


def test_what_registers_and_feeders_showed_of_them_goes_too(wiring):
    load_community(wiring.context, LEFT + FEEDERS, "toits.toml")
    reads = [
        RegisterRead(SeriesName(point, 0), 1_709_247_600, 5, f"meter-of-{point}")
        for point in (POINT, "ben-load")
    ]
    series = ["street~drawn", "street~given", "lane~drawn"]
    table = ReadingTable(
        tuple(series),
        np.arange(3, dtype=np.int32),
        np.full(3, 1_709_247_600, np.int64),
        np.full(3, 7, np.int64),
        np.zeros(3, np.uint8),
        60,
    )
    load = ReadingLoad("reads", "toits", 0, ("f.csv",), "0x", "0x", 3, registers=2)
    wiring.context.intervals.add_readings(load, table, reads)
    uploads = HomeUploads(wiring.home.cache / "uploads", wiring.clock)
    for content in (b"FR-7,5", b"street~drawn,5", b"lane,5"):
        with uploads.receive("toits", "feeder.csv", "user") as incoming:
            incoming.write(content)
            uploads.keep_look(incoming.finish(), {"accepted": True})
    ask_erasure(wiring.context, "toits", PERSON)
    erase(wiring)
    assert [upload.bytes for upload in uploads.all("toits")] == [len("lane,5")]
    intervals = wiring.context.intervals
    assert list(intervals.register_reads("toits", [POINT, "ben-load"], 0, 2**40)) == ["ben-load"]
    assert intervals.readings("toits", series, 0, 2**40).point.tolist() == [2]
    street, lane = wiring.context.community("toits").community.feeders
    assert street.metering_points[1:] == ("ben-load",)
    assert POINT not in street.metering_points
    assert lane.metering_points == ("cleo-load",)


def test_the_service_forgets_by_itself_who_is_due(wiring, caplog):
    user, _ = join(wiring)
    wiring.home.files.joinpath("quint-notes.txt").write_text("quint-load was read by hand")
    daily = DailyErasure(create_app(wiring, ApiSettings()).state.services)
    assert daily.erase() == []
    ask_erasure(wiring.context, "toits", PERSON)
    with caplog.at_level(logging.INFO):
        (erased,) = daily.erase()
    assert erased.begun
    assert daily.erase() == []
    with wiring.store.reading() as records:
        assert records.user(user.id) is None
    assert PERSON not in caplog.text
    assert not wiring.home.files.joinpath("quint-notes.txt").exists()


@pytest.mark.parametrize(
    "point", ["intervals.erasure_written", "intervals.erasure_listed", "store.before_commit"]
)
def test_a_crash_anywhere_is_healed_by_erasing_again(wiring, point):
    join(wiring)
    ask_erasure(wiring.context, "toits", PERSON)
    with armed(point), pytest.raises(Crash):
        erase(wiring)
    (erased,) = erase(wiring)
    assert erased.begun
    assert not {POINT, NUMBER} & parquet_words(wiring.home)
    assert wiring.context.community("toits").community.points_of(erased.alias)
    advance_until_due(wiring, 11)
    assert erase(wiring)[0].done
    wiring.store.close()
    assert files_with(wiring.home, [PERSON, POINT, NUMBER, NAME], "chain") == {}
