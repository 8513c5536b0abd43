"""Does what is due of forecasting every day, beside everything else: score, watch for drift, learn anew, forecast.

Models whose forecasts somebody could act on are anchored then. And it looks for what is not as it should be, so that a
page that asks has it at once.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from backend.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from backend.api.dependencies import Services

__all__ = ["DailyForecasts"]

logger = logging.getLogger("partage.api")

_FIRST_SECONDS = 300.0
_DAY_SECONDS = 86_400.0
_NICENESS = 15


class DailyForecasts:
    """Forecasts all communities that have readings.

    Args:
        services: Of the application.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        threading.Thread(target=self._go, name="daily forecasts", daemon=True).start()

    def stop(self) -> None:
        """End before the next community; what is under way is not waited for, and is due again next time."""
        self._stopped.set()

    def _go(self) -> None:
        _give_way()
        pause = _FIRST_SECONDS
        while not self._stopped.wait(pause):
            try:
                self.forecast()
            except Exception:  # the next time tries again; a thread that died would be missed by nobody
                logger.exception("forecasts could not be made")
            pause = _DAY_SECONDS

    def forecast(self) -> None:
        """What is due now, community after community."""
        from backend.services.forecasts.retrain import run_due

        with self._services.store.reading() as records:
            communities = [record.id for record in records.communities()]
        for community in communities:
            if self._stopped.is_set():
                return
            try:
                self._look(community)
                done = run_due(self._services.forecasts, community)
            except (InputError, NotFoundError) as error:
                logger.info("nothing to forecast for a community: %s", type(error).__name__)
                continue
            except Exception:  # what fails for one is no reason to leave out the others
                logger.exception("a community's forecasts could not be made")
                continue
            logger.info(
                "%d models trained, %d forecasts made, %d scored, %d drifting, %d stood in for, %d failed",
                len(done.trained),
                len(done.forecasts),
                done.scored,
                len(done.drifting),
                len(done.fallbacks),
                len(done.failed),
            )
            self._anchor(community)

    def _anchor(self, community: str) -> None:
        """Put the hashes of models that are in use on chain; what cannot be sent now is sent the next day."""
        from backend.services.forecasts.anchor import anchor_models, can_anchor

        if not can_anchor(self._services.store, community):
            return
        try:
            with self._services.relaying("forecasts") as context:
                anchored = anchor_models(context, community)
        except Exception:  # a chain that is busy or away holds up no forecast
            logger.exception("models could not be anchored")
            return
        logger.info("%d models anchored", len(anchored))

    def _look(self, community: str) -> None:
        """Look at the last weeks and keep what is found; the same readings again are the same look."""
        from backend.forecasting.anomalies import BUDGET_DEFAULT
        from backend.services.forecasts.anomalies import METERS_AT_ONCE

        try:
            found = self._services.wiring.anomalies.look(
                community, None, None, BUDGET_DEFAULT, METERS_AT_ONCE
            )
        except (
            InputError
        ) as refused:  # too many meters for a service that others wait for: the command looks then
            logger.info("no look for anomalies of a community: %s", type(refused).__name__)
            return
        except NotFoundError:  # it has gone since the list was read
            return
        except Exception:  # forecasts are made whether or not
            logger.exception("a community could not be looked at for anomalies")
            return
        self._services.wiring.anomalies.keep(found)
        logger.info("%d meters looked at, %d findings", found.look.meters, len(found.findings))


def _give_way() -> None:
    """Let requests go first: on Linux a priority is a thread's own."""
    if hasattr(os, "setpriority"):
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        except OSError:  # not ours to say here: then it takes its turn like the others
            logger.info("forecasts are made at the priority of everything else")
