"""Doing the steps of work orders: what is due, who may say that it is done, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError, PermissionDeniedError
from backend.ports.grid_event_records import EventKind, WorkStepRecord
from backend.services.grid.event_settings import find_workflow
from backend.services.grid.events import note_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.grid.workflows import Refusal, Step, Workflow
    from backend.ports import Records
    from backend.ports.grid_event_records import WorkOrderRecord

__all__ = ["OrderProgress", "StepReport", "escalate_overdue", "progress_of", "report_step"]

_AHEAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class StepReport:
    """What somebody says was done.

    Attributes:
        order: Id of the work order.
        step: Id of the step.
        outcome: How it went.
        fields: What was filled in, by name.
        at_utc: When it was done. [s since 1970, UTC]
    """

    order: str
    step: str
    outcome: str
    fields: Mapping[str, Any]
    at_utc: int


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """How far a work order is.

    Attributes:
        order: The order.
        workflow: As it was when the order began.
        steps: Done so far.
        at: The step that is due, or the ending.
        entered_utc: Since when it is due. [s since 1970, UTC]
    """

    order: WorkOrderRecord
    workflow: Workflow
    steps: tuple[WorkStepRecord, ...]
    at: str
    entered_utc: int

    @property
    def due_step(self) -> Step | None:
        """The step that is due, None once the work is over."""
        return self.workflow.step(self.at)

    @property
    def due_utc(self) -> int | None:
        """When it has taken too long, None where it cannot. [s since 1970, UTC]"""
        step = self.due_step
        return None if step is None else step.due_utc(self.entered_utc)


def progress_of(records: Records, orders: Sequence[WorkOrderRecord]) -> list[OrderProgress]:
    """How far orders are, in their order."""
    done: dict[str, list[WorkStepRecord]] = {}
    for step in records.work_steps([order.id for order in orders]):
        done.setdefault(step.work_order, []).append(step)
    known: dict[tuple[str, str, int], Workflow] = {}
    told = []
    for order in orders:
        key = (order.network, order.workflow, order.workflow_version)
        if key not in known:
            known[key] = find_workflow(records, *key)
        steps = tuple(done.get(order.id, ()))
        at = steps[-1].leads_to if steps else known[key].first
        entered = steps[-1].at_utc if steps else order.created_utc
        told.append(OrderProgress(order, known[key], steps, at, entered))
    return told


def report_step(
    records: Records,
    network: str,
    report: StepReport,
    *,
    by: str,
    roles: Sequence[str],
    source: str,
    now_utc: int,
) -> OrderProgress:
    """Take a step of a work order; the same report again changes nothing.

    Args:
        records: Of a transaction.
        network: Name.
        report: What was done.
        by: Id of the user, empty for a command.
        roles: Of whoever says so.
        source: ``page``, ``command`` or ``import``.
        now_utc: [s since 1970, UTC]

    Raises:
        NotFoundError: If the network has no such order.
        ConflictError: If another step is due, or none.
        PermissionDeniedError: If the step is for another role.
        InputError: If the outcome, a field or the instant does not fit: every reason is named.
    """
    (progress,) = progress_of(records, [records.work_order(network, report.order)])
    if _is_known(progress, report):
        return progress
    refusals = progress.workflow.refusals(progress.at, report.step, report.outcome, report.fields, roles)
    if refusals:
        raise _refuse(progress.order, refusals)
    if not progress.entered_utc <= report.at_utc <= now_utc + _AHEAD_SECONDS:
        raise InputError(
            f"work order {progress.order.id}: step {report.step!r} was done at {report.at_utc} s since 1970; give an "
            f"instant after it was due ({progress.entered_utc}) and not after now ({now_utc})."
        )
    leads_to = progress.workflow.advance(progress.at, report.outcome)
    kept = WorkStepRecord(
        work_order=progress.order.id,
        number=len(progress.steps) + 1,
        step=report.step,
        outcome=report.outcome,
        leads_to=leads_to,
        fields=_filled(report.fields),
        by=by,
        source=source,
        at_utc=report.at_utc,
        noted_utc=now_utc,
    )
    records.add_work_step(kept)
    after = OrderProgress(progress.order, progress.workflow, (*progress.steps, kept), leads_to, report.at_utc)
    _note_step(records, after, kept)
    return after


def _is_known(progress: OrderProgress, report: StepReport) -> bool:
    """Was this said before? Then it is said again because the answer was lost."""
    return any(
        (step.step, step.outcome, step.at_utc, step.fields)
        == (report.step, report.outcome, report.at_utc, _filled(report.fields))
        for step in progress.steps
    )


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _refuse(
    order: WorkOrderRecord, refusals: Sequence[Refusal]
) -> ConflictError | InputError | PermissionDeniedError:
    told = f"work order {order.id}: {'; '.join(one.message for one in refusals)}."
    rules = {one.rule for one in refusals}
    if rules & {"ended", "step"}:
        return ConflictError(told)
    return PermissionDeniedError(told) if "role" in rules else InputError(told)


def _note_step(records: Records, progress: OrderProgress, step: WorkStepRecord) -> None:
    order, due = progress.order, progress.due_step
    follows = f"next: {due.title}" if due else progress.workflow.endings[progress.at]
    note_event(
        records,
        network=order.network,
        kind=EventKind.WORK_ORDER,
        element=order.element,
        title=f"{order.title}: {step.step} {step.outcome}; {follows}",
        at_utc=step.at_utc,
        noted_utc=step.noted_utc,
        by=step.by,
        data={
            "work_order": order.id,
            "step": step.step,
            "outcome": step.outcome,
            "leads_to": step.leads_to,
            "is_over": due is None,
        },
        event_id=f"step-{order.id}-{step.number}",
    )


def escalate_overdue(records: Records, network: str, now_utc: int) -> list[str]:
    """Note, once each, the steps that took too long; returns ids of their orders."""
    told = []
    for progress in progress_of(records, records.work_orders(network)):
        step, due = progress.due_step, progress.due_utc
        if step is None or due is None or now_utc <= due:
            continue
        order = progress.order
        is_new = note_event(
            records,
            network=network,
            kind=EventKind.WORK_ORDER,
            element=order.element,
            severity=step.escalation,
            title=f"{order.title}: overdue, {step.title}",
            at_utc=due,
            noted_utc=now_utc,
            data={"work_order": order.id, "step": step.id, "overdue": True},
            event_id=f"overdue-{order.id}-{len(progress.steps) + 1}",
        )
        if is_new:
            told.append(order.id)
    return told
