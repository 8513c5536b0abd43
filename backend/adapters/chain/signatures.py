"""EIP-712 signatures: who made one, and making one with a key of the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.adapters.key_vault import KeyVault

__all__ = ["ArtifactCalls", "TypedDataSignatures", "VaultSigner"]

_WORD = 32
_COMPACT_BYTES = 2 * _WORD
_HIGH_BIT = 1 << 255
_RECOVERY_BASE = 27
# Half the order of secp256k1: the contracts take no s above it.
_S_MAX = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0


class TypedDataSignatures:
    """Implements ``SignatureReader``."""

    def signer_of(self, document: Mapping[str, Any], signature: str) -> str:
        """See ``SignatureReader.signer_of``."""
        from eth_account import Account
        from eth_account.messages import encode_typed_data
        from eth_keys.exceptions import BadSignature
        from eth_utils.exceptions import ValidationError

        r, s, parity = _parts_of(signature)
        message = encode_typed_data(full_message=dict(document))
        try:
            return str(Account.recover_message(message, vrs=(_RECOVERY_BASE + parity, r, s)))
        except (BadSignature, ValidationError, ValueError):
            raise InputError("The signature is of no key; sign again.") from None

    def compact(self, signature: str) -> str:
        """See ``SignatureReader.compact``."""
        r, s, parity = _parts_of(signature)
        return "0x" + (r.to_bytes(_WORD) + (s | parity * _HIGH_BIT).to_bytes(_WORD)).hex()


def _parts_of(signature: str) -> tuple[int, int, int]:
    """r, s and the parity of y.

    Raises:
        InputError: If it is no signature, or s is not the lower of its two.
    """
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        raise InputError("The signature is not hexadecimal; sign again.") from None
    r, s = int.from_bytes(raw[:_WORD]), int.from_bytes(raw[_WORD:_COMPACT_BYTES])
    if len(raw) == _COMPACT_BYTES:
        s, parity = s & ~_HIGH_BIT, s >> 255
    elif len(raw) == _COMPACT_BYTES + 1 and raw[-1] in {0, 1, _RECOVERY_BASE, _RECOVERY_BASE + 1}:
        parity = raw[-1] % _RECOVERY_BASE
    else:
        raise InputError(f"A signature has 64 or 65 bytes, this one {len(raw)}; sign again.")
    if not 0 < s <= _S_MAX:
        raise InputError("The signature's s is not the lower of the two; sign again with a current wallet.")
    return r, s, parity


class VaultSigner:
    """Implements ``DocumentSigner`` with the keys of a vault.

    Args:
        vault: Draws a key the first time that its name is asked for.
    """

    def __init__(self, vault: KeyVault) -> None:
        self._vault = vault

    def sign(self, key: str, document: Mapping[str, Any]) -> str:
        """See ``DocumentSigner.sign``."""
        signed = self._vault.account(key).sign_typed_data(full_message=dict(document))
        return "0x" + bytes(signed.signature).hex()

    def account_of(self, key: str) -> str:
        """See ``DocumentSigner.account_of``."""
        return str(self._vault.account(key).address)


class ArtifactCalls:
    """Implements ``CallEncoder`` by the artifacts of the contracts."""

    def call_data(self, contract: str, function: str, arguments: Sequence[Any]) -> bytes:
        """See ``CallEncoder.call_data``."""
        from backend.adapters.chain.abi import ContractAbi
        from backend.adapters.chain.artifacts import load_artifact
        from backend.adapters.chain.deployment import CONTRACT_NAMES

        return ContractAbi(load_artifact(CONTRACT_NAMES[contract]).abi).encode_call(function, arguments)
