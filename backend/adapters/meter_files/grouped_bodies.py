"""Bodies that came together, read together: short ones in their usual form at once, all others one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backend.adapters.meter_files.bodies import columns_of, read_body
from backend.adapters.meter_files.plain_bodies import read_plain
from backend.errors import PartageError
from backend.metering import Finding, ReadingTable

__all__ = ["read_bodies"]

_SHORT_BYTES_MAX = 256 * 1024

Outcome = tuple[ReadingTable, list[Finding]] | PartageError


def read_bodies(
    bodies: Sequence[tuple[bytes, str]], *, known_points: Collection[str], resolution_minutes: int
) -> list[Outcome]:
    """Read bodies, each whole or not at all, and by itself.

    Args:
        bodies: Each with its media type.
        known_points: Metering points that may be in them.
        resolution_minutes: The step that every reading must have. [min]

    Returns:
        Of each what ``read_body`` would have returned or raised.
    """
    plain = {}
    for place, (body, media_type) in enumerate(bodies) if len(bodies) > 1 else ():
        columns = columns_of(body, media_type) if len(body) <= _SHORT_BYTES_MAX else None
        if columns is not None:
            plain[place] = columns
    tables = read_plain(list(plain.values()), known_points, resolution_minutes) if plain else None
    found: dict[int, Outcome] = {}
    for place, table in zip(plain, tables or (), strict=False):
        found[place] = (table, [])
    return [
        found.get(place) or _read_alone(body, media_type, known_points, resolution_minutes)
        for place, (body, media_type) in enumerate(bodies)
    ]


def _read_alone(
    body: bytes, media_type: str, known_points: Collection[str], resolution_minutes: int
) -> Outcome:
    try:
        return read_body(body, media_type, known_points=known_points, resolution_minutes=resolution_minutes)
    except PartageError as error:
        return error
