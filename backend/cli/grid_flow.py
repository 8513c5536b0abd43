"""``partage grid flow``: what flows in a network, and where it is unbalanced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.output import print_json, print_table, progress

if TYPE_CHECKING:
    from backend.services.grid.flows import FlowReport

__all__ = ["flow"]

_WORST_PRINTED = 3
_STEPS = 100
_TITLES = {
    "deviation": "deviation of a phase",
    "neutral": "neutral current",
    "loading": "loading",
    "nema": "voltage unbalance, NEMA",
    "vuf": "voltage unbalance, IEC",
    "voltage": "voltage, from nominal",
}


def flow(
    name: Annotated[str, typer.Argument(help="Of the network.")],
    begin: Annotated[
        str | None, typer.Option("--from", help="First instant, ISO 8601 with an offset; all without.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Instant before which to end.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Parquet file with every element in every interval.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Solve the three-phase power flow over what connections draw: imbalance, losses, voltages."""
    from backend.bootstrap import open_existing
    from backend.bootstrap.networks import flow_writer
    from backend.cli.instants import read_instant
    from backend.services.grid.flows import report_flow

    wiring = open_existing()
    with wiring.store.reading() as records:
        record = records.network(name)
    begin_utc, end_utc = (read_instant(one) if one else None for one in (begin, end))
    with progress(shown=not as_json, total=_STEPS, what=f"power flow of {name}") as move:
        shown = 0

        def on_piece(done: int, total: int) -> None:
            nonlocal shown
            while total and shown * total <= done * _STEPS:
                move(f"{done:,} of {total:,} intervals")
                shown += 1

        report = report_flow(
            wiring.grid_sources,
            record,
            begin_utc,
            end_utc,
            writer=flow_writer(out) if out else None,
            on_piece=on_piece,
        )
    if as_json:
        print_json(report.as_dict())
        return
    _print(report)
    if out:
        print(f"  every element and interval in {out}")


def _print(report: FlowReport) -> None:
    from backend.cli.instants import write_instant
    from backend.grid.imbalance import MEASURES, Measure

    end = report.start_utc + report.intervals * report.step_seconds
    print(f"{report.network}: {report.intervals:,} intervals of {report.step_seconds} s")
    print(f"  {write_instant(report.start_utc)} to {write_instant(end)}")
    counts = ", ".join(f"{count} {origin}" for origin, count in report.origins.items() if count)
    print(f"  connections: {counts}; {report.known_share:.1%} of their intervals known")
    share = report.losses_kwh / report.energy_kwh if report.energy_kwh > 0 else float("nan")
    print(f"  drawn {report.energy_kwh:,.1f} kWh, of which {report.losses_kwh:,.2f} kWh lost ({share:.2%})")
    for word, one in (("lowest", report.voltage_min), ("highest", report.voltage_max)):
        place = f"L{one.phase + 1} of bus {one.bus}"
        print(f"  {word} voltage {one.level_pu:.4f} pu on {place}, {write_instant(one.start_utc)}")
    currents = "  ".join(
        f"L{phase + 1} {current:,.1f} A" for phase, current in enumerate(report.head_current_mean_a)
    )
    print(f"  mean current at the head: {currents}")
    rows = []
    for measure in (one for one in Measure if one != Measure.CURRENT):
        unit = MEASURES[measure].unit
        for rank, ranked in enumerate(report.worst[measure][:_WORST_PRINTED]):
            title = _TITLES[measure] if rank == 0 else ""
            figures = [f"{value:.3g} {unit}" for value in (ranked.mean, ranked.p95, ranked.worst)]
            rows.append((title, ranked.key, *figures, write_instant(ranked.worst_start_utc)))
    print_table(("measure", "element", "mean", "95 %", "worst", "when"), rows, text_columns=2)
