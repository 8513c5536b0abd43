"""The tables of forecasting: models, forecasts, scores, anchors; as in ``tables``. Guards keep all but scores."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary, Text
from sqlmodel import Field

from backend.adapters.store.columns import CanonicalJson, CanonicalTuple, ChoiceText
from backend.adapters.store.tables import Row
from backend.forecasting import WeatherSource

__all__ = ["ForecastAnchorRow", "ForecastModelRow", "ForecastRow", "ForecastScoreRow"]


def _of_community() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["community"], ["community.id"])


class ForecastModelRow(Row, table=True):
    """A trained model."""

    __tablename__ = "forecast_model"
    __table_args__ = (_of_community(),)

    community: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    owners: tuple[str, ...] = Field(sa_type=CanonicalTuple)
    name: str
    data_hash: str
    code_hash: str
    until_utc: int = Field(sa_type=BigInteger)
    made_utc: int = Field(sa_type=BigInteger)
    seed: int = Field(sa_type=BigInteger)
    card: Any = Field(sa_type=CanonicalJson)
    content: bytes = Field(sa_type=LargeBinary)


class ForecastRow(Row, table=True):
    """A forecast as it was made."""

    __tablename__ = "forecast"
    __table_args__ = (_of_community(), Index(None, "community", "origin_utc"))

    community: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    origin_utc: int = Field(primary_key=True, sa_type=BigInteger)
    made_utc: int = Field(primary_key=True, sa_type=BigInteger)
    stored_utc: int = Field(sa_type=BigInteger)
    owners: tuple[str, ...] = Field(sa_type=CanonicalTuple)
    step_seconds: int = Field(sa_type=BigInteger)
    length: int = Field(sa_type=BigInteger)
    unit: str
    model: str
    model_name: str
    weather: WeatherSource = Field(sa_type=ChoiceText(WeatherSource))
    weather_words: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    values: bytes = Field(sa_type=LargeBinary)


class ForecastScoreRow(Row, table=True):
    """How good a forecast was."""

    __tablename__ = "forecast_score"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community", "subject", "target", "origin_utc", "made_utc"],
            [f"forecast.{name}" for name in ("community", "subject", "target", "origin_utc", "made_utc")],
        ),
    )

    community: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    origin_utc: int = Field(primary_key=True, sa_type=BigInteger)
    made_utc: int = Field(primary_key=True, sa_type=BigInteger)
    scored_utc: int = Field(sa_type=BigInteger)
    known: int = Field(sa_type=BigInteger)
    figures: Any = Field(sa_type=CanonicalJson)


class ForecastAnchorRow(Row, table=True):
    """Where a model's hash stands on chain."""

    __tablename__ = "forecast_anchor"
    __table_args__ = (_of_community(),)

    community: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    run: str
    root: str
    place: int = Field(sa_type=BigInteger)
    path: tuple[str, ...] = Field(sa_type=CanonicalTuple)
    anchored_utc: int = Field(sa_type=BigInteger)
