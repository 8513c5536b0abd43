"""Homes that take a second to make and a hundredth to copy: made once for all workers, copied for each test."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SHELF = "PARTAGE_PREPARED_HOMES"


@contextmanager
def shelf() -> Iterator[None]:
    """Keep what is prepared for as long as the tests run; their workers, which inherit the environment, share it."""
    if os.environ.get(SHELF):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="partage-prepared-") as folder:
        os.environ[SHELF] = folder
        try:
            yield
        finally:
            del os.environ[SHELF]


def shelf_folder() -> Path:
    """Where it is; only a whole path, for what is prepared must not lie wherever somebody happens to stand."""
    told = os.environ.get(SHELF, "")
    if not Path(told).is_absolute():
        raise RuntimeError(
            f"{SHELF} is {told!r}, which names no folder from the root on; prepare homes within tests.prepared.shelf()."
        )
    return Path(told)


def copy_prepared(to: Path, make: Callable[..., object], *arguments: object) -> None:
    """Copy a home, and make it first where nobody has.

    Args:
        to: Folder of the copy; may exist, and then must be empty of what is copied.
        make: Makes the home in a folder that it is given, with the arguments, and lets go of it.
        arguments: All that decides what it makes; values whose ``repr`` tells them apart.
    """
    name = hashlib.sha256(repr((make.__module__, make.__qualname__, *arguments)).encode()).hexdigest()
    kept = shelf_folder() / name
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            making = kept.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            make(making, *arguments)
            making.rename(kept)
    shutil.copytree(kept, to, dirs_exist_ok=True)
