"""From a proposal to a period that is settled by it, and what is refused on the way."""

import shutil

import pytest

from backend.adapters.clock import FixedClock
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.errors import ConflictError, ContractRefusal, InputError, NotFoundError
from backend.governance import paper_hash
from backend.ports import ContractCall
from backend.ports.failpoints import Crash, armed
from backend.quantities import SettlementPeriod
from backend.services.governance import governance_status, open_governance, pause_community
from backend.services.governance_rules import sync_rules
from backend.services.governance_views import list_proposals
from backend.services.load_community import load_community
from backend.services.load_readings import load_readings
from backend.services.proposal_states import State
from backend.services.proposals import (
    advance_proposal,
    draft_document,
    draft_proposal,
    submit_proposal,
    sync_proposals,
    withdraw_proposal,
    withdrawal_document,
)
from backend.services.settle_period import settle_period
from backend.services.votes import cast_vote, voting_document
from tests.integration.governance.governed import GOVERNED, HOUR, Governed, make_governed
from tests.integration.settlement.small_community import MONTH, open_home, readings_csv, take_settled

AGAINST, FOR, ABSTAIN = 0, 1, 2


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    made = make_governed(tmp_path_factory.mktemp("governed") / "home")
    made.wiring.store.close()
    return made


@pytest.fixture
def governed(template, tmp_path):
    """A copy that a test may change."""
    folder = tmp_path / "home"
    shutil.copytree(template.wiring.home.root, folder)
    clock = FixedClock(template.clock.now_utc())
    made = Governed(Wiring(Home(folder), clock), clock)
    yield made
    made.wiring.store.close()


def test_what_members_vote_is_what_the_next_period_is_settled_by(governed):
    proposal = governed.propose()
    assert governed.show(proposal.id)["state"] == "pending"
    governed.clock.advance(HOUR + 600)
    told = governed.show(proposal.id)
    assert (told["state"], told["quorum"], told["total"], told["my_vote"]) == ("active", 2, 3, None)
    assert [one["words"]["en"] for one in told["differences"]] == [
        "Sharing key: equal parts; today in proportion to use."
    ]
    governed.vote("ada", proposal.id, FOR)
    governed.vote("ben", proposal.id, FOR)
    governed.vote("cleo", proposal.id, AGAINST)
    assert governed.show(proposal.id)["waiting"] == 3
    assert governed.relay() == 3
    told = governed.show(proposal.id, "cleo")
    assert told["tally"] == {"against": 1, "for": 2, "abstain": 0}
    assert told["my_vote"] == {"support": "against", "sent": True}
    with pytest.raises(ConflictError, match="No step is due"):
        advance_proposal(governed.desk, "toits", proposal.id)
    governed.clock.advance(25 * HOUR)
    assert governed.show(proposal.id)["due"] == "queue"
    assert advance_proposal(governed.desk, "toits", proposal.id) is State.QUEUED
    with pytest.raises(ConflictError, match="queued until"):
        advance_proposal(governed.desk, "toits", proposal.id)
    governed.clock.advance(2 * HOUR)
    assert advance_proposal(governed.desk, "toits", proposal.id) is State.EXECUTED
    context = governed.wiring.context
    with context.store.reading() as records:
        versions = records.rule_versions("toits")
    assert [version.version for version in versions] == [1, 2]
    view = context.community("toits")
    assert view.rule_of(versions[1]).sharing_key.method == "equal"
    assert sync_rules(context, "toits") == []
    assert load_community(context, GOVERNED, "toits.toml").rule_version == 2  # the file's rule is history
    month = SettlementPeriod.from_month("2026-02")
    assert month.id >= versions[1].effective_from
    governed.clock.advance(60 * 24 * HOUR)
    file = governed.wiring.home.files / "february.csv"
    file.write_text(readings_csv(span=month))
    load_readings(context, governed.wiring.reader_for(), [file], community="toits")
    assert settle_period(context, "toits", month).rule_version == 2


def test_a_vote_that_finds_no_majority_changes_nothing(governed):
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    governed.vote("ada", proposal.id, FOR)
    governed.vote("ben", proposal.id, AGAINST)
    governed.vote("cleo", proposal.id, ABSTAIN)
    governed.relay()
    governed.clock.advance(25 * HOUR)
    assert governed.show(proposal.id)["state"] == "defeated"
    with pytest.raises(ConflictError, match="No step is due: the proposal is defeated"):
        advance_proposal(governed.desk, "toits", proposal.id)


def test_a_quorum_that_comes_late_leaves_time_to_answer(governed):
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    closes = governed.show(proposal.id)["closes"]
    governed.clock.advance(23 * HOUR)
    governed.vote("ada", proposal.id, FOR)
    governed.vote("ben", proposal.id, FOR)
    governed.relay()
    later = governed.show(proposal.id)["closes"]
    assert closes + 4 * HOUR < later <= closes + 6 * HOUR
    governed.clock.advance(5 * HOUR)
    governed.vote("cleo", proposal.id, AGAINST)
    assert governed.relay() == 1


def test_a_vote_counts_once_however_often_it_is_handed_in(governed):
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    vote = governed.vote("ada", proposal.id, FOR)
    assert governed.vote("ada", proposal.id, FOR) == vote
    with pytest.raises(ConflictError, match="Seat 0 has voted"):
        governed.vote("ada", proposal.id, AGAINST)
    assert (governed.relay(), governed.relay()) == (1, 0)
    # A stranger sends it again, straight to the governor.
    governance = governed.desk.governance("toits")
    packed = f"0x{FOR:02x}{vote.signature[2:]}"
    chain = governed.wiring.context.chain
    call = ContractCall("steward", governance.contract, "castVotesBySig", (int(proposal.id), packed))
    with chain.writing():
        assert chain.send(chain.sign(call))
    assert governed.show(proposal.id)["tally"] == {"against": 0, "for": 1, "abstain": 0}


def test_a_vote_sent_by_its_member_alone_is_not_taken_twice(governed):
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    governance, chain = governed.desk.governance("toits"), governed.wiring.context.chain
    signature = governed.sign("ada", voting_document(governance, proposal.id, FOR))
    packed = f"0x{FOR:02x}{governed.desk.signatures.compact(signature)[2:]}"
    call = ContractCall("steward", governance.contract, "castVotesBySig", (int(proposal.id), packed))
    with chain.writing():
        assert chain.send(chain.sign(call))
    assert governed.show(proposal.id)["my_vote"] == {"support": None, "sent": True}
    with pytest.raises(ConflictError, match="voted on this proposal by itself"):
        governed.vote("ada", proposal.id, FOR)


def test_who_has_no_seat_proposes_and_votes_on_nothing(governed):
    with pytest.raises(ConflictError, match="holds no seat"):
        governed.draft("stranger")
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    with pytest.raises(ConflictError, match="had no seat"):
        governed.vote("stranger", proposal.id, FOR)


def test_a_signature_for_something_else_is_refused(governed):
    draft = governed.draft()
    other = governed.draft("ben", text="Other words.")
    for signature in (
        governed.sign("ben", draft_document(governed.desk, draft)),
        governed.sign("ada", draft_document(governed.desk, other)),
    ):
        with pytest.raises(InputError, match="not that of"):
            submit_proposal(governed.desk, "toits", draft.id, governed.account("ada"), signature)
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    governance = governed.desk.governance("toits")
    no = governed.sign("ada", voting_document(governance, proposal.id, AGAINST))
    with pytest.raises(InputError, match="not that of"):
        cast_vote(governed.desk, "toits", proposal.id, governed.account("ada"), FOR, no)


def test_a_member_has_one_open_proposal_and_can_take_it_back(governed):
    proposal = governed.propose()
    with pytest.raises(ConflictError, match="open proposal already"):
        governed.draft(text="Another")
    document = withdrawal_document(governed.desk, proposal)
    with pytest.raises(InputError, match="Only who proposed"):
        withdraw_proposal(governed.desk, "toits", proposal.id, governed.sign("ben", document))
    signature = governed.sign("ada", document)
    assert withdraw_proposal(governed.desk, "toits", proposal.id, signature) is State.CANCELED
    assert withdraw_proposal(governed.desk, "toits", proposal.id, signature) is State.CANCELED
    again = governed.propose(text="Another")
    governed.clock.advance(HOUR + 600)
    document = withdrawal_document(governed.desk, again)
    with pytest.raises(ConflictError, match="only before its vote begins"):
        withdraw_proposal(governed.desk, "toits", again.id, governed.sign("ada", document))


def test_handing_in_a_draft_twice_makes_one_proposal_even_after_a_crash(governed):
    draft = governed.draft()
    signature = governed.sign("ada", draft_document(governed.desk, draft))
    made = submit_proposal(governed.desk, "toits", draft.id, governed.account("ada"), signature)
    assert submit_proposal(governed.desk, "toits", draft.id, governed.account("ada"), signature) == made
    assert sync_proposals(governed.desk, "toits") == []
    assert [one["id"] for one in list_proposals(governed.desk, "toits")] == [made.id]


def test_words_that_were_altered_are_found_out_even_with_their_hash(governed):
    proposal = governed.propose()
    assert governed.show(proposal.id)["text_holds"] is True
    other = "Unequal parts are fairer."
    with governed.wiring.store._engine.begin() as connection:  # noqa: SLF001 -- as a thief of the machine would
        connection.exec_driver_sql("DROP TRIGGER guard_proposal_update")
        connection.exec_driver_sql(
            "UPDATE proposal SET text = ?, text_hash = ?", (other, paper_hash(proposal.salt, other))
        )
    told = governed.show(proposal.id)
    assert (told["text"], told["text_holds"]) == (other, False)
    assert told["text_hash"] == proposal.text_hash


def test_rules_that_change_nothing_or_break_the_law_are_not_proposed(governed):
    with pytest.raises(InputError, match="those of today"):
        governed.draft(rules={"sharing_key": {"method": "dynamic"}})
    with pytest.raises(NotFoundError, match="no finished rehearsal"):
        draft_proposal(
            governed.desk,
            "toits",
            member=governed.account("ada"),
            kind="rule",
            asked={"rules": {"sharing_key": {"method": "equal"}}},
            text="x",
            rehearsal="nothing",
        )


def test_votes_weigh_what_members_gave_them(governed):
    proposal = governed.propose(kind="weights", text="Ben has two homes.", weights={"ben": 2})
    governed.clock.advance(HOUR + 600)
    governed.vote("ada", proposal.id, FOR)
    governed.vote("cleo", proposal.id, ABSTAIN)
    governed.relay()
    governed.clock.advance(25 * HOUR)
    advance_proposal(governed.desk, "toits", proposal.id)
    governed.clock.advance(2 * HOUR)
    advance_proposal(governed.desk, "toits", proposal.id)
    told = governance_status(governed.wiring.context, "toits")
    assert [seat["weight"] for seat in told["seats"]] == [1, 2, 1]
    assert told["total_weight"] == 4
    assert governed.show(proposal.id)["differences"][0]["words"]["fr"] == "Voix de ben : 2 ; aujourd'hui 1."


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("revocation", {"participant": "cleo"}),
        ("guardians", {"guardians": ["0x" + f"{n}" * 40 for n in (1, 2, 3)]}),
        ("steward", {"steward": "0x" + "4" * 40}),
    ],
)
def test_members_decide_on_seats_guardians_and_steward_too(governed, kind, asked):
    proposal = governed.propose(kind=kind, text="Because.", **asked)
    governed.clock.advance(HOUR + 600)
    for member in ("ada", "ben"):
        governed.vote(member, proposal.id, FOR)
    governed.relay()
    governed.clock.advance(25 * HOUR)
    advance_proposal(governed.desk, "toits", proposal.id)
    governed.clock.advance(2 * HOUR)
    assert advance_proposal(governed.desk, "toits", proposal.id) is State.EXECUTED
    told = governance_status(governed.wiring.context, "toits")
    if kind == "revocation":
        assert told["seats"][2]["holder"] is None
    elif kind == "guardians":
        assert told["guardians"] == asked["guardians"]
    else:
        assert told["steward"] == asked["steward"]


def test_the_file_sets_no_rule_once_members_rule(governed):
    context = governed.wiring.context
    load_community(context, GOVERNED, "toits.toml")
    with pytest.raises(ConflictError, match="partage propose toits"):
        load_community(context, GOVERNED.replace('"0.12"', '"0.11"'), "toits.toml")


def test_governance_is_opened_once_and_not_before_somebody_can_vote(tmp_path, governed):
    status = governance_status(governed.wiring.context, "toits")
    assert open_governance(governed.wiring.context, "toits").governor == status["governor"]
    wiring = open_home(tmp_path / "other")
    take_settled(wiring)
    with pytest.raises(ConflictError, match="no member of toits has a seat"):
        open_governance(wiring.context, "toits")
    assert governance_status(wiring.context, "toits")["open"] is False
    wiring.store.close()


def test_a_stranger_is_no_guardian_and_two_guardians_pause(governed):
    assert pause_community(governed.wiring.context, "toits", 1) == 0
    until = pause_community(governed.wiring.context, "toits", 2)
    assert until > governed.clock.now_utc()
    assert governance_status(governed.wiring.context, "toits")["paused_until"] == until
    with pytest.raises(ContractRefusal):
        pause_community(governed.wiring.context, "toits", 3)


@pytest.mark.parametrize(
    "point", ["outbox.before_sign", "outbox.after_sign", "outbox.after_send", "outbox.after_mined"]
)
def test_a_crash_while_proposing_or_handing_in_votes_loses_and_doubles_nothing(governed, point):
    draft = governed.draft()
    signature = governed.sign("ada", draft_document(governed.desk, draft))
    signed = (governed.desk, "toits", draft.id, governed.account("ada"), signature)
    with pytest.raises(Crash), armed(point):
        submit_proposal(*signed)
    proposal = submit_proposal(*signed)
    assert [one["id"] for one in list_proposals(governed.desk, "toits")] == [proposal.id]
    governed.clock.advance(HOUR + 600)
    governed.vote("ada", proposal.id, FOR)
    governed.vote("ben", proposal.id, FOR)
    with pytest.raises(Crash), armed(point):
        governed.relay()
    told = governed.show(proposal.id)
    assert 2 in (told["tally"]["for"], told["waiting"])  # on the chain, or still to be looked for
    governed.relay()
    told = governed.show(proposal.id)
    assert (told["tally"]["for"], told["waiting"]) == (2, 0)


def test_a_vote_that_ended_before_it_was_handed_in_holds_up_no_settlement(governed):
    proposal = governed.propose()
    governed.clock.advance(HOUR + 600)
    governed.vote("ada", proposal.id, FOR)
    with pytest.raises(Crash), armed("outbox.before_sign"):
        governed.relay()
    governed.clock.advance(30 * HOUR)
    assert governed.relay() == 0
    assert governed.show(proposal.id)["state"] == "defeated"
    context = governed.wiring.context
    assert context.outbox.drain("toits") == []
    assert settle_period(context, "toits", MONTH).version == 1
