"""Solar recorded as consumption, in the measured year: found where it is, and nowhere else."""

import numpy as np
import pytest

from backend.adapters.demo_data import read_homes
from backend.community import Direction, MeteringPoint
from backend.metering import Severity
from backend.metering.conformity import check_readings
from backend.metering.conformity.sunlight import find_sun_followers, measure_sunlight
from backend.metering.conformity.terms import SunFollowerTerms
from backend.metering.inspection import find_runs, inspect
from tests.unit.metering.small_communities import days, make_community, make_table

YEAR = days("2016-08-01", "2017-07-31", "Etc/GMT+8")
TERMS = SunFollowerTerms()
NIGHT_RATIO_MAX = TERMS.night_ppm / 1_000_000
CORRELATION_MIN = TERMS.correlation_ppm / 1_000_000
WEATHER_CORRELATION_MIN = TERMS.weather_ppm / 1_000_000
FAULTY = (11, 14)
SOUND = [index for index in range(17) if index not in FAULTY]
HOUR_OF_DAY = np.array(YEAR.local_minutes()) // 60
WEEKDAY = (np.repeat(np.arange(YEAR.period.days), 24)) % 7  # 1 August 2016 was a Monday


@pytest.fixture(scope="module")
def year():
    """Gross loads, imports and exports of the homes, and the 36 kW roof, from 1 August 2016 on."""
    homes = read_homes()
    imports, exports = homes.imports_and_exports()
    roof = homes.without(12, 15).median_roof(36)
    cut = slice(1, 1 + YEAR.interval_count)
    return homes.gross_loads()[:, cut], imports[:, cut], exports[:, cut], roof[cut]


def followers(loads, feeds):
    points = [MeteringPoint(f"load-{n}", f"home-{n}", Direction.CONSUMPTION) for n in range(len(loads))]
    points += [
        MeteringPoint(
            f"solar-{n}",
            f"home-{n}" if len(feeds) == len(loads) else "roof",
            Direction.FEED_IN,
            source="solar",
        )
        for n in range(len(feeds))
    ]
    energies = {point.id: series for point, series in zip(points, [*loads, *feeds], strict=True)}
    community = make_community(points, "Etc/GMT+8")
    found = list(find_sun_followers(inspect(make_table(YEAR, energies), community), TERMS))
    return {int(finding.metering_point.removeprefix("load-")): finding for finding in found}


def measure(load, sun, intervals_per_day=24):
    figures = measure_sunlight(load, sun, intervals_per_day)
    assert figures is not None
    return figures


def is_reported(load, sun):
    figures = measure(np.asarray(load, dtype=np.int64), sun)
    runs = find_runs(figures.suspect(TERMS))
    return any(figures.weather_correlation[a:b].max() >= WEATHER_CORRELATION_MIN for a, b in runs)


@pytest.mark.parametrize("register", ["gross", "import"])
def test_exactly_the_two_faulty_homes_are_found(year, register):
    gross, imports, exports, roof = year
    found = followers(gross, [roof]) if register == "gross" else followers(imports, exports)
    assert sorted(found) == list(FAULTY)
    assert all("follows the sun" in finding.message for finding in found.values())


def test_the_fault_of_home_15_is_found_from_the_end_of_august_on(year):
    gross, imports, exports, roof = year
    for found in (followers(gross, [roof]), followers(imports, exports)):
        start = (found[14].start_utc - YEAR.start_utc) // 86_400
        assert 25 <= start <= 28  # the last dark night with a load is that of 26 August
        assert found[11].start_utc == YEAR.start_utc


def test_the_limits_keep_their_distance_from_every_home(year):
    gross, imports, exports, roof = year
    for index in range(17):
        others = np.delete(exports, index, axis=0).sum(axis=0)
        for load, sun in ((gross[index], roof), (imports[index], others)):
            figures = measure(load, sun)
            if index in SOUND:
                assert figures.night_ratio.min() > 6 * NIGHT_RATIO_MAX
                assert figures.weather_correlation.max() < WEATHER_CORRELATION_MIN - 0.1
                assert figures.correlation.max() < CORRELATION_MIN
            else:
                sunny = slice(32, 305)  # home 15: September to June
                assert figures.night_ratio[sunny].max() < NIGHT_RATIO_MAX / 2
                assert figures.correlation[sunny].min() > CORRELATION_MIN + 0.05
                assert figures.weather_correlation.max() > WEATHER_CORRELATION_MIN + 0.15


def test_half_a_season_of_history_is_enough(year):
    _, imports, exports, _ = year
    part = slice(0, 120 * 24)
    for index in range(17):
        others = np.delete(exports, index, axis=0).sum(axis=0)
        assert is_reported(imports[index][part], others[part]) == (index in FAULTY)


@pytest.mark.parametrize("index", SOUND)
def test_a_real_load_that_is_switched_off_at_night_is_not_reported(year, index):
    gross, _, _, roof = year
    working = (HOUR_OF_DAY >= 8) & (HOUR_OF_DAY < 18)
    bell = np.maximum(np.sin((HOUR_OF_DAY - 5.5) / 13 * np.pi), 0)
    assert not is_reported(gross[index] * working, roof)
    assert not is_reported(gross[index] * working * (WEEKDAY < 5), roof)
    assert not is_reported((gross[index] * bell).astype(np.int64), roof)


def test_daytime_loads_of_all_seasons_are_not_reported(year):
    _, _, _, roof = year
    hour = HOUR_OF_DAY
    season = np.cos(
        (np.arange(YEAR.interval_count) / 24 - 170) / 365 * 2 * np.pi
    )  # -1 in summer, 1 in winter
    shapes = {
        "office": ((hour >= 8) & (hour < 18) & (WEEKDAY < 5)) * 5.0,
        "shop": ((hour >= 9) & (hour < 20)) * 3.0,
        "pool pump": ((hour >= 10) & (hour < 16)) * 1.1,
        "heat pump by day": np.maximum(season, 0) * np.where((hour >= 7) & (hour < 19), 3.0, 0.8),
        "air conditioner": np.maximum(-season, 0) * np.maximum(np.sin((hour - 9) / 12 * np.pi), 0) * 4,
        "smooth day": np.maximum(np.sin((hour - 6) / 12 * np.pi), 0) * 2,
        "charging from the roof, with a base load": np.minimum(roof / 36e6 * 4, 3.0) + 0.1,
    }
    for name, shape in shapes.items():
        assert not is_reported(shape * 1e6, roof), name


@pytest.mark.parametrize("index", SOUND)
def test_the_production_of_any_real_roof_recorded_as_consumption_is_found(index, year):
    homes = read_homes()
    _, _, exports, _ = year
    solar = (homes.solar[index, 1 : 1 + YEAR.interval_count] * homes.nominal_kilowatts[index]) // 10**5
    others = np.delete(exports, index, axis=0).sum(axis=0)
    assert is_reported(solar, others)


def test_without_any_solar_feed_in_nothing_is_said(year):
    gross, _, _, roof = year
    points = [
        MeteringPoint("load", "home", Direction.CONSUMPTION),
        MeteringPoint("wind", "mill", Direction.FEED_IN, source="wind"),
    ]
    table = make_table(YEAR, {"load": gross[11], "wind": roof})
    assert list(find_sun_followers(inspect(table, make_community(points, "Etc/GMT+8")), TERMS)) == []


def test_the_street_as_delivered_is_reported_in_words_with_figures(year):
    _, imports, exports, _ = year
    homes = read_homes()
    points, energies = [], {}
    for index, number in enumerate(homes.numbers):
        for kind, direction, series in (
            ("load", Direction.CONSUMPTION, imports[index]),
            ("solar", Direction.FEED_IN, exports[index]),
        ):
            points.append(MeteringPoint(f"home-{number:02d}-{kind}", f"home-{number:02d}", direction))
            energies[points[-1].id] = series
    findings = check_readings(make_table(YEAR, energies), make_community(points, "Etc/GMT+8"))
    findings = [finding for finding in findings if finding.severity is not Severity.NOTE]
    # Home 12's feed-in is what its roof gives beyond the production written as its consumption: it falls to a third.
    assert [(f.rule, f.metering_point) for f in findings] == [
        ("load-follows-sun", "home-12-load"),
        ("multiplier", "home-12-solar"),
        ("load-follows-sun", "home-15-load"),
        ("silent", "home-07-solar"),
        ("silent", "home-15-solar"),
    ]
    assert "correlation 0.9" in findings[0].value


def test_a_quarter_hour_table_gives_the_same_answer(year):
    _, imports, exports, _ = year
    for index in (3, 11):
        others = np.delete(exports, index, axis=0).sum(axis=0)
        figures = measure(np.repeat(imports[index], 4) // 4, np.repeat(others, 4) // 4, 96)
        hourly = measure(imports[index], others)
        assert np.allclose(figures.weather_correlation, hourly.weather_correlation, atol=0.01)
        assert (figures.suspect(TERMS) == hourly.suspect(TERMS)).all()
