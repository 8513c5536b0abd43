"""Whatever somebody sends as rules: a rule, or a refusal in words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.community import form_of_rule, read_definition, read_rule_form
from backend.community.key_tables import KEY_KEYS, METHODS
from backend.community.tariff_tables import TARIFF_KEYS
from backend.errors import CommunityDefinitionError
from tests.unit.community import rule_texts as texts

COMMUNITY = read_definition(texts.text_of("static"), "COMMUNITY.toml")
WORDS = (
    *("anna-load", "bob-load", "bob-roof", "producer", "community", "uniform", "incentive", "flow"),
    *("0.12", "-1", "NaN", "1e999", "06:00", "24:00", "\x00", ""),
)
KEYS = (
    *KEY_KEYS,
    *TARIFF_KEYS,
    *("from", "to", "price", "points", "own_first", "preferences", "donations", "caps", "costs"),
    *("producer", "consumer", "max_power_watts", "fairness_steps", "shared", "residual", "anna-load"),
    *("bob-roof", "gaps", "max_estimated_ppm", "contest_window_hours", "source"),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from((*WORDS, *METHODS)),
    st.text(max_size=5),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
KEY_TABLE = st.fixed_dictionaries(
    {"method": st.sampled_from(METHODS)}, optional={name: VALUES for name in KEY_KEYS if name != "method"}
)
GOOD = form_of_rule(COMMUNITY.rule)["tariff"]
TARIFF_TABLE = st.builds(
    lambda changes: {**GOOD, **changes}, st.dictionaries(st.sampled_from(TARIFF_KEYS), VALUES, max_size=3)
)
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "sharing_key": KEY_TABLE | VALUES,
        "tariff": TARIFF_TABLE | VALUES,
        "conformity": VALUES,
        "settlement": VALUES,
        "allocation": VALUES,
        "participants": VALUES,
    },
)


@settings(max_examples=600, deadline=None)
@given(form=FORMS)
def test_a_form_gives_a_rule_or_a_refusal_and_what_it_gives_can_be_said_again(form):
    try:
        rule = read_rule_form(form, "rules", COMMUNITY)
    except CommunityDefinitionError:
        return
    assert read_rule_form(form_of_rule(rule), "rules", COMMUNITY) == rule
