"""A backup is the whole home, taken while others work; a restore is whole or not at all."""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from backend.adapters.backup import backup, restore
from backend.adapters.home import Home
from backend.adapters.intervals import ParquetIntervals
from backend.adapters.key_vault import KeyVault
from backend.adapters.store import open_store
from backend.errors import ConflictError, NotFoundError, StoreError
from backend.ports.failpoints import Crash, armed
from tests.integration.intervals.sample_readings import everything, frame_of, hourly, load_of
from tests.integration.store.sample_records import COMMUNITY, ENTRY

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").create()
    store = open_store(home)
    with store.transaction() as records:
        records.put_community(COMMUNITY)
    store.close()
    intervals = ParquetIntervals(home.intervals)
    table = hourly(24 * 40)
    intervals.add_readings(load_of("a", table), table)
    intervals.add_allocation("roof", 17318, 1, frame_of())
    KeyVault(home.keys).account("steward")
    home.deployment.write_text('{"chain_id": 7}')
    (home.files / "a.csv").write_text("metering_point,start\n")
    with sqlite3.connect(home.chain) as chain:
        chain.execute("PRAGMA journal_mode = WAL")
        chain.execute("CREATE TABLE entries (key)")
        chain.execute("INSERT INTO entries VALUES ('block')")
    chain.close()
    (home.root / "chain.sqlite.lock").write_text("1")
    return home


@pytest.fixture(params=["home.tar.gz", "home.tar.zst"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return tmp_path / str(request.param)


def contents_of(home: Home) -> dict[str, object]:
    store = open_store(home)
    with store.reading() as records:
        communities, outbox = records.communities(), records.outbox()
    store.close()
    with sqlite3.connect(home.chain) as chain:
        blocks = chain.execute("SELECT key FROM entries").fetchall()
    chain.close()
    return {
        "communities": communities,
        "outbox": outbox,
        "intervals": everything(ParquetIntervals(home.intervals)),
        "frame": ParquetIntervals(home.intervals).allocation("roof", 17318, 1).energy.tolist(),
        "key": KeyVault(home.keys).require("steward").address,
        "deployment": home.deployment.read_text(),
        "files": (home.files / "a.csv").read_text(),
        "chain": blocks,
    }


def test_a_home_comes_back_whole(home, archive, tmp_path):
    before = contents_of(home)
    count = backup(home, archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    copy = Home(tmp_path / "far" / "copy")
    assert restore(archive, copy) == count
    assert contents_of(copy) == before == contents_of(home)
    assert (copy.keys / "steward.key").stat().st_mode & 0o777 == 0o600
    assert copy.root.stat().st_mode & 0o777 == 0o700
    assert not (copy.root / "chain.sqlite.lock").exists()
    assert not [path for path in home.root.iterdir() if path.name.startswith(".staging")]


def test_a_backup_taken_while_others_write_is_one_state(home, tmp_path):
    stop = threading.Event()

    def write():
        store = open_store(home)
        number = 0
        while not stop.is_set():
            number += 1
            with store.transaction() as records:
                records.announce(ENTRY.__class__(f"{number}/a", "roof", 1, ENTRY.call))
                records.announce(ENTRY.__class__(f"{number}/b", "roof", 1, ENTRY.call))
        store.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(3):
            backup(home, tmp_path / f"{number}.tar.zst")
    finally:
        stop.set()
        thread.join()
    copy = Home(tmp_path / "copy")
    restore(tmp_path / "2.tar.zst", copy)
    outbox = contents_of(copy)["outbox"]
    assert isinstance(outbox, list)
    assert len(outbox) % 2 == 0
    assert [entry.sequence for entry in outbox] == list(range(1, len(outbox) + 1))


def test_records_in_postgresql_are_left_to_its_own_tools(home, archive):
    with pytest.raises(StoreError, match=r"PostgreSQL \(PARTAGE_DATABASE_URL\), which `pg_dump` backs up"):
        backup(home, archive, "postgresql://u@h/d")
    assert not archive.exists()


def test_a_backup_never_overwrites_and_says_what_is_wrong(home, archive, tmp_path):
    archive.write_text("precious")
    with pytest.raises(ConflictError, match="exists; a backup never overwrites"):
        backup(home, archive)
    assert archive.read_text() == "precious"
    with pytest.raises(StoreError, match=r"home\.zip must end in \.tar\.gz or \.tar\.zst"):
        backup(home, tmp_path / "home.zip")
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        backup(home, tmp_path / "nowhere" / "home.tar.gz")
    with pytest.raises(NotFoundError, match="nothing to back up"):
        backup(Home(tmp_path / "empty"), tmp_path / "x.tar.gz")
    assert not list(tmp_path.glob("*.partial"))


def test_a_damaged_home_is_not_backed_up_as_a_sound_one(home, tmp_path):
    path = min(home.intervals.rglob("*.parquet"))
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(StoreError, match=f"{path.name} is damaged"):
        backup(home, tmp_path / "home.tar.gz")
    path.unlink()
    with pytest.raises(StoreError, match=f"{path.name} is missing"):
        backup(home, tmp_path / "home.tar.gz")
    path.write_bytes(content)
    database = bytearray(home.database.read_bytes())
    database[4096:8192] = b"\x5a" * 4096
    home.database.write_bytes(database)
    with pytest.raises(StoreError, match=r"partage\.db"):
        backup(home, tmp_path / "home.tar.gz")
    assert not (tmp_path / "home.tar.gz").exists()


def test_a_restore_never_overwrites(home, archive, tmp_path):
    backup(home, archive)
    with pytest.raises(ConflictError, match="is not empty; a restore never overwrites"):
        restore(archive, home)
    empty = Home(tmp_path / "empty")
    empty.root.mkdir()
    restore(archive, empty)
    assert contents_of(empty) == contents_of(home)
    with pytest.raises(NotFoundError, match="There is no archive"):
        restore(tmp_path / "none.tar.gz", Home(tmp_path / "x"))


# archives that somebody or something changed


def members_of(archive: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    content = archive.read_bytes()
    if archive.suffix == ".zst":
        content = pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as tar:
        return [(member, file.read()) for member in tar if (file := tar.extractfile(member))]


def write_archive(archive: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    archive.unlink()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz" if archive.suffix == ".gz" else "w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    if archive.suffix == ".gz":
        archive.write_bytes(buffer.getvalue())
        return
    with pa.CompressedOutputStream(str(archive), "zstd") as stream:
        stream.write(buffer.getvalue())


def listed_as(members, name: str, **changed):
    """The members, with the list of contents saying something else of one of them."""
    first, text = members[0]
    contents = json.loads(text)
    for file in contents["files"]:
        if file["path"] == name:
            file.update(changed)
    return [(first, json.dumps(contents).encode()), *members[1:]]


def change_content(members):
    return [*members[:-1], (members[-1][0], members[-1][1][:-1] + b"!")]


def lengthen_content(members):
    return [*members[:-1], (members[-1][0], members[-1][1] + b"!")]


def leave_one_out(members):
    return members[:-1]


def add_a_stranger(members):
    return [*members, (tarfile.TarInfo("stranger"), b"x")]


def give_one_twice(members):
    return [*members, members[-1]]


def lead_out(members):
    outside = "../outside"
    member, content = members[-1]
    changed = listed_as(members, member.name, path=outside)
    return [*changed[:-1], (tarfile.TarInfo(outside), content)]


def lead_to_the_root(members):
    outside = "/tmp/outside"  # noqa: S108 -- where nothing must be written
    member, content = members[-1]
    changed = listed_as(members, member.name, path=outside)
    return [*changed[:-1], (tarfile.TarInfo(outside), content)]


def put_a_link(members):
    link = tarfile.TarInfo(members[-1][0].name)
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return [*members[:-1], (link, b"")]


def begin_with_another(members):
    return members[1:]


def come_from_the_future(members):
    contents = {**json.loads(members[0][1]), "format": 2}
    return [(members[0][0], json.dumps(contents).encode()), *members[1:]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (change_content, "is damaged, its hash differs"),
        (lengthen_content, "is damaged, its hash differs"),
        (leave_one_out, "is incomplete: partage.db is missing"),
        (add_a_stranger, "holds 'stranger', which its list of contents does not"),
        (give_one_twice, "which its list of contents does not"),
        (lead_out, "outside"),
        (lead_to_the_root, "outside"),
        (put_a_link, "which its list of contents does not"),
        (begin_with_another, "is no backup of Partage"),
        (come_from_the_future, "has format 2, this Partage knows 1"),
    ],
)
def test_a_changed_archive_is_refused_and_leaves_nothing(home, archive, tmp_path, change, sentence):
    backup(home, archive)
    write_archive(archive, change(members_of(archive)))
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(StoreError, match=sentence):
        restore(archive, Home(tmp_path / "copy"))
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not Path("/tmp/outside").exists()  # noqa: S108


def test_an_archive_that_ends_early_or_is_something_else_is_refused(home, archive, tmp_path):
    backup(home, archive)
    content = archive.read_bytes()
    middle = len(content) // 2
    for damaged in (
        content[:middle],
        b"",
        b"not an archive",
        content[:middle] + b"\x00" * 64 + content[middle + 64 :],
    ):
        archive.write_bytes(damaged)
        with pytest.raises(StoreError):
            restore(archive, Home(tmp_path / "copy"))
        assert not (tmp_path / "copy").exists()
        assert not list(tmp_path.glob(".copy*"))


# power cuts


def test_a_restore_that_stops_leaves_no_home_and_the_next_one_tidies_up(home, archive, tmp_path):
    backup(home, archive)
    copy = Home(tmp_path / "copy")
    with pytest.raises(Crash), armed("backup.extracted"):
        restore(archive, copy)
    assert not copy.root.exists()
    script = (
        "import sys; from pathlib import Path; from backend.adapters.backup import restore\n"
        "from backend.adapters.home import Home; restore(Path(sys.argv[1]), Home(Path(sys.argv[2])))"
    )
    environment = {**os.environ, "PARTAGE_FAILPOINT": "backup.extracted"}
    command = [sys.executable, "-c", script, str(archive), str(copy.root)]
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == -signal.SIGKILL
    assert not copy.root.exists()
    assert len(list(tmp_path.glob(".copy.staging-*"))) == 1
    restore(archive, copy)
    assert contents_of(copy) == contents_of(home)
    assert not list(tmp_path.glob(".copy*"))


def test_a_backup_that_stops_leaves_no_archive(home, archive):
    with pytest.raises(Crash), armed("backup.written"):
        backup(home, archive)
    assert not archive.exists()
    assert backup(home, archive) > 5
