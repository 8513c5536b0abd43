"""Net load of real homes split into use and sun, held against their own meters; and ramps of their roofs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.demo_data.communities import build_demo
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC, read_homes
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.community import read_definition, write_definition
from backend.errors import InputError, NotFoundError
from backend.services.forecasts.split import subject_behind, tell_split
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from tests.prepared import copy_prepared

if TYPE_CHECKING:
    from pathlib import Path

    from backend.services.forecasts.desk import ForecastDesk

DAY = 86_400
BEGIN, END = FIRST_HOUR_UTC + 215 * DAY, FIRST_HOUR_UTC + 270 * DAY
HOMES = tuple(f"home-0{number}" for number in range(1, 6))


def _make(folder: Path) -> None:
    demo = build_demo("street")
    whole = read_definition(demo.definition_toml, "street.toml")
    kept = replace(
        whole,
        participants=tuple(one for one in whole.participants if one.id in HOMES),
        metering_points=tuple(one for one in whole.metering_points if one.participant in HOMES),
    )
    names = {point.id for point in kept.metering_points}
    head, *rows = demo.readings_csv.decode().splitlines()
    wiring = Wiring(Home(folder))
    wiring.home.create()
    file = wiring.home.files / "readings.csv"
    file.write_text("\n".join([head, *(row for row in rows if _wanted(row, names))]) + "\n")
    with wiring.writing("test"):
        load_community(wiring.context, write_definition(kept), "street.toml")
        load_readings(wiring.context, wiring.reader_for(), [file], community="street")
    wiring.store.close()


def _wanted(row: str, names: set[str]) -> bool:
    point, start, _ = row.split(",", 2)
    return point in names and BEGIN <= datetime.fromisoformat(start).astimezone(UTC).timestamp() < END


@pytest.fixture
def desk(tmp_path: Path) -> ForecastDesk:
    copy_prepared(tmp_path / "home", _make)
    return replace(Wiring(Home(tmp_path / "home")).forecasts, clock=FixedClock(END + 3600))


def _made(home: int, hours: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What a home's roof made in the last hours, by the source of the demonstration. [W]"""
    homes = read_homes()
    watts = homes.solar[home - 1] * 1e-8 * homes.nominal_kilowatts[home - 1]
    return np.asarray(watts[: 270 * 24][-hours:])


def test_use_less_sun_is_the_net_load_and_the_sun_is_near_what_the_roof_made(desk: ForecastDesk) -> None:
    """By what four others fed in: a quarter off by hour, a tenth in sum, as the guide says."""
    members = desk.members("street")
    told = tell_split(desk, members, subject_behind(members, "home-02"), END - 28 * DAY)
    net, use, sun = (np.array(told[name]) for name in ("net", "use", "sun"))
    made = _made(2, len(net))
    assert len(net) == 28 * 24
    assert np.allclose(use - sun, net, atol=0.21)
    assert min(use.min(), sun.min()) >= 0
    assert (told["light"], told["roofs"]) == ("feed-in", 4)
    assert np.abs(sun - made).sum() < 0.4 * made.sum()
    assert sun.sum() == pytest.approx(made.sum(), rel=0.25)
    assert told["peak_watts"] == pytest.approx(made.max(), rel=0.4)
    assert not told["one_way"]


def test_a_place_lets_the_clear_sky_tell_and_a_roof_that_feeds_in_all_it_makes_tells_best(
    desk: ForecastDesk,
) -> None:
    members = desk.members("street")
    placed = replace(
        members,
        metering_points=tuple(
            replace(one, latitude=34.1, longitude=-117.4) for one in members.metering_points
        ),
    )
    subject = subject_behind(members, "home-02")
    sky = tell_split(desk, placed, subject)
    assert (sky["light"], sky["roofs"]) == ("clear-sky", 0)
    assert sky["peak_watts"] == pytest.approx(_made(2, 55 * 24).max(), rel=0.25)
    alone = replace(
        placed,
        metering_points=tuple(one for one in placed.metering_points if one.id != "home-04-load"),
    )
    assert (tell_split(desk, alone, subject)["light"], tell_split(desk, alone, subject)["roofs"]) == (
        "roofs",
        1,
    )


def test_two_others_tell_no_light_for_one_could_be_read_out_of_them(desk: ForecastDesk) -> None:
    members = desk.members("street")
    few = replace(
        members,
        metering_points=tuple(
            one for one in members.metering_points if one.participant in {"home-01", "home-02", "home-03"}
        ),
    )
    with pytest.raises(InputError, match="from 3 of them on, there are 2"):
        tell_split(desk, few, subject_behind(few, "home-02"))


def test_what_came_after_the_span_changes_nothing_of_it(desk: ForecastDesk) -> None:
    members = desk.members("street")
    subject = subject_behind(members, "home-02")
    until = END - 10 * DAY
    told = tell_split(desk, members, subject, end_utc=until)
    assert told["to"] == until
    assert told["learned_days"] == 45
    assert max(told["start"]) < until


def test_a_point_of_use_alone_is_said_to_have_fed_nothing_in(desk: ForecastDesk) -> None:
    members = desk.members("street")
    assert tell_split(desk, members, subject_behind(members, "home-02-load"))["one_way"]


def test_a_history_that_is_too_short_and_names_that_are_not_there_are_refused_in_words(
    desk: ForecastDesk,
) -> None:
    members = desk.members("street")
    subject = subject_behind(members, "home-02")
    with pytest.raises(InputError, match="split from 28 days; there are 20"):
        tell_split(desk, members, subject, end_utc=BEGIN + 20 * DAY)
    with pytest.raises(InputError, match="nothing is stored in the span"):
        tell_split(desk, members, subject, END + DAY)
    with pytest.raises(NotFoundError, match="home-99"):
        subject_behind(members, "home-99")
