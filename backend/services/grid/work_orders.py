"""Work orders: made of a switching plan, a connection each with its own expected gain, or by hand for a residual."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError, NotFoundError
from backend.grid.network_form import read_network
from backend.grid.phases import Phases
from backend.ports.grid_event_records import EventKind, SettingKind, SettingRecord, WorkOrderRecord
from backend.services.grid.event_settings import read_setting, workflows_in_force
from backend.services.grid.events import note_event
from backend.services.grid.workflows import OrderProgress, progress_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.grid.workflows import Step
    from backend.ports import Records
    from backend.ports.grid_records import NetworkRecord

__all__ = ["PlannedSwitch", "list_orders", "make_order", "make_switch_orders", "moved_by", "order_as_dict"]

_SWITCH_WORKFLOW = "phase-switch"
_ORDERS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class PlannedSwitch:
    """A switch of a plan.

    Attributes:
        connection: Id.
        from_phases: Where it is, such as L1.
        to_phases: Where it is to be.
        gain_kw: What it alone is expected to gain. [kW]
        place: Bus where a crew does it, empty where not told.
        spur: Branch that is joined to another phase there, empty where the connection itself is.
        others: Ids of the other connections on the spur, which move with it.
    """

    connection: str
    from_phases: str
    to_phases: str
    gain_kw: float
    place: str = ""
    spur: str = ""
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> PlannedSwitch:
        """As a plan's document has it."""
        return cls(
            str(table["connection"]),
            str(table["from"]),
            str(table["to"]),
            float(table["gain_kw"]),
            str(table.get("place") or ""),
            str(table.get("spur") or ""),
            tuple(str(one) for one in table.get("others") or ()),
        )

    @property
    def title(self) -> str:
        """What is to be done."""
        along = f" and {len(self.others)} more on {self.spur}" if self.others else ""
        return f"Move {self.connection}{along} from {self.from_phases} to {self.to_phases}"


def make_switch_orders(
    records: Records,
    record: NetworkRecord,
    plan: str,
    switches: Sequence[PlannedSwitch],
    *,
    by: str,
    now_utc: int,
) -> list[OrderProgress]:
    """A work order per switch of a plan, in its order; those that are there already stay as they are.

    Args:
        records: Of a transaction.
        record: The network.
        plan: Id of the plan.
        switches: Of the plan.
        by: Id of the user, empty for a command.
        now_utc: [s since 1970, UTC]

    Raises:
        InputError: If there are too many.
        NotFoundError: If the network has no workflow for moving a connection.
        ConflictError: If a connection is gone, or on other phases than the plan moves it from: nobody is sent there.
    """
    if len(switches) > _ORDERS_MAX:
        raise InputError(
            f"plan {plan!r} has {len(switches)} switches; at most {_ORDERS_MAX} become orders at once."
        )
    _require_current(records, record, plan, switches)
    version = _keep_workflows(records, record.name, _SWITCH_WORKFLOW, by, now_utc)
    for number, switch in enumerate(switches, 1):
        details = {
            "number": number,
            "place": number,
            "crew_place": switch.place,
            **({"spur": switch.spur} if switch.spur else {}),
            **({"others": list(switch.others)} if switch.others else {}),
            "from": switch.from_phases,
            "to": switch.to_phases,
            "expected_gain_kw": round(switch.gain_kw, 4),
        }
        order = WorkOrderRecord(
            id=_order_id(record.name, plan, switch.connection),
            network=record.name,
            workflow=_SWITCH_WORKFLOW,
            workflow_version=version,
            plan=plan,
            element=switch.connection,
            title=switch.title,
            details=details,
            created_by=by,
            created_utc=now_utc,
        )
        _add(records, order)
    return progress_of(records, records.work_orders(record.name, plan))


def _require_current(
    records: Records, record: NetworkRecord, plan: str, switches: Sequence[PlannedSwitch]
) -> None:
    there = {order.element for order in records.work_orders(record.name, plan)}  # which may be done by now
    phases = {one.id: one.phases for one in read_network(record.document).connections}
    for switch in switches:
        if switch.connection in there:
            continue
        for name in (switch.connection, *switch.others):
            now = phases.get(name)
            if now is None or now != Phases.parse(switch.from_phases):
                raise ConflictError(
                    f"plan {plan!r} moves {name[:80]} from {switch.from_phases}; in network {record.name} it is "
                    f"{f'on {now}' if now else 'not there'} by now; make a plan anew."
                )


def make_order(
    records: Records,
    record: NetworkRecord,
    workflow: str,
    element: str,
    title: str,
    details: Mapping[str, Any],
    *,
    by: str,
    now_utc: int,
) -> OrderProgress:
    """A work order by hand; the same words for the same element at the same instant are the same order.

    Raises:
        NotFoundError: If the network has no such workflow.
    """
    version = _keep_workflows(records, record.name, workflow, by, now_utc)
    order = WorkOrderRecord(
        id=_order_id(record.name, workflow, element, title, str(now_utc)),
        network=record.name,
        workflow=workflow,
        workflow_version=version,
        plan="",
        element=element,
        title=title,
        details=dict(details),
        created_by=by,
        created_utc=now_utc,
    )
    _add(records, order)
    return progress_of(records, [order])[0]


def _order_id(*told: str) -> str:
    return f"wo-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]}"


def _keep_workflows(records: Records, network: str, workflow: str, by: str, now_utc: int) -> int:
    """The version that new orders begin with; what a network begins with is kept, for a later Partage may know others.

    Raises:
        NotFoundError: If it has no such workflow.
    """
    version, workflows = workflows_in_force(records, network)
    if workflow not in {one.id for one in workflows}:
        known = ", ".join(one.id for one in workflows) or "none"
        raise NotFoundError(f"Network {network!r} has no workflow {workflow!r}; it has {known}.")
    if version:
        return version
    content = read_setting(records, network, SettingKind.WORKFLOWS).content
    records.add_grid_setting(SettingRecord(network, SettingKind.WORKFLOWS, 1, content, by, now_utc))
    return 1


def _add(records: Records, order: WorkOrderRecord) -> None:
    if not records.add_work_order(order):
        return
    note_event(
        records,
        network=order.network,
        kind=EventKind.WORK_ORDER,
        element=order.element,
        title=f"Work order {order.id}: {order.title}",
        at_utc=order.created_utc,
        noted_utc=order.created_utc,
        by=order.created_by,
        data={"work_order": order.id, "workflow": order.workflow, "plan": order.plan, **order.details},
        event_id=f"order-{order.id}",
    )


def list_orders(
    records: Records, network: str, *, plan: str | None = None, roles: Sequence[str]
) -> list[OrderProgress]:
    """Orders of a network, or of one plan, the newest first; who is no operator sees those whose step is theirs."""
    found = progress_of(records, records.work_orders(network, plan))
    if "operator" in roles:
        return found
    return [one for one in found if one.due_step is not None and one.due_step.role in roles]


def moved_by(order: WorkOrderRecord) -> list[str]:
    """Ids of all that an order is about: its element, and of a spur the other connections on it."""
    return [order.element, *order.details.get("others", [])]


def order_as_dict(progress: OrderProgress, now_utc: int) -> dict[str, Any]:
    """An order as programs and pages get it; instants are seconds since 1970, UTC."""
    order, due = progress.order, progress.due_utc
    step = progress.due_step
    return {
        "id": order.id,
        "workflow": order.workflow,
        "workflow_title": progress.workflow.title,
        "workflow_version": order.workflow_version,
        "plan": order.plan,
        "element": order.element,
        "title": order.title,
        "details": order.details,
        "created_utc": order.created_utc,
        "created_by": order.created_by,
        "state": "open" if step else progress.at,
        "ending": None if step else progress.workflow.endings[progress.at],
        "since_utc": progress.entered_utc,
        "due_utc": due,
        "is_overdue": due is not None and now_utc > due,
        "due": _step_as_dict(step) if step else None,
        "steps": [
            {
                "number": done.number,
                "step": done.step,
                "title": _title(progress, done.step),
                "outcome": done.outcome,
                "leads_to": done.leads_to,
                "fields": done.fields,
                "by": done.by,
                "source": done.source,
                "at_utc": done.at_utc,
                "noted_utc": done.noted_utc,
            }
            for done in progress.steps
        ],
    }


def _title(progress: OrderProgress, step: str) -> str:
    found = progress.workflow.step(step)
    assert found is not None, f"{step} was done by this workflow"
    return found.title


def _step_as_dict(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "role": step.role,
        "outcomes": list(step.outcomes),
        "fields": [
            {
                "id": one.id,
                "title": one.title,
                "kind": one.kind.value,
                "is_required": one.is_required,
                "unit": one.unit,
                "choices": list(one.choices),
            }
            for one in step.fields
        ],
    }
