"""Failing roofs among measured ones."""

from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting import Series, Site
from backend.forecasting.anomalies import Anomaly, AnomalyKind
from ml.anomalies.plants import find_in_plants
from tests.unit.ml.solar.measured_plants import DAY, FONTANA, measured

ROOFS = (2, 8, 9, 13)
START = measured(2).start_utc
BROKEN = 240


def roofs(days: int = 330) -> dict[str, Series]:
    return {f"roof-{home}": measured(home).before(START + days * DAY) for home in ROOFS}


def with_share(
    plants: dict[str, Series], name: str, share: float, first: int, last: int
) -> dict[str, Series]:
    values = plants[name].values.copy()
    values[first * 24 : last * 24] *= share
    return plants | {name: replace(plants[name], values=values)}


def look(plants: dict[str, Series], first: int, last: int, site: Site = FONTANA) -> list[Anomaly]:
    return find_in_plants(plants, site, START + first * DAY, START + last * DAY)[0]


@pytest.mark.parametrize("site", [FONTANA, Site("America/Los_Angeles", "US")])
def test_a_broken_string_is_a_finding_since_its_day(site: Site) -> None:
    (found,) = look(with_share(roofs(), "roof-9", 0.75, BROKEN, 400), 270, 298, site)
    assert (found.kind, found.cause, found.element) == (AnomalyKind.PLANT, "plant_string", "roof-9")
    assert abs(found.start_utc - (START + BROKEN * DAY)) <= 3 * DAY
    assert 0 <= START + 298 * DAY - found.end_utc < DAY
    assert found.figures["lost_share"] == pytest.approx(0.25, abs=0.06)
    assert found.p_value == pytest.approx(1 - found.figures["confidence"])
    assert found.reason.endswith(".")


def test_a_dead_inverter_is_told_in_the_weeks_it_was_dead_in_alone() -> None:
    plants = with_share(roofs(), "roof-9", 0.0, BROKEN, BROKEN + 6)
    (found,) = look(plants, BROKEN - 10, BROKEN + 18)
    assert (found.cause, found.figures["days"], found.discovered) == ("plant_dead", 6, True)
    assert look(plants, BROKEN + 20, BROKEN + 48) == []


def test_days_without_production_in_frost_are_told_as_snow() -> None:
    plants = with_share(roofs(), "roof-9", 0.0, BROKEN, BROKEN + 6)
    air = np.full(len(plants["roof-9"]), 12.0)
    air[BROKEN * 24 - 24 : BROKEN * 24 + 240] = -3.0
    first = next(iter(plants))
    plants |= {first: replace(plants[first], inputs={"temperature": air})}
    (found,) = look(plants, BROKEN - 10, BROKEN + 18)
    assert found.cause == "plant_snow"


def test_a_roof_alone_is_told_dead_and_never_dusty() -> None:
    alone = with_share({"roof-9": roofs()["roof-9"]}, "roof-9", 0.0, BROKEN, BROKEN + 6)
    assert {one.cause for one in look(alone, 0, 300)} == {"plant_dead"}


def test_healthy_roofs_raise_nothing_and_short_or_empty_ones_are_left_out() -> None:
    plants = roofs()
    short = np.full(len(plants["roof-9"]), np.nan)
    short[-15 * 24 :] = plants["roof-9"].values[-15 * 24 :]
    left_out = {
        name: replace(plants["roof-9"], values=values)
        for name, values in (("new", short), ("none", short * np.nan))
    }
    assert find_in_plants(plants | left_out, FONTANA, START + 270 * DAY, START + 298 * DAY) == ([], 4)
    assert find_in_plants(left_out, Site("America/Los_Angeles"), START, START + 298 * DAY) == ([], 0)
    assert find_in_plants({}, FONTANA, START, START + DAY) == ([], 0)


def test_days_after_the_span_change_nothing() -> None:
    plants = with_share(roofs(), "roof-9", 0.75, BROKEN, 400)
    later = with_share(plants, "roof-9", 0.0, 298, 400)
    later = with_share(later, "roof-2", 9.0, 298, 400)
    assert look(later, 270, 298) == look(plants, 270, 298)


def test_quarters_of_an_hour_tell_what_hours_tell() -> None:
    plants = with_share(roofs(), "roof-9", 0.0, BROKEN, BROKEN + 6)
    fine = {
        name: replace(series, step_seconds=900, values=np.repeat(series.values, 4))
        for name, series in plants.items()
    }
    assert look(fine, BROKEN - 10, BROKEN + 18) == look(plants, BROKEN - 10, BROKEN + 18)


def test_a_clock_that_jumps_is_told_once() -> None:
    plants = roofs()
    values = plants["roof-9"].values.copy()
    values[BROKEN * 24 + 2 :] = values[BROKEN * 24 : -2]
    plants |= {"roof-9": replace(plants["roof-9"], values=values)}
    (found,) = look(plants, BROKEN - 10, BROKEN + 18)
    assert found.cause == "plant_late"
    assert found.figures["clock_hours"] == pytest.approx(2, abs=0.4)
    assert look(plants, BROKEN + 20, BROKEN + 48) == []
