"""The bundled profiles, exact, and what follows from them hour by hour in whole milliwatt-hours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import parquet

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FIRST_HOUR_UTC", "MeasuredHomes", "read_homes", "round_half_away"]

FIRST_HOUR_UTC = int(datetime(2016, 8, 1, 7, tzinfo=UTC).timestamp())  # 23:00 of 31 July 2016 at UTC-8
_LOAD_UNITS = 10**10  # of 1e-16 kWh in a milliwatt-hour
_SOLAR_TO_LOAD = 10**5  # (1e-8 W per kW) · kW · 1 h = 1e-11 kWh
_MEDIAN_UNITS = 10**5  # of 1e-11 kWh in a milliwatt-hour


@dataclass(frozen=True)
class MeasuredHomes:
    """Profiles of the homes, in the order of their numbers.

    Attributes:
        numbers: Numbers that the homes have in the source, 1 to 17.
        nominal_kilowatts: Solar power of each. [kW]
        load: Shape (homes, hours), int64. [1e-16 kWh]
        solar: Shape (homes, hours), int64, per kilowatt of nominal power. [1e-8 W/kW]
        carbon: Shape (hours,), int64, of the grid's electricity. [µg CO2/kWh]
    """

    numbers: tuple[int, ...]
    nominal_kilowatts: tuple[int, ...]
    load: NDArray[np.int64]
    solar: NDArray[np.int64]
    carbon: NDArray[np.int64]

    def without(self, *numbers: int) -> MeasuredHomes:
        """The same without some homes."""
        kept = [index for index, number in enumerate(self.numbers) if number not in numbers]
        return MeasuredHomes(
            tuple(self.numbers[index] for index in kept),
            tuple(self.nominal_kilowatts[index] for index in kept),
            self.load[kept],
            self.solar[kept],
            self.carbon,
        )

    def gross_loads(self) -> NDArray[np.int64]:
        """What each home uses, whether from its roof or the grid. Shape (homes, hours). [mWh]"""
        return round_half_away(self.load, _LOAD_UNITS)

    def production(self) -> NDArray[np.int64]:
        """What each home's own roof gives. Shape (homes, hours). [mWh]"""
        nominal = np.array(self.nominal_kilowatts, dtype=np.int64)[:, None]
        return round_half_away(self.solar * nominal, _MEDIAN_UNITS)

    def imports_and_exports(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Load minus solar where positive, solar minus load where positive, per hour. Shapes (homes, hours). [mWh]"""
        nominal = np.array(self.nominal_kilowatts, dtype=np.int64)[:, None]
        net = self.load - self.solar * _SOLAR_TO_LOAD * nominal
        return (
            round_half_away(np.maximum(net, 0), _LOAD_UNITS),
            round_half_away(np.maximum(-net, 0), _LOAD_UNITS),
        )

    def median_roof(self, kilowatts: int) -> NDArray[np.int64]:
        """Production of one roof that follows the median of an odd number of homes. Shape (hours,). [mWh]"""
        homes = len(self.numbers)
        assert homes % 2 == 1, homes
        middle = np.partition(self.solar, homes // 2, axis=0)[homes // 2]
        return round_half_away(middle * kilowatts, _MEDIAN_UNITS)


def read_homes() -> MeasuredHomes:
    """Read the bundled file."""
    content = resources.files(__package__).joinpath("citylearn2022.parquet").read_bytes()
    table = parquet.read_table(pa.BufferReader(content))
    nominal = {
        int(key): power for key, power in json.loads(table.schema.metadata[b"nominal_kilowatts"]).items()
    }
    numbers = tuple(sorted(nominal))
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    return MeasuredHomes(
        numbers=numbers,
        nominal_kilowatts=tuple(nominal[number] for number in numbers),
        load=np.stack([columns[f"load_{number:02d}"] for number in numbers]),
        solar=np.stack([columns[f"solar_{number:02d}"] for number in numbers]),
        carbon=columns["carbon"],
    )


def round_half_away(quantity: NDArray[np.int64], units: int) -> NDArray[np.int64]:
    """Divide quantities of at least zero by a whole number of units, rounding half away from zero."""
    whole, rest = np.divmod(quantity, units)
    rounded: NDArray[np.int64] = whole + (2 * rest >= units)
    return rounded
