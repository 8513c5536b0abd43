import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting.charging import Sessions, cars_present, energy_charged, spread_over

HOUR = 3600


def sessions_of(*rows: tuple[float, float, float, int]) -> Sessions:
    """Sessions by beginning [h], end [h, -1 while there], energy [kWh] and user."""
    arrived, left, energy, user = (np.array(column) for column in zip(*rows, strict=True))
    ends = np.where(left < 0, -1, left * HOUR).astype(np.int64)
    return Sessions((arrived * HOUR).astype(np.int64), ends, energy.astype(float), user.astype(np.int64))


def test_a_span_is_spread_over_the_steps_that_it_covers():
    made = spread_over(np.array([0.5, 3.0]), np.array([2.25, 3.5]), np.array([4.0, 2.0]), 5)
    assert made[0] == pytest.approx([2.0, 4.0, 1.0, 1.0, 0.0])


def test_what_is_off_the_grid_is_left_out():
    made = spread_over(np.array([-2.0, 2.5, 9.0]), np.array([0.5, 8.0, 10.0]), np.ones(3), 4)
    assert made[0] == pytest.approx([0.5, 0.0, 0.5, 1.0])


def test_spans_of_several_grids_do_not_run_into_one_another():
    made = spread_over(
        np.array([2.5, 0.5]), np.array([9.0, 1.0]), np.array([1.0, 2.0]), 3, np.array([0, 1]), 2
    )
    assert made == pytest.approx(np.array([[0, 0, 0.5], [1.0, 0, 0]]))


def test_cars_charge_at_their_power_from_arrival_on_and_all_energy_is_counted():
    two = sessions_of((1.0, 9.0, 7.0, 0), (1.5, 2.5, 4.0, 1))
    course = energy_charged(two, np.array([3.5, 3.0]), 0, HOUR, 12)
    # The second leaves before its power would have done: it charged evenly while it was there.
    assert course == pytest.approx([0, 3.5 + 2.0, 3.5 + 2.0, *[0.0] * 9])
    assert energy_charged(two, np.array([3.5, 3.0]), 0, 900, 48).sum() == pytest.approx(11.0)


def test_cars_are_counted_by_the_part_of_the_interval_that_they_are_there():
    present = cars_present(sessions_of((0.25, 2.0, 1, 0), (1.0, -1, 1, 1)), 0, HOUR, 4)
    assert present == pytest.approx([0.75, 2.0, 1.0, 1.0])


def test_what_is_not_over_has_neither_end_nor_energy_and_what_has_not_begun_is_not_there():
    known = sessions_of((1, 3, 5, 0), (2, 9, 8, 1), (6, 7, 4, 0)).known_at(5 * HOUR)
    assert len(known) == 2
    assert known.left_utc.tolist() == [3 * HOUR, -1]
    assert known.energy[0] == 5
    assert np.isnan(known.energy[1])


def test_a_users_quick_sessions_tell_the_power_and_strangers_have_the_middle_one():
    quick = [(float(hour), hour + 1.0, 7.0, 0) for hour in range(0, 40, 8)]
    slow = [(hour + 1.0, hour + 7.0, 3.0, 0) for hour in range(0, 40, 8)]
    other = [(hour + 0.5, hour + 1.5, 11.0, 1) for hour in range(0, 40, 8)]
    rows = sorted([*quick, *slow, *other, (50.0, 51.0, 2.0, 2)])
    found = sessions_of(*rows)
    powers = found.powers()
    assert powers[found.user == 0] == pytest.approx(7.0)
    assert powers[found.user == 1] == pytest.approx(11.0)
    assert powers[found.user == 2] == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([(2, 3, 1, 0), (1, 2, 1, 0)], "order of arrival"),
        ([(2, 1, 1, 0)], "session 0 ends before"),
        ([(1, 2, -1, 0)], "at least zero"),
    ],
)
def test_sessions_that_cannot_be_are_refused(rows, word):
    with pytest.raises(InputError, match=word):
        sessions_of(*rows)


def test_columns_of_unequal_length_are_refused():
    one = np.zeros(1, dtype=np.int64)
    with pytest.raises(InputError, match="differ in length"):
        Sessions(one, one, np.zeros(2), one)
