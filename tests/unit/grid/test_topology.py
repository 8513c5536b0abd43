"""Walking networks."""

from __future__ import annotations

import numpy as np
import pytest

from backend.grid import Bus, Connection, Network, Phases, Segment, Source, Switch, Transformer, trace_network
from backend.grid.network_form import digest_network, read_network, write_network

_OHM = np.eye(3) * 0.1


def _segment(name, begin, end):
    return Segment(name, begin, end, Phases.ALL, 100.0, _OHM, _OHM)


@pytest.fixture
def ring():
    """mv -T- a -ab- b -bc- c ~tie (open)~ a, and d that nothing feeds."""
    return Network(
        name="ring",
        frequency=50.0,
        buses=(Bus("mv", 11_000.0), *(Bus(name, 400.0) for name in "abcd")),
        sources=(Source("grid", "mv"),),
        segments=(_segment("ab", "a", "b"), _segment("cb", "c", "b")),
        switches=(Switch("tie", "c", "a", is_closed=False, is_normally_open=True),),
        transformers=(Transformer("T", "mv", "a", 250e3, 11_000.0, 400.0),),
        connections=(Connection("one", "b", Phases.L1), Connection("two", "c", Phases.ALL)),
    )


def test_a_walk_tells_what_feeds_each_bus_and_what_is_behind_each_branch(ring):
    walked = trace_network(ring)
    names = [branch.id for branch in walked.branches]
    assert names == ["ab", "cb", "tie", "T"]
    assert [ring.buses[bus].id for bus in walked.order] == ["mv", "a", "b", "c"]
    assert [names[one] if one >= 0 else None for one in walked.feeding] == [None, "T", "ab", "cb", None]
    assert walked.connections_behind(names.index("T")) == (0, 1)
    assert walked.connections_behind(names.index("cb")) == (1,)
    assert walked.connections_behind(names.index("tie")) == ()
    assert [names[one] for one in walked.way_up(3)] == ["cb", "ab", "T"]
    assert walked.loops == ()


def test_a_bus_that_nothing_feeds_is_an_island(ring):
    assert trace_network(ring).islands == ((4,),)
    assert trace_network(ring, without=["ab"]).islands == ((2, 3), (4,))


def test_a_feeder_is_called_by_its_first_branch_and_a_bus_knows_its_transformer(ring):
    walked = trace_network(ring)
    assert walked.head_above == (-1, -1, 0, 0, -1)
    assert walked.transformer_above == (-1, 3, 3, 3, -1)


def test_a_closed_ring_is_told_as_a_loop(ring):
    from dataclasses import replace

    closed = replace(ring, switches=(replace(ring.switches[0], is_closed=True),))
    walked = trace_network(closed)
    assert [walked.branches[one].id for one in walked.loops] == ["cb"]
    assert walked.islands == ((4,),)


def test_a_network_is_the_same_after_it_was_written_and_read(ring):
    text = write_network(ring)
    again = read_network(text)
    assert write_network(again) == text
    assert again.connections == ring.connections
    assert again.transformers == ring.transformers
    np.testing.assert_array_equal(again.segments[0].resistance, _OHM)
    assert digest_network(again) == digest_network(ring)
