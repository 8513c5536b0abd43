"""Readings by MQTT, joined: what listens to a broker, and what the broker needs to know of devices."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from backend.adapters.mqtt import MqttListener
    from backend.bootstrap.wiring import Wiring

__all__ = ["broker_login", "open_listener", "write_broker_files"]

_SETTINGS = """\
# Written by `partage devices mosquitto`; listeners and certificates are yours to add, such as:
#   listener 8883
#   certfile /etc/mosquitto/certs/broker.crt
#   keyfile /etc/mosquitto/certs/broker.key
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
# What is under way to Partage, and what waits while it is away.
max_inflight_messages 2000
max_queued_messages 1000000
message_size_limit 1048576
"""


def _password(wiring: Wiring) -> str:
    return base64.urlsafe_b64encode(wiring.vault.secret("mqtt")).decode().rstrip("=")


def broker_login(wiring: Wiring) -> tuple[str, str]:
    """User and password by which a home logs in to its broker."""
    from backend.services.devices import MQTT_USER

    return MQTT_USER, _password(wiring)


def open_listener(wiring: Wiring, url: str, authorities: Path | None = None) -> MqttListener:
    """What takes a broker's messages into a home.

    Raises:
        InputError: If the URL names no broker.
    """
    from backend.adapters.mqtt import BrokerAddress, MqttListener
    from backend.services.devices import LetInDevices
    from backend.services.take_messages import TOPICS, MessageDesk

    user, password = broker_login(wiring)
    # The same home is the same session, and no other home is.
    client = f"partage-{hashlib.sha256(password.encode()).hexdigest()[:16]}"
    desk = MessageDesk(wiring.reception, LetInDevices(wiring.store, wiring.clock))
    return MqttListener(BrokerAddress.of_url(url, authorities), user, password, client, TOPICS, desk.take)


def write_broker_files(wiring: Wiring, folder: Path) -> list[Path]:
    """Write what Mosquitto reads: ``passwords``, ``acl`` and ``partage.conf``; returns the files."""
    from backend.adapters.durable_files import make_folder, write_durably
    from backend.services.devices import mqtt_files

    passwords, rules = mqtt_files(wiring.store, _password(wiring), secrets.token_bytes)
    folder = folder.absolute()
    make_folder(folder, 0o700)
    written = {"passwords": passwords, "acl": rules, "partage.conf": _SETTINGS.format(folder=folder)}
    for name, content in written.items():
        write_durably(folder / name, content.encode(), mode=0o600)
    return [folder / name for name in written]
