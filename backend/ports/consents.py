"""Consents as services see them."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

__all__ = ["ConsentBook", "ConsentScope"]


class ConsentScope(IntEnum):
    """What a consent lets another see. The value is the one on chain."""

    BILLS = 1
    CURVES = 2
    FLEXIBILITY = 3


class ConsentBook(Protocol):
    """Who lets whom see what."""

    def holds(self, community: str, owner: str, grantee: str, scope: ConsentScope) -> bool:
        """Does a consent last now?

        Args:
            community: Its id.
            owner: Participant whose data they are.
            grantee: Id of the user who would see them.
            scope: What.
        """
        ...
