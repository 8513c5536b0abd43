"""Experts that are smooth in all a day is like: kernel ridge regression and small neural networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.prices.days import HOURS
from ml.prices.features import Asinh, day_features
from ml.prices.members import too_few

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ml.prices.days import PriceDays

    Values = NDArray[np.float64]

__all__ = ["FittedKernelRidge", "FittedNetwork", "KernelRidge", "Network"]

_PRICE = {1: 1.0, 2: 0.5, 3: 0.5, 7: 0.5}
_INPUT = {0: 2.0, 1: 1.5, 7: 0.5}
_SEASON = 0.5


@dataclass(frozen=True)
class Standard:
    """Scales of courses and flags, one per course: the shape of a day is left as it is.

    Attributes:
        tame: Of prices and of each course. Shape (C, 1).
        mean: Of the tamed courses by hour. Shape (C, 24).
        deviation: Of each course, over hours. Shape (C, 1).
        factors: How much each course and each flag counts. Shape (C * 24 + 10,).
    """

    tame: Asinh
    mean: Values
    deviation: Values
    factors: Values

    @classmethod
    def of(cls, courses: Values, factors: Values) -> Standard:
        """Learn from courses. Shape (N, C, 24)."""
        by_course = courses.transpose(0, 2, 1).reshape(-1, courses.shape[1])
        tame = Asinh.of(by_course)
        tame = Asinh(tame.centre[:, np.newaxis], tame.scale[:, np.newaxis])
        tamed = tame(courses)
        deviation = np.maximum(tamed.std(axis=0).mean(axis=1, keepdims=True), 1e-9)
        return cls(tame, tamed.mean(axis=0), deviation, factors)

    def __call__(self, courses: Values, flags: Values) -> Values:
        """Shape (N, P)."""
        scaled = (self.tame(courses) - self.mean) / self.deviation
        return np.asarray(np.hstack([scaled.reshape(len(courses), -1), flags]) * self.factors)

    def state(self) -> Mapping[str, Any]:
        """Plain values."""
        return {
            "tame": self.tame.state(),
            "mean": self.mean,
            "deviation": self.deviation,
            "factors": self.factors,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Standard:
        """As it was."""
        return cls(
            Asinh.from_state(state["tame"]),
            np.asarray(state["mean"]),
            np.asarray(state["deviation"]),
            np.asarray(state["factors"]),
        )


@dataclass(frozen=True)
class KernelRidge:
    """Ridge regression in the space of a Gaussian and a linear kernel: a smooth surface that 24 hours share.

    One Cholesky factor serves all hours. What is learned is the change from yesterday's price, tamed. The kernel's
    features are courses, so that near days are days alike in shape and level (Rasmussen and Williams 2006, section 2.2:
    the mean of a Gaussian process).

    Attributes:
        window: Days it learns from. [days]
        width: Of the Gaussian kernel, where a course of a factor of one has a variance of one.
        linear: Weight of the linear kernel beside the Gaussian. [1]
        noise: Variance of the noise beside the Gaussian kernel's one. [1]
    """

    window: int = 1456
    width: float = 6.0
    linear: float = 0.03
    noise: float = 0.02

    @property
    def name(self) -> str:
        """``kernel``."""
        return "kernel"

    def fit(self, days: PriceDays, until: int, seed: int) -> FittedKernelRidge | None:  # noqa: ARG002 - nothing is random
        """See ``Member``."""
        from scipy.linalg import cho_factor, cho_solve

        rows = days.learnable(until, self.window)
        if too_few(rows):
            return None
        courses, flags, labels = day_features(days, rows)
        standard = Standard.of(courses, _factors(labels))
        features = standard(courses, flags)
        tame = Asinh.of(days.prices[rows], axis=None)
        change = tame(days.prices[rows]) - tame(days.prices[rows - 1])
        level = change.mean(axis=0)
        kernel = _kernel(features, features, self.width, self.linear)
        kernel[np.diag_indices(len(rows))] += self.noise
        factor = cho_factor(kernel, overwrite_a=True, check_finite=False)
        dual = cho_solve(factor, change - level, check_finite=False)
        return FittedKernelRidge(standard, tame, features, dual, level, self.width, self.linear)


@dataclass(frozen=True)
class FittedKernelRidge:
    """Days that were learned from, and what each counts.

    Attributes:
        standard: Of features.
        tame: Of prices, one scale for all hours.
        features: Of the days. Shape (N, P).
        dual: Shape (N, 24).
        level: Mean change from the day before. Shape (24,).
        width: See ``KernelRidge``.
        linear: See there.
    """

    standard: Standard
    tame: Asinh
    features: Values
    dual: Values
    level: Values
    width: float
    linear: float

    def predict(self, days: PriceDays, row: int) -> Values:
        """See ``FittedMember``."""
        courses, flags, _ = day_features(days, np.array([row]))
        kernel = _kernel(self.standard(courses, flags), self.features, self.width, self.linear)
        return self.tame.back(kernel[0] @ self.dual + self.level + self.tame(days.prices[row - 1]))

    def state(self) -> Mapping[str, Any]:
        """See ``FittedMember``."""
        return {
            "standard": self.standard.state(),
            "tame": self.tame.state(),
            "features": self.features,
            "dual": self.dual,
            "level": self.level,
            "width": self.width,
            "linear": self.linear,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedKernelRidge:
        """As it was."""
        return cls(
            Standard.from_state(state["standard"]),
            Asinh.from_state(state["tame"]),
            np.asarray(state["features"]),
            np.asarray(state["dual"]),
            np.asarray(state["level"]),
            float(state["width"]),
            float(state["linear"]),
        )


def _factors(labels: tuple[tuple[str, int], ...]) -> Values:
    """Weight per feature: what is forecast of the day and of yesterday beside it counts most, last week least."""
    courses = [(_PRICE if name == "price" else _INPUT)[lag] for name, lag in labels]
    flags = [1.0] * 8 + [_SEASON] * 2
    return np.concatenate([np.repeat(courses, HOURS) / np.sqrt(HOURS), np.array(flags) / np.sqrt(len(flags))])


def _kernel(left: Values, right: Values, width: float, linear: float) -> Values:
    """exp(-|x - y|²/2w²) + l·xᵀy. Shapes (N, P), (M, P) to (N, M)."""
    products = left @ right.T
    distances = (left**2).sum(axis=1)[:, np.newaxis] + (right**2).sum(axis=1) - 2 * products
    return np.asarray(np.exp(-np.maximum(distances, 0) / (2 * width**2)) + linear * products)


@dataclass(frozen=True)
class Network:
    """Small perceptrons that tell 24 hours at once, several seeds averaged.

    Attributes:
        window: Days it learns from. [days]
        hidden: Neurons of each hidden layer.
        seeds: Networks whose mean is taken.
        epochs: Passes over the days.
        penalty: Of squared weights.
    """

    window: int = 1456
    hidden: tuple[int, ...] = (64, 64)
    seeds: int = 2
    epochs: int = 40
    penalty: float = 1.0

    @property
    def name(self) -> str:
        """``network``."""
        return "network"

    def fit(self, days: PriceDays, until: int, seed: int) -> FittedNetwork | None:
        """See ``Member``."""
        import warnings

        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPRegressor

        rows = days.learnable(until, self.window)
        if too_few(rows):
            return None
        courses, flags, _ = day_features(days, rows)
        standard = Standard.of(courses, np.ones(courses.shape[1] * HOURS + flags.shape[1]))
        features = standard(courses, flags)
        tame = Asinh.of(days.prices[rows], axis=None)
        change = tame(days.prices[rows]) - tame(days.prices[rows - 1])
        level, scale = change.mean(axis=0), float(change.std()) or 1.0
        layers = []
        with warnings.catch_warnings():
            # The number of passes is what is chosen; more would learn the noise.
            warnings.simplefilter("ignore", ConvergenceWarning)
            for number in range(self.seeds):
                made = MLPRegressor(
                    hidden_layer_sizes=self.hidden,
                    alpha=self.penalty,
                    max_iter=self.epochs,
                    batch_size=min(64, len(rows)),
                    random_state=seed + number,
                ).fit(features, (change - level) / scale)
                layers.append([*zip(made.coefs_, made.intercepts_, strict=True)])
        return FittedNetwork(standard, tame, layers, level, scale)


@dataclass(frozen=True)
class FittedNetwork:
    """Weights of perceptrons with rectified neurons.

    Attributes:
        standard: Of features.
        tame: Of prices, one scale for all hours.
        layers: Per network its layers, each a matrix and an offset.
        level: Mean change from the day before. Shape (24,).
        scale: Of the changes that are told.
    """

    standard: Standard
    tame: Asinh
    layers: list[list[tuple[Values, Values]]]
    level: Values
    scale: float

    def predict(self, days: PriceDays, row: int) -> Values:
        """See ``FittedMember``."""
        courses, flags, _ = day_features(days, np.array([row]))
        features = self.standard(courses, flags)
        told = np.zeros(HOURS)
        for network in self.layers:
            signal = features
            for matrix, offset in network[:-1]:
                signal = np.maximum(signal @ matrix + offset, 0)
            matrix, offset = network[-1]
            told += (signal @ matrix + offset)[0]
        change = told / len(self.layers) * self.scale + self.level
        return self.tame.back(change + self.tame(days.prices[row - 1]))

    def state(self) -> Mapping[str, Any]:
        """See ``FittedMember``."""
        return {
            "standard": self.standard.state(),
            "tame": self.tame.state(),
            "layers": [[list(layer) for layer in network] for network in self.layers],
            "level": self.level,
            "scale": self.scale,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FittedNetwork:
        """As it was."""
        layers = [
            [(np.asarray(matrix), np.asarray(offset)) for matrix, offset in network]
            for network in state["layers"]
        ]
        return cls(
            Standard.from_state(state["standard"]),
            Asinh.from_state(state["tame"]),
            layers,
            np.asarray(state["level"]),
            float(state["scale"]),
        )
