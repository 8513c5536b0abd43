import numpy as np
import pytest

from ml.models.correction import LeadCorrection, Rows, lag_columns

PER_HOUR, SLOTS = 1, 24
HOURS = 24 * 120
CALENDAR = np.arange(HOURS) % SLOTS
PART = (np.arange(HOURS) // 336) % 4


@pytest.fixture(scope="module")
def wandering():
    """Errors that go on: nine tenths of each is left after an hour."""
    noise = np.random.default_rng(6).normal(size=HOURS)
    course = np.zeros(HOURS)
    for hour in range(1, HOURS):
        course[hour] = 0.9 * course[hour - 1] + noise[hour]
    return course


def explained(course, lead):
    correction = LeadCorrection.fit(course, CALENDAR, PART, 4, 672, 0, PER_HOUR)
    places = np.arange(700, HOURS)
    rows = Rows(places, places - lead + 1)
    found = correction.predict(course, rows, CALENDAR[places], PART[places], PER_HOUR)
    return 1 - np.var(course[places] - found) / np.var(course[places])


def test_what_is_left_of_an_error_is_less_the_farther_ahead(wandering):
    shares = [explained(wandering, lead) for lead in (1, 6, 24, 168)]
    assert shares[0] == pytest.approx(0.81, abs=0.04)
    assert shares[1] == pytest.approx(0.9**12, abs=0.06)
    assert shares[2] < 0.08
    assert shares[3] < 0.05


def test_an_error_of_every_morning_is_expected_tomorrow():
    rng = np.random.default_rng(8)
    course = np.where(CALENDAR == 7, 5.0, 0.0) + 0.3 * rng.normal(size=HOURS)
    assert explained(course, 24) > 0.7


def test_values_from_the_origin_on_are_not_read(wandering):
    correction = LeadCorrection.fit(wandering, CALENDAR, PART, 4, 672, 0, PER_HOUR)
    places = np.arange(2000, 2168)
    rows = Rows(places, np.full(168, 2000))
    disturbed = wandering.copy()
    disturbed[2000:] = 1e9
    arguments = (rows, CALENDAR[places], np.full(168, -1), PER_HOUR)
    assert (correction.predict(wandering, *arguments) == correction.predict(disturbed, *arguments)).all()
    np.testing.assert_array_equal(
        lag_columns(wandering, rows, PER_HOUR), lag_columns(disturbed, rows, PER_HOUR)
    )


def test_nothing_known_says_nothing(wandering):
    correction = LeadCorrection.fit(wandering, CALENDAR, PART, 4, 672, 0, PER_HOUR)
    rows = Rows(np.array([5]), np.array([0]))
    assert correction.predict(wandering, rows, np.array([5]), np.array([-1]), PER_HOUR).tolist() == [0]


def test_it_is_made_again_from_its_state(wandering):
    correction = LeadCorrection.fit(wandering, CALENDAR, PART, 4, 672, 0, PER_HOUR)
    again = LeadCorrection.from_state(correction.state())
    rows = Rows(np.arange(2000, 2168), np.full(168, 2000))
    arguments = (wandering, rows, CALENDAR[2000:2168], np.full(168, -1), PER_HOUR)
    assert (correction.predict(*arguments) == again.predict(*arguments)).all()
