"""Workflows as data: what is taken, what is refused, and how work goes from step to step."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import InputError
from backend.grid.workflows import (
    DEFAULT_WORKFLOWS,
    PHASE_SWITCH,
    FieldKind,
    StepField,
    read_workflows,
    write_workflows,
)

SMALL = {
    "id": "small",
    "title": "Small",
    "steps": [
        {"id": "do", "title": "Do it", "outcomes": {"done": "check", "no": "over"}},
        {"id": "check", "title": "Check it", "outcomes": {"well": "over", "badly": "do"}},
    ],
    "endings": {"over": "It is over"},
}


def changed(path, value):
    """The small workflow with something else at a place; None takes it away."""
    copy = deepcopy(SMALL)
    at: Any = copy
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return [copy]


def test_the_workflows_that_a_network_begins_with_are_written_and_read_back_the_same():
    assert read_workflows(json.loads(json.dumps(write_workflows(DEFAULT_WORKFLOWS)))) == DEFAULT_WORKFLOWS


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ("none", "workflows of the setting are a list of tables"),
        ([SMALL, SMALL], "has the workflow 'small' twice"),
        ([SMALL] * 21, "the setting has 21 workflows; at most 20"),
        (changed(["title"], None), "a workflow has no title"),
        (changed(["colour"], "red"), "a workflow has 'colour'; the keys are"),
        (changed(["id"], "Small!"), "has the id 'Small!'; write 1 to 63"),
        (changed(["steps"], []), "workflow 'small' has no step"),
        (changed(["steps"], 7), "steps of workflow 'small' are a list"),
        (changed(["endings"], {}), "has no endings"),
        (changed(["endings", "do"], "twice"), "has the step or ending 'do' twice"),
        (changed(["endings", "never"], "Never"), "nothing leads to 'never'"),
        (changed(["steps", 0, "outcomes"], {"no": "over"}), "nothing leads to 'check'"),
        (
            changed(["steps", 0, "outcomes", "done"], "else"),
            "step 'do': outcome 'done' leads to 'else', which is no",
        ),
        (
            changed(["steps", 1, "outcomes"], {"again": "check"}),
            "no way leads from step 'check' to an ending",
        ),
        (changed(["steps", 0, "outcomes"], {}), "step 'do' has no outcomes"),
        (changed(["steps", 0, "role"], "king"), "role is 'king'; choose one of operator, provider"),
        (changed(["steps", 0, "limit_hours"], -1), "limit_hours is '-1'; give 0 to 8784 h"),
        (changed(["steps", 0, "limit_hours"], True), "limit_hours is 'True'"),
        (changed(["steps", 0, "escalation"], "loud"), "escalation is 'loud'; choose one of info"),
        (
            changed(["steps", 0, "fields"], [{"id": "a"}]),
            "a field of workflow 'small', step 'do' has no title",
        ),
        (changed(["steps", 0, "fields"], [{"id": "a", "title": "A", "kind": "x"}]), "kind is 'x'"),
        (
            changed(["steps", 0, "fields"], [{"id": "a", "title": "A", "kind": "choice"}]),
            "kind choice has choices",
        ),
        (
            changed(["steps", 0, "fields"], [{"id": "a", "title": "A", "required": 1}]),
            "required is true or false",
        ),
        (changed(["steps", 0, "fields"], [{"id": "a", "title": "A"}] * 2), "has the field 'a' twice"),
        (changed(["steps", 0, "title"], ""), "a title is 1 to 200"),
    ],
)
def test_a_workflow_that_leads_nowhere_or_is_malformed_is_refused_by_name(tables, said):
    with pytest.raises(InputError, match=said):
        read_workflows(tables)


GOOD = {"crew": "north", "day": "2026-05-01"}


def refusals(*, at="plan", step="plan", outcome="planned", values=GOOD, roles=("operator",)):
    return [(one.rule, one.subject) for one in PHASE_SWITCH.refusals(at, step, outcome, values, roles)]


def test_a_step_that_is_due_and_filled_in_is_let_pass_and_leads_on():
    assert refusals() == []
    assert PHASE_SWITCH.advance("plan", "planned") == "announce"
    assert PHASE_SWITCH.advance("plan", "refused") == "cancelled"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"at": "closed"}, [("ended", "closed")]),
        ({"step": "switch"}, [("step", "switch")]),
        ({"roles": ("provider",)}, [("role", "plan")]),
        ({"outcome": "exploded"}, [("outcome", "exploded")]),
        ({"values": {"crew": "north"}}, [("field", "day")]),
        ({"values": GOOD | {"crew": ""}}, [("field", "crew")]),
        ({"values": GOOD | {"colour": "red"}}, [("field", "colour")]),
        (
            {"values": {}, "roles": (), "outcome": ""},
            [("role", "plan"), ("outcome", ""), ("field", "crew"), ("field", "day")],
        ),
    ],
)
def test_a_step_is_refused_for_every_reason_there_is(change, refused):
    assert refusals(**change) == refused


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldKind.NUMBER, -1.5, [True, "1", float("nan"), float("inf")]),
        (FieldKind.DATE, "2024-02-29", ["2023-02-29", "20240229", "29.2.2024", 7]),
        (FieldKind.FLAG, False, ["false", 0]),
        (FieldKind.TEXT, "x", [3, "x" * 2001]),
        (FieldKind.CHOICE, "a", ["c", 1]),
    ],
)
def test_a_field_takes_its_kind_alone(kind, good, bad):
    field = StepField("f", "F", kind, choices=("a", "b") if kind is FieldKind.CHOICE else ())
    assert not field.why_not(good)
    assert not field.why_not(None)
    assert all(field.why_not(value) for value in bad)


@pytest.mark.parametrize("digits", [400, 5_000])
def test_a_number_beyond_all_numbers_fits_no_field(digits):
    value = -(10**digits)
    assert "takes a number in kW" in StepField("n", "Load", FieldKind.NUMBER, unit="kW").why_not(value)
    assert StepField("n", "Note").why_not(value)


def test_a_number_beyond_all_numbers_is_in_no_workflow():
    path = ("steps", 0, "limit_hours")
    with pytest.raises(InputError, match="holds a number of about 5001 digits"):
        read_workflows(changed(path, 10**5_000))


def test_a_step_is_overdue_after_its_hours_and_never_without():
    plan = PHASE_SWITCH.step("plan")
    assert plan is not None
    assert plan.due_utc(1_000) == 1_000 + 4 * 7 * 86_400
    (small,) = read_workflows([SMALL])
    assert small.steps[0].due_utc(1_000) is None


@given(st.data())
def test_from_wherever_work_has_come_to_it_can_end(data):
    workflow = data.draw(st.sampled_from(DEFAULT_WORKFLOWS))
    at = workflow.first
    for _ in range(data.draw(st.integers(0, 12))):
        due = workflow.step(at)
        if due is None:
            break
        at = workflow.advance(at, data.draw(st.sampled_from(sorted(due.outcomes))))
    seen, waiting = {at}, [at]
    while waiting:
        due = workflow.step(waiting.pop())
        for target in due.outcomes.values() if due else ():
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    assert seen & workflow.endings.keys()
