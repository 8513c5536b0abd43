from backend.ports import BillRecord, LoginRecord, UserRecord


def sessions(store, *logins):
    with store.transaction() as records:
        records.put_user(UserRecord("u1", "ada", "hash", ("auditor",), "toits"))
        for login, expires in logins:
            records.put_login(LoginRecord(login, "u1", f"hash-{login}", expires))


def left(store, *logins):
    with store.reading() as records:
        return [login for login in logins if records.login(login) is not None]


def test_one_session_ends_and_the_others_go_on(store):
    sessions(store, ("s1", 100), ("s2", 200))
    with store.transaction() as records:
        records.remove_login("s1")
        records.remove_login("never-there")
    assert left(store, "s1", "s2") == ["s2"]


def test_sessions_whose_time_is_over_are_forgotten(store):
    sessions(store, ("s1", 100), ("s2", 101), ("s3", 102))
    with store.transaction() as records:
        assert records.remove_expired_logins(101) == 2
    assert left(store, "s1", "s2", "s3") == ["s3"]


def test_a_bill_that_is_not_there_is_none(store):
    with store.reading() as records:
        bill: BillRecord | None = records.bill("toits", 19783, 1, "ada")
    assert bill is None
