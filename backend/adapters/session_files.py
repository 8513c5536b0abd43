"""Session CSV in, charging forecast CSV out. What a session CSV has says ``backend.forecasting.session_rows``."""

from __future__ import annotations

import csv
import gzip
import zlib
from typing import TYPE_CHECKING

from backend.adapters.series_files import write_bands
from backend.errors import InputError
from backend.forecasting.session_rows import read_sessions

if TYPE_CHECKING:
    from pathlib import Path

    from backend.forecasting import Forecast
    from backend.forecasting.charging import Sessions

__all__ = ["read_session_csv", "write_charging_csv"]

_BYTES_MAX = 200_000_000


def read_session_csv(path: Path, time_zone: str) -> dict[str, Sessions]:
    """Read sessions by place, from a .csv or a .csv.gz.

    Raises:
        InputError: If it is no such file, or a row does not fit: with its line.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
        lines = content.decode("utf-8-sig").splitlines()
    except (UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is no text in UTF-8, or its .gz is broken: {error}.") from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); name a CSV file that is there and that you may read."
        ) from None
    if len(content) > _BYTES_MAX:
        raise InputError(f"{path} is larger than {_BYTES_MAX // 1_000_000} MB; cut it to the last years.")
    try:
        return read_sessions(lines, time_zone)
    except (InputError, csv.Error) as error:
        raise InputError(f"{path}: {error}") from None


def write_charging_csv(energy: Forecast, cars: Forecast, out: Path) -> None:
    """Write ``start,mean,p10,p50,p90,cars_mean,cars_p10,cars_p50,cars_p90``, energy in kWh; whole or not at all.

    Raises:
        InputError: If it cannot be written there.
    """
    write_bands({"": energy, "cars_": cars}, out)
