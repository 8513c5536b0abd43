"""Derive the bundled demo data from the CityLearn Challenge 2022 files.

    .venv/bin/python scripts/derive_citylearn.py FOLDER [--out FOLDER]

FOLDER has Building_1.csv .. Building_17.csv, carbon_intensity.csv, weather.csv and schema.json as published. Every
published decimal is kept: values are whole numbers of a fixed decimal place, read from the text, never through a float.
The same input gives the same values; ``backend.adapters.demo_data`` and ``backend.adapters.ambient`` read what this
writes.
"""

from __future__ import annotations

import argparse
import csv
import json
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

BUILDINGS = range(1, 18)
HOURS = 8760
LOAD_PLACES = 16  # kWh; the finest value published is 4.0690105e-09
SOLAR_PLACES = 8  # W per kW of nominal power
CARBON_PLACES = 9  # kg of CO2 per kWh
AIR_PLACES = 1  # °C
OUT = Path(__file__).resolve().parent.parent / "backend" / "adapters" / "demo_data"


def read_column(path: Path, column: str, places: int, least: int = 0) -> np.ndarray:
    """Read a column as whole numbers of the given decimal place, refusing whatever would lose a digit."""
    values = []
    with path.open(newline="") as file, localcontext() as context:
        context.prec = 60
        for line, row in enumerate(csv.DictReader(file), start=2):
            scaled = Decimal(row[column]).scaleb(places)
            if scaled != scaled.to_integral_value() or not least <= scaled < 2**63:
                raise SystemExit(
                    f"{path}, line {line}: {column} {row[column]} does not fit {places} decimals."
                )
            values.append(int(scaled))
    if len(values) != HOURS:
        raise SystemExit(f"{path}: {len(values)} rows, {HOURS} are due.")
    return np.array(values, dtype=np.int64)


def derive(source: Path) -> pa.Table:
    """Read the published files.

    Returns:
        A row per hour: ``load_NN`` [1e-16 kWh] and ``solar_NN`` [1e-8 W per kW] per building, ``carbon`` [1e-9 kg/kWh];
        the nominal powers [kW] are in the metadata.
    """
    schema = json.loads((source / "schema.json").read_text())
    nominal = {}
    columns = {"carbon": read_column(source / "carbon_intensity.csv", "carbon_intensity", CARBON_PLACES)}
    for building in BUILDINGS:
        path = source / f"Building_{building}.csv"
        columns[f"load_{building:02d}"] = read_column(path, "non_shiftable_load", LOAD_PLACES)
        columns[f"solar_{building:02d}"] = read_column(path, "solar_generation", SOLAR_PLACES)
        power = schema["buildings"][path.stem]["pv"]["attributes"]["nominal_power"]
        if power != int(power):
            raise SystemExit(
                f"schema.json: {path.stem} has {power} kW of solar power; whole kilowatts are due."
            )
        nominal[building] = int(power)
    return pa.table(columns).replace_schema_metadata({"nominal_kilowatts": json.dumps(nominal)})


def derive_air(source: Path) -> pa.Table:
    """Read the published temperatures: a row per hour, ``air`` [0.1 °C]."""
    tenths = read_column(source / "weather.csv", "outdoor_dry_bulb_temperature", AIR_PLACES, least=-1000)
    return pa.table({"air": pa.array(tenths, pa.int16())})


def main() -> None:
    """Write the bundled files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="folder with the published files")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write to")
    arguments = parser.parse_args()
    tables = {
        "citylearn2022.parquet": derive(arguments.source),
        "citylearn2022_air.parquet": derive_air(arguments.source),
    }
    for name, table in tables.items():
        target = arguments.out / name
        parquet.write_table(
            table,
            target,
            compression="zstd",
            compression_level=19,
            use_dictionary=False,
            write_statistics=False,
        )
        print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
