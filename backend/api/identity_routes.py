"""Log-in without a password, passkeys, accounts on chain, and one's seat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from fastapi import Query, Request, Response

from backend.api.access import guarded_router
from backend.api.dependencies import AsksAs, ServicesOf, address_of
from backend.api.identity_schemas import (
    AccountAsked,
    AccountBook,
    AccountLink,
    AddressIn,
    Backup,
    BackupAnswer,
    Challenge,
    CredentialId,
    EthereumChallenge,
    EthereumSignIn,
    NewKey,
    PaperDraft,
    PasskeyItem,
    PasskeyOptions,
    PasskeySignIn,
    PasskeyToKeep,
    SeatCard,
    SignedDraft,
)
from backend.api.schemas import Page, SessionAnswer, instant
from backend.api.session_routes import hand_over
from backend.errors import InputError
from backend.services.accounts import (
    complete_recovery,
    keep_backup,
    object_to_recovery,
    objection_draft,
    propose_recovery,
    replace_key,
    replacement_draft,
    seat_of,
    seat_participant,
)
from backend.services.passkeys import RelyingParty

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.ports import UserRecord
    from backend.ports.identity_records import AccountRecord, PasskeyRecord
    from backend.services.accounts import Seat

__all__ = ["router"]

router = guarded_router("", "identity")

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def _party(request: Request, services: Services) -> RelyingParty:
    """Where the pages are: as the environment says, or on this machine.

    Raises:
        InputError: If the environment says nothing and the pages are elsewhere.
    """
    origin = services.settings.origin or f"{request.url.scheme}://{request.url.netloc}".lower()
    host = urlsplit(origin).hostname or ""
    if not services.settings.origin and host not in _THIS_MACHINE:
        raise InputError(
            "Passkeys and log-ins by account are bound to the pages' address: whoever runs this service has to set "
            "PARTAGE_ORIGIN."
        )
    return RelyingParty(origin, host)


# log-in


@router.post("/session/passkey/options", response_model=PasskeyOptions)
def passkey_options(request: Request, services: ServicesOf) -> dict[str, Any]:
    """What a browser needs to log in with a passkey."""
    return {"publicKey": services.passkeys.log_in_options(_party(request, services))}


@router.post("/session/passkey", response_model=SessionAnswer)
def log_in_by_passkey(
    body: PasskeySignIn, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Log in with a passkey; the tokens come as cookies, as with a password."""
    party = _party(request, services)
    opened = services.passkeys.log_in(body.credential, party, address_of(request))
    return hand_over(request, response, services, opened)


@router.get("/session/ethereum/nonce", response_model=EthereumChallenge)
def ethereum_nonce(
    address: Annotated[str, Query(pattern=r"^0x[0-9a-fA-F]{40}$")], request: Request, services: ServicesOf
) -> dict[str, Any]:
    """The message that an account signs to log in, good for one use and five minutes."""
    message = services.ethereum.compose(address, _party(request, services), services.chain_id())
    return {
        "message": message.text,
        "nonce": message.nonce,
        "expires_at": instant(message.expires_utc),
    }


@router.post("/session/ethereum", response_model=SessionAnswer)
def log_in_by_account(
    body: EthereumSignIn, request: Request, response: Response, services: ServicesOf
) -> dict[str, Any]:
    """Log in with an account that is linked to a user; the tokens come as cookies, as with a password."""
    opened = services.ethereum.log_in(
        body.message, body.signature, _party(request, services), services.chain_id(), address_of(request)
    )
    return hand_over(request, response, services, opened)


# passkeys


def _shape_passkey(passkey: PasskeyRecord) -> dict[str, Any]:
    return {
        "id": passkey.id,
        "name": passkey.name,
        "created_at": instant(passkey.created_utc),
        "used_at": instant(passkey.used_utc or None),
    }


@router.get("/me/passkeys", response_model=Page[PasskeyItem])
def my_passkeys(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """One's passkeys, in the order in which they were made."""
    return {"items": [_shape_passkey(kept) for kept in services.passkeys.of_user(opened.user)]}


@router.post("/me/passkeys/options", response_model=PasskeyOptions)
def new_passkey_options(opened: AsksAs, request: Request, services: ServicesOf) -> dict[str, Any]:
    """What a browser needs to make a passkey."""
    options = services.passkeys.registration_options(opened.user, _party(request, services))
    return {"publicKey": options}


@router.post("/me/passkeys", response_model=PasskeyItem, status_code=201)
def keep_passkey(
    body: PasskeyToKeep, opened: AsksAs, request: Request, services: ServicesOf
) -> dict[str, Any]:
    """Keep a passkey that the browser made."""
    party = _party(request, services)
    return _shape_passkey(services.passkeys.register(opened, party, body.credential, body.name))


@router.delete("/me/passkeys/{credential}", status_code=204)
def remove_passkey(credential: CredentialId, opened: AsksAs, services: ServicesOf) -> Response:
    """Forget one of one's passkeys; the password stays."""
    services.passkeys.remove(opened.user, credential)
    return Response(status_code=204)


# accounts


def _shape_account(account: AccountRecord) -> dict[str, Any]:
    return {
        "address": account.address,
        "kind": account.kind,
        "linked_at": instant(account.linked_utc),
        "until": instant(account.until_utc or None),
    }


def _shape_seat(seat: Seat) -> dict[str, Any]:
    recovery = {"to": seat.recovery_to, "possible_from": instant(seat.recovery_from)}
    return {
        "number": seat.number,
        "holder": seat.holder or None,
        "waits_for": seat.waits_for or None,
        "recovery": recovery if seat.recovery_to else None,
    }


def _book(services: Services, user: UserRecord, seat: Seat | None = None) -> dict[str, Any]:
    if seat is None and user.participant:
        seat = seat_of(services.context, user)
    return {
        "accounts": [_shape_account(account) for account in services.accounts.of_user(user)],
        "seat": None if seat is None else _shape_seat(seat),
    }


@router.get("/me/accounts", response_model=AccountBook)
def my_accounts(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """One's accounts on chain, those that were unlinked too, and where one's seat stands."""
    return _book(services, opened.user)


@router.post("/me/accounts/challenge", response_model=Challenge)
def account_challenge(body: AccountAsked, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """The text that an account signs to be linked, good for one use and five minutes."""
    return {"message": services.accounts.challenge(opened.user, body.address, body.kind)}


@router.post("/me/accounts", response_model=AccountBook, status_code=201)
def link_account(body: AccountLink, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Link an account; a participant whose seat is free and whose meter was confirmed before is seated with it."""
    services.accounts.link(opened.user, body.address, body.kind, body.message, body.signature)
    return _seated(services, opened.user)


@router.post("/me/accounts/seat", response_model=AccountBook)
def take_seat(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Have the steward try again to seat one; opening a period does so too."""
    return _seated(services, opened.user)


def _seated(services: Services, user: UserRecord) -> dict[str, Any]:
    if not user.participant:
        return _book(services, user)
    with services.relaying("seat") as context:
        seat = seat_participant(context, user)
    return _book(services, user, seat)


@router.delete("/me/accounts/{address}", status_code=204)
def unlink_account(address: AddressIn, opened: AsksAs, services: ServicesOf) -> Response:
    """Unlink an account: it no longer logs in here; the seat that it holds on chain stays."""
    services.accounts.unlink(opened.user, address)
    return Response(status_code=204)


@router.get("/me/accounts/backup", response_model=BackupAnswer)
def my_backup(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """The key that one's browser sealed."""
    with services.store.reading() as records:
        kept = records.key_backup(opened.user.id)
    if kept is None:
        return {"sealed": None, "kept_at": None}
    return {"sealed": kept.sealed, "kept_at": instant(kept.kept_utc)}


@router.put("/me/accounts/backup", status_code=204)
def keep_my_backup(body: Backup, opened: AsksAs, services: ServicesOf) -> Response:
    """Keep a key that one's browser sealed, in place of the one before."""
    keep_backup(services.store, services.clock, opened.user, body.sealed)
    return Response(status_code=204)


# a key that changes or is lost


@router.post("/me/accounts/replacement/draft", response_model=PaperDraft)
def draft_replacement(body: NewKey, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What the seat's present key signs to pass it on to another of one's accounts."""
    return replacement_draft(services.context, services.drafts, opened.user, body.to)


@router.post("/me/accounts/replacement", response_model=SeatCard)
def sign_replacement(body: SignedDraft, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Pass the seat on; the new key votes on later proposals only."""
    with services.relaying("key") as context:
        return _shape_seat(replace_key(context, services.drafts, opened.user, body.draft, body.signature))


@router.post("/me/accounts/recovery", response_model=SeatCard)
def ask_recovery(body: NewKey, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Have the steward say that the seat's key is lost; its holder has 14 days to object."""
    with services.relaying("recovery") as context:
        return _shape_seat(propose_recovery(context, opened.user, body.to))


@router.post("/me/accounts/recovery/completion", response_model=SeatCard)
def finish_recovery(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """Pass the seat on to the new account, once the days to object are over."""
    with services.relaying("recovery") as context:
        return _shape_seat(complete_recovery(context, opened.user))


@router.post("/me/accounts/recovery/objection/draft", response_model=PaperDraft)
def draft_objection(opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """What the seat's holder signs because their key is not lost."""
    return objection_draft(services.context, services.drafts, opened.user)


@router.post("/me/accounts/recovery/objection", response_model=SeatCard)
def object_(body: SignedDraft, opened: AsksAs, services: ServicesOf) -> dict[str, Any]:
    """End a recovery that one objects to."""
    with services.relaying("recovery") as context:
        seat = object_to_recovery(context, services.drafts, opened.user, body.draft, body.signature)
    return _shape_seat(seat)
