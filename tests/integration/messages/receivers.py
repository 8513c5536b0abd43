"""Receivers on this machine: an HTTP server that keeps what it is posted, a mail server, and certificates for both."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Posted:
    """What an HTTP server was posted, and how it answers: a status each, the last one for all that follow."""

    statuses: list[int]
    url: str = ""
    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiving_posts(
    *statuses: int, tls: ssl.SSLContext | None = None, trickles: bool = False
) -> Iterator[Posted]:
    """An HTTP server; ``trickles`` lets its answer come a byte at a time, for ever."""
    posted = Posted(list(statuses) or [204])
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.requests.append((self.path, dict(self.headers), body))
            while trickles and not stopped.wait(0.05):
                try:
                    self.wfile.write(b"H")
                except OSError:
                    return
            status = posted.statuses[0]
            if len(posted.statuses) > 1:
                posted.statuses.pop(0)
            self.send_response(status)
            if status in {301, 302}:
                self.send_header("Location", f"{posted.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    posted.port = server.server_address[1]
    posted.url = f"http{'s' if tls else ''}://127.0.0.1:{posted.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield posted
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mails:
    """What a mail server took, and what it refuses."""

    port: int = 0
    taken: list[Any] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    was_encrypted: list[bool] = field(default_factory=list)


@contextmanager
def receiving_mail(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, refuses: dict[str, str] | None = None
) -> Iterator[Mails]:
    """A mail server: with a certificate it asks for TLS and a log-in (user ``grid``, password ``word``)."""
    mails = Mails(refuses=refuses or {})

    class Handler:
        async def handle_RCPT(  # noqa: N802
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            if address in mails.refuses:
                return mails.refuses[address]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            mails.was_encrypted.append(session.ssl is not None or implicit)
            mails.taken.append(envelope)
            return mails.refuses.get("data", "250 OK")

    def let_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        mails.logins.append((data.login, data.password))
        return AuthResult(success=(data.login, data.password) == (b"grid", b"word"), handled=False)

    options: dict[str, Any] = {}
    if tls is not None:
        options = {"authenticator": let_in, "auth_required": not implicit, "auth_require_tls": not implicit}
        if not implicit:
            options |= {"tls_context": tls, "require_starttls": True}

    class Server(Controller):
        def factory(self) -> SMTP:
            return SMTP(self.handler, hostname="mail.example", **options)

        def _trigger_server(self) -> None:
            """Learn which port is ours, and knock as the base would on the one that was asked for."""
            self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
            with socket.create_connection((self.hostname, self.port), 1.0):
                pass

    controller = Server(Handler(), hostname="127.0.0.1", port=0, ssl_context=tls if implicit else None)
    controller.start()
    mails.port = controller.port
    try:
        yield mails
    finally:
        controller.stop()


@dataclass
class Certificate:
    """A certificate of its own authority, as a server shows it and as a client trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def make_certificate(folder: Path, host: str) -> Certificate:
    """For a host, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's own")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    if host[0].isdigit():
        names = [x509.IPAddress(ipaddress.ip_address(host))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    file = folder / f"{host}.pem"
    file.write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, form, plain))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return Certificate(server, ssl.create_default_context(cadata=pem.decode()))
