"""When a claim can become final: its window ends later by all the time in which the community was paused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.services.context import SettlementContext

__all__ = ["has_passed", "window_end"]


def window_end(context: SettlementContext, anchor: str, told: Mapping[str, Any]) -> int:
    """When the window of a run or of bills ends, as far as pauses are known. [s since 1970, UTC]

    Args:
        context: Ports.
        anchor: The community on chain, 0x-hex.
        told: The record that the chain tells.
    """
    return int(
        context.chain.read("pause_book", "shifted", anchor, told["proposedAt"], told["contestableUntil"])
    )


def has_passed(context: SettlementContext, anchor: str, told: Mapping[str, Any]) -> bool:
    """Has the window passed, and is the community not paused?"""
    if context.chain.read("pause_book", "isPaused", anchor):
        return False
    return window_end(context, anchor, told) <= context.chain_time_utc()
