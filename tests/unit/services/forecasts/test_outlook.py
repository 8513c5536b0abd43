"""Peaks of kept forecasts: courses go together as the errors of past forecasts did."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from backend.errors import InputError, NotFoundError
from backend.forecasting import LEVELS, Forecast, Series, WeatherSource
from backend.forecasting.packing import pack_values
from backend.ports.forecast_records import ForecastRecord
from backend.services.forecasts.outlook import tell_outlook
from backend.services.forecasts.subjects import parse_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from backend.community import Community
    from backend.services.forecasts.desk import ForecastDesk

    Values = NDArray[np.float64]

HOUR, DAY = 3600, 86_400
START = 1_500_854_400  # Monday, 24 July 2017, 0:00 UTC
DAYS = 40
SCORES = np.array([-1.645, -1.282, -0.842, -0.524, -0.253, 0, 0.253, 0.524, 0.842, 1.282, 1.645])
SPREAD = 100.0
HOME = parse_subject("home:a")


def profile(length: int) -> Values:
    """Highest from 18 to 19 h UTC."""
    hour = np.arange(length) % 24
    return np.asarray(1000 + np.where(hour == 18, 400.0, 0.0))


def made(origin: int, length: int = 24) -> Forecast:
    mean = profile(length)
    return Forecast(origin, HOUR, mean, mean + SPREAD * SCORES[:, None], "model")


def record(forecast: Forecast) -> ForecastRecord:
    return ForecastRecord(
        community="c",
        subject=str(HOME),
        target="load",
        origin_utc=forecast.origin_utc,
        made_utc=forecast.origin_utc,
        stored_utc=forecast.origin_utc,
        owners=(),
        step_seconds=HOUR,
        length=len(forecast),
        unit="W",
        model="",
        model_name="model",
        weather=WeatherSource.NONE,
        weather_words="",
        reason="",
        values=pack_values(forecast.mean, forecast.quantiles),
    )


@dataclass
class Kept:
    """What a desk keeps and has measured."""

    values: Values
    records: list[ForecastRecord]
    limit: float | None = None
    ends: list[int] = field(default_factory=list)

    @contextmanager
    def reading(self) -> Iterator[Kept]:
        yield self

    def forecasts(
        self, _community: str, _subject: str, _target: str, *, since_utc: int
    ) -> list[ForecastRecord]:
        return [one for one in self.records if one.origin_utc >= since_utc][::-1]

    def read(self, _members: Any, asked: list[Any], *, days: int, end_utc: int) -> dict[Any, Series]:
        if not len(self.values):
            raise NotFoundError("The meters are gone.")
        self.ends.append(end_utc)
        until = (end_utc - START) // HOUR
        begin = max(0, until - 24 * days)
        return {asked[0]: Series(START + begin * HOUR, HOUR, self.values[begin:until])}

    def limit_of(self, *_: Any) -> Any:
        return None if self.limit is None else cast("Any", _Limit(self.limit, "what it may carry"))


@dataclass
class _Limit:
    watts: float
    words: str


@dataclass
class _Members:
    id: str = "c"
    time_zone: str = "Europe/Paris"


def outlook(
    kept: Kept, forecast: Forecast, limit: float | None = None, target: str = "load"
) -> dict[str, Any]:
    desk = cast("ForecastDesk", _Desk(kept, kept))
    return tell_outlook(desk, cast("Community", _Members()), HOME, target, forecast, limit)


@dataclass
class _Desk:
    store: Kept
    histories: Kept


def past(together: bool, limit: float | None = None) -> Kept:
    """Forty days whose errors are the same all day, or those of each hour by itself."""
    random = np.random.default_rng(3)
    draws = random.standard_normal((DAYS, 1 if together else 24))
    values = (profile(24) + SPREAD * np.broadcast_to(draws, (DAYS, 24))).ravel()
    return Kept(values, [record(made(START + day * DAY)) for day in range(DAYS)], limit)


ORIGIN = START + DAYS * DAY


def test_the_peak_is_where_the_forecast_is_highest_and_as_high_as_its_quantiles_say() -> None:
    told = outlook(past(together=True), made(ORIGIN))
    peak = told["peak"]
    assert peak["learned_from"] == DAYS
    at = ORIGIN + 18 * HOUR
    assert (peak["start"], peak["start_p10"], peak["start_p50"], peak["start_p90"]) == (at, at, at, at)
    assert [peak["p10"], peak["p50"], peak["p90"]] == pytest.approx([1272, 1400, 1528], abs=25)
    assert told["limit"] is None


def test_hours_that_erred_together_pass_a_limit_less_often_than_hours_that_erred_apart() -> None:
    flat = np.full(24, 1000.0)
    forecast = Forecast(ORIGIN, HOUR, flat, flat + SPREAD * SCORES[:, None], "model")
    limit = 1000 + 1.282 * SPREAD  # of one hour 10 %
    found = {}
    for together in (True, False):
        kept = past(together, limit)
        kept.records = [
            record(Forecast(START + day * DAY, HOUR, profile(24), made(0).quantiles, "model"))
            for day in range(DAYS)
        ]
        told = outlook(kept, forecast)["limit"]
        assert told["exceedance"] == pytest.approx([0.1] * 24, abs=0.01)
        assert told["intervals_above"] == pytest.approx(2.4, abs=0.3)
        found[together] = told["above"]
    assert 0.1 <= found[True] < 0.45
    assert found[False] > 0.75


def test_a_limit_that_is_asked_for_stands_before_the_connection_s() -> None:
    kept = past(together=True, limit=1e6)
    assert outlook(kept, made(ORIGIN))["limit"] == {
        "value": 1e6,
        "words": "what it may carry",
        "exceedance": [0.0] * 24,
        "above": 0.0,
        "intervals_above": 0.0,
    }
    asked = outlook(kept, made(ORIGIN), 1400.0)
    assert asked["limit"]["above"] == pytest.approx(0.5, abs=0.05)
    assert asked["limit"]["words"] == "as asked"
    with pytest.raises(InputError, match="is no number to hold a forecast against"):
        outlook(kept, made(ORIGIN), float("inf"))


def test_each_local_day_has_its_peak_and_its_own_probability() -> None:
    kept = past(together=True, limit=1400.0)
    kept.records = [record(made(START + day * DAY, 48)) for day in range(DAYS)]
    days = outlook(kept, made(ORIGIN, 48))["days"]
    # Midnight in Paris is 22:00 UTC.
    assert [(one["day"], one["hours"]) for one in days] == [
        ("2017-09-02", 22),
        ("2017-09-03", 24),
        ("2017-09-04", 2),
    ]
    assert [one["start"] for one in days[:2]] == [ORIGIN + 18 * HOUR, ORIGIN + 42 * HOUR]
    assert days[1]["above"] == pytest.approx(0.5, abs=0.05)
    assert days[2]["above"] == 0.0


def test_what_comes_after_the_origin_changes_nothing() -> None:
    kept = past(together=False)
    before = outlook(kept, made(ORIGIN - 10 * DAY))
    kept.values = kept.values.copy()
    kept.values[-240:] = 1e6
    assert outlook(kept, made(ORIGIN - 10 * DAY)) == before
    assert set(kept.ends) == {ORIGIN - 10 * DAY}


@pytest.mark.parametrize("kept", [Kept(np.empty(0), [record(made(START))]), Kept(np.ones(960), [])])
def test_where_nothing_is_known_of_past_errors_hours_near_each_other_go_together(kept: Kept) -> None:
    peak = outlook(kept, made(ORIGIN))["peak"]
    assert peak["learned_from"] == 0
    assert peak["start"] == ORIGIN + 18 * HOUR


def test_shareable_energy_has_a_peak_though_nobody_measures_it() -> None:
    told = outlook(past(together=True, limit=5.0), made(ORIGIN), target="shareable")
    assert (told["peak"]["learned_from"], told["limit"]) == (0, None)
    assert len(LEVELS) == len(SCORES)
