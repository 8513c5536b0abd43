"""A member looks, asks the arbiter, agrees and contests; a neighbour's figures are nobody's to show."""

import dataclasses

import pytest
from starlette.testclient import TestClient

from backend.adapters.key_vault import draw_password
from backend.api.application import create_app
from backend.api.settings import ApiSettings
from backend.errors import ConflictError
from backend.services import contest_looks
from backend.services.bundles import run_of
from backend.services.contest_words import _SHOWN, REASONS
from backend.services.contests import CONTESTS
from backend.services.contests.words import CONTEST_WORDS
from backend.services.users import ensure_demo_users
from tests.integration.contests.test_watch import LIES, lie
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home, take_settled

BASE = "/api/v1"
AT = "2024-03-13T07:00:00+01:00"


class Street:
    def __init__(self, folder):
        self.wiring = open_home(folder)
        self.passwords = {}

    def serve(self):
        view = self.wiring.context.community("toits")
        rows = ensure_demo_users(self.wiring.store, view, self.wiring.home.keys, draw_password)
        self.passwords = {row["login"]: row["password"] for row in rows}
        self.app = create_app(self.wiring, ApiSettings())
        return self

    def log_in(self, name):
        client = TestClient(self.app, headers={"X-Partage-Request": "1"})
        login = f"{name}@toits"
        answer = client.post(f"{BASE}/session", json={"login": login, "password": self.passwords[login]})
        assert answer.status_code == 200
        return client

    def look(self, client, point="ben-load", start=AT):
        asked = {"label": "2024-03", "metering_point": point, "start": start}
        return client.post(f"{BASE}/me/contests/look", json=asked)

    def state(self):
        run = run_of(self.wiring.context, "toits", MONTH)
        return self.wiring.context.chain.read("settlement_ledger", "run", run.run_id)["state"]


def settled_with(tmp_path, monkeypatch, lies):
    street = Street(tmp_path / "home")
    lie(monkeypatch, **lies)
    with pytest.raises(ConflictError):
        load_and_settle(street.wiring)
    monkeypatch.undo()
    return street.serve()


@pytest.fixture
def street(tmp_path, monkeypatch):
    return settled_with(tmp_path, monkeypatch, LIES["row"])


def agreed(look, **other):
    return {"look": look["id"], "consent": True, "words_hash": look["words_hash"]} | other


def test_a_member_looks_asks_agrees_and_contests(street):
    ben, arbiter = street.log_in("ben"), street.log_in("arbiter")
    look = street.look(ben).json()
    assert (look["contest"], look["shows_others"], look["sent_at"]) == ("row", False, None)
    assert look["words"]["en"]["shown"] == [
        "energy, allocation and running totals of ben-load at 2024-03-13 07:00 (UTC+0100)",
        "the community's totals at 2024-03-13 07:00 (UTC+0100)",
    ]
    assert look["words"]["fr"]["warning"] == "Ceci serait public, pour tous et pour toujours."
    assert street.state() == 1
    asked = ben.post(f"{BASE}/me/contests/{look['id']}/ask", json={"text": "Is that mine to show?"})
    assert asked.json()["question"] == "Is that mine to show?"
    questions = arbiter.get(f"{BASE}/communities/toits/contests/questions").json()["items"]
    assert [(one["participant"], one["question"]) for one in questions] == [("ben", "Is that mine to show?")]
    advice = {"advice": "contest", "text": "It is."}
    told = arbiter.post(f"{BASE}/communities/toits/contests/questions/{look['id']}/answer", json=advice)
    assert told.status_code == 200, told.text
    assert ben.get(f"{BASE}/me/contests").json()["items"][0]["advice"] == "contest"
    sent = ben.post(f"{BASE}/me/contests", json=agreed(look))
    assert sent.status_code == 201, sent.text
    assert sent.json()["sent_at"] is not None
    assert street.state() == 4
    again = ben.post(f"{BASE}/me/contests", json=agreed(look))
    assert again.json() == sent.json()
    (public,) = street.log_in("ada").get(f"{BASE}/communities/toits/contests").json()["items"]
    assert (public["label"], public["event"], public["voids"]) == ("2024-03", "RowRefuted", "run")
    with street.wiring.store.reading() as records:
        kept = records.look(look["id"])
        assert kept.consented_by == records.user_by_login("ben@toits").id
        assert kept.words == look["words"]
        assert 0 < kept.consented_utc <= kept.sent_utc


def test_without_agreement_to_these_very_words_nothing_is_sent(street):
    ben, ada = street.log_in("ben"), street.log_in("ada")
    look = street.look(ben).json()
    for body in (
        agreed(look, consent=False),
        agreed(look, words_hash="0x" + "0" * 64),
        {"look": look["id"], "words_hash": look["words_hash"]},
    ):
        assert ben.post(f"{BASE}/me/contests", json=body).status_code == 422
    assert ada.post(f"{BASE}/me/contests", json=agreed(look)).status_code == 404
    assert ada.post(f"{BASE}/me/contests/{look['id']}/ask", json={"text": "?"}).status_code == 404
    assert ada.get(f"{BASE}/me/contests").json()["items"] == []
    assert street.state() == 1
    with street.wiring.store.reading() as records:
        assert records.look(look["id"]).consented_utc == 0


def test_a_member_who_is_not_wronged_shows_no_neighbours_figures(tmp_path, monkeypatch):
    street = settled_with(tmp_path, monkeypatch, LIES["row"])
    cleo = street.log_in("cleo")
    look = street.look(cleo, "cleo-load", "2024-03-14T07:00:00+01:00").json()
    assert (look["contest"], look["shows_others"]) == ("row", True)
    assert look["words"]["en"]["shown"][0] == "figures of other members"
    assert "ada" not in str(look["words"])
    refused = cleo.post(f"{BASE}/me/contests", json=agreed(look))
    assert refused.status_code == 409
    assert "not yours to show" in refused.json()["detail"]
    assert street.state() == 1


def test_an_honest_run_offers_nothing_to_contest(tmp_path):
    street = Street(tmp_path / "home")
    take_settled(street.wiring)
    ben = street.serve().log_in("ben")
    look = street.look(ben).json()
    assert (look["contest"], look["words"]["en"]["shown"]) == (None, [])
    refused = ben.post(f"{BASE}/me/contests", json=agreed(look))
    assert refused.status_code == 409
    for point, start, status in (
        ("ada-load", AT, 404),
        ("ben-load", "2024-03-13T07:30:00+01:00", 422),
        ("ben-load", "2025-03-13T07:00:00+01:00", 422),
    ):
        assert street.look(ben, point, start).status_code == status
    assert street.log_in("ada").get(f"{BASE}/communities/toits/contests").json()["items"] == []


def test_a_crash_between_sending_and_noting_it_loses_and_doubles_nothing(street, monkeypatch):
    ben = street.log_in("ben")
    look = street.look(ben).json()
    keep, sent = contest_looks._keep, []  # noqa: SLF001

    def die_when_sent(context, record):
        if record.sent_utc:
            sent.append(record)
            raise RuntimeError("power")
        return keep(context, record)

    monkeypatch.setattr(contest_looks, "_keep", die_when_sent)
    assert ben.post(f"{BASE}/me/contests", json=agreed(look)).status_code == 500
    assert len(sent) == 1
    monkeypatch.undo()
    again = ben.post(f"{BASE}/me/contests", json=agreed(look))
    assert again.status_code == 201
    assert again.json()["sent_at"] is not None
    assert len(ben.get(f"{BASE}/communities/toits/contests").json()["items"]) == 1


def test_what_was_sent_never_changes(street):
    ben = street.log_in("ben")
    look = street.look(ben).json()
    ben.post(f"{BASE}/me/contests", json=agreed(look))
    store = street.wiring.store
    with store.reading() as records:
        kept = records.look(look["id"])
    for change in ({"consented_by": "another"}, {"words_hash": "0x00"}, {"sent_utc": 7}):
        with pytest.raises(ConflictError), store.transaction() as records:
            records.put_look(dataclasses.replace(kept, **change))


def test_every_contest_has_its_words_in_both_languages():
    assert set(REASONS["fr"]) == set(REASONS["en"]) == set(CONTEST_WORDS) >= set(CONTESTS)
    assert set(_SHOWN["fr"]) == set(_SHOWN["en"])
