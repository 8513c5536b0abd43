"""Lanes of the outbox beside settlement's: a step in a lane of its own holds up only itself.

Settlement stops at the first call that a contract refuses, and must. What members do besides (vote, take a seat,
argue a case) may be refused when it is mined, because they did the same elsewhere meanwhile, and nobody's settlement
waits behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ports import OutboxEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.ports import ContractCall, Records
    from backend.services.context import SettlementContext

__all__ = ["announce_apart", "lane_of"]

_MARK = "~"  # no community's id has such a mark


def lane_of(community: str, purpose: str) -> str:
    """Where the outbox keeps a step apart from settlement."""
    return f"{community}{_MARK}{purpose}"


def announce_apart(
    context: SettlementContext,
    community: str,
    purpose: str,
    call: ContractCall,
    *,
    lane: str = "",
    keep: Callable[[Records], None] = lambda _: None,
) -> None:
    """Send a call once for its purpose, in a lane of its own, and wait until it is final.

    Args:
        context: Ports.
        community: Its id.
        purpose: What the call is for: the same again is the same call, and only follows it to its end.
        call: The call.
        lane: Which lane, where several steps must keep their order; the purpose's own where not given.
        keep: What is kept in the transaction that announces it.

    Raises:
        ContractRefusal: In words; nothing is kept.
    """
    entry = OutboxEntry(purpose, lane_of(community, lane or purpose), 0, call)
    with context.store.reading() as records:
        known = records.outbox_entry(purpose) is not None
    if known:
        context.outbox.drain(entry.community)
    else:
        context.announce(keep, entry)
