"""Derive the bundled air temperatures of the demonstration's homes from the CityLearn Challenge 2022 files.

    .venv/bin/python scripts/derive_citylearn_air.py FOLDER [--out FOLDER]

FOLDER has weather.csv as published, whose temperatures have one decimal: they are kept as whole tenths of a degree.
``backend.adapters.ambient`` reads what this writes.
"""

from __future__ import annotations

import argparse
import csv
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

HOURS = 8760
OUT = Path(__file__).resolve().parent.parent / "backend" / "adapters" / "demo_data"


def derive(source: Path) -> pa.Table:
    """Read the published file: a row per hour, ``air`` [0.1 °C]."""
    path = source / "weather.csv"
    tenths = []
    with path.open(newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            scaled = Decimal(row["outdoor_dry_bulb_temperature"]) * 10
            if scaled != scaled.to_integral_value():
                raise SystemExit(f"{path}, line {line}: {scaled / 10} °C has more than one decimal.")
            tenths.append(int(scaled))
    if len(tenths) != HOURS:
        raise SystemExit(f"{path}: {len(tenths)} rows, {HOURS} are due.")
    return pa.table({"air": pa.array(tenths, pa.int16())})


def main() -> None:
    """Write the bundled file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="folder with the published files")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write to")
    arguments = parser.parse_args()
    target = arguments.out / "citylearn2022_air.parquet"
    parquet.write_table(
        derive(arguments.source),
        target,
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        write_statistics=False,
    )
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
