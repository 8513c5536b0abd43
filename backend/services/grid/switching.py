"""Suggesting switches for a stored network: planned on its series, checked by power flow, kept as a document."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from backend.errors import InputError, PowerFlowError
from backend.grid.balancing.flow_check import FlowFigures, HarmLook, check_by_flow
from backend.grid.balancing.plan import PlanRequest, SwitchingPlan, make_plan
from backend.grid.balancing.units import turn_phases
from backend.grid.balancing.work_orders import SwitchOrder, switch_orders, turned_phases
from backend.grid.network_form import read_network
from backend.grid.phases import Phases
from backend.grid.series import coarsen_series
from backend.ports.grid_event_records import EventKind
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from backend.services.grid.events import note_event
from backend.services.grid.keep_network import require_unchanged
from backend.services.grid.network_series import network_series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from backend.grid import ConnectionSeries, Network
    from backend.grid.balancing.pareto import ParetoPoint
    from backend.grid.balancing.problem import SwitchingProblem
    from backend.ports import Clock
    from backend.ports.grid_records import NetworkRecord
    from backend.services.grid.network_series import GridSources

__all__ = ["keep_plan", "plan_switches", "planned_phases", "tell_plan", "tell_request"]

_KILO = 1000
_DIGITS = 6
_PLAN_PART = 0.75  # of the time and of the progress that is told; the rest is power flow


def plan_switches(
    sources: GridSources,
    record: NetworkRecord,
    request: PlanRequest,
    elapsed: Callable[[], float],
    on_progress: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Plan switches for a network, over all that is known of what its connections draw.

    The seconds that are asked for begin when the series are read. Power flow takes what search, proof and curve leave,
    and a piece of intervals at least.

    Args:
        sources: Networks, readings, profiles.
        record: The network.
        request: What is asked.
        elapsed: Seconds that pass, from any beginning.
        on_progress: Is told how much is done, 0 to 1.

    Returns:
        The plan, JSON-ready: see ``docs/grid.md``.

    Raises:
        InputError: If nothing is known of any connection, or what is asked does not fit the network.
    """
    began = elapsed()
    network = read_network(record.document)
    series = network_series(sources, record)
    if request.step_seconds:
        if request.step_seconds < series.step_seconds:
            raise InputError(
                f"network {record.name}: means over {request.step_seconds:,} s are asked for, and its series have one "
                f"value per {series.step_seconds:,} s; ask for as much or more (15m is a quarter-hour)."
            )
        series = coarsen_series(series, request.step_seconds)
    loaded = elapsed()
    look = HarmLook(network, series)
    plan = make_plan(
        network,
        series,
        replace(request, seconds=request.seconds * _PLAN_PART),
        elapsed,
        lambda done: on_progress(done * _PLAN_PART),
        lambda problem, turns: _find_harms(look, network, problem, turns),
    )
    if not plan.problem.total.size:
        raise InputError(
            f"network {record.name}: there is no interval to plan on; load readings or profiles."
        )

    def on_flow(done: float) -> None:
        on_progress(_PLAN_PART + (1 - _PLAN_PART) * done)

    document = {
        "network": record.name,
        "digest": record.digest,
        "element": plan.problem.element,
        "resolution_seconds": series.step_seconds,
        "asked": tell_request(request),
        **_tell_figures(plan),
        "switches": [_tell_order(order) for order in switch_orders(plan, network)],
        "pareto": [_tell_point(point) for point in plan.pareto],
        "flow": _flow(network, plan, series, on_flow, lambda: elapsed() > loaded + request.seconds),
        "span": {
            "from": series.start_utc,
            "to": series.end_utc,
            "step_seconds": series.step_seconds,
            "intervals": series.length,
            "fitted_intervals": int(plan.split.fit.size),
        },
        "movable": plan.problem.size,
        "left_out": {why: int(count) for why, count in plan.problem.notes.items()},
        "loading_seconds": round(loaded - began, 3),
        "seconds": round(elapsed() - loaded, 3),
    }
    on_progress(1.0)
    return document


def keep_plan(
    sources: GridSources, clock: Clock, plan: str, made_by: str, document: Mapping[str, Any]
) -> PlanRecord:
    """Keep a plan that was made, and note it on the network's timeline; nothing is switched by it.

    Raises:
        ConflictError: If the network was changed while it was made.
    """
    now = clock.now_utc()
    record = PlanRecord(
        id=plan,
        network=document["network"],
        kind=PlanKind.SWITCHING,
        element=document["element"],
        state=PlanState.PROPOSED,
        made_utc=now,
        made_by=made_by,
        document=dict(document),
    )
    count = len(document["switches"])
    with sources.store.transaction() as records:
        require_unchanged(records, record.network, document["digest"])
        records.add_plan(record)
        note_event(
            records,
            network=record.network,
            kind=EventKind.PLAN,
            title=f"Plan of {count} {'switch' if count == 1 else 'switches'} for {record.element}: imbalance "
            f"{document['imbalance_before_kw']:.2f} -> {document['imbalance_after_kw']:.2f} kW.",
            at_utc=now,
            noted_utc=now,
            element=record.element,
            by=made_by,
            data={"plan": record.id},
            event_id=f"plan-{record.id}",
        )
    return record


def tell_plan(record: PlanRecord, network: Network) -> dict[str, Any]:
    """A kept plan with what its network says of the connections today: their metering points."""
    points = {one.id: list(one.metering_points) for one in network.connections}
    return {
        **record.document,
        "id": record.id,
        "made_utc": record.made_utc,
        "state": record.state.value,
        "switches": [
            {**one, "metering_points": [point for name in _moved(one) for point in points.get(name, [])]}
            for one in record.document["switches"]
        ],
    }


def tell_request(request: PlanRequest) -> dict[str, Any]:
    """What was asked of a plan, JSON-ready."""
    limits = request.limits
    return {
        "element": request.element,
        "switches": limits.switches_max,
        "seconds": request.seconds,
        "budget": None if math.isinf(limits.budget) else limits.budget,
        "critical": sorted(limits.critical),
        "costs": dict(sorted(limits.costs.items())),
        "places": dict(sorted(limits.places.items())),
        "weights": asdict(request.weights),
        "weeks": request.weeks,
        "seed": request.seed,
        "resolution_seconds": request.step_seconds,
        "allow_harm": request.allows_harm,
    }


def planned_phases(document: Mapping[str, Any], network: Network) -> dict[str, Phases]:
    """Phases that a plan's document moves connections to, by id: what draws a network as it would be."""
    known = {one.id: one.phases for one in network.connections}
    moved: dict[str, Phases] = {}
    for one in document["switches"]:
        turn = (int(one["to"][1]) - int(one["from"][1])) % 3
        if known.get(one["connection"]) == Phases.parse(one["from"]):
            moved |= {name: turn_phases(known[name], turn) for name in _moved(one) if name in known}
    return moved


def _moved(switch: Mapping[str, Any]) -> list[str]:
    """Ids of all connections that a switch moves."""
    return [switch["connection"], *switch["others"]]


def _find_harms(
    look: HarmLook, network: Network, problem: SwitchingProblem, turns: NDArray[np.int64]
) -> tuple[str, ...]:
    """What power flow says that turns make worse; nothing where it finds no solution."""
    try:
        return look.harms(turned_phases(problem, turns, network), problem.element)
    except PowerFlowError:
        return ()


def _flow(
    network: Network,
    plan: SwitchingPlan,
    series: ConnectionSeries,
    on_progress: Callable[[float], None],
    is_over: Callable[[], bool],
) -> dict[str, Any]:
    """Before and after by power flow; where that finds no solution, why: the plan stands all the same."""
    turned = turned_phases(plan.problem, plan.turns, network)
    try:
        check = check_by_flow(network, turned, series, plan.problem.element, on_progress, is_over)
    except PowerFlowError as error:
        return {"problem": str(error), "warnings": []}
    before, after = _tell_flow(check.before), _tell_flow(check.after)
    told: dict[str, Any] = {"intervals": check.intervals, "of_intervals": check.of_intervals}
    told["warnings"] = list(check.contradictions)
    for name, unit in (
        ("imbalance", "kw"),
        ("losses", "kwh"),
        ("voltage_min", "pu"),
        ("voltage_max", "pu"),
        ("vuf_mean", "pct"),
        ("vuf", "pct"),
        ("neutral_mean", "a"),
    ):
        told[f"{name}_before_{unit}"] = before[name]
        told[f"{name}_after_{unit}"] = after[name]
    return told


def _tell_flow(figures: FlowFigures) -> dict[str, float | None]:
    neutral = figures.neutral_mean_amperes
    return {
        "imbalance": _kilo(figures.imbalance_watts),
        "losses": round(figures.losses_kilowatt_hours, _DIGITS),
        "voltage_min": round(figures.voltage_min_pu, _DIGITS),
        "voltage_max": round(figures.voltage_max_pu, _DIGITS),
        "vuf_mean": round(figures.unbalance_mean_percent, _DIGITS),
        "vuf": round(figures.unbalance_max_percent, _DIGITS),
        "neutral_mean": None if neutral is None else round(neutral, _DIGITS),
    }


def _tell_figures(plan: SwitchingPlan) -> dict[str, Any]:
    home = plan.fitted.home
    return {
        "imbalance_before_kw": _kilo(plan.before),
        "imbalance_after_kw": _kilo(plan.after),
        "holdout_before_kw": _kilo(plan.held_out_before),
        "holdout_after_kw": _kilo(plan.held_out_after),
        "holdout_kind": plan.split.kind,
        "worst_hour_before_kw": _kilo(plan.worst_hour_before),
        "worst_hour_after_kw": _kilo(plan.worst_hour_after),
        "bound_kw": _kilo_down(plan.proof.bound_watts),
        "gap": round(plan.proof.gap, _DIGITS),
        "proven": plan.proof.is_proven and plan.is_mean_alone,
        "proof": plan.proof.method,
        "weighed": asdict(plan.weights),
        "spared": list(plan.spared),
        "phases": {
            "before_kw": [_kilo(one) for one in plan.fitted.phase_powers(home)],
            "after_kw": [_kilo(one) for one in plan.fitted.phase_powers(plan.turns)],
        },
    }


def _tell_order(order: SwitchOrder) -> dict[str, Any]:
    return {
        "connection": order.connection,
        "others": list(order.others),
        "spur": order.spur,
        "from": order.from_phases,
        "to": order.to_phases,
        "gain_kw": _kilo(order.gain_watts),
        "lost_without_kw": _kilo(order.gain_alone_lost_watts),
        "holdout_gain_kw": _kilo(order.gain_held_out_watts),
        "cost": order.cost,
        "bus": order.bus,
        "place": order.bus,
        "moved_kw": _kilo(order.watts_moved),
    }


def _tell_point(point: ParetoPoint) -> dict[str, Any]:
    return {
        "switches": point.switches,
        "cost": point.cost,
        "imbalance_kw": _kilo(point.imbalance_watts),
        "holdout_kw": _kilo(point.held_out_watts),
    }


def _kilo(watts: float | None) -> float | None:
    return None if watts is None else round(watts / _KILO, _DIGITS)


def _kilo_down(watts: float) -> float:
    """In kilowatts, rounded down: a lower bound stays one."""
    return float(math.floor(watts / _KILO * 10**_DIGITS) / 10**_DIGITS)
