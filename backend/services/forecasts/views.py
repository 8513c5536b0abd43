"""Kept forecasts as pages and programs are told them: JSON-ready, instants as seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.errors import NotFoundError
from backend.forecasting import LEVELS, WeatherSource
from backend.forecasting.reasons import tell_reasons
from backend.services.forecasts.desk import Matter
from backend.services.forecasts.forecast import forecast_of
from backend.services.forecasts.on_demand import forecast_point
from backend.services.forecasts.outlook import first_intervals, tell_outlook
from backend.services.forecasts.ramps import tell_ramps
from backend.services.forecasts.retail import tell_retail
from backend.services.forecasts.retrain import drift_of, used_model
from backend.services.forecasts.score import tell_scores
from backend.services.forecasts.subjects import PRICE, SHAREABLE, Subject, SubjectKind, parse_subject
from backend.services.forecasts.train import TOGETHER

if TYPE_CHECKING:
    from backend.community import Community
    from backend.forecasting import Series
    from backend.ports.forecast_records import ForecastAnchor, ForecastRecord, ModelCard
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.viewers import Viewer

__all__ = ["label_of", "tell_accuracy", "tell_forecast", "tell_model", "tell_models", "tell_subjects"]

_ORIGINS_TOLD = 60
_SCORED_SECONDS = 92 * 86_400
_DAY = 86_400
_DIGITS = 4
_EMPTY_DRIFT = {"alarm": False, "since": None, "statistic": None, "limit": None, "ratio": None, "days": 0}


def label_of(members: Community, subject: Subject) -> str:
    """What people call it."""
    return members.name if subject.kind is SubjectKind.COMMUNITY else subject.name


def tell_subjects(desk: ForecastDesk, members: Community, viewer: Viewer) -> list[dict[str, Any]]:
    """Subjects and targets that forecasts are kept of, the newest of each; the community first."""
    with desk.store.reading() as records:
        keys = records.newest_forecasts(members.id)
        scored = records.scored_subjects(members.id)
        found = []
        for key in keys:
            subject = parse_subject(key.subject)
            if not viewer.may_see(members, subject):
                continue
            [record] = records.forecasts(
                members.id, key.subject, key.target, origin_utc=key.origin_utc, limit=1
            )
            found.append(
                {
                    **_head(members, subject, record),
                    "origin": record.origin_utc,
                    "end": record.end_utc,
                    "made": record.made_utc,
                    "model": record.model_name,
                    "has_accuracy": (key.subject, key.target) in scored,
                }
            )
    return sorted(
        found, key=lambda one: (one["kind"] != SubjectKind.COMMUNITY, one["subject"], one["target"])
    )


def tell_forecast(
    desk: ForecastDesk,
    members: Community,
    subject: Subject,
    target: str,
    *,
    origin_utc: int | None = None,
    known_utc: int | None = None,
    hours: int | None = None,
    limit: float | None = None,
) -> dict[str, Any]:
    """A kept forecast beside what came; of a metering point of which none is kept, one that is made now.

    Args:
        desk: Ports.
        members: The community.
        subject: Of what.
        target: What of it.
        origin_utc: The one made last of this origin; None for the newest origin. [s since 1970, UTC]
        known_utc: Only of what was made by then. [s since 1970, UTC]
        hours: How much of it; None for all. [h]
        limit: To hold it against; None for what the connection or the transformer may carry. [unit]

    Raises:
        NotFoundError: If there is none.
    """
    with desk.store.reading() as records:
        found = records.forecasts(
            members.id, str(subject), target, origin_utc=origin_utc, known_utc=known_utc, limit=1
        )
        origins = records.forecast_origins(members.id, str(subject), target, _ORIGINS_TOLD)
        anchored = {one.model for one in records.forecast_anchors(members.id)}
        cards = {card.id: card for card in records.forecast_models(members.id)}
    if not found and not origins and subject.kind is SubjectKind.POINT and origin_utc is known_utc is None:
        found = [forecast_point(desk, members, subject, target)]
        origins = [found[0].origin_utc]
    if not found and origins:
        raise NotFoundError(
            f"No forecast of {subject} ({target}) in {members.id} was made by then, or begins there; those that are "
            f"kept begin from {_stamp(min(origins))} to {_stamp(max(origins))}."
        )
    if not found:
        raise NotFoundError(
            f"There is no forecast of {subject} ({target}) in {members.id} yet; partage forecasts run {members.id} "
            "makes those that are due."
        )
    [record] = found
    made = forecast_of(record)
    length = record.length if hours is None else min(record.length, hours * 3600 // record.step_seconds)
    digits = 0 if target == SHAREABLE else _DIGITS
    card = cards.get(record.model)
    return {
        "community": members.id,
        **_head(members, subject, record),
        "time_zone": members.time_zone,
        "origin": record.origin_utc,
        "end": record.origin_utc + length * record.step_seconds,
        "step_seconds": record.step_seconds,
        "made": record.made_utc,
        "hindcast": record.is_hindcast,
        "readings_until": record.origin_utc,
        "weather": _weather(record.weather, record.weather_words),
        "model": {
            "id": record.model,
            "name": record.model_name,
            "trained_until": card.until_utc if card else None,
            "anchored": record.model in anchored,
        },
        "fallback": record.reason,
        "reasons": tell_reasons(record.reason),
        "start": made.starts_utc[:length].tolist(),
        "mean": _rounded(made.mean[:length], digits),
        "levels": list(LEVELS),
        "quantiles": [_rounded(row[:length], digits) for row in made.quantiles],
        "actual": _actual(desk, members, subject, target, record)[:length],
        **tell_outlook(desk, members, subject, target, first_intervals(made, length), limit),
        "ramps": tell_ramps(desk, members, subject, target, first_intervals(made, length)),
        "retail": tell_retail(desk, members, made, length),
        "origins": list(origins),
    }


def _head(members: Community, subject: Subject, record: ForecastRecord) -> dict[str, Any]:
    return {
        "subject": str(subject),
        "kind": subject.kind.value,
        "label": label_of(members, subject),
        "target": record.target,
        "unit": record.unit,
    }


def _weather(source: WeatherSource, words: str) -> dict[str, Any]:
    return {"source": source.value, "ex_post": source is WeatherSource.OBSERVED, "words": words}


def _rounded(values: np.ndarray[Any, np.dtype[np.float64]], digits: int) -> list[float]:
    return [float(one) for one in np.round(values, digits)]


def _actual(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, record: ForecastRecord
) -> list[float | None]:
    """What came, as far as it is stored."""
    unknown: list[float | None] = [None] * record.length
    end = record.end_utc if target == PRICE else desk.histories.end_utc(members)
    if target == SHAREABLE or end is None or end <= record.origin_utc:
        return unknown
    series = _around(desk, members, subject, target, record.origin_utc, min(end, record.end_utc))
    if series is None:
        return unknown
    place = series.place(record.origin_utc)
    came = series.values[place : place + record.length]
    told = [round(float(one), _DIGITS) if np.isfinite(one) else None for one in came]
    return [*told, *unknown[len(told) :]]


def _around(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, begin_utc: int, end_utc: int
) -> Series | None:
    """A series that holds a span, None where its meters are gone."""
    days = (end_utc - begin_utc) // _DAY + 2
    try:
        found = desk.histories.read(members, [(subject, target)], days=days, end_utc=end_utc)
    except NotFoundError:
        return None
    return found[subject, target]


def tell_accuracy(desk: ForecastDesk, members: Community, subject: Subject, target: str) -> dict[str, Any]:
    """How good the forecasts of the last three months were; of an origin made several times, the last that was made.

    Raises:
        NotFoundError: If none was scored yet.
    """
    with desk.store.reading() as records:
        kept = records.forecast_scores(members.id, str(subject), target)
        cards = records.forecast_models(members.id)
        forecasts = {one.key: one for one in records.forecasts(members.id, str(subject), target)}
    if not kept:
        raise NotFoundError(
            f"No forecast of {subject} ({target}) in {members.id} was scored yet: what it said has to come first."
        )
    since = kept[-1].origin_utc - _SCORED_SECONDS
    latest = {score.origin_utc: score for score in kept if score.origin_utc >= since}
    scores = list(latest.values())
    records_of = [forecasts[score.key] for score in scores]
    weather = max(records_of, key=lambda one: one.weather is WeatherSource.OBSERVED)
    card = used_model(cards, str(subject), target)
    return {
        "community": members.id,
        "subject": str(subject),
        "target": target,
        "unit": weather.unit,
        "from": scores[0].origin_utc,
        "until": max(
            one.origin_utc + one.known * record.step_seconds
            for one, record in zip(scores, records_of, strict=True)
        ),
        "origins": len(scores),
        "hindcasts": sum(record.is_hindcast for record in records_of),
        "fallbacks": sum(bool(record.reason) for record in records_of),
        "weather": _weather(weather.weather, weather.weather_words),
        **tell_scores(scores),
        "drift": _drift(desk, members, subject, target, card),
        "model": None if card is None else {"id": card.id, "name": card.name},
    }


def _drift(
    desk: ForecastDesk, members: Community, subject: Subject, target: str, card: ModelCard | None
) -> dict[str, Any]:
    if card is None or card.subject == TOGETHER:
        return {**_EMPTY_DRIFT, "retrain_due": False}
    series = _around(desk, members, subject, target, card.until_utc, card.until_utc + _DAY)
    found = _EMPTY_DRIFT
    if series is not None:
        found = drift_of(desk, card, [Matter(members, (subject, target), series)])
    return {**found, "retrain_due": bool(found["alarm"])}


def tell_models(
    desk: ForecastDesk, members: Community, viewer: Viewer, subject: str = "", target: str = ""
) -> list[dict[str, Any]]:
    """Models that were trained, what was trained last first."""
    with desk.store.reading() as records:
        cards = records.forecast_models(members.id, subject or None, target or None)
        anchored = {one.model for one in records.forecast_anchors(members.id)}
        used = records.forecasting_models(members.id, newest=True)
    return [
        _tell_card(card, card.id in anchored, card.id in used)
        for card in cards
        if _may_see(members, viewer, card)
    ]


def tell_model(desk: ForecastDesk, members: Community, viewer: Viewer, model: str) -> dict[str, Any]:
    """One model's card, and where its hash is anchored.

    Raises:
        NotFoundError: If there is none of that id that the viewer may see.
    """
    with desk.store.reading() as records:
        cards = [card for card in records.forecast_models(members.id) if card.id == model]
        anchors = {one.model: one for one in records.forecast_anchors(members.id)}
        used = records.forecasting_models(members.id, newest=True)
    seen = [card for card in cards if _may_see(members, viewer, card)]
    if not seen:
        raise NotFoundError(f"There is no model {model} here that you may see.")
    anchor = anchors.get(model)
    told = _tell_card(seen[0], anchor is not None, model in used)
    return {**told, "card": seen[0].card, "anchor": _tell_anchor(anchor)}


def _may_see(members: Community, viewer: Viewer, card: ModelCard) -> bool:
    return card.subject == TOGETHER or viewer.may_see(members, parse_subject(card.subject))


def _tell_card(card: ModelCard, anchored: bool, used: bool) -> dict[str, Any]:  # noqa: FBT001 -- two plain words of it
    return {
        "id": card.id,
        "subject": card.subject,
        "target": card.target,
        "name": card.name,
        "trained_until": card.until_utc,
        "trained": card.made_utc,
        "data_hash": card.data_hash,
        "code_hash": card.code_hash,
        "seed": card.seed,
        "anchored": anchored,
        "in_use": used,
    }


def _stamp(instant_utc: int) -> str:
    return f"{datetime.fromtimestamp(instant_utc, UTC):%Y-%m-%dT%H:%MZ}"


def _tell_anchor(anchor: ForecastAnchor | None) -> dict[str, Any] | None:
    if anchor is None:
        return None
    return {
        "run": anchor.run,
        "root": anchor.root,
        "place": anchor.place,
        "path": list(anchor.path),
        "anchored_utc": anchor.anchored_utc,
    }
