from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backend.community import METHODS, Tier, read_definition
from backend.errors import ConformityError, SharingKeyError
from backend.governance import METHOD_CODES, OFF_CHAIN, decode_rule, encode_rule, hash_link_terms, on_chain
from backend.metering.conformity import ConformityTerms
from tests.unit.community import rule_texts as texts
from tests.unit.governance.test_differences import changed_terms

SPECIAL = """\
network_shared_price = "0.02"
excise_price = "0.0225"
pricing = "producer"
producer_prices = { "bob-roof" = "0.10", "cleo-roof" = "0.09" }
billed_by = { shared = "producer" }
"""


def community_of(method, **arguments):
    return read_definition(texts.text_of(method, **arguments), "COMMUNITY.toml")


def slots_of(community):
    return {point.id: slot for slot, point in enumerate(community.metering_points)}


def encode(community):
    return encode_rule(community.rule, slots_of(community), effective_from=17_318, contest_window_seconds=60)


@pytest.mark.parametrize("method", METHODS)
def test_a_rule_comes_back_from_the_contracts_form_as_it_went(method):
    community = community_of(method, extra=SPECIAL if method != "incentive" else "")
    struct = encode(community)
    assert struct["key"]["method"] == METHOD_CODES[method]
    kept = json.loads(json.dumps(struct))  # as a store keeps it
    points = {slot: point for point, slot in slots_of(community).items()}
    assert decode_rule(kept, points) == replace(community.rule, contest_window_seconds=60)


def test_points_stand_at_their_slots():
    def key(method):
        return encode(community_of(method))["key"]

    # slots: 0 anna-load, 1 bob-load, 2 bob-roof, 3 cleo-load, 4 cleo-roof
    assert key("static")["coefficientsPpm"] == [600_000, 0, 0, 400_000]
    assert key("dynamic")["producerPpm"] == [0, 0, 700_000, 0, 1]
    pairwise = key("pairwise")
    assert pairwise["producers"] == [2, 4]
    assert pairwise["coefficientsPpm"] == [0, 500_000, 1_000_000, 0, 0, 0, 0, 500_000]
    priority = key("priority")
    assert (priority["tierMethods"], priority["tiers"]) == ([2, 3, 1], [1, 0])
    assert (key("scheduled")["schedule"], key("scheduled")["surplusOwner"]) == (2, 1)
    assert encode(community_of("dynamic", extra=SPECIAL))["tariff"]["producerPrice"] == [
        0,
        0,
        100_000,
        0,
        90_000,
    ]


def test_a_slot_between_named_ones_is_in_the_last_tier():
    community = community_of("priority")
    tiers = (Tier("equal", ("cleo-load",)), Tier("dynamic"))
    key = replace(community.rule.sharing_key, tiers=tiers, coefficients_ppm={})
    rule = replace(community.rule, sharing_key=key, contest_window_seconds=0)
    slots = slots_of(community)
    struct = encode_rule(rule, slots, effective_from=1, contest_window_seconds=0)
    assert struct["key"]["tiers"] == [1, 1, 1, 0]
    assert decode_rule(struct, {slot: point for point, slot in slots.items()}) == rule


def test_the_network_price_for_shared_energy_is_always_said_to_the_contract():
    tariff = encode(community_of("dynamic"))["tariff"]
    assert tariff["networkSharedPrice"] == tariff["networkPrice"] == 45_000


def test_only_the_hash_of_link_terms_goes_on_chain_and_it_binds_their_text():
    community = community_of("flow")
    struct = encode(community)
    text = struct["linkTermsText"]
    assert text == (
        '{"caps":[[2,3,0]],"costs":["phase","distance"],"donations":[[4,0]],"fairness_steps":4,"own_first":false,'
        '"preferences":[[0,4],[0,2]]}'
    )
    assert struct["key"]["linkTerms"] == hash_link_terms(text)
    assert set(struct) - set(on_chain(struct)) == set(OFF_CHAIN) == {"linkTermsText", "conformityTermsText"}
    assert text not in json.dumps(on_chain(struct))
    points = {slot: point for point, slot in slots_of(community).items()}
    with pytest.raises(SharingKeyError, match="restore them"):
        decode_rule(struct | {"linkTermsText": text.replace("[2,3,0]", "[2,3,1]")}, points)
    assert encode(community_of("equal"))["key"]["linkTerms"] == "0x" + "00" * 32


def test_a_method_that_no_contract_knows_is_refused():
    community = community_of("dynamic")
    key = replace(community.rule.sharing_key, method="lottery")
    rule = replace(community.rule, sharing_key=key)
    with pytest.raises(SharingKeyError, match="'lottery' is not in the law book"):
        encode_rule(rule, slots_of(community), effective_from=1, contest_window_seconds=0)


def with_terms(community, data):
    limits = replace(community.rule.limits, terms=ConformityTerms.from_dict(data))
    return replace(community, rule=replace(community.rule, limits=limits))


def test_only_the_hash_of_conformity_terms_goes_on_chain_and_it_binds_every_parameter():
    data = {"zero_run": {"hours": 24}, "left_out": ["spike"], "treatments": {"zero-run": "useless"}}
    community = with_terms(community_of("equal"), data)
    struct = json.loads(json.dumps(encode(community)))
    text = struct["conformityTermsText"]
    said = community.rule.limits.terms.as_dict()
    # What fills gaps is stated where it is not what silence means.
    assert json.loads(text) | {"estimation": {"method": "similar-days"}} == said
    assert "estimation" not in json.loads(text)
    assert text == json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)
    assert on_chain(struct)["limits"]["terms"] == hash_link_terms(text)  # both are Keccak of the text
    points = {slot: point for point, slot in slots_of(community).items()}
    assert decode_rule(struct, points).limits == community.rule.limits
    for other in (text.replace('"hours":24', '"hours":25'), ""):
        with pytest.raises(ConformityError, match=r"hash to 0x.*backup"):
            decode_rule(struct | {"conformityTermsText": other}, points)


@pytest.mark.parametrize("data", [{}, {"zero_run": {"hours": 12}}, {"treatments": {"gap": "estimable"}}])
def test_terms_that_are_the_softwares_own_have_no_text_and_no_hash(data):
    struct = encode(with_terms(community_of("equal"), data))
    assert (struct["limits"]["terms"], struct["conformityTermsText"]) == ("0x" + "00" * 32, "")


def test_profiled_estimates_are_stated_in_the_text_and_come_back_from_it():
    community = with_terms(community_of("equal"), {"estimation": {"method": "profiled"}})
    struct = encode(community)
    assert json.loads(struct["conformityTermsText"])["estimation"] == {"method": "profiled"}
    points = {slot: point for point, slot in slots_of(community).items()}
    assert decode_rule(struct, points).limits.terms.estimation.method == "profiled"


def test_no_two_terms_that_differ_have_one_hash():
    community = community_of("equal")
    changes = [ConformityTerms.from_dict(data) for _, data in changed_terms()]
    structs = [encode(with_terms(community, terms.as_dict())) for terms in [ConformityTerms(), *changes]]
    assert len({struct["limits"]["terms"] for struct in structs}) == len(changes) + 1
