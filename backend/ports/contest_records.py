"""Records of members who look whether a run can be contested: what they were told, asked, and consented to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ContestRecords", "LookRecord"]


@dataclass(frozen=True, slots=True)
class LookRecord:
    """A look at a run; later steps are added, none is changed.

    Attributes:
        id: Random.
        community: Its id.
        participant: Who looked.
        user: Id of the user.
        period: Days since 1970-01-01.
        version: Of the run.
        run_id: 0x-hex.
        metering_point: That it is about.
        start_utc: Start of the interval that it is about. [s since 1970, UTC]
        contest: Name of the contest that the contract would take; empty where it would take none.
        place: Leaf that is contested, kind/slot/day/t; empty without a contest.
        shows_others: Would it show figures of other members?
        words: By language: what it would prove, what everyone would see for ever, what becomes of the run.
        words_hash: keccak of the words, 0x-hex.
        looked_utc: [s since 1970, UTC]
        question: Asked of the arbiter, empty where nothing was.
        asked_utc: 0 before. [s since 1970, UTC]
        advice: Of the arbiter: ``contest`` or ``leave``, empty before.
        answer: The arbiter's words.
        answered_by: Id of the user.
        answered_utc: 0 before. [s since 1970, UTC]
        consented_by: Id of the user who agreed to what the words say; empty before.
        consented_utc: 0 before. [s since 1970, UTC]
        sent_utc: 0 before. [s since 1970, UTC]
    """

    id: str
    community: str
    participant: str
    user: str
    period: int
    version: int
    run_id: str
    metering_point: str
    start_utc: int
    contest: str
    place: str
    shows_others: bool
    words: Mapping[str, Any] = field(hash=False)
    words_hash: str
    looked_utc: int
    question: str = ""
    asked_utc: int = 0
    advice: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_utc: int = 0
    consented_by: str = ""
    consented_utc: int = 0
    sent_utc: int = 0


class ContestRecords(Protocol):
    """Looks, in a transaction or a view."""

    def put_look(self, record: LookRecord) -> None:
        """Keep a look, or a step that was added to it.

        Raises:
            ConflictError: If a step that was taken changes.
        """
        ...

    def look(self, look_id: str) -> LookRecord | None:
        """A look, None where there is none."""
        ...

    def looks(self, community: str, participant: str | None = None) -> Sequence[LookRecord]:
        """Of a community, or of a participant of it, the oldest first."""
        ...

    def remove_looks(self, community: str, participant: str) -> None:
        """Forget a participant's."""
        ...
