"""The pages hash rehearsals as the service does: the vectors that ``tests/frontend`` reads hold here too."""

import json
from pathlib import Path
from typing import Any

from backend.governance.rehearsal_proof import canonical_json, hash_result, holds_line

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "rehearsal.json").read_text())


def test_the_recorded_result_hashes_to_its_own_hash() -> None:
    result = VECTORS["result"]
    assert hash_result(result) == result["result_hash"]
    assert canonical_json(result["distribution"]).decode() == VECTORS["canonical"]


def test_each_recorded_line_is_in_the_result() -> None:
    assert len(VECTORS["own"]) == 5
    assert all(holds_line(VECTORS["result"], own) for own in VECTORS["own"])
