"""Workflows: the steps of a piece of work, as data. Read from JSON or TOML, walked by a machine that says why not.

A workflow has steps and endings. A step says by whom it is done, what is to be filled in, which outcomes there are and
where each leads, and how long it may take. Nothing here knows a clock: instants come from whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from backend.errors import InputError
from backend.grid.alarms.measures import AlarmSeverity
from backend.grid.huge_numbers import is_finite, refuse_huge_numbers

__all__ = [
    "WORK_ROLES",
    "FieldKind",
    "Refusal",
    "Step",
    "StepField",
    "Workflow",
    "read_workflows",
    "write_workflows",
]

WORK_ROLES = ("operator", "provider")
_WORKFLOWS_MAX, _STEPS_MAX, _FIELDS_MAX = 20, 40, 20
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_TITLE_MAX, _TEXT_MAX = 200, 2_000
_HOURS_MAX = 366 * 24.0
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


# reading and writing


def write_workflows(workflows: Sequence[Workflow]) -> list[dict[str, Any]]:
    """Workflows as JSON-ready tables; what has its default is left out."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "steps": [_tell_step(step) for step in one.steps],
            "endings": dict(one.endings),
        }
        for one in workflows
    ]


def _tell_step(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"id": step.id, "title": step.title, "role": step.role}
    if step.fields:
        told["fields"] = [_tell_field(one) for one in step.fields]
    if step.limit_hours:
        told |= {"limit_hours": step.limit_hours, "escalation": step.escalation.value}
    return told | {"outcomes": dict(step.outcomes)}


def _tell_field(one: StepField) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "title": one.title, "kind": one.kind.value}
    if one.is_required:
        told["required"] = True
    if one.unit:
        told["unit"] = one.unit
    if one.choices:
        told["choices"] = list(one.choices)
    return told


def read_workflows(tables: object) -> tuple[Workflow, ...]:
    """Workflows from JSON-ready tables.

    Raises:
        InputError: Naming workflow, step and what does not fit, and what would.
    """
    refuse_huge_numbers(tables, "the list of workflows")
    workflows = tuple(
        _workflow(table) for table in _tables(tables, "workflows", "the setting", _WORKFLOWS_MAX)
    )
    _require_unlike([one.id for one in workflows], "workflow", "the setting")
    return workflows


def _workflow(table: Mapping[str, Any]) -> Workflow:
    _require_keys(table, {"id", "title", "steps", "endings"}, set(), "a workflow")
    name = _id(table["id"], "a workflow")
    where = f"workflow {name!r}"
    steps = tuple(_step(one, where) for one in _tables(table["steps"], "steps", where, _STEPS_MAX))
    endings = table["endings"]
    if not isinstance(endings, Mapping) or not endings:
        raise InputError(f'{where} has no endings; write a table such as {{ done = "Switched" }}.')
    ends = {_id(key, f"an ending of {where}"): _title(value, where) for key, value in endings.items()}
    _require_unlike([*(step.id for step in steps), *ends], "step or ending", where)
    workflow = Workflow(name, _title(table["title"], where), steps, ends)
    _require_way(workflow, where)
    return workflow


def _require_way(workflow: Workflow, where: str) -> None:
    """Refuse what leads nowhere, what nothing leads to, and what never ends."""
    if not workflow.steps:
        raise InputError(f"{where} has no step; it begins with its first.")
    known = {step.id for step in workflow.steps} | workflow.endings.keys()
    for step in workflow.steps:
        for outcome, target in step.outcomes.items():
            if target not in known:
                raise InputError(
                    f"{where}, step {step.id!r}: outcome {outcome!r} leads to {target[:63]!r}, which is no step and no "
                    f"ending; they are {', '.join(sorted(known))}."
                )
    leads = {step.id: set(step.outcomes.values()) for step in workflow.steps}
    reached, waiting = {workflow.first}, [workflow.first]
    while waiting:
        for target in leads.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    lost = [one for one in (*leads, *workflow.endings) if one not in reached]
    if lost:
        raise InputError(
            f"{where}: nothing leads to {lost[0]!r}; let an outcome lead there, or leave it out."
        )
    ending = set(workflow.endings)
    while more := {step for step, targets in leads.items() if step not in ending and targets & ending}:
        ending |= more
    stuck = [step for step in leads if step not in ending]
    if stuck:
        raise InputError(f"{where}: no way leads from step {stuck[0]!r} to an ending.")


def _step(table: Mapping[str, Any], where: str) -> Step:
    optional = {"role", "fields", "limit_hours", "escalation"}
    _require_keys(table, {"id", "title", "outcomes"}, optional, f"a step of {where}")
    name = _id(table["id"], f"a step of {where}")
    where = f"{where}, step {name!r}"
    role = table.get("role", "operator")
    if role not in WORK_ROLES:
        raise InputError(f"{where}: role is {str(role)[:63]!r}; choose one of {', '.join(WORK_ROLES)}.")
    outcomes = table["outcomes"]
    if not isinstance(outcomes, Mapping) or not outcomes:
        raise InputError(f'{where} has no outcomes; write a table such as {{ done = "next-step" }}.')
    hours = table.get("limit_hours", 0.0)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 <= hours <= _HOURS_MAX:
        raise InputError(f"{where}: limit_hours is {str(hours)[:40]!r}; give 0 to {_HOURS_MAX:g} h.")
    escalation = table.get("escalation", AlarmSeverity.WARNING.value)
    if escalation not in list(AlarmSeverity):
        known = ", ".join(AlarmSeverity)
        raise InputError(f"{where}: escalation is {str(escalation)[:40]!r}; choose one of {known}.")
    told = tuple(_field(one, where) for one in _tables(table.get("fields", []), "fields", where, _FIELDS_MAX))
    _require_unlike([one.id for one in told], "field", where)
    return Step(
        id=name,
        title=_title(table["title"], where),
        outcomes={_id(key, f"an outcome of {where}"): str(value) for key, value in outcomes.items()},
        role=role,
        fields=told,
        limit_hours=float(hours),
        escalation=AlarmSeverity(escalation),
    )


def _field(table: Mapping[str, Any], where: str) -> StepField:
    _require_keys(table, {"id", "title"}, {"kind", "required", "unit", "choices"}, f"a field of {where}")
    name = _id(table["id"], f"a field of {where}")
    where = f"{where}, field {name!r}"
    kind = table.get("kind", "text")
    if kind not in list(FieldKind):
        raise InputError(f"{where}: kind is {str(kind)[:40]!r}; choose one of {', '.join(FieldKind)}.")
    required, choices, unit = table.get("required", False), table.get("choices", []), table.get("unit", "")
    if type(required) is not bool or not isinstance(unit, str):
        raise InputError(f"{where}: required is true or false, and unit is a text.")
    if not isinstance(choices, list | tuple) or not all(isinstance(one, str) for one in choices):
        raise InputError(f"{where}: choices are a list of texts.")
    if bool(choices) != (kind == FieldKind.CHOICE):
        raise InputError(f"{where}: a field of kind choice has choices, and no other has.")
    return StepField(name, _title(table["title"], where), FieldKind(kind), required, unit, tuple(choices))


def _tables(value: object, what: str, where: str, most: int) -> list[Mapping[str, Any]]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, Mapping) for one in value):
        raise InputError(f"{what} of {where} are a list of tables.")
    if len(value) > most:
        raise InputError(f"{where} has {len(value)} {what}; at most {most} are taken.")
    return list(value)


def _require_keys(table: Mapping[str, Any], needed: set[str], optional: set[str], where: str) -> None:
    missing, strange = needed - table.keys(), table.keys() - needed - optional
    if missing:
        raise InputError(f"{where} has no {min(missing)}; it has {', '.join(sorted(needed))}.")
    if strange:
        known = ", ".join(sorted(needed | optional))
        raise InputError(f"{where} has {str(min(strange, key=str))[:40]!r}; the keys are {known}.")


def _require_unlike(names: Sequence[str], what: str, where: str) -> None:
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise InputError(f"{where} has the {what} {twice[0]!r} twice; give each an id of its own.")


def _id(value: object, where: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InputError(f"{where} has the id {str(value)[:63]!r}; write 1 to 63 of a-z, 0-9, - and _.")
    return value


def _title(value: object, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _TITLE_MAX:
        raise InputError(f"{where}: a title is 1 to {_TITLE_MAX} characters.")
    return value
