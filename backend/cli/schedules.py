"""``partage schedule``: coefficients for each interval, handed in for a period."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["app"]

app = typer.Typer(help="Coefficients of a scheduled key: hand them in.", no_args_is_help=True)


@app.callback()
def _schedule() -> None:
    """Keep ``load`` a command of its own."""


@app.command("load")
def load(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    file: Annotated[Path, typer.Argument(help="CSV: metering_point,start,coefficient_ppm.")],
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hand in the coefficients of a period; anchored with the time, a later file is a later version."""
    from backend.bootstrap import open_existing
    from backend.quantities import SettlementPeriod
    from backend.services.hand_in_schedule import hand_in_schedule

    wiring = open_existing()
    with wiring.writing("schedule load"):
        handed = hand_in_schedule(
            wiring.context, wiring.read_coefficients, community, SettlementPeriod.from_month(period), file
        )
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
