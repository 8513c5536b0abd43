"""A community from which somebody moved out, with all that can be known of her."""

import secrets
from dataclasses import replace

import numpy as np

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.grid import ConnectionSeries, Origin
from backend.ports.governance_records import RehearsalRecord
from backend.ports.identity_records import AccountRecord, KeyBackupRecord, PasskeyRecord
from backend.services.load_community import load_community
from backend.services.privacy_erasure import erase_due
from backend.services.users import add_user
from tests.integration.settlement.small_community import DEFINITION, load_and_settle
from tests.small_network import network_record, small_network

NUMBER = "14512345678901"
NAME = "Ada Quintessenz"
LEFT = (
    DEFINITION.replace('name = "Ada"', f'name = "{NAME}"')
    .replace('id = "ada-load"\n', f'id = "ada-load"\nexternal_id = "{NUMBER}"\nvalid_to = "2024-03-31"\n')
    .replace('"ada', '"quint')
)
PERSON, POINT = "quint", "quint-load"
SETTLED = 1_711_929_600 + 90 * 86_400  # July 2024
YEAR = 366 * 86_400


def open_home(folder, now=SETTLED):
    wiring = Wiring(Home(folder), FixedClock(now))
    wiring.home.create()
    return wiring


def settle(wiring):
    from tests.integration.settlement.small_community import readings_csv

    csv = readings_csv().replace("ada-load", POINT)
    run = load_and_settle(wiring, csv, LEFT)
    load_community(wiring.context, LEFT, "toits.toml")
    return run


def network_of_leaver():
    """The street's network: she is joined to its first connection by her number too."""
    network = small_network()
    first = replace(network.connections[0], metering_points=(POINT, NUMBER))
    return replace(network, connections=(first, *network.connections[1:]))


def join(wiring):
    """A user with everything: password, passkey, account, sealed key, looks at and of others."""
    store, now = wiring.store, wiring.clock.now_utc()
    user, _ = add_user(
        store,
        "quint@toits",
        ["member"],
        community="toits",
        participant=PERSON,
        draw_password=lambda: "x" * 20,
    )
    address = wiring.vault.account("watcher").address
    with store.transaction() as records:
        records.put_passkey(PasskeyRecord("Y3JlZGVudGlhbA", user.id, "cHVibGlj", 1, "Quint's phone", now))
        records.put_account(AccountRecord(user.id, address, "browser", now))
        records.put_key_backup(KeyBackupRecord(user.id, "sealed-" + secrets.token_hex(8), now))
        records.log_access(user.id, "toits/ben", "bill 2024-03", now)
        records.log_access("somebody", f"toits/{PERSON}", "bill 2024-03", now)
        lines = {PERSON: {"gain": 1}, "ben": {"gain": 2}}
        records.put_rehearsal(
            RehearsalRecord(
                "r1", "toits", user.id, {}, 1, "done", {"public": {}, "lines": lines}, "0x", "", now
            )
        )
        records.put_network(network_record(network_of_leaver(), "toits", now))
        records.put_fact("api/idempotency", {"k": {"answer": {"login": "quint@toits"}}})
    watts = np.full((4, 3), 777.0)
    wiring.profiles.put("rue", ConnectionSeries(0, 60, watts, watts, (Origin.PROFILE,) * 4))
    for place in (wiring.home.cases / "toits" / "1", wiring.home.cache / "readings"):
        place.mkdir(parents=True)
        (place / "claim.json").write_text(f'{{"point": "{POINT}"}}')
    return user, address


def erase(wiring):
    return erase_due(wiring.context, wiring.erasers)
