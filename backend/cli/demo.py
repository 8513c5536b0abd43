"""``partage demo``: the whole way of a kilowatt-hour, on real households."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import command_name, print_json, print_table, print_wrapped, progress, say
from backend.cli.service import LOCAL_HOST, Port, require_free
from backend.cli.summary import print_energy, print_proofs, print_savings, print_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.bootstrap import Wiring

__all__ = ["demo"]

_STAGES_PER_MONTH = 6
_STAGES_BEFORE = 3
_FORECAST_STEPS = 3
_DELIVERED, _SCREENED = "as delivered", "without faulty"


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
    port: Port = 8000,
) -> None:
    """Settle a month or a year of real homes, from readings to bills that a browser proves against the chain."""
    from backend.adapters.demo_data import DEMO_NAMES
    from backend.bootstrap import open_demo, open_wiring
    from backend.bootstrap.forecasting import first_forecasts
    from backend.errors import InputError, PeriodError
    from backend.services.run_demo import YEAR, run_demo

    if community not in DEMO_NAMES:
        raise InputError(f"there is no demo {community!r}; choose {' or '.join(DEMO_NAMES)}.")
    if month not in YEAR:
        raise PeriodError(
            f"the demo's data reach from {YEAR[0]} to {YEAR[-1]}; {month!r} is not one of its months."
        )
    if serve:
        require_free(LOCAL_HOST, port)
    months = list(YEAR) if year else [month]
    started = time.perf_counter()
    wiring = open_wiring()
    with wiring.writing(f"demo {community}"):
        if fresh:
            wiring.empty(keep_unless=DEMO_NAMES)
            wiring = open_wiring()
            wiring.home.create()
        given = open_demo(wiring, community)
        steps = _STAGES_BEFORE + _STAGES_PER_MONTH * len(months) * (2 if community == "street" else 1)
        with progress(
            shown=not as_json, total=steps, what=f"{community}: {len(months)} month(s)"
        ) as on_stage:
            told = run_demo(wiring.context, wiring.reader_for(), given.input, months, on_stage)
        logins = wiring.demo_logins(community)
        networks = wiring.keep_demo_networks(community)
        with progress(shown=not as_json, total=_FORECAST_STEPS, what=f"{community}: forecasts") as on_step:
            forecasts = first_forecasts(wiring, community, on_step)
        if serve:
            _show_governance(wiring, community)
    told = _shape(told, months)
    told["logins"] = logins
    told["networks"] = networks
    told["forecasts"] = forecasts
    told["seconds_in_all"] = round(time.perf_counter() - started, 3)
    told["note"] = given.note
    if as_json:
        print_json(told)
    else:
        _print(told, str(wiring.home.keys), serve=serve)
    if serve:
        _serve(wiring, port)


def _show_governance(wiring: Wiring, community: str) -> None:
    """Let the pages of governance have something to show; it takes seconds, so only where they are served."""
    from backend.adapters.chain.signatures import VaultSigner
    from backend.services.governance_demo import show_governance

    show_governance(wiring.governance, VaultSigner(wiring.vault), community)


def _shape(told: dict[str, Any], months: list[str]) -> dict[str, Any]:
    """A single month's report stands at the top; several stand under ``periods``."""
    return {**told["periods"][0], **told} if len(months) == 1 else told


def _print(told: Mapping[str, Any], keys: str, *, serve: bool) -> None:
    total = told["total"]
    print(f"Partage, the demonstration: {total['community']}, {total['period']}")
    print_wrapped(told["note"])
    print()
    if "total_screened" in told:
        _print_both(told)
    else:
        print_energy([("", total)])
        print()
        print_savings([("", total)])
        print()
        _print_chain(told["periods"], total)
    print()
    _print_logins(told["logins"], keys)
    print()
    _print_next(told, serve=serve)
    print(f"\n{told['seconds_in_all']:.1f} s in all")


def _print_both(told: Mapping[str, Any]) -> None:
    """What faulty meters would have made of the month, and the month without them."""
    faults = [finding for finding in told["findings"] if finding["severity"] == "fault"]
    both = [(_DELIVERED, told["total"]), (_SCREENED, told["total_screened"])]
    points = {fault["metering_point"] for fault in faults}
    print(f"Conformity found faults at {len(points)} metering points by itself:")
    for fault in faults:
        print_wrapped(fault["message"], indent="  ")
    print_wrapped(
        "Their homes' readings went back to the operator, and everything was settled again without them: a "
        "settlement is only as good as its data."
    )
    print()
    print_energy(both)
    print()
    print_savings(both)
    for heading, periods, total in (
        (_DELIVERED, told["periods"], told["total"]),
        (_SCREENED, told["periods_screened"], told["total_screened"]),
    ):
        print(f"\n  {heading.capitalize()}")
        _print_chain(periods, total)


def _print_chain(periods: list[dict[str, Any]], total: Mapping[str, Any]) -> None:
    if len(periods) == 1:
        print_proofs(periods[0])
    else:
        print_proofs({**total, "periods_told": periods})
    print_time(total)


def _print_logins(logins: list[dict[str, Any]], keys: str) -> None:
    print(f"Log-ins, made for this home and kept in {keys} for its owner alone")
    rows = [[row["login"], row["password"], row["role"]] for row in logins]
    print_table(["login", "password", "role"], rows, text_columns=3)


def _print_next(told: Mapping[str, Any], *, serve: bool) -> None:
    """What a newcomer may do now, as lines to copy."""
    name, community = command_name(), told["total"]["community"]
    period, login = told["periods"][-1]["period"], told["logins"][0]
    participant = login["participant"]
    print("Next")
    if not serve:
        print("  Open the pages and log in as a home:")
        print(f"    {name} serve")
    print(f"  Check the bill of {participant} against the chain, without the pages:")
    print(f"    {name} bundle {community} --period {period} --participant {participant} --out bill.json")
    print(f"    {name} verify bill.json")
    print("  See what is expected of tomorrow, and how good such forecasts were:")
    print(f"    {name} forecasts show {community}")
    print(f"    {name} forecasts accuracy {community}")
    print("  Read the bills:")
    print(f"    {name} bills {community} --period {period} --pdf bills")
    print("  Issue invoices and bank files as its treasurer; addresses and accounts are invented:")
    print(f"    {name} invoices {community} --period {period} --out invoices --zip")
    print(f"    {name} payments debit {community} --period {period} --out debit.xml")


def _serve(wiring: Wiring, port: int) -> None:
    from backend.api.server import run

    say("Serving the pages; stop with Ctrl-C.")
    run(wiring, LOCAL_HOST, port)
