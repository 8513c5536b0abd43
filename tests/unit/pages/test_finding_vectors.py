"""What the pages say of findings is held against what the rules tell."""

import json

from backend.metering.conformity import RULES
from tests.vectors.finding_cases import FILE, shape_of, vectors

_SETTLEMENT = {"returned", "withdrawn"}


def test_the_vectors_of_findings_have_the_facts_that_rules_and_settlement_tell_today():
    kept, today = (
        [shape_of(case) for case in told["cases"]] for told in (json.loads(FILE.read_text()), vectors())
    )
    assert kept == today, "run: python -m tests.vectors.finding_cases"


def test_no_rule_is_without_a_case_in_the_vectors_and_no_case_without_facts():
    cases = json.loads(FILE.read_text())["cases"]
    assert {case["rule"] for case in cases} == set(RULES) | _SETTLEMENT
    assert all(case["facts"] for case in cases)
