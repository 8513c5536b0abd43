"""The shared vectors, by the compiled loops and by the scalar check that a contract makes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backend.allocation import Header, Row, SlotRows
from backend.allocation.exact import solve_interval
from backend.community import Direction
from tests.unit.allocation.keys import key_of_case

ROOT = Path(__file__).resolve().parents[3]
CASES = json.loads((ROOT / "tests" / "vectors" / "allocation.json").read_text())["cases"]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


def of_direction(case, direction, name):
    return [value for value, d in zip(case[name], case["direction"], strict=True) if d == direction]


def numbers(values):
    return [int(value) for value in values]


def pairs(values):
    return [tuple(numbers(value)) for value in values]


def allocate(case):
    return key_of_case(case).allocate(
        np.array([numbers(of_direction(case, 0, "energy"))], dtype=np.int64),
        np.array([numbers(of_direction(case, 1, "energy"))], dtype=np.int64),
        consumer_slots=of_direction(case, 0, "slot"),
        producer_slots=of_direction(case, 1, "slot"),
        slots=case["slots"],
        t_in_day=np.array([case["t"]], dtype=np.int64),
    )


def header_of(case):
    pool, total, allocated = numbers([case["P"], case["C"], case["A"]])
    return Header(case["t"], case["slots"], pool, total, allocated, case["tau"], tuple(pairs(case["rounds"])))


@each_case
def test_loops_give_what_the_reference_gives(case):
    result = allocate(case)
    assert result.allocated[0].tolist() == numbers(of_direction(case, 0, "allocated"))
    assert result.shared[0].tolist() == numbers(of_direction(case, 1, "allocated"))
    found = [int(column[0]) for column in (result.feed_in, result.consumption, result.total, result.tau)]
    assert found == [int(case["P"]), int(case["C"]), int(case["A"]), case["tau"]]
    assert [tuple(pair) for pair in result.rounds[0].tolist()] == pairs(case["rounds"])
    for direction, credited in ((0, result.credited), (1, result.credited_feed_in)):
        expected = numbers(of_direction(case, direction, "credited"))
        assert (credited[0].tolist() if credited is not None else [0] * len(expected)) == expected


@each_case
def test_integers_of_any_size_give_it_too(case):
    key = key_of_case(case)
    if case["method"] == "pairwise":
        return  # its exact form is asked row by row, below
    by_slot = dict(zip(case["slot"], numbers(case["energy"]), strict=True))
    used = {slot: by_slot[slot] for slot in of_direction(case, 0, "slot")}
    fed = {slot: by_slot[slot] for slot in of_direction(case, 1, "slot")}
    solved = solve_interval(key.at(0), used, fed, case["slots"], case["t"])
    assert solved.header == header_of(case)
    assert [(solved.allocated | solved.shared)[slot] for slot in case["slot"]] == numbers(case["allocated"])
    assert [solved.credited[slot] for slot in case["slot"]] == numbers(case["credited"])


@each_case
def test_each_row_passes_the_check_and_one_unit_more_or_less_does_not(case):
    key, header = key_of_case(case), header_of(case)
    k = case["coefficients_ppm"]
    for slot, direction, energy, allocated, credited in zip(
        *(case[name] for name in ("slot", "direction", "energy", "allocated", "credited")), strict=True
    ):
        coefficient = k[slot] if slot < len(k) else 0

        def row(more, slot=slot, direction=direction, energy=energy, allocated=allocated, k=coefficient):
            return Row(slot, Direction(direction), int(energy), int(allocated) + more, k)

        assert key.check_row(header, row(0))
        assert not key.check_row(header, row(1))
        assert not key.check_row(header, row(-1))
        assert key.credited_of(header, row(0)) == int(credited)


@each_case
def test_rows_contribute_to_the_rounds_what_the_reference_says(case):
    result = allocate(case)
    energy = np.zeros((case["slots"], 1), dtype=np.int64)
    allocated, active = np.zeros_like(energy), np.zeros(energy.shape, dtype=np.bool_)
    directions: list[Direction | None] = [None] * case["slots"]
    for slot, direction, used, got in zip(
        *(case[name] for name in ("slot", "direction", "energy", "allocated")), strict=True
    ):
        directions[slot] = Direction(direction)
        energy[slot], allocated[slot], active[slot] = int(used), int(got), True
    rows = SlotRows(tuple(directions), energy, allocated, active, result.rounds, result.links)
    parts = key_of_case(case).contribute(rows)
    assert parts.shape == (case["slots"], 1, len(case["rounds"]), 2)
    assert [[tuple(pair) for pair in parts[slot, 0].tolist()] for slot in case["slot"]] == [
        pairs(row) for row in case["parts"]
    ]
    assert not parts[[slot for slot in range(case["slots"]) if slot not in case["slot"]]].any()


@each_case
def test_links_are_what_pairs_give_and_sum_to_both_sides(case):
    result = allocate(case)
    assert (result.links is not None) == (case["method"] == "pairwise")
    if result.links is None:
        return
    expected = [
        (slot, case["producers"][place], int(given))
        for slot, row in zip(case["slot"], case["parts"], strict=True)
        for place, (given, _) in enumerate(row)
        if int(given)
    ]
    links = result.links
    columns = (links.consumer_slot, links.producer_slot, links.energy)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected


def test_the_file_is_what_the_reference_writes():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_allocation_vectors.py"), "--check"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
