from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backend.community import METHODS, AllocationSource, Pricing, Seller, read_definition
from backend.metering.conformity import ConformityTerms
from backend.services.rule_words import describe_rule
from tests.unit.community import rule_texts as texts


def rule_of(method, **arguments):
    return read_definition(texts.text_of(method, **arguments), "COMMUNITY.toml").rule


@pytest.mark.parametrize("method", METHODS)
def test_every_key_is_said_in_both_languages_without_naming_a_member(method):
    described = describe_rule(1, rule_of(method), 17_318)
    assert len(described["words"]["en"]) == len(described["words"]["fr"]) >= 4 - (method == "incentive")
    assert not [words for words in described["words"]["en"] + described["words"]["fr"] if "{" in words]
    told = json.dumps(described)
    assert not [name for name in ("anna", "bob", "cleo") if name in told]
    assert method in told


def test_words_say_who_sets_prices_who_sells_and_whose_the_surplus_is():
    rule = rule_of("equal", extra='network_shared_price = "0.02"\nexcise_price = "0.0225"\n')
    tariff = replace(rule.tariff, pricing=Pricing.SUPPLY_DEMAND, seller=Seller.PRODUCER)
    told = describe_rule(1, replace(rule, tariff=tariff, source=AllocationSource.OPERATOR), 1)
    words = " ".join(told["words"]["en"])
    for part in (
        "as many equal parts",
        "that member's surplus",
        "grid operator's allocation binds",
        "the scarcer it is",
        "producers sell it themselves",
        "0.02 €/kWh for shared energy",
        "excise is 0.0225 €/kWh",
    ):
        assert part in words, part
    assert (told["source"], told["tariff"]["pricing"], told["tariff"]["seller"]) == (
        "operator",
        "supply_demand",
        "producer",
    )
    assert "0,0225 €/kWh" in " ".join(told["words"]["fr"])


def test_an_incentive_names_its_premiums_and_no_price_of_shared_energy():
    words = describe_rule(1, rule_of("incentive"), 1)["words"]["en"]
    assert "0.11 €/kWh for those who use it and 0.119 €/kWh" in words[1]
    assert not [sentence for sentence in words if "Shared energy costs" in sentence]


def test_voted_terms_of_conformity_are_named_and_the_softwares_own_are_not():
    rule = rule_of("equal")
    terms = ConformityTerms.from_dict(
        {"stuck": {"hours": 48}, "left_out": ["spike"], "treatments": {"gap": "useless"}}
    )
    told = describe_rule(1, replace(rule, limits=replace(rule.limits, terms=terms)), 1)
    assert told["limits"]["rules"] == {
        "stuck": {"hours": 48},
        "left_out": ["spike"],
        "treatments": {"gap": "useless"},
    }
    assert told["words"]["en"][-2:] == [
        "Readings are checked by voted terms of: Missing readings, Same value again and again.",
        "Readings are checked without: Spike.",
    ]
    assert told["words"]["fr"][-1] == "Les relevés sont contrôlés sans : Pointe isolée."
    assert not [words for words in describe_rule(1, rule, 1)["words"]["en"] if "checked" in words]
    profiled = ConformityTerms.from_dict({"estimation": {"method": "profiled"}})
    told = describe_rule(2, replace(rule, limits=replace(rule.limits, terms=profiled)), 1)["words"]
    assert told["en"][-1].endswith("no contract can repeat it; who doubts an estimate opens a case.")
    assert "index" in told["fr"][-1]
