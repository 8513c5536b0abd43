"""``partage serve``: the application on a port, until it is told to stop."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn

from backend.api.application import create_app
from backend.api.daily_erasure import DailyErasure
from backend.api.daily_forecasts import DailyForecasts
from backend.api.grid_watch import GridWatch
from backend.api.journal_sealing import JournalSealing
from backend.api.settings import ApiSettings
from backend.api.vote_relay import VoteRelay
from backend.bootstrap.grid_watching import open_watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from backend.api.dependencies import Wired

__all__ = ["run", "serve"]

_CONNECTIONS_MAX = 256
_KEEP_ALIVE_SECONDS = 15
_SHUTDOWN_SECONDS = 10
_HEADER_BYTES_MAX = 16 * 1024


class _Server(uvicorn.Server):
    """Says on which port it listens, for ``--port 0`` too."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Listen."""
        await super().startup(sockets)  # type: ignore[arg-type]
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                sys.stdout.write(f"Partage listens on http://{shown}:{port}/\n")
                sys.stdout.flush()


def serve(app: FastAPI, host: str, port: int, trusted_proxies: Sequence[str] = ()) -> None:
    """Serve until SIGINT or SIGTERM; requests that are under way are finished first.

    Args:
        app: From ``create_app``.
        host: Address to listen on.
        port: 0 for any free one.
        trusted_proxies: Addresses whose forwarding headers are believed.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # ours says the route, not the address and the query
        log_config=None,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=_HEADER_BYTES_MAX,
    )
    _Server(config).run()


def run(wiring: Wired, host: str, port: int) -> None:
    """Serve a home: what ``partage serve`` calls."""
    settings = ApiSettings.from_environment()
    app = create_app(wiring, settings)
    threading.Thread(target=app.state.services.warm, daemon=True).start()
    VoteRelay(app.state.services).start()
    DailyErasure(app.state.services).start()
    forecasting = DailyForecasts(app.state.services)
    forecasting.start()
    sealing = JournalSealing(wiring.incoming, wiring.clock)
    sealing.start()
    watching = GridWatch(lambda: open_watch(wiring))
    watching.start()
    try:
        serve(app, host, port, settings.trusted_proxies)
    finally:
        forecasting.stop()
        watching.stop()
        sealing.stop()
        app.state.services.rehearsals.close()  # else one that runs would hold up the end
        app.state.services.grid.work.close()  # likewise
