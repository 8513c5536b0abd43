from __future__ import annotations

import pytest

from backend.billing import format_invoice_number, parse_invoice_number
from backend.errors import InputError


def test_numbers_name_seller_year_and_place():
    assert format_invoice_number("roof", 2017, 1) == "ROOF-2017-000001"
    assert format_invoice_number("roof", 2017, 1_234_567) == "ROOF-2017-1234567"


@pytest.mark.parametrize("seller", ["roof", "roof-2017", "a.b_c-9"])
def test_numbers_read_back(seller):
    assert parse_invoice_number(format_invoice_number(seller, 2018, 42)) == (seller, 2018, 42)


@pytest.mark.parametrize(
    "text", ["", "ROOF-2017-1", "roof-2017-000001", "ROOF-17-000001", "ROOF-2017-000000", "ROOF-2017-0000001"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InputError, match="not an invoice number"):
        parse_invoice_number(text)
