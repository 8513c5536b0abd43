"""Cases from the opening to the restated bill, by precedence, by ruling and by vote."""

import pytest

from backend.errors import ConflictError, ContractRefusal, InputError, NotFoundError
from backend.ports import RunState
from backend.ports.case_records import CaseState, Party
from backend.services.arbitration import (
    carry_out,
    claimed_readings,
    close_case,
    file_claim,
    open_case,
    opening_of,
    rule_case,
    settle_appeal,
    view_cases,
)
from backend.services.check_readings import check_readings
from backend.services.load_readings import load_readings
from backend.services.replay import replay_run
from backend.services.settle_period import settle_period
from backend.services.settled_periods import SettledPeriods
from tests.integration.arbitration.disputed import KEYS, POINT, START, make_disputed
from tests.integration.settlement.small_community import MONTH, load_and_settle, readings_csv


@pytest.fixture
def disputed(tmp_path):
    return make_disputed(tmp_path)


def bill_of(disputed, participant="cleo"):
    with disputed.wiring.store.reading() as records:
        runs = [run for run in records.runs("toits", MONTH.id) if run.state is RunState.FINAL]
        bills = records.bills("toits", MONTH.id, runs[-1].version)
    return next(bill for bill in bills if bill.participant == participant).content["amounts"]


def test_a_ruling_for_the_consumer_is_settled_anew_and_the_difference_credited(disputed):
    before = bill_of(disputed)
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.claim(Party.GRID_OPERATOR, "0.250000", b"what the meter sent")
    assert disputed.view().state is CaseState.CLAIMS
    disputed.pass_days(14)
    assert disputed.view().state is CaseState.HEARING
    rule_case(disputed.desk, disputed.view().record, Party.CONSUMER, "The register stood still.")
    with pytest.raises(ConflictError, match="is ruled; only a final outcome"):
        carry_out(disputed.desk, disputed.case.id)
    disputed.pass_days(14)
    assert disputed.view().state is CaseState.FINAL
    done = carry_out(disputed.desk, disputed.case.id)
    assert done.changed
    assert done.run.version == 2
    assert disputed.view().state is CaseState.FULFILLED
    assert disputed.view().batch == done.batch
    after = bill_of(disputed)
    assert after["debit"] < before["debit"]
    frame = disputed.wiring.context.intervals.allocation("toits", MONTH.id, 2)
    case = disputed.case
    assert frame.energy[case.slot, case.first : case.until].tolist() == [10_000] * 6
    again = carry_out(disputed.desk, case.id)
    assert (again.batch, again.run.version, again.changed) == (done.batch, 2, False)


def test_without_a_ruling_the_grid_operators_measure_prevails_and_changes_nothing(disputed):
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.claim(Party.GRID_OPERATOR, "0.250000")
    disputed.pass_days(14)
    with pytest.raises(ContractRefusal, match="arbiter may rule"):
        close_case(disputed.desk, disputed.view().record)
    disputed.pass_days(14)
    close_case(disputed.desk, disputed.view().record)
    disputed.pass_days(14)
    assert disputed.view().prevailing is Party.GRID_OPERATOR
    done = carry_out(disputed.desk, disputed.case.id)
    assert disputed.view().state is CaseState.FULFILLED
    frame = disputed.wiring.context.intervals.allocation("toits", MONTH.id, done.run.version)
    assert frame.energy[disputed.case.slot, disputed.case.first] == 250_000


def test_members_overturn_a_ruling_by_vote(disputed):
    governed = disputed.governed
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.claim(Party.GRID_OPERATOR, "0.250000")
    disputed.pass_days(14)
    rule_case(disputed.desk, disputed.view().record, Party.GRID_OPERATOR, "The meter was tested.")
    number = disputed.view().record.number
    proposal = governed.propose("ada", kind="appeal", text="It was not.", case=number, party="consumer")
    assert disputed.view().state is CaseState.APPEALED
    with pytest.raises(ContractRefusal, match="not decided"):
        settle_appeal(disputed.desk, disputed.view().record)
    decide(governed, proposal, 1)
    assert disputed.view().state is CaseState.FINAL
    assert disputed.view().prevailing is Party.CONSUMER


def test_a_ruling_holds_where_the_vote_fails(disputed):
    governed = disputed.governed
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.claim(Party.GRID_OPERATOR, "0.250000")
    disputed.pass_days(14)
    rule_case(disputed.desk, disputed.view().record, Party.GRID_OPERATOR, "The meter was tested.")
    number = disputed.view().record.number
    proposal = governed.propose("ada", kind="appeal", text="It was not.", case=number, party="consumer")
    decide(governed, proposal, 0)
    settle_appeal(disputed.desk, disputed.view().record)
    disputed.pass_days(14)
    assert disputed.view().state is CaseState.FINAL
    assert disputed.view().prevailing is Party.GRID_OPERATOR


def decide(governed, proposal, support):
    """All vote alike; what wins is executed."""
    from backend.services.proposals import advance_proposal

    number = proposal.id
    governed.clock.advance(3700)
    for member in ("ada", "ben", "cleo"):
        governed.vote(member, number, support)
    governed.relay()
    governed.clock.advance(2 * 86_400)
    if support == 1:
        advance_proposal(governed.desk, "toits", number)
        governed.clock.advance(3 * 3600)
        advance_proposal(governed.desk, "toits", number)


def test_outsiders_and_forgers_file_nothing(disputed):
    draft = disputed.draft()
    document = disputed.desk.document("OpenCase", opening_of(disputed.desk, draft))
    with pytest.raises(InputError, match="was signed by"):
        open_case(disputed.desk, draft, disputed.sign("member-ada", document))
    stranger = disputed.draft(account=disputed.governed.account("ada"))
    document = disputed.desk.document("OpenCase", opening_of(disputed.desk, stranger))
    with pytest.raises(ContractRefusal, match="parties"):
        open_case(disputed.desk, stranger, disputed.sign("member-ada", document))
    assert view_cases(disputed.desk, "toits") == []
    disputed.open()
    claim = disputed.claim(Party.CONSUMER, "0.010000")
    with pytest.raises(InputError, match="was signed by"):
        file_claim(disputed.desk, disputed.case, claim, disputed.sign("operator", {**document}))


def test_a_point_has_one_case_at_a_time(disputed):
    disputed.open()
    draft = disputed.draft(Party.GRID_OPERATOR)
    document = disputed.desk.document("OpenCase", opening_of(disputed.desk, draft))
    with pytest.raises(ContractRefusal, match="open already"):
        open_case(disputed.desk, draft, disputed.sign(KEYS[Party.GRID_OPERATOR], document))


def test_a_claim_names_every_interval_in_question(disputed):
    disputed.open()
    with pytest.raises(InputError, match="says nothing of cleo-load"):
        disputed.readings("0.1", hours=5)


def test_a_case_is_about_a_settled_time(disputed):
    with pytest.raises(NotFoundError, match="no metering point"):
        disputed.draft(point="nobody")
    with pytest.raises(InputError, match="ends after it begins"):
        disputed.draft(hours=0)
    with pytest.raises(InputError, match="no interval"):
        disputed.draft(hours=24 * 60)


def test_an_altered_claim_is_found_out(disputed):
    disputed.open()
    claim = disputed.claim(Party.CONSUMER, "0.010000")
    file = disputed.wiring.home.cases / "toits" / disputed.case.id / claim.readings_file
    assert claimed_readings(disputed.desk, disputed.case, claim).energy == (10_000,) * 6
    file.write_bytes(file.read_bytes().replace(b"10000,", b"10001,", 1))
    with pytest.raises(NotFoundError, match="was altered"):
        claimed_readings(disputed.desk, disputed.case, claim)


def test_a_crash_while_carrying_out_loses_and_doubles_nothing(disputed, monkeypatch):
    from backend.ports import failpoints

    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.pass_days(14)
    rule_case(disputed.desk, disputed.view().record, Party.CONSUMER, "Nobody objected.")
    disputed.pass_days(14)

    def die(name):
        if name == "arbitration.settled":
            raise KeyboardInterrupt

    monkeypatch.setattr("backend.services.arbitration.outcomes.reach", die)
    with pytest.raises(KeyboardInterrupt):
        carry_out(disputed.desk, disputed.case.id)
    monkeypatch.setattr("backend.services.arbitration.outcomes.reach", failpoints.reach)
    done = carry_out(disputed.desk, disputed.case.id)
    assert done.run.version == 2
    assert disputed.view().state is CaseState.FULFILLED
    settled = SettledPeriods(disputed.wiring.store, disputed.wiring.context.intervals)
    assert settled.find("toits", MONTH.label).run.version == 2
    assert load_and_settle(disputed.wiring).version >= 2


def ruled(disputed, kwh="0.010000"):
    """A case that is ruled for the consumer and carried out."""
    disputed.open()
    disputed.claim(Party.CONSUMER, kwh)
    disputed.pass_days(14)
    rule_case(disputed.desk, disputed.view().record, Party.CONSUMER, "The register stood still.")
    disputed.pass_days(14)
    return carry_out(disputed.desk, disputed.case.id)


def settled_energy(disputed, version):
    frame = disputed.wiring.context.intervals.allocation("toits", MONTH.id, version)
    return frame.energy[disputed.case.slot, disputed.case.first - 1 : disputed.case.until + 1].tolist()


def test_what_was_ruled_outranks_every_later_load_and_the_loader_is_told(disputed):
    wiring = disputed.wiring
    ruled(disputed)
    assert settled_energy(disputed, 2) == [250_000, *[10_000] * 6, 250_000]
    file = wiring.home.files / "again.csv"
    file.write_text(readings_csv(scale=2))
    loaded = load_readings(wiring.context, wiring.reader_for(), [file], community="toits")
    (told,) = [finding for finding in loaded.findings if finding.rule == "ruled-reading"]
    assert told.message.startswith("6 readings of cleo-load are not taken: case 1 ruled")
    assert (told.file, told.start_utc) == ("again.csv", int(START.timestamp()))
    run = settle_period(wiring.context, "toits", MONTH)
    assert settled_energy(disputed, run.version) == [500_000, *[10_000] * 6, 500_000]
    notes = [
        found for found in check_readings(wiring.context, "toits", MONTH) if found.rule == "ruled-reading"
    ]
    assert [note.message.split(";")[0] for note in notes] == ["6 readings of cleo-load are those of case 1"]
    assert replay_run(wiring.context, run).holds


def test_another_case_on_the_same_intervals_may_rule_otherwise(disputed):
    ruled(disputed)
    done = ruled(disputed, "0.020000")
    assert disputed.view().record.number == 2
    assert settled_energy(disputed, done.run.version) == [250_000, *[20_000] * 6, 250_000]


def test_the_point_of_a_case_is_named_in_it(disputed):
    assert disputed.open().metering_point == POINT
