"""The shared vectors, by the compiled loops and by the scalar check that a contract makes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backend.allocation import Header, Row
from backend.allocation.dynamic import DynamicKey
from backend.allocation.static import StaticKey
from backend.community import Direction

ROOT = Path(__file__).resolve().parents[3]
CASES = json.loads((ROOT / "tests" / "vectors" / "allocation.json").read_text())["cases"]


def key_of(case):
    if case["method"] == "dynamic":
        return DynamicKey()
    coefficients = dict(zip(case["slot"], case["coefficients_ppm"], strict=True))
    return StaticKey(tuple(coefficients.get(slot, 0) for slot in range(case["slots"])))


def of_direction(case, direction, name):
    return [value for value, d in zip(case[name], case["direction"], strict=True) if d == direction]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_loops_give_what_the_reference_gives(case):
    result = key_of(case).allocate(
        np.array([[int(x) for x in of_direction(case, 0, "energy")]], dtype=np.int64),
        np.array([[int(x) for x in of_direction(case, 1, "energy")]], dtype=np.int64),
        consumer_slots=of_direction(case, 0, "slot"),
        producer_slots=of_direction(case, 1, "slot"),
        slots=case["slots"],
        t_in_day=np.array([case["t"]], dtype=np.int64),
    )
    assert result.allocated[0].tolist() == [int(x) for x in of_direction(case, 0, "allocated")]
    assert result.shared[0].tolist() == [int(x) for x in of_direction(case, 1, "allocated")]
    found = [int(column[0]) for column in (result.feed_in, result.consumption, result.total, result.tau)]
    assert found == [int(case["P"]), int(case["C"]), int(case["A"]), case["tau"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_row_passes_the_check_and_one_unit_more_or_less_does_not(case):
    key = key_of(case)
    header = Header(case["t"], case["slots"], int(case["P"]), int(case["C"]), int(case["A"]), case["tau"])
    for slot, direction, energy, allocated in zip(
        case["slot"], case["direction"], case["energy"], case["allocated"], strict=True
    ):
        assert key.check_row(header, Row(slot, Direction(direction), int(energy), int(allocated)))
        assert not key.check_row(header, Row(slot, Direction(direction), int(energy), int(allocated) + 1))
        assert not key.check_row(header, Row(slot, Direction(direction), int(energy), int(allocated) - 1))


def test_the_file_is_what_the_reference_writes():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_allocation_vectors.py"), "--check"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
