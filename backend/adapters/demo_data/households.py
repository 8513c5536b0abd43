"""Fifty households of the Smart-Grid Smart-City trial, where their file is at hand: not bundled, see its SOURCE.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["HOUSEHOLDS_FILE", "read_households"]

HOUSEHOLDS_FILE = "households_au50/sgsc_50customers_halfhourly.csv.gz"
_STEP_SECONDS = 1800
_STANDARD_TIME_SECONDS = 10 * 3600  # stamps are taken for those of UTC+10 all year
_MILLIWATT_HOURS_PER_KILOWATT_HOUR = 1_000_000


def read_households(file: Path, start_utc: int, intervals: int, known_min: float) -> NDArray[np.int64]:
    """Energies of a span, of the households that have enough of it.

    Args:
        file: The trial's half-hourly file.
        start_utc: Start of the span. [s since 1970, UTC]
        intervals: Half-hours of it. [1]
        known_min: Least part that a household must have. [1]

    Returns:
        Shape (households, intervals), -1 where there is no reading. [mWh]
    """
    import polars as pl

    frame = pl.read_csv(
        file, schema_overrides={"reading_datetime": pl.String, "general_supply_kwh": pl.Float64}
    )
    naive = frame["reading_datetime"].str.to_datetime("%Y-%m-%d %H:%M:%S").dt.epoch("s").to_numpy()
    index, beside = np.divmod(naive - _STANDARD_TIME_SECONDS - start_utc, _STEP_SECONDS)
    here = (index >= 0) & (index < intervals) & (beside == 0)
    ids, place = np.unique(frame["customer_id"].to_numpy()[here], return_inverse=True)
    energy = np.full((len(ids), intervals), -1, dtype=np.int64)
    values = np.rint(frame["general_supply_kwh"].to_numpy()[here] * _MILLIWATT_HOURS_PER_KILOWATT_HOUR)
    energy[place, index[here]] = values.astype(np.int64)
    kept: NDArray[np.int64] = energy[(energy >= 0).mean(axis=1) >= known_min]
    return kept
