import numpy as np
import pytest
from sklearn.linear_model import Lasso

from ml.prices.kernels import descend, lasso_paths


@pytest.fixture
def problem():
    draw = np.random.default_rng(7)
    features = draw.normal(size=(80, 30)) @ draw.normal(size=(30, 30))
    targets = features[:, :3] @ draw.normal(size=(3, 2)) + draw.normal(size=(80, 2))
    return features - features.mean(axis=0), targets - targets.mean(axis=0)


@pytest.mark.parametrize("penalty", [0.05, 0.5, 3.0])
def test_descent_on_moments_finds_the_weights_that_scikit_learn_finds_on_samples(problem, penalty):
    features, targets = problem
    gram, moments = features.T @ features / 80, features.T @ targets / 80
    slope, weights = moments[:, 0].copy(), np.zeros(30)
    descend(gram, slope, weights, penalty, 1e-9, 100_000)
    theirs = Lasso(alpha=penalty, fit_intercept=False, tol=1e-10, max_iter=200_000).fit(
        features, targets[:, 0]
    )
    np.testing.assert_allclose(weights, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(slope, moments[:, 0] - gram @ weights, atol=1e-9)


def test_the_path_keeps_the_penalty_whose_criterion_is_least(problem):
    features, targets = problem
    gram, moments = features.T @ features / 80, features.T @ targets / 80
    variances = (targets**2).mean(axis=0)
    weights, penalties = lasso_paths(gram, moments, variances, 80, 40, 1e-3, 0.1)
    for target in range(2):
        first = np.abs(moments[:, target]).max()

        def criterion(penalty, target=target):
            found = Lasso(alpha=penalty, fit_intercept=False, tol=1e-8, max_iter=100_000).fit(
                features, targets[:, target]
            )
            error = ((targets[:, target] - features @ found.coef_) ** 2).mean()
            return 80 * error / (0.1 * variances[target]) + 2 * np.count_nonzero(found.coef_)

        chosen = criterion(penalties[target])
        assert chosen <= min(criterion(first * share) for share in (1.0, 0.5, 0.1, 0.02)) + 0.5
        assert 0 < np.count_nonzero(weights[:, target]) < 30


def test_a_feature_that_never_varies_gets_no_weight(problem):
    features, targets = problem
    features = np.column_stack([features, np.zeros(80)])
    weights, _ = lasso_paths(
        features.T @ features / 80,
        features.T @ targets / 80,
        (targets**2).mean(axis=0),
        80,
        40,
        1e-3,
        0.1,
    )
    assert (weights[-1] == 0).all()
    assert np.isfinite(weights).all()
