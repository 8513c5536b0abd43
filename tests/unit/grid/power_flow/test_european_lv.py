"""The IEEE European low-voltage feeder: a day by the minute, as OpenDSS solves it."""

import numpy as np
import pytest

from backend.adapters.demo_data.networks import read_feeder
from backend.grid.power_flow import PowerFlow, Wanted
from tests.unit.grid.power_flow.opendss_oracle import solve_by_opendss

# Figures of OpenDSS with the files as published: mode=yearly, 1,440 steps of a minute.
ENERGY_KWH, LOSSES_KWH = 522.369, 5.0627
VOLTAGE_PU = 0.98165, 1.06432
HEAD_AMPERES = 33.764, 32.505, 24.600


@pytest.fixture(scope="module")
def feeder():
    return read_feeder()


@pytest.fixture(scope="module")
def solved(feeder):
    return PowerFlow(feeder.network).solve(feeder.profiles)


def test_a_days_energy_losses_voltages_and_currents_are_those_of_opendss(feeder, solved):
    assert solved.energy_kilowatt_hours() == pytest.approx(ENERGY_KWH, abs=0.002)
    assert solved.losses_kilowatt_hours() == pytest.approx(LOSSES_KWH, abs=0.0002)
    level = np.abs(solved.voltages)
    assert (np.nanmin(level), np.nanmax(level)) == pytest.approx(VOLTAGE_PU, abs=1e-5)
    heads = [
        index for index, one in enumerate(feeder.network.branches) if one.from_bus == "1" or one.to_bus == "1"
    ]
    first = next(index for index in heads if feeder.network.branches[index] in feeder.network.segments)
    assert np.abs(solved.currents[first]).mean(axis=1) == pytest.approx(HEAD_AMPERES, abs=0.001)


def test_every_voltage_agrees_with_opendss_to_a_hundred_thousandth(feeder, solved):
    hours = list(range(0, 1440, 60))
    told = solve_by_opendss(feeder.network, feeder.profiles, hours)
    theirs = told.per_unit(feeder.network)
    assert np.isfinite(theirs).all()
    assert np.abs(solved.voltages[:, :, hours] - theirs).max() < 1e-5
    assert solved.source_powers.sum(axis=(0, 1))[hours] == pytest.approx(told.powers, rel=1e-4, abs=2)
    assert solved.losses[hours] == pytest.approx(told.losses, rel=2e-4, abs=0.05)


def test_pieces_are_the_whole(feeder, solved):
    pieces = list(PowerFlow(feeder.network, threads=-1).solve_chunks(feeder.profiles, intervals=500))
    assert [piece.length for piece in pieces] == [500, 500, 440]
    assert pieces[1].start_utc == feeder.profiles.start_utc + 500 * 60
    np.testing.assert_allclose(
        np.concatenate([piece.voltages for piece in pieces], axis=2), solved.voltages, atol=1e-12
    )
    assert np.concatenate([piece.losses for piece in pieces]) == pytest.approx(solved.losses)


def test_what_is_not_wanted_is_not_told(feeder, solved):
    window = feeder.profiles.window(600, 602)
    totals = PowerFlow(feeder.network).solve(window, Wanted.TOTALS)
    assert totals.voltages.size == totals.currents.size == totals.branch_losses.size == 0
    assert totals.losses == pytest.approx(solved.losses[600:602])


def test_losses_by_branch_sum_to_all_and_powers_balance_at_every_bus(feeder, solved):
    assert solved.branch_losses.sum(axis=0) == pytest.approx(solved.losses)
    network, t = feeder.network, 570
    arriving = np.zeros((len(network.buses), 3), dtype=complex)
    for index, one in enumerate(network.branches):
        if one in network.transformers:
            continue
        current = solved.currents[index, :, t]
        arriving[network.bus_index[one.to_bus]] += current
        arriving[network.bus_index[one.from_bus]] -= current
    arriving[network.bus_index[network.transformers[0].to_bus]] += solved.currents[-1, :, t]
    loads = {network.bus_index[one.bus] for one in network.connections}
    for bus in range(len(network.buses)):
        if bus not in loads and network.buses[bus].id != network.sources[0].bus:
            assert np.abs(arriving[bus]).max() < 1e-6, network.buses[bus].id


def test_merging_lines_changes_nothing(feeder, solved):
    window = feeder.profiles.window(540, 600)
    every = PowerFlow(feeder.network, every_bus=True).solve(window)
    np.testing.assert_allclose(every.voltages, solved.voltages[..., 540:600], atol=1e-9)
    np.testing.assert_allclose(every.currents, solved.currents[..., 540:600], atol=1e-4)
    np.testing.assert_allclose(every.branch_losses, solved.branch_losses[:, 540:600], atol=1e-4)
