"""Who is who on invoices: load, read and erase what the treasurer knows of the parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.billing.invoices import COMMUNITY_PARTY, PartyDetails, read_parties
from backend.errors import NotFoundError
from backend.ports import PartyRecord

if TYPE_CHECKING:
    from backend.ports import Records
    from backend.services.context import SettlementContext

__all__ = ["erase_party", "load_parties", "parties_of"]


def load_parties(context: SettlementContext, community: str, text: str, file: str) -> int:
    """Keep the parties of a file in place of those known before; whom the file leaves out stays as known.

    Returns:
        How many parties the file names, the community among them. [1]

    Raises:
        CommunityDefinitionError: If the file has a fault; nothing of it is kept.
        NotFoundError: If there is no such community.
    """
    view = context.community(community)
    found = read_parties(text, file, [participant.id for participant in view.community.participants])
    with context.store.transaction() as records:
        for participant, details in found.items():
            records.put_party(PartyRecord(community, participant, details.as_dict()))
    return len(found)


def erase_party(context: SettlementContext, community: str, participant: str) -> None:
    """Destroy what is known of a party. Invoices that were issued keep what they say, as the law asks.

    Raises:
        NotFoundError: If nothing is known of it.
    """
    with context.store.transaction() as records:
        if not records.erase_party(community, participant):
            raise NotFoundError(f"Nothing is known of {participant or 'the community'} in {community}.")


def parties_of(records: Records, community: str) -> dict[str, PartyDetails]:
    """Details by participant; the community's under ``COMMUNITY_PARTY``."""
    found = {party.participant: PartyDetails.from_dict(party.details) for party in records.parties(community)}
    return {COMMUNITY_PARTY: PartyDetails()} | found
