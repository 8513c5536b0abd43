"""``partage grid cooling``: is a transformer's oil as warm as its load lets expect, and how long will it last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_wrapped, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cooling"]


def cooling(  # noqa: PLR0917 -- a command's options are its parameters
    series: Annotated[
        Path,
        typer.Argument(help="CSV: start (ISO 8601 with offset), oil [°C], loads, and ambient [°C] if known."),
    ],
    out: Annotated[Path, typer.Option(help="CSV to write: start,oil,expected,excess,fault by UTC day.")],
    oil: Annotated[str, typer.Option(help="Column of the oil's temperature.")] = "oil",
    begin: Annotated[
        str | None, typer.Option("--from", help="First instant judged; the last 28 days without.")
    ] = None,
    budget: Annotated[float, typer.Option(help="False alarms accepted in a year.")] = 1.0,
    load: Annotated[str, typer.Option(help="Column of the load that life is told by.")] = "",
    rated_load: Annotated[
        float | None, typer.Option(help="That load at rated current, in its unit; without, no life is told.")
    ] = None,
    cooling_kind: Annotated[
        str,
        typer.Option("--cooling", help="ONAN, ONAF, OFAF or ODAF; constants are those of IEC 60076-7:2018."),
    ] = "ONAN",
    rated_kva: Annotated[
        float,
        typer.Option(help="Rated power; ONAN up to 2500 kVA has the constants of distribution transformers."),
    ] = 2_500.0,
    paper: Annotated[str, typer.Option(help="kraft (rated for 98 °C) or upgraded (110 °C).")] = "kraft",
    used: Annotated[
        tuple[float, float], typer.Option(help="Least and most of its life that is gone, 0 to 1.")
    ] = (0.0, 1.0),
    growth: Annotated[
        tuple[float, float], typer.Option(help="Mean and spread of the load's yearly growth, 0.02 for 2 %.")
    ] = (0.0, 0.0),
    failures: Annotated[
        Path | None, typer.Option(help="CSV of assets: entered,left [years of age],failed (1 or 0).")
    ] = None,
    age: Annotated[float | None, typer.Option(help="Of this transformer. [years]")] = None,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find days on which oil is warmer than load, air and season explain, and tell remaining life with its uncertainty.

    Four months before the days judged are needed. No home is needed.
    """
    from backend.bootstrap.cooling_files import CoolingAsked, watch_cooling
    from backend.cli.instants import read_instant

    asked = CoolingAsked(
        oil=oil,
        begin_utc=read_instant(begin) if begin else None,
        budget=budget,
        load=load,
        rated_load=rated_load,
        cooling=cooling_kind,
        rated_kva=rated_kva,
        paper=paper,
        used=used,
        growth=growth,
        failures=failures,
        age=age,
        seed=seed,
    )
    told = watch_cooling(series, asked)
    write_file(out, "\n".join(_lines(told)) + "\n")
    if as_json:
        print_json({**told, "out": str(out)})
        return
    _print(told, out)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    from backend.cli.instants import write_instant

    yield "start,oil,expected,excess,fault"
    for one in told["days"]:
        cells = ("" if one[name] is None else f"{one[name]:g}" for name in ("oil", "expected", "excess"))
        yield ",".join([write_instant(one["start"]), *cells, "1" if one["fault"] else "0"])


def _print(told: dict[str, Any], out: Path) -> None:
    from backend.cli.instants import write_instant

    print(
        f"{out}: {len(told['days'])} days; judged from {write_instant(told['judged_from'])}, budget "
        f"{told['budget']:g} false alarms a year: {len(told['faults'])} suspicions"
    )
    for one in told["faults"]:
        print_wrapped(f"{write_instant(one['start'])} (p {one['p_value']:.2g}): {one['reason']}", "  ")
    life, failing = told["life"], told["failing"]
    print_wrapped(life["reason"] if life else told["why_no_life"])
    if failing:
        print_wrapped(
            f"By {failing['failures']} failures of {failing['assets']} assets ({failing['model']}) one of its age "
            f"fails within ten years with {100 * failing['within_ten_years']:.0f} %; half have failed after "
            f"{failing['years_p50']:.0f} years (10 %: {failing['years_p10']:.0f}, 90 %: {failing['years_p90']:.0f})."
        )
    else:
        print_wrapped(told["why_no_failing"])
