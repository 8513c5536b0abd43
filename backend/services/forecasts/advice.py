"""When a home had better use energy tomorrow, and what that saves: figures, from which pages make sentences.

What some energy more would cost in an hour is found by sharing the courses of tomorrow twice, with it and without it,
by the key and at the tariff in force. A home that feeds in uses its own sun first. The usual time is when the home
itself uses energy, hour by hour of the day from six in the morning on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from backend.community import VatStatus
from backend.errors import InputError, NotFoundError
from backend.forecasting import WeatherSource
from backend.quantities import PARTS_PER_MILLION
from backend.services.forecasts.forecast import forecast_of
from backend.services.forecasts.shareable import allocate_ahead
from backend.services.forecasts.subjects import CARBON, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.community import Community, Tariff
    from backend.services.forecasts.desk import ForecastDesk
    from backend.services.forecasts.shareable import Ahead, Shares

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["USES", "Use", "tell_advice"]

_PICO_PER_CENT = 1e10  # 1 mWh at 1 µEUR/kWh is a pico-euro
_MILLIWATT_HOURS = 1_000_000  # in a kilowatt-hour
_USUAL_FROM_HOUR = 6
_WORTH_CENTS = 0.5
_SURE = 0.5
_GREEN_HOURS = 3.0
_GREEN_WORTH = 0.03  # below the day's mean; less is not worth a word


@dataclass(frozen=True, slots=True)
class Use:
    """Some energy that can wait.

    Attributes:
        what: ``wash`` or ``charge``.
        kilowatt_hours: [kWh]
        hours: How long it takes. [h]
    """

    what: str
    kilowatt_hours: float
    hours: float


USES = (Use("wash", 1.0, 2.0), Use("charge", 7.0, 3.0))


def tell_advice(desk: ForecastDesk, members: Community, participant: str) -> dict[str, Any]:
    """Tomorrow's advice for a home: of the first local day that the forecasts cover from midnight to midnight.

    Returns:
        As ``backend.api.forecast_schemas.Advice``, instants as seconds since 1970; ``advice`` names what saves at least
        half a cent, more likely than not.

    Raises:
        NotFoundError: If there are no forecasts to go by, or the home uses nothing that is settled.
    """
    try:
        ahead = allocate_ahead(desk, members.id)
    except InputError as error:
        raise NotFoundError(f"There is no advice yet: {error}") from None
    columns = [at for at, one in enumerate(ahead.consumers) if one.participant == participant]
    day, rows = _tomorrow(ahead)
    if not columns or not len(rows):
        raise NotFoundError(f"There is no advice for {participant}: nothing of theirs is shared tomorrow.")
    base = ahead.share()
    per_use = [(use, _extra_cents(ahead, base, participant, use)[:, rows]) for use in USES]
    advice = [
        told for use, extra in per_use if (told := _advise(ahead, participant, use, extra, rows)) is not None
    ]
    grams, model = _carbon_ahead(desk, ahead, rows)
    return {
        "community": members.id,
        "participant": participant,
        "time_zone": members.time_zone,
        "origin": ahead.origin_utc,
        "made": ahead.made_utc,
        "day": day,
        "currency": members.currency,
        "assumed_kwh": {use.what: use.kilowatt_hours for use in USES},
        "hours": _hours(ahead, base, per_use[0], rows, grams),
        "greenest": _greenest(ahead, rows, grams, model),
        "advice": advice,
        "rests_on": {
            "forecast_of": ["load", "solar", "shareable"],
            "weather": {
                "source": ahead.weather.value,
                "ex_post": ahead.weather is WeatherSource.OBSERVED,
                "words": ahead.weather_words,
            },
            "model_ids": list(ahead.models),
        },
    }


def _tomorrow(ahead: Ahead) -> tuple[str, Whole]:
    """The first whole local day, and its intervals."""
    zone = ZoneInfo(ahead.members.time_zone)
    local = [datetime.fromtimestamp(int(one), UTC).astimezone(zone) for one in ahead.starts_utc]
    end = int(ahead.starts_utc[-1]) + ahead.step_seconds
    for day in dict.fromkeys(at.date() for at in local):
        begin = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
        next_ = day + timedelta(days=1)
        until = int(datetime(next_.year, next_.month, next_.day, tzinfo=zone).timestamp())
        if begin >= ahead.origin_utc and until <= end:
            rows = np.flatnonzero((ahead.starts_utc >= begin) & (ahead.starts_utc < until))
            return day.isoformat(), rows.astype(np.int64)
    return "", np.zeros(0, dtype=np.int64)


def _extra_cents(ahead: Ahead, base: Shares, participant: str, use: Use) -> Values:
    """What the energy of one interval of a use costs more than without it, in each interval. Shape (M, H). [cents]"""
    extra = round(use.kilowatt_hours / use.hours * ahead.step_seconds / 3600 * _MILLIWATT_HOURS)
    uses = [at for at, one in enumerate(ahead.consumers) if one.participant == participant]
    gives = [at for at, one in enumerate(ahead.producers) if one.participant == participant]
    left = np.full(ahead.used.shape[:2], extra, dtype=np.int64)
    fed, used = ahead.fed.copy(), ahead.used.copy()
    for at in gives:
        own = np.minimum(fed[:, :, at], left)
        fed[:, :, at] -= own
        left -= own
    used[:, :, uses[0]] += left
    after = ahead.share(used, fed)
    return _cents(ahead, after, used, fed, uses, gives) - _cents(
        ahead, base, ahead.used, ahead.fed, uses, gives
    )


def _cents(
    ahead: Ahead, shares: Shares, used: Whole, fed: Whole, uses: Sequence[int], gives: Sequence[int]
) -> Values:
    """What a home pays less what it earns, by the tariff, in each interval. Shape (M, H). [cents]"""
    tariff = ahead.rule.tariff
    residual = _residual_prices(ahead, tariff)[None, :, None]
    network_shared = (
        tariff.network_price if tariff.network_shared_price is None else tariff.network_shared_price
    )
    got = shares.allocated[:, :, uses].astype(np.float64)
    rest = used[:, :, uses] - got
    paid = got * (tariff.shared_price + network_shared + tariff.excise_shared_price)
    paid = paid + rest * (residual + tariff.network_price + tariff.excise_price)
    if tariff.vat_status is VatStatus.LIABLE:
        paid = paid * (1 + tariff.vat_ppm / PARTS_PER_MILLION)
    sold = shares.shared[:, :, gives].astype(np.float64)
    earned = sold * tariff.shared_price + (fed[:, :, gives] - sold) * tariff.surplus_price
    return np.asarray((paid.sum(axis=2) - earned.sum(axis=2)) / _PICO_PER_CENT)


def _residual_prices(ahead: Ahead, tariff: Tariff) -> Values:
    """Price of residual supply by interval, by its local time. Shape (H,). [µEUR/kWh]"""
    zone = ZoneInfo(ahead.members.time_zone)
    local = [datetime.fromtimestamp(int(one), UTC).astimezone(zone) for one in ahead.starts_utc]
    bands = [tariff.band_at(at.hour * 60 + at.minute) for at in local]
    return np.array([tariff.residual_prices[band] for band in bands], dtype=np.float64)


def _advise(ahead: Ahead, participant: str, use: Use, extra: Values, rows: Whole) -> dict[str, Any] | None:
    """The best window beside the usual time, None where none is worth a word."""
    span = max(1, round(use.hours * 3600 / ahead.step_seconds))
    if extra.shape[1] < span:
        return None
    sums = np.cumsum(np.pad(extra, ((0, 0), (1, 0))), axis=1)
    costs = sums[:, span:] - sums[:, :-span]  # of windows that begin at each interval, shape (M, W)
    weights = _usual_weights(ahead, participant, rows[: costs.shape[1]])
    usual = costs @ weights
    best, worst = int(np.argmin(costs.mean(axis=0))), int(np.argmax(costs.mean(axis=0)))
    savings = usual - costs[:, best]
    likely = _chance(savings > 0)
    if savings.mean() < _WORTH_CENTS or likely <= _SURE:
        return None
    start = int(ahead.starts_utc[rows[best]])
    return {
        "what": use.what,
        "duration_hours": span * ahead.step_seconds / 3600,
        "energy_kwh": use.kilowatt_hours,
        "start": start,
        "end": start + span * ahead.step_seconds,
        "worst_start": int(ahead.starts_utc[rows[worst]]),
        "cost_cents": round(float(costs[:, best].mean()), 2),
        "usual_cost_cents": round(float(usual.mean()), 2),
        "saving_cents": round(float(savings.mean()), 2),
        "saving_p10_cents": round(float(np.quantile(savings, 0.1)), 2),
        "saving_p90_cents": round(float(np.quantile(savings, 0.9)), 2),
        "probability": round(likely, 3),
    }


def _chance(happens: NDArray[np.bool_]) -> float:
    """Chance by how many of some courses: none of them makes sure (Jeffreys' prior). Shape (M,). [1]"""
    return float((happens.sum() + 0.5) / (len(happens) + 1))


def _usual_weights(ahead: Ahead, participant: str, rows: Whole) -> Values:
    """How much of its use a home has in each interval, none of the night's; they sum to one. Shape (rows,). [1]"""
    columns = [at for at, one in enumerate(ahead.consumers) if one.participant == participant]
    zone = ZoneInfo(ahead.members.time_zone)
    hours = np.array(
        [datetime.fromtimestamp(int(ahead.starts_utc[row]), UTC).astimezone(zone).hour for row in rows]
    )
    use = ahead.used[:, rows][:, :, columns].sum(axis=2).mean(axis=0) * (hours >= _USUAL_FROM_HOUR)
    use = use + 1.0 * (hours >= _USUAL_FROM_HOUR)
    return np.asarray(use / use.sum())


def _carbon_ahead(desk: ForecastDesk, ahead: Ahead, rows: Whole) -> tuple[Values, str]:
    """Carbon intensity by interval as the newest forecast has it, NaN where none reaches. Shape (rows,). [g/kWh]"""
    starts, community = ahead.starts_utc[rows], ahead.members.id
    with desk.store.reading() as records:
        kept = records.forecasts(community, str(SubjectKind.COMMUNITY), CARBON, limit=1)
    if not kept:
        return np.full(len(rows), np.nan), ""
    carbon = forecast_of(kept[0])
    at = (starts - carbon.origin_utc) // carbon.step_seconds
    inside = (at >= 0) & (at < len(carbon))
    return np.where(inside, carbon.mean[np.clip(at, 0, len(carbon) - 1)], np.nan), carbon.model


def _greenest(ahead: Ahead, rows: Whole, grams: Values, model: str) -> dict[str, Any] | None:
    """The hours of least carbon, None where it is not forecast all day or hardly changes."""
    span = max(1, round(_GREEN_HOURS * 3600 / ahead.step_seconds))
    if len(grams) < span or not np.isfinite(grams).all():
        return None
    means = np.convolve(grams, np.full(span, 1 / span), "valid")
    best, worst, mean = int(np.argmin(means)), int(np.argmax(means)), float(grams.mean())
    if means[best] > (1 - _GREEN_WORTH) * mean:
        return None
    start = int(ahead.starts_utc[rows[best]])
    return {
        "start": start,
        "end": start + span * ahead.step_seconds,
        "grams_per_kwh": round(float(means[best]), 1),
        "day_grams_per_kwh": round(mean, 1),
        "worst_start": int(ahead.starts_utc[rows[worst]]),
        "worst_grams_per_kwh": round(float(means[worst]), 1),
        "model": model,
    }


def _hours(
    ahead: Ahead, base: Shares, use: tuple[Use, Values], rows: Whole, grams: Values
) -> list[dict[str, Any]]:
    """What one more kilowatt-hour costs by interval, the cheapest ranked first."""
    one, extra = use
    energy = one.kilowatt_hours / one.hours * ahead.step_seconds / 3600
    price = extra.mean(axis=0) / energy
    spare = ahead.fed.sum(axis=2) - base.shared.sum(axis=2)
    likely = (spare >= energy * _MILLIWATT_HOURS).mean(axis=0)[rows]
    order = np.argsort(np.argsort(price, kind="stable"), kind="stable")
    return [
        {
            "start": int(ahead.starts_utc[row]),
            "price_cents_per_kwh": round(float(price[at]), 2),
            "shared_likely": round(float(likely[at]), 3),
            "spare_kwh": round(float(spare[:, row].mean()) / _MILLIWATT_HOURS, 3),
            "rank": int(order[at]) + 1,
            "grams_per_kwh": round(float(grams[at]), 1) if np.isfinite(grams[at]) else None,
        }
        for at, row in enumerate(rows.tolist())
    ]
