"""``partage grid outage`` and ``partage grid phases`` as a person and a program meet them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.grid import ConnectionSeries, Origin
from tests.measured_phases import measured_powers
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

DAY = 1_514_764_800  # 2018-01-01T00:00Z
TRUTH = {"ada": (0,), "ben": (2,), "cleo": (1,), "workshop": (0, 1, 2)}  # ben's record says L1


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the small network, of nobody's community, and half a day of profiles."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PARTAGE_HOME", str(folder))
    wiring = Wiring(Home(folder), environment={})
    wiring.home.create()
    watts = np.array([[2000.0], [3000], [1500], [6000]]) * (1.0 + np.arange(48) % 4)
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), ""))
    wiring.profiles.put("rue", ConnectionSeries(DAY, 900, watts, watts * 0.1, (Origin.PROFILE,) * 4))
    wiring.store.close()
    return folder


@pytest.mark.usefixtures("home")
def test_an_outage_is_told_with_its_steps(partage: Any) -> None:
    told = json.loads(partage("grid", "outage", "rue", "west", "--at-ends", "--json").out)
    assert told["impact"]["connections"] == ["ada", "ben"]
    assert told["impact"]["mean_kw"] == pytest.approx(5 * 2.5)
    assert told["impact"]["worst_kw"] == pytest.approx(20)
    assert [step["action"] for step in told["restoration"]["steps"]] == ["disconnect", "close"]
    assert told["restoration"]["restored_kw"] == pytest.approx(12.5)
    said = partage("grid", "outage", "rue", "west", "--at-ends").out
    assert "2 customers dark" in said
    assert "disconnect" in said
    assert "Restored: 2 customers, 12.50 of 12.50 kW" in said


@pytest.mark.usefixtures("home")
def test_what_comes_back_after_an_outage_is_told(partage: Any) -> None:
    asked = ("grid", "outage", "rue", "west", "--at-ends", "--hours", "4", "--temperature", "-5")
    back = json.loads(partage(*asked, "--json").out)["pick_up"]
    assert (back["outage_hours"], back["temperature_celsius"], back["assumed"]) == (4, -5, True)
    assert back["mean_extra_kw"] == pytest.approx(12.5 * back["extra_pct"] / 100, rel=1e-2)
    said = partage(*asked).out
    assert f"Back after 4 h: {back['extra_pct']:.0f} % more than usual" in said
    assert "no outage was measured here" in " ".join(said.split())


@pytest.mark.usefixtures("home")
def test_without_an_element_what_costs_most_is_listed(partage: Any) -> None:
    told = json.loads(partage("grid", "outage", "rue", "--limit", "2", "--json").out)
    assert [(one["element"], one["customers"]) for one in told["items"]] == [("T1", 4), ("mv", 4)]
    listed = partage("grid", "outage", "rue", "--by", "critical").out.splitlines()
    assert "T1" in listed[2]


@pytest.mark.usefixtures("home")
def test_phases_are_suggested_and_accepted(partage: Any, tmp_path: Path) -> None:
    file = tmp_path / "measured.csv"
    file.write_text(measured_powers(TRUTH, DAY, 900))
    assert "no phases were suggested yet" not in partage("grid", "phases", "rue", "--measured", file).out
    told = json.loads(partage("grid", "phases", "rue", "--json").out)
    (change,) = [one for one in told["items"] if one["is_change"]]
    assert (change["connection"], change["record"], change["suggested"]) == ("ben", "L1", "L3")
    accepted = json.loads(partage("grid", "phases", "rue", "--accept", "ben=L3", "--json").out)
    assert accepted["digest"] != told["digest"]
    assert [one["connection"] for one in accepted["items"] if one["is_accepted"]] == ["ben"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["outage", "rue", "moon"], '"moon"'),
        (["outage", "quai"], "quai"),
        (["outage", "rue", "west", "--hours", "0"], "an outage of 0 h"),
        (["outage", "rue", "west", "--from", "2030-01-01T00:00:00Z", "--to", "2029-01-01T00:00:00Z"], "2029"),
        (["phases", "rue", "--accept", "ben"], "names no phases"),
        (["phases", "rue", "--accept", "ben=L2"], "why"),
        (["phases", "rue", "--accept", "moon=L2", "--why", "seen"], '"moon"'),
        (["phases", "rue", "--measured", "nowhere.csv"], "nowhere.csv"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_done_is_said_in_a_sentence(partage: Any, words: list[str], told: str) -> None:
    outcome = partage("grid", *words)
    assert outcome.code == 1
    assert told in outcome.err
    assert "Traceback" not in outcome.err


def test_a_network_of_which_nothing_is_known_counts_customers(partage: Any, home: Path) -> None:
    wiring = Wiring(Home(home), environment={})
    with wiring.store.transaction() as records:
        records.put_network(network_record(replace(small_network(), name="bare"), ""))
    wiring.store.close()
    told = json.loads(partage("grid", "outage", "bare", "west", "--at-ends", "--json").out)
    assert told["from"] is None
    assert told["restoration"]["restored"] == ["ada", "ben"]
    assert told["restoration"]["voltage_min_pu"] is None
