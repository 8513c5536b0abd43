from dataclasses import dataclass

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Series, Site, WeatherSource
from ml.evaluation.backtest import Rolling, backtest, disturbed_after, origins_between

HOUR = 3600


@dataclass
class Yesterday:
    """Repeats the last day; ``peeks`` reads what came."""

    peeks: bool = False
    fitted_at: tuple[int, ...] = ()
    name: str = "yesterday"

    def fit(self, series, site, until_utc, weather):
        assert series.end_utc == until_utc
        self.fitted_at += (until_utc,)
        return self

    def forecast(self, series, origin_utc, length):
        place = series.place(origin_utc)
        mean = np.resize(series.values[place - 24 : place], length)
        if self.peeks:
            seen = series.values[place : place + length]
            mean[: len(seen)] = seen
        return Forecast(origin_utc, series.step_seconds, mean, np.tile(mean, (len(LEVELS), 1)), self.name)

    def state(self):
        return {}


def series_of(days=10):
    values = np.sin(np.arange(24 * days) * 2 * np.pi / 24) + np.arange(24 * days) / 100
    return Series(0, HOUR, values)


def test_each_origin_is_forecast_with_what_was_known_then_and_held_against_what_came():
    series, origins = series_of(), origins_between(2 * 86400, 9 * 86400, 86400)
    tested = backtest(Yesterday(), series, Site(), Rolling(origins, 48), weather=WeatherSource.NONE)
    assert tested.actual.shape == (7, 48)
    assert tested.actual[0] == pytest.approx(series.values[48:96])
    assert (tested.actual[:, :24] - tested.mean[:, :24]) == pytest.approx(0.24)
    assert np.isnan(tested.actual[-1, 24:]).sum() == 0
    assert tested.fits == 1


def test_a_model_that_would_peek_finds_nothing_beyond_the_origin():
    series = series_of()
    tested = backtest(
        Yesterday(peeks=True), series, Site(), Rolling([5 * 86400], 24), weather=WeatherSource.NONE
    )
    assert tested.actual[0] - tested.mean[0] == pytest.approx(0.24)


def test_what_is_not_known_yet_is_unknown_rather_than_zero():
    tested = backtest(Yesterday(), series_of(3), Site(), Rolling([2 * 86400], 48), weather=WeatherSource.NONE)
    assert np.isfinite(tested.actual[0, :24]).all()
    assert np.isnan(tested.actual[0, 24:]).all()


def test_it_learns_anew_as_often_as_asked():
    model, origins = Yesterday(), origins_between(2 * 86400, 8 * 86400, 86400)
    seen = []
    backtest(
        model,
        series_of(),
        Site(),
        Rolling(origins, 24, refit_every=3),
        weather=WeatherSource.NONE,
        progress=lambda done, of: seen.append((done, of)),
    )
    assert model.fitted_at == (origins[0], origins[3])
    assert seen[-1] == (6, 6)


def test_the_inputs_of_an_origin_are_those_that_were_known_then():
    seen = []

    class Reads(Yesterday):
        def forecast(self, series, origin_utc, length):
            seen.append(series.inputs["temperature"][0])
            return super().forecast(series, origin_utc, length)

    def known_at(origin):
        base = series_of()
        return Series(0, HOUR, base.values, {"temperature": np.full(len(base) + 24, origin / 86400)})

    rolling = Rolling([2 * 86400, 3 * 86400], 24)
    backtest(Reads(), series_of(), Site(), rolling, weather=WeatherSource.FORECAST, known_at=known_at)
    assert seen == [2, 3]


def test_a_span_of_leads_holds_the_intervals_that_end_in_it():
    tested = backtest(Yesterday(), series_of(), Site(), Rolling([5 * 86400], 48), weather=WeatherSource.NONE)
    assert tested.within(24 * HOUR, 48 * HOUR).leads.tolist() == [hour * HOUR for hour in range(25, 49)]
    assert tested.within(24 * HOUR, 48 * HOUR).actual[0] == pytest.approx(tested.actual[0, 24:])
    actual, mean, quantiles = tested.flat()
    assert actual.shape == mean.shape == (48,)
    assert quantiles.shape == (len(LEVELS), 48)


@pytest.mark.parametrize("origins", [[], [2 * 86400, 86400], [86400, 86400]])
def test_origins_out_of_order_are_refused(origins):
    with pytest.raises(InputError, match="in order of time"):
        Rolling(origins, 24)


def test_the_nonsense_after_an_instant_would_show_in_a_model_that_looks_ahead():
    series = series_of()
    disturbed = disturbed_after(series, 5 * 86400, seed=3)
    assert disturbed.values[: 5 * 24] == pytest.approx(series.values[: 5 * 24])
    honest, peeking = Yesterday(), Yesterday(peeks=True)
    same = [honest.forecast(one, 5 * 86400, 24).mean.tolist() for one in (series, disturbed)]
    assert same[0] == same[1]
    filled = Series(0, HOUR, np.nan_to_num(disturbed.values))
    assert peeking.forecast(filled, 5 * 86400, 24).mean.tolist() != same[0]
