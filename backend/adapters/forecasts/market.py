"""The grid's carbon intensity from its source, and prices from a file of the home that only grows.

``prices/COMMUNITY.csv`` has the columns ``start`` and ``known`` (ISO 8601) and ``eur_per_mwh``: a price that is told
again is a further row, so that what was known at a time stays known.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.adapters.durable_files import write_durably
from backend.errors import InputError
from backend.forecasting import Series
from backend.quantities import PeriodCalendar, SettlementPeriod

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from backend.ports.carbon import CarbonIntensity

__all__ = ["RecordedMarket"]

_HEADER = ("start", "eur_per_mwh", "known")
_HOUR = 3600
_MILLIGRAMS_PER_GRAM = 1000.0
_UNIT = "EUR/MWh"
_ROWS_MAX = 2_000_000


@dataclass(frozen=True)
class RecordedMarket:
    """Implements ``backend.ports.market.Market``.

    Attributes:
        folder: Where files of prices lie.
        intensity: Carbon intensity by source.
    """

    folder: Path
    intensity: CarbonIntensity

    def carbon(self, source: str, time_zone: str, start_utc: int, length: int) -> NDArray[np.float64]:
        """See the port."""
        found = np.full(length, np.nan)
        zone = ZoneInfo(time_zone)
        day = datetime.fromtimestamp(start_utc, zone).date()
        last = datetime.fromtimestamp(start_utc + _HOUR * length - 1, zone).date()
        while day <= last:
            calendar = PeriodCalendar(SettlementPeriod(day, day + timedelta(days=1)), time_zone, 60)
            day += timedelta(days=1)
            milligrams = self.intensity.intensity(source, calendar)
            if milligrams is None:
                continue
            at = (calendar.start_utc - start_utc) // _HOUR + np.arange(len(milligrams))
            inside = (at >= 0) & (at < length)
            found[at[inside]] = milligrams[inside] / _MILLIGRAMS_PER_GRAM
        return found

    def prices(self, community: str, known_utc: int | None = None) -> Series | None:
        """See the port."""
        rows = [row for row in self._rows(community) if known_utc is None or row[2] <= known_utc]
        if not rows:
            return None
        kept = {start: price for start, price, _ in sorted(rows, key=lambda row: row[2])}
        starts = np.array(sorted(kept), dtype=np.int64)
        step = int(np.diff(starts).min()) if len(starts) > 1 else _HOUR
        values = np.full(int(starts[-1] - starts[0]) // step + 1, np.nan)
        values[(starts - starts[0]) // step] = [kept[int(start)] for start in starts]
        return Series(int(starts[0]), step, values, unit=_UNIT)

    def keep_prices(self, community: str, prices: Series, known_utc: int) -> int:
        """See the port."""
        before = self.prices(community)
        if before is not None and before.step_seconds != prices.step_seconds:
            raise InputError(
                f"prices of {community} are kept by {before.step_seconds // 60} minutes, these are of "
                f"{prices.step_seconds // 60}; give them by {before.step_seconds // 60} minutes."
            )
        same = (
            {}
            if before is None
            else dict(zip(before.starts_utc.tolist(), before.values.tolist(), strict=True))
        )
        new = [
            (start, price, known_utc)
            for start, price in zip(prices.starts_utc.tolist(), prices.values.tolist(), strict=True)
            if np.isfinite(price) and same.get(start) != price
        ]
        rows = [*self._rows(community), *new]
        if len(rows) > _ROWS_MAX:
            raise InputError(f"{len(rows):,} prices are more than {_ROWS_MAX:,}; give the last years alone.")
        if new:
            lines = [f"{_written(start)},{price!r},{_written(known)}" for start, price, known in rows]
            self.folder.mkdir(parents=True, exist_ok=True)
            write_durably(self._file(community), "\n".join([",".join(_HEADER), *lines, ""]).encode())
        return len(new)

    def _file(self, community: str) -> Path:
        return self.folder / f"{community}.csv"

    def _rows(self, community: str) -> list[tuple[int, float, int]]:
        """Start [s since 1970, UTC], price [EUR/MWh] and when it became known [s since 1970, UTC], as kept."""
        file = self._file(community)
        if not file.is_file():
            return []
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            if tuple(next(reader, [])) != _HEADER:
                raise InputError(f"{file}:1: the columns must be {', '.join(_HEADER)}.")
            try:
                return [(_read(start), float(price), _read(known)) for start, price, known in reader]
            except ValueError as error:
                raise InputError(
                    f"{file}:{reader.line_num}: {error}; mend the line or take it out."
                ) from None


def _written(instant_utc: int) -> str:
    return datetime.fromtimestamp(instant_utc, UTC).isoformat()


def _read(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
