"""Dossiers of cases: writing one, and checking one against itself and a chain."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from backend.cli.output import print_json, write_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.verifier import Pins
    from backend.verifier.chain import Call

__all__ = ["check_dossier", "export_case"]


def export_case(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    case: Annotated[str, typer.Argument(help="Id of the case, or its number.")],
    out: Annotated[Path, typer.Option(help="The dossier, JSON: partage verify checks it.")],
    pdf: Annotated[Path | None, typer.Option(help="The same to read and print.")] = None,
    locale: Annotated[Literal["en", "fr"], typer.Option(help="Language of the PDF.")] = "en",
    without_files: Annotated[
        bool, typer.Option("--without-files", help="Leave the evidence out; its hashes stay in.")
    ] = False,
) -> None:
    """Write the dossier of a case: everything that was said and settled, with every proof. It is personal data."""
    from backend.bootstrap import open_existing
    from backend.cli.cases import find_case
    from backend.services.dossiers import make_dossier, name_case

    wiring = open_existing()
    found = find_case(wiring, community, case)
    dossier = make_dossier(wiring.arbitration, found.id, embed=not without_files)
    write_file(out, json.dumps(dossier, ensure_ascii=False, separators=(",", ":")), private=True)
    print(f"wrote {out}; check it with: partage verify {out}")
    if pdf is not None:
        written = wiring.render_dossier(dossier, name_case(wiring.arbitration, found), locale)
        write_file(pdf, written, private=True)
        print(f"wrote {pdf}")


def check_dossier(text: str, ask: Callable[[], Call] | None, pins: Pins, *, as_json: bool) -> None:
    """Check a dossier and tell the verdict; exits with 1 unless all of it holds.

    Args:
        text: JSON.
        ask: Opens a chain; None to stay offline.
        pins: What is known of contracts and community.
        as_json: Print one JSON object.
    """
    from backend.verifier import verify_dossier

    verdict = verify_dossier(text, None if ask is None else ask(), pins)
    if as_json:
        print_json({**asdict(verdict), "failures": [asdict(failure) for failure in verdict.failures]})
    else:
        for check in verdict.failures:
            print(f"  FAILS  {check.id} at {check.place}: expected {check.expected}, found {check.found}")
        for check in verdict.checks:
            if check.ok:
                print(f"  holds  {check.id:<28}{check.count:>8,}")
        for sentence in verdict.unchecked:
            print(f"  not checked: {sentence}")
        where = "offline" if verdict.block_number is None else f"chain read at block {verdict.block_number}"
        print(f"{verdict.case}, for: {verdict.prevailing}; {where}")
        print("all of it holds" if verdict.ok else "this dossier does NOT hold")
    if not verdict.ok:
        raise typer.Exit(1)
