"""The command ``partage``: what a person types, a file per group of commands.

Commands parse, call a service, and print; ``--json`` prints one object, last on stdout. What is wrong is one clear
sentence on stderr and a non-zero exit, never a traceback. Heavy libraries load where they are used, so that
``partage --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.errors import ReadingsError

__all__ = ["main"]

EXIT_REFUSED = 1
EXIT_FAULT = 70  # sysexits' EX_SOFTWARE: the program's own mistake
EXIT_INTERRUPTED = 130
DEBUG_VARIABLE = "PARTAGE_DEBUG"
_FINDINGS_SHOWN = 20


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: With 0 if all went well, 1 if something is refused, 2 if the words are no command, 70 if the
            program is at fault, 130 if it was interrupted.
    """
    from backend.cli.app import app
    from backend.errors import PartageError

    try:
        app(prog_name="partage")
    except PartageError as error:
        _say(f"partage: {error}")
        _list_findings(error)
        raise SystemExit(EXIT_REFUSED) from None
    except SystemExit as stop:
        if stop.code == EXIT_INTERRUPTED:
            _say("partage: interrupted; run the same command again, it goes on from there.")
        raise
    except OSError as error:
        _say(f"partage: {_explain(error)}")
        raise SystemExit(EXIT_REFUSED) from None
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _say(
            f"partage: the program made a mistake ({type(error).__name__}: {error}); "
            f"set {DEBUG_VARIABLE}=1 and run it again to see where, and report it."
        )
        raise SystemExit(EXIT_FAULT) from None


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _explain(error: OSError) -> str:
    """What the disk or the network refuses, and where."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is None:
        return f"the system refuses: {reason}. Is the disk full?"
    return f"{os.fsdecode(error.filename)}: {reason}. Is the folder there, may this user write, is the disk full?"


def _list_findings(error: Exception) -> None:
    """What is wrong in files of meters and networks, a line each; a single fault is in the sentence already."""
    from backend.errors import NetworkError, ReadingsError

    if isinstance(error, NetworkError) and len(error.faults) > 1:
        for fault in error.faults[:_FINDINGS_SHOWN]:
            _say(
                f"  {fault.element or fault.where or '-'}  [{fault.rule}, {fault.severity.value}]  {fault.message}"
            )
        if len(error.faults) > _FINDINGS_SHOWN:
            _say(f"  ... and {len(error.faults) - _FINDINGS_SHOWN} more; --findings FILE writes them all.")
    if not isinstance(error, ReadingsError) or len(error.findings) <= 1:
        return
    for line in _lines_of(error):
        _say(line)


def _lines_of(error: ReadingsError) -> list[str]:
    lines = []
    for finding in error.findings[:_FINDINGS_SHOWN]:
        place = ":".join(
            str(part) for part in (getattr(finding, "file", ""), getattr(finding, "line", 0)) if part
        )
        rule, message = getattr(finding, "rule", ""), getattr(finding, "message", finding)
        lines.append(f"  {place or '-'}  [{rule}]  {message}")
    if len(error.findings) > _FINDINGS_SHOWN:
        lines.append(
            f"  ... and {len(error.findings) - _FINDINGS_SHOWN} more; --findings FILE writes them all."
        )
    return lines
