"""Charging ahead by the model of ``ml``: implements ``ChargingForecaster``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.forecasting import Forecast, Site
    from backend.forecasting.charging import Sessions

__all__ = ["charge_ahead"]


def charge_ahead(
    sessions: Sessions, site: Site, origin_utc: int, length: int, *, step_seconds: int, seed: int
) -> tuple[Forecast, Forecast]:
    """See the port."""
    from ml.models.charging import ChargingModel

    fitted = ChargingModel(seed=seed).fit(sessions, site, origin_utc, step_seconds)
    made = fitted.forecast(sessions, origin_utc, length)
    return made.energy, made.cars
