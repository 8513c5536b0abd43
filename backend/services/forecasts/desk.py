"""What the services of forecasts share: where things are kept, who learns, and what is known of the weather."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.community import Community, read_definition
from backend.forecasting import WeatherSource
from backend.ports.forecasting import ForecastTarget, Plant, TrainedModel
from backend.services.forecasts.histories import Histories, site_of
from backend.services.forecasts.subjects import Subject, directed, points_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend.forecasting import Series
    from backend.ports import Clock, RecordStore
    from backend.ports.forecast_records import ForecastModelRecord
    from backend.ports.forecasting import ForecastEngine, Weather
    from backend.ports.sunlight import Sunlight
    from backend.services.forecasts.subjects import Asked

__all__ = ["HORIZON_SECONDS", "ForecastDesk", "Matter", "Prepared", "model_of", "plant_of"]

HORIZON_SECONDS = 48 * 3600
_AHEAD_KNOWN = 0.9
_BEFORE_KNOWN = 0.5
_OF_THE_SKY = frozenset({"solar", "wind"})


@dataclass(frozen=True)
class Matter:
    """What is forecast.

    Attributes:
        members: The community.
        asked: The subject, and what of it.
        series: All that was measured of it, without inputs.
    """

    members: Community
    asked: Asked
    series: Series


@dataclass(frozen=True)
class Prepared:
    """A series with the weather that was known at an origin.

    Attributes:
        series: With inputs, where any are known ahead.
        weather: What they are.
        words: Where they are from.
    """

    series: Series
    weather: WeatherSource
    words: str


@dataclass(frozen=True)
class ForecastDesk:
    """Ports of forecasting.

    Attributes:
        store: Records.
        clock: Time.
        engine: Learns and forecasts.
        weather: Of communities' places.
        histories: Reads what was measured.
        quick: Does the engine learn for a first look only?
        sunlight: Splits net loads and tells ramps; None where no model of the sun is wired.
    """

    store: RecordStore
    clock: Clock
    engine: ForecastEngine
    weather: Weather
    histories: Histories
    quick: bool = False
    sunlight: Sunlight | None = None

    def members(self, community: str) -> Community:
        """A stored community, read.

        Raises:
            NotFoundError: If none of that id was loaded.
        """
        with self.store.reading() as records:
            kept = records.community(community)
        return read_definition(kept.definition, f"{community}.toml")

    def prepare(
        self,
        matter: Matter,
        origin_utc: int,
        length: int,
        inputs: Collection[str] | None = None,
        known_utc: int | None = None,
    ) -> Prepared:
        """Add the weather to a series, as it was known at an origin.

        A column that is not known ahead helps no forecast and is left out: nothing measured after the belief time is
        ever taken for it. A clear sky is no column either; models of the sun compute it themselves.

        Args:
            matter: What is forecast.
            origin_utc: Where the forecast begins. [s since 1970, UTC]
            length: Intervals ahead that are to be known.
            inputs: Columns that a model was fitted with; those of them that are not known are there as unknown.
            known_utc: Belief time of the weather; the origin where none is given. [s since 1970, UTC]
        """
        known = matter.series.before(origin_utc)
        site = site_of(matter.members)
        count = len(known)
        belief = origin_utc if known_utc is None else known_utc
        course = self.weather.course(site, known.start_utc, known.step_seconds, count + length, belief)
        columns = {
            name: column
            for name, column in course.columns.items()
            if course.source is not WeatherSource.CLEAR_SKY
            and np.isfinite(column[count:]).mean() >= _AHEAD_KNOWN
            and np.isfinite(column[:count]).mean() >= _BEFORE_KNOWN
        }
        if inputs is not None:
            unknown = np.full(count + length, np.nan)
            columns = {name: columns.get(name, unknown) for name in inputs}
        if any(np.isfinite(column[count:]).any() for column in columns.values()):
            return Prepared(replace(known, inputs=columns), course.source, course.words)
        known = replace(known, inputs=columns)
        if site.located and matter.asked[1] in _OF_THE_SKY:
            words = course.words if course.source is WeatherSource.CLEAR_SKY else ""
            return Prepared(known, WeatherSource.CLEAR_SKY, words)
        return Prepared(known, WeatherSource.NONE, "")


def plant_of(members: Community, subject: Subject) -> Plant | None:
    """What the community's file says of the panels behind a subject; of several, only their sum of power."""
    points = directed(points_of(members, subject), "solar")
    peaks = [point.peak_kw for point in points]
    capacity = None if None in peaks or not peaks else 1000 * sum(peak or 0.0 for peak in peaks)
    alone = points[0] if len(points) == 1 else None
    tilt = alone.tilt_degrees if alone else None
    azimuth = alone.azimuth_degrees if alone else None
    if capacity is None and tilt is None and azimuth is None:
        return None
    return Plant(tilt, azimuth, capacity)


def model_of(record: ForecastModelRecord) -> TrainedModel:
    """A kept model as the engine takes it."""
    card = record.card
    return TrainedModel(
        id=card.id,
        target=ForecastTarget(card.target),
        name=card.name,
        content=record.content,
        data_hash=card.data_hash,
        code_hash=card.code_hash,
        until_utc=card.until_utc,
        seed=card.seed,
        card=card.card,
    )
