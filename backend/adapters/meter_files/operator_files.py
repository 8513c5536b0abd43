"""Files in which a grid operator says what it allocated: ours, and every meter format that carries shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.meter_files.archives import DAMAGES, BombError, Bounds, open_files
from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.pointwise_csv import EMPTY, read_allocation_blocks
from backend.adapters.meter_files.reading import AUTO, MeterFiles
from backend.adapters.meter_files.text_blocks import split_blocks
from backend.metering import Quality
from backend.metering.source_series import SeriesRole
from backend.ports.point_files import PointRows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.metering import ReadingTable

__all__ = ["SHARING_FORMATS", "is_own_allocation", "read_operator_file"]

SHARING_FORMATS = frozenset({"eda", "eda-report", "enedis"})
"""Meter formats whose files may say what an operator allocated."""

_OWN_COLUMNS = (b"metering_point", b"allocated_kwh", b"shared_kwh")
#: Columns of what each role says; what a meter measured is the whole point's, whatever its part in the community.
_COLUMNS = {
    SeriesRole.MEASURED: "metered_kwh",
    SeriesRole.OFFERED: "offered_kwh",
    SeriesRole.ALLOCATED: "allocated_kwh",
    SeriesRole.RESIDUAL: "residual_kwh",
    SeriesRole.SHARED: "shared_kwh",
    SeriesRole.SURPLUS: "surplus_kwh",
}


def read_operator_file(
    path: Path, *, known_points: AbstractSet[str], resolution_minutes: int, reader: MeterFiles | None = None
) -> PointRows:
    """Read what an operator allocated: all of it or nothing.

    Args:
        path: Our allocation CSV, or a meter file of any format whose series say what was allocated or shared (EDA
            ConsumptionRecord, Austrian energy report, Enedis collective self-consumption).
        known_points: Of the community, best as ``KnownPoints``.
        resolution_minutes: The step that meter files are brought to. [min]
        reader: Of meter files; any format by its content without. What it is told is not needed for our own form.

    Returns:
        Of our CSV its columns; of a meter file ``metered_kwh``, ``offered_kwh``, ``allocated_kwh``, ``residual_kwh``,
        ``shared_kwh`` and ``surplus_kwh``. Energies in mWh, -1 where there is none.

    Raises:
        ReadingsError: If anything is wrong, with a finding per fault.
    """
    reader = reader or MeterFiles()
    if reader.file_format == AUTO and is_own_allocation(path, reader.bounds):
        return _read_own(path, known_points, reader.bounds)
    found = reader.contents(path, known_points=known_points, resolution_minutes=resolution_minutes)
    if not found.shares:
        faults = FaultCollector(path.name)
        rows = f"It has {len(found.table):,} readings, " if len(found.table) else "It has no reading at all, "
        faults.refuse(
            "no-allocation",
            f"nothing in the file says what the operator allocated or shared. {rows}which `partage readings load` "
            "takes; ask the operator for the file with the community's shares.",
        )
        faults.stop_if_refused()
    return _joined({SeriesRole.MEASURED: found.table, **found.shares}, resolution_minutes)


def is_own_allocation(path: Path, bounds: Bounds) -> bool:
    """Does the file begin as the form that ``partage allocate`` writes? What cannot be opened is told by the reader."""
    sources = open_files(path, FaultCollector(path.name), bounds)
    if len(sources) != 1:
        return False
    head = sources[0].head.partition(b"\n")[0].lower()
    return _OWN_COLUMNS[0] in head and any(column in head for column in _OWN_COLUMNS[1:])


def _read_own(path: Path, known_points: AbstractSet[str], bounds: Bounds) -> PointRows:
    faults = FaultCollector(path.name)
    (source,) = open_files(path, faults, bounds)
    try:
        with source.open() as stream:
            return read_allocation_blocks(split_blocks(stream, faults), faults, known_points=known_points)
    except BombError as error:
        faults.refuse("too-large", str(error))
    except DAMAGES as error:
        faults.refuse("truncated", f"the compressed file is cut off or damaged ({error}); fetch it again.")
    faults.stop_if_refused()
    raise AssertionError("a refusal refuses")


def _joined(tables: Mapping[SeriesRole, ReadingTable], resolution_minutes: int) -> PointRows:
    """A row per point and instant of which anything is told, with a column per role."""
    points = sorted({point for table in tables.values() for point in table.metering_points})
    place = {point: index for index, point in enumerate(points)}
    keyed: dict[SeriesRole, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = {}
    for role, table in tables.items():
        there = table.quality != Quality.MISSING
        names = np.array([place[point] for point in table.metering_points], dtype=np.int64)
        keyed[role] = (
            names[table.point[there]] if len(names) else np.empty(0, np.int64),
            table.start_utc[there],
            table.energy[there],
        )
    # Where only the readings speak, the operator allocated nothing that could be compared.
    told = [keyed[role] for role in keyed if role is not SeriesRole.MEASURED]
    point = np.concatenate([keys[0] for keys in told])
    start = np.concatenate([keys[1] for keys in told])
    rows = np.unique(np.stack([point, start]), axis=1)
    values = {"resolution_minutes": np.full(rows.shape[1], resolution_minutes, dtype=np.int64)}
    for role, name in _COLUMNS.items():
        column = np.full(rows.shape[1], EMPTY, dtype=np.int64)
        if role in keyed:
            _put(column, rows, keyed[role])
        values[name] = column
    _derive(values, "allocated_kwh", "residual_kwh")
    _derive(values, "shared_kwh", "surplus_kwh")
    line = np.zeros(rows.shape[1], dtype=np.int64)
    return PointRows(tuple(points), line, rows[0].astype(np.int32), rows[1], values)


def _put(
    column: NDArray[np.int64],
    rows: NDArray[np.int64],
    keyed: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Write a role's energies into the rows of the same point and instant; rows are sorted by both."""
    point, start, energy = keyed
    span = int(rows[1].max(initial=0)) + 1
    keys, wanted = rows[0] * span + rows[1], point * span + start
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    same = (keys[at] == wanted) & (start < span) if len(keys) else np.zeros(len(wanted), dtype=np.bool_)
    column[at[same]] = energy[same]


def _derive(values: dict[str, NDArray[np.int64]], part: str, rest: str) -> None:
    """What a file says only by what is left: measured less the rest."""
    whole, left = values["metered_kwh"], values[rest]
    only = (values[part] == EMPTY) & (left != EMPTY) & (whole != EMPTY) & (left <= whole)
    values[part][only] = (whole - left)[only]
