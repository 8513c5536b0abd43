"""``partage community``: members and rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["app"]

app = typer.Typer(help="Members and rules of a community.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Members and rules of a community."""


@app.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="COMMUNITY.toml", exists=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Load or change a community; a changed rule holds from the next month that is not open."""
    from backend.bootstrap import open_wiring, read_text
    from backend.community import read_definition
    from backend.services.load_community import load_community

    definition = read_text(file, what="community file")
    read_definition(definition, file.name)  # a file with a fault makes no home
    wiring = open_wiring()
    with wiring.writing(f"community load {file.name}"):
        loaded = load_community(wiring.context, definition, file.name)
    told = {
        "community": loaded.community.id,
        "new": loaded.is_new,
        "participants": len(loaded.community.participants),
        "metering_points": len(loaded.community.metering_points),
        "added_points": list(loaded.added_points),
        "rule_version": loaded.rule_version,
        "rule_effective_from_day": loaded.effective_from,
    }
    if as_json:
        print_json(told)
        return
    verb = "loaded" if loaded.is_new else "changed"
    print(
        f"{loaded.community.id}: {verb}; {told['participants']} participants, {told['metering_points']} "
        f"metering points, rule version {loaded.rule_version}"
    )
