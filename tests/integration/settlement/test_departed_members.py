"""Who has left stays named in the sharing key: the months after are settled and proved without them."""

import pytest

from backend.services.bundles import make_bundle
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from backend.verifier import verify
from tests.integration.settlement.shared_street import PRODUCER_KEY, participants_of, street, street_csv
from tests.integration.settlement.small_community import MONTH, open_home, take_settled

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
    run = take_settled(wiring, readings, definition + _EMIL)
    assert 0 < run.allocated < min(run.feed_in, run.consumption)
    assert participants_of(wiring) == ["ada", "ben", "cleo"]
    for participant in ("ada", "ben", "cleo"):
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)
        assert verdict.ok, (participant, verdict.failures)


def _number(definition, *points):
    for point in points:
        definition = definition.replace(f'id = "{point}"\n', f'id = "{point}"\nexternal_id = "145"\n', 1)
    return definition


def test_who_moves_in_goes_on_with_the_meter_of_who_moved_out(tmp_path):
    wiring = open_home(tmp_path / "home")
    gone = street("dynamic", "").replace('id = "ada-load"\n', 'id = "ada-load"\nvalid_to = "2024-03-10"\n')
    definition = _number(gone, "ada-load", "cleo-load")  # cleo's membership begins on the day after
    rows = [
        row for row in street_csv().splitlines() if not row.startswith("ada") or row[9:19] <= "2024-03-10"
    ]
    take_settled(wiring, "\n".join(rows) + "\n", definition)
    for participant in ("ada", "cleo"):
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)
        assert verdict.ok, (participant, verdict.failures)


def test_both_directions_of_a_meter_may_have_its_one_number_in_two_communities(tmp_path):
    wiring = open_home(tmp_path / "home")
    half = _number(street("dynamic", ""), "ben-load", "ben-solar").replace(
        'external_id = "145"', 'external_id = "145"\nparticipation_ppm = 500000'
    )
    take_settled(wiring, street_csv(), half)
    file = wiring.home.files / "others.csv"
    file.write_text(street_csv())
    other = half.replace('id = "ben-load"\nexternal_id = "145"\n', 'id = "ben-load"\n')
    load_community(wiring.context, other.replace('id = "toits"', 'id = "quais"'), "quais.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community="quais")
    settle_period(wiring.context, "quais", MONTH)
    with wiring.context.store.reading() as records:
        nonces = [
            {key.slot: key.nonce for key in records.slot_keys(name, MONTH.id)} for name in ("toits", "quais")
        ]
    load, solar = 1, 2
    assert [nonces[0][slot] == nonces[1][slot] for slot in (0, load, solar)] == [False, False, True]
    assert nonces[0][load] != nonces[0][solar]
    verdict = verify(make_bundle(wiring.context, "quais", MONTH, "ben"), wiring.node.rpc)
    assert verdict.ok, verdict.failures
