"""Who is invoiced can be changed and erased; what was issued cannot be changed."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from backend.errors import ConflictError, StoreError
from backend.ports import InvoiceRecord, PartyRecord
from tests.integration.store.sample_records import PERIOD, put_period
from tests.integration.store.test_durability import _data_folder, _holds

PARTY = PartyRecord("roof", "home-01", {"iban": "DE89370400440532013000", "city": "Lyon"})
INVOICE = InvoiceRecord(
    "roof", "ROOF.I-2017-000001", PERIOD, 1, "", "home-01", 380, 1_500_000_000, {"lines": [1], "name": "Anna"}
)


@pytest.fixture
def kept(store):
    with store.transaction() as records:
        put_period(records)
        records.put_party(PARTY)
        records.put_party(PartyRecord("roof", "", {"city": "Paris"}))
        records.add_invoice(INVOICE)
    return store


def test_parties_and_invoices_come_back_as_they_were_put(kept):
    with kept.reading() as records:
        assert [party.participant for party in records.parties("roof")] == ["", "home-01"]
        assert records.parties("roof")[1] == PARTY
        assert records.invoices("roof") == records.invoices("roof", PERIOD) == [INVOICE]
        assert records.invoices("roof", PERIOD + 1) == []


def test_a_party_may_move_and_an_invoice_may_not(kept):
    with kept.transaction() as records:
        records.put_party(replace(PARTY, details={"city": "Nice"}))
        records.add_invoice(INVOICE)
    with kept.reading() as records:
        assert records.parties("roof")[1].details == {"city": "Nice"}
    with (
        pytest.raises(
            ConflictError, match=r"ROOF\.I-2017-000001 of roof is kept already with another content"
        ),
        kept.transaction() as records,
    ):
        records.add_invoice(replace(INVOICE, content={"lines": []}))
    with (
        pytest.raises((ConflictError, StoreError), match="an issued invoice never changes"),
        kept.transaction() as records,
    ):
        records._session.execute(text("UPDATE invoice SET buyer = 'other'"))  # noqa: SLF001 -- by hand


def test_an_erased_party_is_gone_and_erasing_again_finds_nothing(kept):
    with kept.transaction() as records:
        assert records.erase_party("roof", "home-01")
        assert not records.erase_party("roof", "home-01")
    with kept.reading() as records:
        assert [party.participant for party in records.parties("roof")] == [""]


def test_an_erased_account_is_in_no_file_of_the_store(kept, home, database_url):
    secret = PARTY.details["iban"]
    folder = _data_folder(kept, home, database_url)
    assert _holds(folder, secret)
    with kept.transaction() as records:
        assert records.erase_party("roof", "home-01")
    assert not _holds(folder, secret)
