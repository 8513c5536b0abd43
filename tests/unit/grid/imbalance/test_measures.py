"""How unbalanced: each measure by hand, and what must hold of it whatever the currents and voltages."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.grid import Connection, ConnectionSeries, Origin, Phases
from backend.grid.imbalance import (
    MEASURES,
    Measure,
    badness,
    current_unbalance,
    deviation_kilowatts,
    measure_flow,
    measured_elements,
    nema_unbalance,
    phase_powers,
    sequence_unbalance,
    worst_voltage,
)
from backend.grid.power_flow import PowerFlow
from tests.small_network import small_network

TURN = np.exp(2j * np.pi / 3)
BALANCED = np.array([1, TURN**2, TURN], dtype=np.complex128)[:, None]


def phasors(*pairs):
    """Magnitude and angle [°] of three phases, one interval."""
    return np.array([size * np.exp(1j * np.radians(angle)) for size, angle in pairs], dtype=np.complex128)[
        :, None
    ]


def test_balanced_voltages_and_currents_have_no_unbalance():
    assert nema_unbalance(230 * BALANCED) == pytest.approx([0], abs=1e-9)
    assert sequence_unbalance(230 * BALANCED) == pytest.approx([0], abs=1e-9)
    assert current_unbalance(16 * BALANCED) == pytest.approx([0], abs=1e-9)
    assert deviation_kilowatts(np.full((3, 1), 2500.0)) == pytest.approx([0])


def test_nemas_own_example_of_460_467_and_450_volts_is_two_percent():
    # NEMA MG 1, 14.36.2: the mean is 459, the largest departure 9, so 1.96 %.
    # Phase voltages whose line-to-line magnitudes these are: the corners of a triangle of these sides.
    ab, bc, ca = 460.0, 467.0, 450.0
    x = (ab**2 + ca**2 - bc**2) / (2 * ab)
    corners = np.array([0j, ab, complex(x, (ca**2 - x**2) ** 0.5)])[:, None]
    assert nema_unbalance(corners) == pytest.approx([100 * 9 / 459])
    assert nema_unbalance(corners) == pytest.approx([1.96], abs=0.005)


def test_a_single_phase_sag_by_ten_percent_is_three_and_a_half_percent_of_negative_sequence():
    # V1 = (0.9 + 1 + 1) / 3, V2 = (0.9 + a² + a) / 3 = -0.1 / 3: 0.1 / 2.9.
    assert sequence_unbalance(phasors((0.9, 0), (1, -120), (1, 120))) == pytest.approx([100 * 0.1 / 2.9])


def test_turning_the_order_of_phases_makes_the_negative_sequence_the_larger():
    assert sequence_unbalance(BALANCED + 0.1 * BALANCED[::-1]) == pytest.approx([10.0], rel=1e-6)


def test_one_loaded_phase_departs_by_two_thirds_of_its_power_and_by_200_percent_of_the_mean_current():
    assert deviation_kilowatts(np.array([[6000.0], [0], [0]])) == pytest.approx([4.0])
    assert deviation_kilowatts(np.array([[-6000.0], [0], [0]])) == pytest.approx([4.0])
    assert current_unbalance(phasors((30, 0), (0, 0), (0, 0))) == pytest.approx([200.0])
    assert np.isnan(current_unbalance(np.zeros((3, 1), dtype=complex))).all()


def test_the_voltage_told_is_that_of_the_phase_furthest_from_nominal():
    assert worst_voltage(phasors((1.04, 0), (0.95, -120), (1.0, 120))) == pytest.approx([0.95])
    assert worst_voltage(phasors((1.06, 0), (0.95, -120), (1.0, 120))) == pytest.approx([1.06])
    assert worst_voltage(np.array([[np.nan], [0.97], [np.nan]], dtype=complex)) == pytest.approx([0.97])
    assert badness(np.array([0.95, 1.06]), Measure.VOLTAGE) == pytest.approx([0.05, 0.06])


SIZES = st.lists(st.floats(0.5, 1.5), min_size=3, max_size=3)
ANGLES = st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3)


@given(SIZES, ANGLES, st.floats(0.01, 1000), st.floats(-3, 3))
def test_unbalance_depends_neither_on_the_unit_nor_on_the_reference_angle_nor_on_a_cyclic_shift(
    sizes, angles, unit, turn
):
    volts = np.array(sizes)[:, None] * np.exp(1j * np.array(angles))[:, None] * BALANCED
    for measure in (nema_unbalance, sequence_unbalance, current_unbalance):
        once = measure(volts)
        assert measure(volts * unit * np.exp(1j * turn)) == pytest.approx(once, rel=1e-6, abs=1e-6)
        assert measure(np.roll(volts, 1, axis=0)) == pytest.approx(once, rel=1e-6, abs=1e-6)


@given(SIZES, ANGLES)
def test_a_zero_sequence_that_is_added_changes_no_line_voltage_and_no_negative_sequence(sizes, angles):
    volts = np.array(sizes)[:, None] * np.exp(1j * np.array(angles))[:, None] * BALANCED
    shifted = volts + (0.2 - 0.1j)
    assert nema_unbalance(shifted) == pytest.approx(nema_unbalance(volts), abs=1e-9)
    assert sequence_unbalance(shifted) == pytest.approx(sequence_unbalance(volts), abs=1e-9)


@given(st.lists(st.floats(-1e5, 1e5), min_size=3, max_size=3), st.floats(-1e5, 1e5))
def test_the_same_power_on_every_phase_changes_no_deviation(watts, common):
    one = np.array(watts)[:, None]
    assert deviation_kilowatts(one + common) == pytest.approx(deviation_kilowatts(one), abs=1e-6)
    assert deviation_kilowatts(one) <= (np.ptp(one) * 2 / 3 + 1e-6) / 1000


@pytest.fixture(scope="module")
def flow():
    network = small_network()
    watts = np.array([[3000.0, 0], [4000, 0], [1000, 0], [6000, 6000]])
    series = ConnectionSeries(0, 900, watts, watts * 0, (Origin.PROFILE,) * 4)
    return PowerFlow(network).solve(series)


def row(flow, measure, element):
    return measure_flow(flow, measure)[measured_elements(flow.network, measure).index(element)]


def test_measures_are_told_of_the_elements_that_they_are_of(flow):
    for measure in Measure:
        names = measured_elements(flow.network, measure)
        items = flow.network.buses if MEASURES[measure].of_buses else flow.network.branches
        assert names == tuple(item.id for item in items)
        assert measure_flow(flow, measure).shape == (len(items), 2)


def test_what_the_west_feeder_carries_is_its_homes_on_one_phase(flow):
    # At the end of the last segment is what its home draws, to the watt.
    west_end = [one.id for one in flow.network.branches].index("west-end")
    assert phase_powers(flow)[west_end, :, 0].real == pytest.approx([4000, 0, 0], abs=0.01)
    assert row(flow, Measure.DEVIATION, "west-end")[0] == pytest.approx(4 * 2 / 3, rel=1e-5)
    amperes = np.abs(flow.currents[west_end, 0, 0])
    assert row(flow, Measure.NEUTRAL, "west-end")[0] == pytest.approx(amperes)
    assert row(flow, Measure.LOADING, "west-end")[0] == pytest.approx(100 * amperes / 200)
    # 100 kVA at 400 V: 144.3 A
    transformer = np.abs(flow.currents[-1, :, 0]).max()
    assert row(flow, Measure.LOADING, "T1")[0] == pytest.approx(100 * transformer / (100e3 / 400 / 3**0.5))


def test_a_balanced_load_leaves_everything_balanced(flow):
    for measure, within in (
        (Measure.DEVIATION, 1e-4),
        (Measure.NEUTRAL, 1e-4),
        (Measure.NEMA, 1e-4),
        (Measure.VUF, 1e-4),
    ):
        assert np.nanmax(measure_flow(flow, measure)[:, 1]) < within
    assert row(flow, Measure.CURRENT, "east")[1] < 1e-3
    assert row(flow, Measure.VUF, "w2")[0] > 0.1


def test_an_element_without_a_rating_or_with_one_phase_has_no_such_measure():
    network = small_network()
    east = replace(
        network.segments[2],
        phases=Phases.L2,
        resistance=np.eye(1) * 0.03,
        reactance=np.eye(1) * 0.01,
        rated_amperes=0.0,
    )
    network = replace(
        network,
        segments=(*network.segments[:2], east),
        connections=(*network.connections[:3], Connection("workshop", "w1", Phases.ALL)),
    )
    watts = np.full((4, 1), 1000.0)
    flow = PowerFlow(network).solve(ConnectionSeries(0, 900, watts, watts * 0, (Origin.PROFILE,) * 4))
    for measure in (Measure.DEVIATION, Measure.NEUTRAL, Measure.CURRENT, Measure.LOADING):
        assert np.isnan(row(flow, measure, "east")).all(), measure
    for measure in (Measure.NEMA, Measure.VUF):
        assert np.isnan(row(flow, measure, "e1")).all(), measure
    assert 0.9 < row(flow, Measure.VOLTAGE, "e1")[0] < 1
