"""Training: learn from all that is known, and be judged first by the last weeks, forecast as if they were to come.

For the judgement a model of the same kind learns from what ended before those weeks, and forecasts each of their days
with what was known at its beginning. These forecasts are kept, and are told apart from those that were made in time:
they were made after their hours had passed. What the card says of accuracy is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.ports.forecast_records import ForecastModelRecord, ForecastScoreRecord, ModelCard
from backend.ports.forecasting import ForecastTarget, TrainedModel
from backend.services.forecasts.desk import HORIZON_SECONDS, plant_of
from backend.services.forecasts.forecast import make_forecast
from backend.services.forecasts.histories import site_of
from backend.services.forecasts.score import daily_losses, score_figures, tell_scores
from backend.services.forecasts.subjects import owners_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community
    from backend.forecasting import Series
    from backend.ports.forecast_records import ForecastRecord
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.subjects import Asked

__all__ = ["HINDCAST_DAYS", "Trained", "keep_trained", "score_record", "train_subject"]

HINDCAST_DAYS = 28
_HISTORY_DAYS_MIN = 2 * HINDCAST_DAYS
_DAY = 86_400


@dataclass(frozen=True)
class Trained:
    """What training gives.

    Attributes:
        model: None where none could learn.
        why_none: Why.
        models: To be kept: the model, and the one that the last weeks were forecast by.
        hindcasts: Forecasts of the last weeks.
        scores: How good these were.
    """

    model: TrainedModel | None
    why_none: str
    models: tuple[ForecastModelRecord, ...] = ()
    hindcasts: tuple[ForecastRecord, ...] = ()
    scores: tuple[ForecastScoreRecord, ...] = ()


def train_subject(
    desk: ForecastDesk,
    members: Community,
    asked: Asked,
    series: Series,
    *,
    until_utc: int | None = None,
    judge: bool = True,
    scores: Sequence[ForecastScoreRecord] = (),
) -> Trained:
    """Learn what comes of a subject.

    Args:
        desk: Ports.
        members: The community.
        asked: Of what, and what of it.
        series: What was measured, without inputs.
        until_utc: Nothing after it is learned from; None for all. [s since 1970, UTC]
        judge: Forecast the last weeks first, where the history is long enough.
        scores: Of forecasts that were made in time, for the card where nothing is forecast afterwards.
    """
    until = series.end_utc if until_utc is None else until_utc
    hindcasts: list[ForecastRecord] = []
    found: list[ForecastScoreRecord] = []
    kept: list[ForecastModelRecord] = []
    accuracy = _accuracy(scores, series.step_seconds, "in time") if scores else {}
    if judge and until - series.start_utc >= _HISTORY_DAYS_MIN * _DAY:
        first = until - HINDCAST_DAYS * _DAY
        probe, _ = _fit(desk, members, asked, series, first)
        if probe is not None:
            hindcasts = _hindcasts(desk, members, asked, series, first, until, probe)
            found = [one for record in hindcasts if (one := score_record(desk, members, record, series))]
            if found:
                accuracy = _accuracy(found, series.step_seconds, "afterwards")
            kept.append(_record(desk, members, asked, probe))
    model, why_none = _fit(desk, members, asked, series, until)
    if model is not None:
        model = replace(model, card={**model.card, **accuracy})
        kept.append(_record(desk, members, asked, model))
    return Trained(model, why_none, tuple(kept), tuple(hindcasts), tuple(found))


def keep_trained(desk: ForecastDesk, trained: Trained) -> None:
    """Keep all of it in one transaction."""
    with desk.store.transaction() as records:
        for model in trained.models:
            records.add_forecast_model(model)
        for hindcast in trained.hindcasts:
            records.add_forecast(hindcast)
        for score in trained.scores:
            records.put_forecast_score(score)


def score_record(
    desk: ForecastDesk, members: Community, record: ForecastRecord, series: Series
) -> ForecastScoreRecord | None:
    """How good a forecast was as far as is known, None where nothing is."""
    found = score_figures(record, series, members.time_zone)
    if found is None:
        return None
    known, figures = found
    return ForecastScoreRecord(
        community=record.community,
        subject=record.subject,
        target=record.target,
        origin_utc=record.origin_utc,
        made_utc=record.made_utc,
        scored_utc=desk.clock.now_utc(),
        known=known,
        figures=figures,
    )


def _fit(
    desk: ForecastDesk, members: Community, asked: Asked, series: Series, until_utc: int
) -> tuple[TrainedModel | None, str]:
    """A model, or why there is none."""
    subject, target = asked
    length = HORIZON_SECONDS // series.step_seconds
    prepared = desk.prepare(members, target, series, until_utc, length)
    plant = plant_of(members, subject) if target == ForecastTarget.SOLAR.value else None
    try:
        made = desk.engine.train(
            ForecastTarget(target), prepared.series, site_of(members), until_utc, prepared.weather, plant
        )
    except InputError as error:
        return None, str(error)
    words = {"weather_words": prepared.words} if prepared.words else {}
    return replace(made, card={**made.card, **words}), ""


def _hindcasts(
    desk: ForecastDesk,
    members: Community,
    asked: Asked,
    series: Series,
    first_utc: int,
    until_utc: int,
    probe: TrainedModel,
) -> list[ForecastRecord]:
    length = HORIZON_SECONDS // series.step_seconds
    return [
        make_forecast(desk, members, asked, series, origin, length, probe)
        for origin in range(first_utc, until_utc, _DAY)
    ]


def _accuracy(scores: Sequence[ForecastScoreRecord], step_seconds: int, made: str) -> dict[str, Any]:
    """For the card: figures, and the losses of days that drift is told by."""
    told = tell_scores(scores)
    del told["course"]
    losses = daily_losses(scores, _DAY // step_seconds // 2)
    return {
        "accuracy": {
            **told,
            "origins": len(scores),
            "from_utc": scores[0].origin_utc,
            "until_utc": scores[-1].origin_utc + _DAY,
            "made": made,
        },
        "daily_losses": list(losses.values()),
    }


def _record(desk: ForecastDesk, members: Community, asked: Asked, model: TrainedModel) -> ForecastModelRecord:
    subject, target = asked
    card = ModelCard(
        community=members.id,
        subject=str(subject),
        target=target,
        id=model.id,
        owners=owners_of(members, subject),
        name=model.name,
        data_hash=model.data_hash,
        code_hash=model.code_hash,
        until_utc=model.until_utc,
        made_utc=desk.clock.now_utc(),
        seed=model.seed,
        card=dict(model.card),
    )
    return ForecastModelRecord(card, model.content)
