"""Reads files of national portals and compares every series with what an independent reading found."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.meter_files.formats import HEAD_BYTES, all_formats
from tests.unit.meter_files.text.reading import read

CASE = Path(__file__).parent
EXPECTED = json.loads((CASE / "expected.json").read_text())
SERIES = sorted(name for name, held in EXPECTED.items() if not isinstance(held, str))
REFUSED = sorted(name for name, held in EXPECTED.items() if isinstance(held, str))


def read_case(name):
    content = (CASE / f"{name}.json").read_bytes()
    claims = [
        form for form in all_formats() if not form.needs_mapping and form.recognise(content[:HEAD_BYTES])
    ]
    assert len(claims) == 1, [form.name for form in claims]
    return read(claims[0], content)


@pytest.mark.parametrize("name", SERIES)
def test_a_portals_file_holds_what_an_independent_reading_found(name):
    found = read_case(name)
    summary: dict[str, Any] = {}
    for block in found.blocks:
        summary[f"{block.series.external_id} {block.series.direction}"] = {
            "readings": len(block),
            "first": int(block.start_utc[0]),
            "last": int(block.start_utc[-1]),
            "seconds": int(block.seconds[0]),
            "energy": int(block.energy.sum()),
            "words": dict(Counter(block.codes[code] for code in block.code.tolist())),
        }
    for register in found.registers:
        key = f"{register.series.external_id} {register.series.channel} {register.meter}"
        held = summary.setdefault(key, {"reads": 0, "first": register.value})
        held["reads"] += 1
        held["last"] = register.value
    assert summary == EXPECTED[name]
    assert not found.refusals


@pytest.mark.parametrize("name", REFUSED)
def test_a_portals_file_without_interval_data_is_refused_with_its_reason(name):
    found = read_case(name)
    assert set(found.refusals) == {EXPECTED[name]}
    assert not found.blocks
    assert not found.registers
