"""Forecasts of consumption, production, prices and carbon: features, models, their evaluation and their keeping.

A model is fitted on a ``backend.forecasting.Series`` and gives a ``backend.forecasting.Forecast``. It may import the
backend's pure rooms and never the floors above them; the backend reaches it through ``backend.adapters.forecasts``.
Heavy libraries (scikit-learn, pandas, pvlib) are imported inside functions.
"""

__all__: list[str] = []
