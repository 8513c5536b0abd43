import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast
from backend.forecasting.prices import PriceTerms, known_prices, retail_prices


@pytest.fixture
def market():
    """Three hours at 100, 20 and -10 EUR/MWh, each give or take up to 30."""
    mean = np.array([100.0, 20.0, -10.0])
    off = 60 * (np.asarray(LEVELS) - 0.5)
    return Forecast(0, 3600, mean, mean + off[:, np.newaxis], "price", unit="EUR/MWh")


def test_a_spot_contract_adds_its_fee_and_the_tax(market):
    made = retail_prices(market, PriceTerms(1.03, 0.12, 0.2), PriceTerms(1.0, -0.01))
    np.testing.assert_allclose(made.supply.mean, 1.2 * (1.03 * market.mean / 1000 + 0.12))
    np.testing.assert_allclose(made.feed_in.quantiles, market.quantiles / 1000 - 0.01)
    assert made.supply.unit == made.feed_in.unit == "EUR/kWh"
    assert made.supply.model == "price"


def test_windows_of_a_tariff_come_on_top_by_interval(market):
    made = retail_prices(market, PriceTerms(adder=np.array([0.1, 0.2, 0.1])), PriceTerms())
    np.testing.assert_allclose(made.supply.mean - made.feed_in.mean, [0.1, 0.2, 0.1])


def test_a_fixed_price_is_sure(market):
    made = retail_prices(market, PriceTerms(0.0, 0.3, 0.1), PriceTerms(0.0, 0.08))
    assert (made.supply.quantiles == made.supply.mean).all()
    assert made.supply.mean.tolist() == pytest.approx([0.33] * 3)


def test_a_floor_lifts_the_mean_by_what_it_spares_at_each_level(market):
    made = retail_prices(market, PriceTerms(), PriceTerms(floor=0.0)).feed_in
    assert made.quantiles.min() == 0
    assert made.mean[0] == pytest.approx(0.1)
    # The hour at -10 is above zero by chance: it is worth more than nothing.
    levels = np.linspace(0, 1, 200_001)
    worth = np.maximum(np.interp(levels, LEVELS, market.quantiles[:, 2]), 0).mean() / 1000
    assert made.mean[2] == pytest.approx(worth, abs=3e-4)
    assert made.mean[2] > 0


def test_a_ceiling_holds_the_price_before_tax(market):
    made = retail_prices(market, PriceTerms(vat=0.2, ceiling=0.09), PriceTerms()).supply
    assert made.quantiles.max() == pytest.approx(1.2 * 0.09)
    assert made.mean[0] < 0.108


def test_known_prices_are_a_forecast_without_doubt():
    made = known_prices(3600, 900, np.array([50.0, -5.0]))
    assert (made.quantiles == made.mean).all()
    assert made.unit == "EUR/MWh"
    with pytest.raises(InputError, match="not a finite number"):
        known_prices(3600, 900, np.array([50.0, np.nan]))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"spot": -1.0}, "zero or above"),
        ({"vat": -0.2}, "give it as a share"),
        ({"adder": float("nan")}, "not a finite number"),
        ({"floor": 0.2, "ceiling": 0.1}, "above the ceiling"),
    ],
)
def test_terms_that_no_contract_has_are_refused(terms, message):
    with pytest.raises(InputError, match=message):
        PriceTerms(**terms)


def test_a_forecast_in_another_unit_or_adders_of_another_length_are_refused(market):
    with pytest.raises(InputError, match="supply price has 2 adders, the forecast 3 intervals"):
        retail_prices(market, PriceTerms(adder=np.zeros(2)), PriceTerms())
    power = Forecast(0, 3600, market.mean, market.quantiles, "load")
    with pytest.raises(InputError, match="the forecast is in W"):
        retail_prices(power, PriceTerms(), PriceTerms())
