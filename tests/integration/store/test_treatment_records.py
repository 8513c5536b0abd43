"""Decisions about readings and who loaded them, on both engines."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from backend.errors import ConflictError, StoreError
from backend.metering.decisions import SpanTreatment
from backend.ports.treatment_records import LoadAuthor, ReadingDecision
from tests.integration.store.sample_records import COMMUNITY

DECISION = ReadingDecision(
    "roof", 1, "load", 3600, 7200, SpanTreatment.ESTIMATED, "spike", "Zähler geprüft.", 2, "user-1", 9_000
)
AUTHOR = LoadAuthor("roof", "ab" * 32, "user-1", 9_000)


def put_all(store):
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        records.add_decision(DECISION)
        records.add_decision(replace(DECISION, number=2, metering_point="sun"))
        records.add_load_author(AUTHOR)


def test_decisions_come_back_in_their_order_after_the_store_is_opened_again(store, open_again):
    put_all(store)
    store.close()
    with open_again().reading() as records:
        assert records.decisions("roof") == [DECISION, replace(DECISION, number=2, metering_point="sun")]
        assert records.decisions("other") == []
        assert records.load_authors("roof") == [AUTHOR]


def test_a_decision_never_changes_neither_by_code_nor_by_hand(store):
    put_all(store)
    with store.transaction() as records:
        records.add_decision(DECISION)
    with pytest.raises(ConflictError, match="Decision 1 of roof"), store.transaction() as records:
        records.add_decision(replace(DECISION, treatment=SpanTreatment.ACCEPTED))
    with pytest.raises((ConflictError, StoreError), match="never changes"), store.transaction() as records:
        records._session.execute(text("UPDATE reading_decision SET reason = 'another'"))  # noqa: SLF001


def test_who_loaded_first_stays_the_author(store):
    put_all(store)
    with store.transaction() as records:
        records.add_load_author(replace(AUTHOR, user="user-2", loaded_utc=9_999))
    with store.reading() as records:
        assert records.load_authors("roof") == [AUTHOR]


def test_who_is_forgotten_leaves_an_alias_and_no_decision_about_their_points(store):
    put_all(store)
    with store.transaction() as records:
        records.begin_erasing()
        records.erase_decisions("roof", ["load"])
        records.rename_deciders("user-1", "someone")
    with store.reading() as records:
        assert [known.metering_point for known in records.decisions("roof")] == ["sun"]
        assert {known.decided_by for known in records.decisions("roof")} == {"someone"}
        assert [known.user for known in records.load_authors("roof")] == ["someone"]
