"""``partage serve``: the API and the pages."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["serve"]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 for any free one.")] = 8000,
) -> None:
    """Serve the API and the web pages of PARTAGE_HOME."""
    from backend.api.server import run
    from backend.bootstrap import open_wiring

    run(open_wiring(), host, port)
