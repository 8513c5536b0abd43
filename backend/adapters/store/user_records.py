"""Who may log in, who is logged in, and who looked at whose data."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col, select

from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import AccessRow, LoginRow, UserRow
from backend.errors import ConflictError
from backend.ports import LoginRecord, UserRecord

__all__ = ["UserRecords"]


class UserRecords(RecordSet):
    """Users, sessions and the log of accesses."""

    def put_user(self, record: UserRecord) -> None:
        """Keep a user as they are now.

        Raises:
            ConflictError: If another user has that login.
        """
        other = self.user_by_login(record.login)
        if other is not None and other.id != record.id:
            raise ConflictError(f"The login {record.login!r} is taken; choose another.")
        self._put(row_of(UserRow, record))

    def user(self, user_id: str) -> UserRecord | None:
        """A user, None where there is none."""
        row = self._session.get(UserRow, user_id)
        return None if row is None else record_of(UserRecord, row)

    def user_by_login(self, login: str) -> UserRecord | None:
        """The user who logs in under a name, None where there is none."""
        row = self._session.exec(select(UserRow).where(UserRow.login == login)).one_or_none()
        return None if row is None else record_of(UserRecord, row)

    def users(self, community: str | None = None) -> list[UserRecord]:
        """Users of a community, or all, by login."""
        statement = select(UserRow)
        if community is not None:
            statement = statement.where(UserRow.community == community)
        return [
            record_of(UserRecord, row) for row in self._session.exec(statement.order_by(col(UserRow.login)))
        ]

    def put_login(self, record: LoginRecord) -> None:
        """Keep a session, with the hash of the token that refreshes it now."""
        self._put(row_of(LoginRow, record))

    def login(self, login_id: str) -> LoginRecord | None:
        """A session by its id, None where there is none."""
        row = self._session.get(LoginRow, login_id)
        return None if row is None else record_of(LoginRecord, row)

    def login_by_token(self, token_hash: str) -> LoginRecord | None:
        """The session of a refresh token, None where there is none."""
        row = self._session.exec(select(LoginRow).where(LoginRow.token_hash == token_hash)).one_or_none()
        return None if row is None else record_of(LoginRecord, row)

    def remove_login(self, login_id: str) -> None:
        """End one session."""
        session = self._writer()
        session.execute(delete(LoginRow).where(col(LoginRow.id) == login_id))
        session.expire_all()

    def remove_expired_logins(self, now_utc: int) -> int:
        """Forget sessions whose time is over; returns how many. [1]"""
        session = self._writer()
        over = list(session.exec(select(LoginRow.id).where(col(LoginRow.expires_utc) <= int(now_utc))))
        session.execute(delete(LoginRow).where(col(LoginRow.id).in_(over)))
        session.expire_all()
        return len(over)

    def remove_logins(self, user_id: str) -> None:
        """End all sessions of a user."""
        session = self._writer()
        session.execute(delete(LoginRow).where(col(LoginRow.user) == user_id))
        session.expire_all()

    def log_access(self, user: str, subject: str, what: str, at_utc: int) -> None:
        """Note that somebody looked at another's data. Notes are only ever added."""
        self._writer().add(AccessRow(user=user, subject=subject, what=what, at_utc=int(at_utc)))
        self._writer().flush()

    def accesses(self, subject: str) -> list[tuple[str, str, int]]:
        """Who looked at somebody's data, at what, and when, in order."""
        rows = self._session.exec(
            select(AccessRow).where(AccessRow.subject == subject).order_by(col(AccessRow.sequence))
        )
        return [(row.user, row.what, row.at_utc) for row in rows]
