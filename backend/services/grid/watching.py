"""Watching a network: readings are noted, alarms looked for, silences end, overdue steps are told, messages go out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.errors import ConflictError, PartageError
from backend.services.grid.alarms import AlarmRun, end_silences, look_for_alarms
from backend.services.grid.messages import Dispatch, send_due
from backend.services.grid.reading_entries import note_readings
from backend.services.grid.workflows import escalate_overdue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.grid.alarms import Channel
    from backend.ports import Clock, IntervalStore, RecordStore
    from backend.ports.grid_measures import MeasureSource
    from backend.ports.grid_messages import MessageSender

__all__ = ["NetworkWatch", "Watched"]

logger = logging.getLogger("partage.grid")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look at a network came to.

    Attributes:
        alarms: Found, ended, taken back.
        reopened: Ids of alarms whose silence is over.
        overdue: Ids of work orders whose step took too long.
        messages: Sent, postponed, given up.
    """

    alarms: AlarmRun
    reopened: tuple[str, ...]
    overdue: tuple[str, ...]
    messages: Dispatch


@dataclass(frozen=True, slots=True)
class NetworkWatch:
    """Watches networks.

    Attributes:
        store: Records.
        clock: Time.
        source: Measures.
        senders: By channel.
        intervals: Loads of readings, which are told of; None for none.
    """

    store: RecordStore
    clock: Clock
    source: MeasureSource
    senders: Mapping[Channel, MessageSender]
    intervals: IntervalStore | None = None

    def look(self, network: str, begin_utc: int | None = None) -> Watched:
        """Look at a network once; see ``look_for_alarms``, whose errors it raises."""
        if self.intervals is not None:
            note_readings(self.store, self.intervals, network, self.clock.now_utc())
        reopened = end_silences(self.store, self.clock, network)
        alarms = look_for_alarms(self.store, self.clock, self.source, network, begin_utc)
        with self.store.transaction() as records:
            overdue = escalate_overdue(records, network, self.clock.now_utc())
        return Watched(alarms, tuple(reopened), tuple(overdue), self.send(network))

    def send(self, network: str | None = None) -> Dispatch:
        """Send what is due, of a network or of all."""
        return send_due(self.store, self.clock, self.senders, network)

    def look_at_all(self) -> None:
        """Look at every network of a community; what is wrong with one is logged and holds up no other."""
        with self.store.reading() as records:
            names = [record.name for record in records.networks() if record.community]
        for name in names:
            try:
                self.look(name)
            except ConflictError as error:
                logger.info("network %s: %s", name, error)
            except PartageError:
                logger.exception("network %s could not be watched", name)
        self.send()
