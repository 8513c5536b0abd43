"""Chain time: windows go by it, and it may run ahead of a clock that stands still."""

from datetime import UTC, date, datetime

import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.ports import RunState
from backend.quantities import SettlementPeriod
from backend.services.bundles import make_bundle
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.settle_period import settle_period
from backend.verifier import verify
from tests.integration.settlement.small_community import DEFINITION, MONTH, load_and_settle, readings_csv

HOUR = 3600
WINDOWED = DEFINITION + "\n[settlement]\ncontest_window_hours = 2\n"
EPOCH = date(1970, 1, 1)


def instant(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def clock():
    return FixedClock(instant("2026-01-31T23:59:30"))


@pytest.fixture
def wiring(tmp_path, clock):
    wiring = Wiring(Home(tmp_path / "home"), clock)
    wiring.home.create()
    yield wiring
    wiring.store.close()


def test_a_run_is_final_once_its_window_has_passed_and_not_a_minute_before(wiring, clock):
    run = load_and_settle(wiring, definition=WINDOWED)
    assert run.state is RunState.CONTESTABLE
    clock.advance(2 * HOUR - 60)
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.state, run.bill_state) == (RunState.CONTESTABLE, RunState.CONTESTABLE)
    clock.advance(120)
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    assert verify(make_bundle(wiring.context, "toits", MONTH, "ada"), wiring.node.rpc).ok


def test_a_correction_has_a_window_of_its_own(wiring, clock):
    load_and_settle(wiring, definition=WINDOWED)
    clock.advance(2 * HOUR + 60)
    second = load_and_settle(wiring, readings_csv(scale=2), WINDOWED)
    assert (second.version, second.state) == (2, RunState.CONTESTABLE)
    clock.advance(2 * HOUR + 60)
    second = settle_period(wiring.context, "toits", MONTH)
    assert (second.state, second.bill_state) == (RunState.FINAL, RunState.FINAL)


def test_a_clock_ahead_of_the_chain_closes_no_window_early(wiring, clock):
    """The chain of a network may have another idea of the time than this machine: the chain's counts."""
    load_and_settle(wiring, definition=WINDOWED)
    clock.advance(2 * HOUR + 60)
    wiring.context.clock.now_utc = lambda: instant("2030-01-01T00:00:00")
    wiring.context.chain.block_time_utc = lambda: instant("2026-02-01T01:00:00")
    assert settle_period(wiring.context, "toits", MONTH).state is RunState.CONTESTABLE
    del wiring.context.chain.block_time_utc, wiring.context.clock.now_utc
    assert settle_period(wiring.context, "toits", MONTH).state is RunState.FINAL


def test_a_year_settled_in_one_standing_second_drifts_by_a_second_a_transaction_and_breaks_nothing(
    wiring, clock, tmp_path
):
    months = [SettlementPeriod.from_month(f"2023-{number:02d}") for number in range(1, 13)]
    file = tmp_path / "year.csv"
    file.write_text(readings_csv(span=SettlementPeriod(months[0].first, months[-1].until)))
    load_community(wiring.context, DEFINITION, "toits.toml")
    load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    began = clock.now_utc()
    for month in months:
        run = settle_period(wiring.context, "toits", month)
        assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    blocks = int(wiring.node.rpc("eth_blockNumber", []), 16)
    drift = wiring.chain.block_time_utc() - clock.now_utc()
    assert clock.now_utc() == began
    assert drift == blocks + 1
    assert drift < 180  # twelve months, from nothing, in less than three minutes of chain time
    # The chain is in February, the clock in January: a rule that is scheduled now takes effect after both.
    changed = load_community(wiring.context, DEFINITION.replace("0.12", "0.13", 1), "toits.toml")
    assert (changed.rule_version, changed.effective_from) == (2, (date(2026, 3, 1) - EPOCH).days)
    clock.advance(drift)
    assert wiring.chain.block_time_utc() <= clock.now_utc() + 2


def test_a_rule_that_is_scheduled_as_the_month_ends_is_not_refused_as_backdated(wiring, clock):
    clock.advance(25)  # five seconds to midnight: its transaction is mined in February
    load_community(wiring.context, DEFINITION, "toits.toml")
    changed = load_community(wiring.context, DEFINITION.replace("0.12", "0.13", 1), "toits.toml")
    told = wiring.chain.read(
        "rule_book", "ruleAt", wiring.context.community("toits").record.anchor, changed.effective_from
    )
    assert told == changed.rule_version == 2
    assert changed.effective_from in {(date(2026, 2, 1) - EPOCH).days, (date(2026, 3, 1) - EPOCH).days}
