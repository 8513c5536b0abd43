from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.demo_data.networks import read_feeder
from backend.errors import InputError
from backend.grid import Connection, ConnectionSeries, Origin, Phases
from backend.grid.hosting import HostingLimits, LimitKind, Technology, hosting_capacities
from backend.grid.hosting.limits import Watch, reach_of
from backend.grid.power_flow import PowerFlow
from tests.small_network import small_network

NOON = 1_500_033_600  # 14 July 2017, 12:00 UTC
STEP = 900


def series_of(network, watts, start=NOON):
    watts = np.asarray(watts, dtype=float)
    return ConnectionSeries(start, STEP, watts, watts * 0.1, (Origin.PROFILE,) * len(network.connections))


@pytest.fixture(scope="module")
def ordinary():
    network = small_network()
    return network, series_of(network, np.random.default_rng(1).uniform(200, 5000, (4, 16)))


def fullest(network, series, capacity, times):
    """The fullest limit in any interval, with so many times the capacity connected; 1 is met."""
    bus = next(one.bus for one in network.connections if one.id == capacity.connection)
    larger = replace(network, connections=(*network.connections, Connection("new", bus, capacity.phases)))
    drawn = np.full((1, series.length), capacity.technology.sign * capacity.watts * times)
    watts = np.concatenate([series.watts, drawn])
    reactive = np.concatenate([series.vars, drawn * 0])
    flow = PowerFlow(larger).solve(
        ConnectionSeries(series.start_utc, STEP, watts, reactive, (*series.origins, Origin.NONE))
    )
    watch = Watch(network, HostingLimits())
    measures = watch.measures(watch.see(flow))
    return measures.max(), watch.name(int(measures.max(axis=1).argmax()))


def test_at_its_capacity_a_connection_meets_a_limit_in_some_interval_and_breaks_none_in_any(ordinary):
    network, series = ordinary
    found = hosting_capacities(network, series)
    assert len(found) == 4 * 2 * 2
    for capacity in found:
        at, (kind, place) = fullest(network, series, capacity, 1.0)
        assert 0.99 < at <= 1.0 + 1e-6, capacity
        assert (kind, place) == (capacity.limit, capacity.place)
        assert fullest(network, series, capacity, 1.03)[0] > 1.0, capacity


def test_three_phases_take_more_than_one_and_a_place_farther_away_takes_less(ordinary):
    found = {
        (one.connection, one.technology, one.phases == Phases.ALL): one.watts
        for one in hosting_capacities(*ordinary)
    }
    for connection in ("ada", "ben", "cleo", "workshop"):
        for technology in Technology:
            assert found[connection, technology, True] > found[connection, technology, False]
    assert found["ben", Technology.SOLAR, False] < found["ada", Technology.SOLAR, False]


def test_the_rating_of_the_transformer_binds_where_the_cables_are_short(ordinary):
    network, series = ordinary
    short = replace(
        network,
        segments=tuple(
            replace(one, resistance=one.resistance / 100, reactance=one.reactance / 100, rated_amperes=0.0)
            for one in network.segments
        ),
    )
    found = hosting_capacities(short, series, connections=["workshop"], technologies=[Technology.CHARGER])
    three = next(one for one in found if one.phases == Phases.ALL)
    assert (three.limit, three.place) == (LimitKind.TRANSFORMER, "T1")
    fullest_phase = series.by_phase(short).sum(axis=0).max()
    assert three.watts == pytest.approx(100e3 - 3 * fullest_phase, rel=0.03)


def test_what_a_connection_is_rated_for_is_a_limit_too(ordinary):
    network, series = ordinary
    rated = replace(
        network,
        connections=tuple(replace(one, rated_watts=3_000.0) for one in network.connections),
    )
    for one in hosting_capacities(rated, series, connections=["ada"]):
        assert (one.watts, one.limit, one.place) == (3_000.0, LimitKind.CONNECTION, "ada")


def test_a_limit_that_is_broken_already_leaves_nothing_to_what_breaks_it_further(ordinary):
    network, series = ordinary
    loaded = series_of(network, np.vstack([series.watts[:1], series.watts[1:2] + 60e3, series.watts[2:]]))
    found = hosting_capacities(network, loaded, connections=["ben"], technologies=[Technology.CHARGER])
    assert [one.watts for one in found if one.phases == Phases.L1] == [0.0]
    helping = hosting_capacities(network, loaded, connections=["ben"], technologies=[Technology.SOLAR])
    assert min(one.watts for one in helping) > 10e3


def test_solar_power_is_held_against_the_hours_of_sun_alone(ordinary):
    network, _ = ordinary
    watts = np.full((4, 96), 4000.0)
    watts[:, :20] = 0.0  # from midnight on nobody draws anything
    midnight = NOON - 12 * 3600
    whole_day = hosting_capacities(
        network, series_of(network, watts, midnight), connections=["ben"], technologies=[Technology.SOLAR]
    )
    by_day = hosting_capacities(
        network,
        series_of(network, watts[:, 32:72], midnight + 32 * STEP),
        connections=["ben"],
        technologies=[Technology.SOLAR],
    )
    assert [one.watts for one in whole_day] == [one.watts for one in by_day]
    night = hosting_capacities(
        network,
        series_of(network, watts[:, :20], midnight),
        connections=["ben"],
        technologies=[Technology.SOLAR],
    )
    assert night[0].watts < whole_day[0].watts


def test_the_largest_power_asked_for_is_told_as_no_limit(ordinary):
    found = hosting_capacities(*ordinary, connections=["ada"], most_watts=1_000.0)
    assert {(one.watts, one.limit, one.place) for one in found} == {(1_000.0, LimitKind.NONE, "")}


def test_a_year_is_judged_by_its_worst_intervals(ordinary):
    network, _ = ordinary
    watts = np.random.default_rng(2).uniform(200, 3000, (4, 5000))
    watts[1, 3333] = 18e3
    found = hosting_capacities(
        network, series_of(network, watts), connections=["ben"], technologies=[Technology.CHARGER]
    )
    assert {one.start_utc for one in found if one.phases == Phases.L1} == {NOON + 3333 * STEP}


def test_what_is_not_the_networks_is_named(ordinary):
    network, series = ordinary
    with pytest.raises(InputError, match='network "rue" has no connection "dora"'):
        hosting_capacities(network, series, connections=["dora"])
    with pytest.raises(InputError, match="there is no interval to look at"):
        hosting_capacities(network, series.window(0, 0))
    with pytest.raises(InputError, match=r"voltages from 1.2 to 1.1 pu are no limits around 1"):
        HostingLimits(voltage_least_pu=1.2)
    with pytest.raises(InputError, match="an unbalance of 0 or a loading of 1"):
        HostingLimits(unbalance=0.0)


def test_the_power_that_meets_a_limit_solves_its_equation():
    rng = np.random.default_rng(3)
    a0, a1, b0, b1 = (rng.normal(size=500) + 1j * rng.normal(size=500) for _ in range(4))
    found = reach_of(a0, a1, b0, b1)
    met = np.isfinite(found) & (found > 0)
    assert met.sum() > 50
    p = found[met]
    assert np.allclose(np.abs(a0[met] + p * a1[met]), np.abs(b0[met] + p * b1[met]))
    never = np.isinf(found) & (np.abs(a0) < np.abs(b0))
    far = 10.0 ** np.linspace(-3, 6, 200)[:, None]
    assert (np.abs(a0[never] + far * a1[never]) <= np.abs(b0[never] + far * b1[never])).all()


def test_on_the_european_feeder_capacities_hold_through_every_minute_of_its_day():
    feeder = read_feeder()
    assert feeder.profiles is not None
    network, series = feeder.network, feeder.profiles
    found = hosting_capacities(network, series, connections=["load50"], technologies=[Technology.CHARGER])
    watch = Watch(network, HostingLimits())
    for capacity in found:
        bus = next(one.bus for one in network.connections if one.id == capacity.connection)
        larger = replace(network, connections=(*network.connections, Connection("new", bus, capacity.phases)))
        flow, measures = PowerFlow(larger), []
        for times in (1.0, 1.02):
            drawn = np.full((1, series.length), capacity.watts * times)
            scenario = ConnectionSeries(
                series.start_utc,
                series.step_seconds,
                np.concatenate([series.watts, drawn]),
                np.concatenate([series.vars, drawn * 0]),
                (*series.origins, Origin.NONE),
            )
            measures.append(watch.measures(watch.see(flow.solve(scenario))).max())
        assert 0.99 < measures[0] <= 1.0 + 1e-6 < measures[1], (capacity, measures)
    assert {one.limit for one in found} == {LimitKind.UNBALANCE, LimitKind.VOLTAGE_LOW}
