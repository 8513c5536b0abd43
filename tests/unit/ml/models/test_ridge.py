import numpy as np
import pytest

from ml.models.ridge import Ridge, SlotRidge


def rows(seed=0, count=1200, slots=4, parts=3):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(count, 3)) * [1.0, 10.0, 0.1]
    slot, part = np.arange(count) % slots, (np.arange(count) // 50) % parts
    target = columns @ [1.0, 0.2, 5.0] + slot + 0.1 * rng.normal(size=count)
    return columns, target, slot, part


def test_a_part_left_out_is_as_if_it_had_never_been():
    columns, target, slot, part = rows()
    whole = SlotRidge.fit(columns, target, slot, part, slots=4, parts=3, penalty=5.0)
    disturbed = np.where(part == 1, target * -7 + 100, target)
    other = SlotRidge.fit(columns, disturbed, slot, part, slots=4, parts=3, penalty=5.0)
    held_out = part == 1
    assert whole.predict(columns, slot, part)[held_out] == pytest.approx(
        other.predict(columns, slot, part)[held_out], abs=1e-9
    )
    ahead = np.full(len(target), -1)
    assert np.abs(whole.predict(columns, slot, ahead) - other.predict(columns, slot, ahead)).max() > 1


def test_the_whole_past_is_learned_as_by_the_normal_equations():
    columns, target, slot, part = rows(slots=1)
    slot = np.zeros_like(slot)
    fitted = SlotRidge.fit(columns, target, slot, part, slots=1, parts=3, penalty=0.5)
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    # A lone slot is its own neighbour on both sides: twice its rows, so half the penalty.
    expected = np.linalg.solve(scaled.T @ scaled + 0.25 * np.eye(3), scaled.T @ (target - target.mean()))
    assert fitted.weights[-1, 0] == pytest.approx(expected)
    assert fitted.predict(columns, slot, np.full(len(slot), -1)) == pytest.approx(
        scaled @ expected + target.mean()
    )


def test_a_slot_keeps_its_own_level_and_learns_slopes_from_its_neighbours():
    columns, target, slot, part = rows()
    sparse = (slot != 2) | (np.arange(len(slot)) < 40)
    fitted = SlotRidge.fit(
        columns[sparse], target[sparse], slot[sparse], part[sparse], slots=4, parts=3, penalty=1.0
    )
    found = fitted.predict(columns[~sparse], slot[~sparse], np.full((~sparse).sum(), -1))
    assert np.abs(found - target[~sparse]).mean() < 0.15


def test_a_rare_mark_is_trusted_less_than_a_common_one():
    rng = np.random.default_rng(2)
    common, rare = (np.arange(1000) % 2).astype(float), (np.arange(1000) % 250 == 0).astype(float)
    target = common + rare + 0.01 * rng.normal(size=1000)
    slot = np.zeros(1000, dtype=np.int64)
    columns = np.stack([common, rare], axis=1)
    fitted = SlotRidge.fit(columns, target, slot, slot, slots=1, parts=1, penalty=15.0)
    effects = fitted.weights[-1, 0] / fitted.scale
    assert effects[0] > 0.9
    assert 0.3 < effects[1] < 0.8


def test_unknown_columns_count_as_usual():
    columns, target, slot, part = rows()
    fitted = SlotRidge.fit(columns, target, slot, part, slots=4, parts=3, penalty=5.0)
    usual = np.tile(columns.mean(axis=0), (4, 1))
    ahead = np.full(4, -1)
    assert fitted.predict(np.full((4, 3), np.nan), np.arange(4), ahead) == pytest.approx(
        fitted.predict(usual, np.arange(4), ahead)
    )


def test_one_regression_leaves_parts_out_too_and_says_zero_of_zero():
    columns, target, _, part = rows()
    fitted = Ridge.fit(columns, target, part, 3, 2.0)
    other = Ridge.fit(columns, np.where(part == 0, 1e3, target), part, 3, 2.0)
    assert fitted.weights[0] == pytest.approx(other.weights[0])
    assert fitted.weights[1] != pytest.approx(other.weights[1])
    assert fitted.predict(np.zeros((1, 3)), np.array([-1])).tolist() == [0]
