"""Ramps of a community's roofs, by scenarios of kept forecasts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.forecasts.sunlight import LocalSunlight
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.forecasting import LEVELS, Forecast, WeatherSource
from backend.ports.sunlight import RampAsked
from backend.services.forecasts.forecast import forecast_of
from backend.services.forecasts.ramps import tell_ramps
from backend.services.forecasts.subjects import parse_subject
from backend.services.forecasts.views import tell_forecast
from tests.integration.forecasts.test_forecasting import DAY, END, _desk, _make
from tests.prepared import copy_prepared

if TYPE_CHECKING:
    from pathlib import Path

COMMUNITY = parse_subject("community")


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    copy_prepared(tmp_path / "home", _make)
    return Wiring(Home(tmp_path / "home"))


def test_forecasts_of_the_sun_tell_ramps_of_each_day_and_those_of_loads_none(wiring: Wiring) -> None:
    desk = _desk(wiring)
    members = desk.members("roof")
    told = tell_forecast(desk, members, COMMUNITY, "solar", origin_utc=END)
    ramps = told["ramps"]
    assert ramps
    assert {one["share_of_power"] for one in ramps} == {0.3, 0.5}
    for small, large in zip(ramps[::2], ramps[1::2], strict=True):
        assert small["day"] == large["day"]
        assert small["up"] >= large["up"]
        assert small["down"] >= large["down"]
    assert any(0 < one["up"] <= 1 for one in ramps)
    assert all(one["likely_up"] is None or END <= one["likely_up"] < told["end"] for one in ramps)
    assert tell_forecast(desk, members, COMMUNITY, "load", origin_utc=END)["ramps"] == []


def test_nothing_that_came_after_an_origin_is_read_for_its_ramps(wiring: Wiring) -> None:
    """Told of an older origin as of a store that ends there: later forecasts and readings do not count."""
    desk = _desk(wiring)
    members, origin = desk.members("roof"), END - 5 * DAY
    with wiring.store.reading() as records:
        [record] = records.forecasts("roof", "community", "solar", origin_utc=origin, limit=1)
        later = records.forecasts("roof", "community", "solar", since_utc=origin - DAY + 1)
    assert len(later) > 2
    told = tell_ramps(desk, members, COMMUNITY, "solar", forecast_of(record))
    read: list[int] = []

    class Watching(LocalSunlight):
        def ramps(self, forecasts: Any, past: Any, asked: Any) -> Any:
            read.extend(made.origin_utc for own in past for _, made in own)
            return super().ramps(forecasts, past, asked)

    assert told == tell_ramps(
        replace(desk, sunlight=Watching()), members, COMMUNITY, "solar", forecast_of(record)
    )
    assert read
    assert max(read) <= origin - DAY


def test_roofs_that_miss_together_have_larger_ramps_than_roofs_that_do_not() -> None:
    dice = np.random.default_rng(3)
    quantiles = np.quantile(np.clip(dice.normal(500, 200, 20_000), 0, None), LEVELS)[:, None] * np.ones(
        (1, 24)
    )

    def made(origin: int) -> Forecast:
        return Forecast(origin, 3600, np.full(24, 500.0), quantiles, "x", WeatherSource.NONE)

    def odds(together: bool) -> float:
        shared = dice.normal(500, 200, (20, 24))
        past = [
            [
                (np.clip(shared[day] if together else dice.normal(500, 200, 24), 0, None), made(day * DAY))
                for day in range(20)
            ]
            for _ in range(2)
        ]
        return LocalSunlight().ramps([made(DAY * 20)] * 2, past, [RampAsked(0, 24, 3600, 900.0)])[0].up

    assert odds(together=True) > odds(together=False) + 0.1
