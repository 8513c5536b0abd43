"""What a record store keeps, and what it refuses to change, on both engines."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from backend.errors import BalanceError, ConflictError, NotFoundError, StoreError
from backend.ports import (
    CommunityRecord,
    LoginRecord,
    OutboxState,
    PointTreatment,
    PostingRecord,
    Receipt,
    RuleVersionRecord,
    RunState,
    SignedTransaction,
)
from tests.integration.store.sample_records import (
    BATCH,
    BILL,
    CALL,
    COMMUNITY,
    ENTRY,
    FROZEN,
    KEYS,
    LARGEST,
    PERIOD,
    POSTING,
    RUN,
    SCHEDULE,
    USER,
    put_period,
)


def test_a_record_comes_back_as_it_was_put_after_the_store_is_opened_again(store, open_again):
    treatment = PointTreatment("roof", "load", "returned", "it follows the sun", 1_500_000_001)
    rule = RuleVersionRecord("roof", 1, 0, {"z": 1, "a": {"price": 2**100}})
    with store.transaction() as records:
        put_period(records)
        records.add_rule_version(rule)
        records.add_treatment(treatment)
        records.add_batch(BATCH)
        records.add_schedule(SCHEDULE)
        records.put_run(RUN)
        records.put_bill(BILL)
        records.add_posting(POSTING)
        records.announce(ENTRY)
        records.put_user(USER)
        records.put_fact("deployment", {"chain": 7, "é": [None, 1.5]})
    store.close()
    with open_again().reading() as records:
        assert records.community("roof") == COMMUNITY
        assert records.communities() == [COMMUNITY]
        assert records.period("roof", PERIOD) == FROZEN
        assert records.periods("roof") == [FROZEN]
        assert records.slot_keys("roof", PERIOD) == KEYS
        assert records.rule_versions("roof") == [rule]
        assert records.treatments("roof") == [treatment]
        assert records.batches("roof", PERIOD) == [BATCH]
        assert records.schedules("roof", PERIOD) == [SCHEDULE]
        assert records.runs("roof") == records.runs("roof", PERIOD) == [RUN]
        assert records.bills("roof", PERIOD) == records.bills("roof", PERIOD, 1) == [BILL]
        assert records.postings("roof") == records.postings("roof", PERIOD) == [POSTING]
        assert records.outbox() == [replace(ENTRY, sequence=1)]
        assert records.user("u1") == records.user_by_login("ada") == USER
        assert records.fact("deployment") == {"chain": 7, "é": [None, 1.5]}


def test_what_is_not_there_is_none_or_empty_and_a_community_is_an_error(store):
    with store.reading() as records:
        assert records.period("roof", PERIOD) is None
        assert (
            records.outbox_entry("x")
            is records.fact("x")
            is records.user("x")
            is records.login_by_token("x")
            is None
        )
        assert (
            records.bills("roof", PERIOD)
            == records.runs("roof")
            == records.outbox()
            == records.accesses("x")
            == []
        )
        with pytest.raises(NotFoundError, match=r"no community 'roof' here; load one with"):
            records.community("roof")


def test_a_transaction_that_raises_keeps_nothing(store):
    with pytest.raises(RuntimeError, match="power"), store.transaction() as records:  # noqa: PT012
        put_period(records)
        assert records.next_invoice_number("roof", 2017) == 1
        raise RuntimeError("power")
    with store.transaction() as records:
        assert records.communities() == []
        assert records.next_invoice_number("roof", 2017) == 1


def test_a_view_does_not_see_what_is_written_after_it_began(store, open_again):
    with store.reading() as view:
        assert view.fact("x") is None
        with open_again().transaction() as records:
            records.put_fact("x", 1)
        assert view.fact("x") is None
    with store.reading() as view:
        assert view.fact("x") == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda records: records.put_fact("x", 2),
        lambda records: records.put_community(COMMUNITY),
        lambda records: records.announce(ENTRY),
        lambda records: records.next_invoice_number("roof", 2017),
        lambda records: records.add_posting(POSTING),
        lambda records: records.erase_slot_keys("roof", [0], PERIOD + 1),
        lambda records: records.log_access("u1", "home-01", "bill", 1),
        lambda records: records.remove_logins("u1"),
    ],
)
def test_a_view_refuses_to_write(store, write):
    with store.transaction() as records:
        put_period(records)
        records.announce(ENTRY)
        records.add_posting(POSTING)
    with store.reading() as records, pytest.raises(StoreError, match="for reading"):
        write(records)


def test_the_engine_itself_refuses_to_write_in_a_view(store):
    with pytest.raises(StoreError, match=r"(?i)read-?only"), store.reading() as records:
        records._session.execute(text("INSERT INTO fact (name, value) VALUES ('x', '1')"))  # noqa: SLF001
    with store.transaction() as records:
        records.put_fact("y", 1)


def test_a_transaction_inside_a_transaction_is_our_own_mistake(store):
    with (
        store.transaction(),
        pytest.raises(AssertionError, match="inside a transaction"),
        store.transaction(),
    ):
        pass
    with store.transaction() as records:
        records.put_fact("x", 1)


def test_whole_numbers_of_numpy_are_kept_as_numbers(store):
    numpy = pytest.importorskip("numpy")
    with store.transaction() as records:
        put_period(records)
        records.put_run(replace(RUN, feed_in=numpy.int64(LARGEST)))
    with store.reading() as records:
        assert records.runs("roof")[0].feed_in == LARGEST
    with store.transaction() as records, pytest.raises(TypeError, match="float"):
        records.put_run(replace(RUN, feed_in=1.0))  # type: ignore[arg-type]


# communities


def test_a_community_is_loaded_again_with_its_slots_and_new_ones(store):
    later = replace(COMMUNITY, definition="new", slots={"load": 0, "solar": 1, "heat": 2}, created_utc=9)
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        records.put_community(later)
        assert records.community("roof") == replace(later, created_utc=COMMUNITY.created_utc)


@pytest.mark.parametrize(
    ("slots", "sentence"),
    [
        ({"load": 0}, "solar has slot 1 for good, not none"),
        ({"load": 1, "solar": 0}, "load has slot 0 for good, not 1"),
        ({"load": 0, "solar": 1, "heat": 1}, "slot 1 is solar's, it cannot be heat's too"),
        ({"load": 0, "solar": 1, "heat": 2, "cold": 2}, "slot 2 is heat's, it cannot be cold's too"),
    ],
)
def test_a_slot_is_given_once(store, slots, sentence):
    with store.transaction() as records:
        records.put_community(COMMUNITY)
    with pytest.raises(ConflictError, match=sentence), store.transaction() as records:
        records.put_community(replace(COMMUNITY, slots=slots))
    with store.reading() as records:
        assert records.community("roof") == COMMUNITY


def test_the_anchor_of_a_community_never_changes(store):
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        with pytest.raises(ConflictError, match="Community roof is kept already with another anchor"):
            records.put_community(replace(COMMUNITY, anchor="0x00"))


def test_two_communities_do_not_share_slots_or_names(store):
    other = CommunityRecord("street", "0xcd", "", {"load": 5}, 3, "carbon")
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        records.put_community(other)
        assert records.communities() == [COMMUNITY, other]


# what is frozen


@pytest.mark.parametrize(
    ("add", "record", "changed", "sentence"),
    [
        (
            "add_rule_version",
            RuleVersionRecord("roof", 1, 0, {"a": 1}),
            {"definition": {"a": 2}},
            "another definition",
        ),
        ("add_batch", BATCH, {"root": "0x99"}, "another root"),
        ("add_schedule", SCHEDULE, {"root": "0x99"}, "another root"),
        ("add_batch", BATCH, {"loads": ("load-a",)}, "another loads"),
        (
            "add_treatment",
            PointTreatment("roof", "load", "returned", "why", 5),
            {"reason": "other"},
            "another reason",
        ),
        ("add_posting", POSTING, {"entries": ()}, "another entries"),
    ],
)
def test_adding_the_same_again_changes_nothing_and_another_content_is_refused(
    store, add, record, changed, sentence
):
    with store.transaction() as records:
        put_period(records)
        getattr(records, add)(record)
        getattr(records, add)(record)
        with pytest.raises(ConflictError, match=sentence):
            getattr(records, add)(replace(record, **changed))


def test_a_frozen_period_keeps_its_terms_and_its_keys(store):
    with store.transaction() as records:
        put_period(records)
        records.add_period(FROZEN, KEYS)
        with pytest.raises(ConflictError, match="another rule_version"):
            records.add_period(replace(FROZEN, rule_version=2), KEYS)
        with pytest.raises(ConflictError, match=r"other keys for slots \[1\]") as raised:
            records.add_period(FROZEN, [KEYS[0], replace(KEYS[1], key="0xsecret")])
        assert "secret" not in str(raised.value)
        with pytest.raises(ConflictError, match="was given the key of slot 0 of period 3"):
            records.add_period(FROZEN, [replace(KEYS[0], period=3)])


def test_erased_keys_are_gone_and_do_not_come_back(store):
    later = replace(FROZEN, period=PERIOD + 30, label="2017-07")
    with store.transaction() as records:
        put_period(records)
        records.add_period(later, [replace(key, period=PERIOD + 30) for key in KEYS])
        assert records.slot_keys("roof", PERIOD) == KEYS
        assert records.erase_slot_keys("roof", [1, 7], PERIOD + 30) == 1
        assert records.slot_keys("roof", PERIOD) == KEYS[:1]
        assert len(records.slot_keys("roof", PERIOD + 30)) == 2
    with store.transaction() as records:
        records.add_period(FROZEN, KEYS)
        assert records.slot_keys("roof", PERIOD) == KEYS[:1]
        assert records.erase_slot_keys("roof", [1], PERIOD + 30) == 0


# runs and bills


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"root": "0x99"}, "another root"),
        ({"run_id": "0x99"}, "another run_id"),
        ({"allocated": 1, "shared": 2}, "another allocated, shared"),
        ({"batch_version": 2}, "another batch_version"),
    ],
)
def test_what_a_run_is_never_changes(store, changed, sentence):
    with store.transaction() as records:
        put_period(records)
        records.put_run(RUN)
        with pytest.raises(ConflictError, match=sentence):
            records.put_run(replace(RUN, **changed))


def test_a_run_goes_its_way_and_not_back_from_its_end(store):
    billed = replace(
        RUN, bill_root="0x08", bill_totals={"debits": 5}, state=RunState.CONTESTABLE, seconds={"bill": 1.0}
    )
    final = replace(billed, state=RunState.FINAL, bill_state=RunState.FINAL)
    with store.transaction() as records:
        put_period(records)
        for step in (replace(RUN, root=""), RUN, billed, billed, final, final):
            records.put_run(step)
        assert records.runs("roof") == [final]
        with pytest.raises(ConflictError, match="another bill_totals"):
            records.put_run(replace(final, bill_totals={"debits": 6}))
        with pytest.raises(ConflictError, match="final cannot become contestable again"):
            records.put_run(replace(final, state=RunState.CONTESTABLE))
        records.put_run(replace(final, state=RunState.SUPERSEDED))
        with pytest.raises(ConflictError, match="superseded cannot become final again"):
            records.put_run(final)


def test_a_bill_may_change_until_it_has_a_number(store):
    draft = replace(BILL, content={"lines": []})
    numbered = replace(BILL, number="ROOF-2017-000001", issued_utc=5)
    with store.transaction() as records:
        put_period(records)
        records.put_run(RUN)
        for step in (draft, BILL, numbered, numbered):
            records.put_bill(step)
        assert records.bills("roof", PERIOD, 1) == [numbered]
        for changed in (
            {"content": {"lines": [7]}},
            {"number": ""},
            {"number": "ROOF-2017-000002"},
            {"issued_utc": 6},
        ):
            with pytest.raises(ConflictError, match="Bill ROOF-2017-000001 of home-01 is kept already"):
                records.put_bill(replace(numbered, **changed))


def test_two_bills_never_have_one_number(store):
    with store.transaction() as records:
        put_period(records)
        records.put_run(RUN)
        records.put_bill(replace(BILL, number="ROOF-2017-000001"))
    with pytest.raises(ConflictError, match="refuses what contradicts"), store.transaction() as records:
        records.put_bill(replace(BILL, participant="home-02", seat=1, number="ROOF-2017-000001"))
    with store.reading() as records:
        assert len(records.bills("roof", PERIOD)) == 1


def test_bills_come_in_seat_order_version_by_version(store):
    with store.transaction() as records:
        put_period(records)
        for version in (2, 1):
            records.put_run(replace(RUN, version=version))
            for seat in (9, 10, 2):
                records.put_bill(replace(BILL, version=version, participant=f"home-{seat}", seat=seat))
        assert [(bill.version, bill.seat) for bill in records.bills("roof", PERIOD)] == [
            (1, 2), (1, 9), (1, 10), (2, 2), (2, 9), (2, 10),
        ]  # fmt: skip


def test_invoice_numbers_count_from_one_by_seller_and_year(store):
    with store.transaction() as records:
        assert [records.next_invoice_number("roof", 2017) for _ in range(3)] == [1, 2, 3]
        assert records.next_invoice_number("roof", 2018) == records.next_invoice_number("street", 2017) == 1


def test_a_posting_that_does_not_balance_is_refused_and_postings_keep_their_order(store):
    first = replace(POSTING, id="z")
    second = replace(POSTING, id="a", entries=(("x", LARGEST), ("y", -LARGEST)))
    with store.transaction() as records:
        records.add_posting(first)
        records.add_posting(second)
        with pytest.raises(BalanceError, match="sum to 1 cents"):
            records.add_posting(PostingRecord("b", "roof", PERIOD, 1, "", (("x", 2), ("y", -1))))
        assert records.postings("roof") == [first, second]


# outbox


def test_the_outbox_keeps_the_order_of_announcement_and_its_states(store):
    transaction = SignedTransaction(b"\x00\xff", "0x12", 3, "0x34")
    receipt = Receipt("0x12", 4, "0x56", 21_000, succeeded=True)
    with store.transaction() as records:
        for name in ("z", "a", "m"):
            records.announce(replace(ENTRY, id=name))
        records.announce(replace(ENTRY, id="a", state=OutboxState.FINAL))
    with store.transaction() as records:
        assert [(entry.id, entry.sequence) for entry in records.outbox("roof")] == [
            ("z", 1),
            ("a", 2),
            ("m", 3),
        ]
        entry = records.outbox_entry("a")
        signed = replace(entry, state=OutboxState.SIGNED, transaction=transaction)
        mined = replace(signed, state=OutboxState.MINED, receipt=receipt)
        for step in (signed, mined, replace(mined, state=OutboxState.FINAL)):
            records.put_outbox(step)
            assert records.outbox_entry("a") == step
        assert [entry.id for entry in records.outbox("roof", [OutboxState.PENDING])] == ["z", "m"]
        assert records.outbox("street") == []


def test_an_outbox_entry_that_was_signed_keeps_its_call_and_a_final_one_everything(store):
    other = replace(CALL, function="voidRun")
    with store.transaction() as records:
        records.announce(ENTRY)
        with pytest.raises(ConflictError, match="another call"):
            records.announce(replace(ENTRY, call=other))
        signed = replace(records.outbox_entry(ENTRY.id), state=OutboxState.SIGNED)
        records.put_outbox(signed)
        with pytest.raises(ConflictError, match="another call"):
            records.put_outbox(replace(signed, call=other))
        records.put_outbox(replace(signed, state=OutboxState.FINAL))
        with pytest.raises(ConflictError, match="is final"):
            records.put_outbox(signed)
        with pytest.raises(NotFoundError, match="never announced"):
            records.put_outbox(replace(ENTRY, id="other"))


# users


def test_a_login_is_one_persons(store):
    with store.transaction() as records:
        records.put_user(USER)
        records.put_user(replace(USER, disabled=True, locale="fr"))
        assert records.user("u1") == replace(USER, disabled=True, locale="fr")
        with pytest.raises(ConflictError, match="login 'ada' is taken"):
            records.put_user(replace(USER, id="u2"))
        records.put_user(replace(USER, id="u2", login="bob", community=""))
        assert [user.id for user in records.users("roof")] == ["u1"]
        assert [user.id for user in records.users()] == ["u1", "u2"]


def test_sessions_are_found_by_token_renewed_and_ended(store):
    with store.transaction() as records:
        records.put_user(USER)
        records.put_login(LoginRecord("s1", "u1", "hash-1", 100))
        records.put_login(LoginRecord("s1", "u1", "hash-2", 200))
        records.put_login(LoginRecord("s2", "u1", "hash-3", 300))
        assert records.login_by_token("hash-1") is None
        assert records.login_by_token("hash-2") == LoginRecord("s1", "u1", "hash-2", 200)
        records.remove_logins("u1")
        assert records.login_by_token("hash-2") is records.login_by_token("hash-3") is None


def test_looks_at_anothers_data_are_noted_in_order(store):
    with store.transaction() as records:
        records.log_access("u2", "home-01", "curve", 7)
        records.log_access("u1", "home-01", "bill", 5)
        records.log_access("u1", "home-02", "bill", 6)
        assert records.accesses("home-01") == [("u2", "curve", 7), ("u1", "bill", 5)]
