"""Alarm rules: what is taken, what is refused, and that they say what they are."""

import pytest

from backend.errors import InputError
from backend.grid.alarms import (
    DEFAULT_RULES,
    AlarmRule,
    ElementKind,
    Measure,
    digest_rule,
    read_rules,
    write_rules,
)

GOOD = {"id": "hot", "measure": "hot_spot", "kind": "transformer", "limit": 98}


def test_the_rules_that_a_network_begins_with_are_written_and_read_back_the_same():
    assert read_rules(write_rules(DEFAULT_RULES)) == DEFAULT_RULES


def test_every_measure_but_those_without_a_common_limit_has_a_rule_to_begin_with():
    assert {rule.measure for rule in DEFAULT_RULES} == set(Measure) - {Measure.NEUTRAL}


def test_each_rule_to_begin_with_says_why():
    assert all(rule.text for rule in DEFAULT_RULES)


def test_a_rule_in_the_evening_is_read_in_words_people_write():
    (rule,) = read_rules(
        [GOOD | {"from": "22:00", "to": "06:00", "weekdays": ["fri", "sat"], "enabled": False}]
    )
    assert rule == AlarmRule(
        "hot",
        Measure.HOT_SPOT,
        ElementKind.TRANSFORMER,
        98.0,
        from_minute=1320,
        to_minute=360,
        weekdays=(4, 5),
        is_enabled=False,
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measure": "colour"}, r"'hot'.*measure is 'colour'; choose one of loading, hot_spot"),
        ({"kind": "bus"}, r"kind is 'bus'; hot_spot is a measure of: transformer"),
        ({"limit": "98"}, r"limit is '98'; write a number"),
        ({"limit": True}, r"limit is 'True'; write a number"),
        ({"limit": float("nan")}, r"limit is 'nan'; hot_spot has limits from 0 to 400 °C"),
        ({"limit": 900}, r"limit is '900.0'; hot_spot has limits from 0 to 400 °C"),
        ({"hysteresis": -1}, r"hysteresis is '-1.0'; give at least 0"),
        ({"for_seconds": 1.5}, r"for_seconds is '1.5'; write whole seconds"),
        ({"for_seconds": -1}, r"for_seconds is '-1'; give 0 to"),
        ({"weekdays": ["someday"]}, r"weekdays is 'someday'; choose some of mon"),
        ({"weekdays": []}, r"weekdays is '\[\]'; name some of mon"),
        ({"weekdays": ["mon", "mon"]}, r"weekdays is .* each once"),
        ({"from": "25:00"}, r"from is '25:00'; write a time of the day"),
        ({"from": "24:00"}, r"hours is .*; give two different times"),
        ({"from": "08:00", "to": "08:00"}, r"hours is .*; give two different times"),
        ({"from_minute": 3}, r"'hot' has 'from_minute'; the keys are elements, enabled"),
        ({"colour": "red"}, r"'hot' has 'colour'; the keys are"),
        ({"severity": "grave"}, r"severity is 'grave'; choose one of info, warning, critical"),
        ({"enabled": 1}, r"enabled is '1'; write true or false"),
        ({"elements": "T1"}, r"elements is 'T1'; write a list"),
        ({"elements": [""]}, r"elements is '1'; name at most"),
        ({"id": "Hot!"}, r"id is 'Hot!'; write 1 to 63"),
        ({"text": "x" * 501}, r"text is '501'; at most 500"),
        ({"tolerated_percent": 5, "for_seconds": 60}, r"a rule by weeks has neither"),
        ({"tolerated_percent": 100}, r"tolerated_percent is '100.0'; give 0 to below 100"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_with_its_place_value_and_remedy(change, said):
    with pytest.raises(InputError, match=said):
        read_rules([GOOD | change])


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ("rules", "a list of tables"),
        ([7], "alarm rule 1 is no table"),
        ([{"id": "a", "measure": "vuf", "kind": "bus"}], "'a' has no limit"),
        ([GOOD, GOOD], "'hot' stands there twice"),
        ([GOOD] * 201, "there are 201 alarm rules; at most 200"),
    ],
)
def test_what_is_no_list_of_rules_is_refused(tables, said):
    with pytest.raises(InputError, match=said):
        read_rules(tables)


@pytest.mark.parametrize(
    "key", ["limit", "hysteresis", "tolerated_percent", "for_seconds", "from", "id", "limits"]
)
@pytest.mark.parametrize("digits", [400, 5_000])
def test_a_number_beyond_all_numbers_is_refused_wherever_it_stands(key, digits):
    with pytest.raises(InputError, match=f"holds a number of about {digits} digits"):
        read_rules([GOOD | {key: 10 ** (digits - 1)}])
    with pytest.raises(InputError, match="digits"):
        read_rules([GOOD | {key: [{"in": -(10**digits)}]}])


def test_a_rule_is_another_one_once_it_watches_otherwise_but_not_for_another_text():
    (rule,) = read_rules([GOOD])
    (told,) = read_rules([GOOD | {"text": "why"}])
    (stricter,) = read_rules([GOOD | {"limit": 97}])
    assert digest_rule(rule) == digest_rule(told) != digest_rule(stricter)
