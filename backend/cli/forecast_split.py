"""``partage forecasts split``: use and sun behind a net meter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_wrapped, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["split"]

_LIGHT = {
    "irradiance": "recorded irradiance",
    "roofs": "the sum of {roofs} roofs whose meter counts all they make",
    "clear-sky": "a clear sky, which knows no clouds",
    "feed-in": "what {roofs} others fed in, which says little of dim light",
}


def split(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    name: Annotated[str, typer.Argument(help="Id of a participant or of a metering point.")],
    begin: Annotated[
        str | None,
        typer.Option("--from", help="First instant, ISO 8601 with an offset; the last four weeks without."),
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Instant before which to end.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write: start,net,use,sun [W].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Estimate what a home used and what its roof made from its net readings; four weeks of them at least."""
    from backend.bootstrap import open_existing
    from backend.cli.instants import read_instant
    from backend.services.forecasts.split import subject_behind, tell_split

    desk = open_existing().forecasts
    members = desk.members(community)
    span = (read_instant(begin) if begin else None, read_instant(end) if end else None)
    told = tell_split(desk, members, subject_behind(members, name), *span)
    if out:
        write_file(out, "\n".join(_lines(told)) + "\n")
    if as_json:
        print_json(told)
        return
    _print(told, out)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    from backend.cli.instants import write_instant

    yield "start,net,use,sun"
    for start, *cells in zip(told["start"], told["net"], told["use"], told["sun"], strict=True):
        yield ",".join([write_instant(start), *("" if one is None else f"{one:g}" for one in cells)])


def _print(told: dict[str, Any], out: Path | None) -> None:
    hours = told["step_seconds"] / 3600 / 1000
    use, sun = (sum(one or 0.0 for one in told[name]) * hours for name in ("use", "sun"))
    light = _LIGHT[told["light"]].format(roofs=told["roofs"])
    print_wrapped(
        f"{told['subject']}: a roof of about {told['peak_watts'] / 1000:.2f} kW at its best, learned from "
        f"{told['learned_days']} days by {light}; the sun explains {100 * told['confidence']:.0f} % of how far the "
        f"net load sinks. In the span told {use:,.1f} kWh were used and {sun:,.1f} kWh made: estimates, not readings."
    )
    if told["one_way"]:
        print_wrapped("Nothing was ever fed in: what the sun made beyond the use was not seen.", "  ")
    if out:
        print(f"  {out}: {len(told['start']):,} intervals")
