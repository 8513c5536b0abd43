"""What a forecast says of its peak: when, how high, and how probably a limit is passed, by day and in all.

Courses are drawn from the forecast's quantiles, their intervals going together as the errors of its subject's past
forecasts did: of those that were kept, held against what had come by the origin.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.forecasting.peaks import correlation_of_forecasts, draw_courses, peak_among, score_correlation
from backend.services.forecasts.forecast import forecast_of
from backend.services.forecasts.subjects import SHAREABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.community import Community
    from backend.forecasting import Forecast
    from backend.forecasting.peaks import Peak
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.subjects import Subject

    Values = NDArray[np.float64]

__all__ = ["civil_days", "first_intervals", "tell_outlook"]

_DAY = 86_400
_HOUR = 3600
_LEARNED_DAYS = 42
_COURSES = 500
_DIGITS = 4


def first_intervals(made: Forecast, length: int) -> Forecast:
    """A forecast's first intervals."""
    return replace(made, mean=made.mean[:length], quantiles=made.quantiles[:, :length])


def tell_outlook(
    desk: ForecastDesk,
    members: Community,
    subject: Subject,
    target: str,
    made: Forecast,
    limit: float | None = None,
) -> dict[str, Any]:
    """The peak of a forecast and what it must not exceed, over all of it and over each local civil day.

    Args:
        desk: Ports.
        members: The community.
        subject: Of what it is.
        target: What of it.
        made: What is told of it.
        limit: To hold it against; where there is none, what the connection or the transformer may carry. [unit]

    Returns:
        ``peak``, ``limit`` (None where there is none) and ``days``.
    """
    allowed, words = _limit_of(desk, members, subject, target, limit)
    correlation, learned = _correlation(desk, members, subject, target, made)
    courses = draw_courses(made, correlation, _COURSES)
    whole = peak_among(courses, made.starts_utc, allowed)
    days = []
    for day, places in civil_days(made, members.time_zone):
        peak = peak_among(courses[:, places], made.starts_utc[places], allowed)
        days.append(
            {
                "day": day,
                "hours": round(len(places) * made.step_seconds / _HOUR, 2),
                **_told(peak, made.starts_utc[places]),
                **_above(peak, allowed),
            }
        )
    return {
        "peak": {**_told(whole, made.starts_utc), "learned_from": learned},
        "days": days,
        "limit": None
        if math.isnan(allowed)
        else {
            "value": allowed,
            "words": words,
            "exceedance": [round(float(one), _DIGITS) for one in made.exceedance(allowed)],
            **_above(whole, allowed),
        },
    }


def _told(peak: Peak, starts_utc: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "start": peak.start_utc,
        **{f"start_p{round(100 * one)}": int(starts_utc[peak.place_at(one)]) for one in (0.1, 0.5, 0.9)},
        **{f"p{round(100 * one)}": round(peak.at(one), _DIGITS) for one in (0.1, 0.5, 0.9)},
        "mean": round(peak.mean_height, _DIGITS),
    }


def _above(peak: Peak, limit: float) -> dict[str, float | None]:
    """How probably any interval is above the limit, and how many are on average."""
    if math.isnan(limit):
        return {"above": None, "intervals_above": None}
    return {"above": round(peak.above, _DIGITS), "intervals_above": round(peak.intervals_above, _DIGITS)}


def _limit_of(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, asked: float | None
) -> tuple[float, str]:
    """NaN where there is none."""
    if asked is not None:
        if not math.isfinite(asked):
            raise InputError(f"the limit {asked} is no number to hold a forecast against.")
        return asked, "as asked"
    found = None if target == SHAREABLE else desk.histories.limit_of(members, subject, target)
    return (math.nan, "") if found is None else (found.watts, found.words)


def civil_days(made: Forecast, time_zone: str) -> list[tuple[str, NDArray[np.int64]]]:
    """Local civil days, and the intervals of each that are forecast."""
    zone = ZoneInfo(time_zone)
    named = np.array(
        [datetime.fromtimestamp(int(one), UTC).astimezone(zone).date().isoformat() for one in made.starts_utc]
    )
    return [(str(day), np.flatnonzero(named == day)) for day in np.unique(named)]


def _correlation(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, made: Forecast
) -> tuple[Values, int]:
    """How intervals go together, and of how many past forecasts that is known; nothing after the origin is read."""
    past = [] if target == SHAREABLE else _past(desk, members, subject, target, made)
    series = None
    if past:
        days = (made.origin_utc - past[-1].origin_utc) // _DAY + 1
        try:
            found = desk.histories.read(members, [(subject, target)], days=days, end_utc=made.origin_utc)
            series = found[subject, target]
        except (InputError, NotFoundError):  # its meters are gone
            past = []
    kept = [one for one in past if series is not None and one.origin_utc >= series.start_utc]
    if series is None or not kept:
        return score_correlation(np.full((1, len(made)), np.nan), made.step_seconds), 0
    return correlation_of_forecasts(kept, series), len(kept)


def _past(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, made: Forecast
) -> Sequence[Forecast]:
    """Of each origin of the same time of the day within six weeks before, the forecast made last; the latest first."""
    with desk.store.reading() as records:
        kept = records.forecasts(
            members.id, str(subject), target, since_utc=made.origin_utc - _LEARNED_DAYS * _DAY
        )
    found: dict[int, Forecast] = {}
    for record in kept:
        off = (made.origin_utc - record.origin_utc + _HOUR) % _DAY  # an hour either way where clocks change
        fits = record.step_seconds == made.step_seconds and record.length >= len(made)
        if (
            record.origin_utc < made.origin_utc
            and record.origin_utc not in found
            and fits
            and off <= 2 * _HOUR
        ):
            found[record.origin_utc] = first_intervals(forecast_of(record), len(made))
    return list(found.values())
