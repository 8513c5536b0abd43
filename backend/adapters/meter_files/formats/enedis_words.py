"""Words of Enedis' files, by an explicit table: what is not here is told, never guessed.

Sources: Data Connect's Metering Data v4 and v5 (measure_type); the guides of the flows R63, R4x and R50 of the portal
SGE (Nature, Pas, Grandeur); the guide of the flow R15 for collective self-consumption (classes of measure 3 to 6:
*autoproduite* and *alloproduite* of a consumer, *autoconsommée* and *surplus* of a producer; Enedis-NOI-CF_110E).
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.metering import Quality
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import SeriesRole

__all__ = [
    "ACTIVE",
    "COLUMNS",
    "DIRECTIONS",
    "ENERGY_DECADES",
    "NATURES",
    "POWER_DECADES",
    "SHARES",
    "STAGES",
    "ZONE",
]

ZONE = "Europe/Paris"
"""Of all that Enedis stamps: legal time of the mainland, which is all that it serves."""

NATURES: Mapping[str, Quality] = {
    "B": Quality.MEASURED,  # brut
    "R": Quality.MEASURED,  # réel
    "C": Quality.EDITED,  # corrigé
    "E": Quality.ESTIMATED,  # estimé
    "H": Quality.EDITED,  # puissance reconstituée
    "P": Quality.EDITED,  # puissance reconstituée et coupure
    "K": Quality.EDITED,  # dérivé d'une autre courbe
    "D": Quality.EDITED,  # importé à la main
    "S": Quality.MEASURED,  # coupure secteur
    "T": Quality.MEASURED,  # coupure secteur courte
    "F": Quality.MEASURED,  # début de coupure
    "G": Quality.MEASURED,  # fin de coupure
}
"""Of a point: measure_type, n, Nature."""

STAGES: Mapping[str, Quality] = {
    "": Quality.MEASURED,
    "BRUT": Quality.MEASURED,
    "COMPTAGE BRUT": Quality.MEASURED,
    "MESURE": Quality.MEASURED,
    "BEST": Quality.MEASURED,
    "CORRIGE": Quality.EDITED,
    "COMPTAGE CORRIGE": Quality.EDITED,
}
"""Of a whole series, folded to capitals without accents: what a point is that does not say it itself."""

DIRECTIONS: Mapping[str, int] = {
    "cons": CONSUMPTION,
    "consommation": CONSUMPTION,
    "soutirage": CONSUMPTION,
    "prod": FEED_IN,
    "production": FEED_IN,
    "injection": FEED_IN,
}
"""Grandeur métier, folded."""

ACTIVE = frozenset({"pa", "ea", "energie active", "puissance active", "energie active totale"})
"""Grandeur physique, folded, of which energy is read; reactive energy and tension are told and left."""

POWER_DECADES: Mapping[str, int] = {"w": 0, "kw": 3}
"""Units of mean power, to watts."""
ENERGY_DECADES: Mapping[str, int] = {"wh": 3, "kwh": 6, "mwh": 9}
"""Units of energy, to milliwatt-hours."""

COLUMNS: Mapping[str, str] = {
    "identifiant prm": "prm",
    "prm": "prm",
    "id prm": "prm",
    "identifiant du point": "prm",
    "numero de prm": "prm",
    "type de donnees": "kind",
    "date de debut": "first",
    "date de fin": "last",
    "grandeur physique": "quantity",
    "grandeur metier": "direction",
    "etape metier": "stage",
    "unite": "unit",
    "horodate": "stamp",
    "date et heure": "stamp",
    "horodatage": "stamp",
    "valeur": "value",
    "nature": "nature",
    "pas": "step",
    "pas en minutes": "step_minutes",
    "mode calcul": "ignored",
    "mode de calcul": "ignored",
    "tc": "ignored",
    "type de correction": "ignored",
    "iv": "ignored",
    "indice de vraisemblance": "ignored",
    "indice de qualite": "ignored",
    "ec": "ignored",
    "etat complementaire": "ignored",
    "etat compl.": "ignored",
}
"""Columns of the exports since 2019, folded, and what they hold."""

SHARES: Mapping[str, tuple[int | None, SeriesRole]] = {
    "consommation": (CONSUMPTION, SeriesRole.MEASURED),
    "consommation totale": (CONSUMPTION, SeriesRole.MEASURED),
    "soutirage": (CONSUMPTION, SeriesRole.MEASURED),
    "autoproduit": (CONSUMPTION, SeriesRole.ALLOCATED),
    "autoproduite": (CONSUMPTION, SeriesRole.ALLOCATED),
    "consommation autoproduite": (CONSUMPTION, SeriesRole.ALLOCATED),
    "consommation autoconsommee": (CONSUMPTION, SeriesRole.ALLOCATED),
    "alloproduit": (CONSUMPTION, SeriesRole.RESIDUAL),
    "alloproduite": (CONSUMPTION, SeriesRole.RESIDUAL),
    "consommation alloproduite": (CONSUMPTION, SeriesRole.RESIDUAL),
    "complement": (CONSUMPTION, SeriesRole.RESIDUAL),
    "production": (FEED_IN, SeriesRole.MEASURED),
    "production totale": (FEED_IN, SeriesRole.MEASURED),
    "injection": (FEED_IN, SeriesRole.MEASURED),
    "production autoconsommee": (FEED_IN, SeriesRole.SHARED),
    "injection autoconsommee": (FEED_IN, SeriesRole.SHARED),
    "surplus": (FEED_IN, SeriesRole.SURPLUS),
    "production surplus": (FEED_IN, SeriesRole.SURPLUS),
    "surplus collectif": (FEED_IN, SeriesRole.SURPLUS),
    "autoconsomme": (None, SeriesRole.SHARED),  # of either direction: the other columns tell which
    "autoconsommee": (None, SeriesRole.SHARED),
}
"""Columns of collective self-consumption, folded, without unit: direction, where the word has one, and role."""
