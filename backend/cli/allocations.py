"""``partage allocations``: the grid operator's allocation, where the members' rule says that it binds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["app"]

app = typer.Typer(help="The grid operator's allocation: load it, explain it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Community = Annotated[str, typer.Argument(help="Id of the community.")]
_SHOWN = 20


@app.command("load")
def load(
    community: Community,
    file: Annotated[Path, typer.Argument(help="Allocation CSV, the form that `partage allocate` writes.")],
    as_json: Json = False,
) -> None:
    """Load the operator's allocation; later files supersede earlier ones, and the next settle goes by them."""
    from backend.bootstrap import open_existing
    from backend.services.operator_allocation import load_allocations

    wiring = open_existing()
    with wiring.writing("allocations load"):
        loaded = load_allocations(wiring.context, wiring.read_allocations, community, file)
    if as_json:
        told = {"community": community, "load": loaded.load.id, "is_new": loaded.is_new}
        print_json({**told, "rows": loaded.load.rows})
        return
    word = "loaded" if loaded.is_new else "known already, nothing changed"
    print(f"{community}: {loaded.load.rows:,} rows of the operator {word} (load {loaded.load.id[:12]})")


@app.command("differences")
def differences(
    community: Community,
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    as_json: Json = False,
) -> None:
    """Show where the operator's allocation differs from what the members' key gives."""
    from backend.bootstrap import open_existing
    from backend.quantities import PeriodCalendar, SettlementPeriod, format_kilowatt_hours
    from backend.services.bundles import run_of
    from backend.services.operator_allocation import differences_of
    from backend.services.point_rows import instant_text

    wiring = open_existing()
    month = SettlementPeriod.from_month(period)
    run = run_of(wiring.context, community, month)
    members = wiring.context.community(community).community
    calendar = PeriodCalendar(month, members.time_zone, members.resolution_minutes)
    with wiring.store.reading() as records:
        record = records.period(community, month.id)
    assert record is not None, "a period that has a run was opened"
    rows = differences_of(wiring.context, record, calendar, run.version)
    if as_json:
        print_json({"community": community, "period": period, "run": run.version, "rows": rows})
        return
    print(f"{community}: {len(rows):,} rows of {period} differ from what the members' key gives")
    for row in rows[:_SHOWN]:
        operator, computed = (
            format_kilowatt_hours(row[f"{whose}_milliwatt_hours"]) for whose in ("operator", "computed")
        )
        start = instant_text(row["start_utc"])
        print(f"  {row['metering_point']} at {start}: the operator {operator} kWh, the key {computed} kWh")
    if len(rows) > _SHOWN:
        print(f"  and {len(rows) - _SHOWN:,} more; all of them with --json")
