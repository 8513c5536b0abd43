"""The page of conformity says what the registry has."""

import dataclasses
from pathlib import Path

import pytest

from backend.metering import Treatment
from backend.metering.conformity import RULES, ConformityTerms

PAGE = (Path(__file__).parents[3] / "docs" / "conformity.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_each_rule_stands_in_the_table_with_its_parameters_as_they_are(rule):
    table = dataclasses.asdict(getattr(ConformityTerms(), rule.terms)) if rule.terms else {}
    parameters = ", ".join(f"`{name}` {value:,}" for name, value in table.items()) or "-"
    row = f"| `{rule.id}` | {rule.title} | {rule.severity.value} | {rule.treatment.value} | {parameters} |"
    assert row in PAGE


def test_each_treatment_is_explained():
    for treatment in Treatment:
        assert f"\n| {treatment.value} | " in PAGE
