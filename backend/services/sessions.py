"""Log-in, refresh and log-out.

A session is a refresh token, which is random, kept as a hash, and good for one use: each use gives the next. One that
comes back after its use was copied, so all sessions of its user end. Two tabs that refresh at the same moment are no
thieves: for a few seconds a spent token is answered without a new one.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.errors import AuthenticationError, InputError
from backend.ports import LoginRecord
from backend.services.attempts import AttemptLimiter
from backend.services.passwords import check_strength, hash_password, matches, needs_rehash

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.ports import Clock, Records, RecordStore, UserRecord

    #: Whether what proved a user still holds, inside the transaction that opens their session.
    StillHolds = Callable[[Records, UserRecord], bool]

__all__ = ["IDLE_SECONDS_MAX", "OpenSession", "Sessions"]

logger = logging.getLogger(__name__)

IDLE_SECONDS_MAX = 14 * 86_400
_AGE_SECONDS_MAX = 60 * 86_400
_GRACE_SECONDS = 10
_GRACE_CAPACITY = 10_000
_TOKEN_BYTES = 32
_ID_BYTES = 16
_TOKEN_LENGTH_MAX = 200
_REFUSED = "The login or what should prove it is wrong."
_ENDED = "The session has ended; log in again."


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who is logged in.

    Attributes:
        user: As kept now.
        id: Of the session.
        refresh_token: To be used once; empty where another tab has just been given it.
    """

    user: UserRecord
    id: str
    refresh_token: str = ""


class Sessions:
    """All sessions of the store.

    Args:
        store: Records.
        clock: Time.

    Invariants:
        - A login that nobody has costs the same time and gets the same answer as a wrong password.
        - No token is kept, only its hash.
    """

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._limiter = AttemptLimiter(clock)
        self._spent: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._guard = threading.Lock()

    def log_in(self, login: str, password: str, address: str) -> OpenSession:
        """Open a session.

        Args:
            login: As typed.
            password: As typed.
            address: Network address that asks.

        Raises:
            AuthenticationError: If login or password is wrong, or the user is disabled: it never says which.
            TooManyAttemptsError: If too many attempts failed.
        """
        attempt = self._limiter.begin(login, address)
        with self._store.reading() as records:
            user = records.user_by_login(login)
        if not matches(user.password_hash if user else None, password) or user is None or user.disabled:
            logger.info("a log-in was refused")
            raise AuthenticationError(_REFUSED)
        self._limiter.succeeded(attempt)
        rehashed = hash_password(password) if needs_rehash(user.password_hash) else ""

        def still_holds(records: Records, current: UserRecord) -> bool:
            if current.password_hash != user.password_hash:
                return False
            if rehashed:
                records.put_user(replace(current, password_hash=rehashed))
            return True

        return self._open(user.id, still_holds)

    def log_in_by(
        self, proof: str, address: str, check: Callable[[], str | None], still_holds: StillHolds
    ) -> OpenSession:
        """Open a session for whom something else than a password proves, such as a passkey.

        Args:
            proof: What is counted as one name, such as the credential's id.
            address: Network address that asks.
            check: Gives the user's id; None where nothing is proved.
            still_holds: Asked again in the transaction that opens the session.

        Raises:
            AuthenticationError: If nothing is proved, or the user is disabled: it never says which.
            TooManyAttemptsError: If too many attempts failed.
        """
        attempt = self._limiter.begin(proof, address)
        user_id = check()
        if user_id is None:
            logger.info("a log-in was refused")
            raise AuthenticationError(_REFUSED)
        opened = self._open(user_id, still_holds)
        self._limiter.succeeded(attempt)
        return opened

    def _open(self, user_id: str, still_holds: StillHolds) -> OpenSession:
        now = self._clock.now_utc()
        session = f"{now:x}-{secrets.token_hex(_ID_BYTES)}"
        token = _draw_token(session)
        with self._store.transaction() as records:
            current = records.user(user_id)
            if current is None or current.disabled or not still_holds(records, current):
                raise AuthenticationError(_REFUSED)
            current = records.user(user_id) or current
            records.remove_expired_logins(now)
            records.put_login(LoginRecord(session, user_id, _hash(token), now + IDLE_SECONDS_MAX))
        return OpenSession(current, session, token)

    def refresh(self, token: str) -> OpenSession:
        """Exchange a refresh token for the next.

        Raises:
            AuthenticationError: If the session has ended, or the token was used before: then all of the user's end.
        """
        if len(token) > _TOKEN_LENGTH_MAX:
            raise AuthenticationError(_ENDED)
        # What ends a session must be kept, so the error is raised once the transaction has closed.
        with self._store.transaction() as records:
            login = records.login_by_token(_hash(token))
            opened = self._exchange(records, login) if login else self._question(records, token)
        if opened is None:
            raise AuthenticationError(_ENDED)
        return opened

    def _exchange(self, records: Records, login: LoginRecord) -> OpenSession | None:
        now, user = self._clock.now_utc(), records.user(login.user)
        over = login.expires_utc <= now or now - _started(login.id) >= _AGE_SECONDS_MAX
        if user is None or user.disabled or over:
            records.remove_login(login.id)
            return None
        following = _draw_token(login.id)
        # Before the next token is in force, so that whoever comes with the old one from then on is found here.
        self._spend(login.token_hash, login.id, now)
        records.put_login(replace(login, token_hash=_hash(following), expires_utc=now + IDLE_SECONDS_MAX))
        return OpenSession(user, login.id, following)

    def _question(self, records: Records, token: str) -> OpenSession | None:
        """A token that opens nothing: of a session that is over, or used before."""
        login = records.login(token.partition(".")[0])
        user = records.user(login.user) if login else None
        if login is None or user is None or user.disabled:
            return None
        if self._was_just_spent(_hash(token), login.id):
            return OpenSession(user, login.id)
        records.remove_logins(user.id)
        logger.warning("a refresh token came back after its use; all sessions of its user were ended")
        return None

    def resume(self, session: str, user_id: str) -> OpenSession:
        """The session of a request.

        Raises:
            AuthenticationError: If it has ended, or its user is disabled.
        """
        with self._store.reading() as records:
            login = records.login(session)
            user = records.user(user_id)
        if login is None or user is None or user.disabled or login.user != user.id:
            raise AuthenticationError(_ENDED)
        if login.expires_utc <= self._clock.now_utc():
            raise AuthenticationError(_ENDED)
        return OpenSession(user, session)

    def log_out(self, session: str) -> None:
        """End a session; one that has ended already is no error."""
        with self._store.transaction() as records:
            records.remove_login(session)

    def log_out_by_token(self, token: str) -> None:
        """End the session of a refresh token; an unknown one is no error."""
        with self._store.reading() as records:
            login = records.login_by_token(_hash(token[:_TOKEN_LENGTH_MAX]))
        if login is not None:
            self.log_out(login.id)

    def change_password(self, opened: OpenSession, current: str, new: str, address: str) -> None:
        """Change one's own password; the user's other sessions end.

        Raises:
            AuthenticationError: If the session has ended meanwhile.
            InputError: If the current one is wrong, or the new one too weak.
            TooManyAttemptsError: If too many attempts failed.
        """
        attempt = self._limiter.begin(opened.user.login, address)
        if not matches(opened.user.password_hash, current):
            raise InputError("The current password is wrong.")
        self._limiter.succeeded(attempt)
        check_strength(new, opened.user.login)
        hashed = hash_password(new)
        with self._store.transaction() as records:
            user, login = records.user(opened.user.id), records.login(opened.id)
            if user is None or login is None or user.password_hash != opened.user.password_hash:
                raise AuthenticationError(_ENDED)
            records.put_user(replace(user, password_hash=hashed))
            records.remove_logins(user.id)
            records.put_login(login)

    def _spend(self, spent: str, session: str, now: int) -> None:
        with self._guard:
            self._spent[spent] = (session, now)
            while len(self._spent) > _GRACE_CAPACITY:
                self._spent.popitem(last=False)

    def _was_just_spent(self, spent: str, session: str) -> bool:
        with self._guard:
            known, at_utc = self._spent.get(spent, ("", 0))
        return known == session and self._clock.now_utc() - at_utc <= _GRACE_SECONDS


def _draw_token(session: str) -> str:
    return f"{session}.{secrets.token_urlsafe(_TOKEN_BYTES)}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _started(session: str) -> int:
    """When a session began, which its id says. [s since 1970, UTC]"""
    return int(session.partition("-")[0], 16)
