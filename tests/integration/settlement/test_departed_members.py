"""Who has left stays named in the sharing key: the months after are settled and proved without them."""

import pytest

from backend.services.bundles import make_bundle
from backend.verifier import verify
from tests.integration.settlement.shared_street import PRODUCER_KEY, participants_of, street, street_csv
from tests.integration.settlement.small_community import MONTH, load_and_settle, open_home

HALVES = 'coefficients_ppm = { "ada-load" = 500000, "ben-load" = 200000, "emil-load" = 250000 }'
KEYS = {
    "static": f"{HALVES}\n{PRODUCER_KEY}",
    "static_cascade": HALVES,
    "hybrid": HALVES,
    "pairwise": 'pairs_ppm = { "ben-solar" = { "ada-load" = 300000, "emil-load" = 700000 }, '
    '"dora-solar" = { "ada-load" = 999999 } }',
    "priority": 'tiers = [{ method = "static", points = ["ada-load", "emil-load"] }, { method = "dynamic" }]\n'
    'coefficients_ppm = { "ada-load" = 400000, "emil-load" = 300000 }',
    "flow": 'links = { preferences = [["ada-load", "dora-solar"]], donations = [["ben-solar", "emil-load"]], '
    'caps = [{ producer = "dora-solar", consumer = "emil-load", max_power_watts = 5 }] }',
}
_EMIL = """
[[participants]]
id = "emil"
name = "Emil"

[[metering_points]]
id = "emil-load"
participant = "emil"
direction = "consumption"
valid_to = "2024-02-29"
"""


@pytest.mark.parametrize("method", KEYS)
def test_a_month_after_members_with_the_last_slots_left_is_settled_and_proved(tmp_path, method):
    wiring = open_home(tmp_path / "home")
    definition = street(method, KEYS[method]).replace(
        'id = "dora-solar"', 'id = "dora-solar"\nvalid_to = "2024-02-29"'
    )
    readings = "\n".join(row for row in street_csv().splitlines() if not row.startswith("dora")) + "\n"
    run = load_and_settle(wiring, readings, definition + _EMIL)
    assert 0 < run.allocated < min(run.feed_in, run.consumption)
    assert participants_of(wiring) == ["ada", "ben", "cleo"]
    for participant in ("ada", "ben", "cleo"):
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)
        assert verdict.ok, (participant, verdict.failures)
