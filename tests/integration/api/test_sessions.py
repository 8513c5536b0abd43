import http.cookies

import pytest

from backend.api.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from backend.errors import InputError
from backend.services.users import change_user
from tests.integration.api.conftest import WRITES

SESSION = "/api/v1/session"


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "instance", "request_id"} <= body.keys()
    return body


def cookies_of(answer):
    jar = http.cookies.SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    return jar


def refresh_token(client):
    return next(cookie.value for cookie in client.cookies.jar if cookie.name == REFRESH_COOKIE)


def use_refresh_token(client, token):
    client.cookies.jar.clear()
    return client.post(f"{SESSION}/refresh", headers={"Cookie": f"{REFRESH_COOKIE}={token}"})


def test_who_logs_in_is_known_until_they_log_out(place):
    client = place.log_in("ada@toits")
    told = client.get("/api/v1/me").json()
    assert (told["name"], told["participant"], told["community"], told["roles"]) == (
        "Ada",
        "ada",
        "toits",
        ["member"],
    )
    kept = client.cookies[ACCESS_COOKIE]
    assert client.delete(SESSION).status_code == 204
    problem(client.get("/api/v1/me"), 401)
    problem(client.get("/api/v1/me", headers={"Cookie": f"{ACCESS_COOKIE}={kept}"}), 401)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(place):
    client = place.visit(base_url="https://testserver")
    jar = cookies_of(
        client.post(SESSION, json={"login": "ada@toits", "password": place.passwords["ada@toits"]})
    )
    for name, path in ((ACCESS_COOKIE, "/"), (REFRESH_COOKIE, "/api/v1/session")):
        assert jar[name]["httponly"]
        assert jar[name]["secure"]
        assert jar[name]["samesite"].lower() == "strict"
        assert jar[name]["path"] == path


def test_a_wrong_password_an_unknown_login_and_a_disabled_user_get_the_same_answer(place):
    ben = next(user for user in _users(place) if user.login == "ben@toits")
    change_user(place.wiring.store, ben, disabled=True)
    answers = [
        place.visit().post(SESSION, json={"login": login, "password": password})
        for login, password in (
            ("ada@toits", "not the password"),
            ("nobody", "not the password"),
            ("ben@toits", place.passwords["ben@toits"]),
        )
    ]
    bodies = [problem(answer, 401) for answer in answers]
    for body in bodies:
        del body["request_id"]
    assert bodies[0] == bodies[1] == bodies[2]


def test_an_access_token_is_over_after_ten_minutes_and_a_refresh_gives_another(place):
    client = place.log_in("ada@toits")
    place.clock.advance(599)
    assert client.get("/api/v1/me").status_code == 200
    place.clock.advance(1)
    problem(client.get("/api/v1/me"), 401)
    assert client.post(f"{SESSION}/refresh").status_code == 200
    assert client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("forge", ["none", "other secret", "other audience", "altered"])
def test_a_forged_token_opens_nothing(place, forge):
    import jwt

    client = place.log_in("ada@toits")
    token = client.cookies[ACCESS_COOKIE]
    secret = place.wiring.vault.secret("api")
    claims = jwt.decode(token, secret, algorithms=["HS256"], audience="partage-api")
    forged = {
        "none": jwt.encode(claims, "", algorithm="none"),
        "other secret": jwt.encode(claims, b"x" * 32, algorithm="HS256"),
        "other audience": jwt.encode(claims | {"aud": "elsewhere"}, secret, algorithm="HS256"),
        "altered": token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
    }[forge]
    client.cookies.jar.clear()
    problem(client.get("/api/v1/me", headers={"Cookie": f"{ACCESS_COOKIE}={forged}"}), 401)
    assert client.get("/api/v1/me", headers={"Cookie": f"{ACCESS_COOKIE}={token}"}).status_code == 200


def test_a_refresh_token_that_comes_back_after_its_use_ends_all_sessions_of_its_user(place):
    elsewhere = place.log_in("ada@toits")
    client = place.log_in("ada@toits")
    stolen = refresh_token(client)
    assert client.post(f"{SESSION}/refresh").status_code == 200
    place.clock.advance(11)
    assert client.get("/api/v1/me").status_code == 200
    problem(use_refresh_token(place.visit(), stolen), 401)
    problem(client.get("/api/v1/me"), 401)
    problem(client.post(f"{SESSION}/refresh"), 401)
    problem(elsewhere.get("/api/v1/me"), 401)
    assert place.log_in("ben@toits").get("/api/v1/me").status_code == 200


def test_two_tabs_that_refresh_at_the_same_moment_stay_logged_in_but_the_late_one_gets_no_token(place):
    client = place.log_in("ada@toits")
    spent = refresh_token(client)
    assert client.post(f"{SESSION}/refresh").status_code == 200
    late = use_refresh_token(place.visit(), spent)
    assert late.status_code == 200
    assert REFRESH_COOKIE not in cookies_of(late)
    assert client.post(f"{SESSION}/refresh").status_code == 200


def test_a_session_that_is_not_used_for_two_weeks_is_over(place):
    client = place.log_in("ada@toits")
    place.clock.advance(14 * 86_400)
    problem(client.post(f"{SESSION}/refresh"), 401)


def test_a_session_that_is_refreshed_all_the_time_is_over_after_sixty_days(place):
    client = place.log_in("ada@toits")
    token = refresh_token(client)
    for _ in range(6):
        place.clock.advance(10 * 86_400 - 1)
        answer = use_refresh_token(client, token)
        assert answer.status_code == 200
        token = cookies_of(answer)[REFRESH_COOKIE].value
    place.clock.advance(7)
    problem(use_refresh_token(client, token), 401)


def test_a_user_who_is_disabled_is_out_at_once(place):
    client = place.log_in("ada@toits")
    admin = place.log_in("admin@toits")
    ada = next(
        user for user in admin.get("/api/v1/admin/users").json()["items"] if user["login"] == "ada@toits"
    )
    assert admin.patch(f"/api/v1/admin/users/{ada['id']}", json={"disabled": True}).status_code == 200
    problem(client.get("/api/v1/me/bills"), 401)
    problem(client.post(f"{SESSION}/refresh"), 401)


def test_guessing_a_password_is_stopped_and_the_right_one_waits_too(place):
    client = place.visit()
    wrong = {"login": "ada@toits", "password": "a guess"}
    right = {"login": "ada@toits", "password": place.passwords["ada@toits"]}
    for _ in range(5):
        problem(client.post(SESSION, json=wrong), 401)
    stopped = client.post(SESSION, json=right)
    problem(stopped, 429)
    place.clock.advance(int(stopped.headers["retry-after"]) - 1)
    problem(client.post(SESSION, json=right), 429)
    place.clock.advance(1)
    assert client.post(SESSION, json=right).status_code == 200


def test_guessing_at_an_unknown_login_is_stopped_like_at_a_known_one(place):
    client = place.visit()
    for _ in range(5):
        problem(client.post(SESSION, json={"login": "nobody", "password": "a guess"}), 401)
    problem(client.post(SESSION, json={"login": "nobody", "password": "a guess"}), 429)


def test_a_new_password_holds_from_now_on_and_ends_the_other_sessions(place):
    elsewhere, client = place.log_in("ada@toits"), place.log_in("ada@toits")
    old, new = place.passwords["ada@toits"], "grand soleil sur les toits"
    answer = client.put("/api/v1/me/password", json={"current": old, "new": new})
    assert answer.status_code == 204, answer.text
    assert client.get("/api/v1/me").status_code == 200
    problem(elsewhere.get("/api/v1/me"), 401)
    problem(place.visit().post(SESSION, json={"login": "ada@toits", "password": old}), 401)
    assert place.visit().post(SESSION, json={"login": "ada@toits", "password": new}).status_code == 200


@pytest.mark.parametrize("new", ["short", "ada@toits-and-more", "aaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_and_not_repeated(place, new):
    client = place.log_in("ada@toits")
    body = {"current": place.passwords["ada@toits"], "new": new}
    answer = client.put("/api/v1/me/password", json=body)
    problem(answer, 422)
    assert new not in answer.text


def test_a_password_is_not_changed_by_who_does_not_know_it(place):
    client = place.log_in("ada@toits")
    body = {"current": "a guess", "new": "grand soleil sur les toits"}
    problem(client.put("/api/v1/me/password", json=body), 422)
    assert place.log_in("ada@toits").get("/api/v1/me").status_code == 200


def test_the_language_is_kept(place):
    assert place.log_in("ada@toits").put("/api/v1/me/locale", json={"locale": "fr"}).json()["locale"] == "fr"
    assert place.log_in("ada@toits").get("/api/v1/me").json()["locale"] == "fr"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Partage-Request": ""}, 403),
        ({"X-Partage-Request": "0"}, 403),
        (WRITES | {"Sec-Fetch-Site": "cross-site"}, 403),
        (WRITES | {"Sec-Fetch-Site": "same-site"}, 403),
        (WRITES | {"Content-Type": "text/plain"}, 415),
        (WRITES | {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (WRITES | {"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_a_write_that_another_site_could_send_is_refused(place, headers, status):
    client = place.log_in("ada@toits")
    answer = client.put(
        "/api/v1/me/locale",
        content='{"locale": "fr"}',
        headers={"Content-Type": "application/json"} | headers,
    )
    assert answer.status_code == status, answer.text
    assert client.get("/api/v1/me").json()["locale"] == ("fr" if status == 200 else "en")


def test_no_password_token_or_login_is_kept_or_logged_in_clear(place, caplog):
    client = place.log_in("ada@toits")
    token, access = refresh_token(client), client.cookies[ACCESS_COOKIE]
    client.post(SESSION, json={"login": "ada@toits", "password": "hunter2-hunter2"})
    client.get("/api/v1/me/bills?cursor=secret-query")
    written = b"".join(file.read_bytes() for file in place.wiring.home.root.glob("partage.db*"))
    password = place.passwords["ada@toits"]
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    logged = "\n".join(record.getMessage() for record in ours)
    for secret in (token, token.partition(".")[2], access, password, "hunter2-hunter2"):
        assert secret.encode() not in written
        assert secret not in logged
    assert "ada" not in logged
    assert "secret-query" not in logged
    assert "GET /api/v1/me/bills 4" in logged


def test_a_role_that_is_taken_away_ends_the_sessions(place):
    client = place.log_in("operator@toits")
    operator = next(user for user in _users(place) if user.login == "operator@toits")
    with pytest.raises(InputError):
        change_user(place.wiring.store, operator, roles=[])
    change_user(place.wiring.store, operator, roles=["auditor"])
    problem(client.get("/api/v1/me"), 401)
    path = "/api/v1/operator/communities/toits/findings/2024-03"
    problem(place.log_in("operator@toits").get(path), 403)


def _users(place):
    with place.wiring.store.reading() as records:
        return records.users()
