"""Make a large community with quarter-hour readings, for tests and measurements of size.

    .venv/bin/python scripts/make_community.py FOLDER [--members 1000] [--month 2017-06] [--months 1]

Writes COMMUNITY.toml and readings.csv, synthetic and for size only: see ``backend.adapters.demo_data.large``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from backend.adapters.demo_data.large import write_large_community
from backend.quantities import SettlementPeriod


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--month", default="2017-06", help="first month, YYYY-MM")
    parser.add_argument("--months", type=int, default=1)
    arguments = parser.parse_args()
    first = last = SettlementPeriod.from_month(arguments.month)
    for _ in range(arguments.months - 1):
        last = SettlementPeriod.from_month(f"{last.until:%Y-%m}")
    points, rows = write_large_community(arguments.folder, arguments.members, first, last)
    print(f"{arguments.folder}: {points} points, {rows:,} readings")


if __name__ == "__main__":
    main()
