"""Forecasts of single metering points, made when somebody asks: of all of them, day by day, none would be looked at.

The model that learned last of such subjects forecasts them (the homes' own forecasts a meter that it never saw), the
seasonal naive where there is none. Nothing is learned and nothing is kept, so that a look takes a second at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.services.forecasts.desk import HORIZON_SECONDS, Matter, model_of
from backend.services.forecasts.forecast import make_forecast
from backend.services.forecasts.retrain import used_model
from backend.services.forecasts.subjects import UNITS, Subject, SubjectKind, directed, points_of, targets_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from backend.community import Community
    from backend.ports.forecast_records import ForecastRecord
    from backend.services.forecasts.desk import ForecastDesk

__all__ = ["POINTS_MAX", "forecast_point", "tell_points"]

POINTS_MAX = 16
"""Metering points that are told of at once."""


def tell_points(members: Community, points: Sequence[str]) -> list[dict[str, Any]]:
    """Of metering points, what can be forecast of them when it is asked for.

    Raises:
        NotFoundError: If the community has no such metering point.
    """
    subjects = [Subject(SubjectKind.POINT, point) for point in dict.fromkeys(points)]
    return [
        {
            "subject": str(subject),
            "kind": subject.kind.value,
            "label": subject.name,
            "target": target,
            "unit": UNITS[target],
            "origin": None,
            "end": None,
            "made": None,
            "model": "",
            "has_accuracy": False,
        }
        for subject in subjects
        for target in targets_of(members, subject)
    ]


def _learned(members: Community, subject: Subject, target: str) -> Subject:
    """Whose model it is: the home's, where the point is the only one of the home that measures that."""
    [point] = points_of(members, subject)
    home = Subject(SubjectKind.HOME, point.participant)
    return home if directed(points_of(members, home), target) == [point] else subject


def forecast_point(desk: ForecastDesk, members: Community, subject: Subject, target: str) -> ForecastRecord:
    """Forecast a metering point from the end of its readings.

    Raises:
        NotFoundError: If there is no such point, or it does not measure that.
        InputError: If nothing of it is known.
    """
    asked = subject, target
    series = desk.histories.read(members, [asked])[asked]
    with desk.store.reading() as records:
        card = used_model(
            records.forecast_models(members.id), str(_learned(members, subject, target)), target
        )
        model = (
            None
            if card is None
            else model_of(records.forecast_model(members.id, card.subject, card.target, card.id))
        )
    length = HORIZON_SECONDS // series.step_seconds
    return make_forecast(desk, Matter(members, asked, series), series.end_utc, length, model)
