"""What is acknowledged is there, once, whatever happens to the process or the file."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.journal import FileJournal
from backend.errors import ConflictError, StoreError
from backend.ports.failpoints import Crash, armed
from tests.integration.journal.incoming import batch, kept, reading


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journal"


@pytest.fixture
def open_journal(folder):
    opened = []

    def open_one(**options):
        journal = FileJournal(folder, **options)
        opened.append(journal)
        return journal

    yield open_one
    for journal in opened:
        journal.close()


def active(folder):
    return folder / "toits" / "active.journal"


def test_batches_come_back_in_order_of_arrival(open_journal):
    journal = open_journal()
    for number in (3, 1, 2):
        assert journal.append("toits", batch(number))
    assert kept(journal) == [3, 1, 2]
    found = next(journal.batches("toits", journal.seal("toits")[0]))
    sent = batch(3)
    assert (found.id, found.digest, found.received_utc) == (sent.id, sent.digest, sent.received_utc)
    assert found.table.metering_points == ("m",)
    assert found.table.start_utc.tolist() == sent.table.start_utc.tolist()
    assert found.table.resolution_minutes == 15


def test_the_source_s_own_words_for_qualities_come_back(open_journal):
    journal = open_journal()
    table = replace(reading(4), code=np.array([1], np.int32), codes=("", "E52"))
    journal.append("toits", replace(batch(4), table=table))
    journal.append("toits", batch(5))
    found = [one.table for segment in journal.seal("toits") for one in journal.batches("toits", segment)]
    assert [one.codes for one in found] == [("", "E52"), ()]
    assert found[0].code is not None
    assert found[0].code.tolist() == [1]
    assert found[1].code is None


def test_a_repeated_batch_changes_nothing(open_journal):
    journal = open_journal()
    assert journal.append("toits", batch(1))
    assert not journal.append("toits", batch(1))
    assert kept(journal) == [1]


def test_a_repeated_batch_is_known_after_a_restart_and_after_it_became_a_load(open_journal):
    open_journal().append("toits", batch(1))
    second = open_journal()
    assert not second.append("toits", batch(1))
    for segment in second.seal("toits"):
        second.discard("toits", segment)
    assert not second.append("toits", batch(1))
    assert not open_journal().append("toits", batch(1))
    assert kept(second) == []


def test_a_batch_name_with_other_readings_is_refused(open_journal):
    journal = open_journal()
    journal.append("toits", batch(1, name="mine"))
    with pytest.raises(ConflictError, match="taken before with other readings"):
        journal.append("toits", batch(1, energy=7, name="mine"))
    assert kept(journal) == [1]


def test_two_journals_on_one_folder_see_each_others_batches(open_journal):
    one, other = open_journal(), open_journal()
    assert one.append("toits", batch(1))
    assert other.append("toits", batch(2))
    assert not one.append("toits", batch(2))
    assert not other.append("toits", batch(1))
    assert kept(one) == [1, 2]
    assert other.append("toits", batch(3))
    assert not one.append("toits", batch(3))
    assert not one.append("toits", batch(2))


def test_many_threads_share_flushes_and_lose_nothing(open_journal, monkeypatch):
    journal = open_journal()
    flushes = []
    flush = os.fsync

    def slow(descriptor):
        flushes.append(descriptor)
        time.sleep(0.002)
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    threads = [
        threading.Thread(
            target=lambda first=first: [journal.append("toits", batch(n)) for n in range(first, first + 20)]
        )
        for first in range(0, 320, 20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept(journal)) == list(range(320))
    assert len(flushes) < 80  # sixteen threads wait at the same time


def test_a_torn_tail_is_cut_when_the_journal_is_opened(open_journal, folder):
    first = open_journal()
    first.append("toits", batch(1))
    whole = active(folder).stat().st_size
    first.append("toits", batch(2))
    first.close()
    for length in range(whole + 1, active(folder).stat().st_size, 7):
        content = active(folder).read_bytes()
        active(folder).write_bytes(content[:length])
        again = open_journal()
        assert again.append("toits", batch(2)), length
        again.close()
    assert kept(open_journal()) == [1, 2]


def test_zeros_where_a_frame_should_be_are_cut_too(open_journal, folder):
    first = open_journal()
    first.append("toits", batch(1))
    first.close()
    with active(folder).open("ab") as file:
        file.write(bytes(5000))
    again = open_journal()
    again.append("toits", batch(2))
    assert kept(again) == [1, 2]


def test_damage_before_a_sound_frame_is_refused_not_cut(open_journal, folder):
    first = open_journal()
    for number in range(3):
        first.append("toits", batch(number))
    first.close()
    content = bytearray(active(folder).read_bytes())
    content[len(content) // 2] ^= 1
    active(folder).write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged in its midst.*partage restore"):
        open_journal().append("toits", batch(9))
    assert bytes(content) == active(folder).read_bytes()


def test_a_header_that_a_crash_tore_is_begun_again(open_journal, folder):
    active(folder).parent.mkdir(parents=True)
    active(folder).write_bytes(b"PTG")
    journal = open_journal()
    journal.append("toits", batch(1))
    assert kept(journal) == [1]


@pytest.mark.parametrize(
    "point",
    ["journal.frame_written", "journal.frame_flushed", "journal.batches_noted", "journal.segment_sealed"],
)
def test_a_crash_at_any_step_loses_no_acknowledged_batch_and_doubles_none(open_journal, point):
    journal = open_journal(segment_bytes_max=400)
    acknowledged = []

    def append_all():
        for number in range(20):
            journal.append("toits", batch(number))
            acknowledged.append(number)

    with armed(point, 2), pytest.raises(Crash):
        append_all()
    journal.close()
    again = open_journal(segment_bytes_max=400)
    for number in range(22):
        again.append("toits", batch(number))
    assert len(acknowledged) < 20
    assert kept(again) == list(range(22))


def test_a_write_that_fails_keeps_nothing_and_the_next_one_does(open_journal, monkeypatch):
    journal = open_journal()
    journal.append("toits", batch(1))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises((StoreError, OSError)):
            journal.append("toits", batch(2))
    assert journal.append("toits", batch(2))
    assert kept(journal) == [1, 2]


def test_a_segment_that_grows_too_large_is_sealed(open_journal, folder):
    journal = open_journal(segment_bytes_max=1000)
    for number in range(40):
        journal.append("toits", batch(number))
    assert len(journal.seal("toits")) > 3
    assert kept(journal) == list(range(40))


def test_the_oldest_batches_are_forgotten_beyond_the_bound(open_journal):
    journal = open_journal(segment_bytes_max=200, known_max=10)
    for number in range(60):
        journal.append("toits", batch(number))
    kept(journal)
    assert not journal.append("toits", batch(55))
    assert not open_journal(known_max=10).append("toits", batch(59))
    assert journal.append("toits", batch(0))


def test_a_segment_set_aside_is_out_of_the_way_and_not_gone(open_journal, folder):
    journal = open_journal()
    journal.append("toits", batch(1))
    segment = journal.seal("toits")[0]
    journal.set_aside("toits", segment)
    assert journal.seal("toits") == []
    assert journal.pending("toits") is None
    assert (folder / "toits" / "aside" / segment.name).exists()


def test_what_waits_is_told_without_reading_it(open_journal):
    journal = open_journal()
    assert journal.pending("toits") is None
    journal.append("toits", batch(5))
    journal.append("toits", batch(6))
    waiting = journal.pending("toits")
    assert waiting is not None
    assert waiting.since_utc == batch(5).received_utc
    assert journal.communities() == ["toits"]


def test_a_name_that_is_no_community_is_no_path(open_journal):
    with pytest.raises(StoreError, match="no community's id"):
        open_journal().append("../etc", batch(1))


@pytest.mark.slow
def test_killed_at_random_under_load_nothing_acknowledged_is_lost_or_doubled(folder, open_journal):
    draw = random.Random(5)
    acknowledged: list[int] = []
    for turn in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.journal.appending", str(folder), str(turn * 1_000_000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        acknowledged.append(int(process.stdout.readline()))
        time.sleep(draw.uniform(0.02, 0.3))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0]
        acknowledged += [int(line) for line in rest.split("\n")[:-1]]
        # Who was not answered asks again.
        journal = open_journal()
        for number in range(turn * 1_000_000, turn * 1_000_000 + 8):
            journal.append("toits", batch(number))
    found = kept(open_journal())
    assert len(acknowledged) > 50
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
