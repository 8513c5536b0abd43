"""Measured homes as series: seventeen in California by the hour, fifty in Australia by the half-hour."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting import Series, Site

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["CALIFORNIA", "SYDNEY", "needed", "read_californian_homes", "read_sydney_homes"]

CALIFORNIA = Site("Etc/GMT+8", "US", "CA")
"""Of the CityLearn homes. Their rows are civil hours, 24 a day all year, taken one after the other: an hour's name is
right in summer and winter, its instant in summer is an hour off, which nothing here reads."""
SYDNEY = Site("Australia/Sydney", "AU", "NSW")
_HOMES = 17
_CALIFORNIA_UTC = int(
    datetime(2016, 8, 1, 8, tzinfo=UTC).timestamp()
)  # local midnight; the row before is dropped
_SYDNEY_UTC = int(datetime(2012, 7, 13, 14, tzinfo=UTC).timestamp())  # midnight at UTC+10; most have begun
_SYDNEY_DAYS = 590
_SYDNEY_AHEAD_SECONDS = 10 * 3600  # stamps are taken for those of UTC+10 all year


def needed(file: Path) -> Path:
    """A file that is there.

    Raises:
        InputError: If it is not; says which.
    """
    if not file.is_file():
        raise InputError(
            f"{file} is missing; get the data set (its folder's SOURCE.txt says where from) or leave this part out."
        )
    return file


def read_californian_homes(data: Path) -> tuple[list[Series], list[Series]]:
    """Gross and net loads of the seventeen CityLearn 2022 homes. [kWh]

    Raises:
        InputError: If a file is missing.
    """
    folder = data / "citylearn2022"
    schema = json.loads(needed(folder / "schema.json").read_text(encoding="utf-8"))
    gross, net = [], []
    for number in range(1, _HOMES + 1):
        name = f"Building_{number}"
        file = needed(folder / f"{name}.csv")
        head = file.open(encoding="utf-8").readline().strip().split(",")
        columns = (head.index("non_shiftable_load"), head.index("solar_generation"))
        rows = np.loadtxt(file, delimiter=",", skiprows=2, usecols=columns)
        nominal = schema["buildings"][name]["pv"]["attributes"]["nominal_power"]
        rows = rows[: len(rows) // 24 * 24]
        used, made = rows[:, 0], rows[:, 1] * nominal / 1000
        gross.append(Series(_CALIFORNIA_UTC, 3600, used, unit="kWh"))
        net.append(Series(_CALIFORNIA_UTC, 3600, used - made, unit="kWh"))
    return gross, net


def read_sydney_homes(data: Path, known_min: float = 0.95) -> list[Series]:
    """Half-hours of the homes of the Smart-Grid Smart-City trial that have enough of nineteen months. [kWh]

    Raises:
        InputError: If the file is missing.
    """
    import polars as pl

    file = needed(data / "households_au50" / "sgsc_50customers_halfhourly.csv.gz")
    frame = pl.read_csv(
        file, schema_overrides={"reading_datetime": pl.String, "general_supply_kwh": pl.Float64}
    )
    stamps = frame["reading_datetime"].str.to_datetime("%Y-%m-%d %H:%M:%S").dt.epoch("s").to_numpy()
    index, beside = np.divmod(stamps - _SYDNEY_AHEAD_SECONDS - _SYDNEY_UTC, 1800)
    here = (index >= 0) & (index < _SYDNEY_DAYS * 48) & (beside == 0)
    ids, place = np.unique(frame["customer_id"].to_numpy()[here], return_inverse=True)
    energy = np.full((len(ids), _SYDNEY_DAYS * 48), np.nan)
    energy[place, index[here]] = frame["general_supply_kwh"].to_numpy()[here]
    kept = energy[np.isfinite(energy).mean(axis=1) >= known_min]
    return [Series(_SYDNEY_UTC, 1800, row, unit="kWh") for row in kept]
