"""Readings of metering points, joined to the connections of their network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import ConnectionSeries, Network, Origin
from backend.services.grid.network_series import GridSources, available_span, meter_series, network_series
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from tests.integration.settlement.small_community import DEFINITION, copy_settled
from tests.small_network import network_record, small_network

if TYPE_CHECKING:
    from pathlib import Path

    from backend.bootstrap import Wiring

HOUR = 3_600
FIRST = int(datetime(2024, 2, 29, 23, tzinfo=UTC).timestamp())  # midnight of 1 March in Paris
JOINED = int(datetime(2024, 3, 10, 23, tzinfo=UTC).timestamp())  # of Cleo
HOURS = 743  # of a March


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    wiring: Wiring = copy_settled(tmp_path / "home")
    return wiring


def sources_of(wiring: Wiring) -> GridSources:
    return GridSources(wiring.store, wiring.intervals, wiring.profiles)


def series_of(wiring: Wiring, network: Network, community: str = "toits", **span: Any) -> ConnectionSeries:
    return network_series(sources_of(wiring), network_record(network, community), **span)


def load(wiring: Wiring, *rows: str) -> None:
    file = wiring.home.files / f"more-{len(rows)}.csv"
    file.write_text("\n".join(["metering_point,start,resolution_minutes,energy_kwh,quality", *rows]) + "\n")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def profiles_of(network: Network) -> ConnectionSeries:
    watts = np.tile(np.arange(96) * 10.0, (len(network.connections), 1))
    return ConnectionSeries(0, 900, watts, watts * 0.2, (Origin.PROFILE,) * len(watts), "Europe/Paris")


def test_a_connection_draws_what_its_points_drew_less_what_they_gave(wiring: Wiring) -> None:
    series = series_of(wiring, small_network())
    assert (series.start_utc, series.step_seconds, series.length) == (FIRST, HOUR, HOURS)
    assert series.time_zone == "Europe/Paris"
    noon = 12
    np.testing.assert_allclose(series.watts[0, noon], 1_000 * (0.2 + 0.037 * 5))
    np.testing.assert_allclose(series.watts[1, noon], 1_000 * (0.1 + 0.011 - 0.31 * 6))
    assert series.origins == (Origin.MEASURED, Origin.MEASURED, Origin.MEASURED, Origin.NONE)
    assert np.isnan(series.watts[3]).all()
    assert (series.vars[:2] == 0).all()


def test_reactive_power_follows_what_is_drawn_and_not_what_is_given(wiring: Wiring) -> None:
    network = small_network()
    lagging = tuple(replace(one, power_factor=0.8) for one in network.connections)
    series = series_of(wiring, replace(network, connections=lagging))
    np.testing.assert_allclose(series.vars[0], series.watts[0] * 0.75)
    np.testing.assert_allclose(series.vars[1, 12], 1_000 * 0.111 * 0.75)
    leading = tuple(replace(one, power_factor=-0.8) for one in network.connections)
    series = series_of(wiring, replace(network, connections=leading))
    np.testing.assert_allclose(series.vars[0], series.watts[0] * -0.75)


def test_before_a_point_is_a_member_nothing_is_known_of_its_connection(wiring: Wiring) -> None:
    before = (JOINED - FIRST) // HOUR
    series = series_of(wiring, small_network())
    assert np.isnan(series.watts[2, :before]).all()
    np.testing.assert_allclose(series.watts[2, before:], 250.0)


def test_of_two_points_at_a_connection_each_counts_on_its_own_days(wiring: Wiring) -> None:
    network = small_network()
    both = replace(network.connections[0], metering_points=("ada-load", "cleo-load"))
    joined = replace(network, connections=(both, *network.connections[1:2], *network.connections[3:]))
    before = (JOINED - FIRST) // HOUR
    alone, series = series_of(wiring, network), series_of(wiring, joined)
    np.testing.assert_allclose(series.watts[0, :before], alone.watts[0, :before])
    np.testing.assert_allclose(series.watts[0, before:], alone.watts[0, before:] + 250.0)


def test_a_point_that_is_named_twice_counts_once_at_each_connection(wiring: Wiring) -> None:
    network = small_network()
    twice = replace(network.connections[0], metering_points=("ada-load", "ada-load"))
    also = replace(network.connections[3], metering_points=("ada-load",))
    joined = replace(network, connections=(twice, *network.connections[1:3], also))
    alone, series = series_of(wiring, network), series_of(wiring, joined)
    np.testing.assert_allclose(series.watts[0], alone.watts[0])
    np.testing.assert_allclose(series.watts[3], alone.watts[0])


def test_where_one_direction_has_no_reading_the_connection_is_not_known_there(wiring: Wiring) -> None:
    start = datetime.fromtimestamp(FIRST + 5 * HOUR, UTC)
    load(wiring, f"ben-solar,{start.isoformat()},60,,missing")
    series = series_of(wiring, small_network())
    assert np.flatnonzero(np.isnan(series.watts[1])).tolist() == [5]
    assert np.isfinite(series.watts[0]).all()


def test_a_span_is_taken_out_to_the_grid_and_what_is_not_stored_is_not_known(wiring: Wiring) -> None:
    series = series_of(wiring, small_network(), begin_utc=FIRST - HOUR - 1, end_utc=FIRST + HOUR + 1)
    assert (series.start_utc, series.length) == (FIRST - 2 * HOUR, 4)
    assert np.isnan(series.watts[0, :2]).all()
    assert np.isfinite(series.watts[0, 2:]).all()


def test_a_window_is_the_same_as_that_part_of_the_whole(wiring: Wiring) -> None:
    whole = series_of(wiring, small_network())
    part = series_of(wiring, small_network(), begin_utc=FIRST + 200 * HOUR, end_utc=FIRST + 500 * HOUR)
    np.testing.assert_array_equal(part.watts, whole.watts[:, 200:500])


def test_beside_measured_connections_a_profile_is_repeated_by_the_clock_on_the_wall(wiring: Wiring) -> None:
    network = small_network()
    wiring.profiles.put("rue", profiles_of(network))
    series = series_of(wiring, network)
    assert series.origins[3] is Origin.PROFILE
    assert series.origins[0] is Origin.MEASURED
    # 1970's profile starts at one o'clock in Paris, so that midnight is its step 92.
    np.testing.assert_allclose(series.watts[3, 0], np.mean([920, 930, 940, 950]))
    np.testing.assert_allclose(series.watts[3, 1], np.mean([0, 10, 20, 30]))
    after_change = (int(datetime(2024, 3, 31, 22, tzinfo=UTC).timestamp()) - FIRST) // HOUR - 24 + 1
    np.testing.assert_allclose(series.watts[3, after_change], series.watts[3, 0])


def test_a_network_of_nobodys_points_has_its_profiles_at_their_own_step(wiring: Wiring) -> None:
    network = small_network()
    wiring.profiles.put("rue", profiles_of(network))
    series = series_of(wiring, network, community="")
    assert (series.start_utc, series.step_seconds, series.length) == (0, 900, 96)
    part = series_of(wiring, network, community="", begin_utc=901, end_utc=5_000_000)
    assert (part.start_utc, part.length) == (900, 95)
    np.testing.assert_array_equal(part.watts, series.watts[:, 1:])


def test_what_there_is_can_be_asked_before_it_is_read(wiring: Wiring) -> None:
    network, sources = small_network(), sources_of(wiring)
    span = available_span(sources, network_record(network, "toits"))
    assert span is not None
    assert (span.start_utc, span.end_utc, span.step_seconds) == (FIRST, FIRST + HOURS * HOUR, HOUR)
    assert (span.measured, span.profiled, span.unknown) == (3, 0, 1)
    wiring.profiles.put("rue", profiles_of(network))
    span = available_span(sources, network_record(network, "toits"))
    assert span is not None
    assert (span.measured, span.profiled, span.unknown) == (3, 1, 0)
    assert available_span(sources, network_record(replace(network, name="new"), "")) is None


def test_a_network_of_which_nothing_is_known_is_refused_with_what_to_do(wiring: Wiring) -> None:
    with pytest.raises(InputError, match="Load it with --points"):
        series_of(wiring, small_network(), community="")


def test_a_span_without_an_interval_or_of_too_many_is_refused(wiring: Wiring) -> None:
    with pytest.raises(InputError, match="is no span of them"):
        series_of(wiring, small_network(), begin_utc=FIRST + HOUR, end_utc=FIRST)
    with pytest.raises(InputError, match="too many at once"):
        series_of(wiring, small_network(), begin_utc=0, end_utc=10**12)


def test_profiles_of_another_network_of_that_name_are_not_taken_for_these(wiring: Wiring) -> None:
    network = small_network()
    wiring.profiles.put("rue", profiles_of(replace(network, connections=network.connections[:2])))
    assert series_of(wiring, network).origins[3] is Origin.NONE


def test_a_transformers_meter_counted_what_went_down_less_what_came_up(wiring: Wiring) -> None:
    definition = f'{DEFINITION}\n[[feeders]]\nid = "trafo"\nexternal_id = "50012345678909"\n'
    load_community(wiring.context, definition, "toits.toml")
    start = datetime.fromtimestamp(FIRST, UTC)
    hours = [(start + timedelta(hours=hour)).isoformat() for hour in range(3)]
    load(
        wiring,
        *(f"trafo~drawn,{hour},60,{energy},measured" for hour, energy in zip(hours, "125", strict=True)),
    )
    network, sources = small_network(), sources_of(wiring)
    record = network_record(network, "toits")
    series = network_series(sources, record, FIRST, FIRST + 4 * HOUR)
    counted = meter_series(sources, record, "trafo", series)
    assert counted is not None
    np.testing.assert_allclose(counted, [1_000, 2_000, 5_000, np.nan])
    load(
        wiring,
        *(f"trafo~given,{hour},60,{energy},measured" for hour, energy in zip(hours, "41", strict=False)),
    )
    counted = meter_series(sources, record, "50012345678909", series)
    assert counted is not None
    np.testing.assert_allclose(counted, [-3_000, 1_000, np.nan, np.nan])
    assert meter_series(sources, record, "nobody", series) is None
