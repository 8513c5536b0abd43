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
from backend.services.forecasts.desk import HORIZON_SECONDS, Matter, model_of
from backend.services.forecasts.forecast import make_forecast
from backend.services.forecasts.score import daily_losses
from backend.services.forecasts.shareable import shared_ahead
from backend.services.forecasts.subjects import (
    NET,
    SHAREABLE,
    SubjectKind,
    owners_of,
    subjects_of,
    targets_of,
)
from backend.services.forecasts.sums import SUM, add_up_homes
from backend.services.forecasts.train import (
    HINDCAST_DAYS,
    TOGETHER,
    Group,
    keep_trained,
    score_record,
    train_group,
)

if TYPE_CHECKING:
    from backend.community import Community
    from backend.forecasting import Series
    from backend.ports import Records
    from backend.ports.forecast_records import ForecastScoreRecord, ModelCard
    from backend.ports.forecasting import TrainedModel
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.subjects import Asked

__all__ = ["RETRAIN_DAYS", "Done", "drift_of", "due_subjects", "run_due", "used_model"]

logger = logging.getLogger("partage.forecasts")

RETRAIN_DAYS = 7
_DAY = 86_400
_LATE_SECONDS = 5 * _DAY
_LENGTH_MAX_SECONDS = 7 * _DAY
_SCORED_BACK_SECONDS = 15 * _DAY
_OUR_FAULT = "a fault of the program, which its log tells; please report it"
_ROOFS_APART_MAX = 24
"""Roofs that each have a model of the sun, which takes seconds; of more, all learn together."""


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
    """All that is forecast day by day: the community, homes, feeders, transformers, and carbon and price around it."""
    subjects = [*subjects_of(members), *desk.histories.transformers(members)]
    asked = [(subject, target) for subject in subjects for target in targets_of(members, subject)]
    return [*asked, *desk.histories.markets(members)]


def run_due(
    desk: ForecastDesk,
    community: str,
    *,
    only: Sequence[Asked] | None = None,
    again: bool = False,
    on_step: Callable[[str], None] = lambda _: None,
) -> Done:
    """Do what is due of a community; one subject that fails does not hold up the others.

    Args:
        desk: Ports.
        community: Its id.
        only: These alone; None for all that is forecast day by day.
        again: Learn anew, due or not.
        on_step: Told what is done next.

    Raises:
        NotFoundError: If there is no such community.
        InputError: If it has no readings.
    """
    members = desk.members(community)
    asked = due_subjects(desk, members) if only is None else list(only)
    done = Done()
    for group in _groups(desk, members, asked, done):
        on_step(f"{group.subject} {group.target}")
        try:
            _run_group(desk, group, done, again=again)
        except (InputError, NotFoundError) as error:
            done.failed[f"{group.subject} {group.target}"] = str(error)
        except Exception:  # our mistake with one of them: the others do not wait until it is mended
            logger.exception("a model of %s failed", group.target)
            done.failed[f"{group.subject} {group.target}"] = _OUR_FAULT
    if only is None:
        try:
            done.forecasts += [_name(one) for one in add_up_homes(desk, members)]
        except InputError as error:
            done.failed[SUM] = str(error)
        on_step(SHAREABLE)
        try:
            done.forecasts += [f"{subject} {SHAREABLE}" for subject in shared_ahead(desk, community)]
        except (InputError, NotFoundError) as error:
            done.failed[SHAREABLE] = str(error)
        except Exception:
            logger.exception("allocation ahead failed")
            done.failed[SHAREABLE] = _OUR_FAULT
    return done


def _groups(desk: ForecastDesk, members: Community, asked: Sequence[Asked], done: Done) -> list[Group]:
    """What learns together, the homes' use first."""
    series = _read(desk, members, asked, done)
    together: dict[str, list[Matter]] = {}
    alone: list[Group] = []
    roofs = sum(target == "solar" for _, target in series)
    for one, values in series.items():
        (subject, target), matter = one, Matter(members, one, values)
        homes = subject.kind is SubjectKind.HOME and (target == "load" or roofs > _ROOFS_APART_MAX)
        if desk.quick:
            together.setdefault("load" if target == NET else target, []).append(matter)
        elif homes:
            together.setdefault(target, []).append(matter)
        else:
            alone.append(Group(str(subject), target, (matter,)))
    return [
        *(group for target, matters in together.items() for group in _joined(target, matters)),
        *alone,
    ]


def _joined(target: str, matters: Sequence[Matter]) -> list[Group]:
    """One group, unless it were about one person: such a model is theirs, and goes with them."""
    owners = {owners_of(matter.members, *matter.asked) for matter in matters}
    if len(owners - {()}) > 1:
        return [Group(TOGETHER, target, tuple(matters))]
    return [Group(str(matter.asked[0]), matter.asked[1], (matter,)) for matter in matters]


def _read(desk: ForecastDesk, members: Community, asked: Sequence[Asked], done: Done) -> dict[Asked, Series]:
    """All series at once; where one of them cannot be read, each alone."""
    try:
        return desk.histories.read(members, asked)
    except NotFoundError:
        found: dict[Asked, Series] = {}
        for one in asked:
            try:
                found |= desk.histories.read(members, [one])
            except NotFoundError as error:
                done.failed[_name(one)] = str(error)
        return found


def _name(one: Asked) -> str:
    return f"{one[0]} {one[1]}"


def used_model(cards: Sequence[ModelCard], subject: str, target: str) -> ModelCard | None:
    """The model that forecasts a subject: of its own or its group's, the one that learned last; None without any."""
    kinds = {(subject, target), (TOGETHER, target)} | ({(TOGETHER, "load")} if target == NET else set())
    found = [card for card in cards if (card.subject, card.target) in kinds]
    return max(found, key=lambda card: (card.card.get("effort") != "quick", *_age(card)), default=None)


def _age(card: ModelCard) -> tuple[int, int]:
    return card.until_utc, card.made_utc


def _run_group(desk: ForecastDesk, group: Group, done: Done, *, again: bool) -> None:
    members, name = group.matters[0].members, f"{group.subject} {group.target}"
    for matter in group.matters:
        done.scored += _score_known(desk, matter)
    with desk.store.reading() as records:
        cards = records.forecast_models(members.id, group.subject, group.target)
    card = max(cards, key=lambda kept: (kept.card.get("effort") != "quick", *_age(kept)), default=None)
    if card is not None and card.card.get("effort") == "quick" and not desk.quick:
        card = None  # a first look: learn in earnest
    drifts = card is not None and bool(drift_of(desk, card, group.matters)["alarm"])
    if drifts:
        done.drifting.append(name)
    model, why_none = None, ""
    since = RETRAIN_DAYS + (HINDCAST_DAYS if desk.quick else 0)
    if card is None or drifts or again or group.end_utc - card.until_utc >= since * _DAY:
        judge = card is None or drifts or again
        scores = [] if judge else _scores_in_time(desk, group)
        trained = train_group(desk, group, judge=judge, scores=scores)
        keep_trained(desk, trained)
        model, why_none = trained.model, trained.why_none
        if model is not None:
            done.trained.append(name)
    if model is None and card is not None:
        model = _kept(desk, card)
    for matter in group.matters:
        _forecast(desk, matter, model, why_none, done)


def _forecast(
    desk: ForecastDesk, matter: Matter, model: TrainedModel | None, why_none: str, done: Done
) -> None:
    """Forecast from the end of what is known, unless the same model did already."""
    (subject, target), origin = matter.asked, matter.series.end_utc
    with desk.store.reading() as records:
        kept = records.forecasts(matter.members.id, str(subject), target, origin_utc=origin)
    own = [one for one in kept if one.model_name != SUM]
    if own and own[0].model == (model.id if model else ""):
        return
    now = desk.clock.now_utc()
    record = make_forecast(
        desk,
        matter,
        origin,
        _length(now, matter.series),
        model,
        why_none=why_none,
        known_utc=now if 0 <= now - origin <= _LATE_SECONDS else None,
    )
    with desk.store.transaction() as records:
        records.add_forecast(record)
    done.forecasts.append(_name(matter.asked))
    if record.reason:
        done.fallbacks[_name(matter.asked)] = record.reason


def _scores_in_time(desk: ForecastDesk, group: Group) -> list[ForecastScoreRecord]:
    """Of the last weeks' forecasts, where there are enough to tell anything."""
    since = group.end_utc - HINDCAST_DAYS * _DAY
    with desk.store.reading() as records:
        scores = [score for matter in group.matters for score in _own_scores(records, matter, since)]
    return scores if len({score.origin_utc for score in scores}) >= HINDCAST_DAYS // 2 else []


def _own_scores(records: Records, matter: Matter, since_utc: int) -> list[ForecastScoreRecord]:
    """Of the model's forecasts; sums of others' say nothing of it."""
    community, (subject, target) = matter.members.id, matter.asked
    sums = set()
    if subject.kind is SubjectKind.COMMUNITY:
        made = records.forecasts(community, str(subject), target, since_utc=since_utc)
        sums = {one.key for one in made if one.model_name == SUM}
    scores = records.forecast_scores(community, str(subject), target, since_utc)
    return [score for score in scores if score.key not in sums]


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


def _score_known(desk: ForecastDesk, matter: Matter) -> int:
    """Look again at forecasts of whose hours more has become known."""
    (subject, target), series, community = matter.asked, matter.series, matter.members.id
    since = max(series.end_utc - _SCORED_BACK_SECONDS, series.start_utc)
    with desk.store.reading() as records:
        kept = records.forecasts(community, str(subject), target, since_utc=since)
        known = records.forecast_scores(community, str(subject), target, since)
    before = {score.key: score.known for score in known}
    scores = [
        score
        for record in kept
        if before.get(record.key, 0) < record.length and record.origin_utc < series.end_utc
        if (score := score_record(desk, matter.members, record, series))
        and score.known > before.get(record.key, 0)
    ]
    if scores:
        with desk.store.transaction() as records:
            for score in scores:
                records.put_forecast_score(score)
    return len(scores)


def drift_of(desk: ForecastDesk, card: ModelCard, matters: Sequence[Matter]) -> dict[str, Any]:
    """Whether a model in use has become worse than it was when it was judged.

    Args:
        desk: Ports.
        card: Of the model.
        matters: All that it forecasts.

    Returns:
        ``alarm``, ``since`` (a local civil day, or None), ``statistic``, ``limit``, ``ratio`` and ``days``; the figures
        are None where too little is known to compare.
    """
    unknown = {"alarm": False, "since": None, "statistic": None, "limit": None, "ratio": None, "days": 0}
    reference = np.asarray(card.card.get("daily_losses", ()), dtype=np.float64)
    step = int(card.card.get("training", {}).get("step_seconds", 3600))
    # The days that it was judged by tell nothing against themselves.
    judged_until = int(card.card.get("accuracy", {}).get("until_utc", 0))
    since = max(card.until_utc, judged_until)
    with desk.store.reading() as records:
        scores = [
            score
            for matter in matters
            for score in _own_scores(records, matter, since)
            if score.made_utc >= card.made_utc
        ]
    losses = daily_losses(scores, _DAY // step // 2)
    if not losses or not len(reference):
        return unknown
    try:
        found = desk.engine.judge_drift(reference, np.array(list(losses.values())))
    except InputError:
        return unknown
    days = list(losses)
    alarm = found["alarm"]
    begin = None if alarm is None else days[alarm if found["since"] is None else min(found["since"], alarm)]
    if alarm is not None:
        logger.warning("a model of %s drifts since %s", card.target, begin)  # whose, the accuracy page tells
    return {
        "alarm": alarm is not None,
        "since": begin,
        "statistic": found["statistic"],
        "limit": found["limit"],
        "ratio": found["ratio"],
        "days": len(days),
    }
