"""``partage allocations``: the grid operator's allocation, loaded and held against ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table, print_wrapped, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["app"]

app = typer.Typer(help="The grid operator's allocation: load it, hold it against ours.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Community = Annotated[str, typer.Argument(help="Id of the community.")]
_MICRO_PER_EUR = 1_000_000
_COLUMNS = (
    "metering_point",
    "start",
    "operator_kwh",
    "computed_kwh",
    "difference_kwh",
    "cost_eur",
    "cause",
    "evidence",
)


@app.command("load")
def load(
    community: Community,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="The form that `partage allocate` writes, or any meter file with the operator's shares: EDA "
            "ConsumptionRecord, Austrian energy report, Enedis collective self-consumption."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Load the operator's allocation; a later file supersedes. Where it binds, the next settle goes by it."""
    from backend.bootstrap import open_existing
    from backend.services.operator_allocation import load_allocations

    wiring = open_existing()
    loaded = []
    with wiring.writing("allocations load"):
        for file in files:
            loaded.append(load_allocations(wiring.context, wiring.read_allocations, community, file))
            if not as_json:
                one = loaded[-1]
                word = "loaded" if one.is_new else "known already, nothing changed"
                print(f"{community}: {one.load.rows:,} rows of the operator {word} (load {one.load.id[:12]})")
    if as_json:
        told = [{"load": one.load.id, "is_new": one.is_new, "rows": one.load.rows} for one in loaded]
        print_json({"community": community, **told[-1], "loads": told})


@app.command("compare")
def compare(
    community: Community,
    period: Annotated[str, typer.Option(help="A month such as 2017-06.")],
    out: Annotated[
        Path | None, typer.Option(help="CSV with each row that differs, its cause and evidence.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what the operator's allocation differs from ours in, why, and what it costs; binding or not."""
    from backend.bootstrap import open_existing
    from backend.quantities import SettlementPeriod
    from backend.services.reconcile_period import reconcile_period
    from backend.services.reconciliation_views import rows_of, summary_of

    wiring = open_existing()
    found = reconcile_period(wiring.context, community, SettlementPeriod.from_month(period).label)
    told = summary_of(found)
    if out is not None:
        slots = [term["slot"] for term in found.terms()]
        write_file(out, _as_csv(rows_of(found, found.rows, slots)), private=True)
    if as_json:
        print_json(told)
        return
    _print_summary(told)
    if out is not None:
        print(f"  each row in {out}")


def _print_summary(told: Mapping[str, Any]) -> None:
    from backend.quantities import format_cents, format_kilowatt_hours

    total = told["total"]
    run = f"run {told['run']}" if told["run"] else "not settled yet"
    binds = "binds" if told["binding"] else "does not bind"
    print(f"{told['community']}, {told['label']} ({run}; the operator's allocation {binds})")
    print(
        f"  {total['rows']:,} rows differ; {told['compared_intervals']:,} of {told['intervals']:,} intervals compared"
    )
    if told["untold"]:
        print_wrapped(f"no figure of the operator's for {', '.join(told['untold'])}", "  ")
    if not told["causes"]:
        return
    print_table(
        ("cause", "rows", "points", "more kWh", "less kWh", "EUR"),
        [
            (
                cause["cause"],
                f"{cause['rows']:,}",
                f"{cause['points']:,}",
                format_kilowatt_hours(cause["more_milliwatt_hours"], 3),
                format_kilowatt_hours(cause["less_milliwatt_hours"], 3),
                format_cents(cause["cost_cents"]),
            )
            for cause in told["causes"]
        ],
    )
    for cause in told["causes"]:
        for evidence in cause["evidence"]:
            print_wrapped(f"{cause['cause']}: {evidence['message']}", "  ")


def _as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    import csv
    import io

    from backend.quantities import format_kilowatt_hours
    from backend.quantities.cells import harmless_cell
    from backend.services.point_rows import instant_text

    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(_COLUMNS)
    for row in rows:
        energies = [row[f"{name}_milliwatt_hours"] for name in ("operator", "computed", "difference")]
        table.writerow(
            [
                harmless_cell(row["metering_point"]),
                instant_text(row["start_utc"]),
                *map(format_kilowatt_hours, energies),
                _euro(row["cost_micro_eur"]),
                row["cause"],
                harmless_cell(row["evidence"]["message"]),
            ]
        )
    return written.getvalue()


def _euro(micro: int) -> str:
    sign = "-" if micro < 0 else ""
    whole, fraction = divmod(abs(micro), _MICRO_PER_EUR)
    return f"{sign}{whole}.{fraction:06d}"
