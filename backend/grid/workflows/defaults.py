"""The workflows that a network begins with: moving a connection to another phase, and a transformer's residual."""

from __future__ import annotations

from backend.grid.alarms.measures import AlarmSeverity
from backend.grid.workflows.workflow import FieldKind, Step, StepField, Workflow

__all__ = ["DEFAULT_WORKFLOWS", "PHASE_SWITCH", "RESIDUAL"]

_WEEK = 7 * 24.0

PHASE_SWITCH = Workflow(
    id="phase-switch",
    title="Move a connection to another phase",
    steps=(
        Step(
            "plan",
            "Plan the switch: crew, day, access",
            {"planned": "announce", "refused": "cancelled"},
            fields=(
                StepField("crew", "Crew", is_required=True),
                StepField("day", "Day of the switch", FieldKind.DATE, is_required=True),
                StepField("note", "What the crew must know"),
            ),
            limit_hours=4 * _WEEK,
        ),
        Step(
            "announce",
            "Announce the interruption to the customer",
            {"announced": "switch", "objected": "plan"},
            fields=(
                StepField(
                    "channel",
                    "How",
                    FieldKind.CHOICE,
                    is_required=True,
                    choices=("letter", "e-mail", "telephone", "door"),
                ),
                StepField("announced_on", "On", FieldKind.DATE, is_required=True),
            ),
            limit_hours=2 * _WEEK,
        ),
        Step(
            "switch",
            "Switch the phase; dead before work, rotation checked after",
            {"switched": "measure", "not-possible": "plan"},
            fields=(
                StepField(
                    "phase_found",
                    "Phase found before the switch",
                    FieldKind.CHOICE,
                    is_required=True,
                    choices=("L1", "L2", "L3", "L123"),
                ),
                StepField("switched_on", "On", FieldKind.DATE, is_required=True),
                StepField("rotation_checked", "Rotating field checked (three phases)", FieldKind.FLAG),
                StepField("note", "Findings on site"),
            ),
            limit_hours=2 * _WEEK,
            escalation=AlarmSeverity.CRITICAL,
        ),
        Step(
            "measure",
            "Measure for two weeks at least",
            {"measured": "verify"},
            fields=(StepField("measured_until", "Until", FieldKind.DATE, is_required=True),),
            limit_hours=6 * _WEEK,
        ),
        Step(
            "verify",
            "Compare what was gained with what was expected",
            {"gained": "closed", "not-gained": "plan", "given-up": "closed-without-gain"},
            fields=(
                StepField("gain_kw", "Measured gain", FieldKind.NUMBER, is_required=True, unit="kW"),
                StepField("note", "Why it differs"),
            ),
            limit_hours=_WEEK,
        ),
    ),
    endings={
        "closed": "Switched, gain shown",
        "closed-without-gain": "Switched, without the gain",
        "cancelled": "Not switched",
    },
)

RESIDUAL = Workflow(
    id="residual",
    title="Find what a transformer's meters do not explain",
    steps=(
        Step(
            "look",
            "Look at the suspected place and the records",
            {"record-wrong": "correct", "visit-needed": "visit", "explained": "closed"},
            fields=(StepField("finding", "What was found", is_required=True),),
            limit_hours=2 * _WEEK,
        ),
        Step(
            "visit",
            "Visit: seals, terminals, phases, meter number",
            {
                "record-wrong": "correct",
                "meter-faulty": "replace",
                "nothing-found": "look",
                "explained": "closed",
            },
            fields=(
                StepField("visited_on", "On", FieldKind.DATE, is_required=True),
                StepField("finding", "What was found", is_required=True),
            ),
            limit_hours=4 * _WEEK,
        ),
        Step(
            "correct",
            "Correct the record",
            {"corrected": "verify"},
            fields=(StepField("change", "What was changed", is_required=True),),
            limit_hours=_WEEK,
        ),
        Step(
            "replace",
            "Replace the meter",
            {"replaced": "verify"},
            role="provider",
            fields=(StepField("replaced_on", "On", FieldKind.DATE, is_required=True),),
            limit_hours=4 * _WEEK,
            escalation=AlarmSeverity.CRITICAL,
        ),
        Step(
            "verify",
            "Is the residual gone?",
            {"gone": "closed", "still-there": "look"},
            fields=(StepField("residual_kw", "Residual now", FieldKind.NUMBER, is_required=True, unit="kW"),),
            limit_hours=2 * _WEEK,
        ),
    ),
    endings={"closed": "Explained"},
)

DEFAULT_WORKFLOWS = (PHASE_SWITCH, RESIDUAL)
