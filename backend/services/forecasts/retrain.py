"""What is due of forecasting, done: score what has become known, watch for drift, learn anew, forecast.

A model learns anew once a week, or when it drifts: when its losses rise beyond what the days that it was judged by
would show once a year by chance. Nothing is done twice: the same run again finds nothing due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import InputError, NotFoundError
from backend.services.forecasts.desk import HORIZON_SECONDS, model_of
from backend.services.forecasts.forecast import make_forecast
from backend.services.forecasts.score import daily_losses
from backend.services.forecasts.subjects import subjects_of, targets_of
from backend.services.forecasts.train import HINDCAST_DAYS, keep_trained, score_record, train_subject

if TYPE_CHECKING:
    from backend.community import Community
    from backend.forecasting import Series
    from backend.ports.forecast_records import ForecastScoreRecord, ModelCard
    from backend.ports.forecasting import TrainedModel
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.subjects import Asked

__all__ = ["RETRAIN_DAYS", "Done", "drift_of", "due_subjects", "run_due"]

logger = logging.getLogger("partage.forecasts")

RETRAIN_DAYS = 7
_DAY = 86_400
_LATE_SECONDS = 5 * _DAY
_LENGTH_MAX_SECONDS = 7 * _DAY
_SCORED_BACK_SECONDS = 15 * _DAY


@dataclass
class Done:
    """What a run did.

    Attributes:
        trained: Subjects and targets that learned, as ``subject target``.
        forecasts: That were made.
        scored: Forecasts that were looked at.
        drifting: Subjects and targets whose model drifted.
        fallbacks: Why a simpler model stood in, by subject and target.
        failed: What could not be done, and why, by subject and target.
    """

    trained: list[str] = field(default_factory=list)
    forecasts: list[str] = field(default_factory=list)
    scored: int = 0
    drifting: list[str] = field(default_factory=list)
    fallbacks: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def due_subjects(desk: ForecastDesk, members: Community) -> list[Asked]:
    """All that is forecast day by day: the community, its homes, its feeders, its transformers."""
    subjects = [*subjects_of(members), *desk.histories.transformers(members)]
    return [(subject, target) for subject in subjects for target in targets_of(members, subject)]


def run_due(
    desk: ForecastDesk,
    community: str,
    *,
    only: Sequence[Asked] | None = None,
    judge: bool = True,
    on_step: Callable[[str], None] = lambda _: None,
) -> Done:
    """Do what is due of a community; one subject that fails does not hold up the others.

    Args:
        desk: Ports.
        community: Its id.
        only: These alone; None for all that is forecast day by day.
        judge: Have new models forecast the last weeks, where nothing tells yet how good they are.
        on_step: Told what is done next.

    Raises:
        NotFoundError: If there is no such community.
        InputError: If it has no readings.
    """
    members = desk.members(community)
    asked = due_subjects(desk, members) if only is None else list(only)
    done = Done()
    series: dict[Asked, Series] = {}
    for one in asked:
        if one not in series:
            series |= _read(desk, members, asked, done)
        on_step(f"{one[0]} {one[1]}")
        if one not in series:
            continue
        try:
            _run_one(desk, members, one, series[one], done, judge=judge)
        except (InputError, NotFoundError) as error:
            done.failed[f"{one[0]} {one[1]}"] = str(error)
    return done


def _read(desk: ForecastDesk, members: Community, asked: list[Asked], done: Done) -> dict[Asked, Series]:
    """All series at once; where one of them cannot be read, each alone."""
    try:
        return desk.histories.read(members, asked)
    except NotFoundError:
        found: dict[Asked, Series] = {}
        for one in asked:
            try:
                found |= desk.histories.read(members, [one])
            except NotFoundError as error:
                done.failed[f"{one[0]} {one[1]}"] = str(error)
        return found


def _run_one(
    desk: ForecastDesk, members: Community, one: Asked, series: Series, done: Done, *, judge: bool
) -> None:
    subject, target = one
    name = f"{subject} {target}"
    done.scored += _score_known(desk, members, one, series)
    with desk.store.reading() as records:
        cards = records.forecast_models(members.id, str(subject), target)
        newest = records.forecasts(members.id, str(subject), target, limit=1)
    card = max(cards, key=lambda kept: (kept.until_utc, kept.made_utc), default=None)
    origin = series.end_utc
    drifts = card is not None and bool(drift_of(desk, card)["alarm"])
    if drifts:
        done.drifting.append(name)
    model, why_none = None, ""
    if card is None or drifts or origin - card.until_utc >= RETRAIN_DAYS * _DAY:
        trained = train_subject(desk, members, one, series, judge=judge and (card is None or drifts))
        keep_trained(desk, trained)
        model, why_none = trained.model, trained.why_none
        if model is not None:
            done.trained.append(name)
    if model is None and card is not None:
        model = _kept(desk, card)
    made_by = model.id if model else ""
    if newest and newest[0].origin_utc >= origin and newest[0].model == made_by:
        return
    record = make_forecast(desk, members, one, series, origin, _length(desk, series), model, why_none)
    with desk.store.transaction() as records:
        records.add_forecast(record)
    done.forecasts.append(name)
    if record.reason:
        done.fallbacks[name] = record.reason


def _scores_in_time(
    desk: ForecastDesk, members: Community, one: Asked, origin_utc: int
) -> Sequence[ForecastScoreRecord]:
    """Of the last weeks' forecasts, where there are enough to tell anything."""
    with desk.store.reading() as records:
        since = origin_utc - HINDCAST_DAYS * _DAY
        scores = records.forecast_scores(members.id, str(one[0]), one[1], since)
    return scores if len({score.origin_utc for score in scores}) >= HINDCAST_DAYS // 2 else []


def _kept(desk: ForecastDesk, card: ModelCard) -> TrainedModel:
    with desk.store.reading() as records:
        return model_of(records.forecast_model(card.community, card.subject, card.target, card.id))


def _length(now_utc: int, series: Series) -> int:
    """Two days, and more where readings come late: then still until the end of tomorrow. [intervals]"""
    late = now_utc - series.end_utc
    ahead = HORIZON_SECONDS
    if 0 < late <= _LATE_SECONDS:
        ahead = min(HORIZON_SECONDS + -(-late // _DAY) * _DAY, _LENGTH_MAX_SECONDS)
    return ahead // series.step_seconds


def _score_known(desk: ForecastDesk, members: Community, one: Asked, series: Series) -> int:
    """Look again at forecasts of whose hours more has become known."""
    subject, target = one
    since = series.end_utc - _SCORED_BACK_SECONDS
    with desk.store.reading() as records:
        kept = records.forecasts(members.id, str(subject), target, since_utc=since)
        before = {
            score.key: score.known for score in records.forecast_scores(members.id, str(subject), target)
        }
    scores = [
        score
        for record in kept
        if record.origin_utc >= series.start_utc and before.get(record.key, 0) < record.length
        if (score := score_record(desk, members, record, series)) and score.known > before.get(record.key, 0)
    ]
    if scores:
        with desk.store.transaction() as records:
            for score in scores:
                records.put_forecast_score(score)
    return len(scores)


def drift_of(desk: ForecastDesk, card: ModelCard) -> dict[str, Any]:
    """Whether a model in use has become worse than it was when it was judged.

    Returns:
        ``alarm``, ``since`` (a local civil day, or None), ``statistic``, ``limit``, ``ratio`` and ``days``; the figures
        are None where too little is known to compare.
    """
    unknown = {"alarm": False, "since": None, "statistic": None, "limit": None, "ratio": None, "days": 0}
    reference = np.asarray(card.card.get("daily_losses", ()), dtype=np.float64)
    with desk.store.reading() as records:
        scores = records.forecast_scores(card.community, card.subject, card.target, card.until_utc)
    per_day = _DAY // int(card.card.get("training", {}).get("step_seconds", _DAY // 24))
    losses = daily_losses(scores, per_day // 2)
    if not losses:
        return unknown
    try:
        found = desk.engine.judge_drift(reference, np.array(list(losses.values())))
    except InputError:
        return unknown
    days = list(losses)
    since = found["since"] if found["alarm"] is not None else None
    if found["alarm"] is not None:
        logger.warning(
            "the model of %s (%s) of %s drifts since %s",
            card.subject,
            card.target,
            card.community,
            days[found["alarm"] if since is None else since],
        )
    return {
        "alarm": found["alarm"] is not None,
        "since": None if found["alarm"] is None else days[found["alarm"] if since is None else since],
        "statistic": found["statistic"],
        "limit": found["limit"],
        "ratio": found["ratio"],
        "days": len(days),
    }
