"""Forecasts in the store, on both engines: what was believed stays, and goes only with whom it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from backend.errors import ConflictError, NotFoundError, StoreError
from backend.forecasting import WeatherSource
from backend.ports.forecast_records import (
    ForecastAnchor,
    ForecastKey,
    ForecastModelRecord,
    ForecastRecord,
    ForecastScoreRecord,
    ModelCard,
)
from tests.integration.store.sample_records import COMMUNITY

if TYPE_CHECKING:
    from backend.adapters.store import DatabaseStore

HOME = "home:ada"
DAY = 86_400
CARD = ModelCard(
    COMMUNITY.id, HOME, "load", "0x01", ("ada",), "ridge", "0x02", "0x03", 10 * DAY, 11 * DAY, 7, {"mae": 1.5}
)
MODEL = ForecastModelRecord(CARD, b"\x00model")
FORECAST = ForecastRecord(
    COMMUNITY.id,
    HOME,
    "load",
    10 * DAY,
    11 * DAY,
    10 * DAY,
    ("ada",),
    3600,
    24,
    "W",
    "0x01",
    "ridge",
    WeatherSource.FORECAST,
    "",
    "",
    b"\x00\x01",
)
SCORE = ForecastScoreRecord(COMMUNITY.id, HOME, "load", 10 * DAY, 11 * DAY, 12 * DAY, 24, {"sums": [1]})


@pytest.fixture
def kept(store: DatabaseStore) -> DatabaseStore:
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        records.add_forecast_model(MODEL)
        records.add_forecast_model(
            replace(MODEL, card=replace(CARD, subject="community", owners=(), id="0x09"))
        )
        records.add_forecast(FORECAST)
        records.add_forecast(replace(FORECAST, made_utc=12 * DAY, values=b"\x02"))
        records.add_forecast(replace(FORECAST, origin_utc=9 * DAY, made_utc=9 * DAY + 60))
        records.add_forecast(replace(FORECAST, subject="community", owners=()))
        records.put_forecast_score(SCORE)
    return store


def test_models_come_back_as_they_were_trained(kept: DatabaseStore) -> None:
    with kept.reading() as records:
        assert records.forecast_model(COMMUNITY.id, HOME, "load", "0x01") == MODEL
        assert records.forecast_models(COMMUNITY.id, HOME) == [CARD]
        assert len(records.forecast_models(COMMUNITY.id)) == 2
        with pytest.raises(NotFoundError, match="no model 0x05 of home:ada"):
            records.forecast_model(COMMUNITY.id, HOME, "load", "0x05")


def test_a_forecast_is_found_by_what_was_known_at_a_time(kept: DatabaseStore) -> None:
    with kept.reading() as records:
        known = records.forecasts(COMMUNITY.id, HOME, "load", known_utc=11 * DAY)
        assert [(one.origin_utc, one.made_utc) for one in known] == [
            (10 * DAY, 11 * DAY),
            (9 * DAY, 9 * DAY + 60),
        ]
        assert (
            records.forecasts(COMMUNITY.id, HOME, "load", origin_utc=10 * DAY, limit=1)[0].values == b"\x02"
        )
        assert records.forecast_origins(COMMUNITY.id, HOME, "load", 60) == [10 * DAY, 9 * DAY]
        assert records.newest_forecasts(COMMUNITY.id) == [
            ForecastKey(COMMUNITY.id, "community", "load", 10 * DAY, 11 * DAY),
            ForecastKey(COMMUNITY.id, HOME, "load", 10 * DAY, 12 * DAY),
        ]


def test_a_forecast_stays_as_it_was_made(kept: DatabaseStore) -> None:
    with kept.transaction() as records, pytest.raises(ConflictError, match="another values"):
        records.add_forecast(replace(FORECAST, values=b"\x03"))


@pytest.mark.parametrize("statement", ["UPDATE forecast SET unit = 'kW'", "DELETE FROM forecast_model"])
def test_the_database_itself_refuses_to_change_what_was_believed(kept: DatabaseStore, statement: str) -> None:
    from sqlalchemy import text

    with pytest.raises((StoreError, ConflictError)), kept.transaction() as records:
        records._session.execute(text(statement))  # noqa: SLF001 -- past the records


def test_a_later_look_at_how_good_it_was_replaces_an_earlier_one(kept: DatabaseStore) -> None:
    later = replace(SCORE, scored_utc=13 * DAY, figures={"sums": [2]})
    with kept.transaction() as records:
        records.put_forecast_score(later)
    with kept.reading() as records:
        assert records.forecast_scores(COMMUNITY.id, HOME, "load") == [later]
        assert records.forecast_scores(COMMUNITY.id, since_utc=11 * DAY) == []


def test_the_first_anchor_of_a_model_stays(kept: DatabaseStore) -> None:
    anchor = ForecastAnchor(COMMUNITY.id, "0x01", "0xaa", "0xbb", 1, ("0xcc",), 12 * DAY)
    with kept.transaction() as records:
        records.add_forecast_anchor(anchor)
        records.add_forecast_anchor(replace(anchor, root="0xdd"))
    with kept.reading() as records:
        assert records.forecast_anchors(COMMUNITY.id) == [anchor]


def test_who_is_forgotten_takes_along_what_is_about_them_alone(kept: DatabaseStore) -> None:
    with kept.transaction() as records:
        records.begin_erasing()
        records.erase_forecasts(COMMUNITY.id, "ada", ["feeder:f"])
    with kept.reading() as records:
        assert [one.subject for one in records.forecasts(COMMUNITY.id)] == ["community"]
        assert [one.subject for one in records.forecast_models(COMMUNITY.id)] == ["community"]
        assert records.forecast_scores(COMMUNITY.id) == []


def test_who_made_what_and_what_is_scored_is_told_without_reading_any(kept: DatabaseStore) -> None:
    later = replace(FORECAST, origin_utc=11 * DAY, made_utc=12 * DAY, model="0x02")
    ruled = replace(FORECAST, subject="community", target="net", owners=(), model="")
    with kept.transaction() as records:
        records.add_forecast(later)
        records.add_forecast(replace(later, made_utc=13 * DAY, model="0x03"))
        records.add_forecast(ruled)
        records.put_forecast_score(SCORE)
    with kept.reading() as records:
        assert records.forecasting_models(COMMUNITY.id, newest=False) == {"0x01", "0x02", "0x03"}
        assert records.forecasting_models(COMMUNITY.id, newest=True) == {
            "0x01",
            "0x03",
        }  # the community's, hers
        assert records.forecasting_models("other", newest=True) == frozenset()
        assert records.scored_subjects(COMMUNITY.id) == {(HOME, "load")}
        assert records.scored_subjects("other") == frozenset()


def test_of_a_sum_that_one_person_had_alone_that_target_goes_with_them(kept: DatabaseStore) -> None:
    roof = replace(FORECAST, subject="community", target="solar", owners=("ada",))
    with kept.transaction() as records:
        records.add_forecast(roof)
        records.begin_erasing()
        records.erase_forecasts(COMMUNITY.id, "ada", ())
    with kept.reading() as records:
        assert {(one.subject, one.target) for one in records.forecasts(COMMUNITY.id)} == {
            ("community", "load")
        }
