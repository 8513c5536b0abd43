from __future__ import annotations

from dataclasses import replace

import pytest

from backend.billing.invoices import (
    PartyDetails,
    missing_details,
    needs_of_community,
    read_parties,
    write_parties_template,
)
from backend.community import Biller, Seller, SharingKeyChoice, VatStatus
from backend.errors import InputError

BOTH = ["anna", "bob"]


@pytest.fixture
def community(ruelle):
    return ruelle.community


def _needs(community, **tariff):
    rule = replace(community.rule, tariff=replace(community.rule.tariff, **tariff))
    return {need.party: need.required for need in needs_of_community(replace(community, rule=rule))}


def test_a_template_is_a_file_of_parties_for_exactly_the_members(community):
    text = write_parties_template(community, {})
    assert read_parties(text, "P.toml", BOTH) == {}
    assert [line for line in text.splitlines() if line.startswith("id")] == ['id = "anna"', 'id = "bob"']
    for need in needs_of_community(community):
        assert need.required[:3] == ("street", "postcode", "city")


def test_a_filled_template_holds_all_that_invoices_ask_for(community, make_invoices):
    text = write_parties_template(community, {})
    values = {
        "street": "x",
        "postcode": "1",
        "city": "y",
        "vat_id": "FR83404833048",
        "iban": "BE68539007547034",
    }
    for name, value in values.items():
        text = text.replace(f'\n{name} = ""', f'\n{name} = "{value}"')
    assert make_invoices(parties=read_parties(text, "P.toml", BOTH))


def test_what_is_known_stands_in_the_template_and_comes_back_as_it_was(community, parties):
    odd = parties | {"bob": replace(parties["bob"], street='"Les \\ Noyers"', vat_id="", tax_id="12")}
    text = write_parties_template(community, odd)
    assert read_parties(text, "P.toml", BOTH) == odd
    assert '\nvat_id = ""' not in text


@pytest.mark.parametrize(
    ("tariff", "status", "needed"),
    [
        ({}, VatStatus.LIABLE, {"vat_id", "iban"}),
        ({}, VatStatus.PRIVATE, {"iban"}),
        ({"billed_by_community": Biller.NOTHING}, VatStatus.LIABLE, set()),
        ({"billed_by_community": Biller.SURPLUS}, VatStatus.EXEMPT, {"vat_id", "iban"}),
        (
            {"billed_by_community": Biller.NOTHING, "seller": Seller.PRODUCER},
            VatStatus.LIABLE,
            {"vat_id", "iban"},
        ),
    ],
)
def test_who_sells_is_asked_for_account_and_tax_number(community, tariff, status, needed):
    sellers = tuple(replace(person, vat_status=status) for person in community.participants)
    asked = _needs(replace(community, participants=sellers), **tariff)
    assert set(asked["bob"]) - {"street", "postcode", "city"} == needed
    assert set(asked["anna"]) == {"street", "postcode", "city"}


def test_an_incentive_is_paid_to_everyone_and_sold_by_nobody(community):
    key = SharingKeyChoice("incentive")
    asked = _needs(replace(community, rule=replace(community.rule, sharing_key=key)))
    assert "iban" in asked["anna"]
    assert "vat_id" not in asked["bob"]


def test_without_a_country_of_its_own_a_community_asks_everyone_for_one(community):
    assert all("country" in names for names in _needs(replace(community, country="none")).values())


def test_all_that_is_missing_is_told_at_once_and_those_alike_together(make_invoices):
    with pytest.raises(
        InputError, match=r"the community has no .*; anna has no street.*; bob has no"
    ) as refused:
        make_invoices(parties={})
    assert "partage parties template ruelle > PARTIES.toml" in str(refused.value)
    many = [(f"home-{place}", ("street",)) for place in range(200)]
    assert missing_details({}, many) == ["home-0, home-1, home-2 and 197 more have no street"]
    assert missing_details({"home-0": PartyDetails(street="x")}, many[:1]) == []
