"""Every field of a rule, once changed, is a difference; nothing else is."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from backend.community import (
    METHODS,
    AllocationSource,
    Biller,
    ConformityLimits,
    GapTreatment,
    LinkCap,
    LinkTerms,
    PriceWindow,
    Pricing,
    Rule,
    Seller,
    SharingKeyChoice,
    Tariff,
    Tier,
    VatStatus,
    read_definition,
)
from backend.governance.differences import Unit, differences_of
from backend.metering.conformity import ConformityTerms
from tests.unit.community import rule_texts as texts

KEY_CHANGES = {
    "method": "equal",
    "coefficients_ppm": {"anna-load": 1},
    "surplus_owner": "consumer",
    "pairs_ppm": {"bob-roof": {"anna-load": 1}},
    "tiers": (Tier("equal", ("anna-load",)), Tier("dynamic")),
    "producer_coefficients_ppm": {"bob-roof": 1},
    "schedule": "ahead",
    "links": LinkTerms(own_first=False),
}
LINK_CHANGES = {
    "own_first": False,
    "preferences": (("anna-load", "bob-roof"),),
    "donations": (("bob-roof", "anna-load"),),
    "caps": (LinkCap("bob-roof", "anna-load", 0),),
    "fairness_steps": 9,
    "costs": ("phase",),
}
TARIFF_CHANGES = {
    "shared_price": 1,
    "residual_prices": (2,),
    "surplus_price": 3,
    "network_price": 4,
    "monthly_fee": 5,
    "vat_ppm": 6,
    "vat_status": VatStatus.LIABLE,
    "billed_by_community": Biller.NETWORK,
    "network_shared_price": 7,
    "excise_price": 8,
    "excise_shared_price": 9,
    "premium_consumption_price": 10,
    "premium_feed_in_price": 11,
    "pricing": Pricing.MID_MARKET,
    "producer_prices": {"bob-roof": 12},
    "seller": Seller.PRODUCER,
}
LIMIT_CHANGES = {
    "max_estimated_ppm": 1,
    "max_missing_ppm": 2,
    "gaps": GapTreatment.RESIDUAL,
    "terms": ConformityTerms.from_dict({"zero_run": {"hours": 31}}),
}


def rule_of(method="dynamic", **arguments):
    return read_definition(texts.text_of(method, **arguments), "COMMUNITY.toml").rule


PLAIN = replace(rule_of("equal"), sharing_key=SharingKeyChoice("dynamic"))
FLOW = replace(PLAIN, sharing_key=SharingKeyChoice("flow", links=LinkTerms()))


def changed_terms():
    """Every parameter, a rule that is left out, and a treatment, each by itself."""
    own = ConformityTerms()
    for table in fields(ConformityTerms):
        if table.name in {"left_out", "treatments"}:
            continue
        for one in fields(getattr(own, table.name)):
            possible = one.metadata.get("choices") or (one.metadata["least"], one.metadata["most"])
            other = next(value for value in possible if value != one.default)
            yield f"{table.name} {one.name}", {table.name: {one.name: other}}
    yield "left_out", {"left_out": ["zero-run", "spike"]}
    yield "treatments", {"treatments": {"zero-run": "useless"}}


def changed_rules():
    for name, value in KEY_CHANGES.items():
        yield f"key {name}", PLAIN, replace(PLAIN, sharing_key=replace(PLAIN.sharing_key, **{name: value}))
    for name, value in LINK_CHANGES.items():
        links = LinkTerms(**{name: value})  # type: ignore[arg-type] # of the name's kind
        yield f"links {name}", FLOW, replace(FLOW, sharing_key=replace(FLOW.sharing_key, links=links))
    for name, value in TARIFF_CHANGES.items():
        yield f"tariff {name}", PLAIN, replace(PLAIN, tariff=replace(PLAIN.tariff, **{name: value}))
    for name, value in LIMIT_CHANGES.items():
        yield f"limits {name}", PLAIN, replace(PLAIN, limits=replace(PLAIN.limits, **{name: value}))
    for name, terms in changed_terms():
        changed = ConformityTerms.from_dict(terms)
        yield f"terms {name}", PLAIN, replace(PLAIN, limits=replace(PLAIN.limits, terms=changed))
    yield "window", PLAIN, replace(PLAIN, contest_window_seconds=3600)
    yield "source", PLAIN, replace(PLAIN, source=AllocationSource.OPERATOR)


def test_the_cases_change_every_field_that_a_rule_has():
    assert {field.name for field in fields(SharingKeyChoice)} == set(KEY_CHANGES)
    assert {field.name for field in fields(LinkTerms)} == set(LINK_CHANGES)
    assert {field.name for field in fields(Tariff)} - {"windows"} == set(TARIFF_CHANGES)
    assert {field.name for field in fields(ConformityLimits)} == set(LIMIT_CHANGES)
    assert {field.name for field in fields(Rule)} == {
        *("sharing_key", "tariff", "limits", "contest_window_seconds", "source")
    }


@pytest.mark.parametrize(
    ("name", "before", "after"), list(changed_rules()), ids=lambda value: str(value)[:30]
)
def test_whatever_changes_is_said_and_said_both_ways(name, before, after):
    found = differences_of(before, after)
    assert found, name
    back = differences_of(after, before)
    assert [(one.field, one.place, one.after, one.before) for one in found] == [
        (one.field, one.place, one.before, one.after) for one in back
    ]
    if name not in {"links own_first", "key links", "key tiers", "key pairs_ppm"}:
        assert len({one.field for one in found}) == 1, [one.field for one in found]


@pytest.mark.parametrize("method", METHODS)
def test_a_rule_does_not_differ_from_itself(method):
    assert differences_of(rule_of(method), rule_of(method)) == []


def test_each_point_has_a_line_of_its_own():
    before = rule_of("static")
    key = replace(before.sharing_key, coefficients_ppm={"anna-load": 500_000, "bob-load": 100_000})
    found = differences_of(before, replace(before, sharing_key=key))
    assert [(one.place, one.before, one.after, one.unit) for one in found] == [
        (("anna-load",), 600_000, 500_000, Unit.PPM),
        (("bob-load",), None, 100_000, Unit.PPM),
        (("cleo-load",), 400_000, None, Unit.PPM),
    ]


def test_prices_by_time_of_day_are_compared_hour_by_hour_and_told_in_stretches():
    flat = rule_of()
    tariff = replace(
        flat.tariff,
        residual_prices=(160_000, 250_000, 300_000),
        windows=(
            PriceWindow(0, 360, 0),
            PriceWindow(360, 1080, 1),
            PriceWindow(1080, 1200, 2),
            PriceWindow(1200, 1440, 1),
        ),
    )
    found = differences_of(flat, replace(flat, tariff=tariff))
    assert [(one.place, one.before, one.after) for one in found] == [
        (("00:00-06:00",), 250_000, 160_000),
        (("18:00-20:00",), 250_000, 300_000),
    ]
    split = replace(flat.tariff, windows=(PriceWindow(0, 60, 0), PriceWindow(60, 1440, 0)))
    assert differences_of(flat, replace(flat, tariff=split)) == []


def test_a_network_price_said_twice_is_no_difference():
    flat = rule_of()
    same = replace(flat.tariff, network_shared_price=flat.tariff.network_price)
    assert differences_of(flat, replace(flat, tariff=same)) == []


def test_terms_of_conformity_are_told_parameter_by_parameter_and_rule_by_rule():
    terms = ConformityTerms.from_dict(
        {
            "zero_run": {"hours": 24},
            "register": {"tolerance_watt_hours": 500},
            "left_out": ["spike"],
            "treatments": {"zero-run": "useless", "gap": "estimable"},
        }
    )
    found = differences_of(PLAIN, replace(PLAIN, limits=replace(PLAIN.limits, terms=terms)))
    assert [(one.field, one.place, one.before, one.after, one.unit) for one in found] == [
        ("conformity.rules.zero_run.hours", (), 12, 24, Unit.HOURS),
        ("conformity.rules.register.tolerance_watt_hours", (), 2_000, 500, Unit.WATT_HOURS),
        ("conformity.rules.left_out", ("spike",), False, True, Unit.FLAG),
        ("conformity.rules.treatments", ("zero-run",), "estimable", "useless", Unit.CHOICE),
    ]
