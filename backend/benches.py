"""Benchmarks that need adapters, joined to them; what they make is gone afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.services.benchmarks import Benchmark

__all__ = ["bench_invoices", "bench_settlement"]


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


def bench_invoices(count: int = 1_000) -> Benchmark:
    """Write the documents of a made run by all cores and by one process."""
    from functools import partial

    from backend.adapters.documents.invoice_folder import write_documents
    from backend.services.benchmarks import invoices

    with tempfile.TemporaryDirectory() as folder:
        alone = partial(write_documents, workers=1)
        return invoices.bench_invoices(count, write_documents, alone, Path(folder))
