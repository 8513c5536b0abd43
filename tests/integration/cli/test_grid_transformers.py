"""``partage grid transformers`` and what goes with it, as a person and a program meet them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.grid import ConnectionSeries, Origin
from backend.services.users import add_user
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

DAY = 1_514_764_800  # 2018-01-01T00:00Z, a Monday
HOURS = 24 * 8
LOADS = [
    {"id": "boiler", "connection": "ada", "kind": "shift", "watts": 5000, "has_consented": True},
    {"id": "pump", "connection": "ben", "kind": "shed", "watts": 5000},
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the small network behind 30 kVA, of nobody's community, and eight days with an evening's peak."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PARTAGE_HOME", str(folder))
    wiring = Wiring(Home(folder), environment={})
    wiring.home.create()
    network = small_network()
    network = replace(
        network, transformers=(replace(network.transformers[0], rated_volt_amperes=30e3, meter=""),)
    )
    watts = np.full((4, HOURS), 2500.0)
    watts[0, 18::24] = 9000.0
    with wiring.store.transaction() as records:
        records.put_network(network_record(network, ""))
    add_user(wiring.store, "grid", ["admin"], draw_password=lambda: "a password of some length")
    wiring.profiles.put("rue", ConnectionSeries(DAY, 3600, watts, watts * 0.1, (Origin.PROFILE,) * 4))
    wiring.store.close()
    (tmp_path / "loads.json").write_text(json.dumps(LOADS))
    return folder


@pytest.mark.usefixtures("home")
def test_transformers_are_ranked_for_people_and_told_in_full_to_programs(partage: Any) -> None:
    shown = partage("grid", "transformers", "rue").out
    assert "T1" in shown
    assert "not measured" in " ".join(shown.split())
    (card,) = json.loads(partage("grid", "transformers", "rue", "--json").out)["items"]
    assert card["loading_pct"]["peak"] > 100
    assert card["hours_over"] == 8.0
    detail = json.loads(partage("grid", "transformers", "rue", "--transformer", "T1").out)
    assert len(detail["course"]["hot_spot_c"]) == HOURS


@pytest.mark.usefixtures("home")
def test_hosting_is_told_for_one_connection_and_one_technology(partage: Any) -> None:
    told = json.loads(
        partage("grid", "hosting", "rue", "--connection", "cleo", "--technology", "solar", "--json").out
    )
    assert {(one["connection"], one["technology"]) for one in told["items"]} == {("cleo", "solar")}
    told = partage("grid", "hosting", "rue", "--connection", "cleo").out
    assert "cleo" in told
    assert "rue · means of 3,600 s" in told
    unknown = partage("grid", "hosting", "rue", "--connection", "zoe")
    assert unknown.code != 0
    assert 'has no connection "zoe"' in unknown.err


@pytest.mark.usefixtures("home")
def test_a_plan_is_proposed_listed_and_decided_by_name(partage: Any, tmp_path: Path) -> None:
    loads, out = tmp_path / "loads.json", tmp_path / "plan.json"
    asked = ("grid", "relief", "rue", "--transformer", "T1", "--loads", str(loads))
    told = json.loads(partage(*asked, "--out", str(out), "--json").out)
    assert told["holds"]
    assert {one["load"] for one in told["actions"]} == {"boiler"}
    assert json.loads(out.read_text()) == told
    shown = partage(*asked).out
    assert "boiler" in shown
    (listed,) = json.loads(partage("grid", "relief-plans", "rue", "--json").out)["plans"]
    assert (listed["id"], listed["state"]) == (told["id"], "proposed")
    partage("grid", "decide", "rue", told["id"], "approved", "--by", "grid")
    (decided,) = json.loads(partage("grid", "relief-plans", "rue", "--json").out)["plans"]
    assert decided["state"] == "approved"
    refused = partage("grid", "decide", "rue", told["id"], "refused", "--by", "grid")
    assert refused.code != 0
    assert "was approved already" in refused.err
    nobody = partage("grid", "decide", "rue", told["id"], "approved", "--by", "zoe")
    assert "no user with the login 'zoe'" in nobody.err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{}", "holds no list"),
        ("[", "is no JSON"),
        ('[{"id": "a"}]', 'lacks "connection"'),
        (None, "cannot be read"),
    ],
)
def test_a_list_that_is_none_is_refused_and_nothing_is_kept(
    partage: Any, tmp_path: Path, content: str | None, named: str
) -> None:
    loads = tmp_path / "other.json"
    if content is not None:
        loads.write_text(content)
    failed = partage("grid", "relief", "rue", "--transformer", "T1", "--loads", str(loads))
    assert failed.code != 0
    assert named in failed.err
    assert json.loads(partage("grid", "relief-plans", "rue", "--json").out)["plans"] == []
