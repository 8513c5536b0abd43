"""Slices of the bundled measured homes, for tests of models of homes."""

import numpy as np

from backend.adapters.demo_data.homes import FIRST_HOUR_UTC, read_homes
from backend.forecasting import Series, Site

# Local midnight of 1 August 2016: the first row is the hour before.
FIRST_DAY_UTC = FIRST_HOUR_UTC + 3600
SITE = Site("Etc/GMT+8", "US", "CA")
HOUR, DAY = 3600, 86400


def loads(count: int, days: int, first_day: int = 0) -> list[Series]:
    """Hourly use of the first homes, from a local midnight on. [kWh]"""
    return _series(read_homes().gross_loads() / 1e6, count, days, first_day)


def nets(count: int, days: int, first_day: int = 0) -> list[Series]:
    """Use less what the own roof gave. [kWh]"""
    homes = read_homes()
    return _series((homes.gross_loads() - homes.production()) / 1e6, count, days, first_day)


def _series(rows: np.ndarray, count: int, days: int, first_day: int) -> list[Series]:
    begin = 1 + 24 * first_day
    return [
        Series(FIRST_DAY_UTC + first_day * DAY, HOUR, row[begin : begin + 24 * days], unit="kWh")
        for row in rows[:count]
    ]
