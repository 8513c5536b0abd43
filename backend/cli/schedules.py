"""``partage schedule``: coefficients for each interval, handed in for a period; those in force, written for a year."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["app"]

app = typer.Typer(
    help="Sharing coefficients: hand in a scheduled key's, write those in force.", no_args_is_help=True
)


@app.command("load")
def load(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    file: Annotated[
        Path, typer.Argument(help="CSV: metering_point,start,coefficient_ppm; or a CAU text file.")
    ],
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    file_format: Annotated[str, typer.Option("--format", help="auto, csv or cau.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hand in the coefficients of a period; anchored with the time, a later file is a later version."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.coefficients import coefficients_reader
    from backend.quantities import SettlementPeriod
    from backend.services.hand_in_schedule import hand_in_schedule

    wiring = open_existing()
    span = SettlementPeriod.from_month(period)
    read_file = coefficients_reader(wiring, community, span, file_format)
    with wiring.writing("schedule load"):
        handed = hand_in_schedule(wiring.context, read_file, community, span, file)
    schedule = handed.schedule
    if as_json:
        print_json(
            {
                "community": community,
                "period": period,
                "version": schedule.version,
                "schedule": schedule.schedule_id,
                "root": schedule.root,
                "rows": handed.rows,
                "intervals_without": handed.empty,
                "is_new": handed.is_new,
            }
        )
        return
    word = "handed in" if handed.is_new else "known already, nothing changed"
    print(f"{community}: {handed.rows:,} coefficients of {period} {word} (version {schedule.version})")
    if handed.empty:
        print(f"in {handed.empty:,} intervals nobody is given anything")


@app.command("write")
def write(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    year: Annotated[int, typer.Option(help="Civil year such as 2026.", min=1970, max=2199)],
    out: Annotated[Path, typer.Option(help="The file, or a folder for CAU_YYYY.txt.")] = Path(),
    code: Annotated[
        str, typer.Option("--cau", help="Code of the installation, for the file's name.")
    ] = "CAU",
    file_format: Annotated[str, typer.Option("--format", help="cau is what there is yet.")] = "cau",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the coefficients in force in a year, for the grid operator (RD 244/2019, annex I)."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.coefficients import write_coefficients
    from backend.errors import InputError

    if file_format != "cau":
        raise InputError(f"coefficients are not written as {file_format!r}; use cau.")
    file = write_coefficients(open_existing(), community, year, out, code)
    if as_json:
        print_json({"community": community, "year": year, "file": str(file)})
        return
    print(f"{community}: coefficients of {year} written to {file}")
