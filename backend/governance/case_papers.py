"""What parties to a case sign, and the hashes of what they say: all that the chain holds of words and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256
from backend.governance.typed_data import contract_domain, typed_document

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["claim_document", "evidence_hash", "opening_document", "words_hash"]

_EVIDENCE, _WORDS = b"\x27", b"\x28"
#: As ``contracts/types/Cases.sol`` has them.
_OPEN_CASE = (
    *(("bytes32", "community"), ("uint32", "period"), ("uint32", "slot")),
    *(("uint32", "first"), ("uint32", "until"), ("bytes32", "paper")),
)
_CLAIM = (
    *(("bytes32", "community"), ("uint256", "caseId"), ("uint8", "party")),
    *(("bytes32", "readings"), ("bytes32", "evidence")),
)


def words_hash(salt: str, text: str) -> str:
    """Salted hash of what a party or an arbiter puts in words, 0x-hex.

    Args:
        salt: 32 random bytes, 0x-hex; without them the words could be guessed from the hash.
        text: The words.
    """
    return _salted(_WORDS, salt, text.encode())


def evidence_hash(salt: str, file_hash: bytes) -> str:
    """Salted hash of a file, 0x-hex.

    Args:
        salt: 32 random bytes, 0x-hex.
        file_hash: keccak of its bytes. [32 bytes]
    """
    return _salted(_EVIDENCE, salt, file_hash)


def opening_document(chain_id: int, arbitration: str, opening: Mapping[str, Any]) -> dict[str, Any]:
    """An opening for ``eth_signTypedData_v4``.

    Args:
        chain_id: EIP-155.
        arbitration: Address of the contract.
        opening: ``CaseOpening``'s fields.
    """
    return typed_document(contract_domain(chain_id, arbitration), "OpenCase", opening, OpenCase=_OPEN_CASE)


def claim_document(chain_id: int, arbitration: str, claim: Mapping[str, Any]) -> dict[str, Any]:
    """A claim for ``eth_signTypedData_v4``.

    Args:
        chain_id: EIP-155.
        arbitration: Address of the contract.
        claim: ``Claim``'s fields.
    """
    return typed_document(contract_domain(chain_id, arbitration), "Claim", claim, Claim=_CLAIM)


def _salted(first: bytes, salt: str, content: bytes) -> str:
    return "0x" + keccak256(first + bytes.fromhex(salt.removeprefix("0x")) + content).hex()
