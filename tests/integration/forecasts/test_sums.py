"""The community's forecast is its homes' sum where that was at least as close; real homes, from stored readings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.forecasts.engine import LocalEngine
from backend.services.forecasts.desk import Matter
from backend.services.forecasts.forecast import forecast_of
from backend.services.forecasts.retrain import _own_scores, run_due
from backend.services.forecasts.subjects import parse_subject
from backend.services.forecasts.sums import SUM, add_up_homes
from tests.integration.forecasts.test_forecasting import END, _desk, wiring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.bootstrap import Wiring
    from backend.forecasting import Forecast
    from backend.ports.forecast_records import ForecastRecord
    from backend.services.forecasts.desk import ForecastDesk

__all__ = ["wiring"]

USERS = ("home:home-01", "home:home-02", "home:home-03")


@dataclass(frozen=True)
class Biased(LocalEngine):
    """Sums are off by a share of them."""

    off: float = 0.0

    def add_up(self, forecasts: Sequence[Forecast], errors: Any, model: str) -> Forecast:
        made = super().add_up(forecasts, errors, model)
        return replace(made, mean=made.mean * (1 + self.off), quantiles=made.quantiles * (1 + self.off))


def kept(desk: ForecastDesk, subject: str) -> list[ForecastRecord]:
    with desk.store.reading() as records:
        return list(records.forecasts("roof", subject, "load", origin_utc=END))


def with_own_newest(wiring: Wiring, off: float, later: int = 0) -> ForecastDesk:
    """The community's own forecast once more, made last, as before anything was added up."""
    desk = _desk(wiring)
    made = kept(desk, "community")
    own = next(one for one in made if one.model_name != SUM)
    with desk.store.transaction() as records:
        again = replace(own, made_utc=made[0].made_utc + 10, origin_utc=own.origin_utc + later)
        records.add_forecast(again)
    return replace(desk, engine=Biased(quick=True, off=off))


def test_the_sum_stands_where_it_was_closer_and_adds_up_and_is_made_once(wiring: Wiring) -> None:
    desk = with_own_newest(wiring, 0.0)
    assert [target for _, target in add_up_homes(desk, desk.members("roof"))] == ["load"]
    newest, own, *_ = kept(desk, "community")
    assert (newest.model_name, own.model_name != SUM, own.made_utc < newest.made_utc) == (SUM, True, True)
    made = forecast_of(newest)
    homes = [forecast_of(kept(desk, home)[0]) for home in USERS]
    np.testing.assert_allclose(made.mean, np.sum([one.mean for one in homes], axis=0), atol=0.01)
    assert made.quantiles.min() >= 0
    assert (np.diff(made.quantiles, axis=0) >= 0).all()
    # Homes do not err all at once: the sum is surer than their bounds together, less sure than if all were one.
    width = made.at(0.9) - made.at(0.1)
    apart = np.sqrt(np.sum([(one.at(0.9) - one.at(0.1)) ** 2 for one in homes], axis=0))
    whole = np.sum([one.at(0.9) - one.at(0.1) for one in homes], axis=0)
    assert 0.8 * apart.mean() < width.mean() < whole.mean()
    assert add_up_homes(desk, desk.members("roof")) == []
    again = run_due(desk, "roof")
    assert (again.trained, again.forecasts) == ([], [])


@pytest.mark.parametrize("off", [-0.6, 1.5])
def test_a_sum_that_was_further_off_is_not_taken(wiring: Wiring, off: float) -> None:
    desk = with_own_newest(wiring, off)
    assert add_up_homes(desk, desk.members("roof")) == []
    assert kept(desk, "community")[0].model_name != SUM


def test_an_origin_that_homes_have_no_forecast_of_has_no_sum(wiring: Wiring) -> None:
    desk = with_own_newest(wiring, 0.0, later=3600)
    assert add_up_homes(desk, desk.members("roof")) == []


def test_what_a_sum_missed_is_not_held_against_the_community_s_own_model(wiring: Wiring) -> None:
    desk = with_own_newest(wiring, 0.0)
    members = desk.members("roof")
    community = (parse_subject("community"), "load")
    assert community in add_up_homes(desk, members)
    own = kept(desk, "community")[1]
    with desk.store.transaction() as records:
        hindcast = records.forecast_scores("roof", "community", "load")[-1]
        for made in kept(desk, "community")[:2]:
            records.put_forecast_score(replace(hindcast, origin_utc=END, made_utc=made.made_utc))
    matter = Matter(members, community, desk.histories.read(members, [community])[community])
    with desk.store.reading() as records:
        assert [one.made_utc for one in _own_scores(records, matter, END)] == [own.made_utc]
