"""Backup and restore of a home: one archive that holds all of it, checked hash by hash.

A backup is taken while others work. Its parts are copied in an order that any later command heals: records first, then
intervals, then the chain. What the copied records announce, the copied chain has or is sent again; a load or a run's
rows that the records do not know yet are taken as they are when the same is done again.

The archive holds the keys: whoever has it can sign. It is readable by its owner alone; keep it so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tarfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from backend.adapters.durable_files import PARTIAL_SUFFIX, flush_folder
from backend.adapters.file_lock import FileLock
from backend.adapters.intervals.manifest import MANIFEST_NAME, load_manifest
from backend.errors import ConflictError, NotFoundError, StoreError
from backend.ports.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.home import Home

__all__ = ["backup", "restore"]

CONTENTS_NAME = "backup.json"
_FORMAT = 1
_CONTENTS_BYTES_MAX = 64 * 1024 * 1024
_CHUNK_BYTES = 1 << 20
_LOCK_WAIT_SECONDS = 30.0
_SQLITE_MAGIC = b"SQLite format 3\0"
# Locks and what SQLite keeps beside a database while it is open: the copy of the database holds it already.
_PASSING_SUFFIXES = (".lock", ".migration", "-wal", "-shm", "-journal", PARTIAL_SUFFIX)
_PASSING_NAMES = frozenset({"lock"})
_STAGING = ".staging-"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file of an archive.

    Attributes:
        path: Within the home, with slashes.
        sha256: Of its bytes, hexadecimal.
        size: [bytes]
        mode: Permissions of its owner.
    """

    path: str
    sha256: str
    size: int
    mode: int


def backup(home: Home, target: Path, database_url: str | None = None) -> int:
    """Write all of a home into one archive, while others work in it.

    Args:
        home: What to copy.
        target: ``.tar.gz`` or ``.tar.zst``; nothing may stand there.
        database_url: What ``PARTAGE_DATABASE_URL`` says, if it says anything.

    Returns:
        How many files it holds. [1]

    Raises:
        StoreError: If the records are in PostgreSQL, something cannot be read, or is damaged.
        NotFoundError: If there is no home.
        ConflictError: If something stands where the archive shall be.
    """
    if database_url:
        raise StoreError(
            "The records are in PostgreSQL (PARTAGE_DATABASE_URL), which `pg_dump` backs up and `pg_restore` restores. "
            "Run it, then unset PARTAGE_DATABASE_URL for this command to back up intervals, keys and chain."
        )
    if not home.exists():
        raise NotFoundError(
            f"There is nothing to back up in {home.root}; set PARTAGE_HOME to the home that you mean."
        )
    if target.exists():
        raise ConflictError(f"{target} exists; a backup never overwrites another. Choose another name.")
    _require_known_ending(target)
    staging = home.root / f"{_STAGING}{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    try:
        _stage(home, staging)
        kept = [_describe(staging, path) for path in sorted(staging.rglob("*")) if path.is_file()]
        _require_intervals(staging, home, kept)
        _write_archive(staging, kept, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return len(kept)


def _stage(home: Home, staging: Path) -> None:
    if home.database.exists():
        _copy_database(home.database, staging / home.database.name)
        reach("backup.records_copied")
    # Before the intervals: what becomes a load meanwhile is in one of both, or in both and known by its hash.
    _copy_journal(home, staging)
    if home.intervals.exists():
        for folder in sorted(path for path in home.intervals.iterdir() if path.is_dir()):
            _link_intervals(folder, staging / home.intervals.name / folder.name)
    for path in sorted(home.root.rglob("*")):
        inside = path.relative_to(home.root)
        done = (
            inside.parts[0] in {home.intervals.name, home.journal.name}
            or path == home.database
            or inside.parts[0].startswith(_STAGING)
        )
        if done or not path.is_file() or path.is_symlink() or _is_passing(path):
            continue
        place = staging / inside
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_database(path):
            _copy_database(path, place)
        else:
            shutil.copy2(path, place)


def _copy_journal(home: Home, staging: Path) -> None:
    for folder in sorted(home.journal.iterdir()) if home.journal.is_dir() else ():
        if not folder.is_dir():
            continue
        # Under its lock nothing is added or renamed; what goes away has become a load.
        with FileLock(folder / "lock", f"the journal of {folder.name}").hold("a backup", _LOCK_WAIT_SECONDS):
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not _is_passing(path):
                    place = staging / path.relative_to(home.root)
                    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    with contextlib.suppress(FileNotFoundError):
                        shutil.copy2(path, place)


def _is_passing(path: Path) -> bool:
    return path.name in _PASSING_NAMES or path.name.endswith(_PASSING_SUFFIXES)


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC


def _copy_database(source: Path, place: Path) -> None:
    """Copy one state of a database that others may be writing to."""
    try:
        old = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOCK_WAIT_SECONDS)
        new = sqlite3.connect(place)
        try:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
            faults = [row[0] for row in new.execute("PRAGMA quick_check(1)")]
        finally:
            old.close()
            new.close()
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied: {error}.") from error
    if faults != ["ok"]:
        raise StoreError(f"{source} is damaged ({faults[0]}); restore it from an older backup.")
    place.chmod(0o600)


def _link_intervals(folder: Path, place: Path) -> None:
    """Take a community's manifest and the files that it lists. They never change, so a second name is a copy."""
    lock = FileLock(folder / "lock", f"the interval store of {folder.name}")
    with lock.hold("backup", _LOCK_WAIT_SECONDS):
        manifest_path = folder / MANIFEST_NAME
        if not manifest_path.exists():
            return
        for name in sorted(load_manifest(manifest_path).hashes):
            target = place / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                os.link(folder / name, target)
            except FileNotFoundError:
                raise StoreError(f"{folder / name} is missing, though the manifest lists it.") from None
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(manifest_path, place / MANIFEST_NAME)


def _describe(staging: Path, path: Path) -> _Kept:
    status = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _Kept(path.relative_to(staging).as_posix(), digest, status.st_size, status.st_mode & 0o700)


def _require_intervals(staging: Path, home: Home, kept: list[_Kept]) -> None:
    """Refuse to keep a damaged interval file: its backup would replace a sound one."""
    hashes = {file.path: file.sha256 for file in kept}
    name = home.intervals.name
    for manifest_path in (staging / name).glob(f"*/{MANIFEST_NAME}"):
        manifest = load_manifest(manifest_path)
        for path, sha256 in manifest.hashes.items():
            inside = f"{name}/{manifest_path.parent.name}/{path}"
            if hashes.get(inside) != sha256:
                raise StoreError(
                    f"{home.root / inside} is damaged: its hash is not the one in the manifest. "
                    "Restore an older backup first."
                )


def _require_known_ending(path: Path) -> None:
    if not path.name.endswith((".tar.gz", ".tar.zst")):
        raise StoreError(
            f"{path.name} must end in .tar.gz or .tar.zst: the ending says how it is compressed."
        )


@contextmanager
def _opened_for_writing(path: Path) -> Iterator[tarfile.TarFile]:
    if path.name.endswith(".tar.gz" + PARTIAL_SUFFIX):
        with tarfile.open(path, "w:gz", compresslevel=6) as archive:
            yield archive
        return
    import pyarrow as pa

    with (
        pa.CompressedOutputStream(str(path), "zstd") as stream,
        tarfile.open(fileobj=stream, mode="w|") as archive,
    ):
        yield archive


@contextmanager
def _opened_for_reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path, "r|gz") as archive:
                yield archive
            return
        import pyarrow as pa

        with (
            pa.CompressedInputStream(str(path), "zstd") as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            yield archive
    except FileNotFoundError:
        raise NotFoundError(f"There is no archive {path}.") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise StoreError(f"{path} cannot be read as a backup: {error}. Nothing was restored.") from error


def _write_archive(staging: Path, kept: list[_Kept], target: Path) -> None:
    partial = target.with_name(target.name + PARTIAL_SUFFIX)
    contents = {
        "format": _FORMAT,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": [asdict(file) for file in kept],
    }
    try:
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with _opened_for_writing(partial) as archive:
            _add(
                archive,
                CONTENTS_NAME,
                BytesIO(data := json.dumps(contents, indent=1).encode()),
                len(data),
                0o600,
            )
            for file in kept:
                with (staging / file.path).open("rb") as stream:
                    _add(archive, file.path, stream, file.size, file.mode)
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        reach("backup.written")
        try:
            os.link(partial, target)  # refuses what stands there by now, as a rename would not
        except FileExistsError:
            raise ConflictError(
                f"{target} exists; a backup never overwrites another. Choose another name."
            ) from None
        flush_folder(target.parent)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _add(archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, mode
    archive.addfile(member, stream)


def restore(archive: Path, home: Home) -> int:
    """Put a home back from an archive, into a place where there is none.

    All files are written beside the home and checked; only then do they become the home, at once. If anything is
    wrong, or the machine stops, there is no home, rather than a part of one.

    Returns:
        How many files were restored. [1]

    Raises:
        ConflictError: If there is a home already.
        NotFoundError: If there is no such archive.
        StoreError: If the archive is damaged, incomplete, or not of this program.
    """
    root = home.root
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise ConflictError(
            f"{root} is not empty; a restore never overwrites. Set PARTAGE_HOME to a new folder, or move that one."
        )
    _require_known_ending(archive)
    root.parent.mkdir(parents=True, exist_ok=True)
    for remains in root.parent.glob(f".{root.name}{_STAGING}*"):
        shutil.rmtree(remains)
    staging = root.parent / f".{root.name}{_STAGING}{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    try:
        with _opened_for_reading(archive) as members:
            count = _extract(members, staging, archive)
        _flush_tree(staging)
        reach("backup.extracted")
        staging.rename(root)  # takes the place of an empty folder too
        flush_folder(root.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    home.create()
    return count


def _extract(members: tarfile.TarFile, staging: Path, archive: Path) -> int:
    following = iter(members)
    expected = _read_contents(members, next(following, None), archive)
    count = len(expected)
    for member in following:
        file = expected.pop(member.name, None)
        if file is None or not member.isreg():
            raise StoreError(
                f"{archive} holds {member.name!r}, which its list of contents does not; nothing was restored."
            )
        place = _place_of(member, staging, archive)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        stream = members.extractfile(member)
        assert stream is not None
        if member.size != file.size or _write_and_hash(stream, place, file.mode) != file.sha256:
            raise StoreError(f"{archive}: {file.path} is damaged, its hash differs; nothing was restored.")
    if expected:
        raise StoreError(f"{archive} is incomplete: {min(expected)} is missing; nothing was restored.")
    return count


def _place_of(member: tarfile.TarInfo, staging: Path, archive: Path) -> Path:
    """Where a member goes: inside, whatever its name says."""
    path = PurePosixPath(member.name)
    try:
        tarfile.data_filter(member, str(staging))
    except tarfile.FilterError as error:
        raise StoreError(f"{archive}: {error}; nothing was restored.") from None
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise StoreError(f"{archive}: {member.name!r} leads out of the home; nothing was restored.")
    return staging / path


def _read_contents(
    members: tarfile.TarFile, first: tarfile.TarInfo | None, archive: Path
) -> dict[str, _Kept]:
    stream = members.extractfile(first) if first is not None and first.name == CONTENTS_NAME else None
    if first is None or stream is None or first.size > _CONTENTS_BYTES_MAX:
        raise StoreError(f"{archive} is no backup of Partage: it does not begin with {CONTENTS_NAME}.")
    try:
        contents: dict[str, Any] = json.loads(stream.read())
        if contents["format"] != _FORMAT:
            raise StoreError(
                f"{archive} has format {contents['format']}, this Partage knows {_FORMAT}; use a newer one."
            )
        files = [_Kept(**file) for file in contents["files"]]
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{archive}: its list of contents is damaged; nothing was restored.") from None
    return {file.path: file for file in files}


def _write_and_hash(stream: IO[bytes], place: Path, mode: int) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode & 0o700)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _flush_tree(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            flush_folder(path)
