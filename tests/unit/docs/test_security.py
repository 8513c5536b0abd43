"""The attacks of docs/security.md have the tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROSE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?:symbolic/)?\w+)`: ((?:`(?:test|testFuzz|check)_\w+`(?:, )?)+)", PROSE)


@pytest.mark.parametrize(("suite", "names"), NAMED, ids=[suite for suite, _ in NAMED])
def test_each_attack_has_the_tests_that_are_named_for_it(suite, names):
    tests = (ROOT / "tests" / "contracts" / f"{suite}.t.sol").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"`(\w+)`", names) if f"function {name}(" not in tests} == set()


def test_every_row_of_a_table_names_a_test():
    rows = [line for line in PROSE.splitlines() if line.startswith("| ") and not line.startswith("| Attack")]
    assert len(rows) > 30
    assert [row for row in rows if not re.search(r"`(?:test|testFuzz|check)_\w+`", row)] == []


IN_PYTHON = re.findall(r"`([\w/]+\.py)`: ((?:`test_\w+`(?:, )?)+)", PROSE)


def test_attacks_on_meter_data_name_tests_in_python():
    assert len(IN_PYTHON) > 10


@pytest.mark.parametrize(("file", "names"), IN_PYTHON)
def test_each_attack_has_the_python_tests_that_are_named_for_it(file, names):
    (path,) = {found for found in (ROOT / "tests").rglob("*.py") if found.as_posix().endswith(f"/{file}")}
    source = path.read_text(encoding="utf-8")
    assert {name for name in re.findall(r"`(\w+)`", names) if f"def {name}(" not in source} == set()
