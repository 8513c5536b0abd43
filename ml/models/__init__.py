"""Models that forecast a series, from the plainest to the best."""

from ml.models.model import FittedModel, Model

__all__ = ["FittedModel", "Model"]
