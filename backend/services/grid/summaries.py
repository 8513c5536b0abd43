"""A network's flows over all that is stored of it, summed up: what rankings and courses are told from.

Steps shorter than a quarter-hour are taken as the means of quarter-hours, as looks at a day are, so that a ranking's
worst interval is found on the map. Beside the summary stand the series of what heads something: each transformer and
the first branch of each feeder.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid import Transformer
from backend.grid.imbalance import Measure, measure_flow
from backend.grid.series import coarsen_series
from backend.services.grid.looks import LOOK_STEP_SECONDS, changes_with
from backend.services.grid.network_series import available_span, network_series

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from backend.grid import ConnectionSeries
    from backend.grid.power_flow import FlowResult
    from backend.ports.flow_store import FlowStore
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks

__all__ = ["HEADS_TABLE", "SUMMARY_TABLE", "course_of", "is_stale", "ranking_of", "summarise_network"]

SUMMARY_TABLE = "summary"
HEADS_TABLE = "heads"
_WINDOW_SECONDS = 28 * 86_400
_CHUNK = 96
_PHASES = 3


def summarise_network(
    networks: KnownNetworks,
    flows: FlowStore,
    known: KnownNetwork,
    now_utc: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Compute the flows of all stored intervals, and keep what they sum up to.

    Args:
        networks: Where it was found.
        flows: Where the summary is kept.
        known: The network.
        now_utc: [s since 1970, UTC]
        on_progress: Told the part that is done, 0 to 1.

    Returns:
        What it was computed of: ``from``, ``to``, ``step_seconds``, ``intervals``, ``energy_kwh`` (drawn at the
        sources), ``losses_kwh``, ``made_utc`` and what it is stale by.

    Raises:
        InputError: If nothing is known of any connection.
        PowerFlowError: If an interval has no solution.
        ConflictError: If readings or the network changed meanwhile.
    """
    from backend.grid.imbalance import ImbalanceSummary

    span = available_span(networks.sources, known.record)
    if span is None:
        raise InputError(
            f"Nothing is known of what the connections of network {known.record.name!r} draw; load readings or "
            "profiles first."
        )
    computed_of = changes_with(networks, known, span.start_utc, span.end_utc)
    summary = ImbalanceSummary(known.network, span.time_zone)
    heads = _Heads(known)
    intervals, energy, losses, step = 0, 0.0, 0.0, span.step_seconds
    for series in _windows(networks, known, span.start_utc, span.end_utc):
        step = series.step_seconds
        for result in known.flow.solve_chunks(series, intervals=_CHUNK):
            summary.add(result)
            heads.add(result)
            intervals += result.length
            energy += result.energy_kilowatt_hours()
            losses += result.losses_kilowatt_hours()
            done = result.start_utc + result.length * result.step_seconds - span.start_utc
            on_progress(done / (span.end_utc - span.start_utc))
    again = networks.named(known.record.name)
    if computed_of != changes_with(networks, again, span.start_utc, span.end_utc):
        raise ConflictError("Readings or the network changed while its flows were computed; ask again.")
    about = {
        "from": span.start_utc,
        "to": span.end_utc,
        "step_seconds": step,
        "time_zone": span.time_zone,
        "intervals": intervals,
        "energy_kwh": round(energy, 3),
        "losses_kwh": round(losses, 3),
        "made_utc": now_utc,
        "computed_of": list(computed_of),
    }
    tables = {SUMMARY_TABLE: _summary_columns(summary), HEADS_TABLE: heads.columns()}
    flows.put(known.record.name, about, tables)
    return about


def is_stale(networks: KnownNetworks, known: KnownNetwork, about: dict[str, Any]) -> bool:
    """Have readings or the network changed since a summary was made?"""
    span = available_span(networks.sources, known.record)
    if span is None or (span.start_utc, span.end_utc) != (about["from"], about["to"]):
        return True
    computed_of: list[str] = about["computed_of"]
    return list(changes_with(networks, known, span.start_utc, span.end_utc)) != computed_of


def ranking_of(
    flows: FlowStore,
    network: str,
    measure: Measure,
    by: str,
    element: str,
    kinds: Collection[str] | None,
    limit: int,
) -> dict[str, Any]:
    """Worst first, by the mean: elements, or the hours, weekdays or seasons of one (``""``: of the whole network).

    Args:
        flows: Where the summary is kept.
        network: Its name.
        measure: Which; of a voltage the distance from nominal is told.
        by: ``element``, ``hour``, ``weekday`` or ``season``.
        element: Whose hours, weekdays or seasons.
        kinds: Ids of elements that may be told; None for all.
        limit: At most so many.

    Raises:
        NotFoundError: If nothing was summed up, or there is no such element.
    """
    equal = {"measure": measure.value, "by": by} | ({} if by == "element" else {"element": element})
    rows = flows.rows(network, SUMMARY_TABLE, **equal)
    if not len(rows["key"]) and element:
        raise NotFoundError(f"{measure.value} is told of no element {element!r} in network {network!r}.")
    names = rows["element" if by == "element" else "key"]
    order = sorted(range(len(names)), key=lambda row: (-rows["mean"][row], names[row]))
    if by == "element":
        order = [row for row in order if names[row] and (kinds is None or names[row] in kinds)]
    return {"items": [_item(rows, row, names[row]) for row in order[:limit]], "total": len(order)}


def course_of(flows: FlowStore, network: str, measure: Measure, element: str) -> list[dict[str, Any]]:
    """How a measure of an element (``""``: of the whole network) moves from week to week, in their order.

    Raises:
        NotFoundError: If nothing was summed up, or there is no such element.
    """
    rows = flows.rows(network, SUMMARY_TABLE, measure=measure.value, by="week", element=element)
    if not len(rows["key"]):
        raise NotFoundError(f"{measure.value} is told of no element {element!r} in network {network!r}.")
    order = sorted(range(len(rows["key"])), key=lambda row: str(rows["key"][row]))
    return [_item(rows, row, rows["key"][row]) for row in order]


def _item(rows: dict[str, NDArray[Any]], row: int, key: str) -> dict[str, Any]:
    p95 = float(rows["p95"][row])
    return {
        "key": str(key),
        "mean": float(rows["mean"][row]),
        "p95": None if np.isnan(p95) else p95,
        "worst": float(rows["worst"][row]),
        "worst_start": int(rows["worst_start_utc"][row]),
        "intervals": int(rows["intervals"][row]),
    }


def _windows(
    networks: KnownNetworks, known: KnownNetwork, start: int, end: int
) -> Iterator[ConnectionSeries]:
    """Series of what is known, in runs without a gap; only four weeks are held at once, cut at quarter-hours."""
    for first in range(start // LOOK_STEP_SECONDS * LOOK_STEP_SECONDS, end, _WINDOW_SECONDS):
        until = min(first + _WINDOW_SECONDS, end)
        series = network_series(networks.sources, known.record, max(first, start), until)
        series = coarsen_series(series, LOOK_STEP_SECONDS)
        is_known = np.asarray(np.isfinite(series.watts).any(axis=0))
        bounds = np.flatnonzero(np.diff(is_known, prepend=False, append=False))
        for begin, stop in pairwise(bounds.tolist()):
            if is_known[begin]:
                yield series.window(begin, stop)


def _summary_columns(summary: Any) -> dict[str, NDArray[np.generic]]:
    """The tables of all measures, one below the other."""
    parts = []
    for measure in summary.measures:
        columns = summary.columns(measure)
        parts.append({"measure": np.full(len(columns["element"]), measure.value), **columns})
    return {name: np.concatenate([part[name] for part in parts]) for part in parts[:1] for name in part}


class _Heads:
    """Series of transformers and of the first branch of each feeder."""

    def __init__(self, known: KnownNetwork) -> None:
        topology = known.topology
        feeders = dict.fromkeys(head for head in topology.head_above if head >= 0)
        is_one = [isinstance(branch, Transformer) for branch in topology.branches]
        self._rows = [*np.flatnonzero(is_one).tolist(), *feeders]
        self._ids = [topology.branches[row].id for row in self._rows]
        self._kinds = ["transformer" if is_one[row] else "feeder" for row in self._rows]
        places = known.network.bus_index
        self._ends = [places[topology.branches[row].to_bus] for row in self._rows]
        self._parts: list[dict[str, NDArray[np.generic]]] = []

    def add(self, result: FlowResult) -> None:
        starts = result.start_utc + result.step_seconds * np.arange(result.length, dtype=np.int64)
        deviation = measure_flow(result, Measure.DEVIATION)
        loading = measure_flow(result, Measure.LOADING)
        for row, name, kind, end in zip(self._rows, self._ids, self._kinds, self._ends, strict=True):
            powers = result.branch_powers(row) / 1000
            currents, voltages = np.abs(result.currents[row]), np.abs(result.voltages[end])
            part: dict[str, NDArray[np.generic]] = {
                "element": np.full(result.length, name),
                "kind": np.full(result.length, kind),
                "start_utc": starts,
            }
            for phase in range(_PHASES):
                part[f"power_l{phase + 1}_kw"] = powers[phase].real.astype(np.float32)
            for phase in range(_PHASES):
                part[f"reactive_l{phase + 1}_kvar"] = powers[phase].imag.astype(np.float32)
            for phase in range(_PHASES):
                part[f"current_l{phase + 1}_a"] = currents[phase].astype(np.float32)
            for phase in range(_PHASES):
                part[f"voltage_l{phase + 1}_pu"] = voltages[phase].astype(np.float32)
            part["neutral_a"] = result.neutral_currents[row].astype(np.float32)
            part["deviation_kw"] = deviation[row].astype(np.float32)
            part["loading_pct"] = loading[row].astype(np.float32)
            self._parts.append(part)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """All rows, by element and time."""
        if not self._parts:
            return {"element": np.array([], dtype="U1")}
        joined = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        order = np.lexsort((joined["start_utc"], joined["element"]))
        return {name: values[order] for name, values in joined.items()}
