"""Connections get the metering points that an operator's list names, by id or by number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.community import Community, read_definition
from backend.errors import InputError, NetworkError
from backend.grid import Bus, Connection, Network, Phases, Segment, Source, Transformer
from backend.ports.network_files import NetworkJoin
from backend.services.grid.load_network import join_points, require_network_name
from tests.integration.settlement.small_community import DEFINITION

BEN = 'id = "ben-load"\nparticipant = "ben"\ndirection = "consumption"\n'
BEN_SOLAR = 'id = "ben-solar"\nparticipant = "ben"\ndirection = "feed_in"\n'
FEEDER = '\n[[feeders]]\nid = "street"\nexternal_id = "METER-9"\n'


@pytest.fixture(scope="module")
def members() -> Community:
    number = 'external_id = "PRM-7"\n'
    text = DEFINITION.replace(BEN, BEN + number).replace(BEN_SOLAR, BEN_SOLAR + number) + FEEDER
    return read_definition(text, "toits.toml")


@pytest.fixture
def network() -> Network:
    matrix = np.eye(3) * 0.1
    return Network(
        "street",
        50.0,
        (Bus("mv", 11_000.0), Bus("a", 400.0), Bus("b", 400.0)),
        (Source("grid", "mv"),),
        (Segment("ab", "a", "b", Phases.ALL, 10.0, matrix, matrix),),
        transformers=(Transformer("T", "mv", "a", 1e5, 11_000.0, 400.0),),
        connections=(Connection("one", "a", Phases.L1), Connection("two", "b", Phases.L2)),
    )


def test_ids_join_one_point_and_numbers_both_directions_of_a_meter(
    network: Network, members: Community
) -> None:
    joined = join_points(network, members, [NetworkJoin("one", "ada-load"), NetworkJoin("two", "PRM-7")])
    assert [one.metering_points for one in joined.connections] == [("ada-load",), ("ben-load", "ben-solar")]


def test_what_a_row_says_of_switching_replaces_what_the_file_says(
    network: Network, members: Community
) -> None:
    rows = [
        NetworkJoin("one", is_critical=True),
        NetworkJoin("two", switch_cost=2.0, can_rotate=False, rated_watts=9e3),
    ]
    one, two = join_points(network, members, rows).connections
    assert (one.is_critical, one.metering_points) == (True, ())
    assert (two.switch_cost, two.can_rotate, two.rated_watts) == (2.0, False, 9e3)


def test_a_transformer_is_joined_to_the_feeder_that_measures_it(network: Network, members: Community) -> None:
    joined = join_points(network, members, [NetworkJoin("T", "METER-9")])
    assert joined.transformers[0].meter == "street"


def test_points_that_the_file_names_stay_and_are_held_against_the_community(
    network: Network, members: Community
) -> None:
    told = replace(network, connections=(replace(network.connections[0], metering_points=("PRM-7",)),))
    assert join_points(told, members, []).connections[0].metering_points == ("ben-load", "ben-solar")
    wrong = replace(network, connections=(replace(network.connections[0], metering_points=("nobody",)),))
    with pytest.raises(NetworkError, match='"nobody"'):
        join_points(wrong, members, [])


def test_every_row_that_fits_nothing_is_named(network: Network, members: Community) -> None:
    rows = [
        NetworkJoin("three", "ada-load", where="j.csv:2"),
        NetworkJoin("one", "nobody", where="j.csv:3"),
        NetworkJoin("T", "ada-load", where="j.csv:4"),
    ]
    with pytest.raises(NetworkError) as refused:
        join_points(network, members, rows)
    assert [(fault.rule, fault.where) for fault in refused.value.faults] == [
        ("unknown_connection", "j.csv:2"),
        ("unknown_point", "j.csv:3"),
        ("unknown_feeder", "j.csv:4"),
    ]


def test_points_need_a_community(network: Network) -> None:
    assert join_points(network, None, [NetworkJoin("one", is_critical=True)]).connections[0].is_critical
    with pytest.raises(InputError, match="--community"):
        join_points(network, None, [NetworkJoin("one", "ada-load")])
    measured = replace(network, transformers=(replace(network.transformers[0], meter="street"),))
    with pytest.raises(InputError, match="--community"):
        join_points(measured, None, [])


@pytest.mark.parametrize("name", ["", "Street", "a_b", "-a", "a-", "x" * 64, "a/b", "é"])
def test_names_that_could_not_stand_in_an_address_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="no name of a network"):
        require_network_name(name)
