"""Invoice numbers: gapless per seller and year. The store hands out the counter, this gives it its form."""

from __future__ import annotations

import re

from backend.errors import InputError

__all__ = ["format_invoice_number", "parse_invoice_number"]

_SELLER = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_NUMBER = re.compile(r"([A-Z0-9][A-Z0-9._-]{0,62})-([0-9]{4})-([0-9]{6,})")


def format_invoice_number(seller: str, year: int, counter: int) -> str:
    """Such as ``ROOF-2017-000001``.

    Args:
        seller: Id of the community, or of whom it bills in the name of.
        year: Of issue, four digits.
        counter: From 1, as the store hands it out for this seller and year.
    """
    assert _SELLER.fullmatch(seller), seller
    assert 1000 <= year <= 9999, year  # noqa: PLR2004 -- four digits
    assert counter >= 1, counter
    return f"{seller.upper()}-{year}-{counter:06d}"


def parse_invoice_number(number: str) -> tuple[str, int, int]:
    """Seller, year and counter of an invoice number.

    Raises:
        InputError: If it is not one.
    """
    match = _NUMBER.fullmatch(number)
    if (
        not match
        or int(match[3]) < 1
        or format_invoice_number(match[1].lower(), int(match[2]), int(match[3])) != number
    ):
        raise InputError(f"{number!r} is not an invoice number; they look like ROOF-2017-000001.")
    return match[1].lower(), int(match[2]), int(match[3])
