"""Benchmarks that need adapters, joined to them; what they make is gone afterwards."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.services.benchmarks import Benchmark

__all__ = ["bench_invoices", "bench_rehearsal", "bench_settlement"]


def bench_settlement(members: int) -> Benchmark:
    """Settle a month of a made community of that size, on the embedded chain in a home that is gone afterwards."""
    from backend.adapters.demo_data.large import write_large_community
    from backend.adapters.home import Home
    from backend.adapters.meter_files.generic_csv import read_generic_csv
    from backend.bootstrap import Wiring
    from backend.quantities import SettlementPeriod
    from backend.services.benchmarks import settlement
    from backend.verifier import verify

    month = SettlementPeriod.from_month("2017-06")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        points, rows = write_large_community(files, members, month, month)
        wiring = Wiring(Home(Path(folder) / "home"), environment={})
        wiring.home.create()
        made = settlement.LargeInput(
            (files / "COMMUNITY.toml").read_text(encoding="utf-8"),
            files / "readings.csv",
            month,
            f"a month of {members:,} made members, {points:,} metering points, {rows:,} quarter-hours",
        )
        return settlement.bench_settlement(
            wiring.context, read_generic_csv, made, lambda bundle: verify(bundle, wiring.node.rpc).ok
        )


def bench_rehearsal(members: int) -> Benchmark:
    """Rehearse a year of a made community of that size, in a home that is gone afterwards."""
    from backend.adapters.demo_data.large import make_large_community, make_large_readings
    from backend.adapters.home import Home
    from backend.bootstrap import Wiring
    from backend.community import write_definition
    from backend.ports import ReadingLoad
    from backend.quantities import PeriodCalendar, SettlementPeriod
    from backend.services.benchmarks import rehearsal
    from backend.services.load_community import load_community

    year = SettlementPeriod(date(2017, 1, 1), date(2018, 1, 1))
    made = make_large_community(members)
    with tempfile.TemporaryDirectory() as folder:
        wiring = Wiring(Home(Path(folder)), environment={})
        wiring.home.create()
        load_community(wiring.context, write_definition(made), "COMMUNITY.toml")
        nothing, rows = "0x" + "00" * 32, 0
        calendar = PeriodCalendar(year, made.time_zone, made.resolution_minutes)
        for number, table in enumerate(make_large_readings(made, calendar)):
            load = ReadingLoad(f"made-{number}", made.id, 0, ("made",), nothing, nothing, len(table))
            wiring.intervals.add_readings(load, table)
            rows += len(table)
        points = len(made.metering_points)
        work = f"a year of {members:,} made members, {points:,} metering points, {rows:,} quarter-hours, by two rules"
        return rehearsal.bench_rehearsal(wiring.context, made.id, wiring.readings_cache, work)


def bench_invoices(count: int = 1_000) -> Benchmark:
    """Write the documents of a made run by all cores and by one process."""
    from functools import partial

    from backend.adapters.documents.invoice_folder import write_documents
    from backend.services.benchmarks import invoices

    with tempfile.TemporaryDirectory() as folder:
        alone = partial(write_documents, workers=1)
        return invoices.bench_invoices(count, write_documents, alone, Path(folder))
