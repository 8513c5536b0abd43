"""Devices: programs that hand in readings of one community, known by a token, and let in to nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.errors import AuthenticationError, ConflictError, InputError, NotFoundError
from backend.ports.device_records import DeviceRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.ports import Clock, RecordStore

__all__ = [
    "MQTT_USER",
    "TOKEN_MARK",
    "DeviceTokens",
    "LetInDevices",
    "add_device",
    "mqtt_files",
    "revoke_device",
]

TOKEN_MARK = "partage-device"  # noqa: S105 -- every token begins so: it says what was found where one leaks
MQTT_USER = "partage"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SECRET_BYTES = 32
_SALT_BYTES = 12
_ROUNDS = 101  # the broker's default; what is hashed is random, so that more would not make guessing harder
_LENGTH_MAX = 400
_KEPT = 1024
_TRUSTED_SECONDS = 2
_UNKNOWN = "This device token is not known here, or was revoked."


def add_device(
    store: RecordStore, clock: Clock, community: str, name: str, random_bytes: Callable[[int], bytes]
) -> tuple[DeviceRecord, str]:
    """Let a device hand in a community's readings.

    Args:
        store: Records.
        clock: Time.
        community: Its id.
        name: Of the device: a-z, 0-9, dash.
        random_bytes: Source of secrets; takes a length.

    Returns:
        The device, and its token, which is kept nowhere.

    Raises:
        NotFoundError: If there is no such community.
        InputError: If the name does not fit.
        ConflictError: If a device of that name is let in already.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name[:80]!r} is no device's name; use a-z, 0-9 and dash, 63 characters at most.")
    secret = base64.urlsafe_b64encode(random_bytes(_SECRET_BYTES)).decode().rstrip("=")
    token = f"{TOKEN_MARK}~{community}~{name}~{secret}"
    record = DeviceRecord(
        community, name, _hash(token), _mqtt_hash(token, random_bytes(_SALT_BYTES)), clock.now_utc()
    )
    with store.transaction() as records:
        records.community(community)
        known = records.device(community, name)
        if known is not None and not known.revoked_utc:
            raise ConflictError(
                f"{community} has a device {name!r} already; choose another name, or revoke that one first."
            )
        records.put_device(record)
    return record, token


def revoke_device(store: RecordStore, clock: Clock, community: str, name: str) -> DeviceRecord:
    """Let a device in no more; one that was revoked before stays so.

    Raises:
        NotFoundError: If there is none of that name.
    """
    with store.transaction() as records:
        known = records.device(community, name)
        if known is None:
            names = ", ".join(device.name for device in records.devices(community)) or "none"
            raise NotFoundError(f"{community} has no device {name!r}; there are: {names}.")
        if not known.revoked_utc:
            known = replace(known, revoked_utc=clock.now_utc())
            records.put_device(known)
    return known


class DeviceTokens:
    """Who a token belongs to.

    What the store said is believed for two seconds, so that a device that sends hundreds of batches a second does not
    ask it as often; a device that is revoked is out no later.

    Args:
        store: Records.
        clock: Time.
    """

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._seen: OrderedDict[str, tuple[int, DeviceRecord]] = OrderedDict()
        self._guard = threading.Lock()

    def remembered(self, token: str) -> DeviceRecord | None:
        """The device of a token that was read a moment ago; None where the store has to be asked."""
        if len(token) > _LENGTH_MAX:
            return None
        with self._guard:
            seen = self._seen.get(_hash(token))
        is_new = seen is not None and 0 <= self._clock.now_utc() - seen[0] < _TRUSTED_SECONDS
        return seen[1] if seen is not None and is_new else None

    def read(self, token: str) -> DeviceRecord:
        """The device of a token.

        Raises:
            AuthenticationError: If it is none, wrong, or revoked: it never says which.
        """
        parts = token.split("~")
        if len(token) > _LENGTH_MAX or len(parts) != 4 or parts[0] != TOKEN_MARK:  # noqa: PLR2004 -- its parts
            raise AuthenticationError(_UNKNOWN)
        remembered = self.remembered(token)
        if remembered is not None:
            return remembered
        digest, now = _hash(token), self._clock.now_utc()
        with self._store.reading() as records:
            known = records.device(parts[1], parts[2])
        if known is None or known.revoked_utc or not hmac.compare_digest(known.token_hash, digest):
            raise AuthenticationError(_UNKNOWN)
        with self._guard:
            self._seen[digest] = now, known
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        return known


class LetInDevices:
    """Which devices may hand in, by name: the broker has seen to it that a message is of the device it says.

    Args:
        store: Records.
        clock: Time.
    """

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._looked = -_TRUSTED_SECONDS
        self._known: frozenset[tuple[str, str]] = frozenset()

    def holds(self, community: str, name: str) -> bool:
        """May this one, as the store said at most two seconds ago?"""
        now = self._clock.now_utc()
        if not 0 <= now - self._looked < _TRUSTED_SECONDS:
            with self._store.reading() as records:
                devices = records.devices()
            self._known = frozenset(
                (device.community, device.name) for device in devices if not device.revoked_utc
            )
            self._looked = now
        return (community, name) in self._known


def mqtt_files(
    store: RecordStore, own_password: str, random_bytes: Callable[[int], bytes]
) -> tuple[str, str]:
    """What Mosquitto's ``password_file`` and ``acl_file`` say of the devices that are let in.

    A device's user name is ``community/name``, its password the token. It may publish below
    ``partage/<community>/<name>/`` and read the answers there; the user ``partage`` reads all of it and answers.

    Args:
        store: Records.
        own_password: Of the user ``partage``.
        random_bytes: Source of salts; takes a length.
    """
    with store.reading() as records:
        devices = [device for device in records.devices() if not device.revoked_utc]
    passwords = [f"{MQTT_USER}:{_mqtt_hash(own_password, random_bytes(_SALT_BYTES))}"]
    passwords += [f"{device.community}/{device.name}:{device.mqtt_hash}" for device in devices]
    rules = [f"user {MQTT_USER}", "topic read partage/+/+/readings/#", "topic write partage/+/+/answers", ""]
    for device in devices:
        place = f"partage/{device.community}/{device.name}"
        rules += [
            f"user {device.community}/{device.name}",
            f"topic write {place}/readings/#",
            f"topic read {place}/answers",
            "",
        ]
    return "".join(f"{line}\n" for line in passwords), "\n".join(rules)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _mqtt_hash(token: str, salt: bytes) -> str:
    """PBKDF2 with SHA-512 as ``mosquitto_passwd`` writes it: ``$7$rounds$salt$hash``, both in Base64."""
    key = hashlib.pbkdf2_hmac("sha512", token.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
