"""Workflows as JSON or TOML has them: read with every limit held, and written again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from backend.errors import InputError
from backend.grid.alarms.measures import AlarmSeverity
from backend.grid.huge_numbers import refuse_huge_numbers
from backend.grid.workflows.workflow import WORK_ROLES, FieldKind, Step, StepField, Workflow

__all__ = ["read_workflows", "write_workflows"]

_WORKFLOWS_MAX, _STEPS_MAX, _FIELDS_MAX = 20, 40, 20
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_TITLE_MAX = 200
_HOURS_MAX = 366 * 24.0


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
