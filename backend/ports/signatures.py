"""Signatures of members, as services see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CallEncoder", "DocumentSigner", "SignatureReader"]


class SignatureReader(Protocol):
    """Says who signed."""

    def signer_of(self, document: Mapping[str, Any], signature: str) -> str:
        """The account whose key signed an EIP-712 document.

        Args:
            document: ``domain``, ``types``, ``primaryType`` and ``message``.
            signature: 64 or 65 bytes, 0x-hex.

        Returns:
            Its address with checksum.

        Raises:
            InputError: If it is no signature, or one that the contracts refuse as malleable.
        """
        ...

    def compact(self, signature: str) -> str:
        """The 64 bytes (r and vs, EIP-2098) of a signature of 64 or 65, 0x-hex.

        Raises:
            InputError: If it is no signature.
        """
        ...


class DocumentSigner(Protocol):
    """Signs with keys that are kept here, such as members' in an embedded home."""

    def sign(self, key: str, document: Mapping[str, Any]) -> str:
        """A named key's signature of an EIP-712 document, 65 bytes, 0x-hex."""
        ...

    def account_of(self, key: str) -> str:
        """Address of a named key."""
        ...


class CallEncoder(Protocol):
    """Makes the data of calls, which members sign the hash of."""

    def call_data(self, contract: str, function: str, arguments: Sequence[Any]) -> bytes:
        """Selector and arguments of a call of a contract of the deployment."""
        ...
