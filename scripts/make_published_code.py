"""What the browser knows of the contracts' code: ``python scripts/make_published_code.py [--check]``.

From ``contracts/artifacts`` into ``frontend_static/domain/published_code.js``: of each contract the length of its code,
the hash of it with zeros where immutables stand, and those places. Nothing is compiled.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backend.adapters.chain.artifacts import load_artifact  # noqa: E402 -- after the path to it
from backend.commitments.keccak import keccak256  # noqa: E402
from backend.verifier.contract_code import SOURCES  # noqa: E402

FILE = ROOT / "frontend_static" / "domain" / "published_code.js"
HEAD = """/**
 * The published contracts' code, written by `scripts/make_published_code.py` from `contracts/artifacts`.
 *
 * @typedef {object} Published
 * @property {number} length Bytes of code.
 * @property {string} hash Of the code with zeros where immutables stand, 0x-hex.
 * @property {Readonly<Record<string, readonly number[]>>} immutables Where each stands, a word of 32 bytes every time.
 */

/** @type {Readonly<Record<string, Published>>} By the names of a bundle. */
export const PUBLISHED = """


def write_module() -> str:
    """The module's text."""
    known = {}
    for name, solidity in SOURCES.items():
        artifact = load_artifact(solidity)
        known[name] = {
            "length": len(artifact.deployed_bytecode),
            "hash": "0x" + keccak256(artifact.deployed_bytecode).hex(),
            "immutables": {
                immutable: [start for start, _ in places]
                for immutable, places in sorted(artifact.immutables.items())
            },
        }
    text = json.dumps(known, indent=2)
    # A list of places takes a line, however long it is.
    text = re.sub(r"\[[\d,\s]+\]", lambda places: " ".join(places[0].split()), text)
    return f"{HEAD}{text};\n"


def main(words: list[str]) -> int:
    """Write the module, or say whether it is what the artifacts give."""
    text = write_module()
    if "--check" not in words:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
        sys.stderr.write(
            f"{FILE.name} is not what contracts/artifacts gives; run python {Path(__file__).name}.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
