"""The command ``partage``: what a person types, a file per group of commands.

Commands parse, call a service, and print; ``--json`` prints one object, last on stdout. What is wrong is one clear
sentence
on stderr and a non-zero exit. Heavy libraries load where they are used, so that ``partage --help`` answers at once.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

_EXIT_INTERRUPTED = 130
_FINDINGS_SHOWN = 20


def main() -> None:
    """Run the command line."""
    from backend.cli.app import app
    from backend.errors import PartageError

    try:
        app()
    except PartageError as error:
        _tell(error)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("partage: interrupted; run the same command again, it goes on from there.", file=sys.stderr)
        raise SystemExit(_EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


def _tell(error: Exception) -> None:
    from backend.errors import ReadingsError

    print(f"partage: {error}", file=sys.stderr)
    if not isinstance(error, ReadingsError):
        return
    for finding in error.findings[:_FINDINGS_SHOWN]:
        place = ":".join(
            str(part) for part in (getattr(finding, "file", ""), getattr(finding, "line", 0)) if part
        )
        print(
            f"  {place or '-'}  [{getattr(finding, 'rule', '')}]  {getattr(finding, 'message', finding)}",
            file=sys.stderr,
        )
    if len(error.findings) > _FINDINGS_SHOWN:
        print(
            f"  ... and {len(error.findings) - _FINDINGS_SHOWN} more; --findings FILE writes them all.",
            file=sys.stderr,
        )
