"""What alarms are found in, computed: flows, temperatures, residuals, and how late readings and messages are.

Measures of flows are judged at quarter-hours or longer steps, as means, and only until the instant until which the
readings of nearly all connections are there: what comes late would else look like a load that was switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError, PowerFlowError
from backend.grid import Origin, Segment, Switch, Transformer
from backend.grid.alarms import ElementKind, Measure, MeasureSeries
from backend.grid.imbalance import Measure as FlowMeasure
from backend.grid.imbalance import measure_flow
from backend.ports.grid_event_records import MessageState
from backend.services.grid.network_series import available_span, network_series
from backend.services.grid.unsolved import without_unsolved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid import ConnectionSeries, Network
    from backend.grid.power_flow import FlowResult
    from backend.ports import Clock
    from backend.ports.grid_records import NetworkRecord
    from backend.services.grid.known_networks import KnownNetwork, KnownNetworks
    from backend.services.grid.network_series import SeriesSpan
    from backend.services.grid.transformers import TransformerDesk, TransformerSpan

    Values = NDArray[np.float64]

__all__ = ["ComputedMeasures"]

_HOUR, _DAY = 3_600, 86_400
_STEP_SECONDS = 900
# A meter that is further behind than this is late, and the others are judged without it.
_PATIENCE_SECONDS = 36 * _HOUR
# A winding's temperature forgets where it began within a day: its oil follows in three hours (IEC 60076-7).
_WARM_UP_SECONDS = _DAY
# How far back the last reading is looked for.
_LOOK_BACK_SECONDS = 14 * _DAY
# Of the connections that have a series; with less known, a flow says little.
_KNOWN_MIN = 0.5
_PERCENT = 100.0
_WATTS = 1_000.0
_FLOWS = {
    Measure.LOADING: FlowMeasure.LOADING,
    Measure.DEVIATION: FlowMeasure.DEVIATION,
    Measure.NEUTRAL: FlowMeasure.NEUTRAL,
    Measure.NEMA: FlowMeasure.NEMA,
    Measure.VUF: FlowMeasure.VUF,
}
_VOLTAGES = {Measure.VOLTAGE_HIGH: np.fmax, Measure.VOLTAGE_LOW: np.fmin}
_OF_READINGS = frozenset({Measure.READINGS_LATE, Measure.READINGS_MISSING})
_OF_TRANSFORMERS = frozenset({Measure.HOT_SPOT, Measure.RESIDUAL})
_BRANCHES = {
    ElementKind.SEGMENT: Segment,
    ElementKind.SWITCH: Switch,
    ElementKind.TRANSFORMER: Transformer,
}


@dataclass(frozen=True)
class ComputedMeasures:
    """Implements ``backend.ports.grid_measures.MeasureSource``.

    Attributes:
        networks: Where networks and their series are found.
        transformers: Their temperatures and residuals.
        clock: Readings are late by it.
    """

    networks: KnownNetworks
    transformers: TransformerDesk
    clock: Clock

    def spans(self, record: NetworkRecord, measures: Collection[Measure]) -> dict[Measure, tuple[int, int]]:
        """See the port."""
        now = self.clock.now_utc()
        there = available_span(self.networks.sources, record)
        found: dict[Measure, tuple[int, int]] = {}
        flows: tuple[int, int] | None = None
        for measure in measures:
            if measure is Measure.MESSAGES_LOST:
                found[measure] = record.loaded_utc // _HOUR * _HOUR, now // _HOUR * _HOUR
            elif there is None:
                continue
            elif measure in _OF_READINGS:
                step, until = (
                    (_HOUR, now) if measure is Measure.READINGS_LATE else (_DAY, min(there.end_utc, now))
                )
                if there.measured:
                    found[measure] = -(-there.start_utc // step) * step, until // step * step
            else:
                flows = flows or self._flow_span(record, there)
                found[measure] = flows
        return {measure: (begin, end) for measure, (begin, end) in found.items() if begin < end}

    def _flow_span(self, record: NetworkRecord, there: SeriesSpan) -> tuple[int, int]:
        step = max(there.step_seconds, _STEP_SECONDS)
        return -(-there.start_utc // step) * step, self._complete_until(record, there) // step * step

    def _complete_until(self, record: NetworkRecord, there: SeriesSpan) -> int:
        """Until when the readings of all connections are there that are not late. [s since 1970, UTC]"""
        if not there.measured:
            return there.end_utc
        begin = max(there.start_utc, there.end_utc - _PATIENCE_SECONDS)
        series = network_series(self.networks.sources, record, begin, there.end_utc)
        known = np.isfinite(series.watts[_rows(series, Origin.MEASURED)])
        behind = np.argmax(known[:, ::-1], axis=1)[known.any(axis=1)]
        return there.end_utc - int(behind.max(initial=0)) * series.step_seconds

    def series(
        self, record: NetworkRecord, measures: Collection[Measure], begin_utc: int, end_utc: int
    ) -> Sequence[MeasureSeries]:
        """See the port."""
        known = self.networks.named(record.name)
        found: list[MeasureSeries] = []
        flows = [measure for measure in measures if measure in _FLOWS or measure in _VOLTAGES]
        if flows:
            found += self._flows(known, flows, begin_utc, end_utc)
        own: dict[Measure, Callable[[KnownNetwork, int, int], list[MeasureSeries]]] = {
            Measure.READINGS_LATE: self._late,
            Measure.READINGS_MISSING: self._missing,
            Measure.MESSAGES_LOST: self._lost,
        }
        for measure, compute in own.items():
            if measure in measures:
                found += compute(known, begin_utc, end_utc)
        chosen = _OF_TRANSFORMERS & set(measures)
        if chosen:
            found += self._transformers(known, chosen, begin_utc, end_utc)
        return found

    def _flows(
        self, known: KnownNetwork, measures: Sequence[Measure], begin_utc: int, end_utc: int
    ) -> list[MeasureSeries]:
        from backend.grid.power_flow import Wanted
        from backend.services.grid.transformers import joint_series

        series = joint_series(self.networks.sources, known.record, begin_utc, end_utc)
        wanted = Wanted.VOLTAGES | Wanted.CURRENTS
        unsolved: tuple[int, ...] = ()
        try:
            result = known.flow.solve(series, wanted)
        except PowerFlowError:
            series, unsolved = without_unsolved(known.flow, series)
            result = known.flow.solve(series, wanted)
        is_dark = ~_is_known(series)
        found = []
        for measure in measures:
            values = _values(result, measure)
            values[:, is_dark] = np.nan
            found += [
                replace(_as_series(result, measure, kind, *part), unsolved=unsolved)
                for kind, part in _parts(known.network, measure, values)
            ]
        return found

    def _transformers(
        self, known: KnownNetwork, measures: Collection[Measure], begin_utc: int, end_utc: int
    ) -> list[MeasureSeries]:
        there = available_span(self.networks.sources, known.record)
        if there is None:
            return []
        begin = max(there.start_utc, begin_utc - _WARM_UP_SECONDS)
        unsolved: tuple[int, ...] = ()
        try:
            span = self.transformers.span(known, begin, end_utc)
        except PowerFlowError:
            span, unsolved = self._solved_span(known, begin, end_utc)
        except InputError:
            return []  # nothing is known of any connection then
        skipped = max(0, (begin_utc - span.series.start_utc) // span.series.step_seconds)
        found = []
        if Measure.HOT_SPOT in measures:
            found.append(_hot_spots(span, skipped))
        if Measure.RESIDUAL in measures:
            found.append(_residuals(span, skipped))
        told = tuple(start for start in unsolved if start >= begin_utc)
        return [replace(one, unsolved=told) for one in found if one.elements]

    def _solved_span(
        self, known: KnownNetwork, begin_utc: int, end_utc: int
    ) -> tuple[TransformerSpan, tuple[int, ...]]:
        """A span in which nothing is known of what has no solution, and the starts of that."""
        from backend.services.grid.transformers import joint_series

        bounds = self.transformers.bounds(known, begin_utc, end_utc)
        series = joint_series(self.networks.sources, known.record, *bounds)
        series, unsolved = without_unsolved(known.flow, series)
        return self.transformers.span_of(known, series), unsolved

    def _late(self, known: KnownNetwork, begin_utc: int, end_utc: int) -> list[MeasureSeries]:
        """Hours since the last reading, at the end of each hour: of connections behind the newest, of the network."""
        there = available_span(self.networks.sources, known.record)
        if there is None:
            return []
        hours = np.arange(begin_utc, end_utc, _HOUR, dtype=np.int64) + _HOUR
        newest = np.minimum(hours, there.end_utc)
        # After the newest reading of all nothing changes but the clock: the same readings are looked at again.
        first = max(min(begin_utc, there.end_utc) - _LOOK_BACK_SECONDS, there.start_utc)
        series = network_series(
            self.networks.sources, known.record, first, max(min(end_utc, there.end_utc), first + 1)
        )
        rows = _rows(series, Origin.MEASURED)
        places = np.arange(1, series.length + 1)
        last = np.maximum.accumulate(np.where(np.isfinite(series.watts[rows]), places, 0), axis=1)
        ends = series.start_utc + last * series.step_seconds
        at = np.clip((newest - series.start_utc) // series.step_seconds - 1, 0, series.length - 1)
        behind = np.maximum(newest - ends[:, at], 0) / _HOUR
        behind[~self._is_due(known, rows, hours - _HOUR)] = np.nan
        names = tuple(known.network.connections[row].id for row in rows)
        whole = (hours - newest)[None, :] / _HOUR
        told = (
            (ElementKind.CONNECTION, names, behind),
            (ElementKind.NETWORK, (known.record.name,), whole),
        )
        return [
            MeasureSeries(Measure.READINGS_LATE, kind, elements, begin_utc, _HOUR, values, there.time_zone)
            for kind, elements, values in told
        ]

    def _missing(self, known: KnownNetwork, begin_utc: int, end_utc: int) -> list[MeasureSeries]:
        """Part of each UTC day's intervals that a connection has no reading of."""
        series = network_series(self.networks.sources, known.record, begin_utc, end_utc)
        rows = _rows(series, Origin.MEASURED)
        starts = series.start_utc + series.step_seconds * np.arange(series.length, dtype=np.int64)
        is_due = self._is_due(known, rows, starts)
        is_missing = np.isnan(series.watts[rows]) & is_due
        values = np.empty((len(rows), (end_utc - begin_utc) // _DAY))
        for day in range(values.shape[1]):
            first, until = (
                -(-(begin_utc + place * _DAY - series.start_utc) // series.step_seconds)
                for place in (day, day + 1)
            )
            due = is_due[:, first:until].sum(axis=1)
            share = is_missing[:, first:until].sum(axis=1) / np.maximum(due, 1)
            values[:, day] = np.where(due > 0, share * _PERCENT, np.nan)
        names = tuple(known.network.connections[row].id for row in rows)
        kind = ElementKind.CONNECTION
        return [
            MeasureSeries(Measure.READINGS_MISSING, kind, names, begin_utc, _DAY, values, series.time_zone)
        ]

    def _is_due(
        self, known: KnownNetwork, rows: Sequence[int], starts: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Is any point of a connection a member at each instant? Shape (rows, instants)."""
        members = self.networks.sources.community_of(known.record)
        assert members is not None, "only a community's connections are measured"
        zone = ZoneInfo(members.time_zone)
        points = {point.id: point for point in members.metering_points}
        due = np.zeros((len(rows), len(starts)), dtype=bool)
        for place, row in enumerate(rows):
            for name in known.network.connections[row].metering_points:
                point = points.get(name)
                if point is None:
                    continue
                is_in = np.ones(len(starts), dtype=bool)
                if point.valid_from:
                    is_in &= starts >= _midnight(point.valid_from, zone)
                if point.valid_to:
                    is_in &= starts < _midnight(point.valid_to + timedelta(days=1), zone)
                due[place] |= is_in
        return due

    def _lost(self, known: KnownNetwork, begin_utc: int, end_utc: int) -> list[MeasureSeries]:
        """Messages that were given up in each hour."""
        name = known.record.name
        with self.networks.sources.store.reading() as records:
            lost = records.messages(name, [MessageState.GIVEN_UP])
        values = np.zeros((1, (end_utc - begin_utc) // _HOUR))
        for message in lost:
            if begin_utc <= message.done_utc < end_utc:
                values[0, (message.done_utc - begin_utc) // _HOUR] += 1
        return [MeasureSeries(Measure.MESSAGES_LOST, ElementKind.NETWORK, (name,), begin_utc, _HOUR, values)]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def _rows(series: ConnectionSeries, origin: Origin) -> list[int]:
    return [row for row, one in enumerate(series.origins) if one is origin]


def _is_known(series: ConnectionSeries) -> NDArray[np.bool_]:
    """Is enough known of an interval? Shape (T,)."""
    rows = [row for row, origin in enumerate(series.origins) if origin is not Origin.NONE]
    return np.asarray(np.isfinite(series.watts[rows]).mean(axis=0) >= _KNOWN_MIN)


def _values(result: FlowResult, measure: Measure) -> Values:
    """Of every branch or bus. Shape (elements, T)."""
    if measure in _VOLTAGES:
        values: Values = _VOLTAGES[measure].reduce(np.abs(result.voltages), axis=1)
        return values
    return np.array(measure_flow(result, _FLOWS[measure]), dtype=np.float64)


def _parts(
    network: Network, measure: Measure, values: Values
) -> list[tuple[ElementKind, tuple[tuple[str, ...], Values]]]:
    """A measure's rows by kind of element."""
    if measure in _VOLTAGES or measure in {Measure.NEMA, Measure.VUF}:
        return [(ElementKind.BUS, (tuple(bus.id for bus in network.buses), values))]
    told = []
    for kind, of_kind in _BRANCHES.items():
        rows = [row for row, branch in enumerate(network.branches) if isinstance(branch, of_kind)]
        told.append((kind, (tuple(network.branches[row].id for row in rows), values[rows])))
    return told


def _as_series(
    result: FlowResult, measure: Measure, kind: ElementKind, elements: tuple[str, ...], values: Values
) -> MeasureSeries:
    return MeasureSeries(
        measure, kind, elements, result.start_utc, result.step_seconds, values, result.time_zone
    )


def _hot_spots(span: TransformerSpan, skipped: int) -> MeasureSeries:
    is_dark = ~_is_known(span.series)
    values = np.array([load.thermal(span.air.celsius).hot_spot for load in span.loads.values()])
    values = values.reshape(len(span.loads), span.series.length)
    values[:, is_dark] = np.nan
    return _of_transformers(span, Measure.HOT_SPOT, tuple(span.loads), values, skipped)


def _residuals(span: TransformerSpan, skipped: int) -> MeasureSeries:
    sites = span.sites
    values = np.array(
        [np.where(site.known, np.abs(site.residual.sum(axis=0)), np.nan) / _WATTS for site in sites.values()]
    ).reshape(len(sites), span.series.length)
    return _of_transformers(span, Measure.RESIDUAL, tuple(sites), values, skipped)


def _of_transformers(
    span: TransformerSpan, measure: Measure, elements: tuple[str, ...], values: Values, skipped: int
) -> MeasureSeries:
    start = span.series.start_utc + skipped * span.series.step_seconds
    kind = ElementKind.TRANSFORMER
    kept = values[:, skipped:]
    return MeasureSeries(
        measure, kind, elements, start, span.series.step_seconds, kept, span.series.time_zone
    )
