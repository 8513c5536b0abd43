"""A workflow: its steps, and why one cannot be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from backend.grid.alarms.measures import AlarmSeverity
from backend.grid.huge_numbers import is_finite

__all__ = [
    "WORK_ROLES",
    "FieldKind",
    "Refusal",
    "Step",
    "StepField",
    "Workflow",
]

WORK_ROLES = ("operator", "provider")
_TEXT_MAX = 2_000
_HOUR_SECONDS = 3_600


class FieldKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class StepField:
    """What is filled in at a step.

    Attributes:
        id: a-z, 0-9, dash, underscore.
        title: For people.
        kind: What it takes.
        is_required: Must it be filled in?
        unit: Of a number, for people.
        choices: Of a choice.
    """

    id: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    is_required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()

    def why_not(self, value: object) -> str:
        """Why a value does not fit, empty where it does."""
        if value is None or value == "":
            return f"{self.title!r} must be filled in" if self.is_required else ""
        if self.kind is FieldKind.NUMBER:
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and is_finite(value)
            return "" if is_number else f"{self.title!r} takes a number{self.unit and f' in {self.unit}'}"
        if self.kind is FieldKind.FLAG:
            return "" if isinstance(value, bool) else f"{self.title!r} takes true or false"
        if not isinstance(value, str):
            return f"{self.title!r} takes a text"
        if self.kind is FieldKind.CHOICE and value not in self.choices:
            return f"{self.title!r} takes one of {', '.join(self.choices)}"
        if self.kind is FieldKind.DATE and not _is_date(value):
            return f"{self.title!r} takes a date such as 2026-05-01"
        return "" if len(value) <= _TEXT_MAX else f"{self.title!r} takes at most {_TEXT_MAX} characters"


@dataclass(frozen=True, slots=True)
class Step:
    """A step.

    Attributes:
        id: a-z, 0-9, dash, underscore.
        title: For people.
        outcomes: Where each outcome leads: a step or an ending.
        role: Who does it.
        fields: What is filled in.
        limit_hours: How long it may take before it is escalated; 0 for as long as it takes. [h]
        escalation: How grave it is when it takes longer.
    """

    id: str
    title: str
    outcomes: Mapping[str, str]
    role: str = "operator"
    fields: tuple[StepField, ...] = ()
    limit_hours: float = 0.0
    escalation: AlarmSeverity = AlarmSeverity.WARNING

    def due_utc(self, entered_utc: int) -> int | None:
        """When it has taken too long, None where it cannot. [s since 1970, UTC]"""
        return entered_utc + round(self.limit_hours * _HOUR_SECONDS) if self.limit_hours else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step cannot be done so.

    Attributes:
        rule: Which check: ``ended``, ``step``, ``role``, ``outcome``, ``field``.
        subject: Step, outcome or field.
        message: In words.
    """

    rule: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow; its first step is where work begins.

    Attributes:
        id: a-z, 0-9, dash, underscore.
        title: For people.
        steps: At least one.
        endings: Title by id: where work is over.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    endings: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """Id of the step that work begins with."""
        return self.steps[0].id

    def step(self, step: str) -> Step | None:
        """By id, None for an ending or what is none."""
        return next((one for one in self.steps if one.id == step), None)

    def refusals(
        self, at: str, step: str, outcome: str, values: Mapping[str, object], roles: Sequence[str]
    ) -> list[Refusal]:
        """Why a step cannot be done so; empty where it can.

        Args:
            at: The step that is due, or the ending that was reached.
            step: The one that is said to be done.
            outcome: How it went.
            values: What was filled in, by field.
            roles: Of whoever did it.
        """
        due = self.step(at)
        if due is None:
            told = self.endings.get(at, at)
            return [Refusal("ended", at, f"the work is over ({told}); nothing is left to do")]
        if step != due.id:
            return [
                Refusal("step", step, f"the step that is due is {due.id!r} ({due.title}), not {step[:63]!r}")
            ]
        found = []
        if due.role not in roles:
            found.append(Refusal("role", due.id, f"step {due.id!r} is for the role {due.role}"))
        if outcome not in due.outcomes:
            known = ", ".join(due.outcomes)
            found.append(
                Refusal("outcome", outcome, f"step {due.id!r} has the outcomes {known}, not {outcome[:63]!r}")
            )
        known_fields = {one.id: one for one in due.fields}
        for name in values:
            if name not in known_fields:
                known = ", ".join(known_fields) or "none"
                told = f"step {due.id!r} has no field {str(name)[:63]!r}; its fields: {known}"
                found.append(Refusal("field", str(name), told))
        for name, one in known_fields.items():
            why = one.why_not(values.get(name))
            if why:
                found.append(Refusal("field", name, why))
        return found

    def advance(self, at: str, outcome: str) -> str:
        """The step that is due after an outcome, or the ending; ``refusals`` has let it pass."""
        due = self.step(at)
        assert due is not None, f"nothing is due at {at}"
        return due.outcomes[outcome]


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
