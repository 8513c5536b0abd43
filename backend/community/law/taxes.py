"""Rebates of the network's price and exemptions from excise, by country."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from backend.community.law.provisions import Excise, Rebate
from backend.community.members import Direction

if TYPE_CHECKING:
    from backend.community.members import Community

__all__ = ["EXCISES", "REBATES"]

_MEGAWATT = 1_000_000
_RENEWABLE = frozenset({"solar", "wind", "hydro", "biomass", "biogas", "geothermal", "storage"})


def _switzerland_rebate(community: Community, on: date) -> Rebate | None:
    """40 %, or 20 % where the energy passes a transformer of another level (StromVV art. 19h)."""
    if on < date(2026, 1, 1) or (community.legal.form or "leg") != "leg":
        return None
    if community.legal.same_transformer is False:
        return Rebate(
            200_000, "StromVG art. 17e al. 3, StromVV art. 19h: a transformation between grid levels is used"
        )
    return Rebate(400_000, "StromVG art. 17e al. 3, StromVV art. 19h")


def _austria_rebate(community: Community, on: date) -> Rebate | None:
    """Local 57 %; regional 28 % on levels 6 and 7, 64 % on 4 and 5 (SNE-V 2018 § 5 Abs. 1a)."""
    article = "ElWOG 2010 § 52 Abs. 2a, SNE-V 2018 § 5 Abs. 1a"
    form = community.legal.form or "local"
    if on < date(2021, 11, 1):
        return None
    if form == "local":
        return Rebate(570_000, article)
    if form == "regional":
        return Rebate(640_000 if community.legal.grid_level in {4, 5} else 280_000, article)
    return None


def _france_excise(community: Community, on: date) -> Excise:
    """Nil where each plant is renewable and below 1 MW, for shared energy since 1 March 2025."""
    article = "CIBS art. L. 312-79 et L. 312-87 (loi n° 2025-127 du 14 février 2025, art. 75)"
    if on < date(2025, 3, 1):
        return Excise(
            exempt=False,
            article=article,
            message="before 1 March 2025 only energy of the consumer's own plants was free",
        )
    plants = [point for point in community.metering_points if point.direction is Direction.FEED_IN]
    for plant in plants:
        if plant.max_power_watts is None or plant.source is None:
            return Excise(
                exempt=False,
                article=article,
                message=f"{plant.id} lacks max_power_watts or source; both are needed to claim the nil rate",
            )
        if plant.max_power_watts >= _MEGAWATT or plant.source not in _RENEWABLE:
            kilowatts = plant.max_power_watts // 1000
            return Excise(
                exempt=False,
                article=article,
                message=f"{plant.id} ({plant.source}, {kilowatts} kW) is not renewable below 1 MW",
            )
    return Excise(
        exempt=True, article=article, message=f"all {len(plants)} plants are renewable and below 1 MW"
    )


def _austria_excise(community: Community, on: date) -> Excise:
    """Renewable energy that members of an energy community produce and use themselves (BGBl. I Nr. 18/2021 ff.)."""
    article = "Elektrizitätsabgabegesetz § 2 Abs. 1 Z 4, BGBl. II Nr. 121/2025"
    plants = [point for point in community.metering_points if point.direction is Direction.FEED_IN]
    other = [plant.id for plant in plants if plant.source not in _RENEWABLE]
    if on < date(2022, 7, 1) or other:
        return Excise(
            exempt=False,
            article=article,
            message=f"not renewable, or of unknown source: {', '.join(other) or 'too early'}",
        )
    return Excise(exempt=True, article=article, message=f"all {len(plants)} plants are renewable")


REBATES: Mapping[str, Callable[[Community, date], Rebate | None]] = {
    "AT": _austria_rebate,
    "CH": _switzerland_rebate,
}
EXCISES: Mapping[str, Callable[[Community, date], Excise]] = {"AT": _austria_excise, "FR": _france_excise}
