"""Published charging sessions of Norwegian apartment buildings, from their files."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from backend.forecasting.session_rows import read_sessions

if TYPE_CHECKING:
    from pathlib import Path

    from backend.forecasting.charging import Sessions

__all__ = ["read_session_file"]


def read_session_file(file: Path, time_zone: str = "Europe/Oslo") -> dict[str, Sessions]:
    """Sessions of a file by place, from a .csv or a .csv.gz."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return read_sessions(content.decode("utf-8-sig").splitlines(), time_zone)
