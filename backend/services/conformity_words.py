"""Names of the conformity rules, of their parameters and of what becomes of readings, in the languages of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ESTIMATION_METHODS", "PARAMETERS", "RULES", "TREATMENTS", "name_parameter", "name_rule"]

#: By id; ``habit`` is the table that ``high`` and ``low`` share, ``estimation`` that of what fills gaps.
RULES: Mapping[str, tuple[str, str]] = {
    "gap": ("Missing readings", "Relevés manquants"),
    "interval-count": ("Another step", "Un autre pas"),
    "negative": ("Energy below zero", "Énergie négative"),
    "duplicate": ("Readings twice", "Relevés en double"),
    "overlap": ("Overlapping intervals", "Intervalles qui se chevauchent"),
    "off-grid": ("Readings between intervals", "Relevés entre deux intervalles"),
    "clock-change": ("Long day given as a short one", "Jour long donné comme un court"),
    "range": ("More than the connection carries", "Plus que le raccordement ne porte"),
    "unit": ("Wrong unit", "Mauvaise unité"),
    "multiplier": ("Wrong factor", "Mauvais facteur"),
    "spike": ("Spike", "Pointe isolée"),
    "stuck": ("Same value again and again", "Valeur figée"),
    "silent": ("Nothing at all for long", "Long silence"),
    "zero-run": ("Zero for too long", "Zéro trop longtemps"),
    "habit": ("Days off the own history", "Jours hors de l'historique"),
    "high": ("Days above the own history", "Jours au-dessus de l'historique"),
    "low": ("Days below the own history", "Jours en dessous de l'historique"),
    "register": ("Against the register", "Face à l'index du compteur"),
    "feeder": ("Against the feeder's meter", "Face au compteur du départ"),
    "clock-drift": ("Clock drift", "Dérive de l'horloge"),
    "feed-in-at-night": ("Solar feed-in at night", "Injection solaire la nuit"),
    "clear-sky": ("More than a clear sky gives", "Plus qu'un ciel clair ne donne"),
    "swapped": ("Use and feed-in exchanged", "Soutirage et injection échangés"),
    "load-follows-sun": ("Use that follows the sun", "Consommation qui suit le soleil"),
    "estimation": ("Estimates of what is missing", "Estimation de ce qui manque"),
}
#: By name; by table and name where the name means something else there.
PARAMETERS: Mapping[str, tuple[str, str]] = {
    "blocks": ("blocks of four hours taken together", "blocs de quatre heures pris ensemble"),
    "clear_sky.quantile_ppm": (
        "best ratios that tell the capacity",
        "meilleurs rapports qui disent la puissance",
    ),
    "correlation_ppm": (
        "likeness to the others' feed-in, at least",
        "ressemblance à l'injection des autres, au moins",
    ),
    "dark_ppm": ("feed-in in the dark, at least", "injection dans l'obscurité, au moins"),
    "day_ppm": ("of the third highest of the day, at least", "du troisième plus haut du jour, au moins"),
    "days": ("days, at least", "jours, au moins"),
    "elevation_degrees": ("height of the sun, at least", "hauteur du soleil, au moins"),
    "estimation.method": ("method", "méthode"),
    "factor": ("factor, at least", "facteur, au moins"),
    "factor_ppm": ("factor, at least", "facteur, au moins"),
    "feed_in_at_night.elevation_degrees": (
        "sun below the horizon, at least",
        "soleil sous l'horizon, au moins",
    ),
    "habit.days": ("days of history, at least", "jours d'historique, au moins"),
    "habit.quantile_ppm": ("days that are usual", "jours habituels"),
    "high_ppm": ("of a usual high day, at least", "d'un jour habituel fort, au moins"),
    "history_ppm": ("of what the history knows, at least", "de ce que connaît l'historique, au moins"),
    "hours": ("length, at least", "durée, au moins"),
    "interval_count.days": ("days in a row, at least", "jours de suite, au moins"),
    "intervals": ("repetitions, at least", "répétitions, au moins"),
    "load_alike_ppm": (
        "consumption: likeness once moved, at least",
        "soutirage : ressemblance une fois décalé, au moins",
    ),
    "load_dark_ppm": ("consumption in the dark, at most", "soutirage dans l'obscurité, au plus"),
    "load_gain_ppm": ("consumption: gain by moving, at least", "soutirage : gain du décalage, au moins"),
    "load_window_days": (
        "consumption: days compared on each side",
        "soutirage : jours comparés de chaque côté",
    ),
    "losses_ppm": ("losses of the lines, at most", "pertes des lignes, au plus"),
    "low_ppm": ("of a usual low day, at most", "d'un jour habituel faible, au plus"),
    "minutes": ("shift, at least", "décalage, au moins"),
    "most_hours": ("length, at most", "durée, au plus"),
    "most_minutes": ("shift, at most", "décalage, au plus"),
    "night_ppm": ("night against day, at most", "nuit face au jour, au plus"),
    "peers": ("others to compare with, at least", "autres points à comparer, au moins"),
    "ratio_ppm": ("of what a clear sky gives, at least", "de ce que donne un ciel clair, au moins"),
    "register.factor_ppm": ("deviation of a factor, at most", "écart d'un facteur, au plus"),
    "share_ppm": ("of a usual high interval, at least", "d'un intervalle habituel fort, au moins"),
    "spike.intervals": ("intervals of a spike, at most", "intervalles d'une pointe, au plus"),
    "spread_ppm": ("spread of the factor, at most", "dispersion du facteur, au plus"),
    "tolerance_ppm": ("tolerance, as a part", "tolérance, en proportion"),
    "tolerance_watt_hours": ("tolerance", "tolérance"),
    "usual_ppm": ("days below the usual peak", "jours sous la pointe habituelle"),
    "watts": ("power, at least", "puissance, au moins"),
    "weather_ppm": ("likeness in changes of weather, at least", "ressemblance au gré du temps, au moins"),
    "window_days": ("days compared on each side", "jours comparés de chaque côté"),
}
TREATMENTS: Mapping[str, tuple[str, str]] = {
    "corrupt": ("goes back to the operator", "renvoyé au gestionnaire"),
    "non-standard": ("is converted and loaded again", "converti, puis chargé à nouveau"),
    "useless": ("counts as missing", "compté comme manquant"),
    "estimable": ("counts as missing and is estimated", "compté comme manquant, puis estimé"),
}

#: By which gaps are estimated: what each gives, and what it costs.
ESTIMATION_METHODS: Mapping[str, tuple[str, str]] = {
    "similar-days": (
        "by days that a contract can check",
        "par des jours qu'un contrat peut vérifier",
    ),
    "profiled": (
        "by three similar days and the register, which only a case can check",
        "par trois jours semblables et l'index, que seul un litige peut vérifier",
    ),
}


def name_rule(rule: str, language: int) -> str:
    """A rule's title by its id or by the name of its table."""
    return RULES[rule.replace("_", "-")][language]


def name_parameter(table: str, parameter: str, language: int) -> str:
    """What a parameter is called, after the title of its rule."""
    words = PARAMETERS.get(f"{table}.{parameter}") or PARAMETERS[parameter]
    return f"{name_rule(table, language)}, {words[language]}"
