"""A sound file of every format, to be bent."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl

from backend.adapters.meter_files.writers import WriteOptions, all_writers
from backend.metering import ReadingTable
from tests.unit.meter_files.national import workbook_files

GOLDEN = Path(__file__).parents[3] / "golden" / "meter_files"

_FORM = {"unit": "kWh", "resolution_minutes": 15}
MAPPING = {"columns": {"metering_point": "MP", "start": "Zeit", "energy": "Wert"}, "form": _FORM}
OWN_MAPPING = {
    "columns": {"metering_point": "metering_point", "start": "start", "energy": "energy_milliwatt_hours"},
    "form": _FORM,
}


def _table():
    count = 96
    return ReadingTable(
        metering_points=("home-01", "home-02"),
        point=np.repeat(np.arange(2, dtype=np.int32), count // 2),
        start_utc=1_704_067_200 + 900 * np.tile(np.arange(count // 2, dtype=np.int64), 2),
        energy=np.arange(count, dtype=np.int64) * 1000,
        quality=np.zeros(count, np.uint8),
        resolution_minutes=15,
    )


def _written(form):
    writer = {writer.name: writer for writer in all_writers()}[form]
    buffer = io.BytesIO()
    writer.write(_table(), buffer, WriteOptions("UTC", source_quality=False, created_utc=0))
    return buffer.getvalue()


def _report():
    stamps = workbook_files.quarter_hours(datetime(2024, 3, 1), 8)  # noqa: DTZ001 -- as reports have them
    rows = [(stamp, [1.5, 0.5, 0.5, 2.0, 1.0], "L1") for stamp in stamps]
    return workbook_files.report(rows, workbook_files.columns())


def _sheet():
    book = openpyxl.Workbook()
    book.active.append(["MP", "Zeit", "Wert"])
    for minute in (0, 15, 30, 45):
        book.active.append(["AT1", f"2024-03-01T00:{minute:02}:00+01:00", "1.5"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


MAPPED_CSV = b"MP,Zeit,Wert\n" + b"".join(
    b"AT1,2024-03-01T00:%02d:00+01:00,1.5\n" % minute for minute in range(0, 60, 15)
)

LOCAL = {"time_zone": "Europe/Amsterdam", "metering_point": "home-01", "resolution_minutes": 15}
AUSTRALIAN = {"time_zone": "Australia/Brisbane"}

NEM13 = (
    b"100,NEM13,200405011135,MDA1,Ret1\n"
    b"250,NEM1204062,E1,,11,11,METSER,E,000021.2,20031001103230,A,,,000533.4,20040201100030,E64,77,,512.2,kWh,"
    b"20040509,20040201100030,20040201100030\n900\n"
)

KINDS = {"fluvius-csv": "fluvius"}
"""Formats of kinds that have another name."""

# Bytes of a sound file and how it is read, by format or kind of it.
SOUND: dict[str, tuple[bytes, dict[str, Any]]] = {
    "csv": ((GOLDEN / "mscons_load_profile/expected.csv").read_bytes(), {}),
    "parquet": (_written("parquet"), {}),
    "arrow": (_written("arrow"), {}),
    "eda-report": (_report(), {"time_zone": "Europe/Vienna"}),
    "mapped-csv": (MAPPED_CSV, {"mapping": MAPPING}),
    "mapped-excel": (_sheet(), {"mapping": MAPPING}),
    "cim-vhd": ((GOLDEN / "cim_vhd_v082/input.xml").read_bytes(), {}),
    "eda": ((GOLDEN / "eda_quarter_hours/input.xml").read_bytes(), {}),
    "green-button": ((GOLDEN / "green_button_batch/input.xml").read_bytes(), {}),
    "iec-61968-9": ((GOLDEN / "iec_61968_9_day/input.xml").read_bytes(), LOCAL),
    "mscons": ((GOLDEN / "mscons_load_profile/input.edi").read_bytes(), {}),
    "nem12": ((GOLDEN / "nem12_qualities/input.csv").read_bytes(), AUSTRALIAN),
    "nem13": (
        NEM13,
        AUSTRALIAN,
    ),
    "dsmr": ((GOLDEN / "dsmr_telegrams/input.txt").read_bytes(), LOCAL),
    "cau": (b"ES0031300000000001AA0F;0,5\nES0031300000000002BB0F;0,5\n", {}),
    "datadis": ((GOLDEN / "portals/datadis_surplus.json").read_bytes(), {}),
    "enedis": ((GOLDEN / "portals/enedis_load_curve.json").read_bytes(), {}),
    "energinet": ((GOLDEN / "portals/energinet.json").read_bytes(), {}),
    "fingrid": ((GOLDEN / "portals/fingrid.json").read_bytes(), {}),
    "fluvius": ((GOLDEN / "portals/fluvius_headpoint.json").read_bytes(), {}),
    "fluvius-csv": ((GOLDEN / "fluvius_history/input.csv").read_bytes(), {}),
    "mijn-aansluiting": ((GOLDEN / "portals/mijn_aansluiting.json").read_bytes(), {}),
    "mapped-parquet": (_written("parquet"), {"mapping": OWN_MAPPING}),
    "mapped-arrow": (_written("arrow"), {"mapping": OWN_MAPPING}),
}
