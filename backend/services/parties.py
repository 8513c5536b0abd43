"""Who is who on invoices: begin, load, read and erase what the treasurer knows of the parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.billing.invoices import (
    COMMUNITY_PARTY,
    PartyDetails,
    missing_details,
    needs_of_community,
    read_parties,
    write_parties_template,
)
from backend.errors import NotFoundError
from backend.ports import PartyRecord

if TYPE_CHECKING:
    from backend.ports import Records
    from backend.services.context import SettlementContext

__all__ = ["begin_parties", "erase_party", "lacking_details", "load_parties", "parties_of"]


def begin_parties(context: SettlementContext, community: str) -> str:
    """A file of parties to fill in, for exactly a community's members; what is known stands in it already.

    Raises:
        NotFoundError: If there is no such community.
    """
    view = context.community(community)
    with context.store.reading() as records:
        return write_parties_template(view.community, parties_of(records, community))


def lacking_details(context: SettlementContext, community: str) -> list[str]:
    """What the invoices of a community will need that is not known yet, in words; those alike are told together.

    Raises:
        NotFoundError: If there is no such community.
    """
    view = context.community(community)
    with context.store.reading() as records:
        known = parties_of(records, community)
    needs = [(need.party, need.required) for need in needs_of_community(view.community)]
    return missing_details(known, needs)


def load_parties(context: SettlementContext, community: str, text: str, file: str) -> int:
    """Keep the parties of a file in place of those known before; whom the file leaves out stays as known.

    Returns:
        Of how many parties the file tells something, the community among them. [1]

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
