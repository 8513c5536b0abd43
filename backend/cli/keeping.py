"""``partage backup``, ``restore``, ``bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json

__all__ = ["backup", "bench", "restore"]


def backup(target: Annotated[Path, typer.Argument(help="Archive to write, .tar.gz.")]) -> None:
    """Write a consistent copy of PARTAGE_HOME, keys included: keep it as safe as the home itself."""
    from backend.bootstrap import backup_home

    written = backup_home(target)
    print(f"{target}: {written:,} files")


def restore(archive: Annotated[Path, typer.Argument(help="Archive that `partage backup` wrote.")]) -> None:
    """Restore an archive into an empty PARTAGE_HOME, each file checked against its hash."""
    from backend.bootstrap import restore_home

    print(f"{restore_home(archive):,} files restored")


def bench(
    name: Annotated[str, typer.Argument(help="Which benchmark; all without.")] = "",
    members: Annotated[
        int, typer.Option(help="Members of the community in `settlement` and `rehearse`.", min=1, max=1400)
    ] = 200,
    readings: Annotated[int, typer.Option(help="Readings in the file of `readings`.", min=1000)] = 10_000_000,
    kill: Annotated[
        bool, typer.Option("--kill", help="In `readings`: kill the service at random under load instead.")
    ] = False,
    worlds: Annotated[
        int, typer.Option(help="Faulty copies of each sample in `conformity`.", min=1, max=1000)
    ] = 20,
    part: Annotated[
        str, typer.Option(help="Which series of `forecast`, such as `victoria`; all without.")
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of further measured data, for `conformity`, `forecast` and `phases`.",
            envvar="PARTAGE_SHARED_DATA",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time the work side by side with what a user would use instead; ratios hold within one run."""
    from functools import partial

    from backend.benches import (
        bench_conformity,
        bench_forecast,
        bench_grid,
        bench_invoices,
        bench_phases,
        bench_readings,
        bench_rehearsal,
        bench_settlement,
    )
    from backend.services.benchmarks import run_benchmarks

    results = run_benchmarks(
        name,
        {
            "settlement": partial(bench_settlement, members),
            "rehearse": partial(bench_rehearsal, members),
            "conformity": partial(bench_conformity, worlds, data),
            "forecast": partial(bench_forecast, data, part),
            "grid": bench_grid,
            "invoices": bench_invoices,
            "phases": partial(bench_phases, data),
            "readings": partial(bench_readings, readings, kill=kill),
        },
    )
    if as_json:
        print_json({"benchmarks": [result.as_dict() for result in results]})
        return
    for result in results:
        for line in result.lines():
            print(line)
