"""What roles grant in their own community: allocations, portfolios, rules.

Every look is logged before anything is handed out.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import AwareDatetime

from backend.api.access import guarded_router
from backend.api.cursors import read_number, write_cursor
from backend.api.dependencies import AsksAs, ServicesOf
from backend.api.role_schemas import AllocationRow, Flows, HoldingRow, PointTotal, SupplierLine
from backend.api.schemas import CommunityId, Cursor, FindingItem, Label, Page, RuleCard, instant
from backend.api.spans import span_of
from backend.metering import Quality
from backend.quantities.cells import harmless_cell
from backend.services.community_views import rule_versions
from backend.services.member_views import findings_of
from backend.services.operator_views import COLUMNS, portfolio_of, select_allocations, supplier_lines_of
from backend.services.served_views import flows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.services.operator_views import AllocationRows

__all__ = ["router"]

router = guarded_router("", "roles")

_PARQUET = "application/vnd.apache.parquet"
_CHUNK_ROWS = 2_000


@router.get(
    "/operator/communities/{community}/allocations/{label}",
    response_model=Page[AllocationRow],
    responses={200: {"content": {"text/csv": {}, _PARQUET: {}}}},
)
def allocations(
    *,
    community: CommunityId,
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
    metering_point: Annotated[str | None, Query(max_length=63)] = None,
    begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    cursor: Cursor = None,
    accept: Annotated[str, Header()] = "application/json",
) -> Response:
    """Allocations of the run in force, point by point.

    All at once as CSV or Parquet where `Accept: text/csv` or `application/vnd.apache.parquet` asks for it.
    """
    place = read_number(cursor) or 0
    rows = select_allocations(services.settled, community, label, metering_point, *span_of(begin, end))
    services.note_access(opened, community, rows.participants, f"allocations {label}")
    name = "-".join(filter(None, (community, label, metering_point, "allocations")))
    if "text/csv" in accept.lower():
        headers = _saved_as(f"{name}.csv")
        return StreamingResponse(_as_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)
    if _PARQUET in accept.lower():
        return Response(_as_parquet(rows), media_type=_PARQUET, headers=_saved_as(f"{name}.parquet"))
    items = [{**row, "start": instant(row["start"])} for row in rows.rows(place, place + limit)]
    following = place + len(items)
    more = write_cursor(following) if items and following < len(rows) else None
    return JSONResponse({"items": items, "next_cursor": more})


@router.get(
    "/operator/communities/{community}/points/{label}",
    response_model=Page[PointTotal],
)
def points(
    *,
    community: CommunityId,
    label: Label,
    opened: AsksAs,
    services: ServicesOf,
    begin: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    """Sums of the run in force by metering point, over the period or a part of it."""
    rows = select_allocations(services.settled, community, label, None, *span_of(begin, end))
    services.note_access(opened, community, rows.participants, f"points {label}")
    return {"items": rows.totals(), "next_cursor": None}


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _as_parquet(rows: AllocationRows) -> bytes:
    from backend.adapters.intervals.allocation_table import encode_allocation_table

    return encode_allocation_table(
        **rows.arrays(),
        qualities=[quality.name.lower() for quality in Quality],
        resolution_minutes=rows.period.calendar.resolution_minutes,
    )


def _as_csv(rows: AllocationRows) -> Iterator[str]:
    yield ",".join(COLUMNS) + "\n"
    left = rows.rows()
    while chunk := list(islice(left, _CHUNK_ROWS)):
        yield "".join(
            f"{harmless_cell(row['metering_point'])},{instant(row['start'])},{row['resolution_minutes']},{row['quality']},"
            f"{row['energy_milliwatt_hours']},{row['allocated_milliwatt_hours']}\n"
            for row in chunk
        )


@router.get("/operator/communities/{community}/findings/{label}", response_model=Page[FindingItem])
def findings(community: CommunityId, label: Label, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What a check of the community's readings finds, worst first."""
    with services.heavy():
        items = findings_of(services.settled, community, label, None)
    named = {item["metering_point"] for item in items}
    points = services.settled.community(community).community.metering_points
    owners = {point.participant for point in points if point.id in named}
    services.note_access(opened, community, sorted(owners), f"findings {label}")
    return {"items": items, "next_cursor": None}


@router.get("/provider/communities/{community}/portfolio/{label}", response_model=Page[HoldingRow])
def portfolio(community: CommunityId, label: Label, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What each participant draws from its supplier and sells as surplus."""
    rows = portfolio_of(services.settled, community, label)
    services.note_access(opened, community, [row["participant"] for row in rows], f"portfolio {label}")
    return {"items": rows, "next_cursor": None}


@router.get("/provider/communities/{community}/lines/{label}", response_model=Page[SupplierLine])
def supplier_lines(
    community: CommunityId, label: Label, opened: AsksAs, services: ServicesOf
) -> dict[str, Any]:
    """What a supplier or offtaker bills each customer: residual supply by band, network, surplus."""
    rows = supplier_lines_of(services.settled, community, label)
    services.note_access(opened, community, sorted({row["participant"] for row in rows}), f"lines {label}")
    return {"items": rows, "next_cursor": None}


@router.get("/communities/{community}/flows/{label}", response_model=Flows, response_model_exclude_none=True)
def flows(community: CommunityId, label: Label, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Who served whom: an operator sees everyone; others see themselves and who consented, the rest as one."""
    everyone = "operator" in opened.user.roles
    viewer = opened.user.participant if opened.user.community == community else ""
    told = flows_of(services.settled, community, label, viewer=viewer, everyone=everyone)
    named = {node["id"] for node in (*told["producers"], *told["consumers"]) if node["id"]}
    services.note_access(opened, community, sorted(named), f"flows {label}")
    return told


@router.get("/governance/communities/{community}/rules", response_model=Page[RuleCard])
def rules(community: CommunityId, services: ServicesOf) -> dict[str, Any]:
    """All rule versions, the oldest first, with their coefficients."""
    return {"items": rule_versions(services.settled, community), "next_cursor": None}
