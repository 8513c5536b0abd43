"""What a rule would change is said in figures and units, in both languages."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from backend.community import METHODS, GapTreatment, LinkTerms, PriceWindow
from backend.governance import Difference, Unit, differences_of
from backend.metering.conformity import RULES, ConformityTerms
from backend.metering.findings import Treatment
from backend.services.conformity_words import ESTIMATION_METHODS, PARAMETERS, TREATMENTS
from backend.services.conformity_words import RULES as NAMES
from backend.services.governance_words import describe_differences, say_difference
from tests.unit.governance.test_differences import changed_rules, rule_of


@pytest.mark.parametrize(
    ("name", "before", "after"), list(changed_rules()), ids=lambda value: str(value)[:30]
)
def test_every_difference_has_a_sentence_in_both_languages(name, before, after):
    for one, other in ((before, after), (after, before)):
        told = describe_differences(differences_of(one, other))
        assert told, name
        assert json.loads(json.dumps(told)) == told
        for entry in told:
            assert set(entry["words"]) == {"en", "fr"}
            for words in entry["words"].values():
                assert words.endswith(".")
                assert not {"{", "}", "None", "True", "False"} & {*words.split(), *words}, words


@pytest.mark.parametrize("method", METHODS)
def test_the_way_from_any_key_to_any_other_can_be_said(method):
    extra = "" if method == "incentive" else 'pricing = "mid_market"\n'
    for other in METHODS:
        found = differences_of(rule_of(method, extra=extra), rule_of(other))
        assert len(describe_differences(found)) == len(found)
        assert found or method == other == "incentive"


def test_figures_have_their_units_and_their_decimals():
    before = rule_of("static")
    tariff = replace(
        before.tariff,
        shared_price=100_000,
        monthly_fee=250,
        residual_prices=(250_000, 160_000),
        windows=(PriceWindow(0, 360, 1), PriceWindow(360, 1440, 0)),
    )
    key = replace(before.sharing_key, coefficients_ppm={"anna-load": 512_500})
    found = differences_of(
        before, replace(before, tariff=tariff, sharing_key=key, contest_window_seconds=7200)
    )
    told = describe_differences(found)
    assert [entry["words"]["en"] for entry in told] == [
        "Time to contest a result: 2 h; none today.",
        "Part of anna-load: 51.25 %; today 60 %.",
        "Part of cleo-load: removed; today 40 %.",
        "Price of shared energy: 0.10 €/kWh; today 0.12 €/kWh.",
        "Supplier's price, 00:00-06:00: 0.16 €/kWh; today 0.25 €/kWh.",
        "Monthly fee: 2.50 €; today 0.00 €.",
    ]
    assert told[1]["words"]["fr"] == "Part de anna-load : 51,25 % ; aujourd'hui 60 %."
    assert told[3]["words"]["fr"] == "Prix de l'énergie partagée : 0,10 €/kWh ; aujourd'hui 0,12 €/kWh."


def words_of(before, after):
    return {
        entry["field"]: entry["words"]["en"] for entry in describe_differences(differences_of(before, after))
    }


def test_groups_and_wishes_are_listed_in_order():
    before = rule_of("dynamic")
    words = {
        entry["field"]: entry["words"]["en"]
        for entry in describe_differences(differences_of(before, rule_of("priority")))
    }
    assert (
        "1. bob-load (fixed parts); 2. anna-load (equal parts); 3. everyone else"
        in words["sharing_key.tiers"]
    )
    flow = rule_of("flow")
    plain = replace(flow, sharing_key=replace(flow.sharing_key, links=LinkTerms()))
    words = {
        entry["field"]: entry["words"]["en"] for entry in describe_differences(differences_of(plain, flow))
    }
    assert (
        words["sharing_key.links.preferences"]
        == "Roofs that anna-load wants first: cleo-roof, bob-roof; none today."
    )
    assert words["sharing_key.links.donations"] == "cleo-roof gives energy to anna-load: yes; today no."
    assert words["sharing_key.links.costs"] == "What decides between equals: phase, distance; today distance."


def test_every_treatment_of_gaps_has_words():
    for gaps in GapTreatment:
        one = Difference("conformity.gaps", (), gaps.value, gaps.value, Unit.CHOICE)
        assert all(say_difference(one, locale) for locale in ("en", "fr"))


def test_the_same_word_means_what_its_field_says():
    owner = Difference("sharing_key.surplus_owner", (), "producer", "consumer", Unit.CHOICE)
    assert say_difference(owner, "en") == "Who owns what is left over: the consumer; today the producer."
    pricing = Difference("tariff.pricing", (), "uniform", "producer", Unit.CHOICE)
    assert say_difference(pricing, "fr").endswith("chaque toit le sien ; aujourd'hui un prix unique.")


def test_every_rule_and_parameter_of_conformity_has_a_name_and_no_name_is_of_nothing():
    tables = {name: value for name, value in ConformityTerms().as_dict().items() if isinstance(value, dict)}
    tables.pop("treatments")
    assert set(NAMES) - {"habit", "estimation"} == set(RULES)
    assert {name.replace("_", "-") for name in tables} <= set(NAMES)
    used = {
        f"{table}.{parameter}" if f"{table}.{parameter}" in PARAMETERS else parameter
        for table, parameters in tables.items()
        for parameter in parameters
    }
    assert set(PARAMETERS) == used
    assert tuple(ESTIMATION_METHODS) == fields(ConformityTerms().estimation)[0].metadata["choices"]
    assert set(TREATMENTS) == {treatment.value for treatment in Treatment}


def test_a_change_of_conformity_names_rule_parameter_and_unit():
    before = rule_of("dynamic")
    terms = ConformityTerms.from_dict(
        {
            "zero_run": {"hours": 24, "history_ppm": 2_500_000},
            "swapped": {"days": 5},
            "left_out": ["spike"],
            "treatments": {"gap": "corrupt"},
            "estimation": {"method": "profiled"},
        }
    )
    found = differences_of(before, replace(before, limits=replace(before.limits, terms=terms)))
    assert [entry["words"]["en"] for entry in describe_differences(found)] == [
        "Zero for too long, length, at least: 24 h; today 12 h.",
        "Zero for too long, of what the history knows, at least: 250 %; today 300 %.",
        "Use and feed-in exchanged, days, at least: 5 d; today 3 d.",
        (
            "Estimates of what is missing, method: by three similar days and the register, which only a case can "
            "check; today by days that a contract can check."
        ),
        "Readings are checked without: Spike: yes; today no.",
        "What is found by: Missing readings: goes back to the operator; today counts as missing and is estimated.",
    ]
    assert describe_differences(found)[2]["words"]["fr"].endswith("jours, au moins : 5 j ; aujourd'hui 3 j.")
