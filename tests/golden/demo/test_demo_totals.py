import json
import os
import runpy
import time
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.demo_data import DEMO_NAMES, build_demo, read_homes
from backend.adapters.meter_files import read_generic_csv
from backend.community import ConformityLimits, Direction, read_definition
from backend.errors import NotFoundError
from backend.metering import Quality, ReadingSource
from backend.metering.estimation import assemble_period
from backend.quantities import PeriodCalendar, SettlementPeriod

ROOT = Path(__file__).parents[3]
EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text())
SHARED_DATA = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data"))
SOURCE = SHARED_DATA / "citylearn2022"


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    loaded = {}
    for name in DEMO_NAMES:
        demo = build_demo(name)
        path = tmp_path_factory.mktemp(name) / "readings.csv"
        path.write_bytes(demo.readings_csv)
        community = read_definition(demo.definition_toml, "COMMUNITY.toml")
        table, findings = read_generic_csv(
            path, known_points={point.id for point in community.metering_points}, resolution_minutes=60
        )
        assert findings == []
        loaded[name] = (demo, community, table)
    return loaded


def energies(community, table, direction, without=()):
    hours = len(table) // len(table.metering_points)
    rows = [
        table.metering_points.index(point.id)
        for point in community.metering_points
        if point.direction is direction and point.participant not in without
    ]
    return table.energy.reshape(-1, hours)[rows]


@pytest.mark.parametrize("case", EXPECTED)
def test_a_year_of_the_demo_shares_the_energy_that_was_computed_independently(demos, case):
    name, _, excluded = case.partition(" without ")
    without = tuple(excluded.split(" and ")) if excluded else ()
    _, community, table = demos[name]
    consumption = energies(community, table, Direction.CONSUMPTION, without)
    feed_in = energies(community, table, Direction.FEED_IN, without)
    total, pool = consumption.sum(axis=0), feed_in.sum(axis=0)
    allocated = [
        sum(
            int(c) if p >= t else int(p) * int(c) // int(t)
            for c, p, t in zip(row, pool, total, strict=True)
            if c
        )
        for row in consumption
    ]
    shared = int(np.minimum(total, pool).sum())
    expected = EXPECTED[case]
    assert (len(consumption) + len(feed_in), len(pool)) == (expected["points"], expected["hours"])
    assert abs(int(total.sum()) - expected["consumption_kwh"] * 10**6) <= 500_000
    assert abs(int(pool.sum()) - expected["feed_in_kwh"] * 10**6) <= 500_000
    assert abs(shared - expected["shared_kwh"] * 10**6) <= 500_000
    assert 0 <= shared - sum(allocated) <= len(consumption) * expected["hours"]


def test_the_year_of_months_lacks_its_last_hour_which_is_estimated_for_loads_only(demos):
    _, community, table = demos["street"]
    july = PeriodCalendar(SettlementPeriod.from_month("2017-07"), "Etc/GMT+8", 60)
    slots = {point.id: slot for slot, point in enumerate(community.metering_points)}
    readings, findings = assemble_period(
        table, community, slots, july, slot_count=34, returned=set(), limits=ConformityLimits()
    )
    assert readings.count(Quality.MEASURED) == 34 * 743
    assert set(readings.source[::2, -1].tolist()) == {ReadingSource.SIMILAR_DAYS}
    assert set(readings.quality[1::2, -1].tolist()) == {Quality.MISSING}
    assert len(findings) == 34
    august = PeriodCalendar(SettlementPeriod.from_month("2016-08"), "Etc/GMT+8", 60)
    readings, findings = assemble_period(
        table, community, slots, august, slot_count=34, returned=set(), limits=ConformityLimits()
    )
    assert findings == []
    assert int(table.start_utc.min()) == august.start_utc - 3600


def test_the_roof_consents_and_every_note_says_what_the_figures_are(demos):
    for demo, community, _ in demos.values():
        assert community.note == demo.note
        assert "illustrative" in demo.note
        assert community.country == "none"
        assert (len(demo.carbon), demo.carbon.dtype) == (8760, np.int64)
    consenting = [p.id for p in demos["roof"][1].participants if p.headers_consent]
    assert consenting[-1] == "roof"
    assert {int(home.removeprefix("home-")) % 2 for home in consenting[:-1]} == {0}
    assert len(demos["roof"][1].participants) - len(consenting) >= 5  # the others can be shown as one


def test_building_and_reading_a_year_takes_seconds(tmp_path):
    begun = time.perf_counter()
    demo = build_demo("street")
    path = tmp_path / "readings.csv"
    path.write_bytes(demo.readings_csv)
    read_generic_csv(path)
    assert time.perf_counter() - begun < 5  # about 0.3 s on an idle core


def test_the_demo_is_the_same_every_time():
    assert build_demo("roof").readings_csv == build_demo("roof").readings_csv


def test_a_demo_that_is_not_there_is_refused_by_name():
    with pytest.raises(NotFoundError, match="roof, street"):
        build_demo("village")


def test_the_bundled_file_is_what_the_script_derives_from_the_published_one():
    if not SOURCE.is_dir():
        pytest.skip(
            f"the published files are not at {SOURCE}; set PARTAGE_SHARED_DATA to the folder that holds them"
        )
    derived = runpy.run_path(str(ROOT / "scripts" / "derive_citylearn.py"))["derive"](SOURCE)
    homes = read_homes()
    assert derived.num_columns == 35
    for index, number in enumerate(homes.numbers):
        assert (derived.column(f"load_{number:02d}").to_numpy() == homes.load[index]).all()
        assert (derived.column(f"solar_{number:02d}").to_numpy() == homes.solar[index]).all()
    assert (derived.column("carbon").to_numpy() == homes.carbon).all()
    assert json.loads(derived.schema.metadata[b"nominal_kilowatts"])["4"] == 5
