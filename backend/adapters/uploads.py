"""``UploadedFiles`` in the home's cache: ``cache/uploads/<community>/<id>/``, readable by its owner alone.

A content lies in a folder beside an ``upload.json`` that is written last: what lacks one was cut off, and is swept with
what waits for longer than a look lasts. A name from outside never leads anywhere: a folder of our own holds the file,
and of its name only letters, digits, dots, dashes and underscores are left.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import re
import secrets
import shutil
import threading
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from backend.adapters.durable_files import make_folder
from backend.adapters.erased_files import naming
from backend.errors import InputError, NotFoundError, TooManyAttemptsError
from backend.ports.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO, Self

    from backend.ports import Clock

__all__ = ["UPLOAD_BYTES_MAX", "HomeUploads", "IncomingUpload", "harmless_name"]

UPLOAD_BYTES_MAX = 256 * 1024 * 1024
WAITING_MAX = 20  # uploads of a community at a time
WAITING_BYTES_MAX = 1024 * 1024 * 1024
WAITING_SECONDS_MAX = 6 * 3_600
"""A file holds more than its look: it is kept for as long as somebody sits before it. [s]"""
AT_ONCE_MAX = 4
_NAME_CHARACTERS = 100
_UNWANTED = re.compile(r"[^A-Za-z0-9._-]+")
_COMMUNITY = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ID = re.compile(r"[0-9a-f]{32}")
_NOTE = "upload.json"
_CONTENT = "content"


def harmless_name(name: str) -> str:
    """A name for a file of ours: of its last part what no shell, path or table reads as more than a name."""
    last = re.split(r"[\\/]", name)[-1]
    stem, dot, suffix = _UNWANTED.sub("_", last).strip("._-").rpartition(".")
    stem, suffix = (stem, suffix[:20]) if dot else (suffix, "")
    stem = stem[: _NAME_CHARACTERS - len(suffix) - 1].strip("._-") or "file"
    return f"{stem}.{suffix}" if suffix else stem


class HomeUploads:
    """Implements ``backend.ports.uploads.UploadedFiles``.

    Args:
        folder: Made where it is absent.
        clock: Time.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._places = threading.BoundedSemaphore(AT_ONCE_MAX)

    def receive(
        self, community: str, name: str, user: str, options: Mapping[str, Any] | None = None
    ) -> IncomingUpload:
        """Begin an upload: write its bytes as they come, then ``finish`` it.

        Args:
            community: Its id.
            name: What its sender calls it.
            user: Id of who sends it.
            options: How it is to be read.

        Raises:
            InputError: If too much waits.
            TooManyAttemptsError: If too many are sent at a time.
        """
        self.sweep(community)
        waiting = self.all(community)
        total = sum(upload.bytes for upload in waiting)
        if len(waiting) >= WAITING_MAX or total >= WAITING_BYTES_MAX:
            raise InputError(
                f"{len(waiting)} files of {total:,} bytes wait to be loaded; load them or throw them away first."
            )
        if not self._places.acquire(blocking=False):
            raise TooManyAttemptsError(
                "Many files are being sent at this moment; try again soon.", wait_seconds=10
            )
        try:
            folder = self._of(community) / secrets.token_hex(16)
            for part in (self._folder.parent, self._folder, folder.parent, folder, folder / _CONTENT):
                make_folder(part, 0o700)
            return IncomingUpload(
                self,
                folder,
                Upload(
                    id=folder.name,
                    community=community,
                    name=harmless_name(name),
                    bytes=0,
                    sha256="",
                    user=user,
                    received_utc=self._clock.now_utc(),
                    options=dict(options or {}),
                ),
                self._places.release,
            )
        except BaseException:
            self._places.release()
            raise

    def all(self, community: str) -> Sequence[Upload]:
        """See ``UploadedFiles.all``."""
        folder = self._of(community)
        if not folder.is_dir():
            return []
        found = [known for path in folder.iterdir() if (known := _read(path)) is not None]
        return sorted(found, key=lambda upload: (upload.received_utc, upload.id))

    def find(self, community: str, upload: str) -> tuple[Upload, Path]:
        """See ``UploadedFiles.find``."""
        folder = self._of(community) / upload
        known = _read(folder) if _ID.fullmatch(upload) else None
        if known is None:
            raise NotFoundError("That file is not here any more; hand it in again.")
        return known, folder / _CONTENT / known.name

    def keep_options(self, upload: Upload, options: Mapping[str, Any]) -> Upload:
        """See ``UploadedFiles.keep_options``."""
        told = replace(upload, options=dict(options), look={})
        _write(self._of(upload.community) / upload.id, told)
        return told

    def keep_look(self, upload: Upload, look: Mapping[str, Any]) -> Upload:
        """See ``UploadedFiles.keep_look``."""
        told = replace(upload, look=dict(look))
        _write(self._of(upload.community) / upload.id, told)
        return told

    def remove(self, community: str, upload: str) -> None:
        """See ``UploadedFiles.remove``."""
        if _ID.fullmatch(upload):
            shutil.rmtree(self._of(community) / upload, ignore_errors=True)

    def sweep(self, community: str) -> None:
        """Throw away what waits too long, and what was cut off."""
        folder = self._of(community)
        if not folder.is_dir():
            return
        oldest = self._clock.now_utc() - WAITING_SECONDS_MAX
        for path in folder.iterdir():
            known = _read(path)
            born = path.stat().st_mtime if known is None else known.received_utc
            if born < oldest:
                shutil.rmtree(path, ignore_errors=True)

    def erase(self, community: str, words: Collection[str]) -> None:
        """See ``UploadEraser.erase``. Compressed files are known by their look: they say nothing by themselves."""
        sought = naming(words)
        for upload in self.all(community) if words else ():
            _, path = self.find(community, upload.id)
            look = json.dumps(upload.look, ensure_ascii=False).encode("utf-8", "surrogatepass")
            if not _is_read(upload) or sought.search(look) or _names(path, sought):
                self.remove(community, upload.id)

    def sweep_all(self) -> None:
        """Sweep every community's."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                self.sweep(folder.name)

    def _of(self, community: str) -> Path:
        assert _COMMUNITY.fullmatch(community), f"{community!r} is no community's id"
        return self._folder / community


class IncomingUpload:
    """An upload on its way; leaving the ``with`` block without ``finish`` leaves nothing behind."""

    def __init__(self, home: HomeUploads, folder: Path, upload: Upload, release: Any) -> None:
        self._home = home
        self._folder = folder
        self._upload = upload
        self._release = release
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._finished = False
        self._stream: BinaryIO = self._open(folder / _CONTENT / upload.name)

    def _open(self, path: Path) -> BinaryIO:
        return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._release()
        if not self._finished:
            shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, chunk: bytes) -> None:
        """Some of its bytes.

        Raises:
            InputError: If it gets too long.
        """
        self._bytes += len(chunk)
        if self._bytes > UPLOAD_BYTES_MAX:
            raise InputError(
                f"A meter file has at most {UPLOAD_BYTES_MAX:,} bytes; split it, or compress it."
            )
        self._digest.update(chunk)
        self._stream.write(chunk)

    def finish(self) -> Upload:
        """All bytes came. The same content that its sender handed in before, and that still waits, is told instead.

        Raises:
            InputError: If there were none.
        """
        if not self._bytes:
            raise InputError("The file is empty; fetch it again.")
        self._stream.close()
        done = replace(self._upload, bytes=self._bytes, sha256=self._digest.hexdigest())
        for known in self._home.all(done.community):
            if (known.sha256, known.name, known.user) == (done.sha256, done.name, done.user):
                return (
                    known if known.options == done.options else self._home.keep_options(known, done.options)
                )
        _write(self._folder, done)
        self._finished = True
        return done


def _is_read(upload: Upload) -> bool:
    """Is it known whose data are in it?"""
    look = upload.look
    return bool(look.get("accepted") or (look.get("allocation") or {}).get("accepted"))


def _names(path: Path, sought: re.Pattern[bytes]) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return sought.search(content) is not None


def _write(folder: Path, upload: Upload) -> None:
    part = folder / f"{_NOTE}.part"
    part.write_text(json.dumps(asdict(upload)), encoding="utf-8")
    part.replace(folder / _NOTE)


def _read(folder: Path) -> Upload | None:
    try:
        return Upload(**json.loads((folder / _NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
