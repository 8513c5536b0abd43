"""What members sign, as EIP-712 documents in plain JSON: a wallet shows every field, the governor checks the same.

Whole numbers that JavaScript cannot hold are decimal strings. Hashing and signing is the adapters' affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.commitments.keccak import keccak256

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NO_HASH",
    "SUPPORTS",
    "TypedDocument",
    "contract_domain",
    "paper_hash",
    "propose_document",
    "propose_rule_document",
    "typed_document",
    "vote_document",
    "withdraw_document",
]

TypedDocument = dict[str, Any]

#: What a vote says, by its number on chain.
SUPPORTS = ("against", "for", "abstain")
NO_HASH = "0x" + "00" * 32

_DOMAIN = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)
_VOTE = (("bytes32", "community"), ("uint256", "proposalId"), ("uint8", "support"))
_WITHDRAW = (("bytes32", "community"), ("uint256", "proposalId"))
_PAPER = (("bytes32", "text"), ("bytes32", "rehearsal"), ("uint256", "nonce"))
_PROPOSE = (("bytes32", "community"), ("address", "member"), ("bytes32", "action"), *_PAPER)
_PROPOSE_RULE = (("bytes32", "community"), ("address", "member"), ("Rule", "rule"), *_PAPER)
_RULE = (
    ("uint32", "effectiveFrom"),
    ("uint32", "contestWindowSeconds"),
    ("uint8", "source"),
    ("Limits", "limits"),
    ("SharingKey", "key"),
    ("Tariff", "tariff"),
)
_LIMITS = (
    *(("uint32", "maxEstimatedPpm"), ("uint32", "maxMissingPpm"), ("uint8", "gaps")),
    ("bytes32", "terms"),
)
_KEY = (
    ("uint8", "method"),
    ("uint8", "surplusOwner"),
    ("uint8", "schedule"),
    ("uint32[]", "coefficientsPpm"),
    ("uint32[]", "producers"),
    ("uint8[]", "tierMethods"),
    ("uint8[]", "tiers"),
    ("uint32[]", "producerPpm"),
    ("bytes32", "linkTerms"),
)
_TARIFF = (
    ("uint32[4]", "residualPrice"),
    *(
        ("uint32", name)
        for name in (
            *("sharedPrice", "surplusPrice", "networkPrice", "networkSharedPrice", "excisePrice"),
            *("exciseSharedPrice", "premiumConsumption", "premiumFeedIn"),
        )
    ),
    ("uint8", "pricing"),
    ("uint8", "seller"),
    ("uint32", "monthlyFee"),
    ("uint32", "vatPpm"),
    ("uint8", "communityVatClass"),
    ("uint8", "billedBy"),
    ("uint24[]", "windows"),
    ("uint32[]", "producerPrice"),
)
_KEPT_BESIDE = b"partage text\0"


def contract_domain(chain_id: int, contract: str) -> dict[str, Any]:
    """The domain of a contract: a signature for it counts nowhere else."""
    return {"name": "Partage", "version": "1", "chainId": chain_id, "verifyingContract": contract}


def typed_document(
    domain: Mapping[str, Any],
    primary: str,
    message: Mapping[str, Any],
    **types: tuple[tuple[str, str], ...],
) -> TypedDocument:
    """A document for ``eth_signTypedData_v4``.

    Args:
        domain: Of the contract that reads it.
        primary: Name of its type.
        message: Its fields, all of them and no other.
        types: Each type by name, its fields as (type, name) in the contract's order.
    """
    assert set(message) == {name for _, name in types[primary]}, primary
    named = {"EIP712Domain": _DOMAIN, **types}
    return {
        "domain": dict(domain),
        "primaryType": primary,
        "types": {
            name: [{"name": field, "type": kind} for kind, field in fields] for name, fields in named.items()
        },
        "message": dict(message),
    }


def vote_document(domain: Mapping[str, Any], community: str, proposal: int, support: int) -> TypedDocument:
    """A vote.

    Args:
        domain: Of the governor.
        community: Its id on chain, 0x-hex.
        proposal: Id of the proposal.
        support: 0 against, 1 for, 2 abstain.
    """
    message = {"community": community, "proposalId": str(proposal), "support": support}
    return typed_document(domain, "Vote", message, Vote=_VOTE)


def withdraw_document(domain: Mapping[str, Any], community: str, proposal: int) -> TypedDocument:
    """A proposal that its proposer takes back before the vote begins.

    Args:
        domain: Of the governor.
        community: Its id on chain, 0x-hex.
        proposal: Id of the proposal.
    """
    message = {"community": community, "proposalId": str(proposal)}
    return typed_document(domain, "Withdraw", message, Withdraw=_WITHDRAW)


def propose_document(
    domain: Mapping[str, Any], community: str, member: str, action: bytes, paper: Mapping[str, Any]
) -> TypedDocument:
    """A proposal of anything but a rule.

    Args:
        domain: Of the governor.
        community: Its id on chain, 0x-hex.
        member: Account that proposes.
        action: Data of the one call that it would make; its hash is signed.
        paper: ``text`` and ``rehearsal``, hashes as 0x-hex, and ``nonce``.
    """
    message = {
        "community": community,
        "member": member,
        "action": "0x" + keccak256(action).hex(),
        **_paper(paper),
    }
    return typed_document(domain, "Propose", message, Propose=_PROPOSE)


def propose_rule_document(
    domain: Mapping[str, Any],
    community: str,
    member: str,
    rule: Mapping[str, Any],
    paper: Mapping[str, Any],
) -> TypedDocument:
    """A proposal of a rule, every field of which a wallet shows.

    Args:
        domain: Of the governor.
        community: Its id on chain, 0x-hex.
        member: Account that proposes.
        rule: As the contract takes it: ``on_chain`` of ``encode_rule``.
        paper: As for ``propose_document``.
    """
    message = {"community": community, "member": member, "rule": dict(rule), **_paper(paper)}
    return typed_document(
        domain,
        "ProposeRule",
        message,
        ProposeRule=_PROPOSE_RULE,
        Limits=_LIMITS,
        Rule=_RULE,
        SharingKey=_KEY,
        Tariff=_TARIFF,
    )


def _paper(paper: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": paper["text"], "rehearsal": paper["rehearsal"], "nonce": str(paper["nonce"])}


def paper_hash(salt: str, text: str) -> str:
    """Salted hash of a proposal's words, which is all that the chain holds of them.

    Args:
        salt: 16 random bytes, 0x-hex; without them the words could be guessed from the hash.
        text: The words.

    Returns:
        0x-hex.
    """
    return "0x" + keccak256(_KEPT_BESIDE + bytes.fromhex(salt.removeprefix("0x")) + text.encode()).hex()
