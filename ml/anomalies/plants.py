"""Failing roofs among what a community feeds in: no production, a string short, dust, snow, a clock that jumped.

Detectors are those of ``ml.solar.faults``, whose thresholds are by the scatter of a plant's own days, not by a budget.
Weather is taken out by the plants nearby where there are three others; without them dust is not told, for haze looks
like it. Means of an hour of the last half year are looked at: what broke before has become the plant's usual.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.anomalies import Anomaly, AnomalyKind
from ml.solar.faults import FaultKind, SolarFault, find_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.forecasting import Series, Site
    from ml.solar.rows import Course

__all__ = ["NEIGHBOURS_MIN", "find_in_plants"]

NEIGHBOURS_MIN = 3
"""Fewer other plants do not tell what the weather did."""
_SURE = 0.9
_HOUR_SECONDS = 3_600
_DAYS_READ = 180
_DAYS_MIN = 21
_KNOWN_MIN = 24 * 14  # hours with production
_CAUSES = {
    FaultKind.DEAD: "plant_dead",
    FaultKind.SNOW: "plant_snow",
    FaultKind.SOILING: "plant_soiling",
    FaultKind.STRING: "plant_string",
}


def find_in_plants(
    plants: Mapping[str, Series], site: Site, start_utc: int, end_utc: int
) -> tuple[list[Anomaly], int]:
    """Findings that touch a span, and how many plants could be judged.

    Each plant's tilt, azimuth and power are learned from its history, and where the site has no coordinates, the place
    from all plants together. Plants with less than 21 days, or two weeks' hours with production, are left out.

    Args:
        plants: What each fed in, on one grid, with the history before the span, NaN where unknown; ``temperature``
            [°C] among the inputs of the first tells snow from failure. [W]
        site: Where they stand.
        start_utc: Start of the days that are judged. [s since 1970, UTC]
        end_utc: Their end; nothing after it is read. [s since 1970, UTC]

    Returns:
        Findings, earliest first, and a count. A lasting fault begins when it began, though that be before the span; a
        jump of the clock is told only in the span it falls in. ``p_value`` is one minus the detector's confidence,
        which says by how much its threshold is passed; ``discovered`` are those with 0.9 or more.
    """
    hourly = {name: _hourly(_read(series, end_utc)) for name, series in plants.items()}
    known = {name: series for name, series in hourly.items() if _is_told(series)}
    if not known:
        return [], 0
    place = site if site.located else _place(known, site)
    if place is None:
        return [], 0
    courses = {
        name: course for name, series in known.items() if (course := _course(series, place)) is not None
    }
    air = hourly[next(iter(hourly))].inputs.get("temperature")
    found = []
    for name, course in courses.items():
        others = [other for key, other in courses.items() if key != name]
        beside = others if len(others) >= NEIGHBOURS_MIN else []
        faults = [
            fault
            for fault in find_faults(course, beside, air)
            if beside or fault.kind is not FaultKind.SOILING
        ]
        found += [_told(name, fault, end_utc) for fault in faults if _counts(fault, start_utc, end_utc)]
    return sorted(found, key=lambda one: (one.start_utc, one.element)), len(courses)


def _read(series: Series, end_utc: int) -> Series:
    """The last half year before an instant."""
    cut = series.before(min(end_utc, series.end_utc))
    first = max(0, len(cut) - _DAYS_READ * 86_400 // cut.step_seconds)
    inputs = {name: course[first : len(cut)] for name, course in cut.inputs.items()}
    start = cut.start_utc + first * cut.step_seconds
    return replace(cut, start_utc=start, values=cut.values[first:], inputs=inputs)


def _hourly(series: Series) -> Series:
    """Means of whole hours of UTC; an hour of which a part is unknown is unknown."""
    step = series.step_seconds
    if step >= _HOUR_SECONDS or _HOUR_SECONDS % step:
        return series
    parts, skip = _HOUR_SECONDS // step, -series.start_utc % _HOUR_SECONDS // step
    count = max(0, (len(series) - skip) // parts)
    inside = slice(skip, skip + count * parts)
    inputs = {
        name: course[inside].reshape(count, parts).mean(axis=1) for name, course in series.inputs.items()
    }
    values = series.values[inside].reshape(count, parts).mean(axis=1)
    return replace(
        series,
        start_utc=series.start_utc + skip * step,
        step_seconds=_HOUR_SECONDS,
        values=values,
        inputs=inputs,
    )


def _is_told(series: Series) -> bool:
    days = len(series) * series.step_seconds / 86_400
    return days >= _DAYS_MIN and int((np.nan_to_num(series.values) > 0).sum()) >= _KNOWN_MIN


def _place(plants: Mapping[str, Series], site: Site) -> Site | None:
    """Where all plants together say that they are; None where they do not tell."""
    from ml.solar.locate import learn_site

    first = next(iter(plants.values()))
    powers = np.nan_to_num(np.stack([one.values for one in plants.values()]))
    try:
        return learn_site(replace(first, values=powers.sum(axis=0)), site)
    except InputError:
        return None


def _course(series: Series, site: Site) -> Course | None:
    from ml.solar.learned import learn_plant
    from ml.solar.sky import course_of, highest_clear

    production = replace(series, values=np.maximum(series.values, 0.0), inputs={})
    try:
        plant = learn_plant(production, site, series.end_utc)
    except InputError:  # too few days with production to tell what it is
        return None
    return course_of(production, site, plant, highest_clear(plant, site), len(series))[0]


def _counts(fault: SolarFault, start_utc: int, end_utc: int) -> bool:
    if fault.kind is FaultKind.CLIPPING:  # as built
        return False
    if fault.kind is FaultKind.CLOCK:  # it lasts until the clock is set, which is another jump
        return start_utc <= fault.start_utc < end_utc
    return fault.start_utc < end_utc and fault.end_utc > start_utc


def _told(name: str, fault: SolarFault, end_utc: int) -> Anomaly:
    end = min(fault.end_utc, end_utc)
    if fault.kind is FaultKind.CLOCK:
        cause = "plant_late" if fault.size > 0 else "plant_early"
        figures = {"clock_hours": abs(fault.size)}
    else:
        cause, lost = _CAUSES[fault.kind], fault.size
        figures = {"lost_share": lost * fault.days if fault.kind is FaultKind.SOILING else lost}
    words = f"{fault.reason[0].upper()}{fault.reason[1:]}."
    return Anomaly(
        AnomalyKind.PLANT,
        name,
        fault.start_utc,
        max(end, fault.start_utc + 1),
        1 - fault.confidence,
        words,
        cause,
        {**figures, "days": float(fault.days), "confidence": fault.confidence},
        discovered=fault.confidence >= _SURE,
    )
