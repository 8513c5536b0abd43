"""What may be an id, and what an operator's number."""

from __future__ import annotations

import re
from unicodedata import category

from backend.errors import CommunityDefinitionError

__all__ = ["require_id", "require_number"]

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_LONGEST_NUMBER = 128
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format, half a pair, ends of line and paragraph


def require_id(value: str, what: str) -> None:
    """Refuse what cannot be an id.

    Raises:
        CommunityDefinitionError: Saying what an id is.
    """
    if not _ID.fullmatch(value):
        raise CommunityDefinitionError(
            f"{what} {value!r}: ids are 1 to 63 of a-z, 0-9, dot, dash and underscore, starting with a letter or digit."
        )


def require_number(number: str, what: str) -> None:
    """Refuse a number that a proof could not carry, or that would not show what it is.

    Raises:
        CommunityDefinitionError: Saying what a number is.
    """
    if not 0 < len(number) <= _LONGEST_NUMBER or any(category(letter) in _UNSEEN for letter in number):
        raise CommunityDefinitionError(
            f"{what}: external_id is {ascii(number)[:80]}; write 1 to {_LONGEST_NUMBER} characters, "
            "none of them a line end, a control character or invisible."
        )
