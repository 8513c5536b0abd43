"""``partage readings`` and ``partage allocate``: meter files in, checks, and pure conversions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_findings, print_json
from backend.errors import ReadingsError
from backend.metering.findings import Finding

__all__ = ["allocate", "app"]

app = typer.Typer(help="Meter readings: load, check, convert, return to the operator.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("load")
def load(
    files: Annotated[list[Path], typer.Argument(help="Meter files.")],
    file_format: Annotated[str, typer.Option("--format", help="auto or csv.")] = "auto",
    community: Annotated[str, typer.Option(help="Needed where a point is in several communities.")] = "",
    as_json: Json = False,
) -> None:
    """Load meter files; a finding per fault, nothing half-loaded."""
    from backend.bootstrap import open_wiring
    from backend.services.load_readings import load_readings

    wiring = open_wiring()
    with wiring.writing("readings load"):
        loaded = load_readings(wiring.context, wiring.reader_for(file_format), files, community=community)
    if as_json:
        print_json(
            {
                "community": loaded.community,
                "load": loaded.load.id,
                "is_new": loaded.is_new,
                "rows": loaded.load.rows,
                "findings": [finding.as_dict() for finding in loaded.findings],
            }
        )
        return
    word = "loaded" if loaded.is_new else "known already, nothing changed"
    print(f"{loaded.community}: {loaded.load.rows:,} readings {word} (load {loaded.load.id[:12]})")
    print_findings(loaded.findings)


@app.command("check")
def check(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    period: Annotated[str, typer.Option(help="A month such as 2017-06; all stored history without.")] = "",
    as_json: Json = False,
) -> None:
    """Check stored readings for conformity and say what is wrong."""
    from backend.bootstrap import open_wiring
    from backend.quantities import SettlementPeriod
    from backend.services.check_readings import check_readings

    wiring = open_wiring()
    findings = check_readings(
        wiring.context, community, SettlementPeriod.from_month(period) if period else None
    )
    if as_json:
        print_json({"community": community, "findings": [finding.as_dict() for finding in findings]})
        return
    print(f"{community}: {len(findings)} findings")
    print_findings(findings)


@app.command("return")
def return_readings(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    point: Annotated[str, typer.Argument(help="Metering point whose readings cannot be trusted.")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")],
    as_json: Json = False,
) -> None:
    """Return a faulty point's readings to the operator; the next settle restates what they touched."""
    from backend.bootstrap import open_wiring
    from backend.services.check_readings import return_point

    wiring = open_wiring()
    with wiring.writing("readings return"):
        treatment = return_point(wiring.context, community, point, reason)
    if as_json:
        print_json({"community": community, "metering_point": point, "treatment": treatment.treatment})
        return
    print(
        f"{community}: readings of {point} are returned to the operator; settle again to restate the "
        "periods they touched."
    )


@app.command("convert")
def convert(
    files: Annotated[list[Path], typer.Argument(help="Meter files of any known format.")],
    out: Annotated[Path, typer.Option(help="Generic readings CSV to write.")],
    findings: Annotated[Path | None, typer.Option(help="Write what was found as JSON.")] = None,
) -> None:
    """Convert meter files to the generic form; pure: no store, no chain."""
    from backend.bootstrap import convert_files

    try:
        converted = convert_files(files, out)
    except ReadingsError as error:
        _write_findings(findings, error.findings)
        raise
    _write_findings(findings, converted.findings)
    print(f"{out}: {converted.rows:,} readings, {len(converted.findings)} findings")


def _write_findings(file: Path | None, found: Sequence[Finding]) -> None:
    """As JSON, whether the files were taken or refused."""
    if file is not None:
        listed = [finding.as_dict() for finding in found]
        file.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def allocate(
    community: Annotated[Path, typer.Option(help="COMMUNITY.toml")],
    readings: Annotated[Path, typer.Option(help="Generic readings CSV.")],
    out: Annotated[Path, typer.Option(help="Allocation CSV to write.")],
) -> None:
    """Allocate a readings file by a community's sharing key; pure: no store, no chain."""
    from backend.bootstrap import allocate_files

    rows = allocate_files(community, readings, out)
    print(f"{out}: {rows:,} rows")
