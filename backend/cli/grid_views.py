"""``partage grid views``: a network as a database for notebooks and BI tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.instants import read_instant
from backend.cli.output import by_share, print_json, print_table, progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.bootstrap import Wiring
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks

__all__ = ["views"]

_PARTS = 50


def views(
    name: Annotated[str, typer.Argument(help="Of the network.")],
    out: Annotated[Path, typer.Option(help="DuckDB file to write; one that stands there is replaced.")],
    begin: Annotated[str, typer.Option("--from", help="First instant of powers and readings.")] = "",
    end: Annotated[str, typer.Option("--to", help="Instant after the last.")] = "",
    flows: Annotated[
        bool,
        typer.Option(help="With flows: they are computed where that was not done, which may take minutes."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write structure, powers, readings and flows of a network as tables and views of a DuckDB file.

    The file holds what persons draw: it is readable by its owner alone, and is theirs to guard and to delete.
    """
    from backend.adapters.grid_views import GRID_VIEWS, DuckDbViews
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.services.grid.export_views import export_views
    from backend.services.grid.known_networks import KnownNetworks

    first, until = read_instant(begin) if begin else None, read_instant(end) if end else None
    if first is not None and until is not None and first >= until:
        raise InputError(f"--from {begin} is not before --to {end}; give the earlier one first.")
    wiring = open_existing()
    networks = KnownNetworks(wiring.grid_sources)
    known = networks.named(name)
    bar = progress(shown=not as_json, total=2 * _PARTS, what=f"views of {name}")
    with DuckDbViews(out) as file, bar as on_stage:
        if flows:
            _sum_up(wiring, networks, known, by_share(on_stage, _PARTS, "flows"))
        told = by_share(on_stage, _PARTS, "series")
        rows = export_views(wiring.grid_sources, wiring.flows, known, file, (first, until), told)
        size = file.finish()
    if as_json:
        print_json(
            {"network": name, "file": str(out), "bytes": size, "rows": rows, "views": sorted(GRID_VIEWS)}
        )
        return
    print(f"{out}: {size / 1e6:,.1f} MB")
    print_table(("table", "rows"), [(table, f"{count:,}") for table, count in rows.items()])
    print(f"Views: {', '.join(GRID_VIEWS)}")


def _sum_up(
    wiring: Wiring, networks: KnownNetworks, known: KnownNetwork, on_progress: Callable[[float], None]
) -> None:
    """Compute flows where there is anything to compute them of, and it was not done since."""
    from backend.services.grid.network_series import available_span
    from backend.services.grid.summaries import is_stale, summarise_network

    about = wiring.flows.about(known.record.name)
    is_there = available_span(wiring.grid_sources, known.record) is not None
    if is_there and (about is None or is_stale(networks, known, about)):
        summarise_network(networks, wiring.flows, known, wiring.clock.now_utc(), on_progress)
