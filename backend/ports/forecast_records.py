"""Records of forecasting: models, forecasts with the time they were made, how good they were, and anchors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from backend.forecasting import WeatherSource

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = [
    "ForecastAnchor",
    "ForecastKey",
    "ForecastModelRecord",
    "ForecastRecord",
    "ForecastRecords",
    "ForecastScoreRecord",
    "ModelCard",
]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A kept model without its content; it never changes.

    Attributes:
        community: Id.
        subject: ``community``, ``home:ID``, ``point:ID``, ``feeder:ID``, ``network:NAME/TRANSFORMER``.
        target: ``load``, ``solar``, ``price``, ...
        id: keccak of its content, 0x-hex.
        owners: Participants whose readings it learned from, where these are few enough to be about them; else empty.
        name: Kind of model.
        data_hash: Of what it learned from, 0x-hex.
        code_hash: Of the code that fitted it, 0x-hex.
        until_utc: Nothing after it was learned from. [s since 1970, UTC]
        made_utc: When it was trained. [s since 1970, UTC]
        seed: Of everything random in it.
        card: What its model card says, JSON-ready.
    """

    community: str
    subject: str
    target: str
    id: str
    owners: tuple[str, ...]
    name: str
    data_hash: str
    code_hash: str
    until_utc: int
    made_utc: int
    seed: int
    card: Any


@dataclass(frozen=True, slots=True)
class ForecastModelRecord:
    """A kept model, whole.

    Attributes:
        card: All but its content.
        content: As ``backend.ports.forecasting.TrainedModel`` has it.
    """

    card: ModelCard
    content: bytes


@dataclass(frozen=True, slots=True)
class ForecastKey:
    """Which forecast: of what, from when, made when.

    Attributes:
        community: Id.
        subject: As a model's.
        target: As a model's.
        origin_utc: Its first interval begins here; nothing measured later went into it. [s since 1970, UTC]
        made_utc: Belief time: when it was made. [s since 1970, UTC]
    """

    community: str
    subject: str
    target: str
    origin_utc: int
    made_utc: int


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """A forecast as it was made; it never changes, a later one of the same origin stands beside it.

    Attributes:
        community: Id.
        subject: As a model's.
        target: As a model's.
        origin_utc: Its first interval begins here. [s since 1970, UTC]
        made_utc: When it was made. [s since 1970, UTC]
        stored_utc: End of the readings that were stored then: later than the origin where it was made afterwards, to
            judge a model; none of those went into it. [s since 1970, UTC]
        owners: As a model's.
        step_seconds: [s]
        length: Intervals, H. [1]
        unit: Of its values.
        model: Id of the model that made it; empty for what is computed of other forecasts.
        model_name: Name of the model, or of the fallback.
        weather: What weather it used.
        weather_words: Where that is from.
        reason: Why a fallback took over, empty where none did.
        values: The mean, then the quantiles at ``LEVELS``: float32, little-endian, shape (1 + L, H), zlib.
    """

    community: str
    subject: str
    target: str
    origin_utc: int
    made_utc: int
    stored_utc: int
    owners: tuple[str, ...]
    step_seconds: int
    length: int
    unit: str
    model: str
    model_name: str
    weather: WeatherSource
    weather_words: str
    reason: str
    values: bytes

    @property
    def key(self) -> ForecastKey:
        """Which it is."""
        return ForecastKey(self.community, self.subject, self.target, self.origin_utc, self.made_utc)

    @property
    def end_utc(self) -> int:
        """End of its last interval. [s since 1970, UTC]"""
        return self.origin_utc + self.step_seconds * self.length

    @property
    def is_hindcast(self) -> bool:
        """Was it made when what came was stored already?"""
        return self.stored_utc > self.origin_utc


@dataclass(frozen=True, slots=True)
class ForecastScoreRecord:
    """How good a forecast was, held against what is known by now; a later look may know more and replaces it.

    Attributes:
        community: Id.
        subject: As the forecast's.
        target: As the forecast's.
        origin_utc: As the forecast's. [s since 1970, UTC]
        made_utc: As the forecast's. [s since 1970, UTC]
        scored_utc: When it was looked at. [s since 1970, UTC]
        known: Intervals of it that are known. [1]
        figures: Sums by lead and hour as ``backend.services.forecasts.score`` writes them.
    """

    community: str
    subject: str
    target: str
    origin_utc: int
    made_utc: int
    scored_utc: int
    known: int
    figures: Any

    @property
    def key(self) -> ForecastKey:
        """Which forecast it is about."""
        return ForecastKey(self.community, self.subject, self.target, self.origin_utc, self.made_utc)


@dataclass(frozen=True, slots=True)
class ForecastAnchor:
    """Where the hash of a model stands on chain; it never changes.

    Attributes:
        community: Id.
        model: Its id, which is the leaf. 0x-hex
        run: Id of the settlement run whose documents it was anchored beside, 0x-hex.
        root: Of the batch of hashes, what the chain holds. 0x-hex
        place: Position of the leaf. [1]
        path: Siblings from the leaf to the root, 0x-hex.
        anchored_utc: [s since 1970, UTC]
    """

    community: str
    model: str
    run: str
    root: str
    place: int
    path: tuple[str, ...]
    anchored_utc: int


class ForecastRecords(Protocol):
    """What the store keeps of forecasting, inside one transaction."""

    def add_forecast_model(self, record: ForecastModelRecord) -> None:
        """Keep a model; the same again changes nothing."""
        ...

    def forecast_models(
        self, community: str, subject: str | None = None, target: str | None = None
    ) -> Sequence[ModelCard]:
        """A community's, or of a subject and a target, what was trained last first."""
        ...

    def forecast_model(self, community: str, subject: str, target: str, model: str) -> ForecastModelRecord:
        """A model, whole.

        Raises:
            NotFoundError: If it is not kept.
        """
        ...

    def add_forecast(self, record: ForecastRecord) -> None:
        """Keep a forecast.

        Raises:
            ConflictError: If another one was made of the same at the same time.
        """
        ...

    def forecasts(
        self,
        community: str,
        subject: str | None = None,
        target: str | None = None,
        *,
        origin_utc: int | None = None,
        known_utc: int | None = None,
        since_utc: int | None = None,
        limit: int | None = None,
    ) -> Sequence[ForecastRecord]:
        """The latest origin first, of one origin what was made last first.

        Args:
            community: Its id.
            subject: Of this one alone.
            target: Of this one alone.
            origin_utc: Of this origin alone. [s since 1970, UTC]
            known_utc: Only what was made by then. [s since 1970, UTC]
            since_utc: Only of origins from then on. [s since 1970, UTC]
            limit: How many at most.
        """
        ...

    def newest_forecasts(self, community: str) -> Sequence[ForecastKey]:
        """The newest of every subject and target, by these."""
        ...

    def forecasting_models(self, community: str, *, newest: bool) -> frozenset[str]:
        """Ids of models that made a kept forecast, or the newest of a subject and target; no forecast is read."""
        ...

    def scored_subjects(self, community: str) -> frozenset[tuple[str, str]]:
        """Subjects and targets that scores are kept of; no score is read."""
        ...

    def forecast_origins(self, community: str, subject: str, target: str, limit: int) -> Sequence[int]:
        """Origins that forecasts are kept of, the latest first. [s since 1970, UTC]"""
        ...

    def put_forecast_score(self, record: ForecastScoreRecord) -> None:
        """Keep how good a forecast was, in the place of an earlier look."""
        ...

    def forecast_scores(
        self, community: str, subject: str | None = None, target: str | None = None, since_utc: int = 0
    ) -> Sequence[ForecastScoreRecord]:
        """Of origins from an instant on, the earliest first."""
        ...

    def add_forecast_anchor(self, record: ForecastAnchor) -> None:
        """Keep where a model's hash was anchored; of one that was anchored before, the first stays."""
        ...

    def forecast_anchors(self, community: str) -> Sequence[ForecastAnchor]:
        """A community's, by model."""
        ...

    def erase_forecasts(self, community: str, participant: str, subjects: Collection[str]) -> None:
        """Destroy models, forecasts and scores that are about a participant, or of some subjects."""
        ...
