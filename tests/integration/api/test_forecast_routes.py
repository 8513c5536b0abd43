"""Forecasts by HTTP: with quantiles, beside what came, and only for whose they are."""

from __future__ import annotations

import csv
import io
import shutil
import time
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from backend.adapters.forecasts.engine import LocalEngine
from backend.api.application import create_app
from backend.api.daily_forecasts import DailyForecasts
from backend.api.settings import ApiSettings
from backend.ports.forecast_records import ForecastModelRecord
from backend.services.forecasts.anchor import anchor_models, can_anchor
from backend.services.forecasts.desk import Matter
from backend.services.forecasts.forecast import make_forecast
from backend.services.forecasts.retrain import Done, run_due
from backend.services.forecasts.subjects import parse_subject
from tests.integration.api.conftest import close_place, open_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

    from tests.integration.api.conftest import Place

BASE = "/api/v1/forecasts"
DAY = 86_400


@pytest.fixture(scope="module")
def forecast_place(settled_home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The settled community with forecasts: those that are due, and one of ten days before the end."""
    folder = tmp_path_factory.mktemp("forecast") / "home"
    shutil.copytree(settled_home.folder, folder)
    opened = open_place(folder, settled_home.passwords)
    desk = replace(opened.wiring.forecasts, engine=LocalEngine(quick=True), quick=True)
    members = desk.members("toits")
    for asked in ((parse_subject("home:ada"), "load"), (parse_subject("community"), "load")):
        series = desk.histories.read(members, [asked])[asked]
        with desk.store.transaction() as records:
            records.add_forecast(
                make_forecast(desk, Matter(members, asked, series), series.end_utc - 10 * DAY, 48, None)
            )
    done = run_due(desk, "toits")
    assert done.failed == {}
    opened.wiring.__dict__["forecasts"] = desk
    yield opened
    close_place(opened)


@pytest.fixture(scope="module")
def ada(forecast_place: Place) -> TestClient:
    return forecast_place.log_in("ada@toits")


@pytest.fixture(scope="module")
def operator(forecast_place: Place) -> TestClient:
    return forecast_place.log_in("operator@toits")


def get(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(BASE + path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_member_gets_their_own_home_with_quantiles_that_do_not_cross(ada: TestClient) -> None:
    told = get(ada, "")
    assert (told["subject"], told["target"], told["unit"]) == ("home:ada", "load", "W")
    assert len(told["start"]) == len(told["mean"]) == len(told["actual"]) == 48
    assert len(told["quantiles"]) == len(told["levels"]) == 11
    for below, above in zip(told["quantiles"], told["quantiles"][1:], strict=False):
        assert all(low <= high for low, high in zip(below, above, strict=True))
    assert told["start"][0] == told["origin"] == told["readings_until"] == "2024-03-31T22:00:00Z"
    assert told["actual"] == [None] * 48
    assert told["hindcast"] is False
    assert told["origins"] == ["2024-03-31T22:00:00Z", "2024-03-21T22:00:00Z"]


def test_a_past_forecast_stands_beside_what_came(ada: TestClient) -> None:
    told = get(ada, "", origin="2024-03-21T22:00:00Z", hours=24)
    assert len(told["mean"]) == 24
    assert told["end"] == "2024-03-22T22:00:00Z"
    assert told["hindcast"] is True
    assert told["actual"][0] == pytest.approx(1000 * (0.2 + 0.037 * (23 % 7)))


def test_the_peak_of_each_day_and_the_probability_of_passing_a_limit_are_told(ada: TestClient) -> None:
    told = get(ada, "")
    assert (told["limit"], told["peak"]["learned_from"] > 0) == (None, True)
    assert told["start"][0] <= told["peak"]["start_p10"] <= told["peak"]["start_p90"] <= told["start"][-1]
    assert told["peak"]["p10"] <= told["peak"]["p50"] <= told["peak"]["p90"]
    assert [(one["day"], one["above"]) for one in told["days"]] == [
        ("2024-04-01", None),
        ("2024-04-02", None),
    ]
    limit = told["peak"]["p50"]
    held = get(ada, "", limit=limit)["limit"]
    assert (held["value"], held["words"]) == (limit, "as asked")
    assert max(held["exceedance"]) - 0.05 <= held["above"] <= 1
    assert held["above"] == pytest.approx(0.5, abs=0.1)
    assert get(ada, "", limit=1e9)["limit"]["above"] == 0
    assert ada.get(BASE, params={"limit": "inf"}).status_code == 422


def test_what_was_known_at_a_time_before_anything_was_made_is_nothing(ada: TestClient) -> None:
    assert ada.get(BASE, params={"known": "2024-03-25T00:00:00Z"}).status_code == 404


@pytest.mark.parametrize(
    "subject", ["home:ben", "point:ben-load", "home:nobody", "network:rue/T1", "feeder:f"]
)
def test_what_is_another_s_is_as_if_it_were_not_there(ada: TestClient, subject: str) -> None:
    for path in ("", "/accuracy"):
        answer = ada.get(BASE + path, params={"subject": subject})
        assert answer.status_code == 404, (path, subject)
    listed = {one["subject"] for one in get(ada, "/subjects")["items"]}
    assert listed == {"community", "home:ada"}


def test_an_operator_sees_everybody_and_the_look_is_logged(
    forecast_place: Place, operator: TestClient
) -> None:
    assert get(operator, "")["subject"] == "community"
    assert get(operator, "", subject="home:ben", target="solar")["target"] == "solar"
    with forecast_place.wiring.store.reading() as records:
        looks = [what for _, what, _ in records.accesses("toits/ben")]
    assert "meter data: forecast of solar" in looks
    listed = {one["subject"] for one in get(operator, "/subjects")["items"]}
    assert {"community", "home:ada", "home:ben", "home:cleo"} <= listed


def test_another_community_is_not_there(ada: TestClient) -> None:
    for path in ("", "/subjects", "/accuracy", "/advice", "/models"):
        assert ada.get(BASE + path, params={"community": "lac"}).status_code == 404


@pytest.mark.parametrize(
    "query", [{"subject": "homes"}, {"target": "lod"}, {"hours": 169}, {"origin": "2024-03-21T22:00:00"}]
)
def test_what_cannot_be_asked_is_refused(ada: TestClient, query: dict[str, Any]) -> None:
    assert ada.get(BASE, params=query).status_code in {400, 422}


def test_roles_that_have_nothing_to_do_with_it_are_refused(forecast_place: Place) -> None:
    assert forecast_place.log_in("auditor@toits").get(BASE).status_code == 403
    assert forecast_place.visit().get(BASE).status_code == 401


def test_accuracy_tells_leads_groups_and_a_reliability_diagram(ada: TestClient) -> None:
    told = get(ada, "/accuracy")
    assert told["origins"] == told["hindcasts"] == 1
    assert told["overall"]["intervals"] == 48
    assert [one["to_hours"] for one in told["leads"]] == [1, 3, 6, 12, 24, 48]
    assert sum(one["intervals"] for one in told["leads"]) == 48
    # What stood in is the seasonal naive itself, whose hours repeat by the week: no better, no worse.
    assert told["overall"]["skill"] in {0, None}
    assert told["weather"] == {"source": "none", "ex_post": False, "words": ""}
    assert len(told["reliability"]["observed"]) == 11
    assert told["drift"]["alarm"] is False


def test_what_is_shared_ahead_is_whole_and_no_more_than_is_used(ada: TestClient) -> None:
    shared = get(ada, "", target="shareable")
    whole = get(ada, "", subject="community", target="shareable")
    assert shared["unit"] == "mWh"
    assert all(value == int(value) for value in shared["mean"])
    assert sum(shared["mean"]) > 0
    used = get(ada, "")
    high = used["quantiles"][-1]
    for place, energy in enumerate(shared["quantiles"][5]):
        assert energy <= high[place] * 3600 / 3.6 * 1.5 + 1
    assert all(part <= all_ for part, all_ in zip(shared["mean"], whole["mean"], strict=True))


def test_advice_is_of_one_s_own_home_and_says_what_it_saves(ada: TestClient, operator: TestClient) -> None:
    told = get(ada, "/advice")
    assert (told["participant"], told["day"]) == ("ada", "2024-04-01")
    assert sorted(one["rank"] for one in told["hours"]) == list(range(1, 25))
    best = min(told["hours"], key=lambda one: one["rank"])
    assert best["start"][11:13] in {"08", "09", "10", "11", "12"}  # when Ben's roof gives more than all use
    for one in told["advice"]:
        assert 0.5 < one["probability"] < 1  # some courses never make sure
        assert one["saving_cents"] == pytest.approx(one["usual_cost_cents"] - one["cost_cents"], abs=0.02)
    assert operator.get(BASE + "/advice").status_code == 404


def test_models_say_what_they_learned_from_and_the_daily_run_anchors_their_hash(
    forecast_place: Place, ada: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.commitments.merkle import climb

    listed = get(ada, "/models")["items"]
    assert {one["subject"] for one in listed} == {
        "homes",
        "community",
    }  # the only roof's sun is the sum's too
    used = next(one for one in listed if one["in_use"])
    assert used["anchored"] is False
    periods = ada.get("/api/v1/public/communities/toits/periods").json()
    monkeypatch.setattr("backend.services.forecasts.retrain.run_due", lambda *_: Done())
    DailyForecasts(create_app(forecast_place.wiring, ApiSettings()).state.services).forecast()
    assert anchor_models(forecast_place.wiring.context, "toits") == []
    assert not can_anchor(forecast_place.wiring.store, "toits")
    assert ada.get("/api/v1/public/communities/toits/periods").json() == periods  # it settles nothing of them
    told = get(ada, f"/models/{used['id']}")
    assert told["anchored"] is True
    assert told["card"]["training"]["until_utc"] <= 1_711_922_400
    anchor = told["anchor"]
    path = [bytes.fromhex(one[2:]) for one in anchor["path"]]
    root = climb(bytes.fromhex(told["id"][2:]), anchor["place"], path)
    assert "0x" + root.hex() == anchor["root"]
    documents = forecast_place.wiring.chain.read("billing_ledger", "documentsOf", anchor["run"])
    assert anchor["root"] in documents
    assert ada.get(f"{BASE}/models/0x{'1' * 64}").status_code == 404


def test_the_export_has_what_was_forecast_of_its_owner_and_of_nobody_else(ada: TestClient) -> None:
    answer = ada.get("/api/v1/me/export")
    assert answer.status_code == 200
    content = zipfile.ZipFile(io.BytesIO(answer.content)).read("forecasts.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["subject"] for row in rows} == {"home:ada"}
    assert {row["target"] for row in rows} == {"load", "shareable"}
    assert len(rows) == 3 * 48


def test_a_look_at_a_home_s_model_is_logged_as_one_at_its_readings(
    forecast_place: Place, operator: TestClient
) -> None:
    store = forecast_place.wiring.store
    with store.transaction() as records:
        card = next(iter(records.forecast_models("toits")))
        records.add_forecast_model(
            ForecastModelRecord(
                replace(card, subject="home:ben", target="wind", owners=("ben",), id=f"0x{'7' * 64}"), b""
            )
        )
    assert get(operator, f"/models/0x{'7' * 64}")["subject"] == "home:ben"
    with store.reading() as records:
        assert "meter data: model of wind" in [what for _, what, _ in records.accesses("toits/ben")]


def test_a_meters_day_ahead_is_made_when_it_is_asked_for_and_the_look_is_logged(
    operator: TestClient, ada: TestClient, forecast_place: Place
) -> None:
    told = get(operator, "/subjects", point="ada-load")["items"]
    [item] = [one for one in told if one["kind"] == "point"]
    assert (item["subject"], item["target"], item["origin"]) == ("point:ada-load", "load", None)
    begun = time.process_time()
    made = get(operator, "", subject=item["subject"], target=item["target"])
    assert time.process_time() - begun < 2
    home = get(ada, "")
    assert (made["mean"], made["origins"]) == (
        home["mean"],
        ["2024-03-31T22:00:00Z"],
    )  # one meter is all of it
    with forecast_place.wiring.store.reading() as records:
        looks = [what for _, what, _ in records.accesses("toits/ada")]
    assert any(what.endswith("forecast of load") for what in looks)
    assert get(ada, "", subject="point:ada-load")["mean"] == home["mean"]
    assert ada.get(BASE, params={"subject": "point:ben-load"}).status_code == 404
    assert ada.get(BASE + "/subjects", params={"point": "ben-load"}).status_code == 404
    assert operator.get(BASE + "/subjects", params={"point": "nobody"}).status_code == 404
    many = {"point": [f"p-{place}" for place in range(17)]}
    assert operator.get(BASE + "/subjects", params=many).status_code == 422
