"""The profiles: France, Austria, Germany, Spain, Italy, Portugal, Belgium, Luxembourg, Switzerland."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from backend.community.law.conditions import (
    CoefficientsSumToOne,
    HandedInAsCoefficients,
    HourlyIntervals,
    OperatorAllocates,
    SurplusOfConsumers,
    WholePoints,
)
from backend.community.law.perimeters import (
    Declared,
    MinimumGeneration,
    OneGridLevel,
    PrimarySubstation,
    WithinDistance,
    WithinDistanceByVoltage,
    WithinPower,
)
from backend.community.law.provisions import Dated, Form, Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.community.law.provisions import Provision

__all__ = ["PROFILES"]

_KILO, _MEGA = 1_000, 1_000_000
# Any way to share energy physically; ``incentive`` nets nothing and is Italy's.
_ANY = frozenset(
    {"dynamic", "static", "equal", "static_cascade", "hybrid", "scheduled", "pairwise", "priority", "flow"}
)


def _since(year: int, month: int, day: int, value: int, article: str) -> tuple[Dated[int], ...]:
    return (Dated(date(year, month, day), value, article),)


def _steps(article: str, *values: tuple[date, tuple[int, ...]]) -> tuple[Dated[tuple[int, ...]], ...]:
    return tuple(Dated(since, steps, article) for since, steps in values)


def _france() -> Profile:
    keys = "Code de l'énergie, art. D. 315-6"
    proximity = "arrêté du 21 novembre 2019, art. 1er"
    raised = "arrêté du 21 novembre 2019, art. 1er, modifié par l'arrêté du 21 février 2025"
    power = (
        Dated(date(2019, 11, 25), 3 * _MEGA, proximity),
        Dated(date(2025, 3, 6), 5 * _MEGA, raised),
    )
    extended = date(2019, 11, 25)
    by_derogation = f"{proximity}, dérogation du ministre"
    coefficients = HandedInAsCoefficients(keys)

    def form(
        name: str, since: date, *provisions: Provision, article: str = "Code de l'énergie, art. L. 315-2"
    ) -> Form:
        return Form(name, since, article, _ANY, keys, (*provisions, coefficients))

    return Profile(
        "FR",
        "extended",
        {
            "building": form("autoconsommation collective", date(2017, 5, 1)),
            "extended": form(
                "autoconsommation collective étendue",
                extended,
                WithinDistance(
                    _since(2019, 11, 25, 2 * _KILO, proximity),
                    'ask the ministry for up to 20 km and write form = "derogation", or share within the EPCI',
                ),
                WithinPower(power, 'as a public body within its EPCI up to 10 MW: form = "epci"'),
            ),
            "derogation": form(
                "autoconsommation collective étendue, dérogation",
                extended,
                WithinDistance(_since(2020, 10, 14, 20 * _KILO, by_derogation), "part the operation"),
                WithinPower(power, "part the operation"),
            ),
            "epci": form(
                "autoconsommation collective étendue, ressort de l'EPCI",
                date(2025, 3, 6),
                WithinPower(_since(2025, 3, 6, 10 * _MEGA, raised), "part the operation"),
                Declared(
                    raised,
                    "one participant is the commune or EPCI, all are bodies with a public-service mission, and all "
                    "points lie in its territory",
                ),
            ),
        },
        _steps(
            "Code de l'énergie, art. D. 315-1: the step of the settlement of imbalances (L. 321-15)",
            (date(2017, 5, 1), (30,)),
            (date(2025, 1, 1), (15,)),
        ),
    )


def _austria() -> Profile:
    keys = "ElWOG 2010 § 16e Abs. 1 Z 2 (from 1 October 2026 ElWG §§ 66 ff.)"
    both = frozenset({"dynamic", "static"})
    operator = OperatorAllocates("ElWOG 2010 § 16e Abs. 1")
    several = Declared(
        "ElWOG 2010 § 16d Abs. 2a (since 8 April 2024)",
        "a metering point may be in up to five communities, its participation factors summing to at most 100 %",
    )
    near = "ElWOG 2010 § 16c Abs. 2"

    def form(name: str, since: date, article: str, *provisions: Provision) -> Form:
        return Form(name, since, article, both, keys, (*provisions, operator, several))

    return Profile(
        "AT",
        "local",
        {
            "building": form("Gemeinschaftliche Erzeugungsanlage", date(2017, 7, 27), "ElWOG 2010 § 16a"),
            "local": form(
                "Erneuerbare-Energie-Gemeinschaft, lokal", date(2021, 7, 28), near, OneGridLevel((6, 7), near)
            ),
            "regional": form(
                "Erneuerbare-Energie-Gemeinschaft, regional",
                date(2021, 7, 28),
                near,
                OneGridLevel((4, 5, 6, 7), near),
            ),
            "citizens": form("Bürgerenergiegemeinschaft", date(2021, 7, 28), "ElWOG 2010 § 16b"),
        },
        _steps("ElWOG 2010 § 16e Abs. 1, § 84: quarter-hours", (date(2017, 7, 27), (15,))),
    )


def _germany() -> Profile:
    default = Declared(
        "EnWG § 42b Abs. 5", 'where the contract is silent each participant has an equal part: method "equal"'
    )
    zone = Declared(
        "EnWG § 42c Abs. 4",
        "all points lie in one distribution operator's balancing area; from 1 June 2028 also in an adjacent one",
    )
    return Profile(
        "DE",
        "sharing",
        {
            "building": Form(
                "Gemeinschaftliche Gebäudeversorgung",
                date(2024, 5, 16),
                "EnWG § 42b",
                _ANY,
                "EnWG § 42b Abs. 2 Nr. 1, Abs. 5",
                (
                    default,
                    Declared(
                        "EnWG § 42b Abs. 1", "generation and use lie in or on one building, no grid between"
                    ),
                ),
            ),
            "sharing": Form(
                "gemeinsame Nutzung (Energy Sharing)",
                date(2026, 6, 1),
                "EnWG § 42c",
                _ANY,
                "EnWG § 42c Abs. 1 Nr. 4",
                (zone,),
            ),
        },
        _steps("EnWG § 42b Abs. 5, § 42c; MsbG § 55: quarter-hours", (date(2024, 5, 16), (15,))),
    )


def _spain() -> Profile:
    keys = "Real Decreto 244/2019, anexo I; Orden TED/1247/2021"
    through_network = "Real Decreto 244/2019, art. 3.g) iii"
    common = (CoefficientsSumToOne(keys), SurplusOfConsumers("Real Decreto 244/2019, art. 14"))
    methods = frozenset({"static", "equal", "scheduled"})
    limits = (
        Dated(date(2019, 4, 7), 500, through_network),
        Dated(date(2022, 10, 20), 2 * _KILO, f"{through_network}, RD-ley 18/2022 y 20/2022"),
    )

    def form(name: str, *provisions: Provision) -> Form:
        return Form(
            name, date(2019, 4, 7), "Real Decreto 244/2019, art. 4.3", methods, keys, (*provisions, *common)
        )

    return Profile(
        "ES",
        "distance",
        {
            "building": form("autoconsumo colectivo de red interior"),
            "transformer": form(
                "autoconsumo colectivo, mismo centro de transformación",
                Declared(
                    "Real Decreto 244/2019, art. 3.g) ii", "all points hang on one transformation centre"
                ),
            ),
            "distance": form(
                "autoconsumo colectivo próximo a través de red",
                WithinDistance(
                    limits,
                    'share within one transformation centre (form = "transformer") or one cadastral plot',
                ),
            ),
        },
        _steps("Real Decreto 244/2019, anexo I: hours", (date(2019, 4, 7), (60,))),
    )


def _italy() -> Profile:
    substation = "D.Lgs. 199/2021, art. 31; TIAD (ARERA 727/2022/R/eel), art. 1"
    plant = "DM 7 dicembre 2023 n. 414, art. 3, c. 2"
    return Profile(
        "IT",
        "cer",
        {
            "cer": Form(
                "comunità energetica rinnovabile",
                date(2024, 1, 24),
                "D.Lgs. 199/2021, art. 31",
                frozenset({"incentive"}),
                "D.Lgs. 199/2021, art. 32: shared energy is counted, nothing is netted; TIAD, art. 10",
                (
                    HourlyIntervals("D.Lgs. 199/2021, art. 30, c. 1; TIAD, art. 1"),
                    PrimarySubstation(substation),
                    WithinPower(
                        _since(2024, 1, 24, _MEGA, plant),
                        "larger plants share without premium",
                        each=True,
                        inclusive=True,
                    ),
                ),
            )
        },
        _steps("TIAD (ARERA 727/2022/R/eel), art. 1: hours", (date(2024, 1, 24), (60,))),
    )


def _portugal() -> Profile:
    modes = "Decreto-Lei 15/2022, art. 87; ERSE Regulamento 815/2023, art. 27"
    return Profile(
        "PT",
        "proximity",
        {
            "proximity": Form(
                "autoconsumo coletivo",
                date(2022, 1, 15),
                "Decreto-Lei 15/2022, art. 83",
                frozenset({"dynamic", "static", "equal", "scheduled", "priority", "hybrid"}),
                modes,
                (
                    WithinDistanceByVoltage(
                        {"low": 2 * _KILO, "medium": 4 * _KILO, "high": 10 * _KILO, "very_high": 20 * _KILO},
                        "Decreto-Lei 15/2022, art. 83, n.º 1 e 3",
                    ),
                ),
            )
        },
        _steps("ERSE Regulamento 815/2023: quarter-hours", (date(2022, 1, 15), (15,))),
    )


def _belgium() -> Profile:
    brussels = (
        "Ordonnance du 19 juillet 2001, art. 28bis ff.; BRUGEL, règlement technique: méthodes de répartition"
    )
    wallonia = "Décret du 12 avril 2001, art. 35nonies ff.; AGW du 17 mars 2023"
    flanders = "Energiedecreet, art. 7.2.1 ff.; Energiebesluit, art. 3.1.62/1 ff."
    register = "declare the sharing and its key to the distribution operator beforehand"
    return Profile(
        "BE",
        "brussels",
        {
            "brussels": Form(
                "partage d'énergie (Bruxelles)",
                date(2022, 4, 30),
                brussels,
                frozenset({"static", "equal", "static_cascade", "dynamic", "hybrid"}),
                brussels,
                (Declared(brussels, f"{register} (Sibelga); the perimeter A to D sets the network's price"),),
            ),
            "wallonia": Form(
                "partage d'énergie (Wallonie)",
                date(2023, 9, 30),
                wallonia,
                frozenset({"dynamic", "static", "equal"}),
                wallonia,
                (Declared(wallonia, register),),
            ),
            "flanders": Form(
                "energiedelen (Vlaanderen)",
                date(2022, 7, 1),
                flanders,
                frozenset({"static", "equal", "dynamic", "static_cascade", "pairwise"}),
                flanders,
                (Declared(flanders, f"{register} (Fluvius)"),),
            ),
        },
        _steps(
            "quarter-hours of the digital meter (régime de comptage 3, meetregime 3)",
            (date(2022, 4, 30), (15,)),
        ),
    )


def _luxembourg() -> Profile:
    law = "Loi modifiée du 1er août 2007, art. 8ter et 8quater"
    model = "Règlement ILR/E21/32; loi modifiée du 1er août 2007, art. 8quater"
    return Profile(
        "LU",
        "local",
        {
            "building": Form(
                "autoconsommateurs agissant de manière collective", date(2021, 2, 9), law, _ANY, model
            ),
            "local": Form(
                "communauté énergétique, locale",
                date(2021, 2, 9),
                law,
                _ANY,
                model,
                (
                    WithinDistance(
                        _since(2021, 2, 9, 300, "Loi modifiée du 1er août 2007, art. 1er (13quinquies)"),
                        'share as a national group: form = "national"',
                    ),
                ),
            ),
            "national": Form("communauté énergétique, nationale", date(2023, 6, 17), law, _ANY, model),
        },
        _steps("Règlement ILR/E21/32: quarter-hours", (date(2021, 2, 9), (15,))),
    )


def _switzerland() -> Profile:
    return Profile(
        "CH",
        "leg",
        {
            "zev": Form(
                "Zusammenschluss zum Eigenverbrauch (ZEV, vZEV)",
                date(2018, 1, 1),
                "EnG art. 17, EnV art. 14 ff.",
                _ANY,
                "EnG art. 17: the owners agree it",
            ),
            "leg": Form(
                "lokale Elektrizitätsgemeinschaft (LEG)",
                date(2026, 1, 1),
                "StromVG art. 17d",
                _ANY,
                "StromVG art. 17d al. 5: the members agree it",
                (
                    OneGridLevel((5, 7), "StromVG art. 17d al. 2 let. a, StromVV art. 19e"),
                    MinimumGeneration(50_000, "StromVG art. 17d al. 2 let. c, StromVV art. 19e"),
                    WholePoints("StromVV art. 19e al. 4"),
                    Declared(
                        "StromVG art. 17d al. 3",
                        "all points lie in one commune and one distribution operator's area",
                    ),
                ),
            ),
        },
        _steps("StromVV art. 8a: quarter-hours", (date(2018, 1, 1), (15,))),
    )


PROFILES: Mapping[str, Profile] = {
    profile.country: profile
    for profile in (
        _france(),
        _austria(),
        _germany(),
        _spain(),
        _italy(),
        _portugal(),
        _belgium(),
        _luxembourg(),
        _switzerland(),
    )
}
