"""Records of what was decided about readings, and of who loaded them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from backend.metering.decisions import SpanTreatment

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LoadAuthor", "ReadingDecision", "TreatmentRecords"]


@dataclass(frozen=True, slots=True)
class ReadingDecision:
    """What somebody decided about a span of a point's readings; it never changes, a later one takes its place.

    Attributes:
        community: Its id.
        number: From 1, in the order of decision.
        metering_point: Whose readings.
        start_utc: Start of the span. [s since 1970, UTC]
        end_utc: Its end, exclusive. [s since 1970, UTC]
        treatment: What was decided.
        rule: Of the finding that it answers, empty where it answers none.
        reason: In words.
        loads: How many loads were known: it is about what they hold. [1]
        decided_by: Id of the user, empty for a command.
        decided_utc: [s since 1970, UTC]
    """

    community: str
    number: int
    metering_point: str
    start_utc: int
    end_utc: int
    treatment: SpanTreatment
    rule: str
    reason: str
    loads: int
    decided_by: str
    decided_utc: int


@dataclass(frozen=True, slots=True)
class LoadAuthor:
    """Who loaded readings.

    Attributes:
        community: Its id.
        load: Id of the load.
        user: Id of the user.
        loaded_utc: [s since 1970, UTC]
    """

    community: str
    load: str
    user: str
    loaded_utc: int


class TreatmentRecords(Protocol):
    """Decisions and authors, in a transaction or a view."""

    def add_decision(self, record: ReadingDecision) -> None:
        """Keep a decision; the same again changes nothing.

        Raises:
            ConflictError: If another one has its number.
        """
        ...

    def decisions(self, community: str) -> Sequence[ReadingDecision]:
        """All, in the order in which they were made."""
        ...

    def erase_decisions(self, community: str, metering_points: Sequence[str]) -> None:
        """Destroy what was decided about points."""
        ...

    def add_load_author(self, record: LoadAuthor) -> None:
        """Keep who loaded readings first; a later one changes nothing."""
        ...

    def load_authors(self, community: str) -> Sequence[LoadAuthor]:
        """Of a community's loads, as far as somebody logged in loaded them."""
        ...

    def rename_deciders(self, user: str, alias: str) -> None:
        """Put an alias in the place of a user who decided or loaded."""
        ...
