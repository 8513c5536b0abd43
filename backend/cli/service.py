"""``partage serve``: the API and the pages."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["LOCAL_HOST", "Port", "require_free", "serve"]

LOCAL_HOST = "127.0.0.1"
Port = Annotated[int, typer.Option(help="Port of the pages; 0 for any free one.", min=0, max=65535)]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOCAL_HOST,
    port: Port = 8000,
) -> None:
    """Serve the API and the web pages of PARTAGE_HOME."""
    from backend.api.server import run
    from backend.bootstrap import open_wiring

    require_free(host, port)
    run(open_wiring(), host, port)


def require_free(host: str, port: int) -> None:
    """Find out before any work whether the pages can be served there.

    Raises:
        InputError: If nobody can listen there, or somebody does already.
    """
    import socket

    from backend.errors import InputError

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise InputError(
            f"{host} port {port} cannot be listened on ({error.strerror}); end the program that holds it, or choose "
            "another with --port, 0 for any free one."
        ) from None
