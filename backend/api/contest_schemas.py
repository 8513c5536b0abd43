"""What goes in and out about contests, as the API describes it. Instants ISO 8601 in UTC."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "Advice",
    "ContestAgreed",
    "LookAsked",
    "LookCard",
    "LookId",
    "QuestionAsked",
    "QuestionCard",
    "ToldContest",
]

_LOOK = r"^[0-9a-f]{24}$"
_LABEL = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$"
_POINT = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_TEXT = r"^[^\x00]*$"

LookId = Annotated[str, Path(pattern=_LOOK, description="Id of a look.")]


class _Taken(BaseModel):
    """What a caller sends: nothing that is not named, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LookAsked(_Taken):
    """Which interval of one's own metering point to look at, and all that it flows into."""

    label: str = Field(pattern=_LABEL)
    metering_point: str = Field(pattern=_POINT)
    start: AwareDatetime = Field(strict=False)


class LookWords(BaseModel):
    """What a contest would prove, show to everyone for ever, and lead to."""

    reason: str
    shown: list[str]
    outcome: str
    warning: str


class LookCard(BaseModel):
    """A look: no ``contest`` where nothing is wrong; with ``shows_others`` it is not one's own to send."""

    id: str
    label: str
    version: int
    metering_point: str
    start: str
    looked_at: str
    contest: str | None
    shows_others: bool
    words: dict[Literal["en", "fr"], LookWords]
    words_hash: str
    question: str | None
    asked_at: str | None
    advice: Literal["contest", "leave"] | None
    answer: str | None
    answered_at: str | None
    consented_at: str | None
    sent_at: str | None


class QuestionCard(LookCard):
    """A look that the arbiter was asked about."""

    participant: str


class QuestionAsked(_Taken):
    """What a member asks the arbiter in confidence."""

    text: str = Field(min_length=1, max_length=4000, pattern=_TEXT)


class Advice(_Taken):
    """What the arbiter answers."""

    advice: Literal["contest", "leave"]
    text: str = Field(min_length=1, max_length=4000, pattern=_TEXT)


class ContestAgreed(_Taken):
    """A member's agreement to what they were shown, and the wish to send it."""

    look: str = Field(pattern=_LOOK)
    consent: Literal[True]
    words_hash: str = Field(pattern=r"^0x[0-9a-f]{64}$")


class ToldContest(BaseModel):
    """A contest that succeeded, as the chain tells it."""

    label: str
    version: int
    run_id: str
    event: str
    by: str
    voids: Literal["run", "bills"]
    transaction: str
    block: int
