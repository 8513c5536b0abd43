"""The demonstration's networks: what was published, and where the homes are on it."""

from __future__ import annotations

import os
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.demo_data import DEMO_NAMES, build_demo
from backend.adapters.demo_data.networks import FEEDER_NAME, build_demo_network, read_feeder
from backend.community import Community, read_definition
from backend.errors import NotFoundError
from backend.grid import Phases, trace_network

ROOT = Path(__file__).parents[3]
DATA = ROOT / "backend" / "adapters" / "demo_data"
SHARED_DATA = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data"))
SOURCE = SHARED_DATA / "lv_grids" / "ieee" / "LVTestCase"


def members(name: str) -> Community:
    return read_definition(build_demo(name).definition_toml, f"{name}.toml")


@pytest.mark.skipif(not SOURCE.is_dir(), reason=f"the published feeder is not in {SOURCE}")
def test_the_bundled_network_is_what_the_published_files_give() -> None:
    derived = runpy.run_path(str(ROOT / "scripts" / "derive_european_lv.py"))
    document, table = derived["derive"](SOURCE)
    assert document == (DATA / "european_lv.json.gz").read_bytes()
    feeder = read_feeder()
    assert table.column_names == [one.id for one in feeder.network.connections]
    assert feeder.profiles is not None
    np.testing.assert_array_equal(
        np.array([column.to_numpy() for column in table.columns]), feeder.profiles.watts
    )


def test_the_feeder_has_the_customers_phases_and_energy_of_its_publication() -> None:
    feeder = read_feeder()
    assert feeder.profiles is not None
    network = feeder.network
    phases = [one.phases for one in network.connections]
    assert [phases.count(one) for one in (Phases.L1, Phases.L2, Phases.L3)] == [21, 19, 15]
    assert (len(network.buses), network.name) == (907, FEEDER_NAME)
    assert feeder.profiles.watts.shape == (55, 1440)
    assert trace_network(network).islands == ()
    # Less than the 522 kWh that are drawn: most voltages are above the nominal one, and the loads follow them.
    assert 470 < feeder.profiles.watts.sum() / 60_000 < 522


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_each_home_is_at_one_connection_with_all_its_points(name: str) -> None:
    community, network = members(name), build_demo_network(members(name)).network
    joined = {one.id: set(one.metering_points) for one in network.connections}
    expected: dict[str, set[str]] = {}
    for point in community.metering_points:
        expected.setdefault(point.participant, set()).add(point.id)
    assert joined == expected
    assert network.name == name
    assert f"{len(joined) - (name == 'roof')} homes" in network.notes["source"]
    assert "left out" in network.notes["source"]


def test_homes_are_at_every_third_connection_and_the_shared_roof_on_all_phases() -> None:
    places = [(one.bus, one.phases) for one in read_feeder().network.connections[::3]]
    street = build_demo_network(members("street")).network
    assert [(one.bus, one.phases) for one in street.connections] == places[:17]
    roof = build_demo_network(members("roof")).network.connections[-1]
    assert (roof.id, roof.bus, roof.phases, roof.can_rotate) == ("roof", places[15][0], Phases.ALL, True)


def test_a_community_of_more_homes_than_places_is_refused() -> None:
    street = members("street")
    people = tuple(replace(street.participants[0], id=f"more-{place}") for place in range(3))
    points = tuple(
        replace(street.metering_points[0], id=f"{one.id}-load", participant=one.id) for one in people
    )
    crowded = replace(
        street,
        participants=(*street.participants, *people),
        metering_points=(*street.metering_points, *points),
    )
    with pytest.raises(NotFoundError, match="19 places for homes; street has 20"):
        build_demo_network(crowded)
