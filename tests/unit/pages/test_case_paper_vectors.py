"""The pages form what parties to a case sign as the service does: the vectors of ``tests/frontend`` are its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.commitments.claim_tree import build_claim_tree
from backend.commitments.keccak import keccak256
from backend.governance.case_papers import evidence_hash, words_hash
from backend.metering import Quality, ReadingSource

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "case_papers.json").read_text())


def of_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("case", VECTORS["claims"], ids=lambda case: f"case-{case['number']}")
def test_each_claim_has_the_recorded_root(case: dict[str, Any]) -> None:
    count = len(case["energy"])
    tree = build_claim_tree(
        of_hex(case["community"]),
        case["number"],
        case["slot"],
        of_hex(case["key"]),
        case["energy"],
        [int(Quality.EDITED)] * count,
        [int(ReadingSource.OPERATOR)] * count,
    )
    assert "0x" + tree.root.hex() == case["root"]


def test_words_and_evidence_have_the_recorded_hashes() -> None:
    for case in VECTORS["words"]:
        assert words_hash(case["salt"], case["text"]) == case["hash"]
    for case in VECTORS["evidence"]:
        assert evidence_hash(case["salt"], keccak256(of_hex(case["file"]))) == case["hash"]
