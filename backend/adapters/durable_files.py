"""Files that are there whole or not at all, and stay when the power goes.

A file is written beside its place, flushed to the disk, renamed into place, and then its folder is flushed: after a
crash at any point the place holds the old content or the new one, never a part.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from backend.ports.failpoints import reach

__all__ = ["PARTIAL_SUFFIX", "create_durably", "flush_folder", "make_folder", "write_durably"]

PARTIAL_SUFFIX = ".partial"


def flush_folder(folder: Path) -> None:
    """Make the folder's entries durable: what was renamed into it stays there after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it durable; one that is there stays as it is."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    flush_folder(folder.parent)


def _write_partial(path: Path, content: bytes | memoryview, mode: int) -> Path:
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL_SUFFIX}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        reach("files.partial_written")
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return partial


def write_durably(path: Path, content: bytes | memoryview, *, mode: int = 0o666, flush: bool = True) -> None:
    """Put content in a file's place, whole; what stood there is replaced.

    Args:
        path: The place; its folder exists.
        content: All of it.
        mode: Permissions, before the process's mask.
        flush: Flush the folder too; a caller that writes many files there flushes it once itself.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a pipe or a terminal keeps nothing, and must not be replaced by a file
        return
    partial = _write_partial(path, content, mode)
    try:
        partial.replace(path)
        reach("files.renamed")
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if flush:
        flush_folder(path.parent)


def create_durably(path: Path, content: bytes, *, mode: int = 0o666) -> bool:
    """Put content in a place where nothing stands, whole.

    Returns:
        Whether it was put there; False if something stood there already, which is left as it is. Of several processes
        that try at once, one succeeds.
    """
    partial = _write_partial(path, content, mode)
    try:
        os.link(partial, path)
    except FileExistsError:
        return False
    finally:
        partial.unlink(missing_ok=True)
    flush_folder(path.parent)
    return True
