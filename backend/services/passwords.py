"""Passwords: how they are kept, compared and judged. Argon2id with the parameters that OWASP recommends.

OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB of memory, two iterations, one lane.
"""

from __future__ import annotations

import threading
import unicodedata
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from backend.errors import InputError, StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argon2 import PasswordHasher

__all__ = [
    "PASSWORD_LENGTH_MAX",
    "PASSWORD_LENGTH_MIN",
    "check_strength",
    "hash_password",
    "matches",
    "needs_rehash",
]

PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 200
_MEMORY_KIBIBYTES = 19 * 1024
_ITERATIONS = 2
_LANES = 1
# Each takes 19 MiB and a core for some 25 ms: a crowd of log-ins waits in line instead of taking the machine.
_AT_ONCE = 4
_PATIENCE_SECONDS = 5.0
_places = threading.BoundedSemaphore(_AT_ONCE)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_ITERATIONS, memory_cost=_MEMORY_KIBIBYTES, parallelism=_LANES)


@cache
def _nobody() -> str:
    """What an unknown login is compared with, so that it takes as long as a known one."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


def _normal(password: str) -> str:
    """The same characters however a keyboard composes them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=_PATIENCE_SECONDS):
        raise StoreBusyError("Too many people are logging in at this moment; try again in a few seconds.")
    try:
        yield
    finally:
        _places.release()


def hash_password(password: str) -> str:
    """What is kept in place of a password: algorithm, parameters, salt and hash in one text."""
    with _place():
        return _hasher().hash(_normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Is it the password? Takes as long where there is none to compare with.

    Args:
        kept: From ``hash_password``, or None for a login that nobody has.
        password: As typed.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    with _place():
        try:
            _hasher().verify(kept or _nobody(), _normal(password[:PASSWORD_LENGTH_MAX]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None and len(password) <= PASSWORD_LENGTH_MAX


def needs_rehash(kept: str) -> bool:
    """Was it hashed with other parameters than today's?"""
    return _hasher().check_needs_rehash(kept)


def check_strength(password: str, login: str) -> None:
    """Refuse a new password that is too short, too long or the login itself.

    Raises:
        InputError: Saying which; the password is not repeated.
    """
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise InputError(
            f"The new password has {len(password)} characters; use {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX}, "
            "several words for instance."
        )
    folded = _normal(password).casefold()
    if login.casefold() in folded or len(set(folded)) <= PASSWORD_LENGTH_MIN // 3:
        raise InputError(
            "The new password holds the login or hardly any different characters; choose another."
        )
