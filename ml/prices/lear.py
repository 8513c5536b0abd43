"""The LASSO expert: sparse, linear, learned anew every day from windows of several lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.prices.features import Asinh, day_features
from ml.prices.members import too_few

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ml.prices.days import PriceDays

    Values = NDArray[np.float64]

__all__ = ["FittedLear", "Lear"]

_PATH_STEPS = 30
_PATH_END = 1e-3
_CONSTANT = 1e-9


@dataclass(frozen=True)
class Lear:
    """A LASSO per hour over the lags of all hours: LEAR (Uniejewski, Nowotarski and Weron 2016; Lago et al. 2021).

    Attributes:
        window: Days it learns from. [days]
        noise_share: Variance of the noise in AIC as a share of the prices' own; see ``lasso_paths``.
    """

    window: int
    noise_share: float = 0.1

    @property
    def name(self) -> str:
        """``lear-1456``."""
        return f"lear-{self.window}"

    def fit(self, days: PriceDays, until: int, seed: int) -> FittedLear | None:  # noqa: ARG002 - nothing is random
        """See ``Member``."""
        from ml.prices.kernels import lasso_paths

        rows = days.learnable(until, self.window)
        if too_few(rows):
            return None
        courses, flags, _ = day_features(days, rows)
        flat = courses.reshape(len(rows), -1)
        tame, tame_price = Asinh.of(flat), Asinh.of(days.prices[rows])
        features = np.hstack([tame(flat), flags[:, :8]])
        prices = tame_price(days.prices[rows])
        mean, level = features.mean(axis=0), prices.mean(axis=0)
        deviation = features.std(axis=0)
        deviation[deviation < _CONSTANT] = np.inf
        centred, wanted = (features - mean) / deviation, prices - level
        count = len(rows)
        weights, _ = lasso_paths(
            centred.T @ centred / count,
            centred.T @ wanted / count,
            (wanted**2).mean(axis=0),
            count,
            _PATH_STEPS,
            _PATH_END,
            self.noise_share,
        )
        weights = weights / deviation[:, np.newaxis]
        return FittedLear(tame, tame_price, weights, level - mean @ weights)


@dataclass(frozen=True)
class FittedLear:
    """Weights of 24 LASSOs on tamed features.

    Attributes:
        tame: Of the features.
        tame_price: Of each hour's price.
        weights: Shape (P, 24).
        level: Shape (24,).
    """

    tame: Asinh
    tame_price: Asinh
    weights: Values
    level: Values

    def predict(self, days: PriceDays, row: int) -> Values:
        """See ``FittedMember``."""
        courses, flags, _ = day_features(days, np.array([row]))
        features = np.concatenate([self.tame(courses.ravel()), flags[0, :8]])
        return self.tame_price.back(features @ self.weights + self.level)

    def state(self) -> Mapping[str, Any]:
        """See ``FittedMember``."""
        return {
            "tame": self.tame.state(),
            "tame_price": self.tame_price.state(),
            "weights": self.weights,
            "level": self.level,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedLear:
        """As it was."""
        return cls(
            Asinh.from_state(state["tame"]),
            Asinh.from_state(state["tame_price"]),
            np.asarray(state["weights"]),
            np.asarray(state["level"]),
        )
