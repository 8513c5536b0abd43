"""Forecasts of consumption and feed-in: features, models and their evaluation.

It may import the backend's pure rooms and never the floors above them; the backend reaches it through an adapter.
"""

__all__: list[str] = []
