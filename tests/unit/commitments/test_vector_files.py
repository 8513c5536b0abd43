import json

import pytest

from scripts import make_vectors
from tests.unit.commitments.period_arrays import VECTORS, read_vectors

FILES = make_vectors.make_files()
SIZE_MAX = 720_000
EXACT_MAX = 2**53 - 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_what_the_reference_gives(path):
    assert path.read_text("utf-8") == FILES[path], "run scripts/make_vectors.py and read the difference"


def test_no_community_is_left_over():
    assert set(VECTORS.glob("communities/*.json")) == {
        path for path in FILES if path.parent.name == "communities"
    }


def test_the_files_stay_small():
    assert sum(len(text.encode()) for text in FILES.values()) < SIZE_MAX


def test_the_communities_hold_only_numbers_that_a_browser_reads_exactly():
    def largest(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return max(map(largest, value), default=0)
        return abs(value) if isinstance(value, int) else 0

    for path, text in FILES.items():
        assert path.parent.name != "communities" or largest(json.loads(text)) <= EXACT_MAX


def test_the_communities_hold_every_quality_source_class_and_kind_of_interval():
    qualities, sources, classes, pools, taus = set(), set(), set(), set(), set()
    for path in VECTORS.glob("communities/*.json"):
        file = read_vectors(f"communities/{path.stem}")
        points = [point for point in file["inputs"]["points"] if point]
        qualities |= {code for row in file["inputs"]["quality"] for code in row}
        sources |= {code for row in file["inputs"]["source"] for code in row}
        classes |= {point["vat_class"] for point in points}
        for feed_in, consumption, _, _, tau, *_ in file["expected"]["headers"]:
            pools.add("none" if feed_in == 0 else "short" if feed_in < consumption else "ample")
            taus.add(tau > 0)
    assert (qualities, sources, classes) == ({0, 1, 2, 3}, {0, 1, 2, 3, 4}, {0, 1, 2})
    assert (pools, taus) == ({"none", "short", "ample"}, {True, False})
