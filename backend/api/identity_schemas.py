"""What goes in and out about passkeys, accounts on chain, consents and one's own data, as the API describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AccountAsked",
    "AccountBook",
    "AccountLink",
    "AddressIn",
    "Backup",
    "BackupAnswer",
    "Challenge",
    "ConsentDraftAsked",
    "ConsentItem",
    "CredentialId",
    "ErasureAnswer",
    "ErasureAsked",
    "EthereumChallenge",
    "EthereumSignIn",
    "GranteeItem",
    "NewKey",
    "PaperDraft",
    "PasskeyItem",
    "PasskeyOptions",
    "PasskeySignIn",
    "PasskeyToKeep",
    "SeatCard",
    "SignedDraft",
]

_ADDRESS = r"^0x[0-9a-fA-F]{40}$"
_SIGNATURE = r"^0x[0-9a-fA-F]{130}$"
_CREDENTIAL = r"^[A-Za-z0-9_-]{1,1400}$"
_DRAFT = r"^[A-Za-z0-9_=-]{1,4000}$"
_INSTANT_MAX = 2**40

CredentialId = Annotated[str, Path(pattern=_CREDENTIAL, description="Id of a passkey, base64url.")]
AddressIn = Annotated[str, Path(pattern=_ADDRESS, description="An account on chain.")]
Kind = Literal["browser", "wallet"]
Scope = Literal["bills", "curves", "flexibility"]
Address = Annotated[str, Field(pattern=_ADDRESS)]
Signature = Annotated[str, Field(pattern=_SIGNATURE)]
Draft = Annotated[str, Field(pattern=_DRAFT)]


class _Taken(BaseModel):
    """What a caller sends: nothing that is not named, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PasskeyOptions(BaseModel):
    """What ``navigator.credentials`` takes, bytes as base64url: ``parseCreationOptionsFromJSON`` reads it."""

    publicKey: dict[str, Any]  # noqa: N815 -- the browser's name


class PasskeySignIn(_Taken):
    """A passkey's answer, as ``PublicKeyCredential.toJSON`` gives it."""

    credential: dict[str, Any]


class PasskeyToKeep(_Taken):
    """A passkey that was made, and what its user calls it."""

    credential: dict[str, Any]
    name: str = Field(min_length=1, max_length=80)


class PasskeyItem(BaseModel):
    """A passkey of one's own."""

    id: str
    name: str
    created_at: str
    used_at: str | None


class EthereumChallenge(BaseModel):
    """The message that an account signs (ERC-4361)."""

    message: str
    nonce: str
    expires_at: str


class EthereumSignIn(_Taken):
    """The message as signed (EIP-191)."""

    message: str = Field(min_length=1, max_length=2000)
    signature: Signature


class AccountAsked(_Taken):
    """Which account."""

    address: Address
    kind: Kind


class Challenge(BaseModel):
    """A text to sign (EIP-191)."""

    message: str


class AccountLink(_Taken):
    """A challenge as signed by the account."""

    address: Address
    kind: Kind
    message: str = Field(min_length=1, max_length=2000)
    signature: Signature


class AccountItem(BaseModel):
    """An account of one's own."""

    address: str
    kind: Kind
    linked_at: str
    until: str | None


class RecoveryCard(BaseModel):
    """A lost key that is to be replaced."""

    to: str
    possible_from: str


class SeatCard(BaseModel):
    """One's seat on chain: a vote, and whose consents hold.

    ``waits_for`` says why nobody holds it: ``account`` to be linked, ``period`` to be opened with one's meter in it,
    ``another_account`` because the linked ones were seated before.
    """

    number: int | None
    holder: str | None
    waits_for: Literal["account", "period", "another_account"] | None
    recovery: RecoveryCard | None


class AccountBook(BaseModel):
    """One's accounts and seat."""

    accounts: list[AccountItem]
    seat: SeatCard | None


class Backup(_Taken):
    """A key that the browser sealed; nobody here can open it."""

    sealed: str = Field(min_length=1, max_length=8192)


class BackupAnswer(BaseModel):
    """The sealed key that is kept, null where there is none."""

    sealed: str | None
    kept_at: str | None


class NewKey(_Taken):
    """The account that is to hold the seat."""

    to: Address


class PaperDraft(BaseModel):
    """What ``signer`` signs with ``eth_signTypedData_v4``; the draft comes back with the signature."""

    draft: str
    signer: str
    typed_data: dict[str, Any]


class SignedDraft(_Taken):
    """A draft and its signature."""

    draft: Draft
    signature: Signature


class ConsentDraftAsked(_Taken):
    """Whom to let see what, and for how long; or, with ``withdraw``, no longer."""

    grantee: Address
    scope: Scope
    from_utc: int = Field(default=0, ge=0, le=_INSTANT_MAX, description="[s since 1970, UTC]")
    until_utc: int = Field(default=0, ge=0, le=_INSTANT_MAX, description="[s since 1970, UTC]")
    withdraw: bool = False


class GranteeItem(BaseModel):
    """Whom a consent can name; a member who shows no name has an empty label."""

    address: str
    kind: Literal["role", "member", "account"]
    label: str
    seat: int | None


class ConsentItem(BaseModel):
    """A consent that was given; ``holds`` is as the chain has it at this moment."""

    grantee: GranteeItem
    scope: Scope
    begins_at: str
    ends_at: str
    holds: bool


class ErasureAsked(_Taken):
    """One's own wish; the word says that it is meant."""

    confirm: Literal["erase me"]


class ErasurePart(BaseModel):
    """A kind of data, and when it is destroyed; null where that is not known yet."""

    what: Literal["log_in", "readings_and_keys", "documents"]
    due_at: str | None
    waits_for: Literal["membership", "settlement", "retention"] | None
    source: str


class ErasureAnswer(BaseModel):
    """What is destroyed when."""

    asked_at: str | None
    parts: list[ErasurePart]
