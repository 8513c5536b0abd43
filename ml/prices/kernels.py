"""Coordinate descent for many LASSOs that share one matrix of features, on second moments alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["descend", "lasso_paths"]


_CONSTANT = 1e-12  # variance of a feature that does not vary
_TOLERANCE = 1e-3  # largest change of a weight that counts as rest, in deviations of the target
_WORSE_MAX = 5  # penalties in a row whose criterion is no better


@njit(cache=True, nogil=True)
def descend(
    gram: Values, slope: Values, weights: Values, penalty: float, tolerance: float, sweeps: int
) -> None:
    """Minimise ½ bᵀGb - cᵀb + λ Σ|b| in place, by cyclic coordinates (Friedman et al. 2010, section 2.2).

    ``slope`` holds c - Gb and is kept in step, so that a coordinate that stays costs one comparison. The coordinates
    that are not zero are iterated to rest before all are looked at again.

    Args:
        gram: G = XᵀX/n, its diagonal not negative. Shape (P, P).
        slope: c - Gb, changed. Shape (P,).
        weights: b, changed. Shape (P,).
        penalty: λ, at least zero.
        tolerance: Largest change of any b·sqrt(G) that counts as rest.
        sweeps: Sweeps at most, over all and over the active together.
    """
    count = len(weights)
    everything = True
    for _ in range(sweeps):
        largest = 0.0
        for place in range(count):
            old = weights[place]
            if not everything and old == 0.0:
                continue
            scale = gram[place, place]
            if scale <= _CONSTANT:
                continue
            pull = slope[place] + scale * old
            new = 0.0
            if pull > penalty:
                new = (pull - penalty) / scale
            elif pull < -penalty:
                new = (pull + penalty) / scale
            if new != old:
                change = new - old
                weights[place] = new
                for other in range(count):
                    slope[other] -= gram[place, other] * change
                largest = max(largest, abs(change) * np.sqrt(scale))
        if largest <= tolerance:
            if everything:
                return
            everything = True
        else:
            everything = False


@njit(cache=True, nogil=True)
def lasso_paths(
    gram: Values,
    moments: Values,
    variances: Values,
    samples: int,
    steps: int,
    smallest: float,
    noise_share: float,
) -> tuple[Values, Values]:
    """Solve a LASSO per column along a path of penalties, and keep the one of least information criterion.

    The criterion is n·MSE/(s·var y) + 2·df, df the number of weights that are not zero (Zou, Hastie and Tibshirani
    2007): AIC with the noise's variance taken as a share s of the target's. A path ends where the criterion has got
    worse too often for a later minimum to be likely.

    Args:
        gram: XᵀX/n of centred features. Shape (P, P).
        moments: XᵀY/n. Shape (P, H).
        variances: Mean square of each centred target. Shape (H,).
        samples: n.
        steps: Penalties on the path.
        smallest: Last penalty as a share of the first, which leaves every weight zero.
        noise_share: s.

    Returns:
        Weights, shape (P, H), and the penalty chosen of each, shape (H,).
    """
    features, targets = moments.shape
    chosen = np.zeros((features, targets))
    penalties = np.zeros(targets)
    ratio = smallest ** (1.0 / (steps - 1))
    for target in range(targets):
        slope = moments[:, target].copy()
        weights = np.zeros(features)
        penalty = np.abs(slope).max()
        tolerance = _TOLERANCE * np.sqrt(variances[target])
        best = np.inf
        worse = 0
        for _ in range(steps):
            descend(gram, slope, weights, penalty, tolerance, 1000)
            error = variances[target]
            used = 0
            for place in range(features):
                if weights[place] != 0.0:
                    used += 1
                    error -= weights[place] * (moments[place, target] + slope[place])
            criterion = samples * error / (noise_share * variances[target] + 1e-300) + 2.0 * used
            if criterion < best:
                best = criterion
                chosen[:, target] = weights
                penalties[target] = penalty
                worse = 0
            else:
                worse += 1
                if worse >= _WORSE_MAX:
                    break
            penalty *= ratio
    return chosen, penalties
