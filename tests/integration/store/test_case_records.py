"""Cases, claims, rulings and looks, kept on both engines."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.adapters.store.engine import writing
from backend.errors import ConflictError
from backend.ports.case_records import CaseRecord, ClaimRecord, RulingRecord
from backend.ports.contest_records import LookRecord
from tests.integration.store.sample_records import COMMUNITY, LARGEST

CASE = CaseRecord(*("c1", "roof", 17_318, "load", 0, 4, 9, 0, "0xabc", "Wörter\n", "0x01", "0x02", "0x03", 5))
CLAIM = ClaimRecord(
    *("c1", 0, 1, "0xabc", "0x04", "0x05", "claim.json", "0x06", "0x07", "e.bin", "Zähler.jpg", 6)
)
RULING = RulingRecord("c1", 0, "Because.", "0x08", "0x09", 7)
LOOK = LookRecord(
    *("l1", "roof", "home-01", "u1", 17_318, 1, "0x0a", "load", LARGEST, "row", "3/0/0/0"),
    shows_others=True,
    words={"fr": {"shown": ["énergie"]}},
    words_hash="0x0b",
    looked_utc=8,
)


@pytest.fixture
def kept(store):
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        records.put_case(CASE)
        records.add_claim(CLAIM)
        records.put_ruling(RULING)
        records.put_look(LOOK)
    return store


def test_all_of_it_comes_back_and_is_kept_once(kept):
    with kept.transaction() as records:
        records.put_case(CASE)
        records.add_claim(CLAIM)
        records.put_ruling(RULING)
        records.put_look(LOOK)
    with kept.reading() as records:
        assert (records.case("c1"), list(records.cases("roof"))) == (CASE, [CASE])
        assert (list(records.claims("c1")), records.ruling("c1")) == ([CLAIM], RULING)
        assert (records.look("l1"), list(records.looks("roof", "home-01"))) == (LOOK, [LOOK])
        assert records.case("c2") is records.ruling("c2") is records.look("l2") is None
        assert list(records.looks("roof", "home-02")) == []


def test_a_case_is_given_its_number_and_nothing_else(kept):
    numbered = replace(CASE, number=3)
    with kept.transaction() as records:
        records.put_case(numbered)
    for other in (replace(numbered, number=4), replace(numbered, text="else"), CASE):
        with pytest.raises(ConflictError), kept.transaction() as records:
            records.put_case(other)


@pytest.mark.parametrize("other", [replace(CLAIM, signature="0x"), replace(CLAIM, evidence="0x")])
def test_a_claim_is_replaced_by_the_next_one_alone(kept, other):
    with pytest.raises(ConflictError), kept.transaction() as records:
        records.add_claim(other)
    with kept.transaction() as records:
        records.add_claim(replace(other, number=2))
        assert [claim.number for claim in records.claims("c1")] == [1, 2]


def test_steps_are_added_to_a_look_and_never_change(kept):
    asked = replace(LOOK, question="May I?", asked_utc=9)
    answered = replace(asked, advice="contest", answer="Yes.", answered_by="u2", answered_utc=10)
    agreed = replace(answered, consented_by="u1", consented_utc=11)
    sent = replace(agreed, sent_utc=12)
    for step in (asked, answered, agreed, sent):
        with kept.transaction() as records:
            records.put_look(step)
    for other in (
        replace(sent, question="Else?"),
        replace(sent, advice="leave"),
        replace(sent, consented_by="u3"),
        replace(sent, sent_utc=13),
        replace(sent, words={}),
        LOOK,
    ):
        with pytest.raises(ConflictError), kept.transaction() as records:
            records.put_look(other)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claim SET signature = '0x'",
        "UPDATE ruling SET party = 1",
        "UPDATE dispute SET slot = 1",
        "UPDATE contest_look SET words_hash = '0x'",
    ],
)
def test_the_engine_itself_guards_what_was_signed(kept, statement):
    with kept.transaction() as records:
        records.put_case(replace(CASE, number=3))
        records.put_look(replace(LOOK, sent_utc=9))
    with (
        pytest.raises(DBAPIError, match="never changes"),
        writing(kept._engine) as connection,  # noqa: SLF001
    ):
        connection.execute(text(statement))


def test_a_case_and_looks_can_be_forgotten(kept):
    with kept.transaction() as records:
        records.remove_case("c1")
        records.remove_looks("roof", "home-01")
    with kept.reading() as records:
        assert records.case("c1") is records.ruling("c1") is None
        assert list(records.claims("c1")) == list(records.looks("roof")) == []
