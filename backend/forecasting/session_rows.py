"""Rows of charging sessions, as sessions by place: of the plain form, or of two published data sets.

The plain form has commas, decimal points and the columns ``arrived``, ``left``, ``energy_kwh``, ``user`` and perhaps
``place``: instants in ISO 8601 with an offset, an empty ``left`` while the car is there, an empty ``energy_kwh``
while it is not known. The published ones are Sørensen et al.'s (Data in Brief 36, 2021, 107105, and 2024, doi
10.1016/j.dib.2024.110883; CC BY 4.0): semicolons, decimal commas, local time. A stamp in the hour that a clock puts
back is taken for the first of the two.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.forecasting.charging import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["join_places", "read_sessions"]

_ROWS_MAX = 1_000_000
_ENERGY_MAX = 1_000.0
"""More than any car takes; a meter in watt-hours shows itself by it. [kWh]"""


@dataclass(frozen=True, slots=True)
class _Form:
    """Place, user, plug-in, plug-out and energy; how stamps are written, empty for ISO 8601."""

    place: str
    user: str
    begin: str
    end: str
    energy: str
    stamp: str
    delimiter: str = ";"

    @property
    def needed(self) -> tuple[str, ...]:
        return (*((self.place,) if self.stamp else ()), self.user, self.begin, self.end, self.energy)


_PLAIN = _Form("place", "user", "arrived", "left", "energy_kwh", "", ",")
_FORMS = (
    _PLAIN,
    _Form("location", "user_id", "plugin_time", "plugout_time", "energy_session", "%Y-%m-%d %H:%M:%S"),
    _Form("Garage_ID", "User_ID", "Start_plugin", "End_plugout", "El_kWh", "%d.%m.%Y %H:%M"),
)
_UNKNOWN = ("", "NA")

_Row = tuple[int, int, float, str]


def read_sessions(lines: Iterable[str], time_zone: str = "Europe/Oslo") -> dict[str, Sessions]:
    """Sessions by place, in order of arrival; the place is empty where the plain form has none.

    Of the published forms, rows without an end or with one before the beginning are left out.

    Args:
        lines: Of the file, its header first.
        time_zone: IANA name; of stamps without an offset.

    Raises:
        InputError: If the columns are those of no form, or a row cannot be read; says which.
    """
    text = iter(lines)
    header = next(text, "")
    found_form = next(
        (
            one
            for one in _FORMS
            if set(next(csv.reader([header], delimiter=one.delimiter), [])) >= set(one.needed)
        ),
        None,
    )
    if found_form is None:
        needed = "; or ".join(", ".join(one.needed) for one in _FORMS)
        raise InputError(f"the columns are {header.strip()[:200]!r}; needed are {needed}.")
    zone = ZoneInfo(time_zone)
    found: dict[str, list[_Row]] = {}
    rows = csv.DictReader(chain([header], text), delimiter=found_form.delimiter)
    for number, row in enumerate(rows, start=2):
        if number > _ROWS_MAX + 1:
            raise InputError(f"there are more than {_ROWS_MAX:,} sessions; cut the file to the last years.")
        try:
            read = _plain(row) if found_form is _PLAIN else _published(row, found_form, zone)
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"line {number} cannot be read as a charging session: {error}.") from error
        if read is not None:
            found.setdefault(row.get(found_form.place) or "", []).append(read)
    return {
        name: _sessions(sorted(kept, key=lambda row: (row[0], row[1], row[3])))
        for name, kept in sorted(found.items())
    }


def _plain(row: Mapping[str, str]) -> _Row:
    form = _PLAIN
    begin, end = datetime.fromisoformat(row[form.begin]), -1
    if row[form.end]:
        left = datetime.fromisoformat(row[form.end])
        if left.tzinfo is None:
            raise ValueError(f"{row[form.end]!r} has no offset; write it like 2019-07-01T20:00:00Z")
        end = int(left.timestamp())
    if begin.tzinfo is None:
        raise ValueError(f"{row[form.begin]!r} has no offset; write it like 2019-07-01T20:00:00Z")
    if 0 <= end < begin.timestamp():
        raise ValueError(f"it ends at {row[form.end]}, before it begins at {row[form.begin]}")
    energy = float(row[form.energy]) if row[form.energy] not in _UNKNOWN else math.nan
    return int(begin.timestamp()), end, _checked(energy), row[form.user]


def _published(row: Mapping[str, str], form: _Form, zone: ZoneInfo) -> _Row | None:
    if row[form.end] in _UNKNOWN or row[form.energy] in _UNKNOWN:
        return None
    begin, end = (
        int(datetime.strptime(row[one], form.stamp).replace(tzinfo=zone).timestamp())
        for one in (form.begin, form.end)
    )
    charged = _checked(float(row[form.energy].replace(",", ".")))
    return (begin, end, charged, row[form.user]) if end >= begin else None


def _checked(energy: float) -> float:
    if math.isinf(energy) or energy < 0 or energy > _ENERGY_MAX:
        raise ValueError(f"{energy:g} kWh is no energy of a session; from 0 to {_ENERGY_MAX:g} kWh are")
    return energy


def join_places(places: Mapping[str, Sessions]) -> Sessions:
    """Sessions of several places as of one, in order of arrival; users of different places are different ones.

    Raises:
        InputError: If there is no session.
    """
    kept = [one for one in places.values() if len(one)]
    if not kept:
        raise InputError("there is no charging session; nothing can be learned.")
    firsts = np.cumsum([0, *(int(one.user.max()) + 1 for one in kept)])
    arrived = np.concatenate([one.arrived_utc for one in kept])
    order = np.argsort(arrived, kind="stable")
    return Sessions(
        arrived[order],
        np.concatenate([one.left_utc for one in kept])[order],
        np.concatenate([one.energy for one in kept])[order],
        np.concatenate([one.user + first for one, first in zip(kept, firsts[:-1], strict=True)])[order],
    )


def _sessions(kept: list[_Row]) -> Sessions:
    arrived, left, energy, users = zip(*kept, strict=True)
    names = {name: number for number, name in enumerate(sorted(set(users)))}
    return Sessions(
        np.array(arrived, dtype=np.int64),
        np.array(left, dtype=np.int64),
        np.array(energy, dtype=np.float64),
        np.array([names[one] for one in users], dtype=np.int64),
    )
