"""What was rehearsed, proposed and signed, kept on both engines."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from backend.adapters.store.engine import writing
from backend.errors import ConflictError, StoreError
from backend.ports.governance_records import DraftRecord, ProposalRecord, RehearsalRecord, VoteRecord
from tests.integration.store.sample_records import COMMUNITY

ROOT = "0x" + "11" * 32
REHEARSAL = RehearsalRecord("r1", "roof", "u1", {"tariff": {}}, 12, "waiting", {}, "", "", 5)
DRAFT = DraftRecord(
    "d1", "roof", "u1", "rule", "0xabc", {"arguments": [1]}, "Why", "0x00", ROOT, "", ROOT, "0", 5
)
PROPOSAL = ProposalRecord(
    *("roof", "123", "d1", "rule", "0xabc", 3, {"arguments": [1]}, "Why", "0x00", ROOT, "r1", ROOT),
    {"data": "0x"},
    6,
)
VOTE = VoteRecord("roof", "123", 3, "0xabc", 1, "0x01", 7)


@pytest.fixture
def records(store):
    with store.transaction() as kept:
        kept.put_community(COMMUNITY)
        kept.put_draft(DRAFT)
        kept.add_proposal(PROPOSAL)
        kept.add_vote(VOTE)
    return store


def test_drafts_proposals_and_votes_come_back_and_are_kept_once(records):
    with records.transaction() as kept:
        kept.put_draft(DRAFT)
        kept.add_proposal(PROPOSAL)
        kept.add_vote(VOTE)
        kept.add_vote(replace(VOTE, seat=1, signed_utc=6))
    with records.reading() as kept:
        assert kept.draft("d1") == DRAFT
        assert kept.draft("d2") is None
        assert kept.draft_of_text("roof", ROOT) == DRAFT
        assert kept.draft_of_text("street", ROOT) is None
        assert kept.proposals("roof") == [PROPOSAL] == [kept.proposal("roof", "123")]
        assert kept.proposal("street", "123") is None
        assert [vote.seat for vote in kept.votes("roof", "123")] == [1, 3]


def test_a_seat_votes_once(records):
    with pytest.raises(ConflictError, match="vote of seat 3"), records.transaction() as kept:
        kept.add_vote(replace(VOTE, support=0))


def test_a_vote_is_carried_by_a_batch_and_repeating_it_leaves_that(records):
    with records.transaction() as kept:
        kept.send_votes("roof", "123", [3], "b1")
        kept.add_vote(VOTE)
    with records.reading() as kept:
        assert kept.votes("roof", "123") == [replace(VOTE, batch="b1")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE vote SET support = 0", "a vote never changes"),
        ("UPDATE proposal SET text = 'Other'", "a proposal never changes"),
        ("UPDATE draft SET text = 'Other'", "a draft never changes"),
    ],
)
def test_what_was_signed_cannot_be_rewritten_by_hand_either(records, change, sentence):
    with pytest.raises(Exception, match=sentence), writing(records._engine) as connection:  # noqa: SLF001
        connection.execute(text(change))


def test_a_vote_on_what_was_not_proposed_is_not_kept(records):
    with pytest.raises((ConflictError, StoreError)), records.transaction() as kept:
        kept.add_vote(replace(VOTE, proposal="124"))


def test_a_rehearsal_goes_on_and_can_be_forgotten(records):
    with records.transaction() as kept:
        kept.put_rehearsal(REHEARSAL)
        kept.put_rehearsal(replace(REHEARSAL, state="done", result={"members": []}))
    with records.reading() as kept:
        assert kept.rehearsal("r1").state == "done"
        assert [one.id for one in kept.rehearsals("roof")] == ["r1"]
    with records.transaction() as kept:
        kept.remove_rehearsal("r1")
    with records.reading() as kept:
        assert kept.rehearsals() == []


def test_a_members_line_is_erased_from_every_rehearsal_and_nobody_elses(records):
    result = {"public": {"total": 1}, "lines": {"home-01": {"line": 1}, "home-02": {"line": 2}}}
    with records.transaction() as kept:
        kept.put_rehearsal(replace(REHEARSAL, state="done", result=result))
        kept.put_rehearsal(replace(REHEARSAL, id="r2"))
    with records.transaction() as kept:
        assert kept.erase_rehearsed("roof", "home-01") == 1
        assert kept.erase_rehearsed("roof", "home-01") == 0
    with records.reading() as kept:
        assert kept.rehearsal("r1").result == {"public": {"total": 1}, "lines": {"home-02": {"line": 2}}}
