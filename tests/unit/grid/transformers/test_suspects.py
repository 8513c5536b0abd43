"""Faults planted into a year of real homes below two transformers, each with a meter of its own."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from backend.adapters.demo_data import read_homes
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
from backend.errors import InputError
from backend.grid.transformers import FaultKind, MeteredConnection, ResidualSite, find_suspects

HOMES, FIRST = 17, 9  # the first nine are under A, the others under B


@pytest.fixture(scope="module")
def homes():
    imports, exports = read_homes().imports_and_exports()
    return (imports - exports) / 1000.0  # watts: hours of milliwatt-hours


@dataclass
class World:
    """What is true, and what is recorded; what differs is the fault."""

    watts: np.ndarray
    fed_by: list = field(default_factory=lambda: ["A"] * FIRST + ["B"] * (HOMES - FIRST))
    recorded_under: list = field(default_factory=lambda: ["A"] * FIRST + ["B"] * (HOMES - FIRST))
    on: list = field(default_factory=lambda: [(home % 3,) for home in range(HOMES)])
    recorded_on: list = field(default_factory=lambda: [(home % 3,) for home in range(HOMES)])
    recorded: np.ndarray | None = None

    def sites(self, rng, phases):
        """Meters of class 0.5 and losses of which a tenth was not foreseen."""
        shown = self.watts if self.recorded is None else self.recorded
        sites = []
        for site in "AB":
            true = self._sum(self.watts, self.fed_by, self.on, site, phases)
            modelled = self._sum(shown, self.recorded_under, self.recorded_on, site, phases)
            measured = true * (1 + 0.005 * rng.standard_normal(true.shape)) + 0.003 * np.abs(true)
            sites.append(ResidualSite(site, FIRST_HOUR_UTC, 3600, measured, modelled))
        meters = [
            MeteredConnection(
                f"home-{home:02d}", self.recorded_under[home], shown[home], self.recorded_on[home]
            )
            for home in range(HOMES)
        ]
        return sites, meters

    @staticmethod
    def _sum(watts, sites, phases_of, site, phases):
        total = np.zeros((phases, watts.shape[1]))
        for home in range(HOMES):
            if sites[home] == site:
                total[phases_of[home][0] if phases == 3 else 0] += watts[home]
        return total


def plant(kind, home, watts):
    world = World(watts)
    if kind is FaultKind.MISSING:
        world.recorded_under[home] = ""
    elif kind is FaultKind.MOVED:
        world.recorded_under[home] = "B" if home < FIRST else "A"
    elif kind is FaultKind.ABSENT:
        world.fed_by[home] = "C"
    elif kind is FaultKind.WRONG_PHASE:
        world.recorded_on[home] = ((home + 1) % 3,)
    elif kind in {FaultKind.PARTIAL, FaultKind.BYPASSED}:
        world.recorded = watts.copy()
        hours = np.arange(watts.shape[1])
        off = (hours // 24 % 3 == 0) & (hours % 24 < 8) & (watts[home] > 0)
        world.recorded[home] *= 2 / 3 if kind is FaultKind.PARTIAL else np.where(off, 0.0, 1.0)
    return world


def tell(found):
    return [(one.kind, one.place) for one in found]


def window(homes, home, days=30):
    begin = home * 400
    return homes[:, begin : begin + 24 * days]


WHOLE = [FaultKind.MISSING, FaultKind.MOVED, FaultKind.ABSENT, FaultKind.PARTIAL]


@pytest.mark.parametrize(
    ("kind", "phases"), [*((kind, phases) for kind in WHOLE for phases in (1, 3)), (FaultKind.WRONG_PHASE, 3)]
)
def test_a_whole_meters_fault_is_found_in_every_home_and_nothing_else_is_told(homes, kind, phases):
    rng = np.random.default_rng(5)
    for home in range(HOMES):
        world = plant(kind, home, window(homes, home))
        found = find_suspects(*world.sites(rng, phases))
        assert tell(found) == [(kind, f"home-{home:02d}")], found
        assert found[0].confidence > 0.95
        assert found[0].explained > 0.8


def test_of_bypassed_meters_half_are_found_and_hardly_any_other_accused(homes):
    rng = np.random.default_rng(6)
    count: Counter[str] = Counter()
    for home in range(HOMES):
        name = f"home-{home:02d}"
        found = find_suspects(*plant(FaultKind.BYPASSED, home, window(homes, home, 60)).sites(rng, 1))
        count["found"] += any(one.kind is FaultKind.BYPASSED and one.place == name for one in found)
        count["accused"] += sum(one.place not in {"", name} for one in found)
    assert count["found"] >= 9, count
    assert count["accused"] == 0, count


def test_a_world_without_fault_is_left_in_peace(homes):
    rng = np.random.default_rng(7)
    for home in range(HOMES):
        for phases in (1, 3):
            assert not find_suspects(*World(window(homes, home)).sites(rng, phases))


def test_two_faults_at_once_are_both_found(homes):
    watts = window(homes, 3)
    world = plant(FaultKind.MISSING, 2, watts)
    world.recorded_under[12] = "A"
    found = find_suspects(*world.sites(np.random.default_rng(8), 1))
    assert set(tell(found)) == {(FaultKind.MISSING, "home-02"), (FaultKind.MOVED, "home-12")}
    moved = next(one for one in found if one.kind is FaultKind.MOVED)
    assert (moved.transformer, moved.other) == ("A", "B")
    missing = next(one for one in found if one.kind is FaultKind.MISSING)
    assert missing.energy_kilowatt_hours == pytest.approx(watts[2].sum() / 1000)
    assert '"home-02" is joined to nothing, and A shows its course besides' in missing.reason


def test_a_wrong_ratio_of_the_transformers_own_meter_accuses_no_home(homes):
    sites, meters = World(window(homes, 5)).sites(np.random.default_rng(9), 1)
    sites[0] = ResidualSite("A", FIRST_HOUR_UTC, 3600, sites[0].measured * 1.2, sites[0].modelled)
    found = find_suspects(sites, meters)
    assert tell(found) == [(FaultKind.OWN_METER, "")]
    assert found[0].coefficient == pytest.approx(0.2, abs=0.01)


def test_a_lamp_that_burns_by_night_is_told_as_unmetered(homes):
    sites, meters = World(window(homes, 6)).sites(np.random.default_rng(10), 1)
    lamp = np.where(np.arange(sites[0].measured.shape[1]) % 24 < 9, 700.0, 0.0)
    sites[0] = ResidualSite("A", FIRST_HOUR_UTC, 3600, sites[0].measured + lamp, sites[0].modelled)
    assert tell(find_suspects(sites, meters)) == [(FaultKind.UNMETERED, "")]


def test_what_is_known_to_be_sure_is_right_as_often_as_it_says(homes):
    rng, right, told = np.random.default_rng(11), 0, 0
    for home in range(HOMES):
        for kind in [*WHOLE, FaultKind.BYPASSED]:
            for one in find_suspects(*plant(kind, home, window(homes, home, 7)).sites(rng, 1)):
                if one.confidence >= 0.95:
                    told += 1
                    right += (one.kind, one.place) == (kind, f"home-{home:02d}")
    assert told > 60
    assert right / told >= 0.95, (right, told)


def test_intervals_that_are_not_known_are_left_out_and_not_taken_for_nothing(homes):
    sites, meters = plant(FaultKind.MISSING, 4, window(homes, 4)).sites(np.random.default_rng(12), 1)
    measured = sites[0].measured.copy()
    measured[:, 100:200] = np.nan
    sites[0] = ResidualSite("A", FIRST_HOUR_UTC, 3600, measured, sites[0].modelled)
    assert tell(find_suspects(sites, meters)) == [(FaultKind.MISSING, "home-04")]
    assert sites[0].known.sum() == measured.shape[1] - 100


def test_the_residual_is_measured_in_energy_and_against_what_was_drawn():
    measured, modelled = np.full((1, 48), 1100.0), np.full((1, 48), 1000.0)
    site = ResidualSite("A", 0, 1800, measured, modelled)
    assert site.energy_kilowatt_hours == pytest.approx(2.4)
    assert site.mean_watts == pytest.approx(100.0)
    assert site.drawn_share() == pytest.approx(100 / 1100)
    assert site.is_notable
    assert not ResidualSite("A", 0, 1800, np.full((1, 48), 1005.0), modelled).is_notable
    nothing = ResidualSite("A", 0, 1800, np.full((1, 48), np.nan), modelled)
    assert (nothing.root_mean_square, nothing.mean_watts, nothing.drawn_share()) == (0.0, 0.0, 0.0)
    assert not nothing.is_notable


def test_sites_that_do_not_belong_together_are_named():
    one = ResidualSite("A", 0, 900, np.ones((1, 4)), np.ones((1, 4)))
    other = ResidualSite("B", 0, 900, np.ones((1, 5)), np.ones((1, 5)))
    with pytest.raises(InputError, match='"A" and "B" do not have the same intervals'):
        find_suspects([one, other], [])
    with pytest.raises(InputError, match="no transformer has a meter of its own"):
        find_suspects([], [])
    with pytest.raises(InputError, match='transformer "A" has measured'):
        ResidualSite("A", 0, 900, np.ones((2, 4)), np.ones((2, 4)))
