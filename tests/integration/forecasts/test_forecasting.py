"""From stored readings to kept forecasts, on three weeks more than two months of real homes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.demo_data.communities import build_demo
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
from backend.adapters.forecasts.engine import LocalEngine
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.forecasting.packing import unpack_values
from backend.ports.forecasting import ForecastTarget
from backend.services.forecasts.retrain import Done, run_due
from backend.services.forecasts.shareable import allocate_ahead, rule_ahead
from backend.services.forecasts.subjects import parse_subject
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.privacy_export import EXPORT_WORDS
from tests.prepared import copy_prepared

if TYPE_CHECKING:
    from pathlib import Path

    from backend.services.forecasts.desk import ForecastDesk

DAY = 86_400
FIRST, LAST = 200, 270  # days of the bundled year
END = FIRST_HOUR_UTC + LAST * DAY
HOMES = ("home-01", "home-02", "home-03", "roof")


def _definition() -> str:
    """The roof's community with three of its homes."""
    from backend.community import read_definition, write_definition

    whole = read_definition(build_demo("roof").definition_toml, "roof.toml")
    return write_definition(
        replace(
            whole,
            participants=tuple(one for one in whole.participants if one.id in HOMES),
            metering_points=tuple(one for one in whole.metering_points if one.participant in HOMES),
        )
    )


def _readings(begin: int, end: int) -> str:
    head, *rows = build_demo("roof").readings_csv.decode().splitlines()
    kept = [head]
    for row in rows:
        point, start, _ = row.split(",", 2)
        if point.rpartition("-")[0] not in HOMES:
            continue
        at = datetime.fromisoformat(start).astimezone(UTC).timestamp()
        if begin <= at < end:
            kept.append(row)
    return "\n".join(kept) + "\n"


def _make(folder: Path) -> None:
    wiring = Wiring(Home(folder))
    wiring.home.create()
    file = wiring.home.files / "readings.csv"
    file.write_text(_readings(FIRST_HOUR_UTC + FIRST * DAY, END))
    (wiring.home.files / "later.csv").write_text(_readings(END, END + 3 * DAY))
    with wiring.writing("test"):
        load_community(wiring.context, _definition(), "roof.toml")
        load_readings(wiring.context, wiring.reader_for(), [file], community="roof")
    desk = _desk(wiring)
    assert run_due(desk, "roof").failed == {}
    wiring.store.close()


def _desk(wiring: Wiring) -> ForecastDesk:
    return replace(wiring.forecasts, engine=LocalEngine(quick=True), quick=True, clock=FixedClock(END + 3600))


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    copy_prepared(tmp_path / "home", _make)
    return Wiring(Home(tmp_path / "home"))


def test_homes_and_the_community_have_forecasts_and_the_same_run_again_finds_nothing_due(
    wiring: Wiring,
) -> None:
    desk = _desk(wiring)
    with wiring.store.reading() as records:
        made = {(one.subject, one.target) for one in records.forecasts("roof", origin_utc=END)}
        scores = records.forecast_scores("roof", "community", "load")
    assert {("home:home-01", "load"), ("home:roof", "solar"), ("community", "load")} <= made
    assert {("community", "shareable"), ("home:home-03", "shareable")} <= made
    assert len(scores) == 28
    again = run_due(desk, "roof")
    assert (again.trained, again.forecasts, again.scored, again.drifting) == ([], [], 0, [])


def test_night_is_exactly_zero_and_nothing_is_negative(wiring: Wiring) -> None:
    with wiring.store.reading() as records:
        kept = records.forecasts("roof", "home:roof", "solar")
    for record in kept:
        mean, quantiles = unpack_values(record.values, record.length)
        hours = (record.origin_utc // 3600 + np.arange(record.length) - 8) % 24
        assert not quantiles[:, hours < 4].any()
        assert not mean[hours < 4].any()
        assert quantiles.min() >= 0
        assert mean.max() > 1000


def test_what_comes_after_an_origin_changes_no_forecast_of_it(wiring: Wiring) -> None:
    """The same hindcasts from readings that are nonsense after the first of their origins."""
    from backend.forecasting import Series
    from backend.services.forecasts.desk import Matter
    from backend.services.forecasts.train import Group, train_group

    desk = _desk(wiring)
    members = desk.members("roof")
    asked = (parse_subject("home:home-02"), "load")
    series = desk.histories.read(members, [asked])[asked]
    first = series.end_utc - 28 * DAY
    values = series.values.copy()
    values[series.place(first + 5 * DAY) :] = 12_345.0

    def hindcasts(of: Series) -> dict[int, bytes]:
        made = train_group(desk, Group(str(asked[0]), "load", (Matter(members, asked, of),)))
        return {one.origin_utc: one.values for one in made.hindcasts}

    honest, disturbed = hindcasts(series), hindcasts(replace(series, values=values))
    same = [origin for origin in honest if honest[origin] == disturbed[origin]]
    assert same[:6] == [first + day * DAY for day in range(6)]
    assert len(same) < 28


def test_forecasts_are_scored_as_they_were_when_readings_arrive(wiring: Wiring) -> None:
    with wiring.store.reading() as records:
        before = records.forecasts("roof", "community", "load", origin_utc=END)
    with wiring.writing("test"):
        load_readings(
            wiring.context, wiring.reader_for(), [wiring.home.files / "later.csv"], community="roof"
        )
    desk = replace(_desk(wiring), clock=FixedClock(END + 3 * DAY + 3600))
    done = run_due(desk, "roof")
    assert done.scored > 0
    assert "community load" in done.forecasts
    with wiring.store.reading() as records:
        assert records.forecasts("roof", "community", "load", origin_utc=END) == before
        score = [one for one in records.forecast_scores("roof", "community", "load") if one.origin_utc == END]
        newest = records.forecasts("roof", "community", "load", limit=1)
        then = records.forecasts("roof", "community", "load", known_utc=END + DAY, limit=1)
    assert score[0].known == before[0].length == 72  # readings came an hour late: it reaches a day further
    assert newest[0].origin_utc == END + 3 * DAY
    assert then == before[:1]


def test_every_course_shares_no_more_than_is_fed_in_or_used(wiring: Wiring) -> None:
    ahead = allocate_ahead(_desk(wiring), "roof")
    shares = ahead.share()
    assert np.array_equal(shares.allocated.sum(axis=2), shares.shared.sum(axis=2))
    assert (shares.allocated <= ahead.used).all()
    assert (shares.shared <= ahead.fed).all()
    # Under the dynamic key all that can be shared is, but for what rounding leaves of each consumer.
    most = np.minimum(ahead.used.sum(axis=2), ahead.fed.sum(axis=2))
    left = most - shares.allocated.sum(axis=2)
    assert left.min() >= 0
    assert left.max() < len(ahead.consumers)


def test_a_weather_that_was_measured_later_is_never_used(wiring: Wiring) -> None:
    """The bundled year covers all of it, and no forecast may know what was to come."""
    with wiring.store.reading() as records:
        assert {one.weather.value for one in records.forecasts("roof")} == {"none"}
        assert all(card.card["training"]["inputs"] == [] for card in records.forecast_models("roof"))


def test_the_export_says_what_forecasts_are_in_every_language() -> None:
    assert all("forecasts.csv" in words for words in EXPORT_WORDS.values())


def test_a_home_that_begins_to_live_otherwise_makes_its_model_learn_anew(wiring: Wiring) -> None:
    """What came is ten times what it was: the losses rise, the drift is told, and the model learns."""
    done, day, grown = Done(), 0, []
    for line in _readings(END, END + 12 * DAY).splitlines():
        cells = line.split(",")
        if cells[0].endswith("-load"):
            cells[3] = str(10 * float(cells[3]))
        grown.append(",".join(cells))
    for day in range(1, 12):
        part = wiring.home.files / f"day-{day}.csv"
        rows = [row for row in grown[1:] if day - 1 <= (_start(row) - END) / DAY < day]
        part.write_text("\n".join([grown[0], *rows]) + "\n")
        with wiring.writing("test"):
            load_readings(wiring.context, wiring.reader_for(), [part], community="roof")
        desk = replace(_desk(wiring), clock=FixedClock(END + day * DAY + 3600))
        done = run_due(desk, "roof", only=[(parse_subject(f"home:{name}"), "load") for name in HOMES[:3]])
        if done.drifting:
            break
    assert done.drifting == ["homes load"]
    assert done.trained == ["homes load"]
    assert day > 2


def _start(row: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(row.split(",", 2)[1]).timestamp()


class _Broken(LocalEngine):
    """Fails at the sun as a mistake of ours would."""

    def train_all(self, target: Any, *rest: Any, **named: Any) -> Any:
        if target is ForecastTarget.SOLAR:
            raise ValueError("zero-size array")
        return super().train_all(target, *rest, **named)


def test_a_mistake_with_one_subject_holds_up_no_other(wiring: Wiring) -> None:
    desk = replace(_desk(wiring), engine=_Broken(quick=True))
    done = run_due(desk, "roof", again=True)
    assert {name: words for name, words in done.failed.items() if "solar" in name}
    assert all("solar" in name for name in done.failed)
    assert any("load" in name for name in done.trained)


def test_a_rule_holds_from_its_local_day_on_ahead_too(wiring: Wiring) -> None:
    desk = _desk(wiring)
    day = datetime.fromtimestamp(END, UTC).astimezone(ZoneInfo(desk.members("roof").time_zone)).date()
    with wiring.store.transaction() as records:
        [first, *_] = records.rule_versions("roof")
        changed = {**first.definition, "contestWindowSeconds": 12_345}
        day_id = (day - date(1970, 1, 1)).days
        records.add_rule_version(
            replace(first, version=first.version + 1, effective_from=day_id + 1, definition=changed)
        )
    midnight = int(
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(desk.members("roof").time_zone)).timestamp()
    )
    windows = [
        rule_ahead(desk, "roof", midnight + hours * 3600)[1].contest_window_seconds for hours in (0, 23, 24)
    ]
    assert windows[0] == windows[1] != 12_345
    assert windows[2] == 12_345
