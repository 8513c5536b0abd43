"""Headers, limits, problems, pages and description: what holds for every request."""

import pytest
from starlette.testclient import TestClient

from backend.api.application import create_app
from backend.api.settings import ApiSettings
from backend.errors import BalanceError, StoreBusyError

API = "/api/v1"


@pytest.mark.parametrize(
    "page", ["/docs", "/docs.css", "/openapi.json", f"{API}/health", f"{API}/me", "/rpc", "/x"]
)
def test_every_answer_carries_the_headers_that_protect_a_browser(shared_place, page):
    headers = shared_place.visit().get(page).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-request-id"]


def test_https_is_remembered_by_the_browser(shared_place):
    assert "strict-transport-security" not in shared_place.visit().get(f"{API}/health").headers
    client = shared_place.visit(base_url="https://testserver")
    assert "max-age" in client.get(f"{API}/health").headers["strict-transport-security"]


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(shared_place):
    client = shared_place.visit()

    def pieces():
        for _ in range(70):
            yield b"x" * 1024

    declared = client.post(
        f"{API}/session", content=b"x" * 70_000, headers={"Content-Type": "application/json"}
    )
    streamed = client.post(f"{API}/session", content=pieces(), headers={"Content-Type": "application/json"})
    assert declared.status_code == streamed.status_code == 413
    assert declared.json()["type"] == streamed.json()["type"] == "/docs#too-large"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", f"{API}/nowhere", 404),
        ("PUT", f"{API}/health", 405),
        ("POST", "/docs", 405),
    ],
)
def test_what_is_not_there_is_a_problem_like_any_other(shared_place, method, path, status):
    answer = shared_place.visit().request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path


def test_invalid_input_names_the_field_and_does_not_repeat_it(shared_place):
    body = {"login": "ada@toits", "password": ["hunter2-hunter2"], "more": 1}
    answer = shared_place.visit().post(f"{API}/session", json=body)
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["errors"]} == {"body.password", "body.more"}
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BalanceError("feed-in of 12345 mWh at /var/lib/partage"), 500),
        (StoreBusyError("/var/lib/partage/partage.db is held"), 503),
        (RuntimeError("secret at /var/lib/partage"), 500),
    ],
)
def test_our_own_faults_tell_nothing_of_the_inside(place, monkeypatch, error, status):
    def fail(*_):
        raise error

    monkeypatch.setattr(type(place.app.state.services.settled), "community", fail)
    answer = place.visit().get(f"{API}/public/communities/toits")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/var/lib" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_given_request_id_comes_back_unless_it_could_forge_a_log(shared_place):
    client = shared_place.visit()
    kept = client.get(f"{API}/health", headers={"X-Request-Id": "0123456789abcdef"})
    replaced = client.get(f"{API}/health", headers={"X-Request-Id": "a b INFO forged"})
    assert kept.headers["x-request-id"] == "0123456789abcdef"
    assert replaced.headers["x-request-id"] != "a b INFO forged"


def test_pages_are_served_with_their_types_asked_for_again_and_nothing_beside_them(place, tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text("<!doctype html><title>Partage</title>")
    (pages / "app.js").write_text("export {}")
    (pages / ".secret").write_text("no")
    (tmp_path / "outside.txt").write_text("no")
    with TestClient(create_app(place.wiring, ApiSettings(pages=pages))) as client:
        assert "<title>Partage</title>" in client.get("/").text
        script = client.get("/app.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["cache-control"] == "no-cache"
        assert client.get("/app.js", headers={"If-None-Match": script.headers["etag"]}).status_code == 304
        for path in ("/.secret", "/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt"):
            assert client.get(path).status_code == 404, path


def test_the_documentation_names_every_described_route_and_needs_no_script(shared_place):
    client = shared_place.visit()
    page, described = client.get("/docs").text, client.get("/openapi.json").json()
    assert "<script" not in page
    for path, operations in described["paths"].items():
        assert path in page
        for operation in operations.values():
            assert operation["description"], path


def test_cookies_are_secure_where_a_proxy_in_front_speaks_https(place):
    settings = ApiSettings.from_environment({"PARTAGE_SECURE_COOKIES": "1"})
    with TestClient(create_app(place.wiring, settings), headers={"X-Partage-Request": "1"}) as client:
        body = {"login": "ada@toits", "password": place.passwords["ada@toits"]}
        answer = client.post(f"{API}/session", json=body)
        assert all("; Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
