import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from ml.models.boosting import Forest, TreeShape, grow_parts

SHAPE = TreeShape(rounds=20, leaves=7, rate=0.2, share=1.0)


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(900, 4))
    columns[rng.random(columns.shape) < 0.1] = np.nan
    target = np.nansum(columns, axis=1) ** 2 + 0.1 * rng.normal(size=900)
    return columns, target, np.arange(900) // 30 % 3


def of_scikit_learn(columns, target, seed):
    model = HistGradientBoostingRegressor(
        max_iter=20,
        max_leaf_nodes=7,
        learning_rate=0.2,
        max_features=1.0,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    return model.fit(columns, target)


def test_trees_as_arrays_say_what_scikit_learns_trees_say(case):
    columns, target, part = case
    forest, held_out = grow_parts(columns, target, part, 3, SHAPE, seed=8)
    models = [of_scikit_learn(columns[part != k], target[part != k], 8 + k) for k in range(3)]
    assert forest.predict(columns) == pytest.approx(
        np.mean([model.predict(columns) for model in models], axis=0), abs=1e-9
    )
    for index, model in enumerate(models):
        mine = part == index
        assert held_out[mine] == pytest.approx(model.predict(columns[mine]), abs=1e-12)


def test_a_part_that_holds_nothing_is_left_out_of_nothing(case):
    columns, target, part = case
    forest, held_out = grow_parts(columns, target, np.minimum(part, 1), 3, SHAPE, seed=8)
    assert np.isfinite(held_out).all()
    assert np.isfinite(forest.predict(columns)).all()


def test_unknown_cells_go_where_they_went_in_learning(case):
    columns, target, part = case
    forest, _ = grow_parts(columns, target, part, 3, SHAPE, seed=8)
    assert np.isfinite(forest.predict(np.full((2, 4), np.nan))).all()


def test_a_forest_is_made_again_from_its_state(case):
    columns, target, part = case
    forest, _ = grow_parts(columns, target, part, 3, SHAPE, seed=8)
    again = Forest.from_state(forest.state())
    assert (again.predict(columns) == forest.predict(columns)).all()


def test_the_same_seed_grows_the_same_trees(case):
    columns, target, part = case
    shape = TreeShape(rounds=10, leaves=7, share=0.5)
    first, second, other = (grow_parts(columns, target, part, 3, shape, seed=s)[1] for s in (1, 1, 9))
    assert (first == second).all()
    assert (first != other).any()
