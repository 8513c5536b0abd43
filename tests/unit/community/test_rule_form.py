"""A rule as plain data says what the file says, and is refused where the file is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backend.community import (
    METHODS,
    GovernanceTerms,
    form_of_rule,
    read_definition,
    read_rule_form,
    write_definition,
)
from backend.errors import CommunityDefinitionError
from tests.unit.community import rule_texts as texts


def community_of(method="dynamic", **arguments):
    return read_definition(texts.text_of(method, **arguments), "COMMUNITY.toml")


@pytest.mark.parametrize("method", METHODS)
def test_a_form_gives_back_its_rule(method):
    community = community_of(method)
    form = json.loads(json.dumps(form_of_rule(community.rule)))
    other = replace(community, rule=community_of("equal" if method != "equal" else "dynamic").rule)
    assert read_rule_form(form, "form", other) == community.rule


def test_tables_that_are_absent_keep_the_rule():
    community = community_of("static")
    assert read_rule_form({}, "form", community) == community.rule
    window = read_rule_form({"settlement": {"contest_window_hours": 2}}, "form", community)
    assert window == replace(community.rule, contest_window_seconds=7200)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"participants": []}, r"no table \[participants\]"),
        ({"sharing_key": {"method": "lottery"}}, "lottery"),
        ({"sharing_key": {"method": "static", "coefficients_ppm": {"nobody": 1}}}, '"nobody"'),
        ({"sharing_key": 3}, "is a table"),
        ({"tariff": {"residual_price": 0.12}}, "residual_price"),
        ({"settlement": {"contest_window_hours": True}}, "contest_window_hours"),
        ({"settlement": {"contest_window_hours": None}}, "contest_window_hours"),
        ({"settlement": [[[[[[[[[1]]]]]]]]]}, "nested too deeply"),
    ],
)
def test_what_a_file_could_not_say_is_refused_by_name(form, words):
    with pytest.raises(CommunityDefinitionError, match=words):
        read_rule_form(form, "form", community_of())


def test_a_form_is_nobody_elses_to_change():
    community = community_of("static")
    form_of_rule(community.rule)["sharing_key"]["coefficients_ppm"]["anna-load"] = 1
    assert community.rule.sharing_key.coefficients_ppm["anna-load"] == 600_000


def test_how_a_community_votes_is_read_and_written_back():
    text = texts.text_of()
    assert read_definition(text, "f").governance == GovernanceTerms()
    table = "[governance]\nvoting_period_hours = 2\ntimelock_hours = 0\nquorum_ppm = 500000\n"
    community = read_definition(f"{table}\n{text}", "f")
    assert community.governance == GovernanceTerms(
        voting_period_hours=2, timelock_hours=0, quorum_ppm=500_000
    )
    assert community.governance.voting_period_seconds == 7200
    assert community.governance.voting_delay_seconds == 86_400
    assert read_definition(write_definition(community), "g") == community
    for wrong, words in (
        ("quorum_ppm = 0", "quorum_ppm"),
        ("voting_period_hours = 0", "voting_period_hours"),
        ("voting_period_hours = 1440", "shorten one"),
        ("quorum = 1", 'did you mean "quorum_ppm"'),
    ):
        with pytest.raises(CommunityDefinitionError, match=words):
            read_definition(f"[governance]\n{wrong}\n\n{text}", "f")
