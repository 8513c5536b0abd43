"""Who served whom in an interval, and why not more."""

import json
from datetime import UTC, datetime

import pytest

from backend.errors import NotFoundError
from backend.services.explanations import explain_point
from backend.services.settled_periods import SettledPeriods
from tests.integration.settlement.shared_street import KEYS, street, street_csv
from tests.integration.settlement.small_community import load_and_settle, open_home

NOON = int(datetime(2024, 3, 20, 11, tzinfo=UTC).timestamp())


def settled(folder, method, parameters=""):
    wiring = open_home(folder / "home")
    load_and_settle(wiring, street_csv(), street(method, parameters))
    return SettledPeriods(wiring.context.store, wiring.context.intervals)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("flow")


@pytest.fixture(scope="module")
def flowing(folder):
    return settled(folder, "flow", KEYS["flow"])


def test_each_link_of_a_consumer_says_what_it_gave_and_why_not_more(flowing):
    found = explain_point(flowing, "toits", "2024-03", "ada-load", NOON)
    assert (found["method"], found["direction"], found["start_utc"]) == ("flow", "consumption", NOON)
    links = {link["metering_point"]: link for link in found["links"]}
    assert set(links) == {"ben-solar", "dora-solar"}
    assert (
        sum(link["energy_milliwatt_hours"] for link in found["links"]) == found["allocated_milliwatt_hours"]
    )
    # Ada wants Dora's roof first, and that roof gives all she uses: Ben's gives nothing since her demand is met.
    assert links["dora-solar"]["energy_milliwatt_hours"] == found["energy_milliwatt_hours"] > 0
    assert (links["ben-solar"]["limit"], links["ben-solar"]["came_first"]) == ("demand_met", "dora-solar")
    assert links["ben-solar"]["level"]


def test_a_roof_is_told_whom_it_served(flowing):
    found = explain_point(flowing, "toits", "2024-03", "ben-solar", NOON)
    assert found["direction"] == "feed_in"
    assert (
        sum(link["energy_milliwatt_hours"] for link in found["links"]) == found["allocated_milliwatt_hours"]
    )
    assert "ben-load" in {link["metering_point"] for link in found["links"]}


@pytest.mark.parametrize("method", ["dynamic", "pairwise"])
def test_the_links_of_other_keys_come_to_what_the_point_was_given(tmp_path, method):
    periods = settled(tmp_path, method, KEYS[method])
    for point in ("ada-load", "ben-solar"):
        found = explain_point(periods, "toits", "2024-03", point, NOON + 59)
        assert found["start_utc"] == NOON
        assert found["links"]
        assert (
            sum(link["energy_milliwatt_hours"] for link in found["links"])
            == found["allocated_milliwatt_hours"]
        )


def test_what_is_not_there_is_not_explained(flowing):
    with pytest.raises(NotFoundError, match="zoe-load"):
        explain_point(flowing, "toits", "2024-03", "zoe-load", NOON)
    with pytest.raises(NotFoundError, match="instant"):
        explain_point(flowing, "toits", "2024-03", "ada-load", NOON + 40 * 86_400)


@pytest.mark.usefixtures("flowing")
def test_the_command_says_it_in_words(folder, monkeypatch):
    from typer.testing import CliRunner

    from backend.cli.app import app

    monkeypatch.setenv("PARTAGE_HOME", str(folder / "home"))
    words = ["explain", "toits", "--period", "2024-03", "--point", "ada-load", "--interval"]
    told = CliRunner().invoke(app, [*words, "2024-03-20T12:00:00+01:00"])
    assert told.exit_code == 0, told.output
    assert "dora-solar came first" in told.stdout
    plain = CliRunner().invoke(app, [*words, "2024-03-20T11:00:00Z", "--json"])
    assert json.loads(plain.stdout)["metering_point"] == "ada-load"
    for wrong in ("noon", "2024-03-20T12:00:00"):
        assert CliRunner().invoke(app, [*words, wrong]).exit_code != 0
