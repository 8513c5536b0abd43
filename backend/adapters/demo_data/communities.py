"""The demonstration's two communities: their files as text, from the measured homes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.demo_data.homes import FIRST_HOUR_UTC, MeasuredHomes, read_homes
from backend.adapters.demo_data.parties import write_demo_parties
from backend.adapters.meter_files import write_generic_csv
from backend.community import (
    Community,
    Direction,
    GovernanceTerms,
    MeteringPoint,
    Participant,
    PriceWindow,
    Rule,
    SharingKeyChoice,
    Tariff,
    VatStatus,
    write_definition,
)
from backend.errors import NotFoundError
from backend.metering import Quality, ReadingTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DEMO_NAMES", "FAULTY_HOMES", "DemoCommunity", "build_demo"]

FAULTY_HOMES = (12, 15)  # their load follows the sun: SOURCE.md
ROOF_KILOWATTS = 36
_ROOF_NOTE = (
    "Composed from real profiles: the measured loads of 15 homes in California (CityLearn Challenge 2022) and one "
    "36 kW roof that follows the median production of theirs. The prices are illustrative."
)
_STREET_NOTE = (
    "17 real homes in California with a solar roof each (CityLearn Challenge 2022). Import and export are the hourly "
    "difference of load and solar. Real registers are not hourly nets: they count within the hour and show more of "
    "both. The prices are illustrative."
)


@dataclass(frozen=True)
class DemoCommunity:
    """A community of the demonstration, as the files of a user.

    Attributes:
        name: ``roof`` or ``street``, which is also its id.
        definition_toml: The community file.
        parties_toml: Who is who on its invoices, all of it invented.
        readings_csv: The readings of 8,760 hours in the generic form.
        note: What the figures are, to be shown with them.
        carbon_start_utc: Start of the first hour of ``carbon``. [s since 1970, UTC]
        carbon: Carbon intensity of the grid by hour, shape (8760,), int64. [µg CO2/kWh]
    """

    name: str
    definition_toml: str
    parties_toml: str
    readings_csv: bytes
    note: str
    carbon_start_utc: int
    carbon: NDArray[np.int64]


def build_demo(name: str) -> DemoCommunity:
    """Build one of the demonstration's communities.

    Args:
        name: ``roof``: the 15 homes with sound meters at their gross load, and one shared roof of 36 kW. ``street``:
            all 17 homes with their own roofs, as delivered, faulty meters included.

    Raises:
        NotFoundError: If there is none of that name.
    """
    build = _BUILDERS.get(name)
    if build is None:
        raise NotFoundError(f"there is no demo {name!r}; choose one of {', '.join(DEMO_NAMES)}.")
    homes = read_homes()
    community, energy = build(homes)
    return DemoCommunity(
        name=name,
        definition_toml=write_definition(community),
        parties_toml=write_demo_parties(community),
        readings_csv=write_generic_csv(_tabulate(community, energy)),
        note=community.note,
        carbon_start_utc=FIRST_HOUR_UTC,
        carbon=homes.carbon,
    )


def _build_roof(homes: MeasuredHomes) -> tuple[Community, NDArray[np.int64]]:
    sound = homes.without(*FAULTY_HOMES)
    participants = [_home(number) for number in sound.numbers]
    points = [_load(number) for number in sound.numbers]
    participants.append(Participant("roof", "Shared roof", VatStatus.EXEMPT, headers_consent=True))
    points.append(_roof("roof-solar", "roof", ROOF_KILOWATTS))
    energy = np.vstack([sound.gross_loads(), sound.median_roof(ROOF_KILOWATTS)])
    return _community("roof", "Shared roof", participants, points, _ROOF_NOTE), energy


def _build_street(homes: MeasuredHomes) -> tuple[Community, NDArray[np.int64]]:
    participants, points, rows = [], [], []
    imports, exports = homes.imports_and_exports()
    for index, number in enumerate(homes.numbers):
        participants.append(_home(number))
        points.append(_load(number))
        points.append(_roof(f"home-{number:02d}-solar", f"home-{number:02d}", homes.nominal_kilowatts[index]))
        rows += [imports[index], exports[index]]
    return _community("street", "Solar street", participants, points, _STREET_NOTE), np.stack(rows)


_BUILDERS: dict[str, Callable[[MeasuredHomes], tuple[Community, NDArray[np.int64]]]] = {
    "roof": _build_roof,
    "street": _build_street,
}
DEMO_NAMES = tuple(_BUILDERS)


def _home(number: int) -> Participant:
    # Every other home lets its neighbours see its sums, so that a demonstration shows both ways.
    return Participant(f"home-{number:02d}", f"Home {number}", headers_consent=number % 2 == 0)


def _load(number: int) -> MeteringPoint:
    return MeteringPoint(f"home-{number:02d}-load", f"home-{number:02d}", Direction.CONSUMPTION)


def _roof(point: str, participant: str, kilowatts: int) -> MeteringPoint:
    return MeteringPoint(
        point, participant, Direction.FEED_IN, source="solar", max_power_watts=kilowatts * 1000
    )


def _community(
    demo: str, name: str, participants: list[Participant], points: list[MeteringPoint], note: str
) -> Community:
    tariff = Tariff(
        shared_price=120_000,
        residual_prices=(160_000, 250_000),
        windows=(PriceWindow(0, 6 * 60, 0), PriceWindow(6 * 60, 24 * 60, 1)),
        surplus_price=60_000,
        network_price=45_000,
        monthly_fee=200,
        vat_ppm=200_000,
        vat_status=VatStatus.EXEMPT,
    )
    return Community(
        id=demo,
        name=name,
        country="none",
        time_zone="Etc/GMT+8",
        currency="EUR",
        resolution_minutes=60,
        participants=tuple(participants),
        metering_points=tuple(points),
        rule=Rule(SharingKeyChoice("dynamic"), tariff),
        note=note,
        # Votes begin at once, so that whoever tries one need not wait a day.
        governance=GovernanceTerms(voting_delay_hours=0, timelock_hours=1),
    )


def _tabulate(community: Community, energy: NDArray[np.int64]) -> ReadingTable:
    """Readings of the points in their order. ``energy`` has shape (points, hours). [mWh]"""
    count, hours = energy.shape
    return ReadingTable(
        metering_points=tuple(point.id for point in community.metering_points),
        point=np.repeat(np.arange(count, dtype=np.int32), hours),
        start_utc=np.tile(FIRST_HOUR_UTC + 3600 * np.arange(hours, dtype=np.int64), count),
        energy=energy.ravel(),
        quality=np.full(count * hours, Quality.MEASURED, dtype=np.uint8),
        resolution_minutes=community.resolution_minutes,
    )
