"""How sellers stand to value-added tax."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["VatStatus"]


class VatStatus(IntEnum):
    """How a seller stands to VAT. The value is the class in leaves."""

    PRIVATE = 0
    EXEMPT = 1
    LIABLE = 2
