"""Every route of the application, held against the one table of accesses: as nobody, as each role, as a neighbour."""

import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Mount

from backend.api.access import ACCESS, API, GuardedRoute, require_rows

ROLES = ("operator", "provider", "governance", "arbiter", "auditor", "admin")
LOGINS = ("ada@toits", *(f"{role}@toits" for role in ROLES))
VALUES = {
    "label": "2024-03",
    "participant": "ben",
    "user_id": "0123456789abcdef",
    "credential": "bm9ib2R5cw",
    "address": "0x" + "ab" * 20,
    "rehearsal": "0" * 24,
    "proposal": "1",
    "case": "0" * 24,
    "party": "consumer",
    "look": "0" * 24,
    "upload": "0" * 32,
    "metering_point": "ben-load",
    "feeder": "trafo",
    "network": "rue",
    "transformer": "T1",
    "element": "west",
    "plan": "0" * 24,
    "connection": "ada",
    "event": "0" * 32,
    "action": "acknowledge",
    "order": "wo-" + "0" * 16,
    "step": "plan",
    "route": "scada",
    "model": "0x" + "0" * 64,
}
BODIES = {
    ("POST", "/session"): {"login": "x", "password": "y"},
    ("PUT", "/me/password"): {"current": "not this one", "new": "grand soleil sur les toits"},
    ("PUT", "/me/locale"): {"locale": "en"},
    ("POST", "/admin/users"): {"login": "toits-new", "roles": ["auditor"], "community": "toits"},
    ("PATCH", "/admin/users/{user_id}"): {},
}
QUERIES = {"/admin/accesses": {"subject": "toits/ada"}}
ROWS = [key for key, row in ACCESS.items() if key[1].startswith(API) and not key[1].endswith("/session")]
GUARDED = [(method, path) for method, path in ROWS if not ACCESS[method, path].public]


def call(client, method, path, community="toits"):
    short = path.removeprefix(API)
    address = path.format(**VALUES, community=community)
    body = BODIES.get((method, short))
    return client.request(method, address, json=body, params=QUERIES.get(short))


def named(rows):
    return [f"{method} {path.removeprefix(API)}" for method, path in rows]


@pytest.fixture(scope="module")
def visitors(shared_place):
    return {login: shared_place.log_in(login) for login in LOGINS}


def test_every_route_of_the_application_has_a_row(shared_place):
    seen = set()
    for route in shared_place.app.routes:
        methods = {"GET"} if isinstance(route, Mount) else route.methods - {"HEAD"}
        path = route.path if isinstance(route, Mount) else route.path_format
        seen |= {(method, path) for method in methods}
    assert seen == ACCESS.keys()


def test_an_application_with_a_route_that_has_no_row_does_not_start():
    router = APIRouter(prefix=f"{API}/me", route_class=GuardedRoute)

    @router.get("/secrets")
    def tell():
        return {}

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.router.routes.extend(router.routes)
    with pytest.raises(AssertionError, match="/api/v1/me/secrets has no row"):
        require_rows(app)


def test_an_application_with_a_route_that_goes_around_the_table_does_not_start():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get(f"{API}/me/bills")
    def tell():
        return {}

    with pytest.raises(AssertionError, match="is not guarded"):
        require_rows(app)


@pytest.mark.parametrize(("method", "path"), GUARDED, ids=named(GUARDED))
def test_nobody_gets_in_without_a_session(shared_place, method, path):
    assert call(shared_place.visit(), method, path).status_code == 401


@pytest.mark.parametrize(("method", "path"), GUARDED, ids=named(GUARDED))
def test_each_role_gets_in_where_its_row_says_and_nowhere_else(place_of_roles, method, path):
    row = ACCESS[method, path]
    for login, client in place_of_roles.items():
        role = "member" if login.startswith("ada") else login.partition("@")[0]
        answer = call(client, method, path)
        if row.consent is not None:
            assert answer.status_code == 404, (login, answer.text)
        elif row.roles and role not in row.roles:
            assert answer.status_code == 403, (login, answer.text)
        else:
            assert answer.status_code not in {401, 403, 405}, (login, answer.text)
            assert answer.status_code < 500, (login, answer.text)


@pytest.fixture(scope="module")
def place_of_roles(visitors):
    return visitors


OF_A_COMMUNITY = [key for key in GUARDED if "{community}" in key[1]]


@pytest.mark.parametrize(("method", "path"), OF_A_COMMUNITY, ids=named(OF_A_COMMUNITY))
def test_another_community_is_answered_like_one_that_does_not_exist(visitors, method, path):
    roles = ACCESS[method, path].roles or {"member"}
    login = "ada@toits" if "member" in roles else f"{next(iter(roles))}@toits"
    foreign, absent = (call(visitors[login], method, path, community) for community in ("lac", "nowhere"))
    assert foreign.status_code == absent.status_code == 404
    hidden = {"request_id", "instance"}
    told = [
        {name: value for name, value in answer.json().items() if name not in hidden}
        for answer in (foreign, absent)
    ]
    assert str(told[0]).replace("lac", "nowhere") == str(told[1])


def test_a_neighbours_bill_and_curve_are_refused_to_every_role(visitors):
    for client in visitors.values():
        for what in ("bills", "energy"):
            path = f"{API}/communities/toits/participants/ben/{what}/2024-03"
            assert client.get(path).status_code == 404


def test_what_is_ones_own_is_found_there_too_and_not_logged(shared_place, visitors):
    client = visitors["ada@toits"]
    path = f"{API}/communities/toits/participants/ada"
    assert client.get(f"{path}/bills/2024-03").json() == client.get(f"{API}/me/bills/2024-03").json()
    assert client.get(f"{path}/energy/2024-03").json() == client.get(f"{API}/me/energy/2024-03").json()
    with shared_place.wiring.store.reading() as records:
        ada = records.user_by_login("ada@toits")
        assert ada.id not in [who for who, _, _ in records.accesses("toits/ada")]


def test_public_routes_know_nothing_personal(shared_place):
    client = shared_place.visit()
    pages = [
        f"{API}/public/communities",
        f"{API}/public/communities/toits",
        f"{API}/public/communities/toits/periods",
        f"{API}/public/deployment",
        f"{API}/health",
        "/docs",
        "/openapi.json",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, answer.text
        for personal in ("ada", "Ada", "ben-load", "cleo", "Cleo"):
            assert f'"{personal}"' not in answer.text, (page, personal)
            assert f" {personal} " not in answer.text, (page, personal)
