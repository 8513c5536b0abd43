"""``partage demo``: the whole way of a kilowatt-hour, on real households."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_period, print_table, progress, say

if TYPE_CHECKING:
    from backend.bootstrap import Wiring

__all__ = ["demo"]

_STAGES_PER_MONTH = 6
_STAGES_BEFORE = 3


def demo(
    community: Annotated[
        str, typer.Argument(help="roof: one shared roof; street: a roof on each of 17 homes.")
    ] = "roof",
    month: Annotated[str, typer.Option(help="A month from 2016-08 to 2017-07.")] = "2017-06",
    year: Annotated[bool, typer.Option("--year", help="August 2016 to July 2017.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, last on stdout.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Then serve the pages.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over: the demo's home is emptied first.")
    ] = False,
    port: Annotated[int, typer.Option(help="For --serve; 0 for any free one.")] = 8000,
) -> None:
    """Settle a month or a year of real homes, from readings to bills that a browser proves against the chain."""
    from backend.adapters.demo_data import DEMO_NAMES
    from backend.bootstrap import open_demo, open_wiring
    from backend.errors import InputError, PeriodError
    from backend.services.run_demo import YEAR, run_demo

    if community not in DEMO_NAMES:
        raise InputError(f"there is no demo {community!r}; choose {' or '.join(DEMO_NAMES)}.")
    if month not in YEAR:
        raise PeriodError(
            f"the demo's data reach from {YEAR[0]} to {YEAR[-1]}; {month!r} is not one of its months."
        )
    months = list(YEAR) if year else [month]
    started = time.perf_counter()
    wiring = open_wiring()
    with wiring.writing(f"demo {community}"):
        if fresh:
            wiring.empty()
            wiring = open_wiring()
            wiring.home.create()
        given = open_demo(wiring, community)
        steps = _STAGES_BEFORE + _STAGES_PER_MONTH * len(months) * (2 if community == "street" else 1)
        with progress(
            shown=not as_json, total=steps, what=f"{community}: {len(months)} month(s)"
        ) as on_stage:
            told = run_demo(wiring.context, wiring.reader_for(), given.input, months, on_stage)
        logins = wiring.demo_logins(community)
    told = _shape(told, months)
    told["logins"] = logins
    told["seconds_in_all"] = round(time.perf_counter() - started, 3)
    told["note"] = given.note
    if as_json:
        print_json(told)
    else:
        _print(told)
    if serve:
        _serve(wiring, port)


def _shape(told: dict[str, Any], months: list[str]) -> dict[str, Any]:
    """A single month's report stands at the top; several stand under ``periods``."""
    shaped = {**told["periods"][0], **told} if len(months) == 1 else dict(told)
    shaped["deployment"] = told.get("deployment")
    return {name: value for name, value in shaped.items() if value is not None}


def _print(told: dict[str, Any]) -> None:
    print(told["note"])
    print()
    faults = [finding for finding in told["findings"] if finding["severity"] == "fault"]
    if "total_screened" not in told:
        print_period(told["total"])
    else:
        print("As delivered by the operator")
        print_period(told["total"])
        print()
        print(
            f"Conformity found {len(faults)} faulty points and returned them with their homes' others to the operator:"
        )
        for fault in faults:
            print(f"  {fault['metering_point']}: {fault['message']}")
        print()
        print("Without the faulty meters: a settlement is only as good as its data")
        print_period(told["total_screened"])
    print()
    print("Log-ins (made for this home, kept in it)")
    print_table(
        ["login", "password", "role"],
        [[row["login"], row["password"], row["role"]] for row in told["logins"]],
        text_columns=3,
    )
    print(f"\n{told['seconds_in_all']:.1f} s in all")


def _serve(wiring: Wiring, port: int) -> None:
    from backend.api.server import run

    say(f"Pages: http://127.0.0.1:{port}/ (stop with Ctrl-C)")
    run(wiring, "127.0.0.1", port)
