"""Weather from what is there: files that somebody recorded, the demonstration's year, else a clear sky.

Each answers with what was known at the time that is asked about. What was measured is known once its interval is over;
a forecast is known from its issue on.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.ambient import BUNDLED_ZONE
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
from backend.errors import InputError
from backend.forecasting import Site, WeatherSource
from backend.ports.forecasting import WeatherCourse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.ports.forecasting import Weather

    Values = NDArray[np.float64]

__all__ = ["COLUMNS", "BundledYear", "ClearSky", "FirstOf", "NoWeather", "RecordedWeather"]

COLUMNS = (
    *("temperature", "ghi", "dni", "dhi", "cloud_cover", "wind_speed", "wind_speed_100m"),
    *("humidity", "snow_depth", "precipitation"),
)
"""Names that a recorded file may have columns of, in the units of ``backend.ports.forecasting.WeatherCourse``."""

_HOUR = 3600
_TENTHS = 10.0
_MEASURED = 2**62  # an issue later than any: what was measured beats every forecast


def empty_course(start_utc: int, step_seconds: int, known_utc: int) -> WeatherCourse:
    """Nothing is known."""
    return WeatherCourse(start_utc, step_seconds, {}, WeatherSource.NONE, known_utc, "")


@dataclass(frozen=True)
class NoWeather:
    """Implements ``Weather`` where none is known."""

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """See the port."""
        del site, length
        return empty_course(start_utc, step_seconds, known_utc)


@dataclass(frozen=True)
class ClearSky:
    """Sun without clouds (Ineichen and Perez 2002, by pvlib, with its monthly turbidity) where a place is known."""

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """See the port; means over intervals."""
        if not site.located:
            return empty_course(start_utc, step_seconds, known_utc)
        columns = dict(_clear_sky(site, start_utc, step_seconds, length))
        words = "computed for a clear sky (Ineichen and Perez 2002)"
        return WeatherCourse(start_utc, step_seconds, columns, WeatherSource.CLEAR_SKY, known_utc, words)


@dataclass(frozen=True)
class BundledYear:
    """The measured year of the demonstration's place, for communities that live by its time zone; never ahead."""

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """See the port."""
        if site.time_zone != BUNDLED_ZONE:
            return empty_course(start_utc, step_seconds, known_utc)
        celsius = _bundled_air()
        starts = start_utc + step_seconds * np.arange(length)
        hours = (starts - FIRST_HOUR_UTC) // _HOUR
        # An hour's mean is known when the hour is over, for its quarters too.
        over = np.maximum(starts + step_seconds, FIRST_HOUR_UTC + (hours + 1) * _HOUR)
        known = (hours >= 0) & (hours < celsius.size) & (over <= known_utc)
        if not known.any():
            return empty_course(start_utc, step_seconds, known_utc)
        column = np.full(length, np.nan)
        column[known] = celsius[hours[known]]
        words = "measured in Fontana, California, hourly (CityLearn 2022)"
        return WeatherCourse(
            start_utc, step_seconds, {"temperature": column}, WeatherSource.OBSERVED, known_utc, words
        )


@dataclass(frozen=True)
class FirstOf:
    """The first that knows anything of the last interval asked for, else of any.

    Attributes:
        sources: In the order of trust.
    """

    sources: Sequence[Weather]

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """See the port."""
        partly: WeatherCourse | None = None
        for source in self.sources:
            found = source.course(site, start_utc, step_seconds, length, known_utc)
            if any(np.isfinite(column[-1]) for column in found.columns.values()):
                return found
            partly = partly or (found if found.columns else None)
        return partly or empty_course(start_utc, step_seconds, known_utc)


@dataclass(frozen=True)
class _Issues:
    """A recorded file, read: rows by instant and issue.

    Attributes:
        starts: Shape (R,), ascending; of one start the later issue last. [s since 1970, UTC]
        issued: Shape (R,); ``_MEASURED`` where the file has no issues. [s since 1970, UTC]
        step_seconds: [s]
        columns: Shape (R,) each.
    """

    starts: NDArray[np.int64]
    issued: NDArray[np.int64]
    step_seconds: int
    columns: dict[str, Values]


@dataclass
class RecordedWeather:
    """Files in a folder: ``start`` (ISO 8601 with an offset), optional ``issued``, columns named as ``COLUMNS``.

    A row without an issue is what was measured, known when its interval is over. Of several issues the latest that is
    not later than the time asked about counts, interval by interval.

    Attributes:
        folder: Of ``.csv`` and ``.parquet`` files of one place; it need not be there.
    """

    folder: Path
    _read: dict[Path, tuple[float, _Issues]] = field(default_factory=dict)

    def course(
        self, site: Site, start_utc: int, step_seconds: int, length: int, known_utc: int
    ) -> WeatherCourse:
        """See the port.

        Raises:
            InputError: If a file cannot be read; it names the file and the line.
        """
        del site
        columns: dict[str, Values] = {}
        names, ahead, issue = [], False, 0
        for file in self._files():
            issues = self._issues(file)
            chosen = _known(issues, known_utc)
            if not chosen.any():
                continue
            forecast = chosen & (issues.issued < _MEASURED)
            used = False
            for name, values in issues.columns.items():
                into = columns.setdefault(name, np.full(length, np.nan))
                used |= _place(into, issues, values, chosen, start_utc, step_seconds)
            if used:
                names.append(file.name)
                ahead |= bool(forecast.any())
                issue = max(issue, int(issues.issued[forecast].max(initial=0)))
        columns = {name: column for name, column in columns.items() if np.isfinite(column).any()}
        if not columns:
            return empty_course(start_utc, step_seconds, known_utc)
        source = WeatherSource.FORECAST if ahead else WeatherSource.OBSERVED
        words = f"recorded in {', '.join(names)}"
        return WeatherCourse(start_utc, step_seconds, columns, source, issue if ahead else known_utc, words)

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(one for one in self.folder.iterdir() if one.suffix in {".csv", ".parquet"})

    def _issues(self, file: Path) -> _Issues:
        changed = file.stat().st_mtime
        kept = self._read.get(file)
        if kept is None or kept[0] != changed:
            kept = (changed, _read_issues(file))
            self._read[file] = kept
        return kept[1]


def _known(issues: _Issues, known_utc: int) -> NDArray[np.bool_]:
    """Rows that were known at a time, the latest issue of each instant alone."""
    measured = issues.issued == _MEASURED
    when = np.where(measured, issues.starts + issues.step_seconds, issues.issued)
    known = np.flatnonzero(when <= known_utc)
    chosen = np.zeros(len(issues.starts), np.bool_)
    last = np.append(np.diff(issues.starts[known]) > 0, True)[: len(known)]
    chosen[known[last]] = True
    return chosen


def _place(
    into: Values,
    issues: _Issues,
    values: Values,
    chosen: NDArray[np.bool_],
    start_utc: int,
    step_seconds: int,
) -> bool:
    """Put rows on the grid: a longer step stands for each interval in it, of shorter ones the mean of all is taken."""
    starts, row = issues.starts[chosen], values[chosen]
    own = issues.step_seconds
    if own >= step_seconds:
        parts = own // step_seconds
        places = ((starts - start_utc) // step_seconds)[:, None] + np.arange(parts)
        places, row = places.ravel(), np.repeat(row, parts)
    else:
        cells, first, counts = np.unique(
            (starts - start_utc) // step_seconds, return_index=True, return_counts=True
        )
        sums = np.add.reduceat(row, first) if len(row) else row
        row = np.where(counts == step_seconds // own, sums / np.maximum(counts, 1), np.nan)
        places = cells
    inside = (places >= 0) & (places < len(into)) & np.isfinite(row)
    into[places[inside]] = row[inside]
    return bool(inside.any())


def _read_issues(file: Path) -> _Issues:
    table = _table_of(file)
    names = [name for name in table if name in COLUMNS]
    unknown = set(table) - {"start", "issued", *COLUMNS}
    if "start" not in table or not names or unknown:
        raise InputError(
            f"{file.name}: has the columns {', '.join(table)}; a file of weather has start, perhaps issued, "
            f"and some of {', '.join(COLUMNS)}."
        )
    starts = _instants(file, "start", table["start"])
    issued = np.full(len(starts), _MEASURED, np.int64)
    if "issued" in table:
        issued = _instants(file, "issued", table["issued"])
    columns = {name: _figures(file, name, table[name]) for name in names}
    order = np.lexsort((issued, starts))
    starts, issued = starts[order], issued[order]
    steps = np.diff(np.unique(starts))
    if not len(steps) or (steps % steps.min()).any() or _HOUR % steps.min():
        raise InputError(
            f"{file.name}: its rows are on no grid of equal steps that divide the hour; resample it."
        )
    return _Issues(
        starts, issued, int(steps.min()), {name: column[order] for name, column in columns.items()}
    )


def _table_of(file: Path) -> dict[str, list[object]]:
    if file.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        try:
            return dict(parquet.read_table(file).to_pydict())
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{file.name}: is no readable Parquet file ({error}).") from None
    import csv

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file.name}: cannot be read ({error}).") from None
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        raise InputError(f"{file.name}: is empty.")
    head = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            raise InputError(f"{file.name}, line {number}: has {len(row)} cells, its head {len(head)}.")
    return {name: [row[place] for row in rows[1:]] for place, name in enumerate(head)}


def _instants(file: Path, name: str, cells: Sequence[object]) -> NDArray[np.int64]:
    found = np.empty(len(cells), np.int64)
    for place, cell in enumerate(cells):
        moment = cell
        if isinstance(cell, str):
            try:
                moment = datetime.fromisoformat(cell)
            except ValueError:
                moment = None
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InputError(
                f"{file.name}, line {place + 2}: {name} is {cell!r}; write an instant with an offset, such as "
                f"{datetime(2024, 3, 20, 10, tzinfo=UTC).isoformat()}."
            )
        found[place] = int(moment.timestamp())
    return found


def _figures(file: Path, name: str, cells: Sequence[object]) -> Values:
    found = np.empty(len(cells))
    for place, cell in enumerate(cells):
        try:
            found[place] = np.nan if cell is None or cell == "" else float(cell)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise InputError(
                f"{file.name}, line {place + 2}: {name} is {cell!r}; write a number, or nothing where unknown."
            ) from None
        if np.isinf(found[place]):
            raise InputError(f"{file.name}, line {place + 2}: {name} is not finite.")
    return found


@lru_cache(maxsize=4)
def _clear_sky(site: Site, start_utc: int, step_seconds: int, length: int) -> dict[str, Values]:
    """Means over intervals, as models of the sun compute them. [W/m²]"""
    from ml.features.sun import sun_over

    sun = sun_over(site, start_utc, step_seconds, length)
    return {name: np.asarray(getattr(sun.clear, name).mean(axis=1)) for name in ("ghi", "dni", "dhi")}


def _bundled_air() -> Values:
    from pyarrow import parquet

    content = (resources.files("backend.adapters.demo_data") / "citylearn2022_air.parquet").read_bytes()
    return np.asarray(parquet.read_table(io.BytesIO(content)).column("air").to_numpy() / _TENTHS)
