"""CSV of what meters and a head measured by phase."""

from __future__ import annotations

import numpy as np
import pytest

from backend.adapters.networks.phase_measurements import read_phase_measurements
from backend.errors import InputError

_HEAD = "start,place,terminal,volts,watts\n"
_T0 = 1_710_928_800  # 2024-03-20T10:00:00Z


def test_a_start_far_from_all_others_asks_for_no_gigabytes() -> None:
    rows = [
        f"{start},a,1,230,\n"
        for start in ("2024-03-20T10:00:00Z", "2024-03-20T10:01:00Z", "2100-01-01T00:00:00Z")
    ]
    with pytest.raises(InputError, match="most of it is empty"):
        read_phase_measurements((_HEAD + "".join(rows)).encode(), "m.csv")


def test_rows_in_any_order_become_courses_by_place_and_terminal() -> None:
    text = (
        "place;start;volts;terminal\n"
        "b;2024-03-20T11:15:00+01:00;231,5;1\n"
        "a;2024-03-20T10:30:00Z;229.0;2\n"
        "head;2024-03-20T10:00:00Z;240;3\n"
        " a ;2024-03-20T10:00:00Z;230.25;2\n"
        "a;2024-03-20T10:00:00Z;;1\n"
    )
    told = read_phase_measurements(("\ufeff" + text).encode(), "m.csv")
    assert (told.start_utc, told.step_seconds, told.length, told.end_utc) == (_T0, 900, 3, _T0 + 2700)
    rows = dict(zip(zip(told.places, told.terminals.tolist(), strict=True), told.volts, strict=True))
    np.testing.assert_array_equal(rows["a", 1], [230.25, np.nan, 229.0])
    np.testing.assert_array_equal(rows["b", 0], [np.nan, 231.5, np.nan])
    np.testing.assert_array_equal(rows["head", 2], [240.0, np.nan, np.nan])
    assert np.isnan(rows["a", 0]).all()
    assert np.isnan(told.watts).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column start"),
        ("start,place,terminal\n", "no column volts or watts"),
        ("start,place,terminal,volts,volts\n", "a column twice"),
        (_HEAD, "no row"),
        (_HEAD + "2024-03-20T10:00:00Z,a,1,230\n", "no CSV with 5 columns"),
        (_HEAD + "2024-03-20T10:00:00Z,a,1,230,5\n2024-03-20 10:15,a,1,230,5\n", r'm.csv:3: start "2024'),
        (_HEAD + "2024-03-20T10:00:00Z,a,4,230,5\n", r'm.csv:2: terminal "4" is none'),
        (_HEAD + "2024-03-20T10:00:00Z,,1,230,5\n", "m.csv:2: the place is empty"),
        (_HEAD + "2024-03-20T10:00:00Z,a,1,230,5\n", "one instant alone"),
        (
            _HEAD + "2024-03-20T10:00:00Z,a,1,230,5\n2024-03-20T10:15:00Z,a,1,much,5\n",
            'm.csv:3: volts is "much"',
        ),
        (
            _HEAD + "2024-03-20T10:00:00Z,a,1,230,nan\n2024-03-20T10:15:00Z,a,1,230,5\n",
            'm.csv:2: watts is "nan"',
        ),
        (
            _HEAD + "2024-03-20T10:00:00Z,a,1,1e9,5\n2024-03-20T10:15:00Z,a,1,230,5\n",
            'm.csv:2: volts is "1e9"',
        ),
        (
            _HEAD
            + "2024-03-20T10:00:00Z,a,1,230,5\n2024-03-20T10:15:00Z,a,1,230,5\n2024-03-20T11:15:00+01:00,a,1,230,6\n",
            "m.csv:4: this place and terminal",
        ),
        (
            _HEAD
            + "2024-03-20T10:00:00Z,a,1,230,5\n2024-03-20T10:15:00Z,a,1,230,5\n2024-03-20T10:37:00Z,a,1,230,6\n",
            "m.csv:4: the start is not on the grid of 900 s",
        ),
        (
            _HEAD + "".join(f"{year}-03-20T10:00:0{year % 2}Z,a,1,230,5\n" for year in (1970, 1971, 2100)),
            "not on the grid|at most 60,000,000",
        ),
    ],
)
def test_what_makes_no_sense_is_named_with_its_line(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_phase_measurements(text.encode(), "m.csv")


def test_a_span_too_long_for_memory_is_refused() -> None:
    seconds = [f"2024-03-20T10:00:0{second}Z,a,1,230,5\n" for second in range(2)]
    text = _HEAD + "".join(seconds) + "2034-03-20T10:00:00Z,a,1,230,5\n"
    with pytest.raises(InputError, match="at most 60,000,000 values fit"):
        read_phase_measurements(text.encode(), "m.csv")


def test_a_cell_that_is_no_text_is_refused_and_not_guessed() -> None:
    with pytest.raises(InputError, match=r"m\.csv"):
        read_phase_measurements(_HEAD.encode() + b"2024-03-20T10:00:00Z,\xff\xfe,1,230,5\n", "m.csv")
