"""``partage grid balance``: which few connections to move to which phase."""

from __future__ import annotations

import csv
import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import by_share, print_json, print_table, progress, write_file
from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.grid.balancing.plan import PlanRequest

__all__ = ["balance"]

_STEPS = 100
_SWITCHES_PRINTED = 30
_ID_BYTES = 8
_SECONDS_MAX = 3600.0
_UNITS = {"s": 1, "m": 60, "h": 3600}
_DAY = 86_400
_NEARLY_ALL = 0.95  # of what a plan gains


def balance(  # noqa: PLR0917 -- a command's options are its parameters
    name: Annotated[str, typer.Argument(help="Of the network.")],
    switches: Annotated[int, typer.Option(help="Connections that may be moved, at most.", min=0)] = 5,
    seconds: Annotated[
        float,
        typer.Option(
            help="That search, proof, curve and power flow may take, once loaded.", min=1, max=_SECONDS_MAX
        ),
    ] = 60.0,
    out: Annotated[Path | None, typer.Option(help="Write the plan here, as JSON.")] = None,
    element: Annotated[
        str, typer.Option(help="Branch or source to balance; by default the transformer, or the source.")
    ] = "",
    critical: Annotated[
        Path | None, typer.Option(help="File with a connection per line that must not move.")
    ] = None,
    free_places: Annotated[
        list[str] | None,
        typer.Option(
            help="Where a crew works anyway: connection, bus or branch (all behind it); ID=0.5 for half the cost. "
            "May be repeated. What moves at a free place counts as no switch."
        ),
    ] = None,
    costs: Annotated[
        Path | None, typer.Option(help="CSV of connection,cost; an ordinary switch costs 1.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="What moving may cost in all.", min=0)] = None,
    weigh: Annotated[
        list[str] | None,
        typer.Option(
            help="What to lessen: mean, worst_hour, losses or voltage, such as worst_hour=0.3; may be repeated."
        ),
    ] = None,
    weeks: Annotated[
        int, typer.Option(help="Weeks to plan on; by default a third of all, at least eight.", min=0)
    ] = 0,
    resolution: Annotated[
        str, typer.Option(help="Plan on means of 15m, 1h or so many seconds; by default as the series are.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the search: the same plan for the same one.", min=0)] = 1,
    allow_harm: Annotated[
        bool, typer.Option(help="Balance even where losses or voltage unbalance become worse by it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as one JSON object.")] = False,
) -> None:
    """Suggest which few connections to move to which phase: what it gains, how far from the best, what physics says."""
    import secrets
    import time

    from backend.bootstrap import open_existing
    from backend.grid.balancing.plan import PlanRequest
    from backend.grid.balancing.problem import SwitchingLimits
    from backend.services.grid.switching import keep_plan, plan_switches

    request = PlanRequest(
        limits=SwitchingLimits(
            switches_max=switches,
            budget=float("inf") if budget is None else budget,
            critical=frozenset(_read_lines(critical)) if critical else frozenset(),
            costs=_read_costs(costs) if costs else {},
            places=_read_places(free_places or ()),
        ),
        element=element,
        weights=_read_weights(weigh or ()),
        seconds=seconds,
        weeks=weeks,
        seed=seed,
        step_seconds=_read_resolution(resolution) if resolution else 0,
        allows_harm=allow_harm,
    )
    wiring = open_existing()
    with wiring.store.reading() as records:
        record = records.network(name)
    with progress(shown=not as_json, total=_STEPS, what=f"balance {name}") as move:
        document = plan_switches(wiring.grid_sources, record, request, time.monotonic, by_share(move, _STEPS))
    document = {"id": secrets.token_hex(_ID_BYTES), **document}
    if out is not None:
        write_file(out, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    with wiring.writing(f"grid balance {name}"):
        keep_plan(wiring.grid_sources, wiring.clock, document["id"], "", document)
    if as_json:
        print_json(document)
        return
    _print(document, request)
    if out is not None:
        print(f"{out}: the plan")


def _read_lines(file: Path) -> list[str]:
    from backend.bootstrap import read_text

    lines = read_text(file, what="file of critical connections").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _read_costs(file: Path) -> dict[str, float]:
    from backend.bootstrap import read_text

    rows = csv.reader(read_text(file, what="file of costs").splitlines())
    costs: dict[str, float] = {}
    for number, row in enumerate(rows, 1):
        if not row or (number == 1 and [cell.strip() for cell in row] == ["connection", "cost"]):
            continue
        try:
            connection, cost = row
            costs[connection.strip()] = float(cost)
        except ValueError:
            raise InputError(
                f"{file.name}, line {number}: {','.join(row)[:60]!r} is no connection with its cost; write "
                "connection,cost with a plain number."
            ) from None
    return costs


def _read_resolution(text: str) -> int:
    unit = _UNITS.get(text[-1:].lower(), 0)
    number = text[:-1] if unit else text
    seconds = int(number) * (unit or 1) if number.isascii() and number.isdigit() else 0
    if not 0 < seconds <= _DAY:
        raise InputError(f"--resolution {text}: write 15m, 1h or a number of seconds, at most a day.")
    return seconds


def _read_places(told: Sequence[str]) -> dict[str, float]:
    places: dict[str, float] = {}
    for one in told:
        name, _, part = one.rpartition("=") if "=" in one else (one, "", "0")
        places[name] = _number(part, f"--free-places {one}")
    return places


def _read_weights(told: Sequence[str]) -> Any:
    from backend.grid.balancing.problem import Weights

    names = {field.name for field in fields(Weights)}
    values: dict[str, float] = {}
    for one in told:
        name, _, value = one.partition("=")
        if name not in names or not value:
            raise InputError(
                f"--weigh {one}: write one of {', '.join(sorted(names))}, with =NUMBER behind it."
            )
        values[name] = _number(value, f"--weigh {one}")
    return Weights(**values)


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{what}: {text!r} is no number.") from None


def _print(plan: dict[str, Any], request: PlanRequest) -> None:
    """The plan for people."""
    moved, asked = len(plan["switches"]), request.limits.switches_max
    print(
        f"{plan['network']} · {plan['element']} · {moved} of at most {asked} switches · means of "
        f"{plan['resolution_seconds']:,} s · took {plan['seconds']:.1f} s, loading {plan['loading_seconds']:.1f} s"
    )
    lower = _percent(plan["imbalance_before_kw"], plan["imbalance_after_kw"])
    print(
        f"  imbalance      {plan['imbalance_before_kw']:.3f} -> {plan['imbalance_after_kw']:.3f} kW  ({lower})"
    )
    if plan["holdout_after_kw"] is not None:
        kind = (
            "weeks not seen" if plan["holdout_kind"] == "weeks" else f"cross-fitted by {plan['holdout_kind']}"
        )
        lower = _percent(plan["holdout_before_kw"], plan["holdout_after_kw"])
        print(
            f"  held out       {plan['holdout_before_kw']:.3f} -> {plan['holdout_after_kw']:.3f} kW  ({lower}; {kind})"
        )
    if plan["proven"]:
        print(f"  bound          {plan['bound_kw']:.3f} kW: proven, no plan within these limits is better")
    else:
        print(f"  bound          {plan['bound_kw']:.3f} kW: at most {plan['gap']:.1%} could still be gained")
    _print_curve(plan)
    _print_flow(plan)
    if plan["left_out"]:
        print(f"  left in place  {', '.join(f'{count} ({why})' for why, count in plan['left_out'].items())}")
    rows = [
        (_named(one), one["from"], one["to"], one["bus"], f"{one['gain_kw']:.3f}")
        for one in plan["switches"][:_SWITCHES_PRINTED]
    ]
    if rows:
        print_table(("connection", "from", "to", "at", "gain kW"), rows, text_columns=4)
    if moved > _SWITCHES_PRINTED:
        print(f"  ... and {moved - _SWITCHES_PRINTED} more; --json shows all.")


def _print_curve(plan: dict[str, Any]) -> None:
    """How few of the switches bring nearly all."""
    before, after = plan["imbalance_before_kw"], plan["imbalance_after_kw"]
    enough = before - _NEARLY_ALL * (before - after)
    few = next((one for one in plan["pareto"] if one["switches"] and one["imbalance_kw"] <= enough), None)
    if few and few["switches"] < len(plan["switches"]):
        part = (before - few["imbalance_kw"]) / (before - after)
        print(f"  curve          a plan of {few['switches']} brings {part:.0%} of that")


def _print_flow(plan: dict[str, Any]) -> None:
    flow = plan["flow"]
    if "problem" in flow:
        print(f"  power flow     finds no solution: {flow['problem']}")
    else:
        print(
            f"  power flow     {_solved(flow)}: losses {flow['losses_before_kwh']:.3f} -> "
            f"{flow['losses_after_kwh']:.3f} kWh, voltage "
            f"{flow['voltage_min_before_pu']:.4f}-{flow['voltage_max_before_pu']:.4f} -> "
            f"{flow['voltage_min_after_pu']:.4f}-{flow['voltage_max_after_pu']:.4f} pu, unbalance "
            f"{flow['vuf_before_pct']:.2f} -> {flow['vuf_after_pct']:.2f} %"
        )
    for one in flow["warnings"]:
        print(f"  not confirmed  by power flow: {one}")
    if plan["spared"]:
        weights = ", ".join(f"{name}={value:g}" for name, value in plan["weighed"].items() if value)
        print(
            f"  weighed        {weights}: by the weights asked for, {'; '.join(plan['spared'])} (--allow-harm)"
        )


def _named(switch: dict[str, Any]) -> str:
    others = len(switch["others"])
    return f"{switch['connection']} +{others} on {switch['spur']}" if others else switch["connection"]


def _solved(flow: dict[str, Any]) -> str:
    """Over which intervals power flow was solved."""
    if flow["intervals"] == flow["of_intervals"]:
        return f"all {flow['intervals']:,} intervals"
    return f"{flow['intervals']:,} intervals spread over all {flow['of_intervals']:,}"


def _percent(before: float, after: float) -> str:
    return f"{(after - before) / before:+.0%}" if before else "0 %"
