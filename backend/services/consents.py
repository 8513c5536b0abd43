"""Consents: drafted here, signed by the member's key, relayed to the registry, and told as the chain has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError
from backend.ports import NOBODY
from backend.ports.consents import ConsentScope
from backend.services.accounts import seat_of
from backend.services.ethereum_login import checksummed
from backend.services.member_papers import is_signature, registry_document
from backend.services.relays import relay_to_registry
from backend.services.seats import find_seat

if TYPE_CHECKING:
    from backend.ports import UserRecord
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.member_papers import Drafts

__all__ = [
    "ROLE_ACCOUNTS",
    "ConsentAsked",
    "Grantee",
    "consents_of",
    "draft_consent",
    "draft_withdrawal",
    "grantees_of",
    "sign_consent",
]

#: Roles that a consent can name, and the key whose account stands for them.
ROLE_ACCOUNTS = ("operator", "provider", "auditor")
_LONGEST_SECONDS = 5 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom a consent can name.

    Attributes:
        address: Account.
        kind: ``role``, ``member`` or ``account`` for one that is nobody's known here.
        label: Name of the role or, where they let members see it, of the member.
        seat: Of a member.
    """

    address: str
    kind: str
    label: str = ""
    seat: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """What a member is about to allow.

    Attributes:
        grantee: Account.
        scope: What.
        from_utc: When it begins. [s since 1970, UTC]
        until_utc: When it ends. [s since 1970, UTC]
    """

    grantee: str
    scope: ConsentScope
    from_utc: int
    until_utc: int


def grantees_of(context: SettlementContext, user: UserRecord) -> list[Grantee]:
    """Roles and members that a consent can name; a member who does not show their name is told by their seat."""
    view = context.community(user.community)
    roles = [Grantee(context.chain.address_of(role), "role", role) for role in ROLE_ACCOUNTS]
    return roles + [known for known, owner in _members(context, view) if owner != user.participant]


def _members(context: SettlementContext, view: CommunityView) -> list[tuple[Grantee, str]]:
    """Members who hold a seat, with the participant that each is."""
    found = []
    for participant in view.community.participants:
        seat = find_seat(view, participant.id)
        if seat is None:
            continue
        holder = str(context.chain.read("registry", "holderOf", view.record.anchor, seat))
        if holder != NOBODY:
            label = participant.name if participant.headers_consent else ""
            found.append((Grantee(checksummed(holder), "member", label, seat), participant.id))
    return found


def consents_of(context: SettlementContext, user: UserRecord) -> list[dict[str, Any]]:
    """Consents that the holder of a user's seat gave, the newest first, each with whether it holds at this moment."""
    view, seat = context.community(user.community), seat_of(context, user)
    if not seat.holder:
        return []
    chain, anchor = context.chain, view.record.anchor
    where = {"community": anchor, "holder": seat.holder}
    latest: dict[tuple[str, int], dict[str, Any]] = {}
    for event in chain.events("registry", "ConsentGiven", where=where):
        told = event.values
        key = checksummed(str(told["grantee"])), int(told["scope"])
        latest.pop(key, None)  # a consent replaces the one before it, and is the newest
        latest[key] = {"from_utc": int(told["from"]), "until_utc": int(told["until"])}
    known = {grantee.address: grantee for grantee in grantees_of(context, user)}
    return [
        {
            "grantee": known.get(address, Grantee(address, "account")),
            "scope": ConsentScope(scope),
            **terms,
            "holds": bool(chain.read("registry", "consentHolds", anchor, seat.holder, address, scope)),
        }
        for (address, scope), terms in reversed(latest.items())
    ]


def draft_consent(
    context: SettlementContext, drafts: Drafts, user: UserRecord, asked: ConsentAsked
) -> dict[str, Any]:
    """What the member's key signs to give a consent.

    Raises:
        InputError: If the consent would be over, too long, or for oneself.
        ConflictError: If nobody holds the member's seat.
    """
    now = context.chain_time_utc()
    if not max(asked.from_utc, now) < asked.until_utc <= now + _LONGEST_SECONDS:
        raise InputError("A consent ends after it begins and within five years.")
    return _draft(
        context,
        drafts,
        user,
        "GiveConsent",
        {
            "grantee": checksummed(asked.grantee),
            "scope": int(asked.scope),
            "from": asked.from_utc,
            "until": asked.until_utc,
        },
    )


def draft_withdrawal(
    context: SettlementContext, drafts: Drafts, user: UserRecord, grantee: str, scope: ConsentScope
) -> dict[str, Any]:
    """What the member's key signs to take a consent back.

    Raises:
        ConflictError: If nobody holds the member's seat.
    """
    terms = {"grantee": checksummed(grantee), "scope": int(scope)}
    return _draft(context, drafts, user, "WithdrawConsent", terms)


def _draft(
    context: SettlementContext, drafts: Drafts, user: UserRecord, primary_type: str, terms: dict[str, Any]
) -> dict[str, Any]:
    view, seat = context.community(user.community), seat_of(context, user)
    if not seat.holder:
        raise ConflictError(
            "Nobody holds your seat yet, and a consent is its holder's; link an account, and wait until the first "
            "period with your meter was opened."
        )
    if terms["grantee"] == seat.holder:
        raise InputError("This is your own account; name somebody else's.")
    anchor = view.record.anchor
    nonce = int(context.chain.read("registry", "nonceOf", anchor, seat.holder))
    message = {"community": anchor, "holder": seat.holder, **terms, "nonce": nonce}
    return {
        "draft": drafts.seal(user.id, {"type": primary_type, "message": message}),
        "signer": seat.holder,
        "typed_data": registry_document(context.chain.facts(), primary_type, message),
    }


def sign_consent(
    context: SettlementContext, drafts: Drafts, user: UserRecord, draft: str, signature: str
) -> None:
    """Relay what a member's key signed; it is in force, or no longer, when this returns.

    Raises:
        InputError: If the draft is not the user's.
        ContractRefusal: If the signature is not the holder's, or the draft was used before.
    """
    content = drafts.open(user.id, draft)
    functions = {"GiveConsent": "giveConsentBySig", "WithdrawConsent": "withdrawConsentBySig"}
    function = functions.get(content.get("type", ""))
    if function is None or not is_signature(signature):
        raise InputError("This is no draft of a consent, or no signature.")
    message = content["message"]
    record = context.community(user.community).record
    name = ("consent", message["holder"], message["nonce"], message["grantee"], message["scope"], function)
    relay_to_registry(context, record, name, function, message, signature)
