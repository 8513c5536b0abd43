"""Profiles go out beside their network and come back the same; what does not fit is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.adapters.networks.profiles import read_profiles, write_profiles
from backend.errors import InputError, NotFoundError
from backend.grid import Bus, Connection, ConnectionSeries, Network, Origin, Phases, Source

NETWORK = Network(
    name="lane",
    frequency=50.0,
    buses=(Bus("a", 400.0),),
    sources=(Source("grid", "a"),),
    connections=(
        Connection("one", "a", Phases.L1, power_factor=0.8),
        Connection("two, left", "a", Phases.L2),
        Connection("three", "a", Phases.L3),
    ),
)
HEAD = "connection,start,watts,vars\n"


def series() -> ConnectionSeries:
    watts = np.array([[1000.0, -250.5, 0.125], [7.0, np.nan, 3.0], [np.nan] * 3])
    vars_ = np.array([[480.0, 0.0, 0.0625], [1.0, np.nan, 0.0], [np.nan] * 3])
    return ConnectionSeries(1_514_764_800, 900, watts, vars_, (Origin.PROFILE, Origin.PROFILE, Origin.NONE))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_written_is_read_again_to_the_last_digit(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"lane{suffix}"
    assert write_profiles(file, NETWORK, series()) == 5
    back = read_profiles(file, NETWORK)
    assert (back.start_utc, back.step_seconds, back.length) == (1_514_764_800, 900, 3)
    np.testing.assert_array_equal(back.watts, series().watts)
    np.testing.assert_array_equal(back.vars, series().vars)
    assert back.origins == series().origins


def test_without_vars_the_power_factor_tells_them_of_what_is_drawn(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text(
        "start,connection,watts\n2018-01-01T01:00:00+01:00,one,800\n2018-01-01T00:30:00Z,one,-400\n"
    )
    back = read_profiles(file, NETWORK)
    assert (back.start_utc, back.step_seconds) == (1_514_764_800, 1800)
    np.testing.assert_allclose(back.vars[0], [600.0, 0.0])
    assert back.origins == (Origin.PROFILE, Origin.NONE, Origin.NONE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connection,start\none,2018-01-01T00:00Z\n", "no column watts"),
        (HEAD, "no row"),
        (HEAD + "four,2018-01-01T00:00Z,1,0\n", '"four"'),
        (HEAD + "one,2018-01-01T00:00,1,0\n", "with an offset"),
        (HEAD + "one,soon,1,0\n", '"soon"'),
        (HEAD + "one,2018-01-01T00:00Z,much,0\n", "much"),
        (HEAD + "one,2018-01-01T00:00Z,inf,0\n", "row 1"),
        (HEAD + "one,2018-01-01T00:00Z,1,0\none,2018-01-01T01:00+01:00,2,0\n", "connection one twice"),
        (HEAD + "one,2018-01-01T00:00Z,1,0\none,2018-01-01T00:00:01Z,1,0\none,2038-01-01T00:00Z,2,0\n", "fewer days"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "p.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_profiles(file, NETWORK)
    assert said in str(caught.value)


def test_no_file_and_another_suffix_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"p\.csv"):
        read_profiles(tmp_path / "p.csv", NETWORK)
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        write_profiles(tmp_path / "p.txt", NETWORK, series())
    broken = tmp_path / "p.parquet"
    broken.write_bytes(b"PAR1 no more")
    with pytest.raises(InputError, match="no table of profiles"):
        read_profiles(broken, NETWORK)
