"""Forgets who asked for it once a day, and files that nobody loaded each hour, beside everything else."""

from __future__ import annotations

import logging
import threading
from itertools import count
from typing import TYPE_CHECKING

from backend.errors import NotFoundError
from backend.services.privacy_erasure import erase_due

if TYPE_CHECKING:
    from backend.api.dependencies import Services
    from backend.services.privacy_erasure import Erased

__all__ = ["DailyErasure"]

logger = logging.getLogger("partage.api")

_FIRST_SECONDS = 60.0
_HOUR_SECONDS = 3_600.0
_HOURS = 24


class DailyErasure:
    """Destroys what is due of people who asked to be forgotten.

    Args:
        services: Of the application.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        threading.Thread(target=self._go, name="daily erasure", daemon=True).start()

    def _go(self) -> None:
        pause = threading.Event()
        pause.wait(_FIRST_SECONDS)
        for hour in count():
            try:
                if hour % _HOURS:
                    self._services.uploads.sweep_all()
                else:
                    self.erase()
            except Exception:  # the next time tries again; a thread that died would be missed by nobody
                logger.exception("forgetting failed")
            pause.wait(_HOUR_SECONDS)

    def erase(self) -> list[Erased]:
        """What is due now; the log says how many, never who. Meter files that nobody loaded go as well."""
        self._services.uploads.sweep_all()
        with self._services.store.reading() as records:
            asked = [known for known in records.erasures() if not known.done_utc]
        if not asked:
            return []
        try:
            with self._services.relaying("erase") as context:
                erased = erase_due(context, self._services.wiring.erasers)
        except NotFoundError:
            return []
        if erased:
            self._services.grid.forget()
        logger.info("%d people were forgotten, as far as it was due", len(erased))
        return erased
