"""``partage contest`` and ``partage watch``: refute what is wrong, and keep an eye on the chain."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["contest", "watch"]

_RED = 3


def contest(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    interval: Annotated[
        int | None, typer.Option(help="Interval of the period, from 0; without, all that differs.")
    ] = None,
    row: Annotated[str, typer.Option(help="Metering point whose row is contested.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Send the proof: what it shows is public for ever.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Replay a run and say what a contest would show; with --yes send it, which voids the run or its bills."""
    from backend.bootstrap import open_existing
    from backend.quantities import SettlementPeriod
    from backend.services.bundles import run_of
    from backend.services.contests.looking import look_at, place_of
    from backend.services.contests.running import send_contest

    wiring = open_existing()
    month = SettlementPeriod.from_month(period)
    run = run_of(wiring.context, community, month)
    places = [] if interval is None else [place_of(wiring.context, run, interval, row)]
    look = look_at(wiring.context, run, places)
    sent = look.proof is not None and yes
    if look.proof is not None and yes:
        with wiring.writing(f"contest {community} {period}"):
            send_contest(wiring.context, run, look.proof)
    if as_json:
        print_json(
            {
                "community": community,
                "period": period,
                "run": run.version,
                "holds": look.replay.holds,
                "differences": len(look.replay.differences),
                "contest": look.proof.name if look.proof else None,
                "reason": look.reason,
                "shows": list(look.shown),
                "sent": sent,
            }
        )
        return
    if look.proof is None:
        held = "is what its readings give" if look.replay.holds else "differs, but no contest proves it"
        told = look.reason or "there is nothing to contest"
        print(f"{community} {period}, run {run.version}: {held}; {told}.")
        return
    print(f"{community} {period}, run {run.version}: {look.reason}.")
    print("Everyone would see, for ever:" if not sent else "Everyone sees from now on:")
    for phrase in look.shown or ("hashes alone",):
        print(f"  - {phrase}")
    print("The contest was sent." if sent else "Nothing was sent; add --yes to send it.")


def watch(
    once: Annotated[bool, typer.Option("--once", help="Look once and stop.")] = False,
    every: Annotated[int, typer.Option(help="Seconds between looks.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per look.")] = False,
) -> None:
    """Pin the chain's head, replay every new run, and contest what is wrong; exit code 3 where somebody must look."""
    from backend.bootstrap import open_existing
    from backend.services.watch import is_red, watch_once

    wiring = open_existing()
    while True:
        with wiring.writing("watch"):
            sightings = watch_once(wiring.context)
        if as_json:
            listed = [{"kind": s.kind, "subject": s.subject, "message": s.message} for s in sightings]
            print_json({"red": is_red(sightings), "sightings": listed})
        else:
            for sighting in sightings:
                print(f"{sighting.kind:<10} {sighting.subject}: {sighting.message}")
        if is_red(sightings):
            raise typer.Exit(_RED)
        if once:
            return
        time.sleep(every)
