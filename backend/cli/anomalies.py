"""``partage forecasts anomalies``: unusual days, failing meters, energy that goes round a meter."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from backend.cli.output import print_json, print_wrapped

__all__ = ["anomalies"]


def anomalies(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    begin: Annotated[
        str | None,
        typer.Option("--from", help="First instant, ISO 8601 with an offset; the last four weeks without."),
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Instant before which to end.")] = None,
    budget: Annotated[float, typer.Option(help="False alarms that are accepted of a meter in a year.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at a community's meters for what is not as it should be, say why, and keep what was found.

    What is usual is learned from all that is stored before the days looked at, eight weeks at least.
    """
    from backend.bootstrap import open_existing
    from backend.cli.instants import read_instant
    from backend.services.forecasts.anomalies import tell_look

    wiring = open_existing()
    span = (read_instant(begin) if begin else None, read_instant(end) if end else None)
    desk = wiring.anomalies
    found = desk.look(community, *span, budget)
    with wiring.writing(f"forecasts anomalies {community}"):
        desk.keep(found)
    told = tell_look(found, desk.forecasts.members(community).time_zone)
    if as_json:
        print_json(told)
        return
    _print(told)


def _print(told: dict[str, Any]) -> None:
    from backend.cli.instants import write_instant

    looked = told["looked_at"]
    print(
        f"{told['community']} · {write_instant(told['start_utc'])} to {write_instant(told['end_utc'])} · "
        f"{looked['meters']} meters, {looked['feeders']} feeders · "
        f"budget {told['budget']:g} false alarms per meter and year"
    )
    for one in told["items"]:
        sure = ", holds among all" if one["discovered"] else ""
        kind = one["kind"].replace("_", " ")
        print(
            f"\n{one['element']}: {kind} (p {one['p_value']:.2g}{sure}), from {write_instant(one['start_utc'])}"
        )
        print_wrapped(one["reason"], "  ")
    if not told["items"]:
        print("Nothing stands out.")
    for words in looked["unjudged"]:
        print_wrapped(f"Not judged: {words}")
