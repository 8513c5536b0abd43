"""Differences between two rules in sentences with figures and units, in the languages of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.governance import Unit
from backend.services.conformity_words import ESTIMATION_METHODS, TREATMENTS, name_parameter, name_rule
from backend.services.rule_words import say_euros, say_percent, say_price

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backend.governance import Difference

__all__ = ["LOCALES", "describe_change", "describe_differences", "say_difference"]

LOCALES = ("en", "fr")
_HOUR_SECONDS = 3600

#: By field: what it is called.
LABELS: Mapping[str, tuple[str, str]] = {
    "settlement.contest_window": ("Time to contest a result", "Délai de contestation d'un résultat"),
    "allocation.source": ("Whose allocation binds", "Répartition qui fait foi"),
    "sharing_key.method": ("Sharing key", "Clé de répartition"),
    "sharing_key.surplus_owner": ("Who owns what is left over", "À qui revient le reste"),
    "sharing_key.schedule": ("When coefficients are handed in", "Remise des coefficients"),
    "sharing_key.coefficients_ppm": ("Part of {0}", "Part de {0}"),
    "sharing_key.pairs_ppm": ("Part of {1} in what {0} feeds in", "Part de {1} dans la production de {0}"),
    "sharing_key.tiers": ("Groups in order of service", "Groupes par ordre de service"),
    "sharing_key.producer_coefficients_ppm": (
        "Weight of {0} where the roofs feed in more than is used",
        "Poids de {0} quand les toits injectent plus que ce qui est consommé",
    ),
    "sharing_key.links.own_first": ("One's own roof serves oneself first", "Son propre toit d'abord"),
    "sharing_key.links.fairness_steps": (
        "Steps in which all are served alike",
        "Tranches servies également à tous",
    ),
    "sharing_key.links.costs": ("What decides between equals", "Ce qui départage"),
    "sharing_key.links.preferences": ("Roofs that {0} wants first", "Toits que {0} souhaite en premier"),
    "sharing_key.links.donations": ("{0} gives energy to {1}", "{0} donne de l'énergie à {1}"),
    "sharing_key.links.caps": ("Most power from {0} to {1}", "Puissance maximale de {0} à {1}"),
    "conformity.max_estimated_ppm": ("Most estimated readings", "Relevés estimés, au plus"),
    "conformity.max_missing_ppm": ("Most missing readings", "Relevés manquants, au plus"),
    "conformity.gaps": ("Consumption that was not measured", "Consommation non mesurée"),
    "conformity.rules.left_out": ("Readings are checked without: {0}", "Relevés contrôlés sans : {0}"),
    "conformity.rules.treatments": ("What is found by: {0}", "Ce que trouve : {0}"),
    "tariff.pricing": ("How the price of shared energy is set", "Fixation du prix de l'énergie partagée"),
    "tariff.shared_price": ("Price of shared energy", "Prix de l'énergie partagée"),
    "tariff.producer_prices": ("Price of the energy of {0}", "Prix de l'énergie de {0}"),
    "tariff.residual_price": (
        "Supplier's price, {0}",
        "Prix du fournisseur, {0}",
    ),
    "tariff.surplus_price": ("Price of surplus", "Prix du surplus"),
    "tariff.network_price": ("Network price", "Prix du réseau"),
    "tariff.network_shared_price": (
        "Network price for shared energy",
        "Prix du réseau pour l'énergie partagée",
    ),
    "tariff.excise_price": ("Excise on what is not covered", "Accise sur ce qui n'est pas couvert"),
    "tariff.excise_shared_price": ("Excise on shared energy", "Accise sur l'énergie partagée"),
    "tariff.premium_consumption_price": ("Premium for those who use it", "Prime pour qui la consomme"),
    "tariff.premium_feed_in_price": ("Premium for those who feed it in", "Prime pour qui l'injecte"),
    "tariff.monthly_fee": ("Monthly fee", "Cotisation mensuelle"),
    "tariff.vat_ppm": ("VAT rate", "Taux de TVA"),
    "community.vat_status": ("VAT status of the community", "Statut de TVA de la communauté"),
    "tariff.seller": ("Who sells the shared energy", "Qui vend l'énergie partagée"),
    "tariff.billed_by": ("The community bills: {0}", "La communauté facture : {0}"),
}
_CHOICES: Mapping[str, tuple[str, str]] = {
    "dynamic": ("in proportion to use", "au prorata de la consommation"),
    "static": ("fixed parts", "parts fixes"),
    "equal": ("equal parts", "parts égales"),
    "static_cascade": ("fixed parts in rounds", "parts fixes en plusieurs tours"),
    "hybrid": ("fixed parts, the rest in proportion", "parts fixes, le reste au prorata"),
    "scheduled": ("by a schedule", "selon un programme"),
    "pairwise": ("agreed roof by roof", "convenue toit par toit"),
    "priority": ("groups one after the other", "groupes l'un après l'autre"),
    "flow": ("wishes, gifts and nearness", "souhaits, dons et proximité"),
    "incentive": ("a premium for what is shared", "une prime pour ce qui est partagé"),
    "computed": ("the community's", "celle de la communauté"),
    "operator": ("the grid operator's", "celle du gestionnaire de réseau"),
    "consumer": ("the consumer", "au consommateur"),
    "ahead": ("before the period", "avant la période"),
    "after": ("after measurement", "après la mesure"),
    "estimate": ("is estimated", "est estimée"),
    "residual": ("is left to the supplier", "est laissée au fournisseur"),
    "return": ("goes back to the operator", "est renvoyée au gestionnaire"),
    "uniform": ("one price", "un prix unique"),
    "mid_market": ("halfway between supplier and surplus", "à mi-chemin entre fournisseur et surplus"),
    "supply_demand": ("by scarcity", "selon la rareté"),
    "private": ("private", "particulier"),
    "exempt": ("exempt", "exonéré"),
    "liable": ("liable", "assujetti"),
    "community": ("the community", "la communauté"),
    "distance": ("distance", "distance"),
    "phase": ("phase", "phase"),
    "feeder": ("feeder", "départ"),
    "shared": ("shared energy", "énergie partagée"),
    "network": ("network", "réseau"),
    "surplus": ("surplus", "surplus"),
}
#: Words that mean something else in one field than elsewhere.
_CHOICES_OF: Mapping[tuple[str, str], tuple[str, str]] = {
    ("sharing_key.surplus_owner", "producer"): ("the producer", "au producteur"),
    ("tariff.pricing", "producer"): ("each roof its own", "chaque toit le sien"),
    ("tariff.seller", "producer"): ("each producer", "chaque producteur"),
    ("tariff.billed_by", "residual"): ("what is not covered", "ce qui n'est pas couvert"),
    **{("conformity.rules.treatments", word): words for word, words in TREATMENTS.items()},
    **{("conformity.rules.estimation.method", word): words for word, words in ESTIMATION_METHODS.items()},
}
_PARAMETER = "conformity.rules."
_OF_RULES = ("conformity.rules.left_out", "conformity.rules.treatments")  # their places are rules
_CHANGED = ("{label}: {after}; today {before}.", "{label} : {after} ; aujourd'hui {before}.")
_NEW = ("{label}: {after}; none today.", "{label} : {after} ; aucune valeur aujourd'hui.")
_GONE = ("{label}: removed; today {before}.", "{label} : supprimé ; aujourd'hui {before}.")
_FLAGS = (("no", "yes"), ("non", "oui"))
_NOBODY = ("nobody", "personne")
_EVERYONE_ELSE = ("everyone else", "tous les autres")


def describe_differences(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """Differences as pages and the API tell them.

    Returns:
        JSON-ready, each with ``field``, ``place``, ``before``, ``after``, ``unit``, and ``words`` by language.
    """
    return [
        {
            "field": one.field,
            "place": list(one.place),
            "before": one.before,
            "after": one.after,
            "unit": one.unit.value,
            "words": {locale: say_difference(one, locale) for locale in LOCALES},
        }
        for one in differences
    ]


def say_difference(difference: Difference, locale: str) -> str:
    """One sentence."""
    language = LOCALES.index(locale)
    label = _label(difference, language)
    form = _CHANGED if difference.before is not None else _NEW
    form = form if difference.after is not None else _GONE
    before, after = (
        "" if value is None else _say(difference, value, locale)
        for value in (difference.before, difference.after)
    )
    return form[language].format(label=label, before=before, after=after)


def _label(difference: Difference, language: int) -> str:
    field, place = difference.field, list(difference.place)
    if field == "tariff.billed_by":
        place = [_choice(field, part, language) for part in place]
    elif field in _OF_RULES:
        place = [name_rule(part, language) for part in place]
    elif field.startswith(_PARAMETER):
        table, parameter = field.removeprefix(_PARAMETER).split(".")
        return name_parameter(table, parameter, language)
    return LABELS[field][language].format(*place)


def _choice(field: str, value: str, language: int) -> str:
    return (_CHOICES_OF.get((field, value)) or _CHOICES[value])[language]


def _say(difference: Difference, value: Any, locale: str) -> str:
    language = LOCALES.index(locale)
    if difference.unit is Unit.CHOICE:
        return _choice(difference.field, value, language)
    if difference.unit is Unit.CHOICES:
        listed = [_choice(difference.field, choice, language) for choice in value]
        return ", ".join(listed) or _NOBODY[language]
    if difference.unit is Unit.FLAG:
        return _FLAGS[language][bool(value)]
    if difference.unit is Unit.TIERS:
        return _say_tiers(value, language)
    return _FIGURES[difference.unit](value, locale)


def _say_tiers(tiers: Sequence[Mapping[str, Any]], language: int) -> str:
    return "; ".join(
        f"{number}. {', '.join(tier['points']) or _EVERYONE_ELSE[language]} "
        f"({_choice('sharing_key.tiers', tier['method'], language)})"
        for number, tier in enumerate(tiers, start=1)
    )


_FIGURES: Mapping[Unit, Callable[[Any, str], str]] = {
    Unit.COUNT: lambda value, _: str(value),
    Unit.PPM: lambda value, locale: f"{say_percent(value, locale)} %",
    Unit.PRICE: lambda value, locale: f"{say_price(value, locale)} €/kWh",
    Unit.CENTS: lambda value, locale: f"{say_euros(value, locale)} €",
    Unit.SECONDS: lambda value, _: f"{value // _HOUR_SECONDS} h",
    Unit.HOURS: lambda value, _: f"{value} h",
    Unit.DAYS: lambda value, locale: f"{value} {'j' if locale == 'fr' else 'd'}",
    Unit.MINUTES: lambda value, _: f"{value} min",
    Unit.WATTS: lambda value, _: f"{value} W",
    Unit.WATT_HOURS: lambda value, _: f"{value} Wh",
    Unit.DEGREES: lambda value, _: f"{value}°",
    Unit.POINTS: lambda value, _: ", ".join(value),
}


_CHANGES: Mapping[str, tuple[str, str]] = {
    "governance.weight": ("Votes of {0}", "Voix de {0}"),
    "governance.seat": ("Seat of {0}", "Siège de {0}"),
    "governance.guardian": ("Guardian {0}", "Gardien {0}"),
    "governance.steward": ("Steward", "Intendant"),
    "arbitration.outcome": ("Outcome of case {0}", "Issue du litige {0}"),
}
_PARTIES: Mapping[str, tuple[str, str]] = {
    "consumer": ("the consumer's claim holds", "la demande du consommateur l'emporte"),
    "provider": ("the provider's claim holds", "la demande du fournisseur l'emporte"),
    "operator": ("the grid operator's claim holds", "la demande du gestionnaire de réseau l'emporte"),
    "nobody": ("nobody's claim holds", "aucune demande ne l'emporte"),
}


def describe_change(field: str, before: Any, after: Any, unit: str, *place: str) -> dict[str, Any]:
    """A change of anything but a rule, as ``describe_differences`` tells those."""
    words = {}
    for language, locale in enumerate(LOCALES):
        label = _CHANGES[field][language].format(*place)
        form = _NEW if before is None else _GONE if after is None else _CHANGED
        shown = [_PARTIES[one][language] if unit == "party" and one else one for one in (before, after)]
        words[locale] = form[language].format(label=label, before=shown[0], after=shown[1])
    return {
        "field": field,
        "place": list(place),
        "before": before,
        "after": after,
        "unit": unit,
        "words": words,
    }
