import pytest

API = "/api/v1"
USERS = f"{API}/admin/users"
NEW = {"login": "ada-two", "roles": ["member"], "community": "toits", "participant": "ada"}


def test_a_user_is_made_with_a_password_that_is_told_once_and_opens_the_door(place):
    admin = place.log_in("admin@toits")
    made = admin.post(USERS, json=NEW)
    assert made.status_code == 201, made.text
    place.passwords["ada-two"] = made.json()["password"]
    client = place.log_in("ada-two")
    assert client.get(f"{API}/me/bills/2024-03").json()["participant"]["id"] == "ada"
    listed = admin.get(USERS).text
    assert "password" not in listed


def test_the_same_request_with_a_key_is_done_once(place):
    admin, headers = place.log_in("admin@toits"), {"Idempotency-Key": "b7c1-made-by-me"}
    first, again = (admin.post(USERS, json=NEW, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {"user": first.json()["user"], "password": None}
    assert admin.post(USERS, json=NEW | {"login": "other"}, headers=headers).status_code == 422
    assert admin.post(USERS, json=NEW).status_code == 409
    place.clock.advance(86_401)
    admin = place.log_in("admin@toits")
    assert admin.post(USERS, json=NEW, headers=headers).status_code == 409
    written = b"".join(file.read_bytes() for file in place.wiring.home.root.glob("partage.db*"))
    assert first.json()["password"].encode() not in written


def test_a_key_is_its_users_own(place):
    headers = {"Idempotency-Key": "b7c1-made-by-me"}
    assert place.log_in("admin@toits").post(USERS, json=NEW, headers=headers).status_code == 201
    other = place.log_in("root").post(USERS, json=NEW | {"login": "other"}, headers=headers)
    assert other.status_code == 201, other.text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"login": "Ada Two"}, 422),
        ({"login": "x"}, 422),
        ({"roles": []}, 422),
        ({"roles": ["king"]}, 422),
        ({"roles": ["operator"]}, 422),
        ({"participant": ""}, 422),
        ({"participant": "dora"}, 404),
        ({"community": "nowhere"}, 404),
        ({"community": "lac"}, 404),
        ({"community": "", "participant": "", "roles": ["admin"]}, 404),
        ({"login": "ben@toits"}, 409),
        ({"disabled": True}, 422),
    ],
)
def test_a_user_that_does_not_fit_is_not_made(place, change, status):
    admin = place.log_in("admin@toits")
    before = admin.get(USERS).json()
    answer = admin.post(USERS, json=NEW | change)
    assert answer.status_code == status, answer.text
    assert admin.get(USERS).json() == before


def test_an_administrator_of_a_community_knows_no_other(place):
    admin, root = place.log_in("admin@toits"), place.log_in("root")
    everyone = root.get(USERS).json()["items"]
    assert {user["community"] for user in everyone} == {"toits", "lac", None}
    assert {user["community"] for user in admin.get(USERS).json()["items"]} == {"toits"}
    foreign = next(user for user in everyone if user["login"] == "ada@lac")
    assert admin.patch(f"{USERS}/{foreign['id']}", json={"disabled": True}).status_code == 404
    assert admin.post(f"{USERS}/{foreign['id']}/password").status_code == 404
    assert admin.get(f"{API}/admin/accesses", params={"subject": "lac/ada"}).status_code == 404
    assert root.get(f"{API}/admin/accesses", params={"subject": "lac/ada"}).status_code == 200


def test_users_come_page_by_page_by_login(place):
    root, seen, cursor = place.log_in("root"), [], None
    while True:
        page = root.get(USERS, params={"limit": 5} | ({"cursor": cursor} if cursor else {})).json()
        seen += [user["login"] for user in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(place.passwords)


def test_a_new_password_replaces_the_old_one_and_ends_the_sessions(place):
    admin, client = place.log_in("admin@toits"), place.log_in("ada@toits")
    ada = next(user for user in admin.get(USERS).json()["items"] if user["login"] == "ada@toits")
    password = admin.post(f"{USERS}/{ada['id']}/password").json()["password"]
    assert client.get(f"{API}/me").status_code == 401
    old = {"login": "ada@toits", "password": place.passwords["ada@toits"]}
    assert place.visit().post(f"{API}/session", json=old).status_code == 401
    place.passwords["ada@toits"] = password
    place.log_in("ada@toits")


def test_the_last_administrator_stays_one(place):
    root = place.log_in("root")
    own = root.get(f"{API}/me").json()["id"]
    assert root.patch(f"{USERS}/{own}", json={"disabled": True}).status_code == 409
    assert root.patch(f"{USERS}/{own}", json={"roles": ["auditor"]}).status_code == 422
    assert root.get(f"{API}/me").status_code == 200
