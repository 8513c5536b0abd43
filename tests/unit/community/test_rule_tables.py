from __future__ import annotations

import pytest

from backend.community import (
    METHODS,
    AllocationSource,
    LinkCap,
    LinkTerms,
    Pricing,
    Seller,
    Tier,
    read_definition,
    read_rule,
    write_definition,
)
from backend.errors import CommunityDefinitionError
from tests.unit.community import rule_texts as texts


def read(text):
    return read_definition(text, "COMMUNITY.toml")


def refusal(text):
    with pytest.raises(CommunityDefinitionError) as refused:
        read(text)
    return str(refused.value)


@pytest.mark.parametrize("method", METHODS)
def test_every_sharing_key_is_read_and_written_so_that_it_reads_back_equal(method):
    community = read(texts.text_of(method))
    assert community.rule.sharing_key.method == method
    text = write_definition(community)
    assert read(text) == community
    assert write_definition(read(text)) == text


def test_a_key_arrives_with_all_its_parameters():
    def key(method):
        return read(texts.text_of(method)).rule.sharing_key

    assert key("dynamic").producer_coefficients_ppm == {"bob-roof": 700_000, "cleo-roof": 1}
    assert (key("equal").surplus_owner, key("scheduled").schedule) == ("consumer", "after")
    assert key("pairwise").pairs_ppm == {
        "cleo-roof": {"anna-load": 500_000, "cleo-load": 500_000},
        "bob-roof": {"bob-load": 1_000_000},
    }
    assert key("priority").tiers == (
        Tier("static", ("bob-load",)),
        Tier("equal", ("anna-load",)),
        Tier("dynamic"),
    )
    assert key("flow").links == LinkTerms(
        own_first=False,
        preferences=(("anna-load", "cleo-roof"), ("anna-load", "bob-roof")),
        donations=(("cleo-roof", "anna-load"),),
        caps=(LinkCap("bob-roof", "cleo-load", 0),),
        fairness_steps=4,
        costs=("phase", "distance"),
    )
    assert read(texts.text_of(key='method = "flow"')).rule.sharing_key.links == LinkTerms()


SPECIAL = """\
network_shared_price = "0.02"
excise_price = "0.0225"
excise_shared_price = "0.001"
pricing = "producer"
producer_prices = { "bob-roof" = "0.10", "cleo-roof" = "0" }
billed_by = { shared = "producer", residual = "community" }
"""


def test_every_price_of_the_tariff_arrives_and_is_written_back():
    community = read(texts.text_of(extra=SPECIAL))
    tariff = community.rule.tariff
    assert (tariff.network_shared_price, tariff.excise_price, tariff.excise_shared_price) == (
        20_000,
        22_500,
        1_000,
    )
    assert (tariff.pricing, tariff.seller) == (Pricing.PRODUCER, Seller.PRODUCER)
    assert tariff.producer_prices == {"bob-roof": 100_000, "cleo-roof": 0}
    assert read(write_definition(community)) == community
    incentive = read(texts.text_of("incentive")).rule.tariff
    assert (incentive.premium_consumption_price, incentive.premium_feed_in_price) == (110_000, 119_000)


def test_a_shared_network_price_like_the_other_is_no_price_of_its_own():
    tariff = read(texts.text_of(extra='network_shared_price = "0.045"\n')).rule.tariff
    assert tariff.network_shared_price is None
    assert not tariff.parts_network


def test_the_operators_allocation_and_the_legal_table_are_read_and_written():
    text = texts.text_of().replace(
        "[sharing_key]",
        '[allocation]\nsource = "operator"\n\n'
        '[legal]\nform = "leg"\ngrid_level = 7\nsame_transformer = true\n\n[sharing_key]',
    )
    community = read(text)
    assert community.rule.source is AllocationSource.OPERATOR
    assert (community.legal.form, community.legal.grid_level, community.legal.same_transformer) == (
        "leg",
        7,
        True,
    )
    assert read(write_definition(community)) == community


PAIRS = "[sharing_key] pairs_ppm"
FLOW = 'method = "flow"\n[sharing_key.links]\n'
PRIORITY = 'method = "priority"\n'
STEP = '{ method = "equal", points = ["anna-load"] }, '
KEY_MISTAKES = [
    # (key table, what the refusal says)
    ('method = "hybrid"', ["line 9", "coefficients_ppm is missing", '"hybrid"', '"home-01-load" = 600000']),
    ('method = "pairwise"', ["pairs_ppm is missing"]),
    ('method = "priority"', ["tiers is missing"]),
    ('method = "scheduled"', ["schedule is missing", '"ahead" or "after"']),
    ('method = "scheduled"\nschedule = "befor"', ["line 11", '"befor"', "ahead"]),
    (
        'method = "equal"\ncoefficients_ppm = { "anna-load" = 1 }',
        ["line 11", 'not used by "equal"', "static_cascade"],
    ),
    ('method = "static"\ncoefficients_ppm = {}', ["coefficients_ppm is empty"]),
    ('method = "static"\ncoefficients_ppm = 3', ["coefficients_ppm is no table"]),
    ('method = "static"\ncoefficients_ppm = { "anna-load" = 0 }', ["gives nobody anything"]),
    ('method = "static"\ncoefficients_ppm = { "anna-load" = "1" }', ["write whole ppm"]),
    ('method = "static"\ncoefficients_ppm = { "anna-load" = -1 }', ['"anna-load" is -1 ppm', "0 to 1000000"]),
    (
        'method = "hybrid"\ncoefficients_ppm = { "anna-load" = 600000, "bob-load" = 500000 }',
        ["1100000", "by 100000"],
    ),
    ('method = "hybrid"\ncoefficients_ppm = { "ana-load" = 1 }', ['"ana-load"', 'did you mean "anna-load"?']),
    ('method = "dynamic"\nsurplus_owner = "consumer"', ["entitles no consumer", "static, equal, scheduled"]),
    (
        'method = "dynamic"\nproducer_coefficients_ppm = { "bob-load" = 1 }',
        ['"bob-load", which consumes', "feed-in"],
    ),
    (
        'method = "dynamic"\nproducer_coefficients_ppm = { "bob-roof" = 0 }',
        ['"bob-roof" is 0 ppm', "1 to 1000000"],
    ),
    (
        'method = "pairwise"\npairs_ppm = { "bob-roof" = { "anna-load" = 600000, "bob-load" = 400001 } }',
        [PAIRS, "parts of bob-roof sum to 1000001", "by 1"],
    ),
    (
        'method = "pairwise"\npairs_ppm = { "anna-load" = { "bob-load" = 1 } }',
        ['"anna-load", which consumes'],
    ),
    ('method = "pairwise"\npairs_ppm = { "bob-roof" = 3 }', ["pairs_ppm is no table", '"roof" = {']),
    ('method = "pairwise"\npairs_ppm = []', ["no table of producers"]),
    (
        'method = "pairwise"\nproducer_coefficients_ppm = { "bob-roof" = 1 }\npairs_ppm = {}',
        ['producer_coefficients_ppm is not used by "pairwise"'],
    ),
    (PRIORITY + "tiers = 3", ["no list of tiers"]),
    (PRIORITY + 'tiers = [{ method = "flow" }]', ['tier 1 shares by "flow"']),
    (PRIORITY + 'tiers = [{ method = "equal" }, { method = "dynamic" }]', ["tier 1 names no points"]),
    (PRIORITY + 'tiers = [{ method = "dynamic", points = ["anna-load"] }]', ["tier 1 is the last"]),
    (PRIORITY + 'tiers = [{ method = "dynamic", point = "x" }]', ['tier 1 has "point"']),
    (PRIORITY + "tiers = [" + STEP + STEP + '{ method = "dynamic" }]', ["tier 1 and in tier 2"]),
    (
        PRIORITY + 'tiers = [{ method = "static" }]',
        ["coefficients_ppm is missing", 'a tier shares by "static"'],
    ),
    (
        PRIORITY + 'coefficients_ppm = { "anna-load" = 1 }\ntiers = [{ method = "equal" }]',
        ["not used by any tier"],
    ),
    (PRIORITY + "tiers = [" + STEP * 8 + '{ method = "equal" }]', ["has 9 tiers", "up to 8"]),
    ('method = "dynamic"\n[sharing_key.links]\nown_first = true', ['links is not used by "dynamic"', "flow"]),
    (FLOW + "own_furst = true", ["line 12", "[sharing_key.links] own_furst", '"own_first"']),
    ('method = "flow"\nlinks = { own_first = 1 }', ["line 11", "true or false"]),
    (FLOW + "fairness_steps = 0", ["line 12", "1 to 64"]),
    (FLOW + 'costs = ["distanse"]', ['"distanse"', '"distance"']),
    (FLOW + 'costs = ["phase", "phase"]', ["phase twice"]),
    (FLOW + 'preferences = [["bob-roof", "anna-load"]]', ['"bob-roof", which feeds in']),
    (FLOW + 'preferences = ["anna-load"]', ["write pairs like"]),
    (FLOW + 'donations = [["bob-roof", "bob-load"]]', ["both of bob"]),
    (FLOW + 'caps = [{ producer = "bob-roof", consumer = "anna-load" }]', ["write caps like"]),
    (
        FLOW + 'caps = [{ producer = "bob-roof", consumer = "anna-load", max_power_watts = -1 }]',
        ["max_power_watts of -1"],
    ),
]


@pytest.mark.parametrize(("key", "said"), KEY_MISTAKES)
def test_a_mistake_in_the_sharing_key_is_refused_by_place_value_and_what_to_do(key, said):
    message = refusal(texts.text_of(key=key))
    assert message.startswith("COMMUNITY.toml, line ")
    for words in said:
        assert words in message


TARIFF_MISTAKES = [
    ('pricing = "midmarket"\n', ['"midmarket"', '"mid_market"']),
    ('pricing = "producer"\n', ["producer_prices is missing", '"roof" = "0.10"']),
    ('pricing = "producer"\nproducer_prices = { "bob-roof" = "0.1" }\n', ['lacks "cleo-roof"']),
    ('pricing = "producer"\nproducer_prices = { "bob-rof" = "0.1" }\n', ['"bob-rof"', '"bob-roof"']),
    ('pricing = "producer"\nproducer_prices = { "bob-roof" = 0.1 }\n', ["in quotes"]),
    (
        'pricing = "producer"\nproducer_prices = { "bob-roof" = "0.1234567", "cleo-roof" = "0" }\n',
        ["6 decimals"],
    ),
    ('producer_prices = { "bob-roof" = "0.1" }\n', ['pricing = "producer" alone']),
    ('excise_price = "0.1234567"\n', ["excise_price", "6 decimals"]),
    ('premium_feed_in_price = "0.1"\n', ['the key "incentive" alone', '"dynamic"']),
]


@pytest.mark.parametrize(("extra", "said"), TARIFF_MISTAKES)
def test_a_mistake_in_the_tariff_is_refused_by_place_value_and_what_to_do(extra, said):
    message = refusal(texts.text_of(extra=extra))
    assert message.startswith("COMMUNITY.toml, line ")
    for words in said:
        assert words in message


def test_supply_and_demand_need_residual_prices_above_the_surplus_price_and_no_links():
    low = texts.TARIFF.replace('"0.25"', '"0.05"') + 'pricing = "supply_demand"\n'
    message = refusal(texts.text_of(tariff=low))
    assert "0.05, below the surplus price of 0.06" in message
    assert '"flow" prices each link' in refusal(texts.text_of("flow", extra='pricing = "supply_demand"\n'))
    assert (
        read(texts.text_of(extra='pricing = "supply_demand"\n')).rule.tariff.pricing is Pricing.SUPPLY_DEMAND
    )


def test_only_uniform_pricing_asks_for_a_shared_price():
    bare = texts.TARIFF.replace('shared_price = "0.12"\n', "")
    assert "shared_price is missing" in refusal(texts.text_of(tariff=bare))
    assert read(texts.text_of(tariff=bare + 'pricing = "mid_market"\n')).rule.tariff.shared_price == 0


def test_the_incentive_is_counted_by_the_hour():
    message = refusal(texts.text_of("incentive", resolution=15))
    assert "every 15 minutes" in message
    assert "resolution_minutes = 60" in message


def test_a_key_alone_is_held_against_the_tariff_that_stays():
    community = read(texts.text_of(extra='pricing = "supply_demand"\n'))
    with pytest.raises(CommunityDefinitionError, match=r'RULES\.toml, line 1.*"flow" prices each link'):
        read_rule('[sharing_key]\nmethod = "flow"\n', "RULES.toml", community)
    rule = read_rule('[allocation]\nsource = "operator"\n', "RULES.toml", community)
    assert (rule.source, rule.tariff) == (AllocationSource.OPERATOR, community.rule.tariff)
