"""Measured plants: the homes' roofs that are bundled with the demonstration, and two Dutch substations' parts."""

import csv
import gzip
import json
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from pyarrow import parquet

from backend.adapters import demo_data
from backend.forecasting import Series, Site
from ml.solar.rows import Course

FONTANA = Site("America/Los_Angeles", "US", "CA", 34.1, -117.4, 380.0)
HAARLEMMERMEER = Site("Europe/Amsterdam", "NL", "", 52.3055506, 4.6926655)
DAY = 86_400
BUNDLED = Path(demo_data.__file__).parent / "citylearn2022.parquet"
PARTS = Path(__file__).parent / "openstef_nl_2021.csv.gz"


@lru_cache
def measured(home: int, column: str = "solar") -> Series:
    """A year of a home, hourly, civil time turned into UTC. [W]"""
    table = parquet.read_table(BUNDLED)
    kilowatts = json.loads(table.schema.metadata[b"nominal_kilowatts"])[str(home)]
    raw = table.column(f"{column}_{home:02d}").to_numpy().astype(np.float64)
    watts = raw * (1e-8 * kilowatts if column == "solar" else 1e-13)
    zone, first = ZoneInfo(FONTANA.time_zone), datetime(2016, 8, 1)  # noqa: DTZ001
    start = int(first.replace(tzinfo=zone).timestamp())
    walls = [(first + timedelta(hours=hour)).replace(tzinfo=zone) for hour in range(len(watts))]
    places = [(int(wall.timestamp()) - start) // 3600 for wall in walls]
    values = np.full(max(places) + 1, np.nan)
    values[places] = watts
    return Series(start, 3600, values)


def part(column: str, **inputs: str) -> Series:
    """A substation's part as positive production [W], 15 minutes, with the inputs asked for."""
    with gzip.open(PARTS, "rt") as file:
        rows = list(csv.DictReader(file))
    start = int(datetime.fromisoformat(rows[0]["datetime"]).timestamp())
    scale = {"hfdp_radiation": 1 / 3600}
    told = {
        name: np.maximum(np.array([float(row[of]) for row in rows]), 0.0) * scale.get(of, 1.0)
        for name, of in inputs.items()
    }
    made = np.maximum(-1e6 * np.array([float(row[column]) for row in rows]), 0.0)
    return Series(start, 900, made, told)


def course(home: int) -> Course:
    """A roof beside its clear sky."""
    return _courses(home)


@lru_cache
def _courses(home: int) -> Course:
    from ml.solar.learned import learn_plant
    from ml.solar.sky import course_of, highest_clear

    series = measured(home)
    plant = learn_plant(series, FONTANA, series.end_utc)
    return course_of(series, FONTANA, plant, highest_clear(plant, FONTANA), len(series))[0]
