"""Behind the meter: what a home used and what its roof made, from readings that only know the difference.

The light is told by recorded irradiance where there is any; else by roofs whose meter counts all they make; else by a
clear sky over the community's place, which knows no clouds; else by what three other members at least feed in together,
so that nobody's can be read out of it, which says little of dim light.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import Direction
from backend.errors import InputError, NotFoundError
from backend.forecasting import WeatherSource
from backend.services.forecasts.histories import site_of
from backend.services.forecasts.subjects import NET, Subject, SubjectKind, directed, owners_of, points_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.community import Community
    from backend.forecasting import Series, Site
    from backend.services.forecasts.desk import ForecastDesk

    Values = NDArray[np.float64]

__all__ = ["DAYS_TOLD_MAX", "subject_behind", "tell_split"]

DAYS_TOLD_MAX = 366
_LEARNED_DAYS = 366
_TOLD_DAYS = 28
_GIVERS_LEAST = 3
_DAY = 86_400
_IRRADIANCE, _SUN = "ghi", "solar"
_KNOWN_LEAST = 0.9
_DIGITS = 1


def subject_behind(members: Community, name: str) -> Subject:
    """The home or the metering point of an id; a home where both have it.

    Raises:
        NotFoundError: If the community has neither.
    """
    kind = SubjectKind.HOME if any(one.id == name for one in members.participants) else SubjectKind.POINT
    subject = Subject(kind, name)
    points_of(members, subject)
    return subject


def tell_split(
    desk: ForecastDesk,
    members: Community,
    subject: Subject,
    begin_utc: int | None = None,
    end_utc: int | None = None,
) -> dict[str, Any]:
    """Split a home's or a point's net load; the last four weeks are told where no span is asked for.

    Args:
        desk: Ports.
        members: The community.
        subject: A home or a metering point.
        begin_utc: First instant told. [s since 1970, UTC]
        end_utc: Instant before which to end; nothing after it is read. [s since 1970, UTC]

    Returns:
        JSON-ready, instants as seconds since 1970; unknown readings are None.

    Raises:
        NotFoundError: If there is no such subject.
        InputError: If the history is too short, the span holds nothing, or nothing tells the light.
    """
    if desk.sunlight is None:
        raise InputError("no model of the sun is wired here.")
    stored = desk.histories.end_utc(members)
    if stored is None:
        raise InputError(f"Community {members.id} has no readings yet; load some first.")
    end = stored if end_utc is None else min(stored, end_utc)
    whole = desk.histories.read(members, [(subject, NET)], days=_LEARNED_DAYS, end_utc=end)[subject, NET]
    net = _known_part(whole, subject)
    begin = net.end_utc - _TOLD_DAYS * _DAY if begin_utc is None else begin_utc
    place = max(0, -(-(begin - net.start_utc) // net.step_seconds))
    if place >= len(net):
        raise InputError(f"Of {subject} nothing is stored in the span that is asked for; ask for another.")
    if (len(net) - place) * net.step_seconds > DAYS_TOLD_MAX * _DAY:
        raise InputError(f"More than {DAYS_TOLD_MAX} days were asked for; ask for fewer.")
    site, light = site_of(members), _irradiance(desk, members, net)
    references: tuple[Values, ...]
    references, roofs, by = (), 0, "irradiance"
    if light is None:
        references, roofs, by = _roofs(desk, members, subject, net)
    else:
        net = replace(net, inputs={_IRRADIANCE: light})
    parts = desk.sunlight.split(net, site, references)
    return {
        "community": members.id,
        "subject": str(subject),
        "time_zone": members.time_zone,
        "unit": "W",
        "step_seconds": net.step_seconds,
        "from": net.start_utc + place * net.step_seconds,
        "to": net.end_utc,
        "learned_days": len(net) * net.step_seconds // _DAY,
        "peak_watts": round(parts.peak, _DIGITS),
        "confidence": round(parts.confidence, 3),
        "light": by,
        "roofs": roofs,
        "one_way": not bool((net.values[np.isfinite(net.values)] < 0).any()),
        "start": net.starts_utc[place:].tolist(),
        "net": _told(net.values[place:]),
        "use": _told(parts.use[place:]),
        "sun": _told(np.where(np.isfinite(net.values), parts.sun, np.nan)[place:]),
    }


def _known_part(series: Series, subject: Subject) -> Series:
    """From the first reading on.

    Raises:
        InputError: If there is none.
    """
    known = np.flatnonzero(np.isfinite(series.values))
    if not known.size:
        raise InputError(f"Of {subject} nothing is stored in that time; load readings first.")
    first = int(known[0])
    start = series.start_utc + first * series.step_seconds
    return replace(series, start_utc=start, values=series.values[first:])


def _irradiance(desk: ForecastDesk, members: Community, net: Series) -> Values | None:
    """Measured, as it is known now; a computed sky is the model's own to make."""
    site: Site = site_of(members)
    course = desk.weather.course(site, net.start_utc, net.step_seconds, len(net), desk.clock.now_utc())
    column = course.columns.get(_IRRADIANCE)
    if course.source is WeatherSource.CLEAR_SKY or column is None:
        return None
    return column if site.located and np.isfinite(column).mean() >= _KNOWN_LEAST else None


def _roofs(
    desk: ForecastDesk, members: Community, subject: Subject, net: Series
) -> tuple[tuple[Values, ...], int, str]:
    """What others' roofs tell of the light, of how many, and what it is to be called; nothing where the sky does."""
    own = set(owners_of(members, subject))
    using = {
        point.participant for point in members.metering_points if point.direction is Direction.CONSUMPTION
    }
    giving = {point.participant for point in directed(members.metering_points, _SUN)} - own
    whole = [
        one for name in sorted(giving - using) if (one := _feed_in(desk, members, name, net)) is not None
    ]
    if whole:
        return (np.sum(whole, axis=0),), len(whole), "roofs"
    if site_of(members).located:
        return (), 0, "clear-sky"
    partly = [
        one for name in sorted(giving & using) if (one := _feed_in(desk, members, name, net)) is not None
    ]
    if len(partly) < _GIVERS_LEAST:
        raise InputError(
            "Nothing tells how light it was: say [site] in the community's file, or record irradiance; what others "
            f"feed in tells it from {_GIVERS_LEAST} of them on, there are {len(partly)}."
        )
    return (np.sum(partly, axis=0),), len(partly), "feed-in"


def _feed_in(desk: ForecastDesk, members: Community, participant: str, net: Series) -> Values | None:
    """What a participant's panels fed in over the net load's intervals, unknown as nothing; None if mostly unknown."""
    one = (Subject(SubjectKind.HOME, participant), _SUN)
    days = -(-len(net) * net.step_seconds // _DAY)
    try:
        series = desk.histories.read(members, [one], days=days, end_utc=net.end_utc)[one]
    except NotFoundError:
        return None
    values = np.full(len(net), np.nan)
    shift = (series.start_utc - net.start_utc) // net.step_seconds
    taken = series.values[max(0, -shift) :][: len(net) - max(0, shift)]
    values[max(0, shift) : max(0, shift) + len(taken)] = taken
    return np.nan_to_num(values) if np.isfinite(values).mean() >= _KNOWN_LEAST else None


def _told(values: Values) -> list[float | None]:
    return [round(float(one), _DIGITS) if np.isfinite(one) else None for one in values]
