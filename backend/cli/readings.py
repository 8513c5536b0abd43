"""``partage readings`` and ``partage allocate``: meter files in, checks, and pure conversions."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli import reading_decisions
from backend.cli.output import print_findings, print_json, print_wrapped, progress, write_file
from backend.errors import ReadingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backend.metering.findings import Finding

__all__ = ["allocate", "app"]

app = typer.Typer(help="Meter readings: load, check, decide about, return, convert.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Findings = Annotated[
    Path | None, typer.Option(help="Write what was found as JSON, also where files are refused.")
]
Format = Annotated[
    str, typer.Option("--format", help="auto (by content), or a name of: partage readings formats.")
]
TimeZone = Annotated[
    str,
    typer.Option(
        help="Of stamps without offset, such as Europe/Paris; a community's own where it is loaded."
    ),
]
Mapping = Annotated[
    Path | None,
    typer.Option(help="TOML that says how the columns of a table (CSV, Excel, Parquet, Arrow) map to ours."),
]
Point = Annotated[str, typer.Option("--metering-point", help="Whose readings a file is that names nobody.")]
Direction = Annotated[
    str, typer.Option(help="consumption or feed-in, of a file that does not say which of them it is.")
]
Resolution = Annotated[
    int | None, typer.Option(help="Minutes of the readings; those of other steps are added or divided.")
]


@app.command("load")
def load(  # noqa: PLR0917 -- one per option
    files: Annotated[list[Path], typer.Argument(help="Meter files.")],
    file_format: Format = "auto",
    community: Annotated[str, typer.Option(help="Needed where a point is in several communities.")] = "",
    time_zone: TimeZone = "",
    mapping: Mapping = None,
    resolution: Resolution = None,
    metering_point: Point = "",
    direction: Direction = "",
    findings: Findings = None,
    as_json: Json = False,
) -> None:
    """Load meter files; a finding per fault, nothing half-loaded."""
    from backend.bootstrap import how_read, meter_files, open_existing
    from backend.services.load_readings import load_readings

    wiring = open_existing()
    read_file = meter_files(
        file_format,
        time_zone=time_zone,
        resolution_minutes=resolution,
        metering_point=metering_point,
        direction=direction,
        mapping=mapping,
    )
    with (
        _keeping_findings(findings) as keep,
        wiring.writing("readings load"),
        progress(shown=not as_json, total=2 * len(files) + 1, what="readings") as on_stage,
    ):
        loaded = load_readings(
            wiring.context, read_file, files, community=community, how=how_read(read_file), on_stage=on_stage
        )
        keep(loaded.findings)
    if as_json:
        print_json(
            {
                "community": loaded.community,
                "load": loaded.load.id,
                "is_new": loaded.is_new,
                "rows": loaded.load.rows,
                "registers": loaded.load.registers,
                "findings": [finding.as_dict() for finding in loaded.findings],
            }
        )
        return
    word = "loaded" if loaded.is_new else "known already, nothing changed"
    reads = f" and {loaded.load.registers:,} register reads" if loaded.load.registers else ""
    print(f"{loaded.community}: {loaded.load.rows:,} readings{reads} {word} (load {loaded.load.id[:12]})")
    print_findings(loaded.findings)


@app.command("check")
def check(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    period: Annotated[str, typer.Option(help="A month such as 2017-06; all stored history without.")] = "",
    as_json: Json = False,
) -> None:
    """Check stored readings for conformity and say what is wrong."""
    from backend.bootstrap import open_existing
    from backend.quantities import SettlementPeriod
    from backend.services.check_readings import check_readings

    wiring = open_existing()
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
    from backend.bootstrap import open_existing
    from backend.services.check_readings import return_point

    wiring = open_existing()
    with wiring.writing("readings return"):
        treatment = return_point(wiring.context, community, point, reason)
    if as_json:
        print_json({"community": community, "metering_point": point, "treatment": treatment.treatment})
        return
    print(
        f"{community}: readings of {point} are returned to the operator; settle again to restate the "
        "periods they touched."
    )


app.command("decide")(reading_decisions.decide)
app.command("decisions")(reading_decisions.decisions)


@app.command("convert")
def convert(  # noqa: PLR0917 -- one per option
    files: Annotated[list[Path], typer.Argument(help="Meter files of any known format.")],
    out: Annotated[Path, typer.Option(help="File to write; its suffix says the form where --to does not.")],
    form: Annotated[str, typer.Option("--to", help="csv, parquet, arrow, eda, green-button ...")] = "",
    file_format: Format = "auto",
    time_zone: TimeZone = "",
    mapping: Mapping = None,
    resolution: Resolution = None,
    metering_point: Point = "",
    direction: Direction = "",
    source_quality: Annotated[
        bool, typer.Option("--source-quality", help="Also write the sources' own words for qualities.")
    ] = False,
    findings: Findings = None,
) -> None:
    """Convert meter files of any format to one of ours, or to another form; pure: no store, no chain."""
    from backend.bootstrap import convert_files, meter_files

    reader = meter_files(
        file_format,
        time_zone=time_zone,
        resolution_minutes=resolution,
        metering_point=metering_point,
        direction=direction,
        mapping=mapping,
    )
    with _keeping_findings(findings) as keep:
        converted = convert_files(
            files, out, reader, form=form, source_quality=source_quality, resolution_minutes=resolution
        )
        keep(converted.findings)
    count = len(converted.findings)
    print(f"{out}: {converted.rows:,} readings, {count} finding{'s' * (count != 1)}")
    print_findings(converted.findings)


@app.command("formats")
def formats(as_json: Json = False) -> None:
    """List the formats that are read and the forms that are written."""
    from backend.bootstrap import list_formats

    read, written = list_formats()
    if as_json:
        print_json({"read": dict(read), "written": dict(written)})
        return
    width = max(len(name) for name, _ in (*read, *written))
    for title, rows in (("Read, recognised by content:", read), ("Written, by --to:", written)):
        print(title)
        for name, words in rows:
            print_wrapped(f"{name:<{width}}  {words}", indent="  ")


@contextmanager
def _keeping_findings(file: Path | None) -> Iterator[Callable[[Sequence[Finding]], None]]:
    """Write what is found as JSON, whether the files are taken or refused."""

    def keep(found: Sequence[Finding]) -> None:
        if file is not None:
            write_file(file, json.dumps([finding.as_dict() for finding in found], indent=1) + "\n")

    try:
        yield keep
    except ReadingsError as error:
        keep(error.findings)
        raise


def allocate(
    community: Annotated[Path, typer.Option(help="COMMUNITY.toml")],
    readings: Annotated[Path, typer.Option(help="Generic readings CSV.")],
    out: Annotated[Path, typer.Option(help="Allocation CSV to write.")],
    coefficients: Annotated[
        Path | None, typer.Option(help="Of a scheduled key: CSV of metering_point,start,coefficient_ppm.")
    ] = None,
) -> None:
    """Allocate a readings file by a community's sharing key; pure: no store, no chain."""
    from backend.bootstrap import allocate_files

    rows = allocate_files(community, readings, out, coefficients)
    print(f"{out}: {rows:,} rows")
