"""What keeps a store right: how the engines are set, the guards in the database, several writers, and power cuts."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.adapters.home import Home
from backend.adapters.store import open_store
from backend.adapters.store.engine import writing
from backend.errors import ConflictError, StoreBusyError, StoreError
from backend.ports import OutboxState
from backend.ports.failpoints import Crash, armed
from tests.integration.store.sample_records import (
    BATCH,
    BILL,
    ENTRY,
    KEYS,
    PERIOD,
    POSTING,
    RUN,
    SCHEDULE,
    put_period,
)

ROOT = Path(__file__).parents[3]


def engine_of(store):
    return store._engine  # noqa: SLF001 -- the tests look underneath


def run_python(script: str, *arguments: str, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# engines


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_is_set_so_that_what_was_committed_stays(store, home):
    with engine_of(store).connect() as connection:
        ask = lambda pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()  # noqa: E731
        assert ask("journal_mode") == "wal"
        assert ask("synchronous") == 2, "FULL: NORMAL loses acknowledged rows when the power goes"
        assert ask("foreign_keys") == 1
        assert ask("secure_delete") == 1
        assert ask("busy_timeout") == 20_000
    assert home.root.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_postgresql_waits_for_its_log_even_where_the_server_would_not(store):
    with writing(engine_of(store)) as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://u:secret@h/d", r"\(mysql://\.\.\.\) is no PostgreSQL address"),
        ("nonsense secret", "is no PostgreSQL address"),
        ("postgresql://u:secret@localhost", "is no PostgreSQL address"),
        ("postgresql://u:secret@localhost:1/d", "The database d on localhost cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(home, url, sentence):
    with pytest.raises(StoreError, match=sentence) as raised:
        open_store(home, url)
    assert "secret" not in str(raised.value)


def test_an_existing_store_opens_in_a_moment_without_alembic(home):
    open_store(home).close()
    script = (
        "import sys, time; from pathlib import Path; from backend.adapters.home import Home\n"
        "from backend.adapters.store import open_store\n"
        "start = time.perf_counter(); open_store(Home(Path(sys.argv[1])))\n"
        "assert 'alembic' not in sys.modules; print(time.perf_counter() - start)"
    )
    process = run_python(script, str(home.root))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert float(out) < 0.15


# guards


GOING_ROUND = [
    "UPDATE slot SET slot = 7",
    "DELETE FROM slot",
    "UPDATE period SET rule_version = 2",
    "UPDATE slot_key SET nonce = 'x'",
    "UPDATE batch SET root = 'x'",
    "UPDATE schedule SET root = 'x'",
    "UPDATE run SET root = 'x'",
    "UPDATE run SET basis = 'x'",
    "UPDATE run SET allocated = 1",
    "UPDATE run SET bill_totals = '{}'",
    "UPDATE bill SET content = '{}'",
    "UPDATE bill SET number = ''",
    "UPDATE invoice_counter SET last = last + 2",
    "UPDATE invoice_counter SET last = last",
    "DELETE FROM invoice_counter",
    "UPDATE posting SET entries = '[]'",
    "DELETE FROM posting",
    "UPDATE outbox SET state = 'pending'",
    "DELETE FROM outbox",
    "UPDATE access SET what = 'nothing'",
    "INSERT INTO slot VALUES ('nobody', 'x', 1)",
    "DELETE FROM period",
]


def test_the_database_refuses_whoever_goes_round_the_code(store):
    with store.transaction() as records:
        put_period(records)
        records.add_batch(BATCH)
        records.add_schedule(SCHEDULE)
        records.put_run(replace(RUN, bill_root="0x1", bill_totals={"debits": 1}))
        records.put_bill(replace(BILL, number="R-1"))
        records.add_posting(POSTING)
        records.announce(replace(ENTRY, state=OutboxState.FINAL))
        records.next_invoice_number("roof", 2017)
        records.log_access("u", "s", "w", 1)
    for statement in GOING_ROUND:
        refused = pytest.raises(ConflictError, match="refuses what contradicts")
        with refused, store.transaction() as records:
            records._session.execute(text(statement))  # noqa: SLF001


# erasure


def test_an_erased_key_is_in_no_file_of_the_store(store, home, database_url):
    secret = "deadbeef" * 8
    with store.transaction() as records:
        put_period(records)
        records._session.execute(  # noqa: SLF001
            text("INSERT INTO slot_key VALUES ('roof', :period, 5, :key, '0x')"),
            {"period": PERIOD, "key": secret},
        )
    folder = _data_folder(store, home, database_url)
    assert _holds(folder, secret)
    with store.transaction() as records:
        assert records.erase_slot_keys("roof", [5], PERIOD + 1) == 1
    assert not _holds(folder, secret)
    with store.reading() as records:
        assert records.slot_keys("roof", PERIOD) == KEYS


def _data_folder(store, home, database_url):
    """Of PostgreSQL the tables: its log is recycled by the server in its own time."""
    if database_url is None:
        return home.root
    with engine_of(store).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        return Path(connection.exec_driver_sql("SHOW data_directory").scalar()) / "base"


def _holds(folder, secret):
    return any(secret.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


# several writers

TAKE_NUMBERS = """
import sys
from pathlib import Path
from backend.adapters.home import Home
from backend.adapters.store import open_store
from backend.ports import ContractCall, OutboxEntry
store = open_store(Home(Path(sys.argv[1])), sys.argv[2] or None)
for turn in range(25):
    try:
        with store.transaction() as records:
            number = records.next_invoice_number("roof", 2017)
            records.announce(OutboxEntry(f"{sys.argv[3]}/{turn}", "roof", 1, ContractCall("a", "b", "c", ())))
            if turn % 5 == 4:
                raise RuntimeError("given back")
    except RuntimeError:
        continue
    print(number)
"""


def test_processes_make_the_store_and_take_numbers_without_gap_or_double(home, database_url, open_again):
    processes = [
        run_python(TAKE_NUMBERS, str(home.root), database_url or "", name) for name in ("a", "b", "c")
    ]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    taken = sorted(int(line) for out, _ in outputs for line in out.split())
    assert taken == list(range(1, 61))
    with open_again().reading() as records:
        assert [entry.sequence for entry in records.outbox()] == list(range(1, 61))


def test_threads_of_a_process_take_turns(store):
    def take():
        for _ in range(20):
            with store.transaction() as records:
                records.next_invoice_number("roof", 2017)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.transaction() as records:
        assert records.next_invoice_number("roof", 2017) == 81


def test_a_writer_that_waits_too_long_is_told_what_to_do_and_readers_never_wait(store, open_again):
    other = open_again(0.2)
    with store.transaction() as records:
        records.put_fact("x", 1)
        with pytest.raises(StoreBusyError, match="held by another process; wait until"), other.transaction():
            pass
        with other.reading() as view:
            assert view.fact("x") is None
    with other.transaction() as records:
        assert records.fact("x") == 1


# power cuts

WRITE_AND_DIE = """
import sys
from pathlib import Path
from backend.adapters.home import Home
from backend.adapters.store import open_store
store = open_store(Home(Path(sys.argv[1])), sys.argv[2] or None)
with store.transaction() as records:
    records.put_fact("x", records.next_invoice_number("roof", 2017))
"""


@pytest.mark.parametrize(
    ("point", "kept"),
    [("store.migrated", False), ("store.before_commit", False), ("store.after_commit", True)],
)
def test_a_process_killed_at_any_point_leaves_all_or_nothing(home, database_url, open_again, point, kept):
    process = run_python(WRITE_AND_DIE, str(home.root), database_url or "", PARTAGE_FAILPOINT=point)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err
    with open_again().transaction() as records:
        assert records.fact("x") == (1 if kept else None)
        assert records.next_invoice_number("roof", 2017) == (2 if kept else 1)


def test_a_crash_in_the_same_process_lets_go_of_the_store(store):
    with pytest.raises(Crash), armed("store.before_commit"), store.transaction() as records:
        records.put_fact("x", 1)
    with store.transaction() as records:
        assert records.fact("x") is None
        records.put_fact("x", 2)


def test_a_damaged_file_is_named(tmp_path):
    home = Home(tmp_path / "home")
    store = open_store(home)
    with store.transaction() as records:
        put_period(records)
    store.close()
    content = bytearray(home.database.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    home.database.write_bytes(content)
    with pytest.raises(StoreError, match=str(home.database)):
        open_store(home).reading().__enter__().communities()
