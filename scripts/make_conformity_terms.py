"""What the browser knows of the terms of conformity: ``python scripts/make_conformity_terms.py [--check]``.

From ``backend/metering/conformity`` into ``frontend_static/domain/conformity_terms.js``: of each parameter the
software's own value, the least and the greatest; of each choice its words; of each rule what becomes of what it finds.
By it a page hashes voted terms itself.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backend.metering.conformity import RULES, ConformityTerms  # noqa: E402 -- after the path to it
from backend.metering.findings import Treatment  # noqa: E402 -- the same

FILE = ROOT / "frontend_static" / "domain" / "conformity_terms.js"
HEAD = """/**
 * The terms of conformity that can be voted, written by `scripts/make_conformity_terms.py` from `backend/metering`.
 */

"""


def write_module() -> str:
    """The module's text."""
    own = ConformityTerms()
    fields = {
        table.name: dataclasses.fields(getattr(own, table.name))
        for table in dataclasses.fields(own)
        if table.name not in {"left_out", "treatments"}
    }
    tables = {
        name: {one.name: [one.default, one.metadata["least"], one.metadata["most"]] for one in of_rule}
        for name, of_rule in fields.items()
        if all("least" in one.metadata for one in of_rule)
    }
    choices = {
        name: {one.name: one.metadata["choices"] for one in chosen}
        for name, chosen in fields.items()
        if name not in tables
    }
    treatments = {rule.id: rule.treatment.value for rule in RULES.values()}
    # The numbers of a parameter take a line together.
    text = re.sub(r"\[[\d,\s]+\]", lambda row: " ".join(row[0].split()), json.dumps(tables, indent=2))
    text = text.replace("[ ", "[").replace(" ]", "]")
    return (
        f"{HEAD}/** By table and parameter: the software's own value, the least, the greatest.\n"
        " * @type {Readonly<Record<string, Readonly<Record<string, readonly [number, number, number]>>>>} */\n"
        f"export const PARAMETERS = {text};\n\n"
        "/** By table and name: what can be chosen, the software's own first.\n"
        " * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>} */\n"
        f"export const CHOICES = {json.dumps(choices)};\n\n"
        "/** By rule: what becomes of what it finds. @type {Readonly<Record<string, string>>} */\n"
        f"export const OWN_TREATMENTS = {json.dumps(treatments, indent=2)};\n\n"
        f"export const TREATMENTS = {json.dumps([one.value for one in Treatment])};\n"
    )


def main(words: list[str]) -> int:
    """Write the module, or say whether it is what the rules give."""
    text = write_module()
    if "--check" not in words:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{FILE.name} is not what the rules give; run python {Path(__file__).name}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
