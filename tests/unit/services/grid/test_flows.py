"""What flows in a network over a span, told as figures; and the benchmark that runs it beside OpenDSS."""

from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.demo_data.networks import read_feeder
from backend.errors import BalanceError
from backend.grid import Connection, ConnectionSeries, Origin, Phases
from backend.grid.imbalance import Measure
from backend.grid.power_flow import PowerFlow
from backend.services.benchmarks.opendss_rival import solve_by_opendss
from backend.services.benchmarks.power_flow import _off
from backend.services.grid.flows import head_currents, report_series
from tests.small_network import small_network

DAY = 1_514_764_800


def series_of(network, watts, origins=None):
    watts = np.asarray(watts, dtype=float)
    return ConnectionSeries(
        DAY, 900, watts, watts * 0.1, origins or (Origin.PROFILE,) * len(network.connections)
    )


def test_a_source_that_feeds_one_transformer_alone_has_its_head_behind_that():
    network = small_network()
    flow = PowerFlow(network).solve(series_of(network, [[4000.0], [0], [0], [0]]))
    np.testing.assert_allclose(head_currents(flow), np.abs(flow.currents[-1]))
    # Somebody at the source's own bus moves the head to the source: the transformer does not carry them.
    works = replace(network, connections=(*network.connections, Connection("works", "mv", Phases.ALL)))
    flow = PowerFlow(works).solve(series_of(works, [[4000.0], [0], [0], [0], [90_000]]))
    volts = flow.voltages[0] * 20_000 / 3**0.5
    np.testing.assert_allclose(head_currents(flow), np.abs(flow.source_powers[0] / volts))
    assert head_currents(flow)[:, 0] == pytest.approx([94_000 / 3 / 11_547] * 3, rel=0.1)


def test_pieces_are_told_as_they_are_done_and_written(monkeypatch):
    network = small_network()
    series = series_of(network, np.full((4, 10), 1000.0))
    monkeypatch.setattr(PowerFlow, "piece_length", lambda *_: 4)
    told: list[object] = []
    written: list[int] = []

    class Writer:
        def __enter__(self):
            told.append("begun")
            return self

        def __exit__(self, *error):
            told.append("ended")

        def add(self, result):
            written.append(result.length)

    report = report_series(
        network, series, writer=Writer(), on_piece=lambda done, total: told.append((done, total))
    )
    assert told == [(0, 10), "begun", (4, 10), (8, 10), (10, 10), "ended"]
    assert written == [4, 4, 2]
    whole = PowerFlow(network).solve(series)
    assert report.energy_kwh == pytest.approx(whole.energy_kilowatt_hours())
    assert report.losses_kwh == pytest.approx(whole.losses_kilowatt_hours())
    assert report.voltage_min.level_pu == pytest.approx(np.abs(whole.voltages).min())


def test_extremes_say_where_and_when_and_what_is_not_known_is_counted():
    network = small_network()
    watts = np.full((4, 4), 500.0)
    watts[1, 2] = 9000.0
    watts[2] = np.nan
    origins = (Origin.PROFILE, Origin.MEASURED, Origin.NONE, Origin.PROFILE)
    report = report_series(network, series_of(network, watts, origins))
    assert (report.voltage_min.bus, report.voltage_min.phase) == ("w2", 0)
    assert report.voltage_min.start_utc == DAY + 1800
    assert report.origins == {"none": 1, "profile": 2, "measured": 1}
    assert report.known_share == 1.0
    assert report.worst[Measure.DEVIATION][0].worst_start_utc == DAY + 1800


def test_the_benchmarks_rival_solves_the_same_feeder_and_is_held_to_it():
    feeder = read_feeder()
    assert feeder.profiles is not None
    window = feeder.profiles.window(560, 565)
    ours = PowerFlow(feeder.network).solve(window)
    rival = solve_by_opendss(feeder.network, window, 1)
    assert rival.energy_kwh == pytest.approx(ours.energy_kilowatt_hours(), rel=1e-4)
    assert rival.losses_kwh == pytest.approx(ours.losses_kilowatt_hours(), rel=1e-3)
    level = np.abs(ours.voltages[:, :, -1])
    assert _off(feeder.network, level, rival.volts) < 1e-5
    with pytest.raises(BalanceError, match=r"power flow differs from OpenDSS by 0\.002"):
        _off(feeder.network, level + 0.002, rival.volts)
