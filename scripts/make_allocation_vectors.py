#!/usr/bin/env python3
"""Write ``tests/vectors/allocation.json``: one interval a case, for every language that allocates.

The reference here is docs/protocol.md section 8 word by word in Python's integers, slow on purpose and sharing no line
with ``backend/allocation``. ``--check`` writes nothing and fails where the file differs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "allocation.json"
CONSUMPTION, FEED_IN = 0, 1
LARGEST = 2**53 - 1
CASES = 200


def allocate(method: str, slots: int, t: int, points: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    """One interval by the protocol's words; points are (slot, direction, energy, coefficient)."""
    pool = sum(energy for _, direction, energy, _ in points if direction == FEED_IN)
    used = sum(energy for _, direction, energy, _ in points if direction == CONSUMPTION)
    allocated: dict[int, int] = {}
    for slot, direction, energy, coefficient in points:
        if direction == FEED_IN:
            continue
        if method == "static":
            allocated[slot] = min(energy, floor(Fraction(pool * coefficient, 1_000_000)))
        else:
            allocated[slot] = energy if pool >= used else floor(Fraction(pool * energy, used))
    total = sum(allocated.values())
    feed_in = {slot: energy for slot, direction, energy, _ in points if direction == FEED_IN}
    shared, tau = split(total, feed_in, pool, slots, t)
    allocated.update(shared)
    return {
        "P": pool,
        "C": used,
        "A": total,
        "tau": tau,
        "allocated": [allocated[slot] for slot, *_ in points],
    }


def split(total: int, feed_in: dict[int, int], pool: int, slots: int, t: int) -> tuple[dict[int, int], int]:
    """The producers' parts and tau, found by trying every threshold from 0 up."""
    if pool == 0:
        return dict.fromkeys(feed_in, 0), 0
    for tau in range(slots + 1):
        parts = {}
        for slot, energy in feed_in.items():
            exact = Fraction(total * energy, pool)
            lifted = exact.denominator != 1 and (slot + t) % slots < tau
            parts[slot] = floor(exact) + lifted
        if sum(parts.values()) == total:
            return parts, tau
    raise AssertionError((total, feed_in, slots, t))


def draw_points(draw: random.Random, scale: int, slots: int, method: str) -> list[tuple[int, int, int, int]]:
    """Random slots of a community, some left out, energies up to a scale, zeros among them."""
    active = sorted(draw.sample(range(slots), draw.randint(min(2, slots), slots)))
    left = 1_000_000
    points = []
    for slot in active:
        direction = draw.choice([CONSUMPTION, FEED_IN])
        energy = draw.choice(
            [0, scale, *(draw.randint(0, most) for most in (scale, scale, scale, scale // 3 + 1))]
        )
        coefficient = 0
        if method == "static" and direction == CONSUMPTION:
            coefficient = draw.choice([0, left, draw.randint(0, left), draw.randint(0, left)])
            left -= coefficient
        points.append((slot, direction, energy, coefficient))
    return points


def make_cases() -> list[dict[str, Any]]:
    """Named corners first, then drawn ones of every scale."""
    corners: list[tuple[str, str, int, int, list[tuple[int, int, int, int]]]] = [
        ("nothing at all", "dynamic", 2, 0, [(0, 0, 0, 0), (1, 1, 0, 0)]),
        ("consumption without feed-in", "dynamic", 3, 5, [(0, 0, 7, 0), (1, 0, 9, 0), (2, 1, 0, 0)]),
        ("feed-in without consumption", "dynamic", 3, 5, [(0, 0, 0, 0), (1, 1, 7, 0), (2, 1, 9, 0)]),
        ("pool equals consumption", "dynamic", 3, 1, [(0, 0, 10, 0), (1, 0, 5, 0), (2, 1, 15, 0)]),
        ("pool one short", "dynamic", 3, 1, [(0, 0, 10, 0), (1, 0, 5, 0), (2, 1, 14, 0)]),
        ("one unit for three", "dynamic", 4, 95, [(0, 0, 1, 0), (1, 0, 1, 0), (2, 0, 1, 0), (3, 1, 1, 0)]),
        ("only consumers", "dynamic", 2, 0, [(0, 0, 3, 0), (1, 0, 4, 0)]),
        ("only producers", "static", 2, 0, [(0, 1, 3, 0), (1, 1, 4, 0)]),
        (
            "largest energies",
            "dynamic",
            4,
            9,
            [(0, 0, LARGEST, 0), (1, 0, LARGEST - 1, 0), (2, 1, LARGEST, 0), (3, 1, 1, 0)],
        ),
        (
            "largest pool by coefficients",
            "static",
            3,
            9,
            [(0, 0, LARGEST, 333_333), (1, 0, LARGEST, 666_667), (2, 1, LARGEST, 0)],
        ),
        (
            "capped by consumption",
            "static",
            3,
            2,
            [(0, 0, 5, 900_000), (1, 0, 1_000, 100_000), (2, 1, 1_000, 0)],
        ),
        (
            "coefficients below one",
            "static",
            3,
            2,
            [(0, 0, 999_999, 1), (1, 0, 999_999, 0), (2, 1, 999_999, 0)],
        ),
        (
            "the turn wraps past the last slot",
            "static",
            5,
            98,
            [(0, 1, 1, 0), (1, 1, 1, 0), (2, 0, 4, 500_000), (3, 1, 1, 0), (4, 1, 1, 0)],
        ),
    ]
    drawn = []
    draw = random.Random(20170601)  # noqa: S311 -- the same cases every time, nothing is kept secret
    scales = [1, 3, 50, 10**6, 10**9, 2**40, 2**50 - 1, 2**50, LARGEST]
    for number in range(CASES - len(corners)):
        method = ("dynamic", "static")[number % 2]
        scale = scales[number % len(scales)]
        slots = draw.randint(2, 9)
        drawn.append(
            (
                f"drawn {number}, to {scale} mWh",
                method,
                slots,
                draw.randrange(100),
                draw_points(draw, scale, slots, method),
            )
        )
    return [describe(*case) for case in [*corners, *drawn]]


def describe(
    name: str, method: str, slots: int, t: int, points: list[tuple[int, int, int, int]]
) -> dict[str, Any]:
    """A case with what it must give; figures as decimal strings, since they may pass 2^53."""
    result = allocate(method, slots, t, points)
    return {
        "name": name,
        "method": method,
        "slots": slots,
        "t": t,
        "slot": [slot for slot, *_ in points],
        "direction": [direction for _, direction, *_ in points],
        "energy": [str(energy) for _, _, energy, _ in points],
        "coefficients_ppm": [coefficient for *_, coefficient in points] if method == "static" else [],
        "allocated": [str(part) for part in result["allocated"]],
        "P": str(result["P"]),
        "C": str(result["C"]),
        "A": str(result["A"]),
        "tau": result["tau"],
    }


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file differs")
    check = parser.parse_args().check
    cases = ",\n".join("  " + json.dumps(case, separators=(",", ":")) for case in make_cases())
    what = (
        "One interval shared by a key: energy per active slot; allocated to it, or shared of it (section 8)."
    )
    text = f'{{"format":"partage-vectors","version":1,"what":{json.dumps(what)},"cases":[\n{cases}\n]}}\n'
    if check:
        if TARGET.read_text() != text:
            print(
                f"{TARGET} differs from the reference; run scripts/make_allocation_vectors.py.",
                file=sys.stderr,
            )
            return 1
        return 0
    TARGET.write_text(text)
    print(f"{TARGET.name}: {len(text)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
