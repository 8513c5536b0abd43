import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting.cold_load import ColdLoad, Outage
from ml.models.cold_load import MeasuredOutage, fit_cold_load

TRUTH = ColdLoad(connected=3.0, building_hours=9.0, decay_hours=1.5)


def outages(count: int) -> list[MeasuredOutage]:
    rng = np.random.default_rng(11)
    made = []
    for number in range(count):
        outage = Outage(0, int(rng.uniform(1, 8) * 3600) // 900 * 900)
        temperature = float(rng.uniform(-5, 12))
        starts = outage.end_utc + 900 * np.arange(96, dtype=np.int64)
        expected = 200 + 50 * np.sin(np.arange(96) / 15 + number)
        ratio = 1 + TRUTH.mean_excess(starts, 900, outage, temperature) * np.exp(rng.normal(0, 0.1))
        actual = expected * ratio * np.exp(rng.normal(0, 0.05, 96))
        actual[5::17] = np.nan
        made.append(MeasuredOutage(outage, starts, 900, actual, expected, temperature))
    return made


def energy(cold: ColdLoad) -> float:
    return float(cold.excess(np.arange(0, 20, 0.1), 5.0, 0.0).sum())


def test_measured_outages_move_the_assumptions_towards_what_was_measured():
    none, one, many = (fit_cold_load(outages(count)) for count in (0, 1, 12))
    assert none == ColdLoad()
    assert (one.fitted, many.fitted) == (1, 12)
    assert many.connected == pytest.approx(TRUTH.connected, rel=0.1)
    assert energy(many) == pytest.approx(energy(TRUTH), rel=0.12)
    assert abs(energy(one) - energy(TRUTH)) < abs(energy(ColdLoad()) - energy(TRUTH))
    assert many.spread < ColdLoad().spread < 2 * one.spread


def test_outages_of_which_nothing_is_known_are_left_out():
    blind = outages(1)[0]
    blind.actual[:] = np.nan
    assert fit_cold_load([blind]).fitted == 0


def test_courses_that_do_not_fit_are_refused():
    good = outages(1)[0]
    with pytest.raises(InputError, match="95 measured"):
        MeasuredOutage(good.outage, good.starts_utc, 900, good.actual[:-1], good.expected, 0.0)
    with pytest.raises(InputError, match="above zero in every interval"):
        MeasuredOutage(good.outage, good.starts_utc, 900, good.actual, good.expected * 0, 0.0)
