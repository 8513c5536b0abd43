"""Keeping the load profiles that networks came with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from backend.grid import ConnectionSeries

__all__ = ["ProfileStore"]


class ProfileStore(Protocol):
    """Load profiles by network."""

    def put(self, network: str, profiles: ConnectionSeries | None) -> None:
        """Keep a network's, in the place of what was there; None for a network without."""
        ...

    def profiles(self, network: str) -> ConnectionSeries | None:
        """A network's, None where it has none."""
        ...

    def forget(self, network: str, rows: Collection[int]) -> None:
        """Destroy the profiles of some connections; doing it again changes nothing. [rows in the network's order]"""
        ...
