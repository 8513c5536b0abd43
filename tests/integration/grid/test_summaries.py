"""What a network's flows sum up to, and what it was computed of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.adapters.flow_store import ParquetFlows
from backend.errors import ConflictError
from backend.grid import ConnectionSeries, Origin
from backend.ports.grid_event_records import EventKind, EventQuery
from backend.services.grid.keep_network import keep_network
from backend.services.grid.known_networks import KnownNetworks
from backend.services.grid.summaries import HEADS_TABLE, SUMMARY_TABLE, is_stale, summarise_network
from tests.integration.settlement.small_community import copy_settled, open_home
from tests.small_network import small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.bootstrap import Wiring

NETWORK = replace(
    small_network(),
    connections=tuple(replace(one, metering_points=()) for one in small_network().connections),
    transformers=tuple(replace(one, meter="") for one in small_network().transformers),
)


def profiles(watts: np.ndarray, step: int = 900) -> ConnectionSeries:
    rows = np.broadcast_to(watts, (4, len(watts))).astype(np.float64)
    return ConnectionSeries(0, step, rows, rows * 0, (Origin.PROFILE,) * 4, "Europe/Paris")


def keep(wiring: Wiring, series: ConnectionSeries) -> bool:
    return keep_network(
        wiring.grid_sources, wiring.clock, NETWORK, series, community="", source_format="partage"
    )


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    opened: Wiring = open_home(tmp_path / "home")
    return opened


def test_intervals_of_which_nothing_is_known_are_no_intervals_without_load(wiring: Wiring) -> None:
    watts = np.full(96, 1_000.0)
    watts[20:30] = np.nan
    watts[95] = np.nan
    keep(wiring, profiles(watts))
    networks = KnownNetworks(wiring.grid_sources)
    about = summarise_network(networks, wiring.flows, networks.named("rue"), 0)
    assert about["intervals"] == 85
    rows = wiring.flows.rows("rue", SUMMARY_TABLE, measure="deviation", by="element", element="west")
    assert rows["intervals"].tolist() == [85]
    # Ada and Ben, both on L1, and the mean of three phases: two thirds of 2 kW, and a little for losses.
    assert rows["mean"][0] == pytest.approx(4 / 3, rel=0.01)
    heads = wiring.flows.rows("rue", HEADS_TABLE, element="west")
    assert set(np.diff(heads["start_utc"]).tolist()) == {900, 11 * 900}


def test_minutes_are_summed_up_as_quarter_hours(wiring: Wiring) -> None:
    watts = np.zeros(1440)
    watts[600:615:3] = 9_000.0  # five minutes of fifteen
    keep(wiring, profiles(watts, step=60))
    networks = KnownNetworks(wiring.grid_sources)
    about = summarise_network(networks, wiring.flows, networks.named("rue"), 0)
    assert (about["step_seconds"], about["intervals"]) == (900, 96)
    rows = wiring.flows.rows("rue", SUMMARY_TABLE, measure="deviation", by="element", element="west-end")
    assert rows["worst"][0] == pytest.approx(2.0, rel=0.01)
    assert rows["worst_start_utc"].tolist() == [600 * 60]


def test_a_summary_of_what_changed_meanwhile_is_not_kept(wiring: Wiring) -> None:
    keep(wiring, profiles(np.full(960, 1_000.0)))
    networks = KnownNetworks(wiring.grid_sources)

    def change(done: float) -> None:
        if done < 0.2:
            changed = replace(NETWORK, notes={"changed": "while flows were computed"})
            keep_network(
                wiring.grid_sources, wiring.clock, changed, None, community="", source_format="partage"
            )

    with pytest.raises(ConflictError, match="changed while its flows were computed"):
        summarise_network(networks, wiring.flows, networks.named("rue"), 0, change)
    assert wiring.flows.about("rue") is None


def test_progress_rises_to_all_of_it_and_the_same_again_is_not_stale(wiring: Wiring) -> None:
    keep(wiring, profiles(np.full(400, 500.0)))
    networks = KnownNetworks(wiring.grid_sources)
    told: list[float] = []
    known = networks.named("rue")
    about = summarise_network(networks, wiring.flows, known, 0, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert not is_stale(networks, known, about)
    assert not keep(wiring, profiles(np.full(400, 500.0))), "the same again changes nothing"
    assert not is_stale(networks, networks.named("rue"), about)


def test_other_profiles_of_the_same_network_are_kept(wiring: Wiring) -> None:
    keep(wiring, profiles(np.full(96, 500.0)))
    assert keep(wiring, profiles(np.full(96, 600.0)))
    found = wiring.profiles.profiles("rue")
    assert found is not None
    assert found.watts[0, 0] == 600


def test_a_newer_summary_takes_the_place_of_the_older_one_and_its_files(wiring: Wiring) -> None:
    networks = KnownNetworks(wiring.grid_sources)
    for power in (500.0, 900.0):
        keep(wiring, profiles(np.full(96, power)))
        summarise_network(networks, wiring.flows, networks.named("rue"), 0)
    rows = wiring.flows.rows("rue", SUMMARY_TABLE, measure="deviation", by="element", element="west")
    assert rows["mean"][0] == pytest.approx(1.2, rel=0.01)
    folders = [entry for entry in (wiring.home.cache / "grid" / "rue").iterdir() if entry.is_dir()]
    assert len(folders) == 1


def test_who_reads_while_a_newer_summary_takes_its_place_gets_the_newer_one(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks, find = KnownNetworks(wiring.grid_sources), ParquetFlows.file
    keep(wiring, profiles(np.full(96, 500.0)))
    summarise_network(networks, wiring.flows, networks.named("rue"), 0)

    def replaced_once_found(flows: ParquetFlows, network: str, table: str) -> Path | None:
        found = find(flows, network, table)
        monkeypatch.setattr(ParquetFlows, "file", find)
        keep(wiring, profiles(np.full(96, 900.0)))
        summarise_network(networks, wiring.flows, networks.named("rue"), 0)
        return found

    monkeypatch.setattr(ParquetFlows, "file", replaced_once_found)
    rows = wiring.flows.rows("rue", SUMMARY_TABLE, measure="deviation", by="element", element="west")
    assert rows["mean"][0] == pytest.approx(1.2, rel=0.01)


def test_series_that_begin_off_the_quarter_hour_lose_none_where_they_are_cut(wiring: Wiring) -> None:
    minutes = 30 * 1_440
    series = profiles(np.full(minutes, 500.0), step=60)
    keep(wiring, replace(series, start_utc=420))
    networks = KnownNetworks(wiring.grid_sources)
    about = summarise_network(networks, wiring.flows, networks.named("rue"), 0)
    assert about["intervals"] == minutes // 15 - 1


def test_a_network_that_is_loaded_stands_on_its_timeline(wiring: Wiring) -> None:
    keep(wiring, profiles(np.full(96, 500.0)))
    with wiring.store.reading() as records:
        (entry,) = records.timeline("rue", EventQuery())
    assert entry.event.kind is EventKind.NETWORK
    assert entry.event.title == "The network was loaded: 5 buses, 4 connections."


def test_the_name_of_another_communitys_network_is_not_taken(tmp_path: Path) -> None:
    wiring = copy_settled(tmp_path / "home")
    network = small_network()

    def keep_for(community: str) -> bool:
        return keep_network(
            wiring.grid_sources, wiring.clock, network, None, community=community, source_format="partage"
        )

    assert keep_for("")
    assert keep_for("toits"), "nobody's network may become a community's"
    with pytest.raises(ConflictError, match="'rue' is community 'toits''s; choose another name"):
        keep_for("lac")
    with wiring.store.reading() as records:
        assert records.network("rue").community == "toits"
