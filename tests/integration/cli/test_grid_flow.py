"""``partage grid flow`` as a person and a program meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pyarrow import parquet

from backend.adapters.demo_data.networks import read_feeder
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.grid import ConnectionSeries, Origin
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

DAY = 1_514_764_800  # 2018-01-01T00:00Z


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the small network, of nobody's community, and half a day of profiles."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PARTAGE_HOME", str(folder))
    wiring = Wiring(Home(folder), environment={})
    wiring.home.create()
    watts = np.array([[2000.0], [3000], [-1500], [6000]]) * (1.0 + np.arange(48) % 4)
    watts[1, 5] = np.nan
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), ""))
    wiring.profiles.put("rue", ConnectionSeries(DAY, 900, watts, watts * 0.1, (Origin.PROFILE,) * 4))
    wiring.store.close()
    return folder


@pytest.mark.usefixtures("home")
def test_json_tells_energy_losses_voltages_currents_and_the_worst_places(partage: Any) -> None:
    told = json.loads(partage("grid", "flow", "rue", "--json").out)
    assert (told["network"], told["start_utc"], told["step_seconds"], told["intervals"]) == (
        "rue",
        DAY,
        900,
        48,
    )
    assert told["connections"] == {"none": 0, "profile": 4, "measured": 0}
    assert told["known_share"] == pytest.approx(191 / 192)
    drawn = (2 + 3 - 1.5 + 6) * 2.5 * 12 - 3 * 2 / 4  # kW · mean factor · hours, less what is not known
    assert told["energy_kwh"] == pytest.approx(drawn + told["losses_kwh"], rel=1e-6)
    assert sum(told["phase_energy_kwh"]) == pytest.approx(told["energy_kwh"])
    assert 0 < told["losses_kwh"] < 0.1 * drawn
    assert 0.9 < told["voltage_min_pu"] < 1 <= told["voltage_max_pu"] < 1.1
    assert told["voltage_min_at"]["bus"] == "w2"
    assert told["voltage_min_at"]["phase"] == "L1"
    # Behind the transformer, which is all that the source feeds: (2 + 3 + 2) kW · 2.5 on L1.
    assert told["phase_current_mean_a"][0] == pytest.approx(7000 * 2.5 / 230, rel=0.06)
    assert [one["key"] for one in told["worst"]["deviation"][:2]] == ["T1", "west"]
    assert told["worst_hours"]["vuf"]


@pytest.mark.usefixtures("home")
def test_a_span_is_what_was_asked_for(partage: Any) -> None:
    words = ("--from", "2018-01-01T02:00:00Z", "--to", "2018-01-01T05:00:00+01:00")
    told = json.loads(partage("grid", "flow", "rue", *words, "--json").out)
    assert (told["start_utc"], told["intervals"]) == (DAY + 7200, 8)


@pytest.mark.usefixtures("home")
def test_people_read_a_table(partage: Any) -> None:
    outcome = partage("grid", "flow", "rue")
    assert outcome.code == 0
    assert "rue: 48 intervals of 900 s" in outcome.out
    assert "4 profile; 99.5% of their intervals known" in outcome.out
    assert "deviation of a phase" in outcome.out
    assert "mean current at the head: L1" in outcome.out


@pytest.mark.usefixtures("home")
def test_a_file_holds_every_element_in_every_interval(partage: Any, tmp_path: Path) -> None:
    out = tmp_path / "flow.parquet"
    outcome = partage("grid", "flow", "rue", "--out", out)
    assert outcome.code == 0
    frame = parquet.read_table(out).to_pandas()
    assert len(frame) == 48 * (5 + 5)
    assert sorted(frame["kind"].unique()) == ["bus", "segment", "switch", "transformer"]
    worst = frame[frame["kind"] == "bus"].set_index("element").loc["w2"]
    assert worst["voltage_l1_pu"].min() == pytest.approx(
        json.loads(partage("grid", "flow", "rue", "--json").out)["voltage_min_pu"], abs=1e-6
    )
    last = frame[(frame["element"] == "west-end") & (frame["start"] == frame["start"].max())]
    assert last["power_l1_kw"].item() == pytest.approx(12, rel=1e-5)
    assert last["power_l2_kw"].item() == pytest.approx(0, abs=1e-6)
    assert last["voltage_l1_pu"].isna().all()
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.usefixtures("home")
def test_a_flow_without_solution_leaves_no_file_and_says_where_and_when(
    partage: Any, home: Path, tmp_path: Path
) -> None:
    wiring = Wiring(Home(home), environment={})
    watts = np.full((4, 2), 1000.0)
    watts[2, 1] = 9e6
    wiring.profiles.put("rue", ConnectionSeries(DAY, 900, watts, watts * 0, (Origin.PROFILE,) * 4))
    wiring.store.close()
    out = tmp_path / "flow.parquet"
    outcome = partage("grid", "flow", "rue", "--out", out)
    assert outcome.code != 0
    assert "no power flow carries the 9,003 kW drawn at 2018-01-01T00:15:00Z" in outcome.sentence
    assert not out.exists()
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere",), "nowhere"),
        (("rue", "--from", "noon"), "'noon' is no instant with an offset"),
        (("rue", "--from", "2018-01-02T00:00:00Z", "--to", "2018-01-01T00:00:00Z"), "2018-01-0"),
        (("rue", "--out", "/nowhere/at/all.parquet"), "/nowhere/at/all.parquet cannot be written"),
    ],
)
def test_what_cannot_be_told_is_refused_in_words(partage: Any, words: tuple[str, ...], sentence: str) -> None:
    outcome = partage("grid", "flow", *words)
    assert outcome.code != 0
    assert sentence in outcome.sentence


def test_the_european_feeders_day_has_the_published_figures(
    partage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTAGE_HOME", str(tmp_path / "feeder"))
    feeder = read_feeder()
    wiring = Wiring(Home(tmp_path / "feeder"), environment={})
    wiring.home.create()
    with wiring.store.transaction() as records:
        records.put_network(network_record(feeder.network, ""))
    wiring.profiles.put(feeder.network.name, feeder.profiles)
    wiring.store.close()
    told = json.loads(partage("grid", "flow", feeder.network.name, "--json").out)
    assert told["energy_kwh"] == pytest.approx(522.37, abs=0.01)
    assert told["losses_kwh"] == pytest.approx(5.063, abs=0.001)
    assert told["voltage_min_pu"] == pytest.approx(0.98165, abs=1e-5)
    assert told["voltage_max_pu"] == pytest.approx(1.06432, abs=1e-5)
    assert told["phase_current_mean_a"] == pytest.approx([33.8, 32.5, 24.6], abs=0.05)
