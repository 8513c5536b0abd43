"""What a difference costs is what the bill's own lines would change by, before they are rounded."""

from dataclasses import replace

import numpy as np
import pytest

from backend.billing.difference_value import cost_of_differences, shared_prices
from backend.billing.value import ValueTerms
from backend.community import Direction, PriceWindow, Pricing, Rule, SharingKeyChoice, Tariff

C, G = Direction.CONSUMPTION, Direction.FEED_IN
TARIFF = Tariff(
    shared_price=120_000,
    residual_prices=(160_000, 250_000),
    windows=(PriceWindow(0, 360, 0), PriceWindow(360, 1440, 1)),
    surplus_price=60_000,
    network_price=45_000,
    network_shared_price=30_000,
    excise_price=25_000,
    excise_shared_price=5_000,
)
BANDS = np.array([0, 1, 1], dtype=np.uint8)
ONE = (np.array([0, 1]), np.array([1, 1]), np.array([1_000_000, 1_000_000]))  # a kWh to slot 0, from slot 1


def terms_of(tariff, prices=(0, 0)):
    return ValueTerms(tariff, BANDS, (C, G), (0, 1), (0, 0), prices)


def rule_of(tariff, **key):
    return Rule(SharingKeyChoice("static", {"a": 500_000}, **key), tariff)


def euro(pico):
    return pico / 10**12


def test_a_kilowatt_hour_more_costs_shared_and_saves_residual_network_and_excise():
    terms = terms_of(TARIFF)
    prices = shared_prices(np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64), terms)
    bought, sold = cost_of_differences(ONE, prices, rule_of(TARIFF), terms)
    assert euro(bought) == pytest.approx(0.12 - 0.25 + (0.03 - 0.045) + (0.005 - 0.025))
    assert euro(sold) == pytest.approx(-(0.12 - 0.06))


def test_less_is_the_same_the_other_way_and_a_band_has_its_own_price():
    terms, rule = terms_of(TARIFF), rule_of(TARIFF)
    prices = shared_prices(np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64), terms)
    rows = (np.array([0, 0, 0]), np.array([1, 1, 0]), np.array([7, -7, 7]))
    more, less, night = cost_of_differences(rows, prices, rule, terms)
    assert more == -less == 7 * (120_000 - 250_000 - 15_000 - 20_000)
    assert night == 7 * (120_000 - 160_000 - 15_000 - 20_000)


def test_consumers_who_own_what_they_leave_are_credited_less_of_it():
    terms, rule = terms_of(TARIFF), rule_of(TARIFF, surplus_owner="consumer")
    prices = shared_prices(np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64), terms)
    bought, sold = cost_of_differences(ONE, prices, rule, terms)
    assert euro(bought) == pytest.approx(0.12 - 0.25 - 0.015 - 0.02 + 0.06)
    assert euro(sold) == pytest.approx(-0.12)


def test_nothing_is_netted_by_an_incentive():
    terms = terms_of(TARIFF)
    rule = Rule(SharingKeyChoice("incentive"), TARIFF)
    assert cost_of_differences(ONE, np.full(3, 120_000), rule, terms) == [0, 0]


def test_an_intervals_own_price_is_what_its_shared_energy_is_worth():
    tariff = replace(TARIFF, pricing=Pricing.SUPPLY_DEMAND)
    worth, shared = np.array([0, 300_000_000_000, 0]), np.array([0, 3_000_000, 0])
    feed_in = np.array([0, 5_000_000, 4_000_000])
    # Demand alone asks the residual price of its band, supply alone the surplus price.
    assert shared_prices(worth, shared, feed_in, terms_of(tariff)).tolist() == [160_000, 100_000, 60_000]


def test_a_producer_earns_its_own_price():
    tariff = replace(TARIFF, pricing=Pricing.PRODUCER)
    terms = terms_of(tariff, prices=(0, 90_000))
    prices = shared_prices(
        np.array([0, 80_000_000, 0]), np.array([0, 1_000, 0]), np.zeros(3, np.int64), terms
    )
    assert prices.tolist() == [90_000, 80_000, 90_000]
    bought, sold = cost_of_differences(ONE, prices, rule_of(tariff), terms)
    assert euro(bought) == pytest.approx(0.08 - 0.25 - 0.015 - 0.02)
    assert euro(sold) == pytest.approx(-(0.09 - 0.06))


def test_sums_beyond_64_bits_are_exact():
    terms, rule = terms_of(TARIFF), rule_of(TARIFF)
    rows = (np.array([1]), np.array([1]), np.array([2**53 - 1]))
    assert cost_of_differences(rows, np.full(3, 4_294_967_295), rule, terms) == [
        (2**53 - 1) * (60_000 - 4_294_967_295)
    ]
