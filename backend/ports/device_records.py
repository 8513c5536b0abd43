"""Records of devices: programs that hand in a community's readings by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DeviceRecord", "DeviceRecords"]


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A device: may write readings of one community, and nothing else.

    Attributes:
        community: Its id.
        name: In the community: a-z, 0-9, dash.
        token_hash: SHA-256 of its token, hexadecimal; the token is kept nowhere.
        mqtt_hash: What the broker's password file has of the same token.
        added_utc: [s since 1970, UTC]
        revoked_utc: Since when it may no longer, 0 while it may. [s since 1970, UTC]
    """

    community: str
    name: str
    token_hash: str
    mqtt_hash: str
    added_utc: int
    revoked_utc: int = 0


class DeviceRecords(Protocol):
    """What the store keeps of them, inside one transaction."""

    def put_device(self, record: DeviceRecord) -> None:
        """Keep a device as it is now."""
        ...

    def device(self, community: str, name: str) -> DeviceRecord | None:
        """By name, None where there is none."""
        ...

    def devices(self, community: str | None = None) -> Sequence[DeviceRecord]:
        """Of a community, or all, revoked ones too, by community and name."""
        ...
