"""Networks read once, and looked at by several at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.errors import NotFoundError
from backend.grid import ConnectionSeries, Origin
from backend.services.grid.known_networks import KnownNetworks
from tests.integration.settlement.small_community import open_home
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.services.grid.network_series import GridSources


@pytest.fixture
def sources(tmp_path: Path) -> GridSources:
    found: GridSources = open_home(tmp_path / "home").grid_sources
    keep(found)
    return found


def keep(sources: GridSources, loaded_utc: int = 0) -> None:
    with sources.store.transaction() as records:
        records.put_network(network_record(small_network(), "toits", loaded_utc))


def test_a_network_is_read_once_as_long_as_it_stays_the_same(sources: GridSources) -> None:
    networks = KnownNetworks(sources)
    first = networks.find("toits", "rue")
    assert networks.find("toits", "rue") is first
    assert networks.named("rue") is first
    assert networks.of_community("toits") == [first]
    assert networks.of_community("lac") == []
    keep(sources, loaded_utc=5)
    assert networks.find("toits", "rue") is not first


def test_a_network_of_another_community_or_of_nobody_is_not_found_for_one(sources: GridSources) -> None:
    networks = KnownNetworks(sources)
    for community in ("lac", ""):
        with pytest.raises(NotFoundError, match="There is no network 'rue' in community"):
            networks.find(community, "rue")
    with pytest.raises(NotFoundError, match=r"those that are here: rue\."):
        networks.named("ruelle")


def test_several_may_solve_a_network_side_by_side(sources: GridSources) -> None:
    known = KnownNetworks(sources).find("toits", "rue")
    rng = np.random.default_rng(7)
    watts = [rng.uniform(0, 9_000, (4, 96)) for _ in range(4)]
    series = [ConnectionSeries(0, 900, one, one * 0.2, (Origin.MEASURED,) * 4) for one in watts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: known.flow.solve(one).voltages, series * 5))
    alone = [known.flow.solve(one).voltages for one in series]
    for found, expected in zip(together, alone * 5, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9, equal_nan=True)


def test_points_behind_connections_are_told(sources: GridSources) -> None:
    known = KnownNetworks(sources).find("toits", "rue")
    assert known.points_behind([0, 1]) == {"ada-load", "ben-load", "ben-solar"}
    assert len(known.points_behind()) == 5
