"""Published charging sessions of Norwegian apartment buildings, as sessions of one garage.

Both files are Sørensen et al.'s (Data in Brief 36, 2021, 107105, and 2024, doi 10.1016/j.dib.2024.110883; CC BY 4.0):
semicolons, decimal commas, local time. A stamp in the hour that a clock puts back is taken for the first of the two.
"""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.forecasting.charging import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["read_session_file", "read_sessions"]

# Place, user, plug-in, plug-out, energy; and how stamps are written.
_FORMS = (
    (("location", "user_id", "plugin_time", "plugout_time", "energy_session"), "%Y-%m-%d %H:%M:%S"),
    (("Garage_ID", "User_ID", "Start_plugin", "End_plugout", "El_kWh"), "%d.%m.%Y %H:%M"),
)
_UNKNOWN = ("", "NA")


def read_session_file(file: Path, time_zone: str = "Europe/Oslo") -> dict[str, Sessions]:
    """Sessions of a file by place, from a .csv or a .csv.gz."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return read_sessions(content.decode("utf-8-sig").splitlines(), time_zone)


def read_sessions(lines: Iterable[str], time_zone: str = "Europe/Oslo") -> dict[str, Sessions]:
    """Sessions by place, in order of arrival. Rows without an end or with one before the beginning are left out.

    Raises:
        InputError: If the columns are those of neither file, or a row cannot be read; says which.
    """
    rows = csv.DictReader(lines, delimiter=";")
    head = set(rows.fieldnames or ())
    form = next(((names, stamp) for names, stamp in _FORMS if head >= set(names)), None)
    if form is None:
        raise InputError(
            f"the columns are {sorted(head)}; needed are {', '.join(_FORMS[0][0])} or {', '.join(_FORMS[1][0])}."
        )
    (place, user, begin, end, energy), stamp = form
    zone = ZoneInfo(time_zone)
    found: dict[str, list[tuple[int, int, float, str]]] = {}
    for number, row in enumerate(rows, start=2):
        if row[end] in _UNKNOWN or row[energy] in _UNKNOWN:
            continue
        try:
            times = [
                int(datetime.strptime(row[one], stamp).replace(tzinfo=zone).timestamp())
                for one in (begin, end)
            ]
            charged = float(row[energy].replace(",", "."))
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"line {number} cannot be read as a charging session: {error}.") from error
        if times[1] >= times[0]:
            found.setdefault(row[place], []).append((times[0], times[1], charged, row[user]))
    return {name: _sessions(sorted(kept)) for name, kept in sorted(found.items())}


def _sessions(kept: list[tuple[int, int, float, str]]) -> Sessions:
    arrived, left, energy, users = zip(*kept, strict=True)
    names = {name: number for number, name in enumerate(sorted(set(users)))}
    return Sessions(
        np.array(arrived, dtype=np.int64),
        np.array(left, dtype=np.int64),
        np.array(energy, dtype=np.float64),
        np.array([names[one] for one in users], dtype=np.int64),
    )
