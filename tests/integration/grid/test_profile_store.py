"""Load profiles in the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.adapters.backup import backup, restore
from backend.adapters.home import Home
from backend.adapters.profile_store import ParquetProfiles
from backend.errors import InputError, StoreError
from backend.grid import ConnectionSeries, Origin
from backend.ports.failpoints import Crash, armed

if TYPE_CHECKING:
    from pathlib import Path

WATTS = np.array([[1.0, 2.5, np.nan], [-300.0, 0.0, 1e-9]])
SERIES = ConnectionSeries(
    1_600_000_000, 60, WATTS, WATTS * 0.3, (Origin.PROFILE, Origin.MEASURED), "Europe/Paris"
)


@pytest.fixture
def profiles(tmp_path: Path) -> ParquetProfiles:
    return ParquetProfiles(tmp_path / "home" / "networks")


def assert_same(found: ConnectionSeries | None, expected: ConnectionSeries) -> None:
    assert found is not None
    np.testing.assert_array_equal(found.watts, expected.watts)
    np.testing.assert_array_equal(found.vars, expected.vars)
    told = (found.start_utc, found.step_seconds, found.origins, found.time_zone)
    assert told == (expected.start_utc, expected.step_seconds, expected.origins, expected.time_zone)


def test_profiles_come_back_to_the_last_bit(profiles: ParquetProfiles) -> None:
    profiles.put("rue", SERIES)
    assert_same(profiles.profiles("rue"), SERIES)


def test_a_network_without_profiles_has_none_also_where_there_were_some(profiles: ParquetProfiles) -> None:
    assert profiles.profiles("rue") is None
    profiles.put("rue", None)
    profiles.put("rue", SERIES)
    profiles.put("rue", None)
    assert profiles.profiles("rue") is None


def test_profiles_of_no_interval_are_kept_too(profiles: ParquetProfiles) -> None:
    profiles.put("rue", SERIES.window(0, 0))
    assert_same(profiles.profiles("rue"), SERIES.window(0, 0))


def test_a_crash_while_profiles_are_replaced_leaves_the_old_ones(profiles: ParquetProfiles) -> None:
    profiles.put("rue", SERIES)
    with armed("files.partial_written"), pytest.raises(Crash):
        profiles.put("rue", SERIES.window(0, 1))
    assert_same(profiles.profiles("rue"), SERIES)


def test_a_damaged_file_is_named_with_what_to_do(profiles: ParquetProfiles, tmp_path: Path) -> None:
    profiles.put("rue", SERIES)
    file = tmp_path / "home" / "networks" / "rue.parquet"
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(StoreError, match=r"rue\.parquet is damaged .*load the network from its file again"):
        profiles.profiles("rue")


@pytest.mark.parametrize("name", ["", "../rue", "Rue", "a/b", "x" * 64, "-rue"])
def test_a_name_that_leads_elsewhere_is_refused(profiles: ParquetProfiles, name: str) -> None:
    with pytest.raises(InputError, match="no name of a network"):
        profiles.put(name, SERIES)


def test_profiles_of_connections_are_forgotten_alone(profiles: ParquetProfiles) -> None:
    profiles.put("rue", SERIES)
    profiles.forget("rue", [1])
    found = profiles.profiles("rue")
    assert found is not None
    assert np.isnan(found.watts[1]).all()
    assert np.isnan(found.vars[1]).all()
    assert found.origins == (Origin.PROFILE, Origin.NONE)
    np.testing.assert_array_equal(found.watts[0], WATTS[0])


def test_a_backup_has_them(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    (home.root / "deployment.json").write_text("{}")
    ParquetProfiles(home.networks).put("rue", SERIES)
    backup(home, tmp_path / "all.tar.gz")
    again = Home(tmp_path / "again")
    restore(tmp_path / "all.tar.gz", again)
    assert_same(ParquetProfiles(again.networks).profiles("rue"), SERIES)
