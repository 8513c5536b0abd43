"""What commands print: JSON for programs, tables and progress for people, files that are whole."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "by_share",
    "command_name",
    "print_findings",
    "print_json",
    "print_table",
    "print_wrapped",
    "progress",
    "say",
    "write_file",
]

_TEXT_WIDTH = 110
_FINDINGS_SHOWN = 30


def print_json(value: Any) -> None:
    """One object on one line, last on stdout."""
    print(json.dumps(value, ensure_ascii=False, sort_keys=False))


def say(text: str = "") -> None:
    """A line for people; on stderr, so that stdout stays for what was asked."""
    print(text, file=sys.stderr, flush=True)


def print_wrapped(text: str, indent: str = "") -> None:
    """A sentence or more, broken between words; lines after the first are indented a little further."""
    width = min(_TEXT_WIDTH, shutil.get_terminal_size((_TEXT_WIDTH, 0)).columns)
    print(textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False))


def command_name() -> str:
    """How to call this command again from here: by its name where the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    found = shutil.which("partage")
    if called.name != "partage" or (found and Path(found).resolve() == called.resolve()):
        return "partage"
    return min(os.path.relpath(called), str(called.absolute()), key=len)


def write_file(file: Path, text: str | bytes, *, private: bool = False) -> None:
    """Put text, or a document's bytes, in a file's place, whole or not at all.

    Args:
        file: The place.
        text: All of it.
        private: For its owner's eyes only.

    Raises:
        InputError: If it cannot be written there.
    """
    from backend.adapters.durable_files import write_durably
    from backend.errors import InputError

    try:
        write_durably(
            file, text.encode() if isinstance(text, str) else text, mode=0o600 if private else 0o666
        )
    except OSError as error:
        raise InputError(
            f"{file} cannot be written ({error.strerror}); name a file in a folder that is there, that you may write "
            "and that has room."
        ) from None


@contextmanager
def progress(*, shown: bool, total: int, what: str) -> Iterator[Callable[[str], None]]:
    """A bar of ``total`` steps on a terminal; each call moves it on and names the step.

    Args:
        shown: False for silence.
        total: Steps expected. [1]
        what: What is going on.
    """
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[step]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        # A step is told as it begins, so the first call finds none done yet.
        task = bar.add_task(what, total=total, step="", completed=-1)

        def move(step: str) -> None:
            bar.update(task, advance=1, step=step)

        yield move


def by_share(move: Callable[[str], None], steps: int, what: str = "") -> Callable[[float], None]:
    """Moves a bar on to the share that is done, by whole steps.

    Args:
        move: Moves it by one step.
        steps: How many the whole work is. [1]
        what: Names each step.

    Returns:
        Takes the share that is done, 0 to 1; it may be told the same one again.
    """
    moved = 0

    def tell(done: float) -> None:
        nonlocal moved
        while moved < min(int(done * steps), steps):
            move(what)
            moved += 1

    return tell


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> None:
    """Columns padded to their widest cell; the first ``text_columns`` to the left, figures to the right."""
    widths = [max(len(str(row[column])) for row in [headings, *rows]) for column in range(len(headings))]
    for row in [headings, *rows]:
        cells = (
            str(cell).ljust(width) if column < text_columns else str(cell).rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("    " + "  ".join(cells).rstrip())


def print_findings(findings: Sequence[Any], limit: int = _FINDINGS_SHOWN) -> None:
    """Findings for people, a line each."""
    for finding in findings[:limit]:
        point = finding.metering_point or finding.file or "-"
        print(f"  {finding.severity.value:<8} {point:<16} {finding.rule:<20} {finding.message}")
    if len(findings) > limit:
        print(f"  ... and {len(findings) - limit} more; --json shows all.")
