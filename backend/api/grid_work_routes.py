"""Work orders of a network for its grid operator: made of plans or by hand, step by step, handed over as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.grid_event_routes import note_elements
from backend.api.grid_event_schemas import (
    MadeOrders,
    NewOrder,
    OrderId,
    OrderItem,
    PlanId,
    StatusTaken,
    StepId,
    StepTold,
)
from backend.api.grid_schemas import NetworkName
from backend.api.idempotency import IdempotencyKey
from backend.api.meter_data_looks import login_names
from backend.api.schemas import CommunityId, Page
from backend.errors import InputError
from backend.ports.grid_plan_records import PlanKind
from backend.services.grid.work_order_files import import_steps, write_orders_csv
from backend.services.grid.work_orders import (
    PlannedSwitch,
    list_orders,
    make_order,
    make_switch_orders,
    moved_by,
    order_as_dict,
)
from backend.services.grid.workflows import StepReport, report_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.api.dependencies import Services
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.workflows import OrderProgress
    from backend.services.sessions import OpenSession

__all__ = ["STATUS_BYTES_MAX", "router"]

router = guarded_router("/operator/communities/{community}/networks/{network}", "grid")

STATUS_BYTES_MAX = 4 * 1024 * 1024
_CSV = "text/csv"
_STATUS_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {_CSV: {"schema": {"type": "string"}}}}
}


@router.get("/work-orders", response_model=Page[OrderItem], responses={200: {"content": {_CSV: {}}}})
def work_orders(
    *,
    community: CommunityId,
    network: NetworkName,
    opened: AsksAs,
    services: ServicesOf,
    plan: Annotated[str | None, Query(max_length=80)] = None,
    accept: Annotated[str, Header()] = "application/json",
) -> Any:
    """Work orders, the newest first; as CSV where `Accept: text/csv` asks for it."""
    known = services.grid.networks.find(community, network)
    now = services.clock.now_utc()
    with services.store.reading() as records:
        found = list_orders(records, known.record.name, plan=plan, roles=opened.user.roles)
    note_elements(
        services, opened, known, "work orders", (name for one in found for name in moved_by(one.order))
    )
    if _CSV in accept.lower():
        headers = {"Content-Disposition": f'attachment; filename="{network}-work-orders.csv"'}
        points = {one.id: one.metering_points for one in known.network.connections}
        written = write_orders_csv(found, now, points)
        return Response(written, media_type=f"{_CSV}; charset=utf-8", headers=headers)
    names = login_names(services)
    return {"items": [_told(one, now, names) for one in found], "next_cursor": None}


@router.post("/work-orders", response_model=OrderItem, status_code=201)
def new_work_order(
    *,
    community: CommunityId,
    network: NetworkName,
    body: NewOrder,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Begin a piece of work by hand, such as finding a residual."""
    known = services.grid.networks.find(community, network)
    _require_element(known, body.element)

    def work() -> dict[str, Any]:
        now = services.clock.now_utc()
        with services.store.transaction() as records:
            made = make_order(
                records,
                known.record,
                body.workflow,
                body.element,
                body.title,
                {},
                by=opened.user.id,
                now_utc=now,
            )
        return _told(made, now, login_names(services))

    request = f"POST {network}/work-orders {body.model_dump_json()}"
    told: dict[str, Any] = services.once.perform(key, opened.user.id, request, work)
    note_elements(services, opened, known, "work orders", [told["element"]])
    return told


def _told(order: OrderProgress, now_utc: int, names: Mapping[str, str]) -> dict[str, Any]:
    told = order_as_dict(order, now_utc)
    steps = [one | {"by_name": names.get(one["by"], "")} for one in told["steps"]]
    return told | {"created_by_name": names.get(told["created_by"], ""), "steps": steps}


def _require_element(known: KnownNetwork, element: str) -> None:
    network = known.network
    ids = {one.id for one in (*network.branches, *network.connections, *network.buses)}
    if element not in ids:
        raise InputError(
            f"Network {known.record.name} has no element {element[:63]!r}; name one that it has."
        )


@router.post("/switching/{plan}/work-orders", response_model=MadeOrders)
def plan_work_orders(
    community: CommunityId, network: NetworkName, plan: PlanId, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Make a work order of each switch of a plan, with its own expected gain; those that are there stay."""
    known = services.grid.networks.find(community, network)
    now = services.clock.now_utc()
    with services.store.transaction() as records:
        kept = records.plan(known.record.name, plan)
        if kept.kind is not PlanKind.SWITCHING:
            raise InputError(f"Plan {plan} moves no connection; only such plans become work orders.")
        switches = [PlannedSwitch.of(table) for table in kept.document["switches"]]
        made = make_switch_orders(records, known.record, kept.id, switches, by=opened.user.id, now_utc=now)
    note_elements(
        services, opened, known, "work orders", (name for one in made for name in moved_by(one.order))
    )
    names = login_names(services)
    return {"items": [_told(one, now, names) for one in made]}


@router.post("/work-orders/{order}/steps/{step}", response_model=OrderItem)
def do_step(
    *,
    community: CommunityId,
    network: NetworkName,
    order: OrderId,
    step: StepId,
    body: StepTold,
    opened: AsksAs,
    services: ServicesOf,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Say that a step was done, how it went and what was filled in; the same again changes nothing."""
    known = services.grid.networks.find(community, network)

    def work() -> dict[str, Any]:
        now = services.clock.now_utc()
        report = StepReport(
            order, step, body.outcome, body.fields, now if body.at_utc is None else body.at_utc
        )
        with services.store.transaction() as records:
            after = report_step(
                records,
                known.record.name,
                report,
                by=opened.user.id,
                roles=opened.user.roles,
                source="page",
                now_utc=now,
            )
        return _told(after, now, login_names(services))

    request = f"POST {network}/work-orders/{order}/steps/{step} {body.model_dump_json()}"
    told: dict[str, Any] = services.once.perform(key, opened.user.id, request, work)
    moved = [told["element"], *told["details"].get("others", [])]
    note_elements(services, opened, known, "work orders", moved)
    return told


@router.post("/work-orders/status", response_model=StatusTaken, openapi_extra=_STATUS_BODY)
async def take_status(
    request: Request, community: CommunityId, network: NetworkName, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """Take what a work-order system tells of orders, as CSV: all or nothing; rows that are known change nothing."""
    body = await request.body()
    return await run_in_threadpool(_take_status, services, opened, community, network, body)


def _take_status(
    services: Services, opened: OpenSession, community: str, network: str, body: bytes
) -> dict[str, Any]:
    known = services.grid.networks.find(community, network)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"The file is no UTF-8 (byte {error.start}); save it as CSV in UTF-8.") from None
    with services.store.transaction() as records:
        taken, told = import_steps(
            records,
            known.record.name,
            text,
            by=opened.user.id,
            roles=opened.user.roles,
            now_utc=services.clock.now_utc(),
        )
    return {"taken": taken, "known": told}
