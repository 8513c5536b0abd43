"""A network in Partage's own form, as ``partage grid export`` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.networks.texts import read_network_json, read_network_text
from backend.grid.network_form import read_network
from backend.ports.network_files import NetworkReading

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_partage"]


def read_partage(path: Path) -> NetworkReading:
    """Read a network in our own form.

    Raises:
        NetworkError: If it is another form, or damaged.
    """
    read_network_json(path)  # what is no JSON is told as such, and with its place
    return NetworkReading(read_network(read_network_text(path)), None, (), "partage")
