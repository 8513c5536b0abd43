import dataclasses

import pytest

from backend.errors import ContractRefusal
from backend.ports import OutboxState, RunState
from backend.services.bundles import bills_of, make_bundle
from backend.services.load_community import load_community
from backend.services.report import report_period
from backend.services.settle_period import settle_period
from backend.verifier import verify
from tests.integration.settlement.small_community import (
    DEFINITION,
    MONTH,
    load_and_settle,
    open_home,
    readings_csv,
    take_settled,
)


@pytest.fixture
def wiring(tmp_path):
    return open_home(tmp_path / "home")


def verdict_on(wiring, participant):
    return verify(make_bundle(wiring.context, "toits", MONTH, participant), wiring.node.rpc)


def test_a_month_is_settled_billed_and_proved_to_everyone(wiring):
    run = load_and_settle(wiring)
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.FINAL)
    assert run.allocated == run.shared
    assert 0 < run.allocated < min(run.feed_in, run.consumption)
    _, bills = bills_of(wiring.context, "toits", MONTH)
    assert [bill.participant for bill in bills] == ["ada", "ben", "cleo"]
    for bill in bills:
        verdict = verdict_on(wiring, bill.participant)
        assert verdict.ok, verdict.failures


def test_invoice_numbers_follow_each_other_without_gap(wiring):
    take_settled(wiring)
    _, bills = bills_of(wiring.context, "toits", MONTH)
    assert [int(bill.number.rsplit("-", 1)[1]) for bill in bills] == [1, 2, 3]


def test_settling_again_changes_nothing_on_chain_or_in_the_store(wiring):
    before = take_settled(wiring)
    block = wiring.node.rpc("eth_blockNumber", [])
    report = report_period(wiring.context, before)
    again = load_and_settle(wiring)
    assert again == before
    assert wiring.node.rpc("eth_blockNumber", []) == block
    assert report_period(wiring.context, again) == report


def test_corrected_readings_make_a_new_run_that_supersedes_the_old_one(wiring):
    first = take_settled(wiring)
    second = load_and_settle(wiring, readings_csv(scale=2))
    assert (second.version, second.state) == (2, RunState.FINAL)
    with wiring.store.reading() as records:
        states = [(run.version, run.state, run.bill_state) for run in records.runs("toits", MONTH.id)]
    assert states == [(1, RunState.SUPERSEDED, RunState.SUPERSEDED), (2, RunState.FINAL, RunState.FINAL)]
    assert second.root != first.root
    assert verdict_on(wiring, "ada").ok


def test_the_bundle_of_a_superseded_run_does_not_hold_and_says_so(wiring):
    take_settled(wiring)
    old = make_bundle(wiring.context, "toits", MONTH, "ada")
    load_and_settle(wiring, readings_csv(scale=2))
    verdict = verify(old, wiring.node.rpc)
    assert not verdict.ok
    assert verdict.run_state == "superseded"


def test_a_dead_meter_does_not_block_the_settlement(wiring):
    run = take_settled(wiring, readings_csv(without=["ada-load"]), DEFINITION + _LIMITS)
    assert run.state is RunState.FINAL
    _, bills = bills_of(wiring.context, "toits", MONTH)
    quality = {bill.participant: bill.content["quality"] for bill in bills}
    assert quality["ada"]["missing"] == 743
    assert quality["ben"]["missing"] == 0
    assert verdict_on(wiring, "ada").ok


_LIMITS = """
[conformity]
max_missing_ppm = 400000
"""


def test_the_contract_refuses_a_batch_above_the_limit_in_words_and_nothing_is_kept(wiring):
    tight = DEFINITION + "\n[conformity]\nmax_missing_ppm = 10000\n"
    with pytest.raises(ContractRefusal, match=r"missing readings .* at most 10000 ppm") as refusal:
        load_and_settle(wiring, readings_csv(without=["ada-load"]), tight)
    assert refusal.value.name == "ConformityLimitExceeded"
    with wiring.store.reading() as records:
        assert records.batches("toits", MONTH.id) == []
        assert records.outbox("toits", [OutboxState.PENDING, OutboxState.REFUSED]) == []


def test_within_the_contest_window_nothing_is_final_and_no_invoice_has_a_number(wiring):
    windowed = DEFINITION + "\n[settlement]\ncontest_window_hours = 1\n"
    run = take_settled(wiring, definition=windowed)
    assert (run.state, run.bill_state) == (RunState.CONTESTABLE, RunState.CONTESTABLE)
    _, bills = bills_of(wiring.context, "toits", MONTH)
    assert {bill.number for bill in bills} == {""}
    verdict = verdict_on(wiring, "ada")
    assert verdict.ok
    assert verdict.run_state == "contestable"


def test_bills_of_a_run_that_is_not_to_be_issued_stay_contestable_and_are_superseded(wiring):
    run = load_and_settle(wiring, issue=False)
    assert (run.state, run.bill_state) == (RunState.FINAL, RunState.CONTESTABLE)
    run = settle_period(wiring.context, "toits", MONTH)
    assert run.bill_state is RunState.FINAL


def sums_by_kind(wiring):
    """Sum of all postings of the month by the first word of the account; each posting sums to zero."""
    sums: dict[str, int] = {}
    with wiring.store.reading() as records:
        for posting in records.postings("toits", MONTH.id):
            assert sum(amount for _, amount in posting.entries) == 0
            for account, amount in posting.entries:
                kind = account.split("/")[0]
                sums[kind] = sums.get(kind, 0) + amount
    return sums


def test_the_postings_of_a_run_come_to_its_totals(wiring):
    run = take_settled(wiring)
    sums = sums_by_kind(wiring)
    assert sums["member"] == run.bill_totals["debits"]
    assert -sums["producer"] == run.bill_totals["credits"]


def test_after_a_correction_the_books_hold_the_new_run_alone_and_keep_every_entry(wiring):
    take_settled(wiring)
    with wiring.store.reading() as records:
        before = records.postings("toits", MONTH.id)
    second = load_and_settle(wiring, readings_csv(scale=2))
    sums = sums_by_kind(wiring)
    assert sums["member"] == second.bill_totals["debits"]
    assert -sums["producer"] == second.bill_totals["credits"]
    with wiring.store.reading() as records:
        assert records.postings("toits", MONTH.id)[: len(before)] == before


NOON = 10 * 24 + 12


@pytest.mark.parametrize(
    ("what", "participant", "named"),
    [("allocated", "ada", "row"), ("energy", "ada", "readings"), ("tau", "ben", "header")],
)
def test_a_row_reading_or_header_altered_in_the_store_is_found_with_its_place(
    wiring, what, participant, named
):
    run = take_settled(wiring)
    frame = wiring.intervals.allocation("toits", MONTH.id, run.version)
    values = getattr(frame, what).copy()
    values[(NOON,) if what == "tau" else (0, NOON)] += 9
    altered = dataclasses.replace(frame, **{what: values})
    wiring.intervals.allocation = lambda *_: altered
    verdict = verdict_on(wiring, participant)
    assert not verdict.ok
    places = [check.place for check in verdict.failures]
    assert any(named in place.what for place in places), places
    if named != "readings":
        assert any(place.start == "2024-03-11T12:00+01:00" for place in places), places


def test_interval_totals_are_withheld_from_members_unless_the_few_of_a_direction_consent(wiring):
    take_settled(wiring, definition=DEFINITION.replace("headers_consent = true\n", "", 1))
    bundle = make_bundle(wiring.context, "toits", MONTH, "ben")
    assert {day["headers"] for day in bundle["days"]} == {None}
    verdict = verify(bundle, wiring.node.rpc)
    assert verdict.ok
    assert verdict.unchecked


def test_a_cent_altered_in_a_stored_bill_is_found(wiring):
    take_settled(wiring)
    reading = wiring.store.reading

    class Altered:
        def __init__(self, records):
            self._records = records

        def __getattr__(self, name):
            return getattr(self._records, name)

        def bills(self, *key):
            bills = self._records.bills(*key)
            amounts = {**bills[0].content["amounts"], "debit": bills[0].content["amounts"]["debit"] + 1}
            return [
                dataclasses.replace(bills[0], content={**bills[0].content, "amounts": amounts}),
                *bills[1:],
            ]

    class Store:
        def reading(self):
            return _Wrapped(reading(), Altered)

    context = dataclasses.replace(wiring.context, store=Store())
    verdict = verify(make_bundle(context, "toits", MONTH, "ada"), wiring.node.rpc)
    assert not verdict.ok
    assert any("bill" in str(check.place) for check in verdict.failures)


class _Wrapped:
    def __init__(self, inner, wrap):
        self._inner, self._wrap = inner, wrap

    def __enter__(self):
        return self._wrap(self._inner.__enter__())

    def __exit__(self, *error):
        return self._inner.__exit__(*error)


STATIC = DEFINITION.replace(
    'method = "dynamic"',
    'method = "static"\ncoefficients_ppm = { "ada-load" = 500000, "ben-load" = 200000, "cleo-load" = 250000 }',
)


def test_a_month_by_fixed_coefficients_is_settled_and_proved_too(wiring):
    run = take_settled(wiring, definition=STATIC)
    frame = wiring.intervals.allocation("toits", MONTH.id, run.version)
    fed_in = frame.energy[2]
    for slot, coefficient in ((0, 500_000), (1, 200_000), (3, 250_000)):
        most = fed_in * coefficient // 1_000_000
        assert (frame.allocated[slot] == most.clip(max=frame.energy[slot])).all()
    for participant in ("ada", "ben", "cleo"):
        verdict = verdict_on(wiring, participant)
        assert verdict.ok, verdict.failures


def test_a_changed_rule_becomes_a_version_that_leaves_open_periods_alone(wiring):
    take_settled(wiring)
    loaded = load_community(wiring.context, STATIC, "toits.toml")
    assert loaded.rule_version == 2
    assert loaded.effective_from > wiring.context.chain_time_utc() // 86_400
    run = settle_period(wiring.context, "toits", MONTH)
    assert (run.version, run.rule_version) == (1, 1)
    assert wiring.chain.read("rule_book", "ruleAt", anchor_of(wiring), loaded.effective_from) == 2


def anchor_of(wiring):
    return wiring.context.community("toits").record.anchor
