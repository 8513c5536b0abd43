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


def test_a_file_may_name_some_only():
    assert read_parties('[community]\ncity = "Lyon"\n', "P.toml", ["anna"]) == {"": PartyDetails(city="Lyon")}
