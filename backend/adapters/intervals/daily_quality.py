"""``ReadingQuality`` over the store's files: DuckDB counts a month at a time, and what it counted is kept in memory.

A UTC month's readings lie in files of their own, so a month is counted again only when its files or its loads change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.adapters.intervals.manifest import MANIFEST_NAME, load_manifest
from backend.errors import StoreError
from backend.metering import Quality
from backend.ports.reading_quality import DailyCounts
from backend.quantities.periods import load_time_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from backend.adapters.intervals.manifest import Manifest, ReadingFile
    from backend.quantities import SettlementPeriod

__all__ = ["ParquetQuality"]

_EPOCH = date(1970, 1, 1)
_MONTHS_KEPT = 64
_ATTEMPTS = 3
_EXACT_HOURS = 72
_BINDING = 1 << 32  # a ruled load outranks all others

_IN_FORCE = """
CREATE TEMP TABLE in_force AS
SELECT metering_point, start_utc,
       max_by(quality, rank) AS quality,
       min(CASE WHEN quality <> $missing THEN received END) AS received
FROM (
    SELECT r.metering_point, r.start_utc, r.quality, l.received,
           r.load + CASE WHEN l.binding THEN $binding ELSE 0 END AS rank
    FROM read_parquet($paths) AS r JOIN loads AS l ON l.number = r.load
)
GROUP BY metering_point, start_utc
"""
_IN_FORCE_OF_ONE_LOAD = """
CREATE TEMP TABLE in_force AS
SELECT r.metering_point, r.start_utc, r.quality, CASE WHEN r.quality <> $missing THEN l.received END AS received
FROM read_parquet($paths) AS r JOIN loads AS l ON l.number = r.load
"""
_COUNTS = """
SELECT i.metering_point, d.day, i.quality, count(*)
FROM in_force AS i ASOF JOIN days AS d ON i.start_utc >= d.start_utc
GROUP BY ALL ORDER BY ALL
"""
_LATENESS = """
SELECT metering_point, day,
       CASE WHEN hours < $exact THEN hours ELSE hours // 24 * 24 END AS late, count(*)
FROM (
    SELECT i.metering_point, d.day, greatest(i.received - i.start_utc - $step, 0) // 3600 AS hours
    FROM in_force AS i ASOF JOIN days AS d ON i.start_utc >= d.start_utc
    WHERE i.received IS NOT NULL
)
GROUP BY ALL ORDER BY ALL
"""


class ParquetQuality:
    """Implements ``backend.ports.reading_quality.ReadingQuality``.

    Args:
        folder: Of the interval store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[tuple[Any, ...], DailyCounts] = OrderedDict()
        self._guard = threading.Lock()

    def daily(self, community: str, days: SettlementPeriod, time_zone: str) -> DailyCounts:
        """See ``ReadingQuality.daily``."""
        place = self._folder / community
        for attempt in range(_ATTEMPTS):
            try:
                return self._daily(place, days, time_zone)
            except FileNotFoundError:  # merged by a writer after the manifest was read
                if attempt == _ATTEMPTS - 1:
                    raise StoreError(
                        f"Files of {place} are missing, though the manifest lists them. "
                        "Restore them with `partage restore`."
                    ) from None
        raise AssertionError("the last attempt raises")

    def _daily(self, place: Path, days: SettlementPeriod, time_zone: str) -> DailyCounts:
        manifest = load_manifest(place / MANIFEST_NAME)
        zone = load_time_zone(time_zone)
        start, end = _midnight(days.first, zone), _midnight(days.until, zone)
        by_month: dict[tuple[str, int], list[ReadingFile]] = {}
        for file in manifest.readings:
            if file.overlaps(start, end):
                by_month.setdefault((file.month, file.resolution_minutes), []).append(file)
        return _joined(
            [self._month(place, manifest, by_month[month], zone) for month in sorted(by_month)], days
        )

    def _month(
        self, place: Path, manifest: Manifest, files: Sequence[ReadingFile], zone: ZoneInfo
    ) -> DailyCounts:
        loads = sorted({number for file in files for number in file.loads})
        told = [(number, manifest.loads[number]) for number in loads]
        key = (place, zone.key, tuple(sorted(file.sha256 for file in files)), tuple(loads))
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = _count(
            [place / file.path for file in files],
            [(number, load.received_utc, load.binding) for number, load in told],
            _days_of(files, zone),
            60 * files[0].resolution_minutes,
        )
        with self._guard:
            self._kept[key] = made
            while len(self._kept) > _MONTHS_KEPT:
                self._kept.popitem(last=False)
        return made


def _count(
    paths: Sequence[Path],
    loads: Sequence[tuple[int, int, bool]],
    days: Sequence[tuple[int, int]],
    step_seconds: int,
) -> DailyCounts:
    import duckdb

    for path in paths:
        path.stat()
    asked = {"paths": [str(path) for path in paths], "missing": int(Quality.MISSING)}
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute("CREATE TEMP TABLE loads (number BIGINT, received BIGINT, binding BOOLEAN)")
        connection.executemany("INSERT INTO loads VALUES (?, ?, ?)", [list(row) for row in loads])
        connection.execute("CREATE TEMP TABLE days (day BIGINT, start_utc BIGINT)")
        connection.executemany("INSERT INTO days VALUES (?, ?)", [list(row) for row in days])
        try:
            if len(loads) == 1:  # nothing of it can be superseded
                connection.execute(_IN_FORCE_OF_ONE_LOAD, asked)
            else:
                connection.execute(_IN_FORCE, asked | {"binding": _BINDING})
        except duckdb.IOException as error:
            if not all(path.exists() for path in paths):
                raise FileNotFoundError(str(error)) from None
            raise StoreError(
                f"The interval files of {paths[0].parent.parent} cannot be read: {error}"
            ) from None
        counted = connection.execute(_COUNTS).fetchnumpy()
        late = connection.execute(_LATENESS, {"step": step_seconds, "exact": _EXACT_HOURS}).fetchnumpy()
    return _arrays(counted, late)


def _arrays(counted: dict[str, Any], late: dict[str, Any]) -> DailyCounts:
    """DuckDB's columns as counts by (point, day)."""
    names, day, quality, count = (np.asarray(column) for column in counted.values())
    points, place = np.unique(names.astype(str), return_inverse=True)
    keys, row = np.unique(
        np.stack([place.astype(np.int64), day.astype(np.int64)], axis=1), axis=0, return_inverse=True
    )
    counts = np.zeros((len(keys), len(Quality)), dtype=np.int64)
    np.add.at(counts, (row.reshape(-1), quality.astype(np.int64)), count.astype(np.int64))
    late_names, late_day, hours, late_count = (np.asarray(column) for column in late.values())
    return DailyCounts(
        metering_points=tuple(points.tolist()),
        point=keys[:, 0],
        day=keys[:, 1],
        counts=counts,
        late_point=np.searchsorted(points, late_names.astype(str)).astype(np.int64),
        late_day=late_day.astype(np.int64),
        late_hours=hours.astype(np.int64),
        late_count=late_count.astype(np.int64),
    )


def _joined(parts: Sequence[DailyCounts], days: SettlementPeriod) -> DailyCounts:
    """Months behind one another, over one list of points, without days that nobody asked for."""
    points = tuple(sorted({name for part in parts for name in part.metering_points}))
    place = {name: index for index, name in enumerate(points)}
    first, until = (days.first - _EPOCH).days, (days.until - _EPOCH).days
    columns: list[list[NDArray[np.int64]]] = [[] for _ in range(7)]
    for part in parts:
        lookup = np.array([place[name] for name in part.metering_points], dtype=np.int64)
        counted = (part.day >= first) & (part.day < until)
        late = (part.late_day >= first) & (part.late_day < until)
        own = (
            lookup[part.point][counted],
            part.day[counted],
            part.counts[counted],
            lookup[part.late_point][late],
            part.late_day[late],
            part.late_hours[late],
            part.late_count[late],
        )
        for column, values in zip(columns, own, strict=True):
            column.append(values)
    empty = np.zeros(0, dtype=np.int64)
    point, day, counts, late_point, late_day, hours, late_count = (
        np.concatenate(column) if column else empty for column in columns
    )
    return DailyCounts(
        points, point, day, counts.reshape(-1, len(Quality)), late_point, late_day, hours, late_count
    )


def _days_of(files: Sequence[ReadingFile], zone: ZoneInfo) -> list[tuple[int, int]]:
    """Day and first instant of every civil day that the files may reach into."""
    first = datetime.fromtimestamp(min(file.start_utc for file in files), zone).date()
    last = datetime.fromtimestamp(max(file.end_utc for file in files), zone).date()
    return [
        ((day - _EPOCH).days, _midnight(day, zone))
        for day in (first + timedelta(days=index) for index in range((last - first).days + 1))
    ]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())
