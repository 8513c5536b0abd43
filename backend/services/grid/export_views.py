"""A network with its structure, powers, readings and flows, written for notebooks and BI tools."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.community import Direction
from backend.grid import Origin
from backend.grid.imbalance import MEASURES, Measure
from backend.grid.projection import project_network
from backend.metering import Quality
from backend.services.grid.network_series import available_span, network_series
from backend.services.grid.summaries import HEADS_TABLE, SUMMARY_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from backend.ports.flow_store import FlowStore
    from backend.ports.grid_views import GridViewsFile
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.network_series import GridSources

__all__ = ["export_views"]

_WINDOW_SECONDS = 28 * 86_400
_HALF_HOUR = 1_800
_ORIGINS = {Origin.PROFILE: "profile", Origin.MEASURED: "measured"}


def export_views(
    sources: GridSources,
    flows: FlowStore,
    known: KnownNetwork,
    file: GridViewsFile,
    span: tuple[int | None, int | None] = (None, None),
    on_progress: Callable[[float], None] = lambda _: None,
) -> dict[str, int]:
    """Write what is known of a network into a database.

    Args:
        sources: Where series lie.
        flows: Where what was summed up lies; tables of flows stay empty where nothing was.
        known: The network.
        file: What is written.
        span: First instant and the one after the last of powers and readings; None for all. [s since 1970, UTC]
        on_progress: Told the part that is done, 0 to 1.

    Returns:
        Rows by table.
    """
    counted = _Counted(file, known.record.name)
    there = available_span(sources, known.record)
    _write_structure(counted, known, there.time_zone if there else "UTC")
    if there is not None:
        begin = max(there.start_utc, span[0] if span[0] is not None else there.start_utc)
        end = min(there.end_utc, span[1] if span[1] is not None else there.end_utc)
        for first in range(begin, end, _WINDOW_SECONDS):
            until = min(first + _WINDOW_SECONDS, end)
            _write_powers(counted, sources, known, first, until)
            _write_readings(counted, sources, known, first, until)
            on_progress((until - begin) / (end - begin))
    _write_flows(counted, flows, known, there.time_zone if there else "UTC")
    return counted.rows


class _Counted:
    """Adds rows of one network, and counts them."""

    def __init__(self, file: GridViewsFile, network: str) -> None:
        self._file = file
        self._network = network
        self.rows: dict[str, int] = {}

    def add(self, table: str, columns: dict[str, Any], *, named: bool = True) -> None:
        count = len(next(iter(columns.values()))) if columns else 0
        self.rows[table] = self.rows.get(table, 0) + count
        if count:
            self._file.add(table, {"network": [self._network] * count, **columns} if named else columns)


def _write_structure(counted: _Counted, known: KnownNetwork, time_zone: str) -> None:
    record, network = known.record, known.network
    about = {
        "name": record.name,
        "community": record.community,
        "source_format": record.source_format,
        "digest": record.digest,
        "loaded_at": record.loaded_utc,
        "is_geographic": network.is_geographic,
        "frequency": network.frequency,
        "time_zone": time_zone,
    }
    counted.add("grid_network", {name: [value] for name, value in about.items()}, named=False)
    rows = project_network(network)
    tables = {
        "grid_bus": rows.buses,
        "grid_branch": rows.branches,
        "grid_connection": rows.connections,
        "grid_connection_point": rows.points,
    }
    for table, told in tables.items():
        names = told[0] if told else {}
        counted.add(table, {name: [row[name] for row in told] for name in names})


def _write_powers(counted: _Counted, sources: GridSources, known: KnownNetwork, begin: int, end: int) -> None:
    series = network_series(sources, known.record, begin, end)
    starts = series.start_utc + series.step_seconds * np.arange(series.length, dtype=np.int64)
    local = starts + _offsets(starts, series.time_zone)
    row, interval = np.nonzero(np.isfinite(series.watts))
    names = np.array([one.id for one in known.network.connections])
    origins = np.array([_ORIGINS.get(origin, "") for origin in series.origins])
    counted.add(
        "grid_power",
        {
            "connection": names[row] if len(names) else [],
            "start_at": starts[interval],
            "start_local": local[interval],
            "step_seconds": np.full(len(row), series.step_seconds),
            "watts": series.watts[row, interval],
            "vars": series.vars[row, interval],
            "origin": origins[row] if len(names) else [],
        },
    )


def _write_readings(
    counted: _Counted, sources: GridSources, known: KnownNetwork, begin: int, end: int
) -> None:
    members = sources.community_of(known.record)
    joined = known.points_behind()
    points = [point for point in members.metering_points if point.id in joined] if members else []
    if members is None or not points:
        return
    for first, until in _months(begin, end):
        table = sources.intervals.readings(members.id, [point.id for point in points], first, until)
        is_there = table.quality != Quality.MISSING
        qualities = np.array([quality.name.lower() for quality in Quality])
        names = np.array([point.id for point in points])
        directions = np.array(
            ["consumption" if point.direction is Direction.CONSUMPTION else "feed_in" for point in points]
        )
        counted.add(
            "grid_reading",
            {
                "metering_point": names[table.point[is_there]],
                "direction": directions[table.point[is_there]],
                "start_at": table.start_utc[is_there],
                "step_seconds": np.full(np.count_nonzero(is_there), table.resolution_minutes * 60),
                "energy_milliwatt_hours": table.energy[is_there],
                "quality": qualities[table.quality[is_there]],
            },
        )


def _write_flows(counted: _Counted, flows: FlowStore, known: KnownNetwork, time_zone: str) -> None:
    if flows.about(known.record.name) is None:
        return
    heads = flows.rows(known.record.name, HEADS_TABLE)
    starts = heads.pop("start_utc").astype(np.int64)
    local = starts + _offsets(starts, time_zone)
    counted.add("grid_head_flow", {**heads, "start_at": starts, "start_local": local})
    summary = flows.rows(known.record.name, SUMMARY_TABLE)
    worst, grouped = summary.pop("worst_start_utc"), summary.pop("by")  # BY is a word of SQL's
    known_measures, place = np.unique(np.asarray(summary["measure"]).astype(str), return_inverse=True)
    units = np.array([MEASURES[Measure(measure)].unit for measure in known_measures.tolist()])[place]
    counted.add("grid_summary", {**summary, "unit": units, "grouped_by": grouped, "worst_start_at": worst})


def _months(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """[begin, end) cut at the first instant of each UTC month, as files of readings are."""
    while begin < end:
        instant = datetime.fromtimestamp(begin, UTC)
        year, month = divmod(instant.year * 12 + instant.month, 12)
        until = min(int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()), end)
        yield begin, until
        begin = until


def _offsets(starts: NDArray[np.int64] | Sequence[int], time_zone: str) -> NDArray[np.int64]:
    """A zone's offsets from UTC; they change on full or half hours. [s]"""
    zone = ZoneInfo(time_zone)
    known, place = np.unique(np.asarray(starts) // _HALF_HOUR, return_inverse=True)
    told = [
        datetime.fromtimestamp(one * _HALF_HOUR, UTC).astimezone(zone).utcoffset() for one in known.tolist()
    ]
    return np.array([0 if one is None else int(one.total_seconds()) for one in told], np.int64)[place]
