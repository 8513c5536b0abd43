"""Taking a person out of the files of a home: meter files as they were given, log-ins of the demonstration."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from backend.adapters.durable_files import flush_folder, write_durably

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from backend.adapters.home import Home

__all__ = ["HomeFiles", "naming"]

_DEMO_LOGINS = "demo-logins.json"
_LINES_OF = ".csv"
_UPLOADS = "uploads"  # of communities, which are asked one by one what they name


def naming(words: Collection[str]) -> re.Pattern[bytes]:
    """What finds somebody in a file: each word as one of its own, so that nobody else goes whose begins like it."""
    named = "|".join(re.escape(word) for word in sorted(words))
    return re.compile(rf"(?<![\w.-])(?:{named})(?![\w-])".encode())


class HomeFiles:
    """Implements ``backend.ports.erasing.FilesEraser``.

    Args:
        home: Where the files lie.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def erase_words(self, words: Collection[str], logins: Collection[str]) -> None:
        """See ``FilesEraser.erase_words``. A table loses the lines that name somebody, another file goes as a whole."""
        if not words:
            return
        sought = naming(words)
        for folder in (self._home.files, self._home.cases):
            for path in folder.rglob("*"):
                if path.is_file():
                    _erase_in(path, sought)
        _forget_copies(self._home.cache)
        _forget_passwords(self._home.keys / _DEMO_LOGINS, frozenset(logins))


def _forget_copies(cache: Path) -> None:
    """Copies are made again, without who is erased."""
    for entry in cache.iterdir() if cache.is_dir() else ():
        if entry.is_dir() and entry.name != _UPLOADS:
            shutil.rmtree(entry, ignore_errors=True)
        elif not entry.is_dir():
            entry.unlink(missing_ok=True)


def _erase_in(path: Path, sought: re.Pattern[bytes]) -> None:
    content = path.read_bytes()
    if not sought.search(content):
        return
    head, newline, _ = content.partition(b"\n")
    if path.suffix.lower() != _LINES_OF or sought.search(head):
        path.unlink()
        flush_folder(path.parent)
        return
    lines = content.split(b"\n")
    kept = [line for line in lines if not sought.search(line)]
    write_durably(path, newline.join(kept), mode=0o600)


def _forget_passwords(file: Path, logins: frozenset[str]) -> None:
    if not logins or not file.exists():
        return
    kept = json.loads(file.read_text(encoding="utf-8"))
    left = {login: password for login, password in kept.items() if login not in logins}
    if left != kept:
        write_durably(file, json.dumps(left, indent=1, sort_keys=True).encode(), mode=0o600)
