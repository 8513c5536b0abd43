"""Accounts of users on chain: linked by a signed challenge, seated by the steward, replaced when a key changes.

An account is known by what it signs here, never by what is claimed. The participant's seat is granted as soon as the
chain takes it: a slot has to have been confirmed by the grid operator for some period before.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, ContractRefusal, InputError, NotFoundError
from backend.ports import NOBODY
from backend.ports.identity_records import AccountRecord, KeyBackupRecord
from backend.services.ethereum_login import checksummed, recover_signer
from backend.services.member_papers import is_signature, registry_document
from backend.services.one_time import OneTimeTokens
from backend.services.relays import relay_to_registry
from backend.services.seats import find_seat

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.ports import (
        ChainGateway,
        Clock,
        CommunityRecord,
        Records,
        RecordStore,
        UserRecord,
    )
    from backend.services.context import SettlementContext
    from backend.services.member_papers import Drafts

__all__ = [
    "BACKUP_BYTES_MAX",
    "KINDS",
    "Accounts",
    "Seat",
    "active_accounts",
    "complete_recovery",
    "keep_backup",
    "object_to_recovery",
    "objection_draft",
    "propose_recovery",
    "replace_key",
    "replacement_draft",
    "seat_of",
    "seat_participant",
    "seat_waiting",
]

logger = logging.getLogger(__name__)

KINDS = ("browser", "wallet")
BACKUP_BYTES_MAX = 8 * 1024
_ACCOUNTS_MAX = 10
_TOKEN_DIGITS = 96
_LATE = "This challenge is over or was used; ask for another."


@dataclass(frozen=True, slots=True)
class Seat:
    """A participant's seat, as the chain has it.

    Attributes:
        number: First slot of the participant; None where they have no metering point.
        holder: Account that holds it, empty for none.
        waits_for: Why nobody holds it yet: ``account``, ``period``, ``another_account``; empty where somebody does.
        recovery_to: Account that the steward would give it to because the key is lost, empty for none.
        recovery_from: From when on that can be done, 0 for never. [s since 1970, UTC]
    """

    number: int | None
    holder: str = ""
    waits_for: str = ""
    recovery_to: str = ""
    recovery_from: int = 0


def active_accounts(records: Records, user: str) -> list[AccountRecord]:
    """Accounts that are linked to a user at present, the first linked one first."""
    return [account for account in records.accounts(user) if not account.until_utc]


def seat_of(context: SettlementContext, user: UserRecord) -> Seat:
    """Where a user's seat stands."""
    view = context.community(user.community)
    seat = find_seat(view, user.participant)
    if seat is None:
        return Seat(None)
    chain, anchor = context.chain, view.record.anchor
    holder = _holder(chain, anchor, seat)
    if holder:
        recovery = chain.read("registry", "recoveryOf", anchor, seat)
        to = "" if recovery["to"] == NOBODY else checksummed(str(recovery["to"]))
        return Seat(seat, holder, recovery_to=to, recovery_from=int(recovery["completableFrom"]) if to else 0)
    with context.store.reading() as records:
        has_account = any(_addresses(records, user.community, user.participant))
    if not has_account:
        return Seat(seat, waits_for="account")
    is_confirmed = chain.read("registry", "everConfirmed", anchor, seat)
    return Seat(seat, waits_for="another_account" if is_confirmed else "period")


def _holder(chain: ChainGateway, anchor: str, seat: int) -> str:
    holder = str(chain.read("registry", "holderOf", anchor, seat))
    return "" if holder == NOBODY else checksummed(holder)


def _addresses(records: Records, community: str, participant: str) -> list[str]:
    """Accounts of the users who are a participant, the first linked one first."""
    users = [
        user for user in records.users(community) if user.participant == participant and not user.disabled
    ]
    linked = [account for user in users for account in active_accounts(records, user.id)]
    return [account.address for account in sorted(linked, key=lambda account: account.linked_utc)]


class Accounts:
    """Links accounts to users.

    Args:
        store: Records.
        clock: Time.
        chain: Opens the gateway; not called before it is needed.
    """

    def __init__(self, store: RecordStore, clock: Clock, chain: Callable[[], ChainGateway]) -> None:
        self._store = store
        self._clock = clock
        self._chain = chain
        self._tokens = OneTimeTokens(clock)

    def of_user(self, user: UserRecord) -> list[AccountRecord]:
        """A user's accounts, those that were unlinked too."""
        with self._store.reading() as records:
            return records.accounts(user.id)

    def challenge(self, user: UserRecord, address: str, kind: str) -> str:
        """The text that an account signs (EIP-191) to be linked to a user.

        Raises:
            InputError: If it is no account.
        """
        account = checksummed(address)
        return self._text(user, account, kind, self._tokens.issue(_purpose(user, account, kind)))

    def _text(self, user: UserRecord, account: str, kind: str, token: bytes) -> str:
        with self._store.reading() as records:
            anchor = records.community(user.community).anchor if user.community else "none"
        return (
            "Partage: link this account to my log-in. This moves no money and gives no permission.\n\n"
            f"Log-in: {user.login}\nCommunity: {user.community or 'none'} {anchor}\nAccount: {account}\n"
            f"Kind: {kind}\nChain ID: {self._chain().facts().chain_id}\nNonce: {token.hex()}"
        )

    def link(self, user: UserRecord, address: str, kind: str, text: str, signature: str) -> AccountRecord:
        """Link an account that signed its challenge.

        Raises:
            InputError: If the challenge is not this one, over, or signed by another account.
            ConflictError: If the account is another user's, or the user has as many as can be linked.
        """
        account = checksummed(address)
        try:
            token = bytes.fromhex(text[-_TOKEN_DIGITS:])
        except ValueError:
            raise InputError(_LATE) from None
        if not self._tokens.redeem(token, _purpose(user, account, kind)):
            raise InputError(_LATE)
        if text != self._text(user, account, kind, token):
            raise InputError("This is not the text that was given to be signed.")
        if recover_signer(text, signature) != account:
            raise InputError("The signature is not this account's.")
        record = AccountRecord(user.id, account, kind, self._clock.now_utc())
        with self._store.transaction() as records:
            if records.user(user.id) is None:
                raise NotFoundError("This log-in is no longer there.")
            linked = active_accounts(records, user.id)
            if any(known.address == account for known in linked):
                raise ConflictError("This account is linked to your log-in already.")
            if len(linked) >= _ACCOUNTS_MAX:
                raise ConflictError(f"A log-in has at most {_ACCOUNTS_MAX} accounts; unlink one first.")
            records.put_account(record)
        return record

    def unlink(self, user: UserRecord, address: str) -> None:
        """End a link. The account keeps its seat on chain, and no longer logs in here.

        Raises:
            NotFoundError: If the account is not linked to this user.
        """
        account = checksummed(address)
        with self._store.transaction() as records:
            known = records.account_at(account)
            if known is None or known.user != user.id:
                raise NotFoundError("This account is not linked to your log-in.")
            records.put_account(replace(known, until_utc=self._clock.now_utc()))


def _purpose(user: UserRecord, account: str, kind: str) -> str:
    return f"link/{user.id}/{account}/{kind}"


# seats


def seat_participant(context: SettlementContext, user: UserRecord) -> Seat:
    """Have the steward seat a participant, where the chain takes it; tells where the seat stands then."""
    if user.participant:
        view = context.community(user.community)
        _seat(context, view.record, find_seat(view, user.participant), user.participant)
    return seat_of(context, user)


def seat_waiting(context: SettlementContext, community: str) -> int:
    """Seat every participant who linked an account and has no seat yet; returns how many were seated.

    To be called where a period was opened, for then their slots are confirmed. Whom the registry refuses waits on:
    nobody's settlement stops for that.
    """
    view, seated = context.community(community), 0
    with context.store.reading() as records:
        linked = {user.participant for user in records.users(community) if active_accounts(records, user.id)}
    for participant in sorted(linked - {""}):
        try:
            seated += _seat(context, view.record, find_seat(view, participant), participant)
        except ContractRefusal as refusal:
            logger.warning("a member could not be seated in %s: %s", community, refusal.name)
    return seated


def _seat(context: SettlementContext, record: CommunityRecord, seat: int | None, participant: str) -> bool:
    with context.store.reading() as records:
        addresses = _addresses(records, record.id, participant)
    chain, anchor = context.chain, record.anchor
    if seat is None or not addresses or _holder(chain, anchor, seat):
        return False
    if not chain.read("registry", "everConfirmed", anchor, seat):
        return False
    for address in addresses:
        try:
            relay_to_registry(context, record, ("seat", seat, address), "grantSeat", anchor, seat, address)
        except ContractRefusal as refusal:
            if refusal.name != "SeatAlreadyHeld":
                raise
            continue  # an account is seated once ever; another of the participant's may be
        return True
    return False


# a key that changes or is lost


def _own_seat(context: SettlementContext, user: UserRecord) -> tuple[CommunityRecord, int, str]:
    """Community, seat and its holder.

    Raises:
        ConflictError: If nobody holds the seat.
    """
    view, seat = context.community(user.community), seat_of(context, user)
    if seat.number is None or not seat.holder:
        raise ConflictError("Nobody holds your seat yet; link an account first.")
    return view.record, seat.number, seat.holder


def _linked(context: SettlementContext, user: UserRecord, address: str) -> str:
    """An account that is linked to the user.

    Raises:
        InputError: If it is not.
    """
    account = checksummed(address)
    with context.store.reading() as records:
        if account not in {known.address for known in active_accounts(records, user.id)}:
            raise InputError("Link the new account to your log-in first.")
    return account


def replacement_draft(
    context: SettlementContext, drafts: Drafts, user: UserRecord, to: str
) -> dict[str, Any]:
    """What the seat's present key signs to pass it on to another account of the same user.

    Raises:
        InputError: If the new account is not linked.
        ConflictError: If nobody holds the seat.
    """
    account = _linked(context, user, to)
    record, seat, holder = _own_seat(context, user)
    nonce = int(context.chain.read("registry", "nonceOf", record.anchor, holder))
    message = {"community": record.anchor, "seat": seat, "to": account, "nonce": nonce}
    document = registry_document(context.chain.facts(), "ReplaceKey", message)
    return {"draft": drafts.seal(user.id, {"replace": message}), "signer": holder, "typed_data": document}


def replace_key(
    context: SettlementContext, drafts: Drafts, user: UserRecord, draft: str, signature: str
) -> Seat:
    """Pass the seat on as its holder signed; a new key votes on later proposals only.

    Raises:
        InputError: If the draft is not the user's.
        ContractRefusal: If the signature is not the holder's.
    """
    message = drafts.open(user.id, draft).get("replace")
    if message is None or not is_signature(signature):
        raise InputError("This is no draft of a new key, or no signature.")
    record = context.community(user.community).record
    name = ("replacement", message["seat"], message["nonce"], message["to"])
    arguments = (record.anchor, message["seat"], message["to"], signature)
    relay_to_registry(context, record, name, "replaceKeyBySig", *arguments)
    return seat_of(context, user)


def propose_recovery(context: SettlementContext, user: UserRecord, to: str) -> Seat:
    """Have the steward say that the key of a user's seat is lost; the holder has 14 days to object.

    Raises:
        InputError: If the new account is not linked.
        ConflictError: If nobody holds the seat, or the account holds it.
        ContractRefusal: If the account was seated before.
    """
    account = _linked(context, user, to)
    record, seat, holder = _own_seat(context, user)
    if holder == account:
        raise ConflictError("This account holds your seat already.")
    name = ("recovery", seat, account, context.chain_time_utc())
    relay_to_registry(context, record, name, "proposeRecovery", record.anchor, seat, account)
    return seat_of(context, user)


def complete_recovery(context: SettlementContext, user: UserRecord) -> Seat:
    """Pass the seat on to the new account, once the days to object are over.

    Raises:
        ContractRefusal: If they are not, or nothing was proposed.
    """
    record, seat, holder = _own_seat(context, user)
    relay_to_registry(context, record, ("recovered", seat, holder), "completeRecovery", record.anchor, seat)
    return seat_of(context, user)


def objection_draft(context: SettlementContext, drafts: Drafts, user: UserRecord) -> dict[str, Any]:
    """What the seat's holder signs because their key is not lost.

    Raises:
        ConflictError: If nobody holds the seat.
    """
    record, seat, holder = _own_seat(context, user)
    nonce = int(context.chain.read("registry", "nonceOf", record.anchor, holder))
    message = {"community": record.anchor, "seat": seat, "nonce": nonce}
    document = registry_document(context.chain.facts(), "ObjectRecovery", message)
    return {"draft": drafts.seal(user.id, {"object": message}), "signer": holder, "typed_data": document}


def object_to_recovery(
    context: SettlementContext, drafts: Drafts, user: UserRecord, draft: str, signature: str
) -> Seat:
    """End a recovery that the holder objects to.

    Raises:
        InputError: If the draft is not the user's.
        ContractRefusal: If the signature is not the holder's, or nothing was proposed.
    """
    message = drafts.open(user.id, draft).get("object")
    if message is None or not is_signature(signature):
        raise InputError("This is no draft of an objection, or no signature.")
    record = context.community(user.community).record
    name = ("objection", message["seat"], message["nonce"])
    relay_to_registry(context, record, name, "objectRecoveryBySig", record.anchor, message["seat"], signature)
    return seat_of(context, user)


def keep_backup(store: RecordStore, clock: Clock, user: UserRecord, sealed: str) -> None:
    """Keep a user's sealed key in place of the one before.

    Raises:
        InputError: If it is too large.
    """
    if not 0 < len(sealed.encode()) <= BACKUP_BYTES_MAX:
        raise InputError(f"A sealed key has 1 to {BACKUP_BYTES_MAX} bytes.")
    with store.transaction() as records:
        records.put_key_backup(KeyBackupRecord(user.id, sealed, clock.now_utc()))
