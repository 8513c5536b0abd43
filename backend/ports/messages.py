"""Messages of a broker, as services see them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["IncomingMessage", "MessageAnswer"]


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message.

    Attributes:
        topic: Where it was published.
        payload: Its content.
        media_type: What it says of its content; empty where it says nothing.
    """

    topic: str
    payload: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class MessageAnswer:
    """What becomes of a message.

    Attributes:
        topic: Where its sender reads the answer; empty for none.
        payload: The answer.
        is_done: May it be acknowledged? Else the broker shall give it again.
    """

    topic: str
    payload: bytes
    is_done: bool
