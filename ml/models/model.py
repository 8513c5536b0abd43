"""What every model can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.forecasting import Forecast, Series, Site, WeatherSource

__all__ = ["FittedModel", "Model"]


class FittedModel(Protocol):
    """A model that has learned, and forecasts from any origin at or after what it learned from."""

    @property
    def name(self) -> str:
        """Stands in every forecast and in the registry: ``ridge+boosting``, ``seasonal-naive``."""
        ...

    def forecast(self, series: Series, origin_utc: int, length: int) -> Forecast:
        """Forecast the intervals that begin at the origin.

        It reads values that ended by the origin only, whatever the series has after it; inputs are read ahead.

        Args:
            series: The history, at least a week of it for good results, with the inputs that were fitted with.
            origin_utc: On the series' grid, at most its end. [s since 1970, UTC]
            length: Intervals, up to seven days. [1]

        Raises:
            InputError: If an input that it was fitted with is absent, or the history is too short for any fallback.
        """
        ...

    def state(self) -> Mapping[str, Any]:
        """What makes it again, for ``ml.operation.registry``: plain values, lists, arrays, or scikit-learn estimators.

        ``type(self).from_state(state)`` makes an equal model: same forecasts to the last bit.
        """
        ...


class Model(Protocol):
    """A way to learn. Holds parameters only; fitting changes nothing in it."""

    @property
    def name(self) -> str:
        """As its fitted models'."""
        ...

    def fit(self, series: Series, site: Site, until_utc: int, weather: WeatherSource) -> FittedModel:
        """Learn from values that ended by an instant. The same input gives the same model, bit by bit.

        Args:
            series: Values and inputs.
            site: Where it was measured.
            until_utc: Nothing after it is read, inputs neither. [s since 1970, UTC]
            weather: What the weather columns ahead will be; stands in the forecasts.

        Raises:
            InputError: If the history is too short; says how much there is and how much is needed.
        """
        ...
