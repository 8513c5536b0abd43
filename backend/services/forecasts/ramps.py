"""How probably the sun of a community's roofs rises or falls fast tomorrow, by scenarios that miss as past days did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.ports.sunlight import RampAsked
from backend.services.forecasts.desk import plant_of
from backend.services.forecasts.forecast import forecast_of
from backend.services.forecasts.outlook import civil_days, first_intervals
from backend.services.forecasts.subjects import Subject, SubjectKind, directed, points_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import Community
    from backend.forecasting import Forecast
    from backend.services.forecasts.desk import ForecastDesk

    Values = NDArray[np.float64]
    Past = list[tuple[Values, Forecast]]

__all__ = ["RAMP_SHARES", "RAMP_WINDOW_SECONDS", "tell_ramps"]

RAMP_SHARES = (0.3, 0.5)
"""Sizes that are told, of the roofs' power. [1]"""
RAMP_WINDOW_SECONDS = 3_600
_SUN = "solar"
_DAY = 86_400
_PAST_DAYS = 28
_ROOFS_APART_MAX = 24
"""Of more roofs their sum's own forecast tells, without their correlation: so many scenarios would take too long."""


def tell_ramps(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, made: Forecast
) -> list[dict[str, Any]]:
    """Probability of rises and falls of 30 and 50 % of the roofs' power within an hour, by local civil day.

    Args:
        desk: Ports.
        members: The community.
        subject: The community or a home.
        target: What of it; of anything but the sun nothing is told.
        made: The forecast that is told.

    Returns:
        JSON-ready, instants as seconds since 1970; empty where too few past days are known.
    """
    if target != _SUN or desk.sunlight is None or RAMP_WINDOW_SECONDS % made.step_seconds:
        return []
    forecasts, past = _roofs(desk, members, subject, made)
    power = _power(members, subject, past)
    steps = RAMP_WINDOW_SECONDS // made.step_seconds
    spans = [
        (day, int(places[0]), int(places[-1]) + 1)
        for day, places in civil_days(made, members.time_zone)
        if len(places) > steps
    ]
    told = [(day, share, begin, end) for day, begin, end in spans for share in RAMP_SHARES]
    asked = [RampAsked(begin, end, RAMP_WINDOW_SECONDS, share * power) for _, share, begin, end in told]
    if not past or not past[0] or not power or not asked:
        return []
    try:
        odds = desk.sunlight.ramps(forecasts, past, asked)
    except InputError:
        return []  # too few days were scored to say what goes together
    starts = made.starts_utc
    return [
        {
            "day": day,
            "size_watts": round(share * power, 1),
            "share_of_power": share,
            "window_seconds": RAMP_WINDOW_SECONDS,
            "up": round(one.up, 3),
            "down": round(one.down, 3),
            "likely_up": int(starts[one.likely_up]) if one.up else None,
            "likely_down": int(starts[one.likely_down]) if one.down else None,
            "roofs": len(forecasts),
        }
        for (day, share, _, _), one in zip(told, odds, strict=True)
    ]


def _roofs(
    desk: ForecastDesk, members: Community, subject: Subject, made: Forecast
) -> tuple[list[Forecast], list[Past]]:
    """Forecasts of each roof from the origin, and of each what came on past days that all of them have."""
    names = sorted({point.participant for point in directed(points_of(members, subject), _SUN)})
    if subject.kind is not SubjectKind.COMMUNITY or not 1 < len(names) <= _ROOFS_APART_MAX:
        return [made], [list(_past(desk, members, subject, made).values())]
    homes = [Subject(SubjectKind.HOME, name) for name in names]
    with desk.store.reading() as records:
        kept = [
            records.forecasts(members.id, str(home), _SUN, origin_utc=made.origin_utc, limit=1)
            for home in homes
        ]
    if not all(kept) or any(one[0].length < len(made) for one in kept):
        return [made], [list(_past(desk, members, subject, made).values())]
    days = [_past(desk, members, home, made) for home in homes]
    common = sorted(set.intersection(*(set(one) for one in days)))
    forecasts = [first_intervals(forecast_of(one[0]), len(made)) for one in kept]
    return forecasts, [[one[origin] for origin in common] for one in days]


def _past(
    desk: ForecastDesk, members: Community, subject: Subject, made: Forecast
) -> dict[int, tuple[Values, Forecast]]:
    """What came in the first day of past forecasts and what had been forecast, by origin; nothing after this origin."""
    since = made.origin_utc - _PAST_DAYS * _DAY
    with desk.store.reading() as records:
        kept = records.forecasts(members.id, str(subject), _SUN, since_utc=since)
    one = (subject, _SUN)
    try:
        series = desk.histories.read(members, [one], days=_PAST_DAYS + 1, end_utc=made.origin_utc)[one]
    except (InputError, NotFoundError):
        return {}
    length = _DAY // made.step_seconds
    found = {}
    for record in sorted(kept, key=lambda each: each.made_utc):
        ends = record.origin_utc + _DAY
        fits = record.step_seconds == made.step_seconds and record.length >= length
        if fits and record.origin_utc >= series.start_utc and ends <= made.origin_utc:
            place = series.place(record.origin_utc)
            came = series.values[place : place + length]
            found[record.origin_utc] = (came, first_intervals(forecast_of(record), length))
    return found


def _power(members: Community, subject: Subject, past: list[Past]) -> float:
    """By the plates where the community's file has them all, else the most that the roofs made together. [W]"""
    plant = plant_of(members, subject)
    if plant is not None and plant.capacity_watts:
        return plant.capacity_watts
    if not past or not past[0]:
        return 0.0
    sums = np.sum([np.concatenate([came for came, _ in own]) for own in past], axis=0)
    known = sums[np.isfinite(sums)]
    return float(known.max()) if known.size else 0.0
