"""The application: routes, problems, limits, headers, pages, put together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

from backend.adapters.meter_files.bodies import BODY_BYTES_MAX
from backend.adapters.networks.phase_measurements import MEASUREMENTS_BYTES_MAX
from backend.adapters.uploads import UPLOAD_BYTES_MAX
from backend.api import (
    admin_routes,
    anomaly_routes,
    case_routes,
    consent_routes,
    contest_routes,
    explanation_routes,
    file_routes,
    forecast_routes,
    governance_routes,
    grid_event_routes,
    grid_outage_routes,
    grid_routes,
    grid_summary_routes,
    grid_switching_routes,
    grid_transformer_routes,
    grid_work_routes,
    identity_routes,
    member_routes,
    operator_routes,
    privacy_routes,
    provider_routes,
    public_routes,
    reading_routes,
    reconciliation_routes,
    session_routes,
    split_routes,
)
from backend.api.access import API, require_rows
from backend.api.dependencies import Services
from backend.api.documentation import STYLE, write_documentation
from backend.api.grid_work_routes import STATUS_BYTES_MAX
from backend.api.ledger import REQUEST_BYTES_MAX
from backend.api.middleware import BodyLimit, RequestRecord, SecurityHeaders
from backend.api.pages import mount_pages
from backend.api.problems import add_problem_handlers
from backend.api.settings import ApiSettings
from backend.services.arbitration import EVIDENCE_BYTES_MAX

if TYPE_CHECKING:
    from backend.api.dependencies import Wired

__all__ = ["create_app"]

_DESCRIPTION = (
    "Govern, allocate, bill and prove the electricity that an energy community shares. Energies are whole "
    "milliwatt-hours, money whole cents, prices whole micro-euro per kWh, instants ISO 8601 in UTC. Errors are "
    "problems (RFC 9457). What changes something carries the header X-Partage-Request: 1 and may carry an "
    "Idempotency-Key."
)
_GZIP_BYTES_MIN = 1024
_GZIP_LEVEL = 6
_RPC_PATH = re.compile(r"/rpc")
_FILES_PATH = re.compile(rf"{API}/cases/[0-9a-f]{{24}}/(?:evidence|readings)")
_READINGS_PATH = re.compile(rf"{API}/readings")
_METER_FILES_PATH = re.compile(rf"{API}/provider/communities/[^/]{{1,63}}/files")
_STATUS_PATH = re.compile(
    rf"{API}/operator/communities/[^/]{{1,63}}/networks/[^/]{{1,63}}/work-orders/status"
)
_PHASES_PATH = re.compile(rf"{API}/operator/communities/[^/]{{1,63}}/networks/[^/]{{1,63}}/phases")
_METER_FILE_SECONDS_MAX = 900.0
_FILE_SECONDS_MAX = 120.0  # ten megabytes over a line that gives one megabit a second
_ROUTERS = (
    reading_routes,  # first: hundreds a second are held against each route before theirs
    session_routes,
    identity_routes,
    consent_routes,
    privacy_routes,
    member_routes,
    public_routes,
    operator_routes,
    provider_routes,
    file_routes,
    reconciliation_routes,
    explanation_routes,
    grid_routes,
    grid_summary_routes,
    grid_transformer_routes,
    grid_outage_routes,
    grid_switching_routes,
    grid_event_routes,
    grid_work_routes,
    forecast_routes,
    anomaly_routes,
    split_routes,
    governance_routes,
    case_routes,
    contest_routes,
    admin_routes,
)
# A page of another origin, a wallet say, may read the chain like any node's; nothing personal is there.
_RPC_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


def create_app(wiring: Wired, settings: ApiSettings | None = None) -> FastAPI:
    """The service over an opened home.

    Args:
        wiring: The home.
        settings: How it is reached; as the environment says without.

    Raises:
        AssertionError: If a route is missing from the table of accesses.
    """
    settings = settings or ApiSettings.from_environment()
    app = FastAPI(
        title="Partage",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.services = Services(wiring, settings)
    for room in _ROUTERS:
        app.router.routes.extend(room.router.routes)
    _add_chain(app)
    _add_documentation(app)
    mount_pages(app, settings.pages)
    add_problem_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_BYTES_MIN, compresslevel=_GZIP_LEVEL)
    app.add_middleware(
        BodyLimit,
        bytes_max=settings.body_bytes_max,
        special=(
            (_RPC_PATH, REQUEST_BYTES_MAX, settings.body_seconds_max),
            (_FILES_PATH, EVIDENCE_BYTES_MAX, _FILE_SECONDS_MAX),
            (_METER_FILES_PATH, UPLOAD_BYTES_MAX, _METER_FILE_SECONDS_MAX),
            (_READINGS_PATH, BODY_BYTES_MAX, _FILE_SECONDS_MAX),
            (_STATUS_PATH, STATUS_BYTES_MAX, _FILE_SECONDS_MAX),
            (_PHASES_PATH, MEASUREMENTS_BYTES_MAX, _METER_FILE_SECONDS_MAX),
        ),
        seconds_max=settings.body_seconds_max,
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestRecord)
    require_rows(app)
    return app


def _add_chain(app: FastAPI) -> None:
    @app.post("/rpc", include_in_schema=False)
    async def read_chain(request: Request) -> Response:
        body = await request.body()
        services: Services = app.state.services
        answer = await run_in_threadpool(services.ledger.dispatch, body)
        return Response(
            answer, media_type="application/json", headers=_RPC_HEADERS | {"Cache-Control": "no-store"}
        )

    @app.options("/rpc", include_in_schema=False)
    async def allow_reading() -> Response:
        return Response(status_code=204, headers=_RPC_HEADERS)


def _add_documentation(app: FastAPI) -> None:
    written: dict[str, Any] = {}

    @app.get("/docs", include_in_schema=False)
    def documentation() -> HTMLResponse:
        if "page" not in written:
            written["page"] = write_documentation(app)
        return HTMLResponse(written["page"])

    @app.get("/docs.css", include_in_schema=False)
    def documentation_style() -> Response:
        return Response(STYLE, media_type="text/css")
