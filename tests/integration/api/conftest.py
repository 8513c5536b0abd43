"""A settled community behind the API, copied for each test; and people who log in to it."""

import json
import logging
import shutil
import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.adapters.key_vault import draw_password
from backend.api.application import create_app
from backend.api.settings import ApiSettings
from backend.bootstrap import Wiring
from backend.services.load_community import load_community
from backend.services.users import add_user, ensure_demo_users
from tests.integration.settlement.small_community import DEFINITION, load_and_settle, open_home
from tests.prepared import copy_prepared
from tests.small_network import network_record, small_network

OTHER = DEFINITION.replace('id = "toits"', 'id = "lac"').replace("Toits du Rhône", "Maisons du Lac")
PASSWORDS = "passwords.json"
WRITES = {"X-Partage-Request": "1"}


@dataclass
class Place:
    """A home, its service and who may log in."""

    wiring: Wiring
    app: Any
    clock: FixedClock
    passwords: dict[str, str]
    clients: list[TestClient] = field(default_factory=list)

    def visit(self, **options) -> TestClient:
        """A browser that is not logged in, but sends what our pages send."""
        client = TestClient(self.app, headers=WRITES, follow_redirects=False, **options)
        self.clients.append(client)
        return client

    def log_in(self, login: str, **options) -> TestClient:
        """A browser that is logged in."""
        client = self.visit(**options)
        answer = client.post("/api/v1/session", json={"login": login, "password": self.passwords[login]})
        assert answer.status_code == 200, answer.text
        return client


@dataclass
class Template:
    folder: Any
    passwords: dict[str, str]


def _make_home(folder):
    wiring = open_home(folder)
    load_and_settle(wiring)
    load_community(wiring.context, OTHER, "lac.toml")
    passwords: dict[str, str] = {}
    for community in ("toits", "lac"):
        rows = ensure_demo_users(
            wiring.store, wiring.context.community(community), wiring.home.keys, draw_password
        )
        passwords |= {row["login"]: row["password"] for row in rows}
    quay = replace(small_network(), name="quai")
    with wiring.store.transaction() as records:
        records.put_network(network_record(small_network(), "toits"))
        records.put_network(network_record(quay, "lac"))
    _, passwords["root"] = add_user(wiring.store, "root", ["admin"], draw_password=draw_password)
    wiring.store.close()
    (folder / PASSWORDS).write_text(json.dumps(passwords))


@pytest.fixture(scope="session")
def settled_home(tmp_path_factory):
    """Two communities with a network each, the first of them settled; a user per participant and role, and an admin."""
    folder = tmp_path_factory.mktemp("settled") / "home"
    copy_prepared(folder, _make_home)
    return Template(folder, json.loads((folder / PASSWORDS).read_text()))


def open_place(folder, passwords):
    wiring = Wiring(Home(folder))
    clock = FixedClock(int(time.time()))
    wiring.clock = clock  # one that stands still
    return Place(wiring, create_app(wiring, ApiSettings()), clock, dict(passwords))


def close_place(place):
    for client in place.clients:
        client.close()
    place.wiring.store.close()


@pytest.fixture
def place(settled_home, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(settled_home.folder, tmp_path / "home")
    opened = open_place(tmp_path / "home", settled_home.passwords)
    yield opened
    close_place(opened)


@pytest.fixture(scope="module")
def shared_place(settled_home, tmp_path_factory):
    """A copy for tests that only look."""
    folder = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(settled_home.folder, folder)
    opened = open_place(folder, settled_home.passwords)
    yield opened
    close_place(opened)


@pytest.fixture(autouse=True)
def _logs(caplog):
    caplog.set_level(logging.INFO)
