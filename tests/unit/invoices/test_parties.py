from __future__ import annotations

import pytest

from backend.billing.invoices import PartyDetails, read_parties
from backend.errors import CommunityDefinitionError


def test_details_are_read_compact_and_kept_as_they_are(parties):
    assert parties[""].iban == "FR7630006000011234567890189"
    assert parties[""].vat_id == "FR40303265045"
    assert parties["anna"].can_be_debited
    assert not parties["bob"].can_be_debited
    for details in parties.values():
        assert PartyDetails.from_dict(details.as_dict()) == details


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DE89 3704", "DE88 3704", r"line 20: \[participants\] anna iban is no IBAN"),
        ("AGRIFRPP", "AGRI", "bic is no BIC"),
        ("FR72ZZZ", "FR73ZZZ", "creditor_id is no SEPA creditor identifier"),
        ("FR83404833048", "FR84404833048", "vat_id is no VAT identifier"),
        ('legal_id = "303265045"', 'legal_id = "303265046"', "legal_id is no SIREN"),
        ('id = "anna"', 'id = "ana"', 'id is "ana"; did you mean "anna"'),
        ('id = "bob"', 'id = "anna"', "there twice"),
        ("mandate_date = ", "signed = ", "signed is not known"),
        ('mandate_id = "RUELLE-0001"', "", "mandate_id is missing"),
        ("2017-01-15", "soon", "mandate_date is a text"),
        ("treasurer@ruelle", "treasurer ruelle", "email is no e-mail address"),
        ('city = "Villeurbanne"', 'city = "Lyon"\ncountry = "XX"', 'country is "XX"'),
        ('legal_scheme = "0002"', 'legal_scheme = "SIREN"', 'legal_scheme is "SIREN"'),
        ("[community]", "[comunity]", r"there is no table \[comunity\]"),
    ],
)
def test_a_fault_is_told_with_its_place(parties_text, old, new, message):
    assert old in parties_text
    with pytest.raises(CommunityDefinitionError, match=message):
        read_parties(parties_text.replace(old, new, 1), "PARTIES.toml", ["anna", "bob"])


def test_a_refusal_never_repeats_an_account_number(parties_text):
    with pytest.raises(CommunityDefinitionError) as refused:
        read_parties(parties_text.replace("DE89 3704", "DE88 3704"), "PARTIES.toml", ["anna", "bob"])
    assert "3704" not in str(refused.value)


def test_an_account_at_a_bank_that_no_list_knows_yet_is_an_iban(parties_text):
    text = parties_text.replace("DE89 3704 0044 0532 0130 00", "BE68 5390 0754 7034")
    assert read_parties(text, "P.toml", ["anna", "bob"])["anna"].iban == "BE68539007547034"


def test_what_is_left_empty_is_not_known_and_whoever_tells_nothing_is_not_there(parties_text):
    text = (
        parties_text.replace('"AT61 1904 3002 3457 3201"', '""')
        + '[[participants]]\nid = "cleo"\ncity = " "\n'
    )
    found = read_parties(text, "P.toml", ["anna", "bob", "cleo"])
    assert found["bob"].iban == ""
    assert set(found) == {"", "anna", "bob"}


def test_a_file_may_name_some_only():
    assert read_parties('[community]\ncity = "Lyon"\n', "P.toml", ["anna"]) == {"": PartyDetails(city="Lyon")}
