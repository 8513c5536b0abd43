"""Sending messages by e-mail, through the mail server that the environment names.

PARTAGE_SMTP_URL    smtp://user:password@host:587 (STARTTLS is required), smtps://host:465 (TLS from the beginning), or
                    smtp://host:25?tls=off for a server on this machine; user and password percent-encoded, or left out
PARTAGE_MAIL_FROM   the sender's address
"""

from __future__ import annotations

import json
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from backend.errors import InputError
from backend.ports.grid_messages import Delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.grid.alarms import Route
    from backend.ports import Clock

__all__ = ["MailServer", "SmtpSender"]

_TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = range(500, 600)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server.

    Attributes:
        host: Name.
        port: Of the server.
        sender: Address that messages come from.
        user: Empty for a server that asks for none.
        password: Of the user.
        tls: ``starttls``, ``implicit`` or ``off``.
        trust: What the server's certificate is held against; None for the machine's authorities.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> MailServer | None:
        """As the environment says, None where it names no server.

        Raises:
            InputError: If what it says is none; the message leaves the password out.
        """
        url, sender = environment.get("PARTAGE_SMTP_URL", ""), environment.get("PARTAGE_MAIL_FROM", "")
        if not url:
            return None
        try:
            parts = urlsplit(url)
            port, query = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            parts, port, query = urlsplit(""), None, {}
        if parts.scheme not in _PORTS or not parts.hostname or query.keys() - {"tls"}:
            raise InputError(
                "PARTAGE_SMTP_URL is no mail server; write smtp://user:password@host:587 or smtps://host:465."
            )
        local, _, domain = sender.partition("@")
        if not local or not domain or not sender.isascii() or not sender.isprintable() or " " in sender:
            raise InputError(
                f"PARTAGE_MAIL_FROM is {sender[:80]!r}; write the sender's address, such as grid@example.org."
            )
        is_off = query.get("tls") == ["off"]
        if query and not is_off:
            raise InputError("PARTAGE_SMTP_URL: tls is off, or left out.")
        if is_off and (parts.scheme == "smtps" or parts.hostname not in _LOOPBACK):
            raise InputError("PARTAGE_SMTP_URL: tls=off is for a server on this machine alone; leave it out.")
        tls = "implicit" if parts.scheme == "smtps" else "off" if is_off else "starttls"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port or _PORTS[parts.scheme], sender, user, password, tls)


class SmtpSender:
    """Implements ``backend.ports.grid_messages.MessageSender``.

    Args:
        server: Which server, None where none is named.
        clock: Dates the mails.
    """

    def __init__(self, server: MailServer | None, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    def send(self, route: Route, message_id: str, body: str) -> Delivery:
        """See the port."""
        server = self._server
        if server is None:
            return Delivery(
                arrived=False, error="no mail server is named; set PARTAGE_SMTP_URL and PARTAGE_MAIL_FROM"
            )
        mail = self._compose(server, route, message_id, json.loads(body))
        try:
            return _hand_over(server, route, mail)
        except smtplib.SMTPAuthenticationError:
            return Delivery(arrived=False, error=f"{server.host} does not let PARTAGE_SMTP_URL's user in")
        except smtplib.SMTPRecipientsRefused as refused:
            return _refused(server, [code for code, _ in refused.recipients.values()])
        except smtplib.SMTPResponseException as error:
            return _refused(server, [error.smtp_code])
        except (smtplib.SMTPException, OSError) as error:
            return Delivery(arrived=False, error=f"{server.host} cannot be used ({type(error).__name__})")

    def _compose(
        self, server: MailServer, route: Route, message_id: str, content: Mapping[str, str]
    ) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(addr_spec=server.sender)
        mail["To"] = [Address(addr_spec=one) for one in route.addresses]
        mail["Subject"] = " ".join(content["subject"].split())
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now_utc(), UTC))
        # The same for the same message: a mail server or reader knows a repeat by it (RFC 5322, section 3.6.4).
        mail["Message-ID"] = f"<{message_id}@{server.sender.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers with a note that they are away
        mail.set_content(content["text"])
        return mail


def _hand_over(server: MailServer, route: Route, mail: EmailMessage) -> Delivery:
    if server.tls == "implicit":
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host,
            server.port,
            timeout=_TIMEOUT_SECONDS,
            context=server.trust or ssl.create_default_context(),
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
    with line:
        if server.tls == "starttls":
            # Without it the password and the messages would be readable: a server that offers none gets neither.
            line.starttls(context=server.trust or ssl.create_default_context())
        if server.user:
            line.login(server.user, server.password)
        refused = line.send_message(mail, from_addr=server.sender, to_addrs=list(route.addresses))
    # Sending again to all would double it for those who have it: whoever is refused is told and left out.
    told = f"{server.host} refuses {len(refused)} of {len(route.addresses)} addresses" if refused else ""
    return Delivery(arrived=True, error=told)


def _refused(server: MailServer, codes: list[int]) -> Delivery:
    hopeless = bool(codes) and all(code in _PERMANENT for code in codes)
    told = ", ".join(str(code) for code in sorted(set(codes)))
    return Delivery(arrived=False, is_hopeless=hopeless, error=f"{server.host} refuses it with {told}")
