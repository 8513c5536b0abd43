"""Number series: each seller has its own, without gaps, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.billing.invoices.model import Party

__all__ = ["series_of"]


def series_of(community: str, seller: Party) -> str:
    """The series of a seller's invoices and credit notes.

    Bills, which set invoices off, are numbered in the community's plain series (``ROOF-2017-000001``); its invoices in
    ``roof.i``, those that it issues in a member's name in ``roof.i.<member>``.

    Args:
        community: Its id.
        seller: The community, or a participant.
    """
    return f"{community}.i.{seller.id}" if seller.is_member else f"{community}.i"
