"""Files as they come: plain, gzip-compressed, or several in a zip archive; opened in bounded time and memory.

An archive is read, never unpacked to disk. What a name may do elsewhere (leave the folder, be absolute, be a link) is
refused all the same: whoever makes such an archive means harm or does not know what they send.
"""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from backend.adapters.meter_files.formats import HEAD_BYTES, SourceFile
from backend.errors import ReadingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["DAMAGES", "BombError", "Bounds", "open_files"]

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOK = ("[Content_Types].xml", "xl/workbook.xml")
_NAME_SHOWN = 80

DAMAGES = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError)
"""What a stream raises where the compressed data are damaged or of a kind that nobody can unpack here."""


class BombError(Exception):
    """A stream gave more than it may."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a file may hold.

    Attributes:
        bytes_max: Of one file, and of all files of an archive, decompressed. [B]
        ratio_max: Decompressed per compressed byte, once ``ratio_from`` bytes came out; readings compress to a
            fiftieth at best. [1]
        ratio_from: [B]
        members_max: Files in an archive. [1]
    """

    bytes_max: int = 64 * 1024**3
    ratio_max: int = 250
    ratio_from: int = 64 * 1024**2
    members_max: int = 10_000


def open_files(path: Path, faults: FaultCollector, bounds: Bounds = Bounds()) -> list[SourceFile]:
    """The file, or the files that it holds.

    Args:
        path: Of a plain, gzip-compressed or zip file. A spreadsheet, which is a zip archive inside, is one file.
        faults: Takes what is found: names that are tricks, links, archives within archives, encrypted or damaged
            members, too many or too large ones.
        bounds: How much it may hold.

    Returns:
        At least one, or none where something was refused.

    Raises:
        ReadingsError: If the path cannot be opened.
    """
    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise ReadingsError(f"{path} cannot be read: {reason}; check the path.") from None
    try:
        if magic.startswith(_ZIP):
            return _open_zip(path, faults, bounds)
        if magic.startswith(_GZIP):
            return [_source(path.name.removesuffix(".gz"), partial(_gunzip, path, bounds), None)]
        return [_source(path.name, partial(path.open, "rb"), path.stat().st_size)]
    except BombError as error:
        faults.refuse("too-large", str(error))
    except DAMAGES as error:
        faults.refuse("truncated", f"the compressed file is cut off or damaged ({error}); fetch it again.")
    return []


def _source(name: str, open_stream: partial[BinaryIO], size: int | None) -> SourceFile:
    with open_stream() as stream:
        head = stream.read(HEAD_BYTES)
    return SourceFile(name, head, open_stream, size)


def _gunzip(path: Path, bounds: Bounds) -> BinaryIO:
    raw = path.open("rb")
    return io.BufferedReader(_Bounded(cast("IO[bytes]", gzip.open(raw)), raw, raw.tell, bounds))


def _open_zip(path: Path, faults: FaultCollector, bounds: Bounds) -> list[SourceFile]:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    names = {member.filename for member in members}
    if names.issuperset(_WORKBOOK):
        return [_source(path.name, partial(path.open, "rb"), path.stat().st_size)]
    before = faults.refused
    files = [member for member in members if not member.is_dir()]
    if not files:
        faults.refuse("empty-file", "the archive holds no file.")
    if len(members) > bounds.members_max:
        faults.refuse(
            "too-large",
            f"the archive has {len(members)} members, at most {bounds.members_max} are taken; split it.",
        )
        return []
    total = sum(member.file_size for member in files)
    if total > bounds.bytes_max:
        faults.refuse(
            "too-large", f"the archive says it holds {total:,} bytes, more than are taken; split it."
        )
        return []
    for member in members:
        reason = _why_refused(member)
        if reason:
            faults.refuse("archive-member", f'the archive\'s member "{_show(member.filename)}" {reason}')
    for name, count in Counter(member.filename for member in files).items():
        if count > 1:
            faults.refuse(
                "archive-member",
                f'the archive has {count} members "{_show(name)}", and nothing says which one holds; keep one.',
            )
    if faults.refused > before:
        return []
    sources = [
        _source(PurePosixPath(member.filename).name, partial(_unzip, path, member, bounds), member.file_size)
        for member in files
    ]
    for source in sources:
        if source.head.startswith((*_ZIP, _GZIP)):
            faults.refuse(
                "archive-member",
                f'the archive\'s member "{_show(source.name)}" is itself an archive or a spreadsheet; unpack it '
                "and give its files one by one.",
            )
    return sources if faults.refused == before else []


def _why_refused(member: zipfile.ZipInfo) -> str:
    """What is wrong with an archive's member, or nothing."""
    name = member.orig_filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":":
        return "has an absolute name; make an archive of names below one folder."
    if ".." in name.split("/"):
        return 'leaves the archive\'s folder by ".."; make an archive of names below one folder.'
    if "\0" in name or any(ord(letter) < ord(" ") for letter in name):
        return "has a control character in its name; rename it."
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, not a file; put the file itself into the archive."
    if member.flag_bits & 1:
        return "is encrypted; unpack it and give its files one by one."
    return ""


def _unzip(path: Path, member: zipfile.ZipInfo, bounds: Bounds) -> BinaryIO:
    with zipfile.ZipFile(path) as archive:
        stream = archive.open(member)
    compressed = max(member.compress_size, 1)
    return io.BufferedReader(_Bounded(stream, None, lambda: compressed, bounds))


def _bomb(bounds: Bounds) -> str:
    return (
        f"the file unpacks to more than {bounds.ratio_max} times its size, which readings never do; it is refused "
        "as a decompression bomb."
    )


def _show(name: str) -> str:
    return ascii(name[:_NAME_SHOWN])[1:-1]


class _Bounded(io.RawIOBase):
    """A decompressed stream that stops where it gives more than it may."""

    def __init__(
        self, stream: IO[bytes], below: BinaryIO | None, consumed: Callable[[], int], bounds: Bounds
    ) -> None:
        self._stream = stream
        self._below = below
        self._consumed = consumed
        self._bounds = bounds
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data = self._stream.read(len(view))
        view[: len(data)] = data
        self._given += len(data)
        if self._given > self._bounds.bytes_max:
            raise BombError(
                f"the file holds more than {self._bounds.bytes_max:,} bytes unpacked; split it into smaller ones."
            )
        if self._given > self._bounds.ratio_from:
            ratio = self._given // max(self._consumed(), 1)
            if ratio > self._bounds.ratio_max:
                raise BombError(_bomb(self._bounds))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._below is not None:
                self._below.close()
        super().close()
