"""``partage forecasts``: what people and programs are told of what is kept."""

import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from backend.adapters.forecasts.engine import LocalEngine
from backend.adapters.home import Home
from backend.api.forecast_schemas import Accuracy, ForecastAnswer
from backend.bootstrap import Wiring
from backend.cli.app import app
from backend.errors import InputError, NotFoundError
from backend.services.forecasts.desk import Matter
from backend.services.forecasts.forecast import make_forecast
from backend.services.forecasts.retrain import run_due
from backend.services.forecasts.subjects import parse_subject


@pytest.fixture(scope="module")
def home(settled_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forecasts") / "home"
    shutil.copytree(settled_home.folder, folder)
    wiring = Wiring(Home(folder))
    desk = replace(wiring.forecasts, engine=LocalEngine(quick=True), quick=True)
    members, asked = desk.members("toits"), (parse_subject("community"), "load")
    series = desk.histories.read(members, [asked])[asked]
    with desk.store.transaction() as records:
        past = make_forecast(desk, Matter(members, asked, series), series.end_utc - 10 * 86_400, 48, None)
        records.add_forecast(past)
    assert run_due(desk, "toits", only=[asked]).failed == {}
    wiring.store.close()
    return folder


@pytest.fixture
def run(home, monkeypatch):
    monkeypatch.setenv("PARTAGE_HOME", str(home))

    def run_command(*arguments):
        result = CliRunner().invoke(app, ["forecasts", *arguments])
        if result.exception:
            raise result.exception
        return result.stdout

    return run_command


def test_programs_are_told_the_same_by_command_as_by_http(run):
    shown = json.loads(run("show", "toits", "--json"))
    assert ForecastAnswer.model_validate(shown).model_dump(mode="json", by_alias=True) == shown
    assert shown["origin"] == shown["start"][0] == "2024-03-31T22:00:00Z"
    judged = json.loads(run("accuracy", "toits", "--json"))
    assert Accuracy.model_validate(judged).model_dump(mode="json", by_alias=True) == judged
    assert judged["from"] < judged["until"] <= shown["origin"]
    (model,) = json.loads(run("models", "toits", "--json"))["items"]
    assert model["trained_until"].endswith("Z")
    card = json.loads(run("models", "toits", "--model", model["id"]))
    assert (card["id"], card["anchor"]) == (model["id"], None)


def test_people_read_tables_with_units_and_the_weather(run):
    shown = " ".join(run("show", "toits").split())
    assert "load [W]: made" in shown
    assert "weather: none" in shown
    assert "start mean p10 p90 came" in shown
    judged = " ".join(run("accuracy", "toits").split())
    assert "forecast afterwards; weather: none" in judged
    assert "MAE naive pinball naive skill % in 80 % band" in judged
    assert "community" in run("models", "toits")


def test_what_was_not_forecast_by_then_is_told_with_what_is_kept(run):
    with pytest.raises(NotFoundError, match=r"made by then.*kept begin from 2024-03-.* to 2024-03-31T22:00Z"):
        run("show", "toits", "--known", "2000-01-01T00:00:00Z")
    with pytest.raises(NotFoundError, match="partage forecasts run toits makes those that are due"):
        run("show", "toits", "--subject", "home:ben")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--subject", "feeder:none"), "has no feeder 'none'"),
        (("--subject", "garden"), "'garden' is no subject of forecasts"),
        (("--target", "rain"), "'rain' is not forecast"),
    ],
)
def test_learning_what_is_not_there_fails_and_says_so(run, options, said):
    with pytest.raises(InputError, match=said):
        run("train", "toits", *options)
