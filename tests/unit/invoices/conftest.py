"""La Ruelle's treasurer: who is who, and the invoices of its one billed day."""

from __future__ import annotations

from datetime import date

import pytest

from backend.billing.invoices import IssueTerms, invoices_of, read_parties

PARTIES = """
[community]
street = "1 rue des Toits"
postcode = "69100"
city = "Villeurbanne"
vat_id = "FR40 303265045"
legal_id = "303265045"
legal_scheme = "0002"
iban = "FR76 3000 6000 0112 3456 7890 189"
bic = "AGRIFRPP"
creditor_id = "FR72ZZZ123456"
email = "treasurer@ruelle.example"

[[participants]]
id = "anna"
name = "Anna Müller"
street = "2 rue des Toits"
postcode = "69100"
city = "Villeurbanne"
iban = "DE89 3704 0044 0532 0130 00"
mandate_id = "RUELLE-0001"
mandate_date = "2017-01-15"

[[participants]]
id = "bob"
street = "3 rue des Toits"
street_2 = "porte 4"
postcode = "69100"
city = "Villeurbanne"
vat_id = "FR83404833048"
iban = "AT61 1904 3002 3457 3201"
"""


@pytest.fixture
def parties_text():
    return PARTIES


@pytest.fixture
def parties():
    return read_parties(PARTIES, "PARTIES.toml", ["anna", "bob"])


@pytest.fixture
def make_terms(parties):
    def make(**changes):
        given = {"parties": parties, "issued": date(2017, 6, 5), "language": "fr", "run_version": 1} | changes
        return IssueTerms(**given)

    return make


@pytest.fixture
def number_bills():
    def number(run):
        return [(f"RUELLE-2017-{place:06d}", bill) for place, bill in enumerate(run.bills, start=1)]

    return number


@pytest.fixture
def make_invoices(ruelle, number_bills, make_terms):
    def make(run=None, **changes):
        return invoices_of(number_bills(run or ruelle.bill()), make_terms(**changes))

    return make
