"""What has no solution is named: where, when, with which value."""

from dataclasses import replace

import numpy as np
import pytest

from backend.errors import PowerFlowError
from backend.grid import (
    Bus,
    Connection,
    ConnectionSeries,
    LoadModel,
    Network,
    Origin,
    Phases,
    Source,
    Transformer,
)
from backend.grid.power_flow import PowerFlow, Wanted
from tests.small_network import small_network

START = 1_500_033_600  # 2017-07-14T12:00:00Z


def series_of(network, watts):
    watts = np.asarray(watts, dtype=float).reshape(len(network.connections), -1)
    return ConnectionSeries(START, 900, watts, watts * 0.1, (Origin.PROFILE,) * len(network.connections))


def test_an_interval_without_solution_is_named_with_the_place_that_sags_most():
    network = small_network()
    series = series_of(network, [[1000, 4e6, 1000], [0, 0, 0], [500, 0, 0], [0, 0, 0]])
    with pytest.raises(
        PowerFlowError, match=r"rue: no power flow carries the 4,000 kW drawn at 2017-07-14T12:15:00Z"
    ) as e:
        PowerFlow(network).solve(series)
    assert "with 3% of it L1 of bus w" in str(e.value)


def test_a_load_on_an_unfed_bus_is_named_unless_it_is_to_be_left_out():
    network = small_network()
    with pytest.raises(PowerFlowError, match="connection cleo is on bus e1, which no source feeds"):
        PowerFlow(network, without=["east"])
    series = series_of(network, [[1000], [2000], [3000], [4000]])
    left = PowerFlow(network, without=["east"], leave_out_unfed=True).solve(series)
    assert np.isnan(left.voltages[4]).all()
    assert np.isfinite(left.voltages[:4]).all()
    assert left.energy_kilowatt_hours() * 4000 == pytest.approx(3000, rel=0.02)
    assert not left.currents[2].any()


def test_a_load_on_a_phase_that_does_not_come_is_named():
    network = small_network()
    west = replace(
        network.segments[0], phases=Phases.L2, resistance=np.eye(1) * 0.02, reactance=np.eye(1) * 0.01
    )
    wrong = replace(network, segments=(west, *network.segments[1:]))
    with pytest.raises(
        PowerFlowError, match="connection ada is on L1 of bus w1, where that phase does not come"
    ):
        PowerFlow(wrong)


def test_a_tie_that_is_closed_feeds_what_an_opened_segment_does_not():
    network = small_network()
    closed = replace(network, switches=(replace(network.switches[0], is_closed=True),))
    series = series_of(network, [[1000], [2000], [3000], [4000]])
    around = PowerFlow(closed, without=["east"]).solve(series)
    tie = [one.id for one in network.branches].index("tie")
    assert np.abs(around.currents[tie]).sum() > 0
    assert around.losses > PowerFlow(closed).solve(series).losses


def test_a_source_without_voltage_is_no_solution():
    network = small_network()
    dead = replace(network, sources=(replace(network.sources[0], voltage_pu=1e-9),))
    with pytest.raises(PowerFlowError, match=r"to 1e-09 pu on L1 of bus mv, which is no solution"):
        PowerFlow(dead).solve(series_of(network, [[0], [0], [0], [0]]))


def test_an_infinite_power_is_refused():
    network = small_network()
    with pytest.raises(PowerFlowError, match="infinite"):
        PowerFlow(network).solve(series_of(network, [[np.inf], [0], [0], [0]]))


def test_a_series_of_another_network_is_refused():
    network = small_network()
    series = ConnectionSeries(START, 900, np.zeros((3, 1)), np.zeros((3, 1)), (Origin.NONE,) * 3)
    with pytest.raises(PowerFlowError, match="3 connections was given, and the network has 4"):
        PowerFlow(network).solve(series)


def test_what_is_not_known_counts_as_no_load():
    network = small_network()
    known = PowerFlow(network).solve(series_of(network, [[1000], [0], [0], [0]]))
    unknown = PowerFlow(network).solve(series_of(network, [[1000], [np.nan], [np.nan], [np.nan]]))
    np.testing.assert_allclose(known.voltages, unknown.voltages)


def test_transformers_in_parallel_need_the_same_ratio():
    network = small_network()
    one = replace(network.transformers[0], from_winding="YN", clock=0)
    other = replace(one, id="T2", to_volts=410.0)
    with pytest.raises(
        PowerFlowError, match=r"bus lv is reached over T2 by a ratio of 48\.7805 on L1 and otherwise by 50"
    ):
        PowerFlow(replace(network, transformers=(one, other)))
    same = replace(other, to_volts=400.0)
    series = series_of(network, [[5000], [0], [0], [0]])
    both = PowerFlow(replace(network, transformers=(one, same))).solve(series)
    np.testing.assert_allclose(both.currents[-1], both.currents[-2])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clock": 6}, "cannot be Dyn6"),
        ({"from_winding": "YN", "clock": 5}, "cannot be YNyn5"),
        ({"from_winding": "V"}, "has the windings Vyn"),
    ],
)
def test_impossible_transformers_are_named(changes, message):
    network = small_network()
    wrong = replace(network, transformers=(replace(network.transformers[0], **changes),))
    with pytest.raises(PowerFlowError, match=message):
        PowerFlow(wrong)


def test_an_impedance_that_cannot_be_inverted_is_named():
    network = small_network()
    flat = replace(network.segments[0], resistance=np.full((3, 3), 0.1), reactance=np.full((3, 3), 0.1))
    with pytest.raises(PowerFlowError, match="the impedance of west cannot be inverted"):
        PowerFlow(replace(network, segments=(flat, *network.segments[1:])))


def test_a_segment_without_length_joins_its_ends():
    network = small_network()
    none = replace(network.segments[1], resistance=np.zeros((3, 3)), reactance=np.zeros((3, 3)))
    joined = PowerFlow(replace(network, segments=(network.segments[0], none, network.segments[2])))
    found = joined.solve(series_of(network, [[5000], [5000], [0], [0]]))
    np.testing.assert_allclose(found.voltages[2], found.voltages[3], atol=1e-6)


def test_a_load_between_phases_that_names_one_is_refused():
    network = small_network()
    wrong = replace(network.connections[0], is_delta=True)
    with pytest.raises(PowerFlowError, match="ada lies between phases and names L1 alone"):
        PowerFlow(replace(network, connections=(wrong, *network.connections[1:])))


def test_a_network_of_nobody_has_the_voltage_of_its_source():
    network = Network("bare", 50.0, (Bus("a", 400.0), Bus("b", 400.0)), (Source("s", "a", 1.02),))
    series = ConnectionSeries(START, 900, np.zeros((0, 2)), np.zeros((0, 2)), ())
    found = PowerFlow(network).solve(series)
    assert np.abs(found.voltages[0]) == pytest.approx(1.02)
    assert np.isnan(found.voltages[1]).all()
    assert PowerFlow(network).solve(series, Wanted.TOTALS).losses == pytest.approx([0, 0])


@pytest.fixture
def isolated():
    return Network(
        "delta",
        50.0,
        (Bus("mv", 20_000.0), Bus("isolated", 6000.0)),
        (Source("s", "mv"),),
        transformers=(Transformer("T", "mv", "isolated", 1e6, 20_000.0, 6000.0, "D", "d", 0, 0.05),),
        connections=(
            Connection("motor", "isolated", Phases.ALL, is_delta=True),
            Connection("pair", "isolated", Phases.L1 | Phases.L2, is_delta=True),
        ),
    )


def test_a_part_that_nothing_earths_keeps_its_line_voltages(isolated):
    found = PowerFlow(isolated).solve(series_of(isolated, [[100_000], [50_000]]))
    volts = found.voltages[1, :, 0]
    assert np.abs(volts - np.roll(volts, -1)) == pytest.approx([3**0.5] * 3, rel=0.03)
    assert found.source_powers.real.sum() == pytest.approx(150_000, rel=0.01)


def test_a_load_to_a_neutral_that_is_not_there_finds_no_voltage(isolated):
    model = LoadModel(6000 / 3**0.5, 1.0, 1.0)
    lamp = Connection("lamp", "isolated", Phases.L1, model=model)
    wrong = replace(isolated, connections=(*isolated.connections, lamp))
    with pytest.raises(PowerFlowError, match="on L1 of bus isolated, which is no solution"):
        PowerFlow(wrong).solve(series_of(wrong, [[0], [0], [50_000]]))


def test_a_load_below_its_least_voltage_falls_with_the_square():
    network = small_network()
    model = LoadModel(230.94, least_pu=1.1, most_pu=1.2)
    loads = (replace(network.connections[0], model=model), *network.connections[1:])
    found = PowerFlow(replace(network, connections=loads)).solve(series_of(network, [[1000], [0], [0], [0]]))
    level = abs(found.voltages[2, 0, 0])
    drawn = (found.source_powers.real.sum() - found.losses[0]) / 1000
    assert drawn == pytest.approx((level / 1.1) ** 2, rel=1e-5)
