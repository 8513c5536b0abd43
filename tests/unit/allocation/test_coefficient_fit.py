"""Coefficients are found from rows, exactly, and outvote rows that another fault made."""

import numpy as np
import pytest

from backend.allocation.coefficient_fit import SharingRows, fit_coefficients, fit_proportions

POOL = np.random.default_rng(7).integers(10_000, 9_000_000, 200)


def rows_of(coefficients, unit=1, pool=POOL):
    """Nobody's consumption caps anything."""
    exact = np.array([pool.astype(object) * part // 1_000_000 for part in coefficients], dtype=np.int64)
    given = exact // unit * unit
    shape = exact.shape
    bound = np.full(shape, (unit if unit > 1 else 0) + 1)
    untold = np.full(shape, -1)
    return SharingRows(np.full(shape, 2**53), given, untold, bound, np.ones(shape, dtype=np.bool_), pool)


@pytest.mark.parametrize("coefficients", [(125_000, 875_000), (333_333, 666_667), (1, 999_999), (0, 500_000)])
def test_a_coefficient_is_found_to_the_part_per_million(coefficients):
    fits = fit_coefficients(rows_of(coefficients), {0: None, 1: None})
    assert [fits[slot].coefficient_ppm for slot in (0, 1)] == list(coefficients)
    assert all(fit.is_sure for fit in fits.values())


def test_of_coefficients_that_fit_alike_the_roundest_is_taken():
    fit = fit_coefficients(rows_of((124_987,), unit=100_000, pool=POOL[:8]), {0: None})[0]
    assert fit.low_ppm <= 124_987 <= fit.high_ppm
    assert fit.coefficient_ppm % 1_000 == 0


def test_rows_of_another_fault_are_outvoted_while_they_are_the_fewer():
    rows = rows_of((250_000,))
    rows.allocated[0, :90] //= 2
    fit = fit_coefficients(rows, {0: None})[0]
    assert (fit.coefficient_ppm, fit.rows, fit.seen, fit.is_sure) == (250_000, 110, 200, True)
    rows.allocated[0, 90:] += 70 * np.arange(110) * 1_000
    assert not fit_coefficients(rows, {0: None})[0].is_sure


def test_few_rows_make_nobody_sure():
    assert fit_coefficients(rows_of((250_000,), pool=POOL[:6]), {0: None})[0].is_sure
    assert not fit_coefficients(rows_of((250_000,), pool=POOL[:5]), {0: None})[0].is_sure


def test_rows_that_consumption_caps_say_nothing():
    rows = rows_of((250_000,))
    rows.consumption[:] = rows.allocated
    assert fit_coefficients(rows, {0: None}) == {}


def test_energies_beyond_64_bits_in_the_product_are_exact():
    pool = np.full(20, 2**52) + np.arange(20)
    assert fit_coefficients(rows_of((123_457,), pool=pool), {0: None})[0].coefficient_ppm == 123_457


def test_proportions_are_found_beside_the_one_that_speaks_most():
    rows = rows_of((100_000, 300_000, 50_000))
    fits = fit_proportions(rows, {0: 200_000, 1: 200_000, 2: 200_000})
    assert 0 not in fits
    assert (fits[1].coefficient_ppm, fits[2].coefficient_ppm) == (600_000, 100_000)


def test_the_same_pool_again_says_nothing_new():
    pool = np.repeat(POOL[:3], 50)
    fit = fit_coefficients(rows_of((250_000,), pool=pool), {0: None})[0]
    assert (fit.rows, fit.pools, fit.is_sure, fit.is_varied) == (150, 3, True, False)
