"""The client of a broker.

The session outlives the connection (MQTT 5, section 3.1.2.11.2): what was not acknowledged when this process ended is
given again to the next. Acknowledgements are sent in the order of the messages (section 4.6).
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backend.errors import InputError, StoreError
from backend.ports.messages import IncomingMessage, MessageAnswer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BrokerAddress", "MqttListener"]

logger = logging.getLogger("partage.mqtt")

_GROUP_MAX = 256
_GROUP_BYTES_MAX = 16 * 1024 * 1024
_INFLIGHT_MAX = 2_000
_SESSION_SECONDS = 7 * 86_400
_KEEP_ALIVE_SECONDS = 30
_RETRY_SECONDS = 2.0
_PATIENCE_SECONDS = 0.2
_PORTS = {"mqtt": 1883, "mqtts": 8883}

TakeMessages = Callable[[Sequence[IncomingMessage]], Sequence[MessageAnswer]]


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens.

    Attributes:
        host: Name or address.
        port: Of TCP.
        is_encrypted: By TLS.
        authorities: File of certificates that the broker's is held against; None for those of the system.
    """

    host: str
    port: int
    is_encrypted: bool
    authorities: Path | None = None

    @classmethod
    def of_url(cls, url: str, authorities: Path | None = None) -> BrokerAddress:
        """The address that a URL names: ``mqtt://HOST[:PORT]``, or ``mqtts://`` with TLS.

        Raises:
            InputError: If it names none.
        """
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in _PORTS or not parts.hostname or port == -1 or parts.username or parts.path:
            raise InputError(f"{url!r} is no broker's address; write it like mqtts://broker.example:8883.")
        return cls(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts", authorities)


class MqttListener:
    """Takes messages until it is told to stop.

    Args:
        address: Of the broker.
        user: Name to log in with.
        password: Its password.
        client: Names the session: the same for the same home, another for another.
        topics: What to subscribe to.
        take: Keeps messages; what it says is done is acknowledged.
    """

    def __init__(
        self, address: BrokerAddress, user: str, password: str, client: str, topics: str, take: TakeMessages
    ) -> None:
        self._address = address
        self._login = user, password
        self._session = client
        self._topics = topics
        self._take = take
        self._waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.connected = threading.Event()
        self._dropping = False
        self._connection = 0  # counts them: a message is acknowledged on the one that it came by
        self._client = self._make_client()

    def _make_client(self) -> Any:
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        client = Client(
            CallbackAPIVersion.VERSION2, client_id=self._session, protocol=MQTTv5, manual_ack=True
        )
        client.username_pw_set(*self._login)
        if self._address.is_encrypted:
            self._trust(client)
        client.on_connect = self._subscribe
        client.on_disconnect = self._note_end
        client.on_message = self._receive
        client.reconnect_delay_set(1, 30)
        return client

    def _trust(self, client: Any) -> None:
        authorities = self._address.authorities
        try:
            client.tls_set(ca_certs=str(authorities) if authorities else None)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise InputError(
                f"{authorities} holds no certificates that a broker's can be held against: {error}."
            ) from None

    def _receive(self, _client: Any, _data: Any, message: Any) -> None:
        """Put a message in the queue. The broker bounds those to be acknowledged, and no others."""
        if not message.qos and self._waiting.qsize() >= _INFLIGHT_MAX:
            if not self._dropping:
                logger.warning("messages of QoS 0 come faster than they can be kept, and are lost; use QoS 1")
            self._dropping = True
            return
        self._waiting.put((self._connection, message))

    def run(self) -> None:
        """Take messages until ``stop``; a connection that breaks is made again.

        Raises:
            StoreError: If the broker cannot be reached to begin with.
        """
        try:
            self._client.connect(**self._call())
        except OSError as error:
            raise StoreError(
                f"the broker {self._address.host} port {self._address.port} cannot be reached: {error}."
            ) from None
        self._client.loop_start()
        try:
            while not self._stopped.is_set():
                self._take_waiting()
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _call(self) -> dict[str, Any]:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wishes.SessionExpiryInterval = _SESSION_SECONDS
        wishes.ReceiveMaximum = _INFLIGHT_MAX
        return {
            "host": self._address.host,
            "port": self._address.port,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "clean_start": False,
            "properties": wishes,
        }

    def stop(self) -> None:
        """End ``run``; what is under way is finished."""
        self._stopped.set()

    def _subscribe(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            logger.error("the broker refuses: %s", reason)
            return
        client.subscribe(self._topics, qos=1)
        self.connected.set()

    def _note_end(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected.clear()
        self._connection += 1
        if not self._stopped.is_set():
            logger.warning("the connection to the broker ended: %s", reason)

    def _take_waiting(self) -> None:
        """Take the messages that wait, all by one flush."""
        group = self._group()
        if not group:
            return
        answers = self._take([_incoming(message) for _, message in group])
        for (connection, message), answer in zip(group, answers, strict=True):
            if not answer.is_done:
                self._begin_again()
                return
            if message.qos and connection == self._connection:
                self._client.ack(message.mid, message.qos)
            if answer.topic:
                self._client.publish(answer.topic, answer.payload, qos=0)

    def _group(self) -> list[tuple[int, Any]]:
        """Messages that are taken together: not too many, nor too long."""
        group: list[tuple[int, Any]] = []
        size = 0
        with contextlib.suppress(queue.Empty):
            group.append(self._waiting.get(timeout=_PATIENCE_SECONDS))
            while len(group) < _GROUP_MAX and size < _GROUP_BYTES_MAX:
                size += len(group[-1][1].payload)
                group.append(self._waiting.get_nowait())
        self._dropping = self._dropping and not self._waiting.empty()
        return group

    def _begin_again(self) -> None:
        """Connect anew: the broker gives what was not acknowledged once more, in its order."""
        self._stopped.wait(_RETRY_SECONDS)
        self._client.disconnect()
        self._client.loop_stop()
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._client = self._make_client()
        self._client.connect_async(**self._call())
        self._client.loop_start()  # tries until the broker answers


def _incoming(message: Any) -> IncomingMessage:
    told = getattr(message.properties, "ContentType", "") if message.properties else ""
    return IncomingMessage(message.topic, bytes(message.payload), str(told))
