"""``[conformity.rules]`` of a community file: read by name and bound, written so that reading gives the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.community import (
    form_of_rule,
    read_definition,
    read_rule,
    read_rule_form,
    write_definition,
)
from backend.errors import CommunityDefinitionError
from backend.metering.conformity import ConformityTerms
from backend.metering.findings import Treatment
from tests.unit.community import rule_texts as texts
from tests.unit.governance.test_differences import changed_terms

RULES = """
[conformity]
max_missing_ppm = 7

[conformity.rules]
left_out = ["spike", "high"]
stuck = { hours = 48, intervals = 20 }
zero_run.hours = 24
estimation.method = "profiled"

[conformity.rules.clear_sky]
ratio_ppm = 2000000

[conformity.rules.treatments]
gap = "useless"
"zero-run" = "corrupt"
"""


def read(text):
    return read_definition(texts.text_of("dynamic") + text, "COMMUNITY.toml")


def test_parameters_rules_left_out_and_treatments_are_read_in_any_form_of_toml():
    limits = read(RULES).rule.limits
    terms = limits.terms
    assert limits.max_missing_ppm == 7
    assert (terms.zero_run.hours, terms.stuck.hours, terms.stuck.intervals) == (24, 48, 20)
    assert terms.clear_sky.ratio_ppm == 2_000_000
    assert terms.clear_sky.elevation_degrees == ConformityTerms().clear_sky.elevation_degrees
    assert terms.estimation.method == "profiled"
    assert terms.left_out == {"spike", "high"}
    assert terms.treatments == {"gap": Treatment.USELESS, "zero-run": Treatment.CORRUPT}
    assert read("").rule.limits.terms == ConformityTerms()


@pytest.mark.parametrize(("name", "data"), list(changed_terms()), ids=lambda value: str(value)[:30])
def test_every_term_is_written_so_that_reading_gives_it_again(name, data):
    community = read("")
    limits = replace(community.rule.limits, terms=ConformityTerms.from_dict(data))
    changed = replace(community, rule=replace(community.rule, limits=limits))
    assert read_definition(write_definition(changed), "COMMUNITY.toml") == changed, name
    assert form_of_rule(changed.rule)["conformity"]["rules"].keys() == data.keys()
    assert read_rule_form(form_of_rule(changed.rule), "form", community).limits == limits


def test_what_is_the_softwares_own_is_not_written():
    assert "conformity.rules" not in write_definition(read("[conformity.rules.zero_run]\nhours = 12\n"))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("zero_run.hours", "zero_runs.hours", "zero_runs", 'did you mean "zero_run"?'),
        ("ratio_ppm", "ratio", "ratio", 'did you mean "ratio_ppm"?'),
        ("ratio_ppm = 2000000", "ratio_ppm = 2", "ratio_ppm", "lies in 1000000 to 100000000"),
        ("ratio_ppm = 2000000", "ratio_ppm = 2e6", "ratio_ppm", "write a whole number"),
        ("hours = 48", "hours = true", "stuck", "write a whole number"),
        ('"spike", ', '"spikes", ', "left_out", 'did you mean "spike"?'),
        ('["spike", "high"]', "[1]", "left_out", "names 1, which is no rule"),
        ('["spike", "high"]', '"spike"', "left_out", "write the ids of rules"),
        ('"zero-run" =', '"zero_run" =', '"zero_run"', 'did you mean "zero-run"?'),
        ('gap = "useless"', 'gap = "usless"', "gap", 'did you mean "useless"?'),
        ('method = "profiled"', 'method = "profile"', "estimation.method", 'did you mean "profiled"?'),
        ('method = "profiled"', "method = 3", "estimation.method", "write it in quotes"),
        ("estimation.method", "estimation.way", "estimation.way", "known are method"),
        ("zero_run.hours = 24", "zero_run = 24", "zero_run", "is a table"),
    ],
)
def test_a_mistake_in_the_terms_is_refused_by_line_value_and_nearest_word(old, new, line, said):
    assert RULES.count(old) == 1
    text = texts.text_of("dynamic") + RULES.replace(old, new)
    with pytest.raises(
        CommunityDefinitionError, match=r"^COMMUNITY\.toml, line \d+: \[conformity"
    ) as refused:
        read_definition(text, "COMMUNITY.toml")
    assert said in str(refused.value)
    number = int(str(refused.value).partition("line ")[2].partition(":")[0])
    assert text.splitlines()[number - 1].startswith(line)


def test_a_proposal_that_names_terms_says_all_of_them_and_one_that_does_not_keeps_them():
    community = read(RULES)
    kept = read_rule("[conformity]\nmax_estimated_ppm = 9\n", "RULES.toml", community).limits
    assert kept == replace(community.rule.limits, max_estimated_ppm=9)
    asked = read_rule("[conformity.rules.spike]\nintervals = 3\n", "RULES.toml", community).limits
    assert asked.max_missing_ppm == 7
    assert asked.terms == ConformityTerms.from_dict({"spike": {"intervals": 3}})
    cleared = read_rule("[conformity.rules]\n", "RULES.toml", community).limits
    assert cleared.terms == ConformityTerms()
