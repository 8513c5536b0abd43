"""``partage grid`` alarms, events, work orders and settings, as a person and a program meet them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.grid import ConnectionSeries, Origin
from backend.ports.grid_plan_records import PlanKind, PlanRecord, PlanState
from tests.integration.messages.receivers import receiving_posts
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

DAY = 1_514_764_800  # 2018-01-01T00:00Z, a Monday
RULES = """
[[alarm-rules]]
id = "east-loaded"
measure = "loading"
kind = "segment"
limit = 1
elements = ["east"]
for_seconds = 900
"""
SWITCHES = [{"connection": "ben", "from": "L1", "to": "L3", "gain_kw": 0.75}]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the small network, of nobody's community, half a day of profiles, and a plan."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PARTAGE_HOME", str(folder))
    monkeypatch.delenv("PARTAGE_SMTP_URL", raising=False)
    wiring = Wiring(Home(folder), environment={})
    wiring.home.create()
    watts = np.zeros((4, 48))
    watts[2, 10:14] = 4000.0
    plan = PlanRecord(
        "p1", "rue", PlanKind.SWITCHING, "T1", PlanState.PROPOSED, DAY, "", {"switches": SWITCHES}
    )
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), ""))
        records.add_plan(plan)
    wiring.profiles.put("rue", ConnectionSeries(DAY, 900, watts, watts * 0.1, (Origin.PROFILE,) * 4))
    wiring.store.close()
    return folder


def as_json(partage: Any, *words: object) -> Any:
    outcome = partage("grid", *words)
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


@pytest.fixture
def ruled(home: Path, tmp_path: Path, partage: Any) -> Path:
    (tmp_path / "rules.toml").write_text(RULES)
    assert "at version 1" in partage("grid", "setting", "rue", "alarm-rules", tmp_path / "rules.toml").out
    return home


@pytest.mark.usefixtures("ruled")
def test_alarms_are_found_once_and_stand_on_the_timeline(partage: Any) -> None:
    told = as_json(partage, "alarms", "rue", "--json")
    assert (len(told["begun"]), len(told["ended"])) == (1, 1)
    assert told["looked_at"] == {"loading": {"from": "2018-01-01T00:00Z", "to": "2018-01-01T12:00Z"}}
    assert "Nothing is new" in partage("grid", "alarms", "rue").out
    (alarm,) = as_json(partage, "events", "rue", "--state", "open", "--json")["events"]
    assert (alarm["element"], alarm["at_utc"], alarm["end_utc"]) == ("east", DAY + 9000, DAY + 12600)
    shown = partage("grid", "events", "rue").out
    assert "east: loading" in shown
    assert "Alarm rules set anew, version 1" in shown
    again = as_json(partage, "alarms", "rue", "--from", "2018-01-01T00:00:00Z", "--json")
    assert (again["begun"], again["withdrawn"]) == ([], [])


@pytest.mark.usefixtures("ruled")
def test_an_alarm_is_sent_where_the_routes_say_and_its_receiver_can_check_it(
    partage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTAGE_WEBHOOK_PRIVATE", "1")
    with receiving_posts() as posted:
        route = {
            "id": "sap",
            "channel": "webhook",
            "url": posted.url,
            "gather_seconds": 0,
            "least": "info",
            "kinds": ["work_order"],
        }
        (tmp_path / "routes.json").write_text(json.dumps([route]))
        assert partage("grid", "setting", "rue", "routes", tmp_path / "routes.json").code == 0
        assert partage("grid", "work-orders", "rue", "--of-plan", "p1").code == 0
        assert as_json(partage, "alarms", "rue", "--json")["messages"]["sent"] == 1
    ((_, headers, body),) = posted.requests
    key = bytes.fromhex(partage("grid", "webhook-key", "rue", "sap").out.strip())
    from backend.adapters.messages import sign_body

    assert headers["Partage-Signature"] == sign_body(key, int(headers["Partage-Timestamp"]), body)
    assert json.loads(body)["entries"][0]["data"]["expected_gain_kw"] == 0.75
    assert "its webhooks: sap" in partage("grid", "webhook-key", "rue", "other").sentence


@pytest.mark.usefixtures("home")
def test_orders_are_made_handed_over_and_told_back(partage: Any, tmp_path: Path) -> None:
    assert "no work order" in partage("grid", "work-orders", "rue").out
    out = tmp_path / "orders.csv"
    made = as_json(partage, "work-orders", "rue", "--of-plan", "p1", "--csv", out, "--json")["work_orders"]
    with out.open(newline="") as opened:
        (row,) = list(csv.DictReader(opened))
    assert (row["work_order"], row["element"]) == (made[0]["id"], "ben")
    done = datetime.fromtimestamp(made[0]["created_utc"], UTC).isoformat()
    back = tmp_path / "status.csv"
    back.write_text(
        "work_order,step,outcome,done_at,field:crew,field:day\n"
        f"{row['work_order']},plan,planned,{done},north,2018-02-01\n"
    )
    assert "1 steps were taken, 0 were known" in partage("grid", "work-orders", "rue", "--status", back).out
    told = as_json(partage, "work-orders", "rue", "--status", back, "--json")
    assert (told["steps_taken"], told["steps_known"]) == (0, 1)
    assert told["work_orders"][0]["due"]["id"] == "announce"


@pytest.mark.usefixtures("home")
def test_what_is_printed_of_a_setting_can_be_set_again(partage: Any, tmp_path: Path) -> None:
    for kind in ("alarm-rules", "workflows", "routes"):
        printed = as_json(partage, "setting", "rue", kind)
        assert printed["version"] == 0
        (tmp_path / "same.json").write_text(json.dumps(printed))
        assert "at version 0" in partage("grid", "setting", "rue", kind, tmp_path / "same.json").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alarms", "ruelle"), "There is no network 'ruelle'"),
        (("alarms", "rue", "--from", "yesterday"), "no instant with an offset"),
        (("alarms", "rue", "--from", "2100-01-01T00:00:00Z"), "still to come"),
        (("events", "ruelle"), "There is no network 'ruelle'"),
        (("events", "rue", "--state", "calm"), "--state is 'calm'; choose one of noted, open"),
        (("work-orders", "rue", "--of-plan", "p9"), "p9"),
        (("work-orders", "rue", "--status", "absent.csv"), "absent.csv"),
        (("setting", "rue", "colours"), "no setting 'colours'; choose one of alarm-rules"),
        (("setting", "rue", "routes", "bad.json"), "route 'number 1' has no id"),
        (("setting", "rue", "alarm-rules", "bad.toml"), "cannot be read as TOML or JSON"),
        (("setting", "rue", "alarm-rules", "other.toml"), "write [[alarm-rules]] tables"),
        (("setting", "rue", "alarm-rules", "latin.toml"), "is no UTF-8 (byte 0)"),
        (("webhook-key", "rue", "sap"), "has no webhook 'sap'; its webhooks: none is set"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_done_is_one_sentence(
    partage: Any, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "bad.json").write_text('[{"channel": "webhook"}]')
    (tmp_path / "bad.toml").write_text("[[alarm-rules")
    (tmp_path / "other.toml").write_text("a = 1")
    (tmp_path / "latin.toml").write_bytes(b"\xe9 = 1")
    outcome = partage("grid", *words)
    assert outcome.code == 1
    assert said in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.usefixtures("home")
def test_a_mail_server_that_is_none_is_said_before_anything_is_done(
    partage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTAGE_SMTP_URL", "mail.example")
    assert "PARTAGE_SMTP_URL is no mail server" in partage("grid", "alarms", "rue").sentence
