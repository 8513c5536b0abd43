"""``partage listen``: readings that devices publish on an MQTT broker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["listen"]


def listen(
    broker: Annotated[str, typer.Argument(help="mqtts://HOST[:PORT], or mqtt:// without TLS.")],
    authorities: Annotated[
        Path | None, typer.Option("--ca", help="Certificates that the broker's is held against.")
    ] = None,
) -> None:
    """Take readings from an MQTT broker until SIGINT or SIGTERM, each acknowledged once it is durable."""
    import logging
    import signal

    from backend.api.journal_sealing import JournalSealing
    from backend.bootstrap import open_existing
    from backend.bootstrap.listening import open_listener

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    wiring = open_existing()
    listener = open_listener(wiring, broker, authorities)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: listener.stop())
    sealing = JournalSealing(wiring.incoming, wiring.clock)
    sealing.start()
    print(f"Partage listens to {broker}", flush=True)
    try:
        listener.run()
    finally:
        sealing.stop()
