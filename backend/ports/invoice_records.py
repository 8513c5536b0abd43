"""Records of invoices, and of the parties on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InvoiceRecord", "PartyRecord"]


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """What the treasurer knows of a participant: personal, alone in its table, so that erasure is a delete.

    Attributes:
        participant: Its id; empty for the community itself.
        details: As ``PartyDetails.as_dict`` gives them.
    """

    community: str
    participant: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    """An invoice or credit note as issued; it never changes.

    Attributes:
        number: Gapless per seller and year.
        period: Days since 1970-01-01.
        version: Of the settlement run that it was issued for.
        seller: Id of the participant who sells; empty for the community.
        buyer: Id of the participant who buys; empty for the community.
        type_code: 380, 381, 389 or 261.
        issued_utc: When. [s since 1970, UTC]
        content: As ``Invoice.as_dict`` gives it.
    """

    community: str
    number: str
    period: int
    version: int
    seller: str
    buyer: str
    type_code: int
    issued_utc: int
    content: Mapping[str, Any]
