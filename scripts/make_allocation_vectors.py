#!/usr/bin/env python3
"""Write ``tests/vectors/allocation.json``: one interval a case, for every language that allocates.

What a case must give is told by the reference in ``tests/vectors/allocation_reference.py``, the cases are those of
``allocation_cases.py`` beside it. ``--check`` writes nothing and fails where the file differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.vectors.allocation_cases import (  # noqa: E402 -- the path is set just above
    CONSUMPTION,
    FEED_IN,
    METHODS,
    Case,
    make_cases,
)
from tests.vectors.allocation_reference import allocate  # noqa: E402 -- the same

TARGET = ROOT / "tests" / "vectors" / "allocation.json"


def describe(case: Case) -> dict[str, Any]:
    """A case with what it must give; energies as decimal strings, since they may pass 2^53."""
    result = allocate(case)
    text = [[str(pool), str(weight)] for pool, weight in result["rounds"]]
    return {
        "name": case.name,
        "method": case.method,
        "code": METHODS.index(case.method) + 1,
        "surplus_owner": case.surplus_owner,
        "coefficients_ppm": list(case.coefficients_ppm),
        "producers": list(case.producers),
        "pairs_ppm": list(case.pairs_ppm),
        "tier_methods": [METHODS.index(method) + 1 for method in case.tier_methods],
        "tiers": list(case.tiers),
        "producer_ppm": list(case.producer_ppm),
        "slots": case.slots,
        "t": case.t,
        "slot": list(case.energy),
        "direction": [CONSUMPTION if slot in case.used else FEED_IN for slot in case.energy],
        "energy": [str(energy) for energy in case.energy.values()],
        "allocated": [str(part) for part in result["allocated"]],
        "credited": [str(part) for part in result["credited"]],
        "parts": [[[str(a), str(b)] for a, b in row] for row in result["parts"]],
        "P": str(result["P"]),
        "C": str(result["C"]),
        "A": str(result["A"]),
        "tau": result["tau"],
        "rounds": text,
    }


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file differs")
    check = parser.parse_args().check
    cases = ",\n".join("  " + json.dumps(describe(case), separators=(",", ":")) for case in make_cases())
    what = (
        "One interval shared by a key: energy per active slot; allocated to it, or shared of it; what it is "
        "credited; what it contributes to the rounds (section 8)."
    )
    text = f'{{"format":"partage-vectors","version":2,"what":{json.dumps(what)},"cases":[\n{cases}\n]}}\n'
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
