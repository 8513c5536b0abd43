from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site

HOUR = 3600


def made(**changes):
    return replace(Series(10 * HOUR, HOUR, np.arange(5.0)), **changes)


def test_an_instant_is_placed_on_the_grid_and_beyond_the_values():
    assert made().place(10 * HOUR) == 0
    assert made().place(17 * HOUR) == 7


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        (9 * HOUR, "1970-01-01T09:00:00Z"),
        (10 * HOUR + 1, "1970-01-01T10:00:01Z"),
        (10**18 + 1, "1000000000000000001 s after 1970"),
    ],
)
def test_an_instant_before_the_series_or_off_its_grid_is_refused_with_both(instant, told):
    grid = f"{told} is not on the series' grid, which begins at 1970-01-01T10:00:00Z with steps of 60 min"
    with pytest.raises(InputError, match=grid):
        made().place(instant)


def test_what_was_known_at_an_origin_ends_there_and_keeps_its_inputs():
    series = made(inputs={"temperature": np.arange(9.0)})
    known = series.before(12 * HOUR)
    assert known.values.tolist() == [0, 1]
    assert known.end_utc == 12 * HOUR
    assert len(known.inputs["temperature"]) == 9
    assert known.starts_utc.tolist() == [10 * HOUR, 11 * HOUR]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"step_seconds": 600}, "resample to 900, 1800 or 3600"),
        ({"start_utc": 10 * HOUR + 60}, "off the grid"),
        ({"values": np.array([1.0, np.inf])}, "'values' must be"),
        ({"inputs": {"ghi": np.zeros(4)}}, "'ghi' has 4 intervals, the series 5"),
        ({"inputs": {"ghi": np.full(5, -np.inf)}}, "'ghi' must be"),
        ({"values": np.zeros((2, 2))}, "must be one row"),
    ],
)
def test_a_series_that_contradicts_itself_is_refused(changes, word):
    with pytest.raises(InputError, match=word):
        made(**changes)


def test_a_site_knows_whether_it_is_located_and_stays_on_earth():
    assert Site("Europe/Paris", latitude=45.8, longitude=4.9).located
    assert not Site("Europe/Paris", latitude=45.8).located
    with pytest.raises(InputError, match="latitude 91"):
        Site(latitude=91.0)
