"""Who may call what: the one table, and the route class that holds to it.

403 tells that a role lacks, for roles are no secret; 404 answers a community, participant or period that is not the
caller's, as if it were not there. What writes must carry the header ``X-Partage-Request``, which no other site's form
or link can add, and JSON; cookies are SameSite=Strict besides. A device shows its token instead, which opens the one
row that is marked for devices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from backend.api.dependencies import Sender, address_of, identify, services_of
from backend.api.problems import PROBLEM_DESCRIPTION
from backend.errors import NotFoundError, PermissionDeniedError
from backend.ports.consents import ConsentScope

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import FastAPI, Request, Response

    from backend.services.sessions import OpenSession

__all__ = ["ACCESS", "ANYONE", "API", "Access", "GuardedRoute", "guarded_router", "require_rows"]

API = "/api/v1"
REQUEST_HEADER = "x-partage-request"
READING_MEDIA = frozenset(
    {"text/csv", "application/json", "application/x-ndjson", "application/vnd.apache.arrow.stream"}
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Access:
    """A row.

    Attributes:
        public: No log-in needed.
        rated: Counted per network address.
        roles: One of these is needed; empty for any user.
        own: The caller must be a participant; what is shown is theirs.
        consent: The participant in the path must be the caller, or have consented to this.
        raw: The body is a file's bytes, not JSON.
        media: What the body may be, where it is neither.
        devices: A device of the community may call it as well, by its token.
    """

    public: bool = False
    rated: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)
    own: bool = False
    consent: ConsentScope | None = None
    raw: bool = False
    media: frozenset[str] = field(default_factory=frozenset)
    devices: bool = False


ANYONE = Access(public=True)
_KNOCKING = Access(public=True, rated=True)
_USER = Access()
_OWN = Access(roles=frozenset({"member"}), own=True)
_OPERATOR = Access(roles=frozenset({"operator"}))
_PROVIDER = Access(roles=frozenset({"provider"}))
_METER_DATA_ROLES = frozenset({"provider", "operator"})
_METER_DATA = Access(roles=_METER_DATA_ROLES)
_METER_FILES = Access(roles=_METER_DATA_ROLES, raw=True)
_GOVERNANCE = Access(roles=frozenset({"governance", "member", "auditor"}))
_ADMIN = Access(roles=frozenset({"admin"}))
# Which of them is party to a case, the case says.
_PARTY_ROLES = frozenset({"member", "provider", "operator"})
_PARTY = Access(roles=_PARTY_ROLES)
# A member sees what is their own of it.
_COMPARES = Access(roles=_PARTY_ROLES)
_COMPARED = f"{API}/communities/{{community}}/periods/{{label}}/reconciliation"
_NETWORKS = f"{API}/operator/communities/{{community}}/networks"
_NETWORK = f"{_NETWORKS}/{{network}}"
_HANDS_IN = Access(roles=_PARTY_ROLES, raw=True)
_ARBITER = Access(roles=frozenset({"arbiter"}))
# Operators, providers, and the devices of their community.
_SENDS_READINGS = Access(roles=frozenset({"operator", "provider"}), media=READING_MEDIA, devices=True)
# Whose forecasts are seen, the routes hold to: the community stands in the question, not in the path.
_FORECASTS = Access(roles=frozenset({"member", "operator"}))
_SEES_CASES = Access(roles=_PARTY_ROLES | {"arbiter"})

#: (method, path template) -> who. Where the template has ``{community}``, the caller must belong to it, unless public.
ACCESS: dict[tuple[str, str], Access] = {
    ("POST", f"{API}/session"): _KNOCKING,
    ("DELETE", f"{API}/session"): _KNOCKING,
    ("POST", f"{API}/session/refresh"): _KNOCKING,
    ("POST", f"{API}/session/passkey/options"): _KNOCKING,
    ("POST", f"{API}/session/passkey"): _KNOCKING,
    ("GET", f"{API}/session/ethereum/nonce"): _KNOCKING,
    ("POST", f"{API}/session/ethereum"): _KNOCKING,
    ("GET", f"{API}/me"): _USER,
    ("PUT", f"{API}/me/password"): _USER,
    ("PUT", f"{API}/me/locale"): _USER,
    ("GET", f"{API}/me/passkeys"): _USER,
    ("POST", f"{API}/me/passkeys/options"): _USER,
    ("POST", f"{API}/me/passkeys"): _USER,
    ("DELETE", f"{API}/me/passkeys/{{credential}}"): _USER,
    ("GET", f"{API}/me/accounts"): _USER,
    ("POST", f"{API}/me/accounts/challenge"): _USER,
    ("POST", f"{API}/me/accounts"): _USER,
    ("DELETE", f"{API}/me/accounts/{{address}}"): _USER,
    ("POST", f"{API}/me/accounts/seat"): _OWN,
    ("GET", f"{API}/me/accounts/backup"): _USER,
    ("PUT", f"{API}/me/accounts/backup"): _USER,
    ("POST", f"{API}/me/accounts/replacement/draft"): _OWN,
    ("POST", f"{API}/me/accounts/replacement"): _OWN,
    ("POST", f"{API}/me/accounts/recovery"): _OWN,
    ("POST", f"{API}/me/accounts/recovery/completion"): _OWN,
    ("POST", f"{API}/me/accounts/recovery/objection/draft"): _OWN,
    ("POST", f"{API}/me/accounts/recovery/objection"): _OWN,
    ("GET", f"{API}/me/consents"): _OWN,
    ("POST", f"{API}/me/consents/draft"): _OWN,
    ("POST", f"{API}/me/consents"): _OWN,
    ("GET", f"{API}/consents/grantees"): _OWN,
    ("GET", f"{API}/me/export"): _OWN,
    ("GET", f"{API}/me/erasure"): _OWN,
    ("POST", f"{API}/me/erasure"): _OWN,
    ("DELETE", f"{API}/me/erasure"): _OWN,
    ("GET", f"{API}/me/bills"): _OWN,
    ("GET", f"{API}/me/bills/{{label}}"): _OWN,
    ("GET", f"{API}/me/bills/{{label}}/bundle"): _OWN,
    ("GET", f"{API}/me/bills/{{label}}.pdf"): _OWN,
    ("GET", f"{API}/me/energy/{{label}}"): _OWN,
    ("GET", f"{API}/me/findings/{{label}}"): _OWN,
    ("GET", f"{API}/me/explanations/{{label}}"): _OWN,
    ("GET", f"{API}/me/accesses"): _OWN,
    ("GET", f"{API}/communities/{{community}}/participants/{{participant}}/bills/{{label}}"): Access(
        consent=ConsentScope.BILLS
    ),
    ("GET", f"{API}/communities/{{community}}/participants/{{participant}}/energy/{{label}}"): Access(
        consent=ConsentScope.CURVES
    ),
    ("GET", f"{API}/public/deployment"): ANYONE,
    ("GET", f"{API}/public/communities"): ANYONE,
    ("GET", f"{API}/public/communities/{{community}}"): ANYONE,
    ("GET", f"{API}/public/communities/{{community}}/periods"): ANYONE,
    ("GET", f"{API}/public/communities/{{community}}/periods/{{label}}/profile"): ANYONE,
    ("GET", f"{API}/operator/communities/{{community}}/allocations/{{label}}"): _OPERATOR,
    ("GET", f"{API}/operator/communities/{{community}}/findings/{{label}}"): _OPERATOR,
    ("GET", f"{API}/operator/communities/{{community}}/explanations/{{label}}"): _OPERATOR,
    ("GET", f"{API}/operator/communities/{{community}}/points/{{label}}"): _OPERATOR,
    ("GET", f"{API}/provider/communities/{{community}}/portfolio/{{label}}"): _PROVIDER,
    ("GET", f"{API}/provider/communities/{{community}}/lines/{{label}}"): _PROVIDER,
    ("POST", f"{API}/provider/communities/{{community}}/files"): _METER_FILES,
    ("GET", f"{API}/provider/communities/{{community}}/files"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/files/{{upload}}"): _METER_DATA,
    ("PUT", f"{API}/provider/communities/{{community}}/files/{{upload}}/options"): _METER_DATA,
    ("DELETE", f"{API}/provider/communities/{{community}}/files/{{upload}}"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/formats"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/loads"): _METER_DATA,
    ("POST", f"{API}/provider/communities/{{community}}/loads"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/allocations"): _METER_DATA,
    ("POST", f"{API}/provider/communities/{{community}}/allocations"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/findings"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/curve"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/feeders/{{feeder}}"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/decisions"): _METER_DATA,
    ("POST", f"{API}/provider/communities/{{community}}/decisions"): _METER_DATA,
    ("GET", f"{API}/provider/communities/{{community}}/quality"): _METER_DATA,
    ("GET", f"{API}/communities/{{community}}/flows/{{label}}"): _USER,
    ("GET", _COMPARED): _COMPARES,
    ("GET", f"{_COMPARED}/rows"): _COMPARES,
    ("GET", f"{_COMPARED}/points/{{metering_point}}"): _COMPARES,
    ("GET", _NETWORKS): _OPERATOR,
    ("GET", _NETWORK): _OPERATOR,
    ("GET", f"{_NETWORK}/frames"): _OPERATOR,
    ("GET", f"{_NETWORK}/elements/{{element}}/series"): _OPERATOR,
    ("POST", f"{_NETWORK}/summary"): _OPERATOR,
    ("GET", f"{_NETWORK}/summary"): _OPERATOR,
    ("GET", f"{_NETWORK}/ranking"): _OPERATOR,
    ("GET", f"{_NETWORK}/course"): _OPERATOR,
    ("GET", f"{_NETWORK}/transformers"): _OPERATOR,
    ("GET", f"{_NETWORK}/transformers/{{transformer}}"): _OPERATOR,
    ("GET", f"{_NETWORK}/hosting"): _OPERATOR,
    ("POST", f"{_NETWORK}/relief-plans"): _OPERATOR,
    ("GET", f"{_NETWORK}/relief-plans"): _OPERATOR,
    ("GET", f"{_NETWORK}/relief-plans/{{plan}}"): _OPERATOR,
    ("POST", f"{_NETWORK}/relief-plans/{{plan}}/approve"): _OPERATOR,
    ("POST", f"{_NETWORK}/relief-plans/{{plan}}/refuse"): _OPERATOR,
    ("POST", f"{_NETWORK}/switching"): _OPERATOR,
    ("GET", f"{_NETWORK}/switching"): _OPERATOR,
    ("GET", f"{_NETWORK}/switching/{{plan}}"): _OPERATOR,
    ("POST", f"{_NETWORK}/switching/{{plan}}/work-orders"): _OPERATOR,
    ("GET", f"{_NETWORK}/events"): _OPERATOR,
    ("POST", f"{_NETWORK}/events/{{event}}/{{action}}"): _OPERATOR,
    ("GET", f"{_NETWORK}/alarm-rules"): _OPERATOR,
    ("PUT", f"{_NETWORK}/alarm-rules"): _OPERATOR,
    ("GET", f"{_NETWORK}/routes"): _OPERATOR,
    ("PUT", f"{_NETWORK}/routes"): _OPERATOR,
    ("POST", f"{_NETWORK}/routes/{{route}}/key"): _OPERATOR,
    ("GET", f"{_NETWORK}/workflows"): _OPERATOR,
    ("PUT", f"{_NETWORK}/workflows"): _OPERATOR,
    ("GET", f"{_NETWORK}/messages"): _OPERATOR,
    ("GET", f"{_NETWORK}/work-orders"): _METER_DATA,
    ("POST", f"{_NETWORK}/work-orders"): _OPERATOR,
    ("POST", f"{_NETWORK}/work-orders/status"): Access(
        roles=_METER_DATA_ROLES, media=frozenset({"text/csv"})
    ),
    ("POST", f"{_NETWORK}/work-orders/{{order}}/steps/{{step}}"): _METER_DATA,
    ("GET", f"{_NETWORK}/outage"): _OPERATOR,
    ("GET", f"{_NETWORK}/outages"): _OPERATOR,
    ("GET", f"{_NETWORK}/phases"): _OPERATOR,
    ("POST", f"{_NETWORK}/phases"): Access(roles=frozenset({"operator"}), media=frozenset({"text/csv"})),
    ("POST", f"{_NETWORK}/phases/{{connection}}"): _OPERATOR,
    ("GET", f"{API}/operator/communities/{{community}}/anomalies"): _METER_DATA,
    ("GET", f"{API}/me/anomalies"): _OWN,
    ("GET", f"{API}/me/split"): _OWN,
    ("GET", f"{API}/forecasts"): _FORECASTS,
    ("GET", f"{API}/forecasts/subjects"): _FORECASTS,
    ("GET", f"{API}/forecasts/accuracy"): _FORECASTS,
    ("GET", f"{API}/forecasts/advice"): _FORECASTS,
    ("GET", f"{API}/forecasts/models"): _FORECASTS,
    ("GET", f"{API}/forecasts/models/{{model}}"): _FORECASTS,
    ("GET", f"{API}/governance/communities/{{community}}/rules"): _GOVERNANCE,
    ("GET", f"{API}/governance/communities/{{community}}"): _GOVERNANCE,
    ("GET", f"{API}/governance/communities/{{community}}/rule-form"): _GOVERNANCE,
    ("POST", f"{API}/governance/communities/{{community}}/rehearsals"): _OWN,
    ("GET", f"{API}/governance/communities/{{community}}/rehearsals/{{rehearsal}}"): _GOVERNANCE,
    ("DELETE", f"{API}/governance/communities/{{community}}/rehearsals/{{rehearsal}}"): _OWN,
    ("POST", f"{API}/governance/communities/{{community}}/drafts"): _OWN,
    ("POST", f"{API}/governance/communities/{{community}}/proposals"): _OWN,
    ("GET", f"{API}/governance/communities/{{community}}/proposals"): _GOVERNANCE,
    ("GET", f"{API}/governance/communities/{{community}}/proposals/{{proposal}}"): _GOVERNANCE,
    ("POST", f"{API}/governance/communities/{{community}}/proposals/{{proposal}}/votes"): _OWN,
    ("POST", f"{API}/governance/communities/{{community}}/proposals/{{proposal}}/advance"): _GOVERNANCE,
    ("POST", f"{API}/governance/communities/{{community}}/proposals/{{proposal}}/withdrawal"): _OWN,
    ("GET", f"{API}/me/cases"): _SEES_CASES,
    ("POST", f"{API}/me/cases/drafts"): _PARTY,
    ("POST", f"{API}/me/cases"): _PARTY,
    ("GET", f"{API}/cases/{{case}}"): _SEES_CASES,
    ("GET", f"{API}/cases/{{case}}/figures"): _SEES_CASES,
    ("POST", f"{API}/cases/{{case}}/evidence"): _HANDS_IN,
    ("POST", f"{API}/cases/{{case}}/readings"): _HANDS_IN,
    ("POST", f"{API}/cases/{{case}}/claims/drafts"): _PARTY,
    ("POST", f"{API}/cases/{{case}}/claims"): _PARTY,
    ("GET", f"{API}/cases/{{case}}/claims/{{party}}/evidence"): _SEES_CASES,
    ("GET", f"{API}/cases/{{case}}/dossier.json"): _SEES_CASES,
    ("GET", f"{API}/cases/{{case}}/dossier.pdf"): _SEES_CASES,
    ("POST", f"{API}/cases/{{case}}/ruling"): _ARBITER,
    ("POST", f"{API}/cases/{{case}}/close"): _SEES_CASES,
    ("POST", f"{API}/cases/{{case}}/fulfilment"): _SEES_CASES,
    ("GET", f"{API}/me/contests"): _OWN,
    ("POST", f"{API}/me/contests/look"): _OWN,
    ("POST", f"{API}/me/contests/{{look}}/ask"): _OWN,
    ("POST", f"{API}/me/contests"): _OWN,
    ("GET", f"{API}/communities/{{community}}/contests"): _USER,
    ("GET", f"{API}/communities/{{community}}/contests/questions"): _ARBITER,
    ("POST", f"{API}/communities/{{community}}/contests/questions/{{look}}/answer"): _ARBITER,
    ("POST", f"{API}/readings"): _SENDS_READINGS,
    ("GET", f"{API}/admin/users"): _ADMIN,
    ("POST", f"{API}/admin/users"): _ADMIN,
    ("PATCH", f"{API}/admin/users/{{user_id}}"): _ADMIN,
    ("POST", f"{API}/admin/users/{{user_id}}/password"): _ADMIN,
    ("GET", f"{API}/admin/accesses"): _ADMIN,
    ("GET", f"{API}/health"): ANYONE,
    ("POST", "/rpc"): ANYONE,
    ("OPTIONS", "/rpc"): ANYONE,
    ("GET", "/docs"): ANYONE,
    ("GET", "/docs.css"): ANYONE,
    ("GET", "/openapi.json"): ANYONE,
    ("GET", ""): ANYONE,  # the pages, mounted at the root
}


class GuardedRoute(APIRoute):
    """A route that lets nobody in whom the table does not, before its body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the table."""
        handle = super().get_route_handler()
        path = self.path_format

        async def guarded(request: Request) -> Response:
            row = ACCESS.get((request.method, path))
            if row is None:
                raise AssertionError(f"{request.method} {path} has no row in the table of accesses")
            token = _token_of(request) if row.devices else ""
            if request.method not in _SAFE and path.startswith(API):
                if not token:  # a browser adds no token by itself, as it adds cookies
                    _require_own_page(request)
                _require_media(request, row)
            if row.rated:
                services_of(request).rate.admit(address_of(request))
            if token:
                device = services_of(request).devices.remembered(token)
                if device is None:
                    device = await run_in_threadpool(services_of(request).devices.read, token)
                request.state.sender = Sender(f"device {device.name}", device.community)
            elif not row.public:
                request.state.opened = await run_in_threadpool(_admit, request, row)
                user = request.state.opened.user
                request.state.sender = Sender(f"user {user.id}", user.community)
            return await handle(request)

        return guarded


def guarded_router(folder: str, tag: str) -> APIRouter:
    """A router below ``/api/v1`` whose routes hold to the table."""
    return APIRouter(
        prefix=f"{API}{folder}",
        tags=[tag],
        route_class=GuardedRoute,
        responses={"default": PROBLEM_DESCRIPTION},
    )


def _require_own_page(request: Request) -> None:
    """Refuse what another site may have sent with the caller's cookies."""
    if request.headers.get(REQUEST_HEADER) != "1":
        raise PermissionDeniedError(
            "Requests that change something must carry the header X-Partage-Request: 1."
        )
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise PermissionDeniedError("Requests that change something must come from these pages themselves.")


def _require_media(request: Request, row: Access) -> None:
    """Refuse a body that is not what the row takes."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    due = row.media or {"application/octet-stream" if row.raw else "application/json"}
    if has_body and media_type not in due:
        raise HTTPException(415, f"Send {' or '.join(sorted(due))}.")


def _token_of(request: Request) -> str:
    """What stands behind ``Authorization: Bearer`` (RFC 6750, section 2.1), empty without."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _admit(request: Request, row: Access) -> OpenSession:
    """Who asks, if the row lets them.

    Raises:
        AuthenticationError: If nobody is logged in.
        PermissionDeniedError: If a role lacks.
        NotFoundError: If it is another community's, or another participant's without consent.
    """
    opened = identify(request)
    user, path = opened.user, request.path_params
    if row.roles and not row.roles & set(user.roles):
        raise PermissionDeniedError(f"This is for the role {' or '.join(sorted(row.roles))}.")
    if row.own and not user.participant:
        raise PermissionDeniedError(
            "This log-in belongs to no participant; log in as the one whose bill it is."
        )
    community = path.get("community")
    if row.consent is not None:
        owner = path["participant"]
        is_own = (user.community, user.participant) == (community, owner)
        if not is_own and not services_of(request).consents.holds(
            str(community), owner, user.id, row.consent
        ):
            raise NotFoundError(f"There is no participant {owner!r} here whose data you may see.")
    elif community is not None and user.community not in {"", community}:
        raise NotFoundError(f"There is no community {community!r} here.")
    return opened


def require_rows(app: FastAPI) -> None:
    """Refuse to start with a route that has no row, or whose class does not hold to it.

    Raises:
        AssertionError: Naming the route.
    """
    seen: set[tuple[str, str]] = set()
    for route in app.routes:
        assert isinstance(route, Route | Mount), f"{route!r} is neither a route nor a mount"
        # The format says not how a part of the path is read, as by ``{element:path}``.
        path = route.path if isinstance(route, Mount) else route.path_format
        methods = {"GET"} if isinstance(route, Mount) else set(route.methods or ()) - {"HEAD"}
        for method in methods:
            row = ACCESS.get((method, path))
            assert row is not None, f"{method} {path} has no row in the table of accesses"
            assert row.public or isinstance(route, GuardedRoute), f"{method} {path} is not guarded"
            assert not path.startswith(API) or isinstance(route, GuardedRoute), f"{path} is not guarded"
            seen.add((method, path))
    stale = ACCESS.keys() - seen
    assert not stale, f"the table of accesses has rows without a route: {sorted(stale)}"
