"""Sending messages about networks: to a webhook, or by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backend.grid.alarms import Route

__all__ = ["Delivery", "MessageSender"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a try.

    Attributes:
        arrived: The receiver has it.
        is_hopeless: Trying again would fail likewise: the address, not the line, is at fault.
        error: Why it did not arrive, for the operator; no secret.
    """

    arrived: bool
    is_hopeless: bool = False
    error: str = ""


class MessageSender(Protocol):
    """Sends over one channel. The same message sent again carries the same id."""

    def send(self, route: Route, message_id: str, body: str) -> Delivery:
        """Try once, within a bounded time; what the line or the receiver refuses is told, not raised.

        Args:
            route: Whereto.
            message_id: What a receiver knows a repeat by.
            body: JSON: of a webhook what is posted; of an e-mail ``subject`` and ``text``.
        """
        ...
