"""CAU coefficients are no readings: their files are recognised so that whoever loads one is told where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.meter_files.cau_files import is_cau
from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.adapters.meter_files.faults import FaultCollector
    from backend.metering.source_series import SourceBlock

__all__ = ["FORMAT"]


def _read(file: SourceFile, options: ReadOptions, faults: FaultCollector) -> Iterator[SourceBlock]:
    del file, options
    faults.refuse(
        "not-readings",
        "these are sharing coefficients of a Spanish installation (CAU), not readings; they are handed in with "
        '"partage schedule load COMMUNITY FILE --period 2026-01".',
        line=1,
    )
    yield from ()


FORMAT = MeterFormat("cau", "CAU sharing coefficients (RD 244/2019, Spain): no readings", is_cau, _read)
