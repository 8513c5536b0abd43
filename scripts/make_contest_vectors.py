#!/usr/bin/env python3
"""Write ``tests/vectors/contests.json``: what contracts say to contests of honest and of lying settlements.

The settlements are those of the reference's small communities, as ``tests/vectors/contest_stories.py`` tells them; what
each contest must come to is said there. Solidity and Python run the same transactions. ``--check`` writes nothing and
fails where the file differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.vectors.contest_stories import stories_of  # noqa: E402 -- the path is set just above
from tests.vectors.contest_worlds import (  # noqa: E402 -- the same
    CHAIN_ID,
    DEPLOYER,
    FIRST_NONCE,
    WORLDS,
    world,
)

TARGET = ROOT / "tests" / "vectors" / "contests.json"
SELECTOR_BYTES, WORD_BYTES = 4, 32


def make_file() -> str:
    """The text of the file: a transaction a line, so that it can be read line by line."""
    head = {
        "format": "partage-vectors",
        "version": 1,
        "what": "contests of honest and lying settlements, section 14",
        "chain_id": CHAIN_ID,
        "deployer": DEPLOYER,
        "nonce": FIRST_NONCE,
    }
    lines = ",\n".join(json.dumps(told, separators=(",", ":")) for told in transactions())
    return json.dumps(head, separators=(",", ":"))[:-1] + ',"transactions":[\n' + lines + "\n]}\n"


def transactions() -> Iterator[dict[str, Any]]:
    """World by world: how it is founded, then story by story what is anchored, and the cases about it."""
    for name in WORLDS:
        for step in world(name).founding():
            yield told(name, "", "", step)
        for story in stories_of(name):
            for step in story.steps():
                yield told(name, story.name, "", step)
            for case in story.cases:
                yield told(name, story.name, case["case"], case)


def told(world_name: str, story: str, case: str, step: dict[str, Any]) -> dict[str, Any]:
    """A transaction and what becomes of it; leading zeros of words are left out."""
    data = bytes.fromhex(step["data"][2:])
    arguments = data[SELECTOR_BYTES:]
    words = [arguments[i : i + WORD_BYTES] for i in range(0, len(arguments), WORD_BYTES)]
    return {
        "world": world_name,
        "story": story,
        "case": case,
        "at": step["at"],
        "from": step["from"],
        "value": step["value"],
        "contract": step["contract"],
        "function": step["function"],
        "selector": "0x" + data[:SELECTOR_BYTES].hex(),
        "words": [f"{int.from_bytes(word):#x}" for word in words],
        "outcome": step.get("outcome", "taken"),
        **({name: step[name] for name in ("run", "error", "voided_by") if name in step}),
    }


def main() -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file differs")
    text = make_file()
    if not parser.parse_args().check:
        TARGET.write_text(text, encoding="utf-8")
        print(f"{TARGET.relative_to(ROOT)}: {text.count(chr(10)) - 2} transactions, {len(text):,} bytes")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(
        f"{TARGET} differs from what the reference gives; run scripts/make_contest_vectors.py.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
