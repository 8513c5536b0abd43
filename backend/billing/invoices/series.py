"""Number series: each seller has its own, without gaps, year by year."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.billing.invoices.model import Party

__all__ = ["series_of"]

_LENGTH_MAX = 40
_HEAD = 24
_DIGITS = 12


def series_of(community: str, seller: Party) -> str:
    """The series of a seller's invoices and credit notes.

    Bills, which set invoices off, are numbered in the community's plain series (``ROOF-2017-000001``); its invoices in
    ``roof.i``, those that it issues in a member's name in ``roof.i.<member>``. Ids too long for a readable number are
    shortened to their hash.

    Args:
        community: Its id.
        seller: The community, or a participant.
    """
    series = f"{community}.i.{seller.id}" if seller.is_member else f"{community}.i"
    if len(series) <= _LENGTH_MAX:
        return series
    return f"{community[:_HEAD]}.i.{sha256(series.encode()).hexdigest()[:_DIGITS]}"
