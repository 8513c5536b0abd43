"""Hold what slither found against the answers in ``contracts/AUDIT.md``: ``python scripts/audit_findings.py FILE``.

A finding is answered by a row of the table that names its detector and where it is, or ``*`` for everywhere. A finding
without an answer fails, and so does an answer without a finding: what was mended must not stay excused.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = ROOT / "contracts" / "AUDIT.md"
ROW = re.compile(r"^\| `(?P<detector>[\w-]+)` \| (?P<places>[^|]+) \|", re.MULTILINE)


def read_findings(text: str) -> set[tuple[str, str]]:
    """Detector and place of each finding.

    Raises:
        ValueError: If slither did not finish.
    """
    report = json.loads(text)
    if not report["success"]:
        raise ValueError(f"slither did not finish: {report['error']}")
    return {
        (finding["check"], place_of(finding["elements"][0]))
        for finding in report["results"].get("detectors", [])
    }


def place_of(element: dict[str, object]) -> str:
    """Contract and function, or contract alone."""
    names: list[str] = []
    current: object = element
    while isinstance(current, dict):
        if current["type"] in {"function", "contract"}:
            names.append(str(current["name"]))
        current = (current.get("type_specific_fields") or {}).get("parent")
    return ".".join(reversed(names))


def read_answers(text: str) -> set[tuple[str, str]]:
    """Detector and place of each answer."""
    return {
        (row["detector"], place)
        for row in ROW.finditer(text)
        for place in re.findall(r"[A-Z][\w.]*|\*", row["places"])
    }


def differences(found: set[tuple[str, str]], answered: set[tuple[str, str]]) -> list[str]:
    """What is not answered, and what is answered and not found."""
    everywhere = {detector for detector, place in answered if place == "*"}
    open_ = {one for one in found if one not in answered and one[0] not in everywhere}
    detectors = {detector for detector, _ in found}
    stale = {one for one in answered - found if one[1] != "*" or one[0] not in detectors}
    return [
        *(f"+ {detector} in {place}: not answered in {ANSWERS.name}" for detector, place in sorted(open_)),
        *(f"- {detector} in {place}: answered, and not found" for detector, place in sorted(stale)),
    ]


def main() -> int:
    """Say what differs; 1 where something does."""
    found = read_findings(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = differences(found, read_answers(ANSWERS.read_text(encoding="utf-8")))
    print("\n".join(lines) or f"slither: {len(found)} places, each answered in {ANSWERS.name}.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
