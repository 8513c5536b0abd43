"""Readings from a file into the store and out again, beside what a user would load and ask with instead."""

from __future__ import annotations

import sqlite3
import time
from csv import reader
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from backend.errors import BalanceError
from backend.quantities import PeriodCalendar
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best
from backend.services.benchmarks.message_service import NO_BROKER, ServedBroker, measure_messages
from backend.services.benchmarks.reading_service import ServedHome, measure_service
from backend.services.daily_sums import daily_sums
from backend.services.load_readings import load_readings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from backend.ports import MeterFileLoader
    from backend.quantities import SettlementPeriod
    from backend.services.context import SettlementContext

__all__ = ["ReadingsInput", "bench_readings"]

_ASKED_RUNS = 3


@dataclass(frozen=True, slots=True)
class ReadingsInput:
    """What is loaded.

    Attributes:
        community: Its id.
        file: Readings in the generic form.
        rows: How many. [1]
        month: That is asked about.
        folder: For what rivals write.
        work: What it is, in words.
    """

    community: str
    file: Path
    rows: int
    month: SettlementPeriod
    folder: Path
    work: str


def bench_readings(
    context: SettlementContext,
    read_file: MeterFileLoader,
    made: ReadingsInput,
    served: ServedHome,
    broker: ServedBroker | None = None,
) -> Benchmark:
    """Load a file, ask for sums by day, take batches by HTTP and by MQTT.

    Args:
        context: Ports of a home that has the community and no readings.
        read_file: Reads the file.
        made: What is loaded.
        served: A home that takes readings.
        broker: What a broker of its own needs; None where no broker is installed, which is told.

    Raises:
        BalanceError: If a rival finds another total.
    """
    begin = time.perf_counter()
    loaded = load_readings(context, read_file, [made.file], community=made.community)
    ours = time.perf_counter() - begin
    if loaded.load.rows != made.rows:
        raise BalanceError(f"{loaded.load.rows:,} readings were loaded, the file has {made.rows:,}.")
    rows = [Measurement("partage, file", ours, 1, 1.0, f"{_rate(made, ours)}, checked, durable, versioned")]
    total = _total(context, made)
    for what, work in _RIVALS.items():
        begin = time.perf_counter()
        found = work(made)
        seconds = time.perf_counter() - begin
        if found != total:
            raise BalanceError(f"{what} finds {found:,} mWh in the file, partage {total:,}.")
        rows.append(Measurement(what, seconds, 1, seconds / ours, f"{_rate(made, seconds)}, nothing checked"))
    rows += [_ask(context, made), *measure_service(served, made.folder)]
    rows += (
        [Measurement("partage, MQTT", 0.0, 0, 0.0, NO_BROKER)] if broker is None else measure_messages(broker)
    )
    return Benchmark("readings", made.work, tuple(rows))


def _rate(made: ReadingsInput, seconds: float) -> str:
    return f"{made.rows / seconds:,.0f} readings/s"


def _points(context: SettlementContext, community: str) -> list[str]:
    return [point.id for point in context.community(community).community.metering_points]


def _total(context: SettlementContext, made: ReadingsInput) -> int:
    span = context.intervals.span(made.community)
    assert span is not None, "the file was loaded"
    return int(
        context.intervals.readings(made.community, _points(context, made.community), *span).energy.sum()
    )


def _ask(context: SettlementContext, made: ReadingsInput) -> Measurement:
    community = context.community(made.community).community
    calendar = PeriodCalendar(made.month, community.time_zone, community.resolution_minutes)
    points = _points(context, made.community)
    seconds, sums = time_best(
        lambda: daily_sums(context.intervals, made.community, points, calendar), _ASKED_RUNS
    )
    note = f"{len(points):,} meters by {calendar.period.days} days from {int(sums.known.sum()):,} readings, limit 0.3 s"
    return Measurement("partage, a month's sums by day", seconds, _ASKED_RUNS, 1.0, note)


def _load_sqlite(made: ReadingsInput) -> int:
    connection = sqlite3.connect(made.folder / "readings.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(
        "CREATE TABLE reading (point TEXT, start TEXT, step INTEGER, energy TEXT, quality TEXT)"
    )
    with made.file.open(newline="") as stream, connection:
        lines = reader(stream)
        next(lines)
        connection.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?)", lines)
    (total,) = connection.execute("SELECT sum(CAST(round(energy * 1e6) AS INTEGER)) FROM reading").fetchone()
    connection.close()
    return int(total)


def _load_duckdb(made: ReadingsInput) -> int:
    duckdb: Any = import_module("duckdb")
    target = made.folder / "duckdb.parquet"
    with duckdb.connect() as connection:
        lines = connection.read_csv(str(made.file), dtype={"energy_kwh": "DECIMAL(18, 6)"})
        lines.write_parquet(str(target), compression="zstd")
        found = connection.execute("SELECT sum(energy_kwh) FROM read_parquet(?)", [str(target)]).fetchone()
    return int(found[0] * 1_000_000)


def _load_pandas(made: ReadingsInput) -> int:
    pandas: Any = import_module("pandas")
    frame = pandas.read_csv(made.file, parse_dates=["start"])
    frame.to_parquet(made.folder / "pandas.parquet", compression="zstd")
    return int((frame["energy_kwh"] * 1e6).round().astype("int64").sum())


_RIVALS: dict[str, Callable[[ReadingsInput], int]] = {
    "SQLite, executemany": _load_sqlite,
    "DuckDB, read_csv to Parquet": _load_duckdb,
    "pandas, read_csv to Parquet": _load_pandas,
}
