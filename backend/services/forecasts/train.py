"""Training: learn from all that is known, and be judged first by the last weeks, forecast as if they were to come.

For the judgement a model of the same kind learns from what ended before those weeks, and forecasts each of their days
with what was known at its beginning. These forecasts are kept, and are told apart from those that were made in time:
what came was stored already when they were made. What the card says of accuracy is theirs.

Homes learn together: what one does tells of another, each by its own scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.ports.forecast_records import ForecastModelRecord, ForecastScoreRecord, ModelCard
from backend.ports.forecasting import ForecastTarget, TrainedModel
from backend.services.forecasts.desk import HORIZON_SECONDS, plant_of
from backend.services.forecasts.forecast import make_forecasts
from backend.services.forecasts.histories import site_of
from backend.services.forecasts.score import daily_losses, score_figures, tell_scores
from backend.services.forecasts.subjects import owners_of, parse_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.community import Community
    from backend.forecasting import Series
    from backend.ports.forecast_records import ForecastRecord
    from backend.services.forecasts.desk import ForecastDesk, Matter

__all__ = ["HINDCAST_DAYS", "TOGETHER", "Group", "Trained", "keep_trained", "score_record", "train_group"]

HINDCAST_DAYS = 28
TOGETHER = "homes"
"""Subject of a model that several homes learned together."""

_HISTORY_DAYS_MIN = 2 * HINDCAST_DAYS
_DAY = 86_400


@dataclass(frozen=True)
class Group:
    """What has one model.

    Attributes:
        subject: Of the model: as forecasts have it, or ``TOGETHER``.
        target: What is forecast.
        matters: One, or all that learn together.
    """

    subject: str
    target: str
    matters: tuple[Matter, ...]

    @property
    def end_utc(self) -> int:
        """End of what is known. [s since 1970, UTC]"""
        return self.matters[0].series.end_utc

    @property
    def step_seconds(self) -> int:
        """[s]"""
        return self.matters[0].series.step_seconds


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


def train_group(
    desk: ForecastDesk, group: Group, *, judge: bool = True, scores: Sequence[ForecastScoreRecord] = ()
) -> Trained:
    """Learn what comes.

    Args:
        desk: Ports. A quick one leaves it at the model that the last weeks were forecast by.
        group: Of what.
        judge: Forecast the last weeks first, where the history is long enough.
        scores: Of forecasts that were made in time, for the card where nothing is forecast afterwards.
    """
    until = group.end_utc
    begins = min(matter.series.start_utc for matter in group.matters)
    accuracy = _accuracy(scores, group.step_seconds, "in time") if scores else {}
    hindcasts: list[ForecastRecord] = []
    found: list[ForecastScoreRecord] = []
    kept: list[ForecastModelRecord] = []
    if judge and until - begins >= _HISTORY_DAYS_MIN * _DAY:
        first = until - HINDCAST_DAYS * _DAY
        probe, _ = _fit(desk, group, first)
        if probe is not None:
            hindcasts = _hindcasts(desk, group, range(first, until, _DAY), probe)
            series = {str(matter.asked[0]): matter.series for matter in group.matters}
            members = group.matters[0].members
            found = [
                one
                for record in hindcasts
                if (one := score_record(desk, members, record, series[record.subject]))
            ]
            if found:
                accuracy = _accuracy(found, group.step_seconds, "afterwards")
            if desk.quick:
                probe = replace(probe, card={**probe.card, **accuracy})
                model = _record(desk, group, probe)
                return Trained(probe, "", (model,), tuple(hindcasts), tuple(found))
            kept.append(_record(desk, group, probe))
    made, why_none = _fit(desk, group, until)
    if made is not None:
        made = replace(made, card={**made.card, **accuracy})
        kept.append(_record(desk, group, made))
    return Trained(made, why_none, tuple(kept), tuple(hindcasts), tuple(found))


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


def _fit(desk: ForecastDesk, group: Group, until_utc: int) -> tuple[TrainedModel | None, str]:
    """A model, or why there is none."""
    length = HORIZON_SECONDS // group.step_seconds
    prepared = [desk.prepare(matter, until_utc, length) for matter in group.matters]
    members, target = group.matters[0].members, ForecastTarget(group.target)
    site, weather = site_of(members), prepared[0].weather
    try:
        if group.subject == TOGETHER:
            rows = [one.series for one in prepared]
            made = desk.engine.train_all(target, rows, site, until_utc, weather)
        else:
            solar = target is ForecastTarget.SOLAR
            plant = plant_of(members, group.matters[0].asked[0]) if solar else None
            made = desk.engine.train(target, prepared[0].series, site, until_utc, weather, plant)
    except InputError as error:
        return None, str(error)
    words = {"weather_words": prepared[0].words} if prepared[0].words else {}
    return replace(made, card={**made.card, **words}), ""


def _hindcasts(
    desk: ForecastDesk, group: Group, origins_utc: Sequence[int], probe: TrainedModel
) -> list[ForecastRecord]:
    length = HORIZON_SECONDS // group.step_seconds
    return [
        record
        for matter in group.matters
        for record in make_forecasts(desk, matter, origins_utc, length, probe)
    ]


def _accuracy(scores: Sequence[ForecastScoreRecord], step_seconds: int, made: str) -> dict[str, Any]:
    """For the card: figures, and the losses of days that drift is told by."""
    told = tell_scores(scores)
    del told["course"]
    losses = daily_losses(scores, _DAY // step_seconds // 2)
    return {
        "accuracy": {
            **told,
            "origins": len({one.origin_utc for one in scores}),
            "from_utc": min(one.origin_utc for one in scores),
            "until_utc": max(one.origin_utc for one in scores) + _DAY,
            "made": made,
        },
        "daily_losses": list(losses.values()),
    }


def _record(desk: ForecastDesk, group: Group, model: TrainedModel) -> ForecastModelRecord:
    members = group.matters[0].members
    owners = (
        () if group.subject == TOGETHER else owners_of(members, parse_subject(group.subject), group.target)
    )
    card = ModelCard(
        community=members.id,
        subject=group.subject,
        target=group.target,
        id=model.id,
        owners=owners,
        name=model.name,
        data_hash=model.data_hash,
        code_hash=model.code_hash,
        until_utc=model.until_utc,
        made_utc=desk.clock.now_utc(),
        seed=model.seed,
        card=dict(model.card),
    )
    return ForecastModelRecord(card, model.content)
