"""Records of how people are known: passkeys, accounts on chain, sealed backups of keys, and who asked to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.ports.records import LoginRecord

__all__ = ["AccountRecord", "ErasureRecord", "IdentityRecords", "KeyBackupRecord", "PasskeyRecord"]


@dataclass(frozen=True, slots=True)
class PasskeyRecord:
    """A passkey of a user (WebAuthn Level 3, section 4: *credential record*).

    Attributes:
        id: Credential id, base64url without padding.
        user: Id of whose it is.
        public_key: COSE key, base64url without padding.
        sign_count: As its authenticator told it last; zero where it does not count.
        name: As the user calls it.
        created_utc: [s since 1970, UTC]
        used_utc: Of the last log-in, 0 before. [s since 1970, UTC]
    """

    id: str
    user: str
    public_key: str
    sign_count: int
    name: str
    created_utc: int
    used_utc: int = 0


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account on chain that a user has proved to control.

    Attributes:
        user: Id of whose it is.
        address: 0x-hex with its checksum (EIP-55).
        kind: ``browser`` for a key that the pages keep, ``wallet`` for one of EIP-1193.
        linked_utc: [s since 1970, UTC]
        until_utc: When the link ended, 0 while it holds. [s since 1970, UTC]
    """

    user: str
    address: str
    kind: str
    linked_utc: int
    until_utc: int = 0


@dataclass(frozen=True, slots=True)
class KeyBackupRecord:
    """A user's key, sealed by their browser: nothing here can open it."""

    user: str
    sealed: str
    kept_utc: int


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """Somebody asked to be forgotten.

    Attributes:
        community: Its id.
        participant: Who; once nothing more is to be erased, the name that stands in place of theirs.
        asked_utc: [s since 1970, UTC]
        alias: Name that will stand in place of theirs.
        begun_utc: When what no law holds back was erased, 0 before. [s since 1970, UTC]
        done_utc: When the rest was, 0 before. [s since 1970, UTC]
    """

    community: str
    participant: str
    asked_utc: int
    alias: str
    begun_utc: int = 0
    done_utc: int = 0


class IdentityRecords(Protocol):
    """What the store keeps of it, inside one transaction."""

    def put_passkey(self, record: PasskeyRecord) -> None:
        """Keep a passkey, or how often it was used.

        Raises:
            ConflictError: If the credential is another user's.
        """
        ...

    def passkey(self, credential: str) -> PasskeyRecord | None:
        """By credential id, None where there is none."""
        ...

    def passkeys(self, user: str) -> list[PasskeyRecord]:
        """A user's, in the order in which they were made."""
        ...

    def remove_passkey(self, credential: str) -> None:
        """Forget a passkey."""
        ...

    def put_account(self, record: AccountRecord) -> None:
        """Keep a link of a user and an account.

        Raises:
            ConflictError: If the account is linked to another user at present.
        """
        ...

    def accounts(self, user: str) -> list[AccountRecord]:
        """A user's, ended ones too, in the order in which they were linked."""
        ...

    def account_at(self, address: str) -> AccountRecord | None:
        """The link of an account that holds at present, None where there is none."""
        ...

    def put_key_backup(self, record: KeyBackupRecord) -> None:
        """Keep a sealed key in place of the one before."""
        ...

    def key_backup(self, user: str) -> KeyBackupRecord | None:
        """A user's, None where there is none."""
        ...

    def put_erasure(self, record: ErasureRecord) -> None:
        """Keep that somebody asked, or how far it has come."""
        ...

    def erasures(self, community: str | None = None) -> list[ErasureRecord]:
        """Of a community, or all, in the order in which they were asked for."""
        ...

    def remove_erasure(self, community: str, participant: str) -> None:
        """Forget that somebody asked."""
        ...

    def logins(self, user: str) -> list[LoginRecord]:
        """A user's open sessions, by id, which begins with when each was opened."""
        ...

    # what erasing does; guards of what never changes let it pass
    def begin_erasing(self) -> None:
        """Lift, for the rest of this transaction, the guards of what otherwise never changes."""
        ...

    def erase_user(self, user: str, alias: str) -> None:
        """Destroy a user with sessions, passkeys, accounts, sealed key; their looks at others become the alias's."""
        ...

    def erase_accesses(self, subject: str) -> None:
        """Destroy the notes of who looked at somebody's data."""
        ...

    def erase_treatments(self, community: str, metering_points: Sequence[str]) -> None:
        """Destroy what was decided about points."""
        ...

    def erase_facts(self, names: Sequence[str]) -> None:
        """Destroy facts by name."""
        ...

    def erase_drafts(self, users: Sequence[str]) -> None:
        """Destroy what users drafted, and whose the rehearsals were that they asked for.

        What was proposed stays with its words: the community decided on it.
        """
        ...

    def erase_documents(self, community: str, period: int, participant: str) -> None:
        """Destroy a participant's bills of a period, and the invoices that they sent or got for it."""
        ...

    def rename_points(self, community: str, definition: str, names: Mapping[str, str]) -> None:
        """Put other names in place of participants and points: in the community file, slots and frozen terms.

        Args:
            community: Its id.
            definition: The community file without them.
            names: New id by old one, of participants and of points.
        """
        ...

    def rename_in_documents(self, community: str, period: int, names: Mapping[str, str]) -> None:
        """Put other texts in place of names in the bills of others for a period, and in the names of series."""
        ...
