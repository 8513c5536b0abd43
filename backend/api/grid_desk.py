"""The grid room as routes see it: networks, looks at them, long work, and whose data a look showed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from backend.api.meter_data_looks import note_look
from backend.services.grid.asked_plans import AskedPlans
from backend.services.grid.background import BackgroundWork
from backend.services.grid.known_networks import KnownNetworks
from backend.services.grid.looks import NetworkLooks
from backend.services.grid.transformers import TransformerDesk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.api.dependencies import Services
    from backend.ports.ambient import AmbientTemperature
    from backend.ports.flow_store import FlowStore
    from backend.ports.load_forecasts import LoadForecaster
    from backend.services.grid.known_networks import KnownNetwork
    from backend.services.grid.network_series import GridSources
    from backend.services.sessions import OpenSession

__all__ = ["GridDesk", "note_network_look"]

_NOTE_SECONDS = 3_600
_NOTES_KEPT = 10_000


class GridDesk:
    """What routes of networks share.

    Args:
        sources: Where networks and series lie.
        flows: Where what was computed of them is kept.
        ambient: Air at their transformers.
        forecaster: Of loads.
    """

    def __init__(
        self, sources: GridSources, flows: FlowStore, ambient: AmbientTemperature, forecaster: LoadForecaster
    ) -> None:
        self.sources = sources
        self.flows = flows
        self.networks = KnownNetworks(sources)
        self.looks = NetworkLooks(self.networks)
        self.transformers = TransformerDesk(self.networks, ambient, forecaster)
        self.work = BackgroundWork()
        self.plans = AskedPlans(sources, self.work)
        self._noted: dict[tuple[str, ...], int] = {}
        self._guard = threading.Lock()

    def is_new_look(self, key: tuple[str, ...], now_utc: int) -> bool:
        """Is it the first of this kind for an hour? A day that is played is one look, not one per frame."""
        with self._guard:
            return now_utc - self._noted.get(key, -_NOTE_SECONDS) >= _NOTE_SECONDS

    def forget(self) -> None:
        """Hold nothing in memory that was read or computed before: somebody was erased."""
        self.networks.forget()
        self.looks.forget()
        before = self.transformers
        self.transformers = TransformerDesk(self.networks, before.ambient, before.forecaster)
        with self._guard:
            self._noted.clear()

    def remember_look(self, key: tuple[str, ...], now_utc: int) -> None:
        """A look of this kind was logged."""
        with self._guard:
            if len(self._noted) >= _NOTES_KEPT:
                self._noted.clear()
            self._noted[key] = now_utc


def note_network_look(
    services: Services,
    opened: OpenSession,
    known: KnownNetwork,
    what: str,
    points: Iterable[str] | None = None,
) -> None:
    """Log whose data a look at a network shows, before anything is handed out; the same look once an hour.

    Args:
        services: All of them.
        opened: Who looks.
        known: The network.
        what: At what of it, such as ``flows``; no personal data.
        points: Metering points behind what is shown; None for all of the network.
    """
    shown = sorted(known.points_behind() if points is None else points)
    name, community = known.record.name, known.record.community
    key = (opened.user.id, name, what, *shown)
    now = services.clock.now_utc()
    if shown and services.grid.is_new_look(key, now):
        note_look(services, opened, community, shown, f"network {name}: {what}")
        services.grid.remember_look(
            key, now
        )  # after it is kept: what could not be logged is not told next time either
