import os
import runpy
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.ambient import BUNDLED_ZONE, BundledAir, YearlyCourse
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC

ROOT = Path(__file__).resolve().parents[3]
SHARED_DATA = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data"))
DAY = 86400


def test_a_course_of_the_year_is_warmest_at_three_on_a_day_of_july_and_coldest_in_january():
    start = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())
    course = YearlyCourse().course(start, 3600, 365 * 24, "UTC").celsius
    days = course.reshape(365, 24)
    assert days[199].argmax() == 15
    assert days.mean(axis=1).argmax() == pytest.approx(200, abs=1)
    assert days.mean(axis=1).argmin() == pytest.approx(18, abs=2)
    assert course.mean() == pytest.approx(11.0, abs=0.1)
    assert course.max() == pytest.approx(24.5, abs=0.1)


def test_hours_are_local_and_a_course_begins_anywhere():
    start = int(datetime(2018, 7, 20, 10, tzinfo=UTC).timestamp())
    paris = YearlyCourse().course(start, 900, 96, "Europe/Paris").celsius
    assert paris.argmax() == 3 * 4  # 13:00 UTC is 15:00 there
    later = YearlyCourse().course(start + 4 * 900, 900, 92, "Europe/Paris").celsius
    assert np.allclose(paris[4:], later)


def test_the_demonstrations_homes_have_their_own_air_hour_by_hour():
    told = BundledAir().course(FIRST_HOUR_UTC, 900, 8, BUNDLED_ZONE)
    assert told.celsius.tolist() == [20.0] * 4 + [20.1] * 4
    assert told.source.startswith("measured in Fontana")


def test_outside_the_measured_year_and_elsewhere_the_course_is_said_to_be_none_measured():
    before = BundledAir().course(FIRST_HOUR_UTC - DAY, 3600, 48, BUNDLED_ZONE)
    assert "outside that year by a course of the year, not measured" in before.source
    assert np.isfinite(before.celsius).all()
    assert before.celsius[24] == 20.0
    paris = BundledAir().course(FIRST_HOUR_UTC, 3600, 24, "Europe/Paris")
    assert paris.source == YearlyCourse().course(0, 3600, 1, "UTC").source
    far = BundledAir().course(0, 3600, 24, BUNDLED_ZONE)
    assert far.source == paris.source


def test_the_bundled_air_is_what_the_script_derives_from_the_published_file():
    source = SHARED_DATA / "citylearn2022"
    if not source.is_dir():
        pytest.skip(
            f"the published files are not at {source}; set PARTAGE_SHARED_DATA to the folder that holds them"
        )
    derived = runpy.run_path(str(ROOT / "scripts" / "derive_citylearn.py"))["derive_air"](source)
    bundled = BundledAir().course(FIRST_HOUR_UTC, 3600, 8760, BUNDLED_ZONE).celsius
    assert (derived.column("air").to_numpy() == np.round(bundled * 10)).all()
