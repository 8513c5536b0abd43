"""What the environment says about how the service is reached.

PARTAGE_SECURE_COOKIES    1 where a proxy in front speaks https and tells nothing of it
PARTAGE_TRUSTED_PROXIES   addresses, separated by commas, whose X-Forwarded-For and -Proto are believed
PARTAGE_PAGES             folder of the pages (default: ``frontend_static`` beside the backend)
PARTAGE_ORIGIN            where browsers find the pages, such as https://partage.example: passkeys and log-ins by
                          account are bound to it; without, only pages on this machine have them
PARTAGE_CHAIN_URL         the node behind ``/rpc`` in place of the embedded chain
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ApiSettings"]

_PAGES = Path(__file__).resolve().parents[2] / "frontend_static"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How the service is reached.

    Attributes:
        secure_cookies: Mark cookies Secure whatever the request's scheme.
        trusted_proxies: Addresses whose forwarding headers are believed.
        pages: Folder of the pages.
        origin: Scheme, host and port of the pages, empty for this machine only.
        chain_url: Node behind ``/rpc``, empty for the embedded chain.
        body_bytes_max: Of a request to the API. [bytes]
        body_seconds_max: For a request's body to arrive. [s]
    """

    secure_cookies: bool = False
    trusted_proxies: tuple[str, ...] = ()
    pages: Path = _PAGES
    origin: str = ""
    chain_url: str = ""
    body_bytes_max: int = 64 * 1024
    body_seconds_max: float = 20.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ApiSettings:
        """As the environment says."""
        environment = os.environ if environment is None else environment
        proxies = environment.get("PARTAGE_TRUSTED_PROXIES", "").split(",")
        return cls(
            secure_cookies=environment.get("PARTAGE_SECURE_COOKIES", "") == "1",
            trusted_proxies=tuple(proxy.strip() for proxy in proxies if proxy.strip()),
            pages=Path(environment.get("PARTAGE_PAGES") or _PAGES),
            origin=_origin(environment.get("PARTAGE_ORIGIN", "")),
            chain_url=environment.get("PARTAGE_CHAIN_URL", ""),
        )


def _origin(text: str) -> str:
    """An origin as browsers write it.

    Raises:
        InputError: If it is none.
    """
    parts = urlsplit(text)
    if text and (text != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in {"http", "https"}):
        raise InputError(
            f"PARTAGE_ORIGIN is {text!r}; give scheme, host and port alone, such as https://partage.example."
        )
    return text.lower()
