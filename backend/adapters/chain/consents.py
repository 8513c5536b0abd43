"""Consents as ``CommunityRegistry`` keeps them, between accounts of owner and grantee, asked at the head."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from backend.community import read_definition
from backend.errors import ChainError, NotFoundError
from backend.ports import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.ports import ChainGateway, RecordStore, UserRecord
    from backend.ports.consents import ConsentScope

__all__ = ["ChainConsents"]

logger = logging.getLogger(__name__)

# A consent that names a role's account is for whoever has that role here.
_ROLE_KEYS = ("operator", "provider", "auditor")


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
                user = records.user(grantee)
                linked = [account.address for account in records.accounts(grantee) if not account.until_utc]
        except NotFoundError:
            return False
        points = read_definition(record.definition, f"{community}.toml").points_of(owner)
        if user is None or not points:
            return False
        seat = min(record.slots[point.id] for point in points)
        try:
            chain = self._chain()
            holder = chain.read("registry", "holderOf", record.anchor, seat)
            if not holder or holder.lower() == NOBODY:
                return False
            accounts = [*linked, *_role_accounts(chain, user, community)]
            return any(
                chain.read("registry", "consentHolds", record.anchor, holder, account, int(scope))
                and _lasts(chain, record.anchor, holder, account, scope)
                for account in accounts
            )
        except ChainError:
            logger.warning("consents cannot be read: the chain does not answer")
            return False


def _role_accounts(chain: ChainGateway, user: UserRecord, community: str) -> list[str]:
    if user.community != community:
        return []
    return [chain.address_of(key) for key in _ROLE_KEYS if key in user.roles]


def _lasts(chain: ChainGateway, anchor: str, holder: str, account: str, scope: ConsentScope) -> bool:
    """Whether the consent that the head knows of lasts now: a chain without new blocks stays at its last."""
    where = {"community": anchor, "holder": holder, "grantee": account}
    given = [event.values for event in chain.events("registry", "ConsentGiven", where=where)]
    latest = next((told for told in reversed(given) if told["scope"] == int(scope)), None)
    return latest is not None and int(latest["until"]) > chain.block_time_utc()
