"""Posting messages to a webhook: signed, with an id that repeats are known by, and to no address of our own network.

Headers: ``Partage-Message-Id`` and ``Idempotency-Key`` (the message's id), ``Partage-Timestamp`` (seconds since 1970),
``Partage-Signature``: ``v1=`` and the HMAC-SHA256, in hexadecimal digits, of timestamp, a dot and the body's bytes,
under the route's key. A receiver computes it again and compares, and refuses what is older than it likes.

The host is looked up once, every address that it has is held against ``ipaddress``, and the connection goes to the one
that was looked at: a name that answers otherwise the second time (DNS rebinding) leads nowhere else. Redirections are
not followed and no proxy of the environment is used.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import ssl
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.ports.grid_messages import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from backend.grid.alarms import Route
    from backend.ports import Clock

__all__ = ["SIGNATURE_HEADER", "WebhookSender", "resolve", "route_key", "sign_body"]

SIGNATURE_HEADER = "Partage-Signature"
_TIMEOUT_SECONDS = 10.0
# What asks to come again later, beside all that is the server's own fault (RFC 9110, sections 15.5.9 and 15.5.20;
# RFC 8470, section 5.2; RFC 6585, section 4).
_AGAIN = frozenset({408, 421, 425, 429})
_SERVER_ERRORS = range(500, 600)
_GOOD = range(200, 300)

# Of IPv6 only this is given to anyone (IANA, global unicast): not what stands for IPv4 or sites of old.
_WORLD = ipaddress.IPv6Network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def route_key(secret: bytes, network: str, route: str) -> bytes:
    """The key that a route's messages are signed under: HMAC-SHA256 of its name under the home's secret. [32 bytes]"""
    return hmac.digest(secret, f"webhook\0{network}\0{route}".encode(), hashlib.sha256)


def sign_body(key: bytes, timestamp: int, body: bytes) -> str:
    """What stands in ``Partage-Signature``."""
    return f"v1={hmac.new(key, f'{timestamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def resolve(host: str, port: int) -> Sequence[str]:
    """Addresses of a host.

    Raises:
        OSError: If it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _is_public(text: str) -> bool:
    """Does an address belong to the world, not to a machine or network of ours?"""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        # 64:ff9b::/96 leads to the IPv4 address in its last bits (RFC 6052).
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            address = inner
    if isinstance(address, ipaddress.IPv6Address) and address not in _WORLD:
        return False
    return address.is_global and not address.is_multicast


class WebhookSender:
    """Implements ``backend.ports.grid_messages.MessageSender``.

    Args:
        secret: Of the home; each route's key is drawn from it.
        clock: Dates the signature.
        allows_private: May messages go to private addresses, and without TLS? For receivers beside this machine.
        resolver: Looks hosts up.
        trust: What receivers' certificates are held against; None for the machine's authorities.
        seconds_max: For a try as a whole. [s]
    """

    def __init__(
        self,
        secret: bytes,
        clock: Clock,
        *,
        allows_private: bool = False,
        resolver: Callable[[str, int], Sequence[str]] = resolve,
        trust: ssl.SSLContext | None = None,
        seconds_max: float = 20.0,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._allows_private = allows_private
        self._resolver = resolver
        self._trust = trust
        self._seconds_max = seconds_max

    def send(self, route: Route, message_id: str, body: str) -> Delivery:
        """See the port."""
        import httpx

        # It logs the address of each request, and that of a webhook is often as good as a password.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        parts = urlsplit(route.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and not self._allows_private:
            return _hopeless("it is not https; the messages would be readable on their way")
        try:
            address = self._address(host, port)
        except OSError as error:
            return _failed(f"{host} cannot be looked up ({error.strerror or type(error).__name__})")
        if address is None:
            return _hopeless(
                f"{host} is an address of a private network; PARTAGE_WEBHOOK_PRIVATE=1 allows it"
            )
        content = body.encode()
        network = _network_of(body)
        timestamp = self._clock.now_utc()
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": "partage",
            "Idempotency-Key": message_id,
            "Partage-Message-Id": message_id,
            "Partage-Timestamp": str(timestamp),
            SIGNATURE_HEADER: sign_body(route_key(self._secret, network, route.id), timestamp, content),
        }
        shown = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
        client = httpx.Client(
            verify=self._trust or True, timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
        )
        # A receiver that lets its answer trickle keeps each of httpx's time limits, and would hold us up for ever.
        watch = threading.Timer(self._seconds_max, client.close)
        watch.daemon = True
        watch.start()
        try:
            with client:
                return _post(client, target, content, headers, host)
        except httpx.HTTPError as error:
            return _failed(f"{host} cannot be reached ({type(error).__name__})")
        finally:
            watch.cancel()

    def _address(self, host: str, port: int) -> str | None:
        """The address to connect to, None where one of them is none of the world's.

        Raises:
            OSError: If the host has none.
        """
        found = self._resolver(host, port)
        if not found:
            raise OSError("no address")
        if not self._allows_private and not all(_is_public(one) for one in found):
            return None
        return found[0]


def _post(client: httpx.Client, target: str, content: bytes, headers: dict[str, str], host: str) -> Delivery:
    """Post; of the answer the status alone matters."""
    extensions = {"sni_hostname": host}  # the certificate is held against the name, not the address
    with client.stream("POST", target, content=content, headers=headers, extensions=extensions) as answer:
        status = answer.status_code
    if status in _GOOD:
        return Delivery(arrived=True)
    if status in _AGAIN or status in _SERVER_ERRORS:
        return _failed(f"{host} answers {status}")
    return _hopeless(f"{host} refuses it with {status}")


def _network_of(body: str) -> str:
    return str(json.loads(body)["network"])


def _failed(error: str) -> Delivery:
    return Delivery(arrived=False, error=error)


def _hopeless(error: str) -> Delivery:
    return Delivery(arrived=False, is_hopeless=True, error=error)
