"""Networks in the store, and what SQL tells of them, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from backend.errors import NetworkError, NotFoundError
from backend.grid.network_form import read_network
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from backend.adapters.store import DatabaseStore

RECORD = network_record(small_network(), "toits")


def put(store: DatabaseStore, *records: Any) -> None:
    with store.transaction() as kept:
        for record in records:
            kept.put_network(record)


def ask(store: DatabaseStore, query: str) -> list[tuple[Any, ...]]:
    with store._engine.connect() as connection:  # noqa: SLF001
        return [tuple(row) for row in connection.execute(text(query))]


def test_networks_come_back_by_name_and_by_community(store: DatabaseStore) -> None:
    other = replace(RECORD, name="lac", community="lac")
    alone = replace(RECORD, name="alone", community="")
    put(store, RECORD, other, alone)
    with store.reading() as records:
        assert records.network("rue") == RECORD
        assert records.networks("toits") == [RECORD]
        assert [one.name for one in records.networks()] == ["alone", "lac", "rue"]
        assert records.networks("nowhere") == []


def test_a_network_that_is_not_there_is_named_with_those_that_are(store: DatabaseStore) -> None:
    with store.reading() as records, pytest.raises(NotFoundError, match=r"'rue'; none was loaded yet"):
        records.network("rue")
    put(store, RECORD)
    with (
        store.reading() as records,
        pytest.raises(NotFoundError, match=r"'ruelle'; those that are here: rue\."),
    ):
        records.network("ruelle")


def test_the_view_of_the_structure_tells_what_feeds_each_branch_and_where_it_lies(
    store: DatabaseStore,
) -> None:
    put(store, RECORD)
    rows = ask(
        store,
        "SELECT kind, branch, from_bus, to_bus, phases, length_metres, feeder, transformer, to_x "
        "FROM grid_structure WHERE network = 'rue' AND community = 'toits' ORDER BY branch",
    )
    assert rows == [
        ("transformer", "T1", "mv", "lv", "L123", None, "", "", 0.0),
        ("segment", "east", "lv", "e1", "L123", 80.0, "east", "T1", 80.0),
        ("switch", "tie", "w2", "e1", "L123", None, "", "", 80.0),
        ("segment", "west", "lv", "w1", "L123", 60.0, "west", "T1", -60.0),
        ("segment", "west-end", "w1", "w2", "L123", 50.0, "west", "T1", -110.0),
    ]


def test_the_views_of_connections_count_by_feeder_and_phase_and_join_the_points(store: DatabaseStore) -> None:
    put(store, RECORD)
    assert ask(
        store,
        "SELECT transformer, feeder, phases, connections, critical_connections, metered_connections "
        "FROM grid_connections_by_feeder WHERE network = 'rue' ORDER BY feeder, phases",
    ) == [("T1", "east", "L123", 1, 0, 1), ("T1", "east", "L2", 1, 1, 1), ("T1", "west", "L1", 2, 0, 2)]
    assert ask(
        store,
        "SELECT connection, metering_points, x FROM grid_connections WHERE feeder = 'west' ORDER BY connection",
    ) == [("ada", 1, -60.0), ("ben", 2, -110.0)]
    assert ask(
        store,
        "SELECT connection, phases, feeder FROM grid_metering_points WHERE metering_point = 'ben-solar'",
    ) == [("ben", "L1", "west")]


def test_a_network_that_is_loaded_again_takes_the_place_of_the_old_one_and_of_its_rows(
    store: DatabaseStore,
) -> None:
    network = small_network()
    put(store, RECORD, replace(RECORD, name="beside"))
    put(store, network_record(replace(network, connections=network.connections[:1]), "lac", 9))
    assert ask(store, "SELECT id FROM grid_connection WHERE network = 'rue'") == [("ada",)]
    assert ask(store, "SELECT count(*) FROM grid_connection WHERE network = 'beside'") == [(4,)]
    with store.reading() as records:
        assert (records.network("rue").community, records.network("rue").loaded_utc) == ("lac", 9)


def test_a_document_that_is_no_network_changes_neither_the_document_nor_its_rows(
    store: DatabaseStore,
) -> None:
    put(store, RECORD)
    with pytest.raises(NetworkError, match="damaged"):
        put(store, replace(RECORD, document="{}"))
    assert len(ask(store, "SELECT * FROM grid_branch")) == 5
    with store.reading() as records:
        assert records.network("rue") == RECORD


def test_points_are_found_where_they_are_joined_and_only_in_their_own_community(store: DatabaseStore) -> None:
    put(store, RECORD, replace(RECORD, name="lac", community="lac"))
    with store.reading() as records:
        (found,) = records.network_points("toits", ["ben-solar", "nobody"])
    assert (found.network, found.connection, found.metering_point) == ("rue", "ben", "ben-solar")
    assert (found.bus, found.phases, found.feeder, found.transformer) == ("w2", "L1", "west", "T1")


def test_a_person_who_is_erased_is_joined_to_no_place_any_more_and_the_others_are(
    store: DatabaseStore,
) -> None:
    put(store, RECORD, replace(RECORD, name="lac", community="lac"))
    with store.transaction() as records:
        records.erase_network_points("toits", ["ben-load", "ben-solar"])
    with store.reading() as records:
        kept = records.network("rue")
        assert "ben-" not in kept.document
        assert kept.digest != RECORD.digest
        joined = {one.id: one.metering_points for one in read_network(kept.document).connections}
        assert joined["ben"] == ()
        assert joined["ada"] == ("ada-load",)
        assert "ben-load" in records.network("lac").document
    rows = ask(
        store, "SELECT network, metering_point FROM grid_connection_point ORDER BY network, metering_point"
    )
    assert [point for network, point in rows if network == "rue"] == [
        "14500000000001",
        "ada-load",
        "cleo-load",
    ]
    assert ("lac", "ben-load") in rows
