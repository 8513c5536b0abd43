from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site
from backend.forecasting.anomalies import AnomalyKind
from backend.grid.transformers import MeteredConnection, ResidualSite, find_suspects
from ml.anomalies.feeder import find_bypasses
from ml.evaluation.faults import FaultKind, PlantedFault, plant

SITE = Site("Etc/GMT+8", "US")
DAY = 86400


@pytest.fixture(scope="module")
def feeder(homes):
    """Sum of the homes, 3 % losses that grow with the square, a gain error and noise of the meter."""
    total = sum(series.values for series in homes.values())
    noise = 1 + 0.003 * np.random.default_rng(5).standard_normal(len(total))
    measured = (total + 0.03 * total**2 / total.mean()) * 1.006 * noise
    return replace(next(iter(homes.values())), values=measured)


def passed_by(homes, name, kind=FaultKind.PASSED_BY):
    start = homes[name].start_utc
    return plant(homes, [PlantedFault(kind, name, start + 155 * DAY, start + 185 * DAY)])


def test_an_untouched_feeder_is_told_of_nothing(homes, feeder, span):
    assert find_bypasses("F", feeder, homes, SITE, span[0], span[1], 2.0) == []


def test_whose_evenings_go_round_the_meter_is_named_of_most_homes_where_signatures_name_few(
    homes, feeder, span
):
    ours, signatures = 0, 0
    for name in homes:
        told = passed_by(homes, name)
        found = find_bypasses("F", feeder, told, SITE, span[0], span[1], 2.0)
        assert len(found) == 1, name
        assert found[0].kind is AnomalyKind.BYPASS
        ours += found[0].element == name
        first, last = (feeder.place(feeder.start_utc + day * DAY) for day in (155, 185))
        total = sum(series.values for series in told.values())
        modelled = (total + 0.03 * total**2 / total.mean())[None, first:last]
        site = ResidualSite("F", 0, 3600, feeder.values[None, first:last], modelled)
        known = [MeteredConnection(key, "F", series.values[first:last]) for key, series in told.items()]
        suspects = find_suspects([site], known)
        signatures += bool(suspects) and suspects[0].place == name
    assert ours >= 8
    assert signatures < ours


def test_a_meter_that_registers_two_thirds_is_named_with_its_part(homes, feeder, span):
    found = find_bypasses(
        "F", feeder, passed_by(homes, "home 4", FaultKind.THIRD_LOST), SITE, span[0], span[1], 2.0
    )
    assert found[0].element == "home 4"
    assert found[0].cause in {"shown", "shown_at_hours"}
    assert found[0].figures["coefficient"] == pytest.approx(0.5, abs=0.1)
    assert found[0].figures["confidence"] > 0.9
    assert abs(found[0].start_utc - (feeder.start_utc + 155 * DAY)) <= 2 * DAY


def test_a_lamp_that_nobody_meters_is_held_against_no_member(homes, feeder, span):
    values = feeder.values.copy()
    night = np.isin(np.arange(len(values)) % 24, [20, 21, 22, 23, 0, 1, 2, 3, 4, 5])
    lit = np.arange(len(values)) >= 158 * 24
    values[night & lit] += 800.0
    found = find_bypasses("F", replace(feeder, values=values), homes, SITE, span[0], span[1], 2.0)
    assert found[0].element == "F"
    assert found[0].cause == "hours"


def test_what_comes_after_the_span_changes_nothing(homes, feeder, span):
    told = passed_by(homes, "home 4")
    before = find_bypasses("F", feeder, told, SITE, span[0], span[1], 2.0)
    values = feeder.values.copy()
    values[190 * 24 :] = 1e6
    assert find_bypasses("F", replace(feeder, values=values), told, SITE, span[0], span[1], 2.0) == before


def test_too_little_before_the_span_is_refused(homes, feeder):
    with pytest.raises(InputError, match="has 20 days before the span"):
        find_bypasses("F", feeder, homes, SITE, feeder.start_utc + 20 * DAY, feeder.start_utc + 60 * DAY, 2.0)
    with pytest.raises(InputError, match="all 0 members"):
        find_bypasses("F", Series(0, 3600, np.ones(90 * 24)), {}, Site(), 80 * DAY, 90 * DAY, 2.0)
