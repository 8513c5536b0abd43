"""Workflows: the steps of a piece of work, as data. Read from JSON or TOML, walked by a machine that says why not.

A workflow has steps and endings. A step says by whom it is done, what is to be filled in, which outcomes there are and
where each leads, and how long it may take. Nothing here knows a clock: instants come from whoever calls.
"""

from __future__ import annotations

from backend.grid.workflows.defaults import DEFAULT_WORKFLOWS, PHASE_SWITCH, RESIDUAL
from backend.grid.workflows.form import read_workflows, write_workflows
from backend.grid.workflows.workflow import WORK_ROLES, FieldKind, Refusal, Step, StepField, Workflow

__all__ = [
    "DEFAULT_WORKFLOWS",
    "PHASE_SWITCH",
    "RESIDUAL",
    "WORK_ROLES",
    "FieldKind",
    "Refusal",
    "Step",
    "StepField",
    "Workflow",
    "read_workflows",
    "write_workflows",
]
