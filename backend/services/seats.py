"""Seats: who votes. A seat is the number of a participant's first slot; its holder is the participant's account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, NotFoundError
from backend.ports import ContractCall
from backend.services.ethereum_login import checksummed
from backend.services.lanes import announce_apart

if TYPE_CHECKING:
    from backend.ports import ChainGateway
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["Seat", "find_seat", "seat_account", "seat_number", "seats_of"]


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of a community.

    Attributes:
        number: First slot of the participant.
        participant: Its id.
        holder: Account; empty where nobody holds it.
        weight: Votes of the seat now; 0 where nobody holds it.
    """

    number: int
    participant: str
    holder: str
    weight: int


def find_seat(view: CommunityView, participant: str) -> int | None:
    """The seat of a participant: the first of their slots; None where they have no metering point."""
    slots = [view.slots[point.id] for point in view.community.points_of(participant)]
    return min(slots, default=None)


def seat_number(view: CommunityView, participant: str) -> int:
    """The seat of a participant.

    Raises:
        NotFoundError: If there is no such participant, or it has no metering point.
    """
    found = find_seat(view, participant)
    if found is None:
        raise NotFoundError(f"{view.record.id} has no participant {participant!r} with a metering point.")
    return found


def seats_of(context: SettlementContext, view: CommunityView) -> list[Seat]:
    """All seats, in the order of their numbers, as the chain has them now."""
    numbers = sorted(
        (seat_number(view, participant.id), participant.id)
        for participant in view.community.participants
        if view.community.points_of(participant.id)
    )
    chain, anchor = context.chain, view.record.anchor
    holders = [_holder(chain, anchor, number) for number, _ in numbers]
    held = [holder for holder in holders if holder]
    told: Any = chain.read("registry", "votesAtMany", anchor, held, _now(chain)) if held else [[], []]
    weights = dict(zip(held, told[1], strict=True))
    return [
        Seat(number, participant, holder, int(weights.get(holder, 0)))
        for (number, participant), holder in zip(numbers, holders, strict=True)
    ]


def _now(chain: ChainGateway) -> int:
    """The head's time: votes are asked for at no moment that is to come. [s since 1970, UTC]"""
    return int(chain.read("registry", "clock"))


def _holder(chain: ChainGateway, anchor: str, number: int) -> str:
    holder = str(chain.read("registry", "holderOf", anchor, number))
    return "" if int(holder, 16) == 0 else checksummed(holder)


def seat_account(context: SettlementContext, community: str, participant: str, account: str) -> int:
    """Have the steward give a participant's seat to an account; doing it again changes nothing.

    Args:
        context: Ports.
        community: Its id.
        participant: Whose seat.
        account: Address that will hold it.

    Returns:
        The seat.

    Raises:
        NotFoundError: If there is no such participant.
        ConflictError: If another account holds the seat.
        ContractRefusal: If the registry refuses: no point of the seat was ever confirmed, or the account was seated
            before.
    """
    view = context.community(community)
    seat, anchor = seat_number(view, participant), view.record.anchor
    holder = _holder(context.chain, anchor, seat)
    if holder.lower() == account.lower():
        return seat
    if holder:
        raise ConflictError(
            f"seat {seat} of {participant} is held by {holder}; its holder replaces the key, or the steward proposes "
            "a recovery where it is lost."
        )
    call = ContractCall("steward", "registry", "grantSeat", (anchor, seat, account))
    purpose = f"{community}/seat/{seat}/{account.lower()}"
    announce_apart(context, community, purpose, call)
    return seat
