"""The store under the embedded chain: keys, values and logs, changed a commit at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.adapters.chain.embedded_store import LogQuery, LogRow, SqliteStore
from backend.errors import ChainUnavailableError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.sqlite"


@pytest.fixture
def store(path: Path):
    opened = SqliteStore(path, "rwc")
    yield opened
    opened.close()


def log(block: int, position: int = 0, address: bytes = b"a" * 20, *topics: bytes) -> LogRow:
    return LogRow(block, position, address, topics, b"data", b"b" * 32, b"t" * 32, 0)


def test_changes_are_seen_at_once_by_whoever_makes_them_and_by_others_with_the_commit(
    path: Path, store: SqliteStore
):
    store[b"first"] = b"1"
    store.commit()
    with_others = SqliteStore(path, "ro")
    store[b"second"] = b"2"
    del store[b"first"]
    store.add_log(log(1))
    assert store[b"second"] == b"2"
    assert b"first" not in store
    assert with_others[b"first"] == b"1"
    assert b"second" not in with_others
    assert with_others.find_logs(LogQuery(0, 9), limit=9) == []
    store.commit()
    assert b"first" not in with_others
    assert with_others[b"second"] == b"2"
    assert with_others.find_logs(LogQuery(0, 9), limit=9) == [log(1)]
    with_others.close()


def test_what_is_discarded_was_never_there(store: SqliteStore):
    store[b"kept"] = b"1"
    store.commit()
    store[b"kept"] = b"2"
    store[b"new"] = b"3"
    store.add_log(log(1))
    store.discard()
    store.commit()
    assert store[b"kept"] == b"1"
    assert b"new" not in store
    assert store.find_logs(LogQuery(0, 9), limit=9) == []


def test_what_is_not_there_cannot_be_read_or_deleted(store: SqliteStore):
    store.commit()
    with pytest.raises(KeyError):
        store[b"nothing"]
    with pytest.raises(KeyError):
        del store[b"nothing"]


def test_a_commit_that_fails_leaves_the_file_and_the_next_commit_as_if_it_had_not_been(store: SqliteStore):
    store[b"kept"] = b"1"
    store.add_log(log(1))
    store.commit()
    store[b"kept"] = b"2"
    store.add_log(log(1))  # the place is taken
    with pytest.raises(sqlite3.IntegrityError):
        store.commit()
    assert store[b"kept"] == b"1"
    store[b"next"] = b"3"
    store.commit()
    assert store[b"next"] == b"3"
    assert store[b"kept"] == b"1"


def test_each_commit_waits_for_the_disk(path: Path, store: SqliteStore):
    store.commit()
    connection = store._connection  # noqa: SLF001 -- what survives a power cut shows in SQLite's settings only
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_store_is_born_with_its_first_commit(path: Path, store: SqliteStore):
    born = [store.is_born]
    store.commit()
    again = SqliteStore(path, "ro")
    born += [store.is_born, again.is_born]
    again.close()
    assert born == [False, True, True]


def test_a_reader_neither_makes_nor_changes_a_file(path: Path, tmp_path: Path, store: SqliteStore):
    with pytest.raises(ChainUnavailableError, match="cannot be"):
        SqliteStore(tmp_path / "absent", "ro")
    with pytest.raises(ChainUnavailableError, match="cannot be"):
        SqliteStore(tmp_path / "absent", "rw")
    assert not (tmp_path / "absent").exists()
    store.commit()
    reader = SqliteStore(path, "ro")
    reader[b"dream"] = b"1"
    with pytest.raises(AssertionError):
        reader.commit()
    reader.close()
    assert b"dream" not in store


def test_a_database_of_another_program_or_another_format_is_refused(tmp_path: Path):
    other = tmp_path / "photos.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE photos (name TEXT)")
    connection.commit()
    with pytest.raises(ChainUnavailableError, match="another program; choose another file"):
        SqliteStore(other, "rwc")
    connection.execute("PRAGMA application_id = 1347572807")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(ChainUnavailableError, match="format 2, this program reads 1"):
        SqliteStore(other, "rw")


NAMES = [letter.encode() * 20 for letter in "abc"]
TOPICS = [letter.encode() * 32 for letter in "xyz"]
ROWS = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from(NAMES), st.lists(st.sampled_from(TOPICS), max_size=4)),
    max_size=25,
)
QUERIES = st.builds(
    LogQuery,
    first_block=st.integers(0, 8),
    last_block=st.integers(0, 8),
    addresses=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    topics=st.lists(st.lists(st.sampled_from(TOPICS), max_size=2).map(tuple), max_size=4).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=ROWS, query=QUERIES, limit=st.integers(1, 30))
def test_logs_are_found_as_if_each_were_looked_at(
    rows: list[tuple[int, bytes, list[bytes]]],
    query: LogQuery,
    limit: int,
    tmp_path_factory: pytest.TempPathFactory,
):
    store = SqliteStore(tmp_path_factory.mktemp("logs") / "chain.sqlite", "rwc")
    logs = [log(block, place, address, *topics) for place, (block, address, topics) in enumerate(rows)]
    for one in logs:
        store.add_log(one)
    store.commit()

    def fits(one: LogRow) -> bool:
        return (
            query.first_block <= one.block <= query.last_block
            and (not query.addresses or one.address in query.addresses)
            and len(one.topics) >= len(query.topics)
            and all(
                not wanted or topic in wanted for wanted, topic in zip(query.topics, one.topics, strict=False)
            )
        )

    expected = sorted((one for one in logs if fits(one)), key=lambda one: (one.block, one.position))
    assert store.find_logs(query, limit=limit) == expected[:limit]
    store.close()


def test_a_search_that_takes_too_long_is_ended_and_the_next_is_not(store: SqliteStore):
    for number in range(20_000):
        store.add_log(log(number, 0, b"a" * 20, number.to_bytes(32, "big")))
    store.commit()
    wanted = LogQuery(0, 20_000, topics=((),))
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        store.find_logs(wanted, limit=30_000, is_too_late=lambda: True)
    assert len(store.find_logs(wanted, limit=30_000, is_too_late=lambda: False)) == 20_000
