"""Coefficients for each interval: handed in, anchored with the time, settled by and proved."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.errors import NotFoundError, PeriodError, ReadingsError, SharingKeyError
from backend.ports import RunState
from backend.ports.failpoints import Crash, armed
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.bundles import make_bundle
from backend.services.hand_in_schedule import hand_in_schedule
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from backend.verifier import verify
from tests.integration.settlement.shared_street import participants_of, street, street_csv
from tests.integration.settlement.small_community import MONTH, open_home

AFTER = street("scheduled", 'schedule = "after"')
OWNED = street("scheduled", 'schedule = "after"\nsurplus_owner = "consumer"')
FUTURE = SettlementPeriod.from_month(f"{datetime.now(UTC) + timedelta(days=60):%Y-%m}")


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def starts_of(period=MONTH):
    return PeriodCalendar(period, "Europe/Paris", 60).starts_utc()


def instant(start):
    return str(np.datetime64(start, "s")) + "Z"


def coefficients_csv(shift=0, period=MONTH):
    """Ada by day, ben by night; cleo, who comes later, on her days."""
    rows = ["metering_point,start,coefficient_ppm"]
    for place, start in enumerate(starts_of(period)):
        rows.append(f"ada-load,{instant(start)},{300_000 + shift + place}")
        rows.append(f"ben-load,{instant(start)},{100_000 + place % 24}")
    return "\n".join(rows) + "\n"


def write(wiring, text, name="coefficients.csv"):
    file = wiring.home.files / name
    file.write_text(text)
    return file


def hand_in(wiring, text=None, period=MONTH):
    file = write(wiring, coefficients_csv(period=period) if text is None else text)
    return hand_in_schedule(wiring.context, wiring.read_coefficients, "toits", period, file)


def prepare(wiring, definition=AFTER):
    load_community(wiring.context, definition, "toits.toml")
    file = write(wiring, street_csv(), "readings.csv")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")


def prove(wiring):
    for participant in participants_of(wiring):
        verdict = verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)
        assert verdict.ok, (participant, verdict.failures)


@pytest.mark.parametrize("definition", [AFTER, OWNED])
def test_a_month_by_coefficients_for_each_hour_is_settled_and_proved(wiring, definition):
    prepare(wiring, definition)
    handed = hand_in(wiring)
    assert (handed.is_new, handed.rows, handed.empty) == (True, 2 * 743, 0)
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.state, run.basis) == (RunState.FINAL, handed.schedule.schedule_id)
    frame = wiring.intervals.allocation("toits", MONTH.id, 1)
    pool = frame.energy[2] + frame.energy[4]
    most = pool * (300_000 + np.arange(743)) // 1_000_000
    assert np.array_equal(frame.allocated[0], np.minimum(most, frame.energy[0]))
    assert frame.allocated[3].sum() == 0
    assert (frame.credited.sum() > 0) == (definition is OWNED)
    told = wiring.chain.read("schedule_book", "schedule", handed.schedule.schedule_id)
    assert (told["root"], told["slots"], told["dayCount"]) == (handed.schedule.root, 5, 31)
    prove(wiring)


def test_the_same_file_is_handed_in_once_and_another_makes_a_version_and_a_new_run(wiring):
    prepare(wiring)
    first = hand_in(wiring)
    block = wiring.node.rpc("eth_blockNumber", [])
    again = hand_in(wiring)
    assert (again.is_new, again.schedule) == (False, first.schedule)
    assert wiring.node.rpc("eth_blockNumber", []) == block
    settle_period(wiring.context, "toits", MONTH)
    second = hand_in(wiring, coefficients_csv(shift=5))
    assert second.schedule.version == 2
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.version, run.basis, run.state) == (2, second.schedule.schedule_id, RunState.FINAL)
    assert settle_period(wiring.context, "toits", MONTH).version == 2
    prove(wiring)


def test_without_coefficients_nothing_is_opened_and_the_message_says_what_to_do(wiring):
    prepare(wiring)
    with pytest.raises(PeriodError, match="partage schedule load toits FILE --period 2024-03"):
        settle_period(wiring.context, "toits", MONTH)
    with wiring.store.reading() as records:
        assert records.period("toits", MONTH.id) is None


def test_a_key_that_takes_no_coefficients_refuses_them(wiring):
    prepare(wiring, street("dynamic"))
    with pytest.raises(SharingKeyError, match="2024-03 is shared by 'dynamic', which takes no coefficients"):
        hand_in(wiring)


def test_coefficients_that_are_due_ahead_are_refused_once_the_period_has_begun(wiring):
    prepare(wiring, street("scheduled", 'schedule = "ahead"'))
    with pytest.raises(PeriodError, match="were due before 2024-02-29T23:00Z, when it began"):
        hand_in(wiring)
    handed = hand_in(wiring, period=FUTURE)
    told = wiring.chain.read("schedule_book", "schedule", handed.schedule.schedule_id)
    assert 0 < told["handedInAt"] < starts_of(FUTURE)[0]


START = instant(starts_of()[40])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"ada-lod,{START},5", 'metering point "ada-lod" is not in the community; did you mean "ada-load"'),
        (f"ada-load,{START},1000001", 'coefficient_ppm "1000001" is no whole number from 0 to 1000000'),
        (f"ada-load,{START},-1", 'coefficient_ppm "-1" is no whole number'),
        (f"ada-load,{START},0.5", 'coefficient_ppm "0.5" is no whole number'),
        ("ada-load,2024-03-02T10:00:00,5", "has no offset from UTC"),
        ("ada-load,2024-04-02T10:00:00Z,5", "the interval is not in 2024-03"),
        ("ada-load,2024-03-02T10:15:00Z,5", "the start is on no interval's start"),
        (f"ben-solar,{START},5", "ben-solar at 2024-03-02T15:00Z: the point feeds in"),
        (f"cleo-load,{START},5", "the point is no member on that day"),
        (f"ada-load,{START},5\nada-load,{START},5", "there is a row already; keep one"),
        (f"ada-load,{START}", "the line has 2 fields, 3 are due"),
        ("", "there is no row behind the header"),
    ],
)
def test_a_row_that_does_not_fit_refuses_the_file_with_its_line_and_nothing_is_opened(wiring, row, message):
    prepare(wiring)
    with pytest.raises(ReadingsError, match=message.replace("(", r"\(")) as refusal:
        hand_in(
            wiring,
            f"metering_point,start,coefficient_ppm\n{row}\n"
            if row
            else "metering_point,start,coefficient_ppm\n",
        )
    assert row == "" or refusal.value.findings[0].line in {2, 3}
    with wiring.store.reading() as records:
        assert records.period("toits", MONTH.id) is None


def test_more_than_the_whole_is_refused_and_the_hour_named(wiring):
    prepare(wiring)
    rows = f"metering_point,start,coefficient_ppm\nada-load,{START},600000\nben-load,{START},400001\n"
    with pytest.raises(SharingKeyError, match="coefficients of 2024-03-02T15:00Z sum to 1000001 ppm"):
        hand_in(wiring, rows)
    with pytest.raises(NotFoundError, match="is not a file"):
        hand_in_schedule(
            wiring.context, wiring.read_coefficients, "toits", MONTH, wiring.home.files / "none.csv"
        )


def test_a_crash_between_keeping_and_announcing_lets_another_file_be_handed_in(wiring):
    prepare(wiring)
    with pytest.raises(Crash), armed("schedule.kept"):
        hand_in(wiring)
    handed = hand_in(wiring, coefficients_csv(shift=7))
    assert handed.schedule.version == 1
    assert wiring.intervals.schedule("toits", MONTH.id, 1)[0, 0] == 300_007
    settle_period(wiring.context, "toits", MONTH)
    prove(wiring)
