from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import ConnectionSeries, Origin, Phases, Transformer
from backend.grid.power_flow import PowerFlow
from backend.grid.relief import (
    FlexibilityKind,
    FlexibleLoad,
    ReliefNeed,
    phases_behind,
    plan_relief,
    read_flexible_loads,
    relieve,
    verify_relief,
)
from backend.grid.transformers import TransformerLoad
from tests.small_network import small_network

START = 1_500_000_000 // 86400 * 86400  # midnight, UTC
HOURS = 24
TRANSFORMER = Transformer("t", "a", "b", 30e3, 20e3, 400.0)
SHED, SHIFT, CURTAIL = FlexibilityKind.SHED, FlexibilityKind.SHIFT, FlexibilityKind.CURTAIL


def load_with(peaks, base=8e3, transformer=TRANSFORMER):
    """Eight kilowatts on each phase, and what is asked for in an hour on a phase."""
    watts = np.full((3, HOURS), base)
    for (phase, hour), value in peaks.items():
        watts[phase, hour] = value
    return TransformerLoad(transformer, START, 3600, watts, np.zeros_like(watts), "flow")


def flexible(name, watts=3e3, kind=SHED, **more):
    return FlexibleLoad(name, name, kind, watts, **{"has_consented": True, **more})


def planned(load, loads, phases=None, drawn=4e3):
    courses = {one.connection: np.full(HOURS, drawn) for one in loads}
    return plan_relief(ReliefNeed(load), loads, phases or {one.connection: (0,) for one in loads}, courses)


def test_no_more_is_asked_for_than_is_needed_when_it_is_needed():
    plan = planned(load_with({(0, 18): 11.5e3}), [flexible("a")])
    assert [(one.load, one.start_utc, one.end_utc, one.watts) for one in plan.actions] == [
        ("a", START + 18 * 3600, START + 19 * 3600, -1500.0)
    ]
    assert plan.needed_watts == pytest.approx(1500.0)
    assert plan.left_watts == 0.0
    assert plan.relieved_kwh == pytest.approx(1.5)
    assert plan.is_optimal


def test_the_cheapest_who_consent_are_asked_first():
    loads = [
        flexible("dear", cost_per_kwh=0.5),
        flexible("cheap", 1e3, cost_per_kwh=0.1),
        flexible("free", cost_per_kwh=0.0, has_consented=False),
    ]
    plan = planned(load_with({(0, 18): 12e3}), loads)
    assert {one.load: one.watts for one in plan.actions} == {"cheap": -1000.0, "dear": -1000.0}
    assert plan.cost == pytest.approx(0.6)
    assert plan.without_consent == ()


def test_what_nobody_who_consented_can_take_away_is_told_with_who_could_have():
    loads = [
        flexible("a", 1e3),
        flexible("b", has_consented=False),
        flexible("c", has_consented=False, to_hour=6),
    ]
    plan = planned(load_with({(0, 18): 13e3}), loads)
    assert plan.left_watts == pytest.approx(2000.0)
    assert plan.without_consent == ("b",)
    nobody = planned(load_with({(0, 18): 13e3}), loads[1:])
    assert (nobody.actions, nobody.left_watts) == ((), 3000.0)


def test_a_load_on_another_phase_is_left_alone():
    plan = planned(load_with({(0, 18): 12e3}), [flexible("a"), flexible("b")], {"a": (1,), "b": (0,)})
    assert {one.load for one in plan.actions} == {"b"}
    three = planned(load_with({(0, 18): 10.5e3}), [flexible("a")], {"a": (0, 1, 2)})
    assert [one.watts for one in three.actions] == [pytest.approx(-1500.0)]


def test_what_is_shifted_is_drawn_again_where_there_is_room_for_it():
    load = load_with({(0, hour): 9.5e3 for hour in range(24)} | {(0, 18): 12e3, (0, 3): 9e3})
    plan = planned(load, [flexible("a", kind=SHIFT)])
    change = plan.changes["a"]
    assert change.sum() == pytest.approx(0.0, abs=1e-6)
    assert change[18] == pytest.approx(-2000.0)
    assert (load.watts[0] + change).max() <= 10e3 + 1e-6


def test_hours_and_energy_of_a_day_are_kept_over_midnight_too():
    load = load_with({(0, 23): 11e3, (0, 1): 11e3, (0, 12): 11e3})
    plan = planned(load, [flexible("a", from_hour=22, to_hour=6)])
    assert np.flatnonzero(plan.changes["a"]).tolist() == [1, 23]
    assert plan.left_watts == pytest.approx(1000.0)
    short = planned(load, [flexible("a", 1e3, most_hours=1.5)])
    assert short.relieved_kwh == pytest.approx(1.5)


def test_what_gives_way_whole_does_so_or_not_at_all():
    plan = planned(load_with({(0, 18): 10.2e3}), [flexible("a", is_whole=True)])
    assert [one.watts for one in plan.actions] == [-3000.0]
    idle = planned(load_with({(0, 18): 10.2e3}), [flexible("a", is_whole=True)], drawn=2e3)
    assert idle.actions == ()
    assert idle.left_watts == pytest.approx(200.0)


def test_nobody_sheds_more_than_is_drawn_even_by_two_loads_at_one_connection():
    loads = [replace(flexible(name), connection="home") for name in ("a", "b")]
    plan = plan_relief(
        ReliefNeed(load_with({(0, 18): 15e3})), loads, {"home": (0,)}, {"home": np.full(HOURS, 4e3)}
    )
    assert plan.changes["home"].min() == pytest.approx(-4e3)
    assert plan.left_watts == pytest.approx(1e3)


def test_too_much_sun_is_curtailed_or_drawn_elsewhere_by_what_can_shift():
    load = load_with({(0, 12): -13e3})
    loads = [flexible("roof", kind=CURTAIL, cost_per_kwh=0.2), flexible("boiler", 2e3, kind=SHIFT)]
    plan = plan_relief(
        ReliefNeed(load),
        loads,
        {"roof": (0,), "boiler": (0,)},
        {"roof": np.full(HOURS, -5e3), "boiler": np.full(HOURS, 1e3)},
    )
    assert plan.changes["boiler"][12] == pytest.approx(2e3)
    assert plan.changes["roof"][12] == pytest.approx(1e3)
    assert plan.changes["boiler"].sum() == pytest.approx(0.0, abs=1e-6)


def test_where_nothing_is_needed_nothing_is_asked_for():
    plan = planned(load_with({}), [flexible("a")])
    assert (plan.actions, plan.cost, plan.left_watts, plan.without_consent) == ((), 0.0, 0.0, ())


def test_the_program_finds_what_trying_everything_finds():
    rng = np.random.default_rng(5)
    for _ in range(10):
        load = load_with({(0, 18): float(rng.uniform(10.5e3, 14e3))})
        loads = [
            flexible(
                str(n),
                float(rng.integers(5, 30)) * 100,
                is_whole=True,
                cost_per_kwh=float(rng.integers(1, 9)),
            )
            for n in range(6)
        ]
        plan = planned(load, loads)
        need = load.watts[0, 18] - 10e3
        best = min(
            (
                (
                    round(max(need - sum(one.watts for one in some), 0.0)),
                    sum(one.cost_per_kwh * one.watts for one in some),
                )
                for some in ([one for n, one in enumerate(loads) if code >> n & 1] for code in range(64))
            ),
        )
        assert (round(plan.left_watts), pytest.approx(plan.cost * 1e3)) == best


@pytest.fixture
def street():
    """A transformer of 30 kVA whose first phase is overloaded for two hours, ready for power flow."""
    network = small_network()
    watts = np.full((4, HOURS), 3e3)
    watts[0, 18:20] = 12e3
    series = ConnectionSeries(START, 3600, watts, watts * 0.1, (Origin.MEASURED,) * 4)
    small = replace(network.transformers[0], rated_volt_amperes=30e3)
    return PowerFlow(replace(network, transformers=(small,))), series


def test_power_flow_shows_that_a_plan_holds_with_what_the_losses_add(street):
    flow, series = street
    plan, effect = relieve(flow, series, "T1", [flexible("ada", 8e3, kind=SHIFT), flexible("ben", 8e3)])
    assert effect.peak_before > 1.5
    assert effect.hours_over_before == 2.0
    assert effect.holds
    assert 0.97 < effect.peak_after <= 1.001
    assert effect.voltage_min_after > effect.voltage_min_before
    assert plan.limit == 1.0
    assert {one.load for one in plan.actions} == {"ada"}


def test_a_plan_without_enough_consent_does_what_it_can_and_says_that_it_does_not_hold(street):
    flow, series = street
    plan, effect = relieve(
        flow, series, "T1", [flexible("ada", 2e3), flexible("ben", 8e3, has_consented=False)]
    )
    assert not effect.holds
    assert effect.peak_after < effect.peak_before - 0.1
    assert plan.left_watts > 1000
    assert plan.without_consent == ("ben",)


def test_a_plan_that_does_nothing_changes_nothing_and_fits_its_intervals_alone(street):
    flow, series = street
    plan, effect = relieve(flow, series, "T1", [])
    assert (plan.actions, effect.peak_after) == ((), effect.peak_before)
    asked, _ = relieve(flow, series, "T1", [flexible("ada", 2e3)])
    with pytest.raises(InputError, match="the plan is of 24 intervals"):
        verify_relief(flow, series.window(0, 3), asked)
    with pytest.raises(InputError, match='the plan is for "dora", which the network has not'):
        verify_relief(flow, series, replace(asked, changes={"dora": np.zeros(HOURS)}))


def test_phases_are_counted_among_the_transformers_own():
    network = small_network()
    assert phases_behind(network, "T1") == {"ada": (0,), "ben": (0,), "cleo": (1,), "workshop": (0, 1, 2)}
    one = replace(network, transformers=(replace(network.transformers[0], phases=Phases.L2),))
    assert phases_behind(one, "T1") == {"cleo": (0,), "workshop": (0,)}


def test_a_load_elsewhere_is_refused():
    with pytest.raises(InputError, match='flexible load "a" is at "a", which is not behind transformer "t"'):
        planned(load_with({}), [flexible("a")], {"b": (0,)})


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ([{"id": "a", "connection": "c", "kind": "shed"}], r'loads\[0\] lacks "watts"'),
        (
            [{"id": "a", "connection": "c", "kind": "stop", "watts": 1}],
            'kind is "stop"; known are shed, shift, curtail',
        ),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": "9"}], r"loads\[0\].watts is '9'"),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": True}], r"loads\[0\].watts is 'True'"),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": -1}], "could give way by -1 W"),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": float("nan")}], "could give way by nan W"),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": 1, "hours": 3}], r'loads\[0\] has "hours"'),
        (
            [{"id": "a", "connection": "c", "kind": "shed", "watts": 1, "to_hour": 25}],
            "hours of the day are from 0",
        ),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": 1, "most_hours": 0}], "0 hours a day"),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": 1, "cost_per_kwh": -2}], "costs -2 a kWh"),
        ([{"id": "a", "connection": "c", "kind": "shed", "watts": 1}] * 2, 'the load "a" is there twice'),
        (["a"], r"loads\[0\] is 'a'; a load is an object"),
    ],
)
def test_a_flexible_load_that_cannot_be_is_named(told, named):
    with pytest.raises(InputError, match=named):
        read_flexible_loads(told)


def test_a_flexible_load_is_read_as_it_is_told():
    told = {
        "id": "a",
        "connection": "c",
        "kind": "shift",
        "watts": 2000,
        "from_hour": 22,
        "has_consented": True,
    }
    assert read_flexible_loads([told]) == (
        FlexibleLoad("a", "c", SHIFT, 2000.0, from_hour=22.0, has_consented=True),
    )


def test_a_need_without_limit_or_over_years_is_refused():
    with pytest.raises(InputError, match="a limit of 0 of the rating"):
        ReliefNeed(load_with({}), limit=0.0)
    watts = np.zeros((3, 3000))
    with pytest.raises(InputError, match="a plan over 3000 intervals is not made"):
        ReliefNeed(TransformerLoad(TRANSFORMER, START, 3600, watts, watts, "flow"))
