"""Cases through the API: what parties see, sign and hand in; what everybody else does not."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.adapters.key_vault import draw_password
from backend.api.application import create_app
from backend.api.settings import ApiSettings
from backend.bootstrap import Wiring
from backend.services.users import ensure_demo_users
from backend.verifier import verify_dossier
from tests.integration.arbitration.disputed import DAY, HOURS, POINT, START
from tests.integration.arbitration.test_cases import decide
from tests.integration.governance.governed import Governed, make_governed

BASE = "/api/v1"
BYTES = {"Content-Type": "application/octet-stream"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


@dataclass
class Court:
    """A service over a copied home, and who logs in."""

    governed: Governed
    app: Any
    passwords: dict[str, str]

    def log_in(self, name):
        client = TestClient(self.app, headers={"X-Partage-Request": "1"})
        login = f"{name}@toits"
        answer = client.post(f"{BASE}/session", json={"login": login, "password": self.passwords[login]})
        assert answer.status_code == 200, answer.text
        return client

    def opening(self, **other):
        end = START + timedelta(hours=HOURS)
        asked = {"metering_point": POINT, "start": START.isoformat(), "end": end.isoformat()}
        return asked | {"text": "I was away that day."} | other

    def open(self, client=None, member="cleo"):
        client = client or self.log_in("cleo")
        draft = client.post(f"{BASE}/me/cases/drafts", json=self.opening())
        assert draft.status_code == 200, draft.text
        assert draft.json()["signed_here"] is False
        signed = {
            "draft": draft.json()["draft"],
            "signature": self.governed.sign(member, draft.json()["typed_data"]),
        }
        return client.post(f"{BASE}/me/cases", json=signed)

    def draft_claim(self, client, case, energy=None, content=PNG, name="register.png", **other):
        shown = client.post(
            f"{BASE}/cases/{case}/evidence", params={"name": name}, content=content, headers=BYTES
        )
        assert shown.status_code == 201, shown.text
        asked = {"evidence": shown.json()["evidence"], "energy": energy or [10_000] * HOURS} | other
        return client.post(f"{BASE}/cases/{case}/claims/drafts", json=asked)

    def claim(self, client, case, energy=None, member="", **options):
        draft = self.draft_claim(client, case, energy, **options)
        assert draft.status_code == 200, draft.text
        signature = self.governed.sign(member, draft.json()["typed_data"]) if member else None
        signed = {"draft": draft.json()["draft"], "signature": signature}
        return client.post(f"{BASE}/cases/{case}/claims", json=signed)

    def pass_days(self, days):
        self.governed.clock.advance(days * DAY + 120)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    made = make_governed(tmp_path_factory.mktemp("court") / "home")
    wiring = made.wiring
    rows = ensure_demo_users(wiring.store, wiring.context.community("toits"), wiring.home.keys, draw_password)
    wiring.store.close()
    return made, {row["login"]: row["password"] for row in rows}


@pytest.fixture
def court(template, tmp_path):
    made, passwords = template
    shutil.copytree(made.wiring.home.root, tmp_path / "home")
    clock = FixedClock(made.clock.now_utc())
    wiring = Wiring(Home(tmp_path / "home"), clock)
    yield Court(Governed(wiring, clock), create_app(wiring, ApiSettings()), passwords)
    wiring.store.close()


def test_a_case_goes_through_the_api_from_its_opening_to_the_restated_bill(court):
    cleo = court.log_in("cleo")
    before = cleo.get(f"{BASE}/me/bills/2024-03").json()["amounts"]["debit"]
    opened = court.open(cleo)
    assert opened.status_code == 201, opened.text
    case = opened.json()["id"]
    assert (opened.json()["state"], opened.json()["you"]) == ("claims", "consumer")
    assert opened.json()["may"] == ["claim"]
    filed = court.claim(cleo, case, member="cleo")
    assert filed.status_code == 201, filed.text
    operator = court.log_in("operator")
    assert [one["id"] for one in operator.get(f"{BASE}/me/cases").json()["items"]] == [case]
    answered = court.claim(operator, case, [250_000] * HOURS, content=b"log of the meter", name="log.txt")
    assert [claim["party"] for claim in answered.json()["claims"]] == ["consumer", "operator"]
    told = operator.get(f"{BASE}/cases/{case}/figures").json()
    assert told["settled"] == [250_000] * HOURS
    assert [claim["energy"] for claim in told["claims"]] == [[10_000] * HOURS, [250_000] * HOURS]
    court.pass_days(14)
    arbiter = court.log_in("arbiter")
    assert arbiter.get(f"{BASE}/cases/{case}").json()["may"] == ["rule"]
    ruling = {"party": "consumer", "reasons": "The register stood still."}
    ruled = arbiter.post(f"{BASE}/cases/{case}/ruling", json=ruling)
    assert ruled.status_code == 200, ruled.text
    assert ruled.json()["ruling"]["reasons"] == "The register stood still."
    court.pass_days(14)
    cleo = court.log_in("cleo")
    assert cleo.get(f"{BASE}/cases/{case}").json()["may"] == ["fulfil"]
    done = cleo.post(f"{BASE}/cases/{case}/fulfilment")
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["ruling"]["by"]) == ("fulfilled", "arbiter")
    assert cleo.get(f"{BASE}/me/bills/2024-03").json()["amounts"]["debit"] < before
    told = cleo.get(f"{BASE}/cases/{case}/dossier.json")
    assert told.headers["content-disposition"] == 'attachment; filename="case-1.json"'
    verdict = verify_dossier(told.text, court.governed.wiring.node.rpc)
    assert verdict.ok, verdict.failures
    printed = cleo.get(f"{BASE}/cases/{case}/dossier.pdf", params={"locale": "fr"})
    assert (printed.headers["content-type"], printed.content[:5]) == ("application/pdf", b"%PDF-")


def test_only_the_parties_and_the_arbiter_see_a_case(court):
    case = court.open().json()["id"]
    court.claim(court.log_in("cleo"), case, member="cleo")
    for name in ("ada", "ben"):
        client = court.log_in(name)
        assert client.get(f"{BASE}/me/cases").json()["items"] == []
        for path in ("", "/figures", "/claims/consumer/evidence", "/dossier.json", "/dossier.pdf"):
            assert client.get(f"{BASE}/cases/{case}{path}").status_code == 404
        for path, body in (("/close", None), ("/fulfilment", None)):
            assert client.post(f"{BASE}/cases/{case}{path}", json=body).status_code == 404
        sent = client.post(f"{BASE}/cases/{case}/evidence", params={"name": "x"}, content=b"x", headers=BYTES)
        assert sent.status_code == 404
        foreign = client.post(f"{BASE}/me/cases/drafts", json=court.opening())
        assert foreign.status_code == 404
    for name in ("governance", "auditor", "admin"):
        assert court.log_in(name).get(f"{BASE}/cases/{case}").status_code == 403
    assert court.log_in("arbiter").get(f"{BASE}/cases/{case}/claims/consumer/evidence").content == PNG


def test_an_arbiter_takes_no_side_and_nobody_else_rules(court):
    case = court.open().json()["id"]
    arbiter, ruling = court.log_in("arbiter"), {"party": "consumer", "reasons": "So be it."}
    sent = arbiter.post(f"{BASE}/cases/{case}/evidence", params={"name": "x"}, content=b"x", headers=BYTES)
    assert sent.status_code == 403
    for name in ("cleo", "operator", "provider", "governance"):
        assert court.log_in(name).post(f"{BASE}/cases/{case}/ruling", json=ruling).status_code == 403
    early = arbiter.post(f"{BASE}/cases/{case}/ruling", json=ruling)
    assert early.status_code == 409, early.text


def test_evidence_comes_back_as_an_attachment_under_a_safe_name_and_type(court):
    case = court.open().json()["id"]
    cleo = court.log_in("cleo")
    page = b"<script>alert(1)</script>"
    filed = court.claim(cleo, case, member="cleo", content=page, name='../"x"\r\n<b>.html')
    assert filed.status_code == 201
    assert filed.json()["claims"][0]["evidence_name"] == "__x____b_.html"
    answer = cleo.get(f"{BASE}/cases/{case}/claims/consumer/evidence")
    assert answer.content == page
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="case-1-consumer.bin"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    court.claim(cleo, case, member="cleo")
    assert cleo.get(f"{BASE}/cases/{case}/claims/consumer/evidence").headers["content-type"] == "image/png"
    assert cleo.get(f"{BASE}/cases/{case}/claims/provider/evidence").status_code == 404


def test_files_are_taken_as_bytes_up_to_their_limit_and_nothing_else_is(court):
    case = court.open().json()["id"]
    cleo = court.log_in("cleo")
    address, named = f"{BASE}/cases/{case}/evidence", {"params": {"name": "x"}}
    assert cleo.post(address, content=bytes(10_000_001), headers=BYTES, **named).status_code == 413
    assert cleo.post(address, content=b"", headers=BYTES, **named).status_code == 422
    assert cleo.post(address, content=bytes(200_000), headers=BYTES, **named).status_code == 201
    for media_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        headers = {"Content-Type": media_type}
        assert cleo.post(address, content=b"{}", headers=headers, **named).status_code == 415
    assert cleo.post(f"{BASE}/me/cases", content=bytes(200_000), headers=BYTES).status_code == 413
    assert cleo.post(f"{BASE}/me/cases", content=b"{}", headers=BYTES).status_code == 415
    for place in range(5):
        cleo.post(address, content=bytes([place]) * 9_999_999, headers=BYTES, **named)
    full = cleo.post(address, content=b"7" * 9_999_999, headers=BYTES, **named)
    assert full.status_code == 422
    assert "at most 50,000,000 bytes" in full.json()["detail"]


def test_readings_come_from_a_meter_file_too(court):
    case = court.open().json()["id"]
    cleo = court.log_in("cleo")
    rows = [
        f"{POINT},{(START + timedelta(hours=hour)).isoformat()},60,0.020000,measured" for hour in range(HOURS)
    ]
    text = "\n".join(["metering_point,start,resolution_minutes,energy_kwh,quality", *rows])
    read = cleo.post(f"{BASE}/cases/{case}/readings", content=text.encode(), headers=BYTES)
    assert read.status_code == 201, read.text
    assert read.json()["energy"] == [20_000] * HOURS
    draft = court.draft_claim(cleo, case, energy=None, readings=read.json()["readings"])
    assert draft.status_code == 422  # figures too
    evidence = cleo.post(
        f"{BASE}/cases/{case}/evidence", params={"name": "x.txt"}, content=b"x", headers=BYTES
    ).json()["evidence"]
    asked = {"evidence": evidence, "readings": read.json()["readings"]}
    draft = cleo.post(f"{BASE}/cases/{case}/claims/drafts", json=asked)
    assert draft.json()["energy"] == [20_000] * HOURS
    short = "\n".join(text.splitlines()[:-1]).encode()
    answer = cleo.post(f"{BASE}/cases/{case}/readings", content=short, headers=BYTES)
    assert answer.status_code == 422
    assert "says nothing of cleo-load" in answer.json()["detail"]
    assert cleo.post(f"{BASE}/cases/{case}/readings", content=b"\xff\x00", headers=BYTES).status_code == 422


def test_a_paper_is_taken_from_its_signer_alone(court):
    assert court.open(member="ada").status_code == 422
    case = court.open().json()["id"]
    cleo, operator = court.log_in("cleo"), court.log_in("operator")
    assert court.claim(cleo, case, member="ada").status_code == 422
    assert court.claim(cleo, case).status_code == 422  # the service signs for roles only
    draft = court.draft_claim(cleo, case).json()
    signed = {"draft": draft["draft"], "signature": court.governed.sign("cleo", draft["typed_data"])}
    assert operator.post(f"{BASE}/cases/{case}/claims", json=signed).status_code == 422  # another's draft
    assert cleo.post(f"{BASE}/cases/{case}/claims", json=signed).status_code == 201
    assert len(cleo.post(f"{BASE}/cases/{case}/claims", json=signed).json()["claims"]) == 1
    assert cleo.post(f"{BASE}/me/cases", json=signed).status_code == 422  # no draft of a case


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"energy": [1] * (HOURS - 1)}, 422),
        ({"energy": [-1] * HOURS}, 422),
        ({"energy": [2**53] * HOURS}, 422),
        ({"energy": ["1"] * HOURS}, 422),
        ({"evidence": "bm90aGluZw=="}, 422),
        ({"more": 1}, 422),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(court, change, status):
    case = court.open().json()["id"]
    assert court.draft_claim(court.log_in("cleo"), case, **change).status_code == status


def test_every_look_at_anothers_case_is_noted(court):
    case = court.open().json()["id"]
    court.log_in("operator").get(f"{BASE}/cases/{case}")
    told = court.log_in("cleo").get(f"{BASE}/me/accesses").json()["items"]
    assert [(one["by"], one["what"]) for one in told] == [("operator@toits", "case 2024-03")]


def test_precedence_decides_through_the_api_where_no_arbiter_ruled(court):
    case = court.open().json()["id"]
    court.claim(court.log_in("provider"), case)
    court.pass_days(28)
    cleo = court.log_in("cleo")
    assert "close" in cleo.get(f"{BASE}/cases/{case}").json()["may"]
    closed = cleo.post(f"{BASE}/cases/{case}/close").json()
    assert (closed["ruling"]["prevailing"], closed["ruling"]["by"]) == ("provider", "precedence")


@pytest.mark.parametrize(
    ("support", "by", "prevailing"), [(0, "precedence", "provider"), (1, "vote", "nobody")]
)
def test_what_members_voted_is_told_apart_from_what_they_did_not(court, support, by, prevailing):
    case = court.open().json()["id"]
    court.claim(court.log_in("provider"), case)
    court.pass_days(28)
    court.log_in("cleo").post(f"{BASE}/cases/{case}/close")
    assert court.log_in("cleo").get(f"{BASE}/cases/{case}").json()["may"] == ["appeal"]
    appeal = {"kind": "appeal", "text": "No.", "case": 1, "party": "nobody"}
    decide(court.governed, court.governed.propose("ada", **appeal), support)
    if support == 0:
        court.log_in("cleo").post(f"{BASE}/cases/{case}/close")
        court.pass_days(14)
    told = court.log_in("cleo").get(f"{BASE}/cases/{case}").json()
    assert (told["ruling"]["by"], told["ruling"]["prevailing"]) == (by, prevailing)
    assert told["state"] == ("final" if support == 0 else "dismissed")
