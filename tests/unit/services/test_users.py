import stat
from types import SimpleNamespace

import pytest

from backend.adapters.home import Home
from backend.adapters.key_vault import draw_password
from backend.adapters.store import open_store
from backend.community import read_definition
from backend.errors import StoreError
from backend.ports import CommunityRecord
from backend.services.context import CommunityView
from backend.services.passwords import matches
from backend.services.users import ensure_demo_users
from tests.integration.settlement.small_community import DEFINITION


@pytest.fixture
def demo(tmp_path):
    home = Home(tmp_path / "home").create()
    store = open_store(home)
    community = read_definition(DEFINITION, "toits.toml")
    slots = {point.id: slot for slot, point in enumerate(community.metering_points)}
    record = CommunityRecord("toits", "0x" + "11" * 32, DEFINITION, slots, 1)
    with store.transaction() as records:
        records.put_community(record)
    yield SimpleNamespace(store=store, view=CommunityView(record, community), folder=home.keys)
    store.close()


def ensure(demo):
    return ensure_demo_users(demo.store, demo.view, demo.folder, draw_password)


def opens(demo, row):
    with demo.store.reading() as records:
        return matches(records.user_by_login(row["login"]).password_hash, row["password"])


def test_a_demonstration_gets_a_user_per_participant_and_role_and_tells_the_same_again(demo):
    rows = ensure(demo)
    assert [row["login"] for row in rows[:3]] == ["ada@toits", "ben@toits", "cleo@toits"]
    assert {row["role"] for row in rows} == {
        "member",
        "operator",
        "provider",
        "governance",
        "arbiter",
        "auditor",
        "admin",
    }
    assert all(opens(demo, row) for row in rows)
    assert ensure(demo) == rows


def test_the_passwords_of_a_demonstration_are_readable_by_their_owner_alone(demo):
    ensure(demo)
    file = demo.folder / "demo-logins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_the_file_is_lost_the_passwords_told_now_open_the_door(demo):
    before = ensure(demo)
    (demo.folder / "demo-logins.json").unlink()
    after = ensure(demo)
    assert {row["password"] for row in before}.isdisjoint(row["password"] for row in after)
    assert all(opens(demo, row) for row in after)


def test_a_damaged_file_is_named_with_what_to_do(demo):
    ensure(demo)
    (demo.folder / "demo-logins.json").write_text("[")
    with pytest.raises(StoreError, match="--fresh"):
        ensure(demo)
