"""Fifteen measured weeks of a state's load; see tests/golden/victoria_2013."""

import csv
import gzip
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from backend.forecasting import Series, Site

FILE = Path(__file__).resolve().parents[3] / "golden" / "victoria_2013" / "victoria_2013.csv.gz"
SITE = Site("Australia/Melbourne", "AU", "VIC")


def melbourne(month: int, day: int, hour: int = 0) -> int:
    """An instant of 2013. [s since 1970, UTC]"""
    return int(datetime(2013, month, day, hour, tzinfo=ZoneInfo("Australia/Melbourne")).timestamp())


def victoria() -> Series:
    """Load [MW] and temperature [°C], half-hours from 1 March to 15 June 2013."""
    with gzip.open(FILE, "rt") as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in ("load", "temperature")}
    begin = int(datetime.fromisoformat(rows[0]["start"]).timestamp())
    return Series(begin, 1800, columns["load"], {"temperature": columns["temperature"]}, "MW")
