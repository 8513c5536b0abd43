"""Sign-In with Ethereum (ERC-4361): composed and read strictly, for accounts that a user linked before.

The message is composed here for an account, and what comes back must be that message to the byte: another domain,
another chain, a line more or a date moved is another message. So there is one parser, and it is a comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.errors import InputError
from backend.services.one_time import OneTimeTokens

if TYPE_CHECKING:
    from backend.ports import Clock, Records, RecordStore, UserRecord
    from backend.services.passkeys import RelyingParty
    from backend.services.sessions import OpenSession, Sessions

__all__ = ["EthereumLogin", "SignInMessage", "checksummed", "parse_sign_in", "recover_signer"]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_STATEMENT = "Log in to Partage."
_VERSION = 1
_LIFETIME_SECONDS = 300
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_S_MAX = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0
_MESSAGE = re.compile(
    r"(?P<domain>[A-Za-z0-9.:\[\]-]{1,255}) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
    r"\n"
    rf"{re.escape(_STATEMENT)}\n"
    r"\n"
    r"URI: (?P<uri>[!-~]{1,300})\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain_id>[1-9][0-9]{0,77})\n"
    r"Nonce: (?P<nonce>[0-9a-f]{96})\n"
    r"Issued At: (?P<issued>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n"
    r"Expiration Time: (?P<expires>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)"
)


@dataclass(frozen=True, slots=True)
class SignInMessage:
    """What an account signs to log in.

    Attributes:
        domain: Host, and port where it has one, of the pages.
        address: With its checksum.
        uri: Origin of the pages.
        chain_id: Of the deployment.
        nonce: Of one use.
        issued_utc: [s since 1970, UTC]
        expires_utc: [s since 1970, UTC]
    """

    domain: str
    address: str
    uri: str
    chain_id: int
    nonce: str
    issued_utc: int
    expires_utc: int

    @property
    def text(self) -> str:
        """The text that is signed (EIP-191)."""
        return (
            f"{self.domain} wants you to sign in with your Ethereum account:\n{self.address}\n\n{_STATEMENT}\n\n"
            f"URI: {self.uri}\nVersion: {_VERSION}\nChain ID: {self.chain_id}\nNonce: {self.nonce}\n"
            f"Issued At: {_instant(self.issued_utc)}\nExpiration Time: {_instant(self.expires_utc)}"
        )


def parse_sign_in(text: str) -> SignInMessage:
    """Read a message.

    Raises:
        InputError: If it is not one of ours in every byte.
    """
    match = _MESSAGE.fullmatch(text)
    if match is None:
        raise InputError("This is not the message that was given to be signed.")
    try:
        message = SignInMessage(
            domain=match["domain"],
            address=match["address"],
            uri=match["uri"],
            chain_id=int(match["chain_id"]),
            nonce=match["nonce"],
            issued_utc=_seconds(match["issued"]),
            expires_utc=_seconds(match["expires"]),
        )
    except ValueError:
        raise InputError("The message names a time that does not exist.") from None
    if message.text != text or checksummed(message.address) != message.address:
        raise InputError("This is not the message that was given to be signed.")
    return message


def checksummed(address: str) -> str:
    """An address with its checksum (EIP-55).

    Raises:
        InputError: If it is no address, or its capitals are another checksum.
    """
    from eth_utils.address import is_checksum_formatted_address, to_checksum_address

    if not _ADDRESS.fullmatch(address) or int(address, 16) == 0:
        raise InputError("An account is 0x and 40 hexadecimal digits, not all of them 0.")
    written = str(to_checksum_address(address))
    if is_checksum_formatted_address(address) and written != address:
        raise InputError("The capitals of this account are not its checksum; copy it again.")
    return written


def recover_signer(text: str, signature: str) -> str | None:
    """The account that signed a text (EIP-191); None where the signature is none, or its s is high (EIP-2)."""
    from eth_account import Account
    from eth_account.messages import encode_defunct

    if not _SIGNATURE.fullmatch(signature) or int(signature[66:130], 16) > _S_MAX:
        return None
    try:
        return str(Account.recover_message(encode_defunct(text=text), signature=signature))
    except Exception:  # noqa: BLE001 -- each library below has its own
        return None


class EthereumLogin:
    """Log-in by accounts on chain.

    Args:
        store: Records.
        clock: Time.
        sessions: Opens them.
    """

    def __init__(self, store: RecordStore, clock: Clock, sessions: Sessions) -> None:
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._nonces = OneTimeTokens(clock)

    def compose(self, address: str, party: RelyingParty, chain_id: int) -> SignInMessage:
        """The message that an account is to sign, whether or not it is anybody's.

        Raises:
            InputError: If it is no account.
        """
        account, now = checksummed(address), self._clock.now_utc()
        nonce = self._nonces.issue(_purpose(account)).hex()
        domain = party.origin.partition("://")[2]
        return SignInMessage(domain, account, party.origin, chain_id, nonce, now, now + _LIFETIME_SECONDS)

    def log_in(
        self, text: str, signature: str, party: RelyingParty, chain_id: int, address: str
    ) -> OpenSession:
        """Open a session for the user of an account.

        Args:
            text: The message as signed.
            signature: 65 bytes, 0x-hex.
            party: Where the pages are.
            chain_id: Of the deployment.
            address: Network address that asks.

        Raises:
            AuthenticationError: If the account is nobody's, or it did not sign this message for these pages now.
            TooManyAttemptsError: If too many attempts failed.
        """
        signer = recover_signer(text, signature)  # always, so that each refusal takes as long

        def check() -> str | None:
            message = self._valid(text, party, chain_id)
            if message is None or message.address != signer:
                return None
            with self._store.reading() as records:
                account = records.account_at(message.address)
            return account.user if account else None

        def still_holds(records: Records, user: UserRecord) -> bool:
            account = records.account_at(str(signer))
            return account is not None and account.user == user.id

        return self._sessions.log_in_by(f"account/{signer}", address, check, still_holds)

    def _valid(self, text: str, party: RelyingParty, chain_id: int) -> SignInMessage | None:
        try:
            message = parse_sign_in(text)
        except InputError:
            return None
        now = self._clock.now_utc()
        is_meant = (message.domain, message.uri, message.chain_id) == (
            party.origin.partition("://")[2],
            party.origin,
            chain_id,
        )
        is_now = message.issued_utc <= now < message.expires_utc <= message.issued_utc + _LIFETIME_SECONDS
        nonce = bytes.fromhex(message.nonce)
        is_fresh = self._nonces.redeem(nonce, _purpose(message.address))
        return message if is_meant and is_now and is_fresh else None


def _purpose(account: str) -> str:
    return f"ethereum/{account}"


def _instant(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime(_INSTANT)


def _seconds(text: str) -> int:
    return int(datetime.strptime(text, _INSTANT).replace(tzinfo=UTC).timestamp())
