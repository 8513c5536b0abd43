"""Passkeys, accounts, sealed keys, erasures; and guards that only an erasure passes."""

from contextlib import suppress

import pytest
from sqlalchemy import text

from backend.adapters.store.engine import writing
from backend.errors import ConflictError, InputError, PartageError
from backend.ports import LoginRecord, UserRecord
from backend.ports.identity_records import AccountRecord, ErasureRecord, KeyBackupRecord, PasskeyRecord
from tests.integration.store.sample_records import COMMUNITY

ADA, BEN = "0x" + "Aa" * 20, "0x" + "Bb" * 20


@pytest.fixture
def people(store):
    with store.transaction() as records:
        records.put_community(COMMUNITY)
        for user in ("u1", "u2"):
            records.put_user(UserRecord(user, f"{user}@toits", "hash", ("member",), COMMUNITY.id, user))
    return store


def test_an_account_is_linked_to_one_user_at_a_time(people):
    link = AccountRecord("u1", ADA, "browser", 5)
    with people.transaction() as records:
        records.put_account(link)
    with pytest.raises(ConflictError, match="another log-in"), people.transaction() as records:
        records.put_account(AccountRecord("u2", ADA, "wallet", 6))
    with people.transaction() as records:
        records.put_account(AccountRecord("u1", ADA, "browser", 5, until_utc=7))
        records.put_account(AccountRecord("u2", ADA, "wallet", 8))
    with people.reading() as records:
        assert records.account_at(ADA).user == "u2"
        assert records.account_at(BEN) is None
        assert [known.until_utc for known in records.accounts("u1")] == [7]


def test_a_passkey_is_one_users_and_counts_on(people):
    key = PasskeyRecord("Y3I", "u1", "cHVi", 0, "Phone", 5)
    with people.transaction() as records:
        records.put_passkey(key)
        records.put_passkey(PasskeyRecord("Y3I", "u1", "cHVi", 4, "Phone", 5, used_utc=9))
    with pytest.raises(ConflictError, match="another log-in"), people.transaction() as records:
        records.put_passkey(PasskeyRecord("Y3I", "u2", "cHVi", 0, "Phone", 5))
    with people.reading() as records:
        assert records.passkey("Y3I").sign_count == 4
        assert records.passkeys("u2") == []
    with people.transaction() as records:
        records.remove_passkey("Y3I")
    with people.reading() as records:
        assert records.passkey("Y3I") is None


def test_a_user_who_is_erased_leaves_no_row_but_their_looks_under_an_alias(people):
    with people.transaction() as records:
        records.put_passkey(PasskeyRecord("Y3I", "u1", "cHVi", 0, "Phone", 5))
        records.put_account(AccountRecord("u1", ADA, "browser", 5))
        records.put_key_backup(KeyBackupRecord("u1", "sealed", 5))
        records.put_login(LoginRecord("s1", "u1", "token", 100))
        records.log_access("u1", "toits/ben", "bill", 5)
        records.put_erasure(ErasureRecord(COMMUNITY.id, "u1", 5, "former-1"))
    with people.transaction() as records:
        records.begin_erasing()
        records.erase_user("u1", "former-1")
    with people.reading() as records:
        assert records.user("u1") is None
        assert records.logins("u1") == records.passkeys("u1") == records.accounts("u1") == []
        assert records.key_backup("u1") is None
        assert records.accesses("toits/ben") == [("former-1", "bill", 5)]
        assert records.user("u2") is not None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE slot SET metering_point = 'x'", "UPDATE access SET \"user\" = 'x'"],
)
def test_what_never_changes_does_so_in_an_erasing_transaction_only(people, statement):
    engine = people._engine  # noqa: SLF001
    with people.transaction() as records:
        records.log_access("u1", "toits/ben", "bill", 5)
    limited = statement + (" WHERE slot = 0" if "slot" in statement else "")
    for before in ("", "INSERT INTO erasing (id) VALUES (1)"):
        try:
            with writing(engine) as connection:
                if before:
                    connection.execute(text(before))
                connection.execute(text(limited))
                connection.execute(text("DELETE FROM erasing"))
            passed = True
        except Exception:  # noqa: BLE001 -- each engine has its own
            passed = False
        assert passed is bool(before), statement


def test_the_guards_are_back_when_an_erasing_transaction_ends(people):
    with people.transaction() as records:
        records.begin_erasing()
    with people.reading() as records, pytest.raises(PartageError):
        records.begin_erasing()
    with people._engine.connect() as connection:  # noqa: SLF001
        assert connection.execute(text("SELECT count(*) FROM erasing")).scalar() == 0


def test_a_text_that_the_store_cannot_hold_is_the_callers_mistake_not_the_stores(store):
    outcomes = []
    with suppress(InputError), store.reading() as records:
        outcomes.append(records.user_by_login("ada\0"))  # PostgreSQL knows no such text, SQLite does
    assert outcomes in ([], [None])
