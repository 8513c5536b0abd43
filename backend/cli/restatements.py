"""``partage differences``: what a corrected run changed, by interval, by member and by euro."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table, write_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["differences"]

_COLUMNS = (
    "metering_point",
    "start",
    "energy_before_kwh",
    "energy_after_kwh",
    "allocated_before_kwh",
    "allocated_after_kwh",
)


def differences(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    before: Annotated[
        int | None, typer.Option(help="Run to hold against; the one replaced last where not given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the intervals that differ into this CSV.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what a corrected run changed: by interval, by member, by euro."""
    from backend.bootstrap import open_existing
    from backend.services.restatement import restatement_of
    from backend.services.settled_periods import SettledPeriods

    wiring = open_existing()
    settled = SettledPeriods(wiring.context.store, wiring.context.intervals)
    found = restatement_of(settled, community, period, before).as_dict()
    if out is not None:
        write_file(out, _as_csv(found["intervals"]), private=True)  # readings of persons
    if as_json:
        print_json(found)
        return
    _print_members(found)
    if out is not None:
        print(f"{out}: {len(found['intervals'])} intervals")


def _as_csv(intervals: Sequence[Mapping[str, Any]]) -> str:
    from backend.quantities import format_kilowatt_hours
    from backend.quantities.cells import harmless_cell

    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for row in intervals:
        start = datetime.fromtimestamp(row["start_utc"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        energies = [row[name.replace("_kwh", "_milliwatt_hours")] for name in _COLUMNS[2:]]
        rows.writerow([harmless_cell(row["metering_point"]), start, *map(format_kilowatt_hours, energies)])
    return text.getvalue()


def _print_members(found: Mapping[str, Any]) -> None:
    from backend.quantities import format_cents

    before, after = found["before"], found["after"]
    print(
        f"{found['community']} · {found['period']} · run {after['run']} ({after['state']}) against run {before['run']} "
        f"({before['state']}): {len(found['intervals'])} readings or allocations differ"
    )
    rows = [
        [
            row["participant"],
            _signed_energy(row["consumption_milliwatt_hours"]),
            _signed_energy(row["allocated_milliwatt_hours"]),
            _signed_energy(row["feed_in_milliwatt_hours"]),
            _signed_energy(row["shared_milliwatt_hours"]),
            format_cents(row["debit_cents"]),
            format_cents(row["credit_cents"]),
        ]
        for row in [*found["members"], {"participant": "all", **found["total"]}]
    ]
    heads = [
        *("participant", "used kWh", "received kWh", "fed in kWh", "shared kWh"),
        *("to pay EUR", "to receive EUR"),
    ]
    print_table(heads, rows, text_columns=1)


def _signed_energy(milliwatt_hours: int) -> str:
    from backend.quantities import format_kilowatt_hours

    sign = "-" if milliwatt_hours < 0 else "+"
    return sign + format_kilowatt_hours(abs(milliwatt_hours)) if milliwatt_hours else "0"
