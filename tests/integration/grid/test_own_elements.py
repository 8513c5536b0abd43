"""What feeds nobody but some connections tells of them alone."""

from dataclasses import replace

from backend.grid import trace_network
from backend.services.grid.events import elements_alone
from tests.small_network import small_network


def test_what_feeds_a_connection_alone_is_its_own_and_what_feeds_others_too_is_not() -> None:
    topology = trace_network(small_network())
    assert elements_alone(topology, [0]) == {"ada"}
    assert elements_alone(topology, [1]) == {"ben", "west-end", "w2"}
    assert elements_alone(topology, [0, 1]) == {"ada", "ben", "west-end", "w2", "west", "w1"}
    assert elements_alone(topology, [2]) == {"cleo"}
    assert elements_alone(topology, []) == set()


def test_a_connection_that_nothing_feeds_is_its_own() -> None:
    network = small_network()
    dark = trace_network(replace(network, segments=network.segments[:1]))
    assert elements_alone(dark, [1]) == {"ben"}
