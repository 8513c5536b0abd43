"""``partage community``: members and rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community.law import LegalFinding

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
    from backend.community.law import require_lawful
    from backend.services.load_community import load_community

    definition = read_text(file, what="community file")
    # A file with a fault makes no home, nor does one that the law forbids.
    require_lawful(read_definition(definition, file.name), datetime.now(UTC).date())
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
        "legal": [_finding(finding) for finding in loaded.legal],
    }
    if as_json:
        print_json(told)
        return
    verb = "loaded" if loaded.is_new else "changed"
    print(
        f"{loaded.community.id}: {verb}; {told['participants']} participants, {told['metering_points']} "
        f"metering points, rule version {loaded.rule_version}"
    )
    if loaded.rule_version > 1:
        first = date(1970, 1, 1) + timedelta(days=loaded.effective_from)
        print(f"  That version holds from {first} on; what was before it stays under the version before.")
    _print_findings(loaded.legal)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="COMMUNITY.toml", exists=False)],
    on: Annotated[str, typer.Option(help="Date of the law, such as 2026-11-21; today where not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold a community file against its country's law; store nothing. Exit 1 where the law forbids something."""
    from backend.bootstrap import read_text
    from backend.community import read_definition
    from backend.community.law import Severity, check_law, network_rebate, shared_excise
    from backend.errors import InputError

    try:
        day = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        raise InputError(f"--on is {on!r}, which is no date; write it like 2026-11-21.") from None
    community = read_definition(read_text(file, what="community file"), file.name)
    found = check_law(community, day)
    rebate, excise = network_rebate(community, day), shared_excise(community, day)
    if as_json:
        print_json(
            {
                "community": community.id,
                "country": community.country,
                "on": day.isoformat(),
                "findings": [_finding(finding) for finding in found],
                "network_rebate_ppm": rebate.reduction_ppm if rebate else None,
                "shared_excise_exempt": excise.exempt if excise else None,
            }
        )
    else:
        _print_findings(found)
        if rebate:
            print(f"  network: {rebate.reduction_ppm / 10_000:g} % less on shared energy ({rebate.article})")
        if excise:
            due = "none on shared energy" if excise.exempt else "due on shared energy"
            print(f"  excise: {due}: {excise.message} ({excise.article})")
        forbidden = sum(finding.severity is Severity.FORBIDDEN for finding in found)
        print(f"{community.id}, {community.country}, on {day}: {forbidden or 'nothing'} forbidden")
    if any(finding.severity is Severity.FORBIDDEN for finding in found):
        raise typer.Exit(1)


def _finding(finding: LegalFinding) -> dict[str, str]:
    return {"severity": finding.severity.value, "article": finding.article, "message": finding.message}


def _print_findings(found: Sequence[LegalFinding]) -> None:
    for finding in found:
        print(f"  {finding.severity.value}: {finding}")
