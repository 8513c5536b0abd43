from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import ConnectionSeries, Origin, trace_network
from backend.grid.power_flow import PowerFlow
from backend.grid.transformers import phase_powers, virtual_sensor
from tests.small_network import small_network


def series_of(network, watts, reactive=0.0):
    watts = np.asarray(watts, dtype=float)
    return ConnectionSeries(
        1_500_000_000, 900, watts, watts * reactive, (Origin.MEASURED,) * len(network.connections)
    )


def test_the_losses_of_the_topology_are_those_of_the_power_flow_to_a_few_per_cent():
    network = small_network()
    series = series_of(network, np.random.default_rng(4).uniform(-3e3, 6e3, (4, 50)), 0.2)
    sensor = virtual_sensor(trace_network(network), "T1")
    found = sensor.losses(*phase_powers(series, trace_network(network), sensor.connections))
    flow = PowerFlow(network).solve(series)
    by_flow = flow.branch_losses[: len(network.segments)].sum(axis=0)
    assert found.sum() == pytest.approx(by_flow.sum(), rel=0.05)
    assert np.corrcoef(found, by_flow)[0, 1] > 0.999


def test_one_load_at_the_end_loses_in_every_segment_above_it():
    network = small_network()
    watts = np.zeros((4, 1))
    watts[1] = 4600.0  # Ben, on L1 at w2
    sensor = virtual_sensor(trace_network(network), "T1")
    found = sensor.losses(
        *phase_powers(series_of(network, watts), trace_network(network), sensor.connections)
    )
    by_hand = (4600.0 / (400 / 3**0.5)) ** 2 * 0.37 * 0.110
    assert found[0] == pytest.approx(by_hand)


def test_every_connection_is_behind_its_transformer_and_what_is_unknown_counts_as_none():
    network = small_network()
    sensor = virtual_sensor(trace_network(network), "T1")
    assert sorted(sensor.connections) == [0, 1, 2, 3]
    assert not sensor.is_meshed
    watts, _ = phase_powers(series_of(network, np.full((4, 2), np.nan)), trace_network(network), (3, 0))
    assert watts.tolist() == np.zeros((2, 3, 2)).tolist()


def test_a_closed_tie_is_told_as_a_loop():
    network = small_network()
    closed = replace(network, switches=(replace(network.switches[0], is_closed=True),))
    assert virtual_sensor(trace_network(closed), "T1").is_meshed


def test_a_transformer_that_is_none_or_feeds_nothing_is_named():
    network = small_network()
    with pytest.raises(InputError, match='has no transformer "west"'):
        virtual_sensor(trace_network(network), "west")
    unfed = replace(network, sources=(replace(network.sources[0], bus="lv"),))
    with pytest.raises(InputError, match='transformer "T9" feeds nothing'):
        virtual_sensor(
            trace_network(
                replace(
                    unfed,
                    buses=(
                        *network.buses,
                        replace(network.buses[0], id="a"),
                        replace(network.buses[0], id="b"),
                    ),
                    transformers=(replace(network.transformers[0], id="T9", from_bus="a", to_bus="b"),),
                )
            ),
            "T9",
        )
