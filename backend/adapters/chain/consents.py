"""Consents as ``CommunityRegistry`` keeps them, between the accounts of owner and grantee."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from backend.community import read_definition
from backend.errors import ChainError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.ports import ChainGateway, RecordStore
    from backend.ports.consents import ConsentScope

__all__ = ["ChainConsents", "wallet_fact"]

logger = logging.getLogger(__name__)

_NOBODY = "0x" + "00" * 20


def wallet_fact(user_id: str) -> str:
    """Name of the fact that holds a user's account on chain."""
    return f"wallet/{user_id}"


class ChainConsents:
    """Asks the registry. Whoever has no account, or no seat, has given and got no consent.

    Args:
        store: Records.
        chain: Opens the gateway; not called before it is needed.
    """

    def __init__(self, store: RecordStore, chain: Callable[[], ChainGateway]) -> None:
        self._store = store
        self._chain = chain

    def holds(self, community: str, owner: str, grantee: str, scope: ConsentScope) -> bool:
        """See ``ConsentBook.holds``. A chain that does not answer gives no consent."""
        try:
            with self._store.reading() as records:
                record = records.community(community)
                account = records.fact(wallet_fact(grantee))
        except NotFoundError:
            return False
        points = read_definition(record.definition, f"{community}.toml").points_of(owner)
        if not account or not points:
            return False
        seat = min(record.slots[point.id] for point in points)
        try:
            chain = self._chain()
            holder = chain.read("registry", "holderOf", record.anchor, seat)
            if not holder or holder.lower() == _NOBODY:
                return False
            return bool(chain.read("registry", "consentHolds", record.anchor, holder, account, int(scope)))
        except ChainError:
            logger.warning("consents cannot be read: the chain does not answer")
            return False
