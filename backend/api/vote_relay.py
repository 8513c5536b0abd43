"""Hands members' votes to the governor beside everything else, some together."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from backend.errors import NotFoundError, PartageError
from backend.services.votes import has_waiting, relay_votes

if TYPE_CHECKING:
    from backend.api.dependencies import Services

__all__ = ["VoteRelay"]

logger = logging.getLogger("partage.api")

_ROUND_SECONDS = 15.0
_PATIENCE_SECONDS = 60


class VoteRelay:
    """Looks every few seconds for votes that wait.

    Args:
        services: Of the application.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        threading.Thread(target=self._go, name="vote relay", daemon=True).start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopped.set()

    def _go(self) -> None:
        while not self._stopped.wait(_ROUND_SECONDS):
            try:
                self.relay()
            except Exception:  # the next round tries again; a thread that died would be missed by nobody
                logger.exception("a round of handing in votes failed")

    def relay(self, patience_seconds: int = _PATIENCE_SECONDS) -> int:
        """One round; returns how many votes were handed in.

        Args:
            patience_seconds: How long a vote may wait for others. [s]
        """
        with self._services.store.reading() as records:
            communities = [record.id for record in records.communities()]
        return sum(self._relay_community(community, patience_seconds) for community in communities)

    def _relay_community(self, community: str, patience_seconds: int) -> int:
        try:
            desk = self._services.governance
            if not has_waiting(desk, community):
                return 0
            with self._services.relaying("votes"):
                return relay_votes(desk, community, patience_seconds)
        except NotFoundError:
            return 0  # nothing is deployed, or its governance is not open
        except PartageError as error:
            logger.warning("votes of %s were not handed in: %s", community, error)
            return 0
