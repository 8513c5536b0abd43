import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site
from ml.features.sun import irradiance_from, solar_position, sun_during, sun_over
from ml.solar.learned import learn_plant
from ml.solar.locate import learn_site
from ml.solar.plant import Plane, Plant, plant_power
from tests.unit.ml.solar.measured_plants import DAY, FONTANA, HAARLEMMERMEER, measured, part

YEAR_2017 = 1_483_228_800


def _made(plant: Plant, days: int, step: int = 3600) -> Series:
    sun = sun_over(FONTANA, YEAR_2017, step, days * DAY // step, plant.shift_seconds)
    return Series(YEAR_2017, step, plant_power(plant, sun, sun.clear))


@pytest.mark.parametrize(("latitude", "longitude"), [(34.1, -117.4), (-37.8, 144.9), (65.0, 25.0)])
def test_the_sun_stands_where_the_nrel_algorithm_has_it(latitude: float, longitude: float):
    from pvlib import spa

    instants = YEAR_2017 + 7200.0 * np.arange(4380, dtype=np.float64)
    reference = spa.solar_position_numpy(instants, latitude, longitude, 0, 1013.25, 12, 68.0, 0.5667, 1)
    elevation, azimuth = solar_position(instants, latitude, longitude)
    turned = (azimuth - reference[4] + 180) % 360 - 180
    assert np.abs(elevation - reference[3]).max() < 0.012
    assert np.abs(turned * np.cos(np.radians(elevation))).max() < 0.012


def test_an_hour_in_which_the_sun_rises_is_neither_night_nor_as_bright_as_its_end():
    sun = sun_over(FONTANA, YEAR_2017 + 171 * DAY + 12 * 3600, 3600, 2)
    assert sun.night.tolist() == [False, False]
    assert 0 < sun.clear_ghi[0] < sun.clear.ghi[0, -1] < sun.clear_ghi[1]
    assert sun_over(FONTANA, YEAR_2017 + 8 * 3600, 3600, 1).night.all()


def test_light_is_split_so_that_its_parts_add_up():
    sun = sun_over(FONTANA, YEAR_2017, 3600, 48)
    ghi = 0.6 * sun.clear_ghi
    sky = irradiance_from(sun, ghi)
    high = sun.zenith < 85
    cosine = np.cos(np.radians(sun.zenith))
    assert np.allclose(sky.ghi.mean(axis=1), ghi)
    assert np.allclose((sky.dni * cosine + sky.dhi)[high], sky.ghi[high], rtol=1e-6)
    assert (sky.dhi <= sky.ghi + 1e-9).all()


def test_without_coordinates_the_sun_is_refused_with_what_to_do():
    with pytest.raises(InputError, match="latitude and longitude"):
        sun_during(Site(), np.array([YEAR_2017]), 3600)


def test_planes_and_powers_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="tilts are from 0 to 90"):
        Plane(95.0, 180.0, 1.0)


def test_tilt_azimuth_power_and_late_stamps_are_learned_from_clear_days():
    plant = Plant((Plane(25.0, 215.0, 5000.0),), shift_seconds=3600.0)
    learned = learn_plant(_made(plant, 120), FONTANA, YEAR_2017 + 120 * DAY)
    assert learned.planes[0].tilt == pytest.approx(25, abs=4)
    assert learned.planes[0].azimuth == pytest.approx(215, abs=8)
    assert learned.watts == pytest.approx(5000, rel=0.04)
    assert learned.shift_seconds == pytest.approx(3600, abs=700)


def test_an_inverters_limit_is_learned_where_production_stands_on_it():
    learned = learn_plant(
        _made(Plant((Plane(30.0, 180.0, 6000.0),), inverter_watts=3000.0), 120),
        FONTANA,
        YEAR_2017 + 120 * DAY,
    )
    assert learned.inverter_watts == pytest.approx(3000, rel=0.02)
    assert learned.watts == pytest.approx(6000, rel=0.1)


def test_an_east_and_west_roof_is_learned_as_several_planes():
    learned = learn_plant(
        _made(Plant((Plane(35.0, 90.0, 3000.0), Plane(35.0, 270.0, 3000.0))), 120),
        FONTANA,
        YEAR_2017 + 120 * DAY,
    )
    assert len(learned.planes) > 1
    assert sum(plane.watts for plane in learned.planes if plane.azimuth < 170) > 1500


def test_the_late_stamps_of_a_measured_substation_are_told_from_the_sun():
    series = part("hfdp_solar")
    assert learn_plant(series, HAARLEMMERMEER, series.end_utc).shift_seconds == pytest.approx(7800, abs=1200)


def test_a_measured_roofs_coordinates_are_told_from_its_light():
    series = measured(12)
    found = learn_site(series, Site("America/Los_Angeles"))
    assert found.latitude == pytest.approx(34.1, abs=6)
    assert found.longitude == pytest.approx(-117.4, abs=6)


def test_a_plant_is_not_learned_from_a_week():
    series = measured(1)
    with pytest.raises(InputError, match="at least 14 days"):
        learn_plant(series, FONTANA, series.start_utc + 7 * DAY)


def test_a_plant_is_made_again_from_its_state():
    plant = Plant((Plane(25.0, 215.0, 5000.0),), inverter_watts=4000.0, shift_seconds=60.0)
    assert Plant.from_state(plant.state()) == plant
    assert Plant.from_state(Plant(plant.planes).state()) == Plant(plant.planes)
