"""Readings that devices publish: ``partage/<community>/<device>/readings/<batch>``, answered on ``.../answers``.

A message is a batch; its last level is what the device calls it, so that one that the broker gives twice is known. Its
content is told by the media type (MQTT 5, section 3.3.2.3.9), else by its first byte: a JSON array, JSON lines, an
Arrow stream or CSV.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from backend.errors import InputError, PartageError, PermissionDeniedError, ReadingsError, StoreError
from backend.ports.messages import IncomingMessage, MessageAnswer
from backend.services.receive_readings import ReceivedReadings, SentBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.services.devices import LetInDevices
    from backend.services.receive_readings import Reception

__all__ = ["TOPICS", "MessageDesk"]

logger = logging.getLogger("partage.readings")

TOPICS = "partage/+/+/readings/+"
_LEVELS = 5
_FINDINGS_MAX = 20
_BY_FIRST_BYTE = {
    b"[": "application/json",
    b"{": "application/x-ndjson",
    b"\xff": "application/vnd.apache.arrow.stream",
}


class MessageDesk:
    """Takes messages.

    Args:
        reception: Takes batches.
        devices: Who may hand in.
    """

    def __init__(self, reception: Reception, devices: LetInDevices) -> None:
        self._reception = reception
        self._devices = devices

    def take(self, messages: Sequence[IncomingMessage]) -> list[MessageAnswer]:
        """Keep what messages say, durably, or tell their senders why not.

        What only the store is to blame for is not done: the broker keeps it and gives it again.
        """
        batches: list[SentBatch | PartageError] = [self._batch_of(message) for message in messages]
        outcomes = iter(
            self._reception.receive_all([batch for batch in batches if isinstance(batch, SentBatch)])
        )
        return [
            _answer(message, batch if isinstance(batch, PartageError) else next(outcomes))
            for message, batch in zip(messages, batches, strict=True)
        ]

    def _batch_of(self, message: IncomingMessage) -> SentBatch | PartageError:
        levels = message.topic.split("/")
        if len(levels) != _LEVELS or levels[0] != "partage" or levels[3] != "readings" or not levels[4]:
            return InputError("Readings are published on partage/COMMUNITY/DEVICE/readings/BATCH.")
        community, device, name = levels[1], levels[2], levels[4]
        try:
            if not self._devices.holds(community, device):
                return PermissionDeniedError("This device was revoked, or never let in.")
        except StoreError as error:
            return error
        told = message.media_type.partition(";")[0].strip().lower()
        media_type = told or _BY_FIRST_BYTE.get(message.payload[:1], "text/csv")
        return SentBatch(community, f"device {device}", message.payload, media_type, name)


def _answer(message: IncomingMessage, outcome: ReceivedReadings | PartageError) -> MessageAnswer:
    if isinstance(outcome, StoreError):
        logger.error("a message is left with the broker: %s", outcome)
        return MessageAnswer("", b"", is_done=False)
    name = message.topic.rpartition("/")[2]
    told: dict[str, object] = {"batch": name}
    if isinstance(outcome, PartageError):
        told["problem"] = str(outcome)
        findings = outcome.findings if isinstance(outcome, ReadingsError) else ()
    else:
        told |= {"readings": outcome.rows, "is_new": outcome.is_new}
        findings = outcome.findings
    told["findings"] = [finding.as_dict() for finding in findings[:_FINDINGS_MAX]]
    levels = message.topic.split("/")
    topic = "/".join([*levels[:3], "answers"]) if len(levels) == _LEVELS else ""
    return MessageAnswer(topic, json.dumps(told, separators=(",", ":")).encode(), is_done=True)
