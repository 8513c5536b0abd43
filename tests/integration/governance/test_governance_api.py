"""Members decide through the API: what they see, sign and hand in; what others cannot."""

import shutil
import time

import pytest
from starlette.testclient import TestClient

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.adapters.key_vault import draw_password
from backend.api.application import create_app
from backend.api.settings import ApiSettings
from backend.api.vote_relay import VoteRelay
from backend.bootstrap import Wiring
from backend.ports.identity_records import AccountRecord
from backend.services.users import ensure_demo_users
from tests.integration.governance.governed import HOUR, Governed, make_governed

BASE = "/api/v1/governance/communities/toits"
EQUAL = {"sharing_key": {"method": "equal"}}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    made = make_governed(tmp_path_factory.mktemp("governed") / "home")
    wiring = made.wiring
    rows = ensure_demo_users(wiring.store, wiring.context.community("toits"), wiring.home.keys, draw_password)
    with wiring.store.transaction() as records:
        for member in ("ada", "ben", "cleo"):
            user = records.user_by_login(f"{member}@toits")
            records.put_account(AccountRecord(user.id, made.account(member), "browser", 5))
    wiring.store.close()
    return made, {row["login"]: row["password"] for row in rows}


@pytest.fixture
def place(template, tmp_path):
    made, passwords = template
    shutil.copytree(made.wiring.home.root, tmp_path / "home")
    clock = FixedClock(made.clock.now_utc())
    wiring = Wiring(Home(tmp_path / "home"), clock)
    app = create_app(wiring, ApiSettings())
    yield Governed(wiring, clock), app, passwords
    app.state.services.rehearsals.close()
    wiring.store.close()


def log_in(place, name):
    _, app, passwords = place
    client = TestClient(app, headers={"X-Partage-Request": "1"})
    answer = client.post("/api/v1/session", json={"login": name, "password": passwords[name]})
    assert answer.status_code == 200, answer.text
    return client


def propose(place, client, member="ada", **body):
    governed = place[0]
    asked = {"kind": "rule", "rules": EQUAL, "text": "<b>Equal</b> parts."} | body
    draft = client.post(f"{BASE}/drafts", json=asked)
    assert draft.status_code == 200, draft.text
    signed = {
        "draft": draft.json()["draft"],
        "account": draft.json()["member"],
        "signature": governed.sign(member, draft.json()["typed_data"]),
    }
    return draft.json(), client.post(f"{BASE}/proposals", json=signed), signed


def test_members_propose_vote_and_carry_out_by_what_the_api_gives_them_to_sign(place):
    governed, app, _ = place
    ada, ben = log_in(place, "ada@toits"), log_in(place, "ben@toits")
    card = ada.get(BASE).json()
    assert card["open"] is True
    assert card["me"] == {
        "accounts": [governed.account("ada")],
        "account": governed.account("ada"),
        "seat": 0,
        "weight": 1,
    }
    draft, made, signed = propose(place, ada)
    assert made.status_code == 201, made.text
    assert draft["differences"][0]["words"]["en"].startswith("Sharing key: equal parts")
    assert ada.post(f"{BASE}/proposals", json=signed).json()["id"] == made.json()["id"]
    proposal = made.json()["id"]
    governed.clock.advance(HOUR + 600)
    ada, ben = log_in(place, "ada@toits"), log_in(place, "ben@toits")  # sessions do not last an hour
    shown = ben.get(f"{BASE}/proposals/{proposal}").json()
    assert (shown["state"], shown["text"], shown["text_holds"]) == ("active", "<b>Equal</b> parts.", True)
    for client, member in ((ada, "ada"), (ben, "ben")):
        vote = {
            "support": "for",
            "account": governed.account(member),
            "signature": governed.sign(member, shown["vote_documents"]["for"]),
        }
        answer = client.post(f"{BASE}/proposals/{proposal}/votes", json=vote)
        assert answer.json() == {"support": "for", "sent": False}, answer.text
    relay = VoteRelay(app.state.services)
    assert relay.relay() == 0  # they may wait for others
    governed.clock.advance(61)
    assert relay.relay() == 2
    assert ben.get(f"{BASE}/proposals").json()["items"][0]["tally"]["for"] == 2
    governed.clock.advance(25 * HOUR)
    ben = log_in(place, "ben@toits")
    assert ben.post(f"{BASE}/proposals/{proposal}/advance").json() == {"state": "queued"}
    assert ben.post(f"{BASE}/proposals/{proposal}/advance").status_code == 409
    governed.clock.advance(2 * HOUR)
    ada, ben = log_in(place, "ada@toits"), log_in(place, "ben@toits")
    assert ben.post(f"{BASE}/proposals/{proposal}/advance").json() == {"state": "executed"}
    assert ada.get(f"{BASE}/rule-form").json()["rules"]["sharing_key"]["method"] == "equal"
    assert len(ada.get(f"{BASE}/rules").json()["items"]) == 2


def test_what_is_signed_with_another_key_or_altered_is_refused(place):
    governed = place[0]
    ada = log_in(place, "ada@toits")
    draft = ada.post(f"{BASE}/drafts", json={"kind": "rule", "rules": EQUAL, "text": "x"}).json()
    altered = draft["typed_data"] | {
        "message": draft["typed_data"]["message"] | {"nonce": "1"},
    }
    for member, document in (("ben", draft["typed_data"]), ("ada", altered)):
        signed = {
            "draft": draft["draft"],
            "account": draft["member"],
            "signature": governed.sign(member, document),
        }
        assert ada.post(f"{BASE}/proposals", json=signed).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "rule", "text": "x"}, 422),
        ({"kind": "rule", "text": "x", "rules": EQUAL, "participant": "ben"}, 422),
        ({"kind": "rule", "text": " ", "rules": EQUAL}, 422),
        ({"kind": "rule", "text": "x", "rules": {"sharing_key": {"method": "lottery"}}}, 422),
        ({"kind": "rule", "text": "x", "rules": {"tariff": [[[[[[[[[]]]]]]]]]}}, 422),
        ({"kind": "weights", "text": "x", "weights": {"ben": 0}}, 422),
        ({"kind": "weights", "text": "x", "weights": {"nobody": 2}}, 404),
        ({"kind": "revocation", "text": "x", "participant": "nobody"}, 404),
        ({"kind": "guardians", "text": "x", "guardians": ["0x" + "1" * 40] * 3}, 422),
        ({"kind": "steward", "text": "x", "steward": "0x" + "0" * 40}, 422),
        ({"kind": "everything", "text": "x"}, 422),
        ({"kind": "rule", "text": "x", "rules": EQUAL, "rehearsal": "0" * 24}, 404),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_in_words(place, body, status):
    answer = log_in(place, "ada@toits").post(f"{BASE}/drafts", json=body)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), answer.text


def test_who_may_not_decide_cannot_and_strangers_see_nothing(place):
    provider = log_in(place, "provider@toits")
    assert provider.get(BASE).status_code == 403
    auditor = log_in(place, "auditor@toits")
    assert auditor.get(f"{BASE}/proposals").status_code == 200
    assert (
        auditor.post(f"{BASE}/drafts", json={"kind": "rule", "rules": EQUAL, "text": "x"}).status_code == 403
    )
    ada = log_in(place, "ada@toits")
    assert ada.get(BASE.replace("toits", "lac")).status_code == 404
    assert ada.get(f"{BASE}/proposals/123").status_code == 404
    nobody = TestClient(place[1], headers={"X-Partage-Request": "1"})
    assert nobody.get(BASE).status_code == 401


def wait_for(client, rehearsal):
    told = None
    for _ in range(200):
        told = client.get(f"{BASE}/rehearsals/{rehearsal}").json()
        if told["state"] not in {"waiting", "running"}:
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def test_a_rehearsal_shows_everyone_the_whole_and_each_member_the_own_line(place):
    ada, ben = log_in(place, "ada@toits"), log_in(place, "ben@toits")
    asked = ada.post(f"{BASE}/rehearsals", json={"rules": EQUAL})
    assert asked.status_code == 202, asked.text
    told = wait_for(ada, asked.json()["id"])
    assert (told["state"], told["problem"]) == ("done", None)
    assert told["progress"] == 1.0
    assert told["mine"]["line"]["participant"] == "ada"
    seen = ben.get(f"{BASE}/rehearsals/{told['id']}").json()
    assert seen["mine"]["line"]["participant"] == "ben"
    assert seen["public"] == told["public"]
    assert "ada" not in str(seen["public"])
    governance = log_in(place, "governance@toits").get(f"{BASE}/rehearsals/{told['id']}").json()
    assert governance["mine"] is None
    draft, made, _ = propose(place, ada, rehearsal=told["id"])
    assert draft["rehearsal_hash"] == told["result_hash"] == draft["typed_data"]["message"]["rehearsal"]
    assert made.json()["rehearsal"] == told["id"]
    other = {"kind": "rule", "text": "x", "rules": {"tariff": {}}, "rehearsal": told["id"]}
    assert ben.post(f"{BASE}/drafts", json=other).status_code == 422
    mixed = {
        "kind": "rule",
        "text": "x",
        "rules": {"conformity": {"max_missing_ppm": 1}},
        "rehearsal": told["id"],
    }
    assert ben.post(f"{BASE}/drafts", json=mixed).status_code == 409


def test_only_who_asked_cancels_a_rehearsal(place):
    ada, ben = log_in(place, "ada@toits"), log_in(place, "ben@toits")
    rehearsal = ada.post(f"{BASE}/rehearsals", json={"rules": EQUAL}).json()["id"]
    assert ben.delete(f"{BASE}/rehearsals/{rehearsal}").status_code == 404
    assert ada.delete(f"{BASE}/rehearsals/{rehearsal}").status_code == 204
    assert wait_for(ada, rehearsal)["state"] in {"cancelled", "done"}


def test_a_draft_sent_twice_with_one_key_is_one_draft(place):
    ada = log_in(place, "ada@toits")
    body, header = {"kind": "rule", "rules": EQUAL, "text": "x"}, {"Idempotency-Key": "draft-0001"}
    first = ada.post(f"{BASE}/drafts", json=body, headers=header).json()
    assert ada.post(f"{BASE}/drafts", json=body, headers=header).json()["draft"] == first["draft"]
    assert ada.post(f"{BASE}/drafts", json=body).json()["draft"] != first["draft"]
