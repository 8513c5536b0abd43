"""Passkeys (WebAuthn Level 3): made by who is logged in, used in place of a password.

They are discoverable, so that nobody types a name, and their authenticator verifies its user, so that one of them is
two factors. A challenge is good for one use and five minutes. Answers are those of the password's log-in: who has no
such passkey is told nothing else than who has one and signs wrongly, and what is checked takes as long.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from backend.errors import ConflictError, InputError, NotFoundError
from backend.ports.identity_records import PasskeyRecord
from backend.services.one_time import OneTimeTokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.ports import Clock, Records, RecordStore, UserRecord
    from backend.services.sessions import OpenSession, Sessions

__all__ = ["PASSKEYS_MAX", "Passkeys", "RelyingParty"]

logger = logging.getLogger(__name__)

PASSKEYS_MAX = 20
_TIMEOUT_MILLISECONDS = 300_000
_LOG_IN = "passkey/log-in"
_NAME = "Partage"
_ID_LENGTH_MAX = 1400  # base64url of the 1,023 bytes that a credential id may have


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Where the pages are, as browsers know it.

    Attributes:
        origin: Scheme, host and port, such as ``https://partage.example``.
        host: Of the origin: what a passkey is bound to.
    """

    origin: str
    host: str


@cache
def _nobodys_key() -> bytes:
    """What a signature of an unknown passkey is held against, so that it takes as long as of a known one. COSE."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from webauthn.helpers import encode_cbor

    point = generate_private_key(SECP256R1()).public_key().public_numbers()
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})


class Passkeys:
    """All passkeys of the store.

    Args:
        store: Records.
        clock: Time.
        sessions: Opens them.
    """

    def __init__(self, store: RecordStore, clock: Clock, sessions: Sessions) -> None:
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._challenges = OneTimeTokens(clock)

    def registration_options(self, user: UserRecord, party: RelyingParty) -> dict[str, Any]:
        """What a browser needs to make a passkey for a user: ``PublicKeyCredentialCreationOptionsJSON``."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = generate_registration_options(
            rp_id=party.host,
            rp_name=_NAME,
            user_id=user.id.encode(),
            user_name=user.login,
            user_display_name=user.login,
            challenge=self._challenges.issue(_registration_of(user)),
            timeout=_TIMEOUT_MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(kept.id)) for kept in self.of_user(user)
            ],
        )
        return dict(json.loads(options_to_json(options)))

    def register(
        self, opened: OpenSession, party: RelyingParty, credential: Mapping[str, Any], name: str
    ) -> PasskeyRecord:
        """Keep a passkey that a browser made.

        Raises:
            InputError: If it is not what was asked for.
            ConflictError: If it is kept already, or the user has as many as can be kept.
        """
        from webauthn import verify_registration_response
        from webauthn.helpers import bytes_to_base64url

        user, challenge = opened.user, _challenge_of(credential)
        if challenge is None or not self._challenges.redeem(challenge, _registration_of(user)):
            raise InputError("This passkey was made too late, or for another log-in; begin again.")
        try:
            made = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except Exception as error:  # noqa: BLE001 -- each format of attestation has its own ways to be malformed
            logger.info("a passkey was refused: %s", type(error).__name__)
            raise InputError("This passkey does not answer what was asked; begin again.") from None
        record = PasskeyRecord(
            id=bytes_to_base64url(made.credential_id),
            user=user.id,
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            name=name,
            created_utc=self._clock.now_utc(),
        )
        with self._store.transaction() as records:
            self._require_room(records, record)
            records.put_passkey(record)
        return record

    def _require_room(self, records: Records, record: PasskeyRecord) -> None:
        if records.passkey(record.id) is not None:
            raise ConflictError("This passkey is kept already.")
        if len(records.passkeys(record.user)) >= PASSKEYS_MAX:
            raise ConflictError(f"A log-in has at most {PASSKEYS_MAX} passkeys; remove one first.")

    def of_user(self, user: UserRecord) -> list[PasskeyRecord]:
        """A user's, in the order in which they were made."""
        with self._store.reading() as records:
            return records.passkeys(user.id)

    def remove(self, user: UserRecord, credential: str) -> None:
        """Forget one of a user's passkeys.

        Raises:
            NotFoundError: If the user has no such passkey.
        """
        with self._store.transaction() as records:
            if credential not in {kept.id for kept in records.passkeys(user.id)}:
                raise NotFoundError("There is no such passkey here.")
            records.remove_passkey(credential)

    def log_in_options(self, party: RelyingParty) -> dict[str, Any]:
        """What a browser needs to use any passkey of these pages: ``PublicKeyCredentialRequestOptionsJSON``."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=party.host,
            challenge=self._challenges.issue(_LOG_IN),
            timeout=_TIMEOUT_MILLISECONDS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(json.loads(options_to_json(options)))

    def log_in(self, credential: Mapping[str, Any], party: RelyingParty, address: str) -> OpenSession:
        """Open a session for the user of a passkey.

        Raises:
            AuthenticationError: If the passkey is not known, or does not prove its user.
            TooManyAttemptsError: If too many attempts failed.
        """
        known_as = str(credential.get("id"))[:_ID_LENGTH_MAX]
        with self._store.reading() as records:
            kept = records.passkey(known_as)
        used: list[PasskeyRecord] = []

        def check() -> str | None:
            count = self._verified_count(credential, kept, party)
            if count is None or kept is None:
                return None
            used.append(replace(kept, sign_count=count, used_utc=self._clock.now_utc()))
            return kept.user

        def still_holds(records: Records, user: UserRecord) -> bool:
            # Of two log-ins with one count, one is a copy: the later finds another count than it was held against.
            if kept is None or records.passkey(kept.id) != kept or kept.user != user.id:
                return False
            records.put_passkey(used[0])
            return True

        return self._sessions.log_in_by(f"passkey/{known_as}", address, check, still_holds)

    def _verified_count(
        self, credential: Mapping[str, Any], kept: PasskeyRecord | None, party: RelyingParty
    ) -> int | None:
        """The count that a passkey signed now; None where it does not prove its user."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import base64url_to_bytes

        challenge = _challenge_of(credential)
        is_ours = challenge is not None and self._challenges.redeem(challenge, _LOG_IN)
        try:
            told = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge or b"\0",
                expected_rp_id=party.host,
                expected_origin=party.origin,
                credential_public_key=base64url_to_bytes(kept.public_key) if kept else _nobodys_key(),
                credential_current_sign_count=kept.sign_count if kept else 0,
                require_user_verification=True,
            )
            handle = credential["response"].get("userHandle")
            names_user = not handle or kept is None or base64url_to_bytes(handle) == kept.user.encode()
        except Exception as error:  # noqa: BLE001 -- whatever was sent, the answer is the same
            logger.info("a passkey proved nothing: %s", type(error).__name__)
            return None
        return told.new_sign_count if is_ours and names_user and kept is not None else None


def _registration_of(user: UserRecord) -> str:
    return f"passkey/{user.id}"


def _challenge_of(credential: Mapping[str, Any]) -> bytes | None:
    """The challenge that a credential answers, from its client data; None where there is none."""
    from webauthn.helpers import base64url_to_bytes

    try:
        client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])
    except Exception:  # noqa: BLE001 -- what was sent can be anything
        return None
