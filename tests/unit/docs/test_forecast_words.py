"""Whatever forecasting names, the pages have words for, in both languages."""

from pathlib import Path

import pytest

from backend.forecasting import WeatherSource
from backend.forecasting.anomalies import AnomalyKind
from backend.ports.forecasting import ForecastTarget
from ml.anomalies.features import NAMES

WORDS = Path(__file__).resolve().parents[3] / "frontend_static" / "i18n"
NEEDED = [
    *(f"anomaly.kind.{kind.value}" for kind in AnomalyKind),
    *(f"anomaly.todo.{kind.value}" for kind in AnomalyKind),
    *(f"anomaly.cause.{name}" for name in NAMES),
    *(f"forecast.target.{target.value}" for target in ForecastTarget),
    "forecast.target.shareable",
    *(f"forecast.weather.{source.value}" for source in WeatherSource),
]


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_kind_cause_target_and_weather_has_words(locale: str) -> None:
    text = (WORDS / f"{locale}_forecasts.js").read_text()
    assert [key for key in NEEDED if f'"{key}":' not in text] == []
