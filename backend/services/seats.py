"""Seats: who votes. A seat is the number of a participant's first slot; its holder is the participant's account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, NotFoundError
from backend.ports import ContractCall, OutboxEntry
from backend.services.ethereum_login import checksummed

if TYPE_CHECKING:
    from backend.ports import ChainGateway
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["NOBODY", "Seat", "lane_of", "seat_account", "seat_number", "seats_of"]

NOBODY = "0x" + "00" * 20


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


def lane_of(community: str, purpose: str) -> str:
    """Where the outbox keeps a step of governance: apart from settlement, which none of them must ever hold up."""
    return f"{community}~{purpose}"


def seat_number(view: CommunityView, participant: str) -> int:
    """The seat of a participant.

    Raises:
        NotFoundError: If there is no such participant, or it has no metering point.
    """
    points = view.community.points_of(participant)
    if not points:
        raise NotFoundError(f"{view.record.id} has no participant {participant!r} with a metering point.")
    return min(view.slots[point.id] for point in points)


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
    context.announce(lambda _: None, OutboxEntry(purpose, lane_of(community, purpose), 0, call))
    return seat
