"""Carbon and prices around a community, from their source to advice and retail prices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.demo_data.carbon import CARBON_SOURCE
from backend.adapters.demo_data.homes import read_homes
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.errors import InputError, NotFoundError
from backend.forecasting import Series
from backend.services.forecasts.advice import tell_advice
from backend.services.forecasts.retail import keep_prices
from backend.services.forecasts.retrain import due_subjects, run_due
from backend.services.forecasts.subjects import parse_subject
from backend.services.forecasts.views import tell_forecast
from backend.services.load_community import load_community
from tests.integration.forecasts.test_forecasting import DAY, END, LAST, _definition, _desk, _make
from tests.prepared import copy_prepared

if TYPE_CHECKING:
    from pathlib import Path

COMMUNITY = parse_subject("community")


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    copy_prepared(tmp_path / "home", _make)
    made = Wiring(Home(tmp_path / "home"))
    with made.writing("test"):
        load_community(made.context, _definition(), "roof.toml", CARBON_SOURCE)
    return made


def _prices(days: int = 60, until: int = END + DAY) -> Series:
    """A course by hour and day; the wave of a day and a week, as markets have."""
    hours = np.arange(24 * days)
    noise = np.random.default_rng(5).normal(0, 3, len(hours))
    values = 60 + 25 * np.sin(2 * np.pi * (hours - 8) / 24) - 10 * (hours // 24 % 7 > 4) + noise
    return Series(until - days * DAY, 3600, values, unit="EUR/MWh")


def test_carbon_is_read_of_the_communitys_source_hour_by_hour(wiring: Wiring) -> None:
    desk = _desk(wiring)
    members = desk.members("roof")
    assert (COMMUNITY, "carbon") in due_subjects(desk, members)
    series = desk.histories.read(members, [(COMMUNITY, "carbon")])[COMMUNITY, "carbon"]
    expected = read_homes().carbon[: LAST * 24] / 1e6  # further back than readings
    assert series.end_utc == END
    assert series.unit == "g/kWh"
    assert np.allclose(series.values[-1000:], expected[-1000:], atol=1e-3)


def test_the_daily_run_forecasts_carbon_and_advice_names_the_greenest_hours(wiring: Wiring) -> None:
    desk = _desk(wiring)
    members = desk.members("roof")
    before = tell_advice(desk, members, "home-01")
    assert before["greenest"] is None
    assert {one["grams_per_kwh"] for one in before["hours"]} == {None}
    done = run_due(desk, "roof", only=[(COMMUNITY, "carbon")])
    assert done.failed == {}
    told = tell_forecast(desk, members, COMMUNITY, "carbon")
    assert told["unit"] == "g/kWh"
    assert told["retail"] is None
    after = tell_advice(desk, members, "home-01")
    grams = [one["grams_per_kwh"] for one in after["hours"]]
    best = after["greenest"]
    windows = [sum(grams[at : at + 3]) / 3 for at in range(len(grams) - 2)]
    assert best["grams_per_kwh"] == pytest.approx(min(windows), abs=0.1)
    assert best["start"] == after["hours"][int(np.argmin(windows))]["start"]
    assert best["grams_per_kwh"] < best["day_grams_per_kwh"] < best["worst_grams_per_kwh"]


def test_what_carbon_was_after_an_origin_changes_no_forecast_from_it(wiring: Wiring) -> None:
    from backend.services.forecasts.desk import Matter
    from backend.services.forecasts.train import Group, train_group

    desk = _desk(wiring)
    members, asked = desk.members("roof"), (COMMUNITY, "carbon")
    series = desk.histories.read(members, [asked])[asked]
    values = series.values.copy()
    values[series.place(END - 20 * DAY) :] = 999.0

    def hindcasts(of: Series) -> dict[int, bytes]:
        made = train_group(desk, Group("community", "carbon", (Matter(members, asked, of),)))
        return {one.origin_utc: one.values for one in made.hindcasts}

    honest, disturbed = hindcasts(series), hindcasts(replace(series, values=values))
    same = [origin for origin in honest if honest[origin] == disturbed[origin]]
    assert max(same) == END - 20 * DAY
    assert len(same) == 9


def test_prices_are_kept_as_they_became_known_and_told_as_retail_prices(wiring: Wiring) -> None:
    desk = _desk(wiring)
    members = desk.members("roof")
    assert (COMMUNITY, "price") not in due_subjects(desk, members)
    prices = _prices()
    assert keep_prices(desk, members, prices) == len(prices)
    assert keep_prices(desk, members, prices) == 0
    later = replace(desk, clock=FixedClock(END + 7200))
    values = prices.values.copy()
    values[-1] = 500.0
    assert keep_prices(later, members, replace(prices, values=values)) == 1
    market = desk.histories.market
    assert market is not None
    then, now = market.prices("roof", END + 3600), market.prices("roof")
    assert then is not None
    assert now is not None
    assert then.values[-1] == prices.values[-1]
    assert now.values[-1] == 500.0
    done = run_due(desk, "roof", only=[(COMMUNITY, "price")])
    assert done.failed == {}
    told = tell_forecast(desk, members, COMMUNITY, "price")
    assert told["origin"] == END + DAY  # prices of the day that begins are known
    retail, rule = told["retail"], members.rule
    tariff = rule.tariff
    added = (tariff.network_price + tariff.excise_price) / 1e6
    share = 1 + tariff.vat_ppm / 1e6
    assert retail["supply"]["mean"] == pytest.approx(
        [(one / 1000 + added) * share for one in told["mean"]], abs=1e-5
    )
    assert retail["feed_in"]["mean"] == pytest.approx([one / 1000 for one in told["mean"]], abs=1e-5)


def test_prices_of_another_step_or_beyond_any_market_are_refused(wiring: Wiring) -> None:
    desk = _desk(wiring)
    members, prices = desk.members("roof"), _prices()
    keep_prices(desk, members, prices)
    with pytest.raises(InputError, match="kept by 60 minutes, these are of 15"):
        keep_prices(desk, members, replace(prices, step_seconds=900))
    with pytest.raises(InputError, match="beyond what any market"):
        keep_prices(desk, members, replace(prices, values=prices.values + 1e6))


def test_neither_is_forecast_of_a_home_or_where_nothing_is_known(wiring: Wiring) -> None:
    desk = _desk(wiring)
    members = desk.members("roof")
    with pytest.raises(NotFoundError, match="forecasts prices roof"):
        desk.histories.read(members, [(COMMUNITY, "price")])
    with pytest.raises(NotFoundError, match="subject community"):
        desk.histories.read(members, [(parse_subject("home:home-01"), "carbon")])
