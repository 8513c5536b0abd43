import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Forecast
from backend.forecasting.cold_load import ColdLoad, Outage, pick_up

HOUR = 3600


def thermostats(
    outage_hours: float, outdoors: float, rise: float, tau: float, count: int = 3000
) -> np.ndarray:
    """Share of heaters that run, by the minute, after an outage: each a room with a thermostat of its own.

    A room loses heat to the outside with its time constant and would end up ``rise`` kelvins warmer with its heater on;
    thermostats go on and off half a kelvin around 20 °C or so. Shape (600,). [1]
    """
    rng = np.random.default_rng(5)
    target = rng.normal(20, 0.7, count)
    taus = tau * np.exp(rng.normal(0, 0.15, count))
    room = target + rng.uniform(-0.5, 0.5, count)
    on = rng.random(count) < (20 - outdoors) / rise
    minute = 1 / 60 / taus
    shares = []
    for step in range(24 * 60 + int(outage_hours * 60) + 600):
        lit = not 24 * 60 <= step < 24 * 60 + outage_hours * 60
        on = np.where(room < target - 0.5, True, np.where(room > target + 0.5, False, on))
        room += ((outdoors + rise * (on & lit)) - room) * minute
        shares.append((on & lit).mean())
    return np.array(shares[-600:])


@pytest.mark.parametrize(("outage", "outdoors"), [(2.0, 0.0), (4.0, 0.0), (4.0, 8.0), (10.0, -5.0)])
def test_plateau_and_height_are_those_of_thousands_of_thermostats(outage, outdoors):
    rise, tau = 40.0, 6.0
    cold = ColdLoad(connected=1.0, cold_base=20, cold_duty=1 / rise, still_duty=0.0, building_hours=tau)
    course = thermostats(outage, outdoors, rise, tau)
    duty = cold.duty(outdoors)
    assert duty == pytest.approx((20 - outdoors) / rise)
    assert course[1] == pytest.approx(1.0, abs=0.1)
    # Half of the rooms are warm again about when the plateau ends.
    half = np.argmax(course < (1 + duty) / 2) / 60
    assert half == pytest.approx(cold.plateau_hours(outage, outdoors), rel=0.35)
    energy = (course - duty).sum() / 60
    told = cold.excess(np.arange(600) / 60, outage, outdoors).sum() / 60
    assert told == pytest.approx(energy, rel=0.2)


def test_the_longer_and_colder_the_outage_the_longer_the_plateau_and_no_outage_is_none():
    cold = ColdLoad()
    hours = [cold.plateau_hours(outage, 0.0) for outage in (0.5, 2, 8, 24)]
    assert hours == sorted(hours)
    assert cold.plateau_hours(0.0, 0.0) == pytest.approx(0)
    assert cold.plateau_hours(4, -10.0) > cold.plateau_hours(4, 10.0)
    assert cold.plateau_hours(4, 38.0) > cold.plateau_hours(4, 20.0)
    assert cold.excess(np.zeros(1), 1e-9, 0.0)[0] == pytest.approx(0, abs=1e-6)


def test_the_excess_is_a_plateau_then_decays_exponentially():
    cold = ColdLoad()
    falls = cold.plateau_hours(6, 5.0) - cold.decay_hours
    course = cold.excess(np.array([-0.1, 0.0, falls, falls + cold.decay_hours]), 6, 5.0)
    assert course[0] == 0
    assert course[1] == course[2] > 0
    assert course[3] == pytest.approx(course[2] / np.e)


def flat(hours: int = 24) -> Forecast:
    quantiles = np.repeat(np.linspace(50, 150, 11)[:, np.newaxis], hours, axis=1)
    return Forecast(0, HOUR, np.full(hours, 100.0), quantiles, "load", unit="kW")


def test_a_feeder_takes_nothing_during_the_outage_more_after_it_and_the_same_before():
    outage = Outage(3 * HOUR, 6 * HOUR + HOUR // 2)
    made = pick_up(flat(), outage, ColdLoad(), temperature=0.0)
    assert (made.quantiles[:, :3] == flat().quantiles[:, :3]).all()
    assert (made.quantiles[:, 3:6] == 0).all()
    assert made.median[6] > 50
    assert made.median[7] > 140
    assert made.mean[-1] == pytest.approx(100, rel=0.01)
    assert (np.diff(made.median[7:]) <= 0).all()
    width, before = made.at(0.9) - made.at(0.1), flat().at(0.9) - flat().at(0.1)
    assert width[7] > 1.5 * before[7]
    assert made.model == "load+cold-load"


def test_an_outage_that_ended_before_the_origin_is_still_felt():
    made = pick_up(flat(), Outage(-5 * HOUR, -HOUR // 2), ColdLoad(), temperature=0.0)
    assert made.median[0] > 110


def test_an_unknown_temperature_counts_devices_that_run_in_any_weather():
    assert ColdLoad().duty(float("nan")) == ColdLoad().still_duty


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda: Outage(100, 100), "lasts 0 h"),
        (lambda: Outage(0, 31 * 86400), "at most 720 h"),
        (lambda: ColdLoad(building_hours=0), "hours above zero"),
        (lambda: ColdLoad(connected=float("nan")), "hours above zero"),
        (
            lambda: pick_up(
                Forecast(0, HOUR, np.zeros(1), np.full((11, 1), -1.0), "net"), Outage(0, HOUR), ColdLoad()
            ),
            "down to -1 W",
        ),
    ],
)
def test_what_cannot_be_is_refused(act, word):
    with pytest.raises(InputError, match=word):
        act()
