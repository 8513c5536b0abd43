"""What members sign for the registry, as EIP-712 documents that any wallet shows, and drafts of them.

A draft is the document under the server's seal: it comes back with the signature, and nothing is kept in between.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.governance.typed_data import contract_domain, typed_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.ports import ChainFacts, Clock

__all__ = ["Drafts", "is_signature", "registry_document"]

_LIFETIME_SECONDS = 3600
_SIGNATURE_LENGTH = 132
#: As ``contracts/types/Seats.sol`` has them.
_TYPES = {
    "GiveConsent": (
        ("bytes32", "community"),
        ("address", "holder"),
        ("address", "grantee"),
        ("uint8", "scope"),
        ("uint64", "from"),
        ("uint64", "until"),
        ("uint256", "nonce"),
    ),
    "WithdrawConsent": (
        ("bytes32", "community"),
        ("address", "holder"),
        ("address", "grantee"),
        ("uint8", "scope"),
        ("uint256", "nonce"),
    ),
    "ReplaceKey": (("bytes32", "community"), ("uint32", "seat"), ("address", "to"), ("uint256", "nonce")),
    "ObjectRecovery": (("bytes32", "community"), ("uint32", "seat"), ("uint256", "nonce")),
}


def registry_document(facts: ChainFacts, primary_type: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """A document for ``eth_signTypedData_v4``.

    Args:
        facts: Which chain, which registry.
        primary_type: One of the registry's.
        message: Its fields.
    """
    domain = contract_domain(facts.chain_id, facts.contracts["registry"])
    return typed_document(domain, primary_type, message, **{primary_type: _TYPES[primary_type]})


def is_signature(text: str) -> bool:
    """Is it 65 bytes in 0x-hex?"""
    digits = text.removeprefix("0x")
    return len(text) == _SIGNATURE_LENGTH and all(digit in "0123456789abcdefABCDEF" for digit in digits)


class Drafts:
    """Seals drafts and opens them again, for the user who asked and within the hour.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def seal(self, user: str, content: Mapping[str, Any]) -> str:
        """A draft of a user as a text that only this service can have made."""
        body = json.dumps(
            {**content, "user": user, "until": self._clock.now_utc() + _LIFETIME_SECONDS}, sort_keys=True
        ).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._secret, body, "sha256") + body).decode()

    def open(self, user: str, draft: str) -> dict[str, Any]:
        """What a draft holds.

        Raises:
            InputError: If it is not this user's, over, or altered.
        """
        try:
            sealed = base64.urlsafe_b64decode(draft)
        except ValueError:
            sealed = b""
        seal, body = sealed[:32], sealed[32:]
        if not hmac.compare_digest(seal, hmac.digest(self._secret, body, "sha256")):
            raise InputError("This draft is not of this service; begin again.")
        content: dict[str, Any] = json.loads(body)
        if content.pop("user") != user or content.pop("until") <= self._clock.now_utc():
            raise InputError("This draft is over, or another's; begin again.")
        return content
