"""A replay believes nothing that was kept: it shares the readings again, and says what is otherwise."""

import dataclasses

import pytest

from backend.commitments import LeafKind
from backend.commitments.openings import Place
from backend.services.replay import replay_run
from tests.integration.settlement.shared_street import KEYS, street, street_csv
from tests.integration.settlement.small_community import (
    MONTH,
    load_and_settle,
    open_home,
    readings_csv,
    take_settled,
)

NOON = 10 * 24 + 12


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def keep(wiring, run, **fields):
    """Let the store tell other rows of a run than those that were settled."""
    frame = wiring.intervals.allocation("toits", MONTH.id, run.version)
    values = {name: getattr(frame, name).copy() for name in fields}
    for name, change in fields.items():
        place, by = change
        values[name][place] += by
    altered = dataclasses.replace(frame, **values)
    wiring.intervals.allocation = lambda *_: altered


@pytest.mark.parametrize("method", KEYS)
def test_an_honest_run_of_any_key_holds(wiring, method):
    run = take_settled(wiring, street_csv(), street(method, KEYS[method], ""))
    replay = replay_run(wiring.context, run)
    assert replay.holds, replay.differences


def test_an_older_run_holds_after_corrected_readings(wiring):
    first = take_settled(wiring)
    second = load_and_settle(wiring, readings_csv(scale=2))
    assert first.root != second.root
    assert replay_run(wiring.context, first).holds
    assert replay_run(wiring.context, second).holds


def test_rows_that_were_altered_where_they_are_kept_are_named(wiring):
    run = take_settled(wiring)
    keep(wiring, run, allocated=((0, NOON), 5))
    found = replay_run(wiring.context, run).differences
    assert {difference.what for difference in found} == {"kept"}
    assert Place(LeafKind.ROW, 0, 10, 12) in {difference.place for difference in found}


def test_readings_that_were_altered_where_they_are_kept_are_noticed(wiring):
    run = take_settled(wiring)
    true = wiring.intervals.readings

    def readings(*arguments):
        table = true(*arguments)
        energy = table.energy.copy()
        energy[len(energy) // 2] += 1
        return dataclasses.replace(table, energy=energy)

    wiring.intervals.readings = readings
    found = replay_run(wiring.context, run).differences
    assert ("batch", "root") in {(difference.what, difference.field) for difference in found}
    assert any(difference.place and difference.place.kind is LeafKind.ROW for difference in found)


def test_a_run_whose_rows_are_not_here_is_said_to_be_withheld(wiring):
    run = take_settled(wiring)
    other = dataclasses.replace(run, run_id="0x" + "12" * 32)
    found = replay_run(wiring.context, other).differences
    assert ("withheld", "run") in {(difference.what, difference.field) for difference in found}


def test_what_an_earlier_batch_had_measured_is_not_estimated_later(wiring):
    take_settled(wiring)
    lines = readings_csv().splitlines()
    gap = next(i for i, line in enumerate(lines) if line.startswith("ada-load") and "-10T11:" in line)
    point, start, minutes, *_ = lines[gap].split(",")
    lines[gap] = f"{point},{start},{minutes},,missing"
    run = load_and_settle(wiring, "\n".join(lines) + "\n")
    replay = replay_run(wiring.context, run)
    assert replay.holds
    batch = replay.rebuilt.batch
    assert (batch.version, batch.estimated, batch.missing) == (2, 0, 1)
