"""``partage forecasts prices``: record day-ahead prices of a community's market, so that they are forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["prices"]


def prices(
    community: Annotated[str, typer.Argument(help="Id of the community.")],
    file: Annotated[
        Path, typer.Argument(help="CSV: start (ISO 8601 with offset), then the price [EUR/MWh].")
    ],
    column: Annotated[str, typer.Option(help="Name of the price's column.")] = "price",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Keep day-ahead prices with the time they became known; seven weeks of them are enough for a forecast.

    The next run of forecasts learns them; the same file again changes nothing.
    """
    from dataclasses import replace

    from backend.bootstrap import open_existing
    from backend.bootstrap.series_files import read_series
    from backend.forecasting.prices import MARKET_UNIT
    from backend.services.forecasts.retail import keep_prices

    wiring = open_existing()
    desk = wiring.forecasts
    members = desk.members(community)
    read = replace(read_series(file, column), unit=MARKET_UNIT)
    with wiring.writing(f"forecasts prices {community}"):
        kept = keep_prices(desk, members, read)
    if as_json:
        print_json({"community": community, "intervals": len(read), "new": kept})
        return
    print(f"{kept:,} of {len(read):,} prices are new; partage forecasts run {community} forecasts them.")
