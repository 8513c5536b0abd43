"""Lies in runs by a schedule, by the operator's allocation, and over similar days: each is found and voided too."""

import pytest

from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from backend.services.contests import find_contest, send_contest
from backend.services.contests.finding import call_of
from backend.services.hand_in_schedule import hand_in_schedule
from backend.services.operator_allocation import load_allocations
from tests.integration.contests.lying import VOIDED, LyingSettler, found
from tests.integration.contests.test_lies import (
    ADA,
    BEN_SOLAR,
    DORA,
    LIES,
    NOON,
    ROW,
    SPAN,
    WINDOW,
    altered,
    more,
    without_hours,
)
from tests.integration.settlement.shared_street import street, street_csv
from tests.integration.settlement.small_community import DEFINITION, MONTH, open_home, readings_csv
from tests.integration.settlement.test_operator_allocation import csv_of, operators_rows
from tests.integration.settlement.test_schedules import coefficients_csv

COMES = ('valid_from = "2024-03-11"', 'valid_from = "2024-03-29"')


def write(wiring, text, name):
    file = wiring.home.files / name
    file.write_text(text)
    return file


def by_schedule(tmp_path):
    wiring = open_home(tmp_path / "home")
    key = 'schedule = "after"\nsurplus_owner = "consumer"'
    definition = street("scheduled", key).replace(*COMES) + WINDOW
    settler = LyingSettler(wiring, definition, street_csv(), SPAN)
    file = write(wiring, coefficients_csv(period=SPAN), "coefficients.csv")
    hand_in_schedule(settler.context, wiring.read_coefficients, settler.id, SPAN, file)
    return settler


def by_operator(tmp_path):
    wiring = open_home(tmp_path / "home")
    definition = street("dynamic").replace(*COMES) + WINDOW + '\n[allocation]\nsource = "operator"\n'
    settler = LyingSettler(wiring, definition, street_csv(), SPAN)
    rows = {place: told for place, told in operators_rows().items() if not is_before_cleo(*place)}
    load_allocations(
        settler.context, wiring.read_allocations, settler.id, write(wiring, csv_of(rows), "operator.csv")
    )
    return settler


def is_before_cleo(point, start):
    return point == "cleo-load" and start < "2024-03-28T23:00:00+00:00"


# Rows follow the operator: what was given is held against the totals and the sums over all.
OPERATORS = {
    "an allocation": {"sum"},
    "a shared part": {"sum"},
    "a worth": {"header"},
}


@pytest.mark.parametrize("settler_by", [by_schedule, by_operator])
def test_every_lie_in_a_run_of_another_source_is_found_and_voids_it(tmp_path, settler_by):
    settler = settler_by(tmp_path)
    for name, (lies, contests) in LIES.items():
        expected = OPERATORS.get(name, contests) if settler_by is by_operator else contests
        rebuilt, honest, anchored = settler.propose(lies)
        proof = find_contest(settler.context.chain, anchored, found(honest, anchored), "watcher")
        assert proof is not None, name
        assert proof.name in expected, (name, proof.name)
        send_contest(settler.context, rebuilt.run, proof)
        assert settler.state(anchored) == VOIDED, name


@pytest.mark.parametrize("settler_by", [by_schedule, by_operator])
def test_an_honest_run_of_another_source_survives_the_contests_of_its_rows(tmp_path, settler_by):
    settler = settler_by(tmp_path)
    _, honest, anchored = settler.propose(bill_lies=lambda _: {})
    assert found(honest, anchored) == []
    holds = "RowHolds" if settler_by is by_schedule else "RowsFollowOperator"
    for slot in (ADA, 1, BEN_SOLAR, DORA):
        for day in (0, 3):
            row = Place(ROW, slot, day, NOON)
            assert settler.answer(anchored, "row", row) == holds
            assert settler.answer(anchored, "value", row) == "ValueHolds"
            assert (
                settler.answer(anchored, "stair", row._replace(kind=LeafKind.STAIR, slot=0)) == "StairHolds"
            )
            assert settler.answer(anchored, "last_stair", row) == "StairHolds"


@pytest.fixture
def estimated(tmp_path):
    """A month in which one point lacks five hours of a day: its weekdays before and after say what it used."""
    csv = without_hours(readings_csv(), "ada-load", "2024-03-16", range(8, 13))
    return LyingSettler(open_home(tmp_path / "home"), DEFINITION + WINDOW, csv, MONTH)


MEANS = [Place(LeafKind.READING, ADA, 15, t) for t in range(9, 14)]


def test_an_honest_mean_of_similar_days_survives(estimated):
    _, _, anchored = estimated.propose()
    for place in MEANS:
        assert estimated.answer(anchored, "similar", place) == "EstimateHolds"


@pytest.mark.parametrize("lie", [{"energy": more()}, {"energy": 0}])
def test_a_mean_of_similar_days_that_is_none_voids_the_run(estimated, lie):
    batch = estimated.rebatch(altered(*MEANS[2], **lie))
    _, honest, anchored = estimated.propose(batch=batch)
    proof = find_contest(estimated.context.chain, anchored, found(honest, anchored), "watcher")
    assert proof is not None
    assert proof.name == "similar"
    estimated.send(call_of(proof, "watcher"))
    assert estimated.state(anchored) == VOIDED
