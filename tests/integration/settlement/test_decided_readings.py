"""Decisions about spans of readings: what is settled, restated and replayed under them."""

from datetime import UTC, datetime

import pytest

from backend.errors import InputError, NotFoundError, PeriodError
from backend.metering import Quality
from backend.metering.decisions import SpanTreatment
from backend.quantities import PeriodCalendar
from backend.services.anchor_batch import assemble
from backend.services.decide_readings import decide_readings
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.replay import replay_run
from backend.services.settle_period import settle_period
from backend.services.treatments import treatments_of
from tests.integration.settlement.small_community import (
    DEFINITION,
    MONTH,
    open_home,
    readings_csv,
    take_settled,
)

HOUR = 3600
NOON = int(datetime(2024, 3, 14, 11, tzinfo=UTC).timestamp())
ACCEPTED, ESTIMATED, RETURNED = SpanTreatment.ACCEPTED, SpanTreatment.ESTIMATED, SpanTreatment.RETURNED


@pytest.fixture
def wiring(tmp_path):
    opened = open_home(tmp_path / "home")
    yield opened
    opened.store.close()


def load(wiring, csv=None, name="readings.csv"):
    file = wiring.home.files / name
    file.write_text(csv or readings_csv())
    load_community(wiring.context, DEFINITION, "toits.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def decide(wiring, treatment, span=(NOON, NOON + HOUR), point="ada-load", reason="The meter was exchanged."):
    return decide_readings(wiring.context, "toits", point, span, treatment, reason=reason)


def settled_at(wiring, run, instant=NOON, point="ada-load"):
    """Energy and quality of a point's interval in the readings that a run was made of."""
    context = wiring.context
    view = context.community("toits")
    calendar = PeriodCalendar(MONTH, view.community.time_zone, view.community.resolution_minutes)
    with context.store.reading() as records:
        record = records.period("toits", run.period)
        batches = records.batches("toits", run.period)
    *former, batch = batches[: run.batch_version]
    readings, _ = assemble(
        context, view, calendar, record, batch.loads, treatments_of(context, "toits"), former
    )
    index = (instant - calendar.start_utc) // calendar.step_seconds
    slot = view.slots[point]
    return int(readings.energy[slot, index]), Quality(readings.quality[slot, index])


def test_what_is_to_be_estimated_is_interpolated_between_its_neighbours(wiring):
    load(wiring)
    decide(wiring, ESTIMATED)
    run = settle_period(wiring.context, "toits", MONTH)
    # 12 o'clock in Paris is 0.2 + 0.037 * 5; its neighbours have 0.2 + 0.037 * 4 and 0.2 + 0.037 * 6.
    assert settled_at(wiring, run) == (385_000, Quality.ESTIMATED)
    assert replay_run(wiring.context, run).holds


def test_what_is_returned_stays_missing_though_the_rule_estimates_gaps(wiring):
    load(wiring)
    decide(wiring, RETURNED)
    run = settle_period(wiring.context, "toits", MONTH)
    assert settled_at(wiring, run) == (0, Quality.MISSING)
    assert replay_run(wiring.context, run).holds


def test_a_decision_after_settling_restates_and_the_former_run_is_replayed_as_it_was(wiring):
    first = take_settled(wiring)
    decide(wiring, RETURNED, (NOON, NOON + 3 * HOUR))
    second = settle_period(wiring.context, "toits", MONTH)
    assert (second.version, second.batch_version) == (2, 2)
    assert second.consumption < first.consumption
    with wiring.context.store.reading() as records:
        former, later = records.runs("toits", MONTH.id)
    # The chain says by now that the former run is superseded; what it was made of is rebuilt all the same.
    assert not [found for found in replay_run(wiring.context, former).differences if found.field == "root"]
    assert replay_run(wiring.context, later).holds
    assert settle_period(wiring.context, "toits", MONTH) == second


def test_what_was_anchored_as_measured_is_never_estimated_afterwards(wiring):
    take_settled(wiring)
    decide(wiring, ESTIMATED)
    run = settle_period(wiring.context, "toits", MONTH)
    assert settled_at(wiring, run) == (0, Quality.MISSING)
    assert replay_run(wiring.context, run).holds


def test_an_interval_that_was_estimated_from_the_start_stays_estimated_when_others_arrive(wiring):
    load(wiring, readings_csv(without={"cleo-load"}))
    decide(wiring, ESTIMATED)
    settle_period(wiring.context, "toits", MONTH)
    load(wiring, name="all.csv")  # the same readings of ada-load again: not an answer
    run = settle_period(wiring.context, "toits", MONTH)
    assert run.batch_version == 2
    assert settled_at(wiring, run) == (385_000, Quality.ESTIMATED)
    assert replay_run(wiring.context, run).holds


def test_what_the_operator_delivers_afterwards_stands(wiring):
    load(wiring)
    decide(wiring, RETURNED)
    row = f"ada-load,{datetime.fromtimestamp(NOON, UTC).isoformat()},60,0.123456,edited"
    load(wiring, f"metering_point,start,resolution_minutes,energy_kwh,quality\n{row}\n", "answer.csv")
    run = settle_period(wiring.context, "toits", MONTH)
    assert settled_at(wiring, run) == (123_456, Quality.EDITED)


def test_accepting_takes_a_decision_back_and_accepting_alone_changes_nothing(wiring):
    first = take_settled(wiring)
    decide(wiring, ACCEPTED)
    assert settle_period(wiring.context, "toits", MONTH) == first
    decide(wiring, RETURNED)
    assert settle_period(wiring.context, "toits", MONTH).version == 2
    decide(wiring, ACCEPTED)
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.version, run.consumption) == (3, first.consumption)
    assert replay_run(wiring.context, run).holds


def test_a_decision_far_from_a_period_makes_no_new_version_of_it(wiring):
    load(wiring)
    decide(wiring, RETURNED, (NOON, NOON + HOUR), point="cleo-load")
    first = settle_period(wiring.context, "toits", MONTH)
    april = readings_csv(span=type(MONTH).from_month("2024-06"))
    load(wiring, april, "june.csv")
    june = int(datetime(2024, 6, 20, 11, tzinfo=UTC).timestamp())
    decide(wiring, RETURNED, (june, june + HOUR))
    assert settle_period(wiring.context, "toits", MONTH) == first


def test_the_same_decision_again_is_the_one_that_is_there(wiring):
    load(wiring)
    assert decide(wiring, RETURNED) == decide(wiring, RETURNED, reason="In other words.")
    assert decide(wiring, ACCEPTED).number == 2
    assert decide(wiring, RETURNED).number == 3


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"span": (NOON, NOON)}, "no span"),
        ({"span": (NOON + HOUR, NOON)}, "no span"),
        ({"span": (NOON + 1, NOON + HOUR)}, "not on the grid"),
        ({"span": (NOON, NOON + 401 * 86_400)}, "at most 400 days"),
        ({"span": (0, HOUR)}, "No readings are stored around"),
        ({"reason": "  \n "}, "Give a reason"),
        ({"reason": "x" * 501}, "this one has 501"),
        ({"point": "ben-solar"}, "feed-in is never estimated"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(wiring, changed, words):
    load(wiring)
    with pytest.raises(InputError, match=words):
        decide(wiring, ESTIMATED, **changed)
    assert treatments_of(wiring.context, "toits").decisions == ()


def test_nothing_is_decided_about_points_or_readings_that_are_not_there(wiring):
    load_community(wiring.context, DEFINITION, "toits.toml")
    with pytest.raises(NotFoundError, match="ada-lode"):
        decide(wiring, RETURNED, point="ada-lode")
    with pytest.raises(PeriodError, match="no readings"):
        decide(wiring, RETURNED)
