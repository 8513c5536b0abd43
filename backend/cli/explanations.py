"""``partage explain``: who served a metering point in an interval, and why not more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["explain"]


def explain(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    interval: Annotated[str, typer.Option(help="Its start, such as 2017-06-03T10:00:00Z.")],
    point: Annotated[str, typer.Option(help="Metering point that took, or gave.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say who served a metering point in an interval, link by link, and why not more."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.explanations import explain_point
    from backend.services.settled_periods import SettledPeriods

    try:
        start = datetime.fromisoformat(interval)
    except ValueError:
        raise InputError(f"--interval is {interval!r}; write it like 2017-06-03T10:00:00Z.") from None
    if start.tzinfo is None:
        raise InputError(f"--interval is {interval!r} without offset; write it like {interval}Z for UTC.")
    context = open_existing().context
    found = explain_point(
        SettledPeriods(context.store, context.intervals), community, period, point, int(start.timestamp())
    )
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: Mapping[str, Any]) -> None:
    from backend.quantities import format_kilowatt_hours

    def kwh(milliwatt_hours: int) -> str:
        return f"{format_kilowatt_hours(milliwatt_hours)} kWh"

    start = datetime.fromtimestamp(found["start_utc"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    takes = found["direction"] == "consumption"
    print(f"{found['metering_point']} · {start} · run {found['version']}, by {found['method']}")
    used, part = kwh(found["energy_milliwatt_hours"]), kwh(found["allocated_milliwatt_hours"])
    print(f"  used {used}, {part} of it from producers" if takes else f"  fed in {used}, {part} of it shared")
    totals = found["totals"]
    print(
        f"  all: used {kwh(totals['consumption_milliwatt_hours'])}, fed in {kwh(totals['feed_in_milliwatt_hours'])}, "
        f"shared {kwh(totals['allocated_milliwatt_hours'])}"
    )
    heads = ["from" if takes else "to", "kWh"]
    rows = [
        [link["metering_point"], format_kilowatt_hours(link["energy_milliwatt_hours"])]
        for link in found["links"]
    ]
    if any("why" in link for link in found["links"]):  # only the flow key has reasons, link by link
        heads.insert(1, "why not more")
        for row, link in zip(rows, found["links"], strict=True):
            row.insert(1, link["why"] + _first(link))
    if rows:
        print_table(heads, rows, text_columns=len(heads) - 1)
    else:
        print("  nothing flowed")


def _first(link: Mapping[str, Any]) -> str:
    if not link.get("came_first"):
        return ""
    return f"; {link['came_first']} came first" + (f", by {link['level']}" if link["level"] else "")
