"""France: load curves and collective self-consumption of Enedis, JSON and CSV.

Values of curves are mean watts over an interval whose END is stamped, in legal time of the mainland where there is no
offset; a file may change its step, run backwards or jump.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.adapters.meter_files.formats import MeterFormat, ReadOptions, SourceFile
from backend.adapters.meter_files.formats.enedis_csv import is_enedis_csv, read_csv
from backend.adapters.meter_files.formats.enedis_json import is_enedis_json, read_json
from backend.adapters.meter_files.formats.json_streams import looks_like_json
from backend.metering.source_series import RegisterRead, SourceBlock

if TYPE_CHECKING:
    from backend.adapters.meter_files.faults import FaultCollector

__all__ = ["FORMAT"]


def _recognise(head: bytes) -> bool:
    return is_enedis_json(head) or is_enedis_csv(head)


def _read(
    file: SourceFile, options: ReadOptions, faults: FaultCollector
) -> Iterator[SourceBlock | RegisterRead]:
    read = read_json if looks_like_json(file.head) else read_csv
    yield from read(file, options, faults)


FORMAT = MeterFormat(
    name="enedis",
    title="Load curves and collective self-consumption (Enedis, France)",
    recognise=_recognise,
    read=_read,
)
