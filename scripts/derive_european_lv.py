"""Derive the bundled low-voltage network from the IEEE European Low Voltage Test Feeder.

    .venv/bin/python scripts/derive_european_lv.py FOLDER [--out FOLDER]

FOLDER has Master.dss and what it redirects to, as published with OpenDSS. Our OpenDSS reader reads it; the network is
written in our own form, gzipped, the 55 customers' day of minutes as whole watts. The same input gives the same bytes;
``backend.adapters.demo_data.networks`` reads what this writes.
"""

from __future__ import annotations

import argparse
import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from backend.adapters.networks.reading import read_network_file
from backend.grid.network_form import write_network

NAME = "european-lv"
MINUTES = 1440
OUT = Path(__file__).resolve().parent.parent / "backend" / "adapters" / "demo_data"


def derive(source: Path) -> tuple[bytes, pa.Table]:
    """Read the published files.

    Returns:
        The network's document, gzipped, and a table with a column per connection, a row per minute. [W]
    """
    reading = read_network_file(source / "Master.dss")
    if reading.profiles is None or reading.profiles.watts.shape[1] != MINUTES or reading.faults:
        raise SystemExit(
            f"{source}: a day of minutes is due, and no faults; found {list(reading.faults)[:3]}."
        )
    network = replace(reading.network, name=NAME)
    watts = reading.profiles.watts
    whole = np.round(watts)
    if np.abs(watts - whole).max() > 1e-6 or whole.min() < 0 or whole.max() >= 2**16:  # noqa: PLR2004 -- a watt's millionth
        raise SystemExit(f"{source}: the profiles are no whole watts of 16 bits.")
    columns = {
        connection.id: pa.array(row.astype(np.uint16))
        for connection, row in zip(network.connections, whole, strict=True)
    }
    return gzip.compress(write_network(network).encode(), compresslevel=9, mtime=0), pa.table(columns)


def main() -> None:
    """Write the bundled files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="folder with the published files")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write to")
    arguments = parser.parse_args()
    document, profiles = derive(arguments.source)
    network = arguments.out / "european_lv.json.gz"
    network.write_bytes(document)
    target = arguments.out / "european_lv.parquet"
    parquet.write_table(
        profiles,
        target,
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        write_statistics=False,
    )
    for file in (network, target):
        print(f"{file}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
