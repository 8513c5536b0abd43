"""Where a community is, for the sun over it, its weather and its public holidays: the ``[site]`` table of its file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from backend.errors import CommunityDefinitionError

if TYPE_CHECKING:
    from backend.community.tables import Table

__all__ = ["SITE_KEYS", "CommunitySite", "read_site"]

_ALTITUDE_LOW, _ALTITUDE_HIGH = -500.0, 9000.0
_SUBDIVISION_MAX = 8


@dataclass(frozen=True, slots=True)
class CommunitySite:
    """A place, as exactly as forecasts need it: two decimals are a kilometre, and tell nobody's door.

    Attributes:
        latitude: North positive. [°]
        longitude: East positive. [°]
        altitude: Above the sea. [m]
        subdivision: ISO 3166-2 part behind the hyphen, for holidays of a region; empty for none.
    """

    latitude: float
    longitude: float
    altitude: float = 0.0
    subdivision: str = ""

    def __post_init__(self) -> None:
        word = self.subdivision
        if word and not (word.isascii() and word.isalnum() and len(word) <= _SUBDIVISION_MAX):
            raise CommunityDefinitionError(
                f'[site] subdivision is "{word}"; write what stands behind the hyphen of ISO 3166-2, such as "BY".'
            )


SITE_KEYS = tuple(field.name for field in fields(CommunitySite))


def read_site(table: Table | None) -> CommunitySite | None:
    """Read the ``[site]`` table, None where there is none.

    Raises:
        CommunityDefinitionError: If a value does not fit.
    """
    if table is None:
        return None
    return CommunitySite(
        latitude=table.number("latitude", -90, 90),
        longitude=table.number("longitude", -180, 180),
        altitude=table.number("altitude", _ALTITUDE_LOW, _ALTITUDE_HIGH) if table.has("altitude") else 0.0,
        subdivision=table.text("subdivision", ""),
    )
