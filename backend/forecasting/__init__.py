"""What is forecast, and how a forecast is judged: values and scores, with no model in them.

Courses are arrays of equal steps in UTC, float64, NaN where unknown: a forecast is never settled, so nothing here is
an int64 of the accounts. Models live in ``ml``, behind ``backend.ports.forecasting``.
"""

from backend.forecasting.forecast import LEVELS, Forecast, WeatherSource
from backend.forecasting.series import Series, Site

__all__ = ["LEVELS", "Forecast", "Series", "Site", "WeatherSource"]
