"""Making forecasts: from a kept model and what is known at an origin to a record that says when it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting import Forecast
from backend.forecasting.packing import pack_values, unpack_values
from backend.forecasting.yardstick import seasonal_naive
from backend.ports.forecast_records import ForecastRecord
from backend.services.forecasts.subjects import owners_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community
    from backend.ports.forecasting import TrainedModel
    from backend.services.forecasts.desk import ForecastDesk, Matter
    from backend.services.forecasts.subjects import Asked

__all__ = ["forecast_of", "make_forecast", "make_forecasts", "write_record"]

_NO_MODEL = "No model could be trained yet: {reason}"


def make_forecast(
    desk: ForecastDesk,
    matter: Matter,
    origin_utc: int,
    length: int,
    model: TrainedModel | None,
    *,
    why_none: str = "",
    known_utc: int | None = None,
) -> ForecastRecord:
    """Forecast from an origin; nothing measured or told after it goes in.

    Args:
        desk: Ports.
        matter: What is forecast; what was measured after the origin is cut off here.
        origin_utc: [s since 1970, UTC]
        length: Intervals.
        model: None where there is none: the seasonal naive stands in.
        why_none: Why there is none.
        known_utc: Belief time of the weather; the origin where none is given. [s since 1970, UTC]

    Raises:
        InputError: If nothing at all is known before the origin.
    """
    members, asked, series = matter.members, matter.asked, matter.series
    if model is None:
        words = _NO_MODEL.format(reason=why_none) if why_none else ""
        made = seasonal_naive(series.before(origin_utc), origin_utc, length, words)
        return write_record(desk, members, asked, made, stored_utc=series.end_utc)
    prepared = desk.prepare(matter, origin_utc, length, _inputs_of(model), known_utc)
    made = desk.engine.forecast(model, prepared.series, origin_utc, length)
    return write_record(
        desk, members, asked, made, stored_utc=series.end_utc, model=model.id, weather_words=prepared.words
    )


def make_forecasts(
    desk: ForecastDesk, matter: Matter, origins_utc: Sequence[int], length: int, model: TrainedModel
) -> list[ForecastRecord]:
    """As ``make_forecast`` from several origins; in one go where the model takes no weather, which is of each origin.

    Where it does not, the series goes in cut at the last origin: a model reads values before each origin alone, which
    its test holds it to.
    """
    if _inputs_of(model):
        return [make_forecast(desk, matter, origin, length, model) for origin in origins_utc]
    last = desk.prepare(matter, max(origins_utc), length, ())
    [made] = desk.engine.forecast_many(model, [last.series], list(origins_utc), length)
    return [
        write_record(
            desk,
            matter.members,
            matter.asked,
            one,
            stored_utc=matter.series.end_utc,
            model=model.id,
            weather_words=last.words,
        )
        for one in made
    ]


def _inputs_of(model: TrainedModel) -> Sequence[str]:
    found: Sequence[str] = model.card.get("training", {}).get("inputs", ())
    return found


def write_record(
    desk: ForecastDesk,
    members: Community,
    asked: Asked,
    made: Forecast,
    *,
    stored_utc: int,
    model: str = "",
    weather_words: str = "",
) -> ForecastRecord:
    """The record of a forecast, made now.

    Args:
        desk: Ports.
        members: The community.
        asked: Of what, and what of it.
        made: The forecast.
        stored_utc: End of the readings that are stored now. [s since 1970, UTC]
        model: Id of the model that made it, if one did.
        weather_words: Where its weather is from.
    """
    subject, target = asked
    return ForecastRecord(
        community=members.id,
        subject=str(subject),
        target=target,
        origin_utc=made.origin_utc,
        made_utc=desk.clock.now_utc(),
        stored_utc=stored_utc,
        owners=owners_of(members, subject, target),
        step_seconds=made.step_seconds,
        length=len(made),
        unit=made.unit,
        model=model,
        model_name=made.model,
        weather=made.weather,
        weather_words=weather_words,
        reason=made.reason,
        values=pack_values(made.mean, made.quantiles),
    )


def forecast_of(record: ForecastRecord) -> Forecast:
    """A kept forecast, whole."""
    mean, quantiles = unpack_values(record.values, record.length)
    return Forecast(
        record.origin_utc,
        record.step_seconds,
        mean,
        np.maximum.accumulate(quantiles, axis=0),
        record.model_name,
        record.weather,
        record.unit,
        record.reason,
    )
