import io
import json
import shutil
import sys
import zipfile

import pytest
from starlette.testclient import TestClient

from backend.adapters.home import Home
from backend.api.application import create_app
from backend.api.daily_forecasts import DailyForecasts
from backend.api.settings import ApiSettings
from backend.bootstrap import Wiring
from backend.errors import InputError
from backend.forecasting.anomalies import AnomalyKind
from backend.services.forecasts.anomalies import tell_look
from backend.services.forecasts.retrain import Done
from backend.services.privacy_export import export_person
from tests.integration.anomalies.street import (
    DEAD,
    DEAD_DAYS,
    FIRST_UTC,
    PASSED_BY,
    PASSED_BY_DAYS,
    ROOF,
    ROOF_DEAD_DAYS,
    make_street,
)
from tests.prepared import copy_prepared

DAY = 86400


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    folder = tmp_path_factory.mktemp("street") / "home"
    copy_prepared(folder, make_street)
    return folder


@pytest.fixture(scope="module")
def wiring(street):
    opened = Wiring(Home(street))
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def found(wiring):
    return wiring.anomalies.look("rue", FIRST_UTC + 100 * DAY, None, 2.0)


@pytest.fixture
def own(street, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(street, tmp_path / "home")
    opened = Wiring(Home(tmp_path / "home"))
    yield opened
    opened.store.close()


def of(result, element):
    return [one.anomaly for one in result.findings if one.anomaly.element == element]


def test_a_dead_meter_and_one_that_evenings_go_round_are_named_with_their_days(found):
    dead = next(one for one in of(found, DEAD) if one.kind is AnomalyKind.DEAD_METER)
    assert dead.start_utc == FIRST_UTC + DEAD_DAYS[0] * DAY
    passed = next(one for one in of(found, PASSED_BY) if one.kind is AnomalyKind.BYPASS)
    assert abs(passed.start_utc - (FIRST_UTC + PASSED_BY_DAYS[0] * DAY)) <= 2 * DAY
    assert (found.look.meters, found.look.feeders, found.look.unjudged) == (7, 1, ())
    owners = {one.anomaly.element: one.owners for one in found.findings}
    assert owners[DEAD] == ("p3",)


def test_a_roof_that_gives_nothing_is_named_with_its_days_and_its_member(found):
    (dead,) = [one for one in found.findings if one.anomaly.element == ROOF]
    assert (dead.anomaly.kind, dead.anomaly.cause, dead.owners) == (AnomalyKind.PLANT, "plant_dead", ("p6",))
    assert abs(dead.anomaly.start_utc - (FIRST_UTC + ROOF_DEAD_DAYS[0] * DAY)) < DAY
    assert dead.anomaly.figures["days"] == ROOF_DEAD_DAYS[1] - ROOF_DEAD_DAYS[0]


def test_a_look_is_found_again_and_not_made_again(wiring, found):
    assert wiring.anomalies.look("rue", FIRST_UTC + 100 * DAY, None, 2.0) is found
    other = wiring.anomalies.look("rue", FIRST_UTC + 100 * DAY, FIRST_UTC + 120 * DAY, 2.0)
    assert other.look.id != found.look.id


def test_a_kept_look_is_read_back_as_it_was_and_keeping_it_twice_changes_nothing(own):
    found = own.anomalies.look("rue", FIRST_UTC + 105 * DAY, FIRST_UTC + 120 * DAY, 2.0)
    own.anomalies.keep(found)
    own.anomalies.keep(found)
    fresh = Wiring(own.home)
    again = fresh.anomalies.look("rue", FIRST_UTC + 105 * DAY, FIRST_UTC + 120 * DAY, 2.0)
    assert again == found
    with fresh.store.reading() as records:
        assert len(records.anomaly_looks("rue")) == 1
    fresh.store.close()


def test_what_was_found_of_a_person_is_exported_and_goes_with_them(own):
    found = own.anomalies.look("rue", FIRST_UTC + 105 * DAY, FIRST_UTC + 120 * DAY, 2.0)
    own.anomalies.keep(found)
    with own.store.reading() as records:
        user = next(one for one in records.users("rue") if one.participant == "p3")
    archive = zipfile.ZipFile(io.BytesIO(export_person(own.context, own.render_bill, user)))
    told = json.loads(archive.read("person.json"))["anomalies"]
    assert {one["element"] for one in told} == {DEAD}
    assert all(one["believed_utc"] == found.look.made_utc for one in told)
    with own.store.transaction() as records:
        records.begin_erasing()
        records.erase_anomalies("rue", "p3")
    with own.store.reading() as records:
        left = records.anomalies("rue")
    assert {one.anomaly.element for one in left} == {one.anomaly.element for one in found.findings} - {DEAD}


def test_days_without_enough_before_them_are_told_as_not_judged(own):
    early = own.anomalies.look("rue", FIRST_UTC + 20 * DAY, FIRST_UTC + 40 * DAY, 2.0)
    assert early.findings == ()
    assert (early.look.meters, early.look.feeders) == (
        1,
        0,
    )  # the roof is judged by the sky, from three weeks on
    assert len(early.look.unjudged) == 2
    assert "20 days are known" in early.look.unjudged[0]


def test_each_day_the_last_weeks_are_looked_at_and_what_is_found_is_kept_once(own, monkeypatch):
    monkeypatch.setattr("backend.services.forecasts.retrain.run_due", lambda *_: Done())
    daily = DailyForecasts(create_app(own, ApiSettings()).state.services)
    daily.forecast()
    daily.forecast()
    with own.store.reading() as records:
        (look,) = records.anomaly_looks("rue")
        kept = {one.anomaly.element for one in records.anomalies("rue")}
    assert (look.meters, look.start_utc) == (7, FIRST_UTC + 102 * DAY)
    assert {DEAD, ROOF} <= kept


def test_days_that_are_not_stored_too_many_meters_and_no_budget_are_refused(wiring):
    with pytest.raises(InputError, match="no whole day of what is stored"):
        wiring.anomalies.look("rue", FIRST_UTC + 500 * DAY, None, 2.0)
    with pytest.raises(InputError, match="7 metering points"):
        wiring.anomalies.look("rue", FIRST_UTC + 101 * DAY, None, 3.0, 5)
    with pytest.raises(InputError, match="budget of -1"):
        wiring.anomalies.look("rue", None, None, -1.0)


def test_a_member_is_told_of_their_own_meter_alone(found):
    told = tell_look(found, "Etc/GMT+8", "p3")
    assert {one["element"] for one in told["items"]} == {DEAD}
    assert not tell_look(found, "Etc/GMT+8", "nobody")["items"]


def log_in(app, passwords, login):
    client = TestClient(app, headers={"X-Partage-Request": "1"})
    answer = client.post("/api/v1/session", json={"login": login, "password": passwords[login]})
    assert answer.status_code == 200, answer.text
    return client


def test_operators_see_all_members_their_own_and_each_look_is_logged(own):
    passwords = dict(line.split() for line in (own.home.root / "passwords.txt").read_text().splitlines())
    app = create_app(own, ApiSettings())
    span = {"from": "2016-11-10T00:00:00-08:00", "to": "2016-12-05T00:00:00-08:00"}
    operator = log_in(app, passwords, "operator@rue")
    answer = operator.get("/api/v1/operator/communities/rue/anomalies", params=span)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["from"] == "2016-11-10T08:00:00Z"
    assert told["looked_at"]["meters"] == 7
    elements = {one["element"] for one in told["items"]}
    assert {DEAD, PASSED_BY} <= elements
    only = operator.get(
        "/api/v1/operator/communities/rue/anomalies", params={**span, "kind": "dead_meter"}
    ).json()
    assert {one["kind"] for one in only["items"]} == {"dead_meter"}
    mine = log_in(app, passwords, "p3@rue").get("/api/v1/me/anomalies", params=span).json()
    assert {one["element"] for one in mine["items"]} == {DEAD}
    assert (
        log_in(app, passwords, "p3@rue")
        .get("/api/v1/operator/communities/rue/anomalies", params=span)
        .status_code
        == 403
    )
    with own.store.reading() as records:
        assert any("anomalies" in what for _, what, _ in records.accesses("rue/p3"))
    refused = operator.get("/api/v1/operator/communities/rue/anomalies", params={**span, "budget": "0"})
    assert refused.status_code == 422


def test_the_command_tells_findings_keeps_them_and_prints_one_object(own, monkeypatch, capsys):
    from backend.cli import main

    monkeypatch.setenv("PARTAGE_HOME", str(own.home.root))

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["partage", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return capsys.readouterr().out

    options = ("--from", "2016-11-10T00:00:00-08:00", "--to", "2016-12-05T00:00:00-08:00")
    said = " ".join(run("forecasts", "anomalies", "rue", *options).split())
    assert f"{DEAD}: dead meter" in said
    # Its own readings are zero for five hours after the three days that were planted.
    assert "Until 22 November 2016 it showed exactly zero for 77 h" in said
    told = json.loads(run("forecasts", "anomalies", "rue", *options, "--json"))
    assert {DEAD, PASSED_BY} <= {one["element"] for one in told["items"]}
    with own.store.reading() as records:
        assert len(records.anomaly_looks("rue")) == 1
