"""Looks at what flows in a network: a day of every element to be drawn, or one element over some days.

Flows are computed when they are asked for and kept as long as neither readings nor the network change. Quality of
supply is told by quarter-hours: series at a shorter step are looked at as the means of those.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.grid import Origin, Segment, Switch, Transformer
from backend.grid.imbalance import MEASURES, Measure, measure_flow, measured_elements
from backend.grid.series import coarsen_series
from backend.services.grid.network_series import available_span, network_series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid import ConnectionSeries
    from backend.grid.power_flow import FlowResult
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks

__all__ = ["FRAMES_MAX", "LOOK_STEP_SECONDS", "DayFlow", "NetworkLooks", "changes_with", "found_element"]

LOOK_STEP_SECONDS = 900
FRAMES_MAX = 100  # a day of quarter-hours, the long one of autumn too
INTERVALS_MAX = 3_000
_KEPT = 6
_DAY = 86_400
_SQRT3 = 3**0.5
_DIGITS = 5
_ORIGINS = {Origin.NONE: "none", Origin.PROFILE: "profile", Origin.MEASURED: "measured"}


class DayFlow(NamedTuple):
    """A span of at most a day, solved.

    Attributes:
        series: What connections draw.
        result: What flows.
        is_known: Is anything known of any connection? Shape (T,).
    """

    series: ConnectionSeries
    result: FlowResult
    is_known: NDArray[np.bool_]


@dataclass(frozen=True)
class NetworkLooks:
    """Looks at networks.

    Attributes:
        networks: Where they are found.
    """

    networks: KnownNetworks
    _kept: OrderedDict[tuple[Any, ...], DayFlow] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def frames(
        self, known: KnownNetwork, begin_utc: int | None, end_utc: int | None, measure: Measure
    ) -> dict[str, Any]:
        """A measure of every element in every interval of at most a day; without a span, of the last one there is.

        Raises:
            InputError: If nothing is known of the network, or the span is too long or has no interval.
            PowerFlowError: If an interval has no solution.
        """
        flow = self._day(known, *self._span(known, begin_utc, end_utc))
        values = measure_flow(flow.result, measure)
        values[:, ~flow.is_known] = np.nan
        return {
            "start": flow.result.start_utc,
            "step_seconds": flow.result.step_seconds,
            "measure": measure.value,
            "unit": MEASURES[measure].unit,
            "kind": "bus" if MEASURES[measure].of_buses else "branch",
            "elements": list(measured_elements(known.network, measure)),
            "values": tell_rows(values),
        }

    def element(
        self, known: KnownNetwork, element: str, begin_utc: int | None, end_utc: int | None
    ) -> dict[str, Any]:
        """What an element carries, interval by interval; without a span, on the last day there is.

        Raises:
            NotFoundError: If there is no such branch, connection or bus.
            InputError: If nothing is known of the network, or the span is too long or has no interval.
            PowerFlowError: If an interval has no solution.
        """
        kind, place = found_element(known, element)
        begin, end = self._span(known, begin_utc, end_utc, INTERVALS_MAX)
        flows = [self._day(known, first, min(first + _DAY, end)) for first in range(begin, end, _DAY)]
        parts = [_of_element(known, flow, kind, place) for flow in flows]
        joined = {
            name: None if parts[0][name] is None else np.concatenate([one[name] for one in parts], axis=-1)
            for name in parts[0]
        }
        origin = flows[0].series.origins[place] if kind == "connection" else None
        return {
            "element": element,
            "kind": kind,
            "start": begin,
            "step_seconds": flows[0].result.step_seconds,
            "origin": None if origin is None else _ORIGINS[origin],
            "phases": {
                name: None if values is None else tell_rows(values) for name, values in joined.items()
            },
        }

    def forget(self) -> None:
        """Keep no flow: somebody was erased."""
        with self._guard:
            self._kept.clear()

    def _span(
        self,
        known: KnownNetwork,
        begin_utc: int | None,
        end_utc: int | None,
        most: int = FRAMES_MAX,
    ) -> tuple[int, int]:
        """The span that is asked for on the grid of what is shown, within what there is."""
        there = available_span(self.networks.sources, known.record)
        name = known.record.name
        if there is None:
            raise InputError(f"Nothing is known of what the connections of network {name!r} draw.")
        step = max(there.step_seconds, LOOK_STEP_SECONDS)
        until = -(-(there.end_utc if end_utc is None else end_utc) // step) * step
        begin = (until - _DAY if begin_utc is None else begin_utc) // step * step
        begin, until = (
            max(begin, there.start_utc // step * step),
            min(until, -(-there.end_utc // step) * step),
        )
        count = (until - begin) // step
        if count < 1:
            raise InputError(
                f"Network {name!r} has series from {there.start_utc} to {there.end_utc} (s since 1970, UTC); the span "
                "that was asked for has no interval of them."
            )
        if count > most:
            raise InputError(
                f"{count:,} intervals are too many to look at; at most {most:,} are shown at once."
            )
        return begin, until

    def _day(self, known: KnownNetwork, begin: int, end: int) -> DayFlow:
        key = (known.record.name, known.plan, *changes_with(self.networks, known, begin, end), begin, end)
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        series = coarsen_series(
            network_series(self.networks.sources, known.record, begin, end), LOOK_STEP_SECONDS
        )
        if not series.length:
            raise InputError(f"Network {known.record.name!r} has no whole quarter-hour in that span.")
        is_known = np.asarray(np.isfinite(series.watts).any(axis=0))
        found = DayFlow(series, known.flow.solve(series), is_known)
        with self._guard:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def changes_with(networks: KnownNetworks, known: KnownNetwork, begin: int, end: int) -> tuple[str, ...]:
    """What is another whenever the network, its profiles, the community's points or readings in a span may be."""
    record, content, definition = known.record, "", ""
    if record.community:
        content = networks.sources.intervals.coverage(record.community, begin, end).content
        with networks.sources.store.reading() as records:
            definition = records.community(record.community).definition
    points = hashlib.sha256(definition.encode()).hexdigest()
    return record.digest, str(record.loaded_utc), content, points


def found_element(known: KnownNetwork, element: str) -> tuple[str, int]:
    """Kind and place of an element, of branches first, then connections, then buses.

    Raises:
        NotFoundError: If there is none of that id.
    """
    kinds = {Segment: "segment", Switch: "switch", Transformer: "transformer"}
    for place, branch in enumerate(known.topology.branches):
        if branch.id == element:
            return kinds[type(branch)], place
    for place, connection in enumerate(known.network.connections):
        if connection.id == element:
            return "connection", place
    if element in known.network.bus_index:
        return "bus", known.network.bus_index[element]
    raise NotFoundError(f"There is no element {element!r} in network {known.record.name!r}.")


def _of_element(known: KnownNetwork, flow: DayFlow, kind: str, place: int) -> dict[str, Any]:
    """By phase, what an element carries: arrays whose last axis is the intervals, None where it has no such thing."""
    network, result = known.network, flow.result
    branch = -1
    if kind == "bus":
        bus, branch = place, known.topology.feeding[place]
    elif kind == "connection":
        bus = network.bus_index[network.connections[place].bus]
    else:
        bus, branch = network.bus_index[network.branches[place].to_bus], place
    told: dict[str, Any] = {"voltages_pu": np.abs(result.voltages[bus])}
    for name, measure in (("nema_pct", Measure.NEMA), ("vuf_pct", Measure.VUF)):
        told[name] = measure_flow(result, measure)[bus]
    told |= {"currents_a": None, "neutral_a": None, "loading_pct": None, "deviation_kw": None}
    if kind == "connection":
        phases = list(network.connections[place].phases.indices)
        powers = np.full((3, result.length), np.nan)
        powers[phases] = flow.series.watts[place] / len(phases) / 1000
        told["powers_kw"] = powers
    elif branch >= 0:
        absent = [phase for phase in range(3) if phase not in network.branches[branch].phases.indices]
        told["currents_a"] = np.abs(result.currents[branch])
        told["powers_kw"] = result.branch_powers(branch).real / 1000
        for name in ("currents_a", "powers_kw"):
            told[name][absent] = np.nan
        told["neutral_a"] = result.neutral_currents[branch]
        told["deviation_kw"] = measure_flow(result, Measure.DEVIATION)[branch]
        told["loading_pct"] = measure_flow(result, Measure.LOADING)[branch]
    else:
        told["powers_kw"] = None
    for values in told.values():
        if values is not None:
            values[..., ~flow.is_known] = np.nan
    return told


def tell_rows(values: NDArray[np.float64]) -> list[Any]:
    """Numbers for JSON to five digits, null where there is none; of any number of axes."""
    if values.ndim > 1:
        return [tell_rows(row) for row in values]
    return [float(f"{value:.{_DIGITS}g}") if value == value else None for value in values.tolist()]  # noqa: PLR0124
