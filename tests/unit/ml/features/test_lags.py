import numpy as np

from ml.features.lags import last_known, mean_before, same_slot, spread_before


def test_values_of_the_same_slot_are_the_latest_that_were_known():
    values = np.arange(100.0)
    # Period 10: from origin 50, place 50 was last seen at 40, place 59 at 49, and place 60 at 40 again.
    found = same_slot(values, np.array([50, 59, 60]), np.array([50, 50, 50]), 10, 2)
    assert found.tolist() == [[40, 49, 40], [30, 39, 30]]


def test_nothing_from_the_origin_on_is_read():
    values = np.arange(200.0)
    rng = np.random.default_rng(7)
    origins = rng.integers(0, 150, 300)
    places = origins + rng.integers(0, 40, 300)
    hidden = [np.where(np.arange(200) >= origin, np.nan, values) for origin in origins]
    for index, (origin, place) in enumerate(zip(origins, places, strict=True)):
        for values_seen in (values, hidden[index]):
            one, at = np.array([origin]), np.array([place])
            slots = same_slot(values_seen, at, one, 24, 3)[:, 0]
            assert not (slots >= origin).any()
            expected = same_slot(values, places, origins, 24, 3)[:, index]
            np.testing.assert_array_equal(slots, expected)
            assert last_known(values_seen, one, 5)[0] == origin - 1 or origin == 0
            np.testing.assert_array_equal(
                mean_before(values_seen, one, 6), mean_before(values, origins, 6)[index : index + 1]
            )


def test_beyond_both_ends_is_unknown():
    assert np.isnan(same_slot(np.arange(5.0), np.array([7]), np.array([7]), 10, 1)).all()
    assert np.isnan(last_known(np.arange(5.0), np.array([0]), 5)).all()
    assert last_known(np.arange(5.0), np.array([9]), 5).tolist() == [4]
    assert np.isnan(last_known(np.arange(5.0), np.array([10]), 5)).all()
    assert np.isnan(mean_before(np.arange(5.0), np.array([0]), 3)).all()


def test_means_and_spreads_are_of_what_is_known():
    values = np.array([1.0, np.nan, -3.0, 8.0])
    assert mean_before(values, np.array([3]), 3).tolist() == [-1]
    assert spread_before(values, np.array([3]), 3).tolist() == [2]
    assert last_known(np.array([1.0, np.nan, np.nan]), np.array([3]), 3).tolist() == [1]
