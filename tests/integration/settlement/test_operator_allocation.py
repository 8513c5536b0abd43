"""Where the grid operator's allocation binds: it is settled as it came, checked, proved, and held against our own."""

import numpy as np
import pytest

from backend.adapters.meter_files.allocation_csv import COLUMNS
from backend.errors import ConformityError, PeriodError, ReadingsError
from backend.ports import NO_BASIS, RunState
from backend.services.bundles import make_bundle
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.operator_allocation import load_allocations
from backend.services.reconcile_period import reconcile_period
from backend.services.reconciliation_views import rows_of
from backend.services.settle_period import settle_period
from backend.verifier import verify
from tests.integration.settlement.shared_street import KEYS, participants_of, street, street_csv
from tests.integration.settlement.small_community import MONTH, open_home

BINDING = street("dynamic") + '\n[allocation]\nsource = "operator"\n'
HEADER = ",".join(COLUMNS)
CLEO_FROM = "2024-03-10T23:00:00+00:00"


@pytest.fixture
def wiring(tmp_path):
    home = open_home(tmp_path / "home")
    load_community(home.context, BINDING, "toits.toml")
    file = home.home.files / "readings.csv"
    file.write_text(street_csv())
    load_readings(home.context, home.reader_for(), [file], community="toits")
    return home


def operators_rows():
    """Half of what ben's roof feeds in, to ada as far as she uses it; nothing to anyone else."""
    energies = {}
    for row in street_csv().splitlines()[1:]:
        point, start, _, energy, _ = row.split(",")
        energies[point, start] = round(1_000_000 * float(energy))
    rows = {}
    for (point, start), energy in energies.items():
        if point == "cleo-load" and start < CLEO_FROM:
            continue
        given = min(energies["ada-load", start], energies["ben-solar", start] // 2)
        part = given if point in {"ada-load", "ben-solar"} else 0
        rows[point, start] = (energy, part)
    return rows


def csv_of(rows):
    lines = [HEADER]
    for (point, start), (energy, part) in rows.items():
        figures = ",".join(f"{value / 1_000_000:.6f}" for value in (energy, part, energy - part))
        lines.append(
            f"{point},{start},60,{figures},,," if "load" in point else f"{point},{start},60,,,,{figures}"
        )
    return "\n".join(lines) + "\n"


def load(wiring, text):
    file = wiring.home.files / "operator.csv"
    file.write_text(text)
    return load_allocations(wiring.context, wiring.read_allocations, "toits", file)


def settle(wiring):
    return settle_period(wiring.context, "toits", MONTH)


def prove(wiring):
    for participant in participants_of(wiring):
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)
        assert verdict.ok, (participant, verdict.failures)


def test_the_operators_allocation_is_settled_as_it_came_and_proved(wiring):
    loaded = load(wiring, csv_of(operators_rows()))
    assert (loaded.is_new, loaded.load.rows) == (True, len(operators_rows()))
    run = settle(wiring)
    assert run.state is RunState.FINAL
    assert run.basis != NO_BASIS
    told = wiring.chain.read("settlement_ledger", "run", run.run_id)
    assert told["basis"] == run.basis
    frame = wiring.intervals.allocation("toits", MONTH.id, 1)
    expected = sum(part for (point, _), (_, part) in operators_rows().items() if point == "ada-load")
    assert run.allocated == frame.allocated[0].sum() == expected
    assert frame.links[:, :3].tolist() == [[2, 0, expected]]
    assert (frame.rounds.shape[1], frame.tau.sum(), frame.credited.sum()) == (0, 0, 0)
    prove(wiring)


def test_consumers_who_would_own_the_surplus_are_credited_nothing_and_all_is_proved(tmp_path):
    home = open_home(tmp_path / "owned")
    key = f'{KEYS["static"]}\nsurplus_owner = "consumer"'
    load_community(
        home.context, street("static", key) + '\n[allocation]\nsource = "operator"\n', "toits.toml"
    )
    file = home.home.files / "readings.csv"
    file.write_text(street_csv())
    load_readings(home.context, home.reader_for(), [file], community="toits")
    load(home, csv_of(operators_rows()))
    settle(home)
    prove(home)


def test_our_own_computation_is_kept_beside_and_each_difference_told(wiring):
    load(wiring, csv_of(operators_rows()))
    settle(wiring)
    frame = wiring.intervals.allocation("toits", MONTH.id, 1)
    found = reconcile_period(wiring.context, "toits", MONTH.label)
    rows = rows_of(found, found.rows, range(5))
    assert len(rows) == np.count_nonzero(frame.allocated != frame.computed) > 0
    assert {row["metering_point"] for row in rows} == {
        "ada-load",
        "ben-load",
        "ben-solar",
        "cleo-load",
        "dora-solar",
    }


def test_a_correction_of_the_operators_makes_a_new_run_that_rests_on_both_files(wiring):
    rows = operators_rows()
    load(wiring, csv_of(rows))
    first = settle(wiring)
    assert settle(wiring) == first
    place = next(key for key, (_, part) in rows.items() if key[0] == "ada-load" and part > 9)
    corrected = {key: (rows[key][0], rows[key][1] - 9) for key in (place, ("ben-solar", place[1]))}
    load(wiring, csv_of(corrected))
    second = settle(wiring)
    assert (second.version, second.state) == (2, RunState.FINAL)
    assert second.basis != first.basis
    assert second.allocated == first.allocated - 9
    prove(wiring)


def test_without_the_operators_file_nothing_is_opened(wiring):
    with pytest.raises(PeriodError, match="partage allocations load toits FILE"):
        settle(wiring)
    with wiring.store.reading() as records:
        assert records.period("toits", MONTH.id) is None


def test_a_file_that_lacks_a_members_row_is_not_settled(wiring):
    rows = operators_rows()
    del rows[next(key for key in rows if key[0] == "ben-load")]
    load(wiring, csv_of(rows))
    with pytest.raises(PeriodError, match=r"lacks ben-load at 2024-02-29T23:00Z, and 1 such rows"):
        settle(wiring)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (("ada-load",), r"gives consumers \d+ mWh at .*, but shares \d+ mWh of the feed-in \(1 such"),
        (("ada-load", "ben-solar"), r"gives ada-load \d+ mWh at .*, but its reading is \d+ mWh"),
    ],
)
def test_what_does_not_conserve_or_exceeds_a_reading_is_refused_and_no_run_is_kept(wiring, points, message):
    rows = operators_rows()
    noon = next(
        start for (point, start), (energy, part) in rows.items() if point == "ada-load" and part == energy
    )
    rows |= {(point, noon): (rows[point, noon][0] + 1, rows[point, noon][1] + 1) for point in points}
    if len(points) == 1:
        rows["ada-load", noon] = (rows["ada-load", noon][0] - 1, rows["ada-load", noon][1] - 2)
    load(wiring, csv_of(rows))
    with pytest.raises(ConformityError, match=message):
        settle(wiring)
    with wiring.store.reading() as records:
        assert records.runs("toits", MONTH.id) == []


START = "2024-03-12T10:00:00+00:00"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            f"ada-load,{START},60,0.5,0.2,0.2,,,",
            "allocated_kwh and residual_kwh do not come to consumption_kwh",
        ),
        (f"ada-load,{START},60,0.5,,0.5,,,", "allocated_kwh is empty"),
        (f"ada-load,{START},60,0.5,0.2,0.3,1.0,,", "belong to the other direction"),
        (f"ben-solar,{START},60,,,,0.5,0.6,-0.1", "surplus_kwh: "),
        (f"ada-load,{START},15,0.5,0.2,0.3,,,", "resolution_minutes is not 60, the community's"),
        ("ada-load,2024-03-12T10:20:00Z,60,0.5,0.2,0.3,,,", "the start is on no interval's start"),
        (f"nobody,{START},60,0.5,0.2,0.3,,,", 'metering point "nobody" is not in the community'),
    ],
)
def test_a_row_that_contradicts_itself_refuses_the_file_with_its_line(wiring, row, message):
    with pytest.raises(ReadingsError, match=message) as refusal:
        load(wiring, f"{HEADER}\n{row}\n")
    assert refusal.value.findings[0].line == 2
    assert wiring.context.operator_allocations.loads("toits") == []


def test_a_row_twice_refuses_the_file_and_the_same_file_again_changes_nothing(wiring):
    text = csv_of(operators_rows())
    with pytest.raises(ReadingsError, match="there is a row already; keep one"):
        load(wiring, text + text.splitlines()[1] + "\n")
    first = load(wiring, text)
    assert load(wiring, text) == type(first)("toits", first.load, is_new=False, findings=())
