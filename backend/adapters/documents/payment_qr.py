"""The code on a bill that a banking application scans: EPC069-12, a SEPA credit transfer."""

from __future__ import annotations

import io
from decimal import Decimal

__all__ = ["payment_qr_svg"]

_NAME_MAX = 70
_TEXT_MAX = 140
_CENTS_MAX = 99_999_999_999


def payment_qr_svg(name: str, iban: str, bic: str, cents: int, reference: str) -> str:
    """Draw the code.

    Args:
        name: Of the account.
        iban: The account.
        bic: Its bank, or empty.
        cents: Above zero. [cents]
        reference: What the payment names.

    Returns:
        An SVG; the same arguments give the same text.
    """
    from segno import helpers

    assert 0 < cents <= _CENTS_MAX, cents
    code = helpers.make_epc_qr(
        name=name[:_NAME_MAX],
        iban=iban,
        amount=Decimal(cents).scaleb(-2),
        text=reference[:_TEXT_MAX],
        bic=bic or None,
        encoding="utf-8",
    )
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", xmldecl=False, border=2)
    return drawn.getvalue().decode()
