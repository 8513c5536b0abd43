"""What a contest would prove and show, in the languages of the pages: what a member agrees to, word by word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend.commitments.leaves import LeafKind
from backend.services.contests.words import CONTEST_WORDS, PROFILED_WORDS

if TYPE_CHECKING:
    from backend.commitments.openings import Place
    from backend.services.contests import Proof
    from backend.services.replay import Rebuilt

__all__ = ["REASONS", "look_words"]

REASONS = {
    "en": CONTEST_WORDS,
    "fr": {
        "header": "les totaux d'un intervalle disent ce qu'aucune ligne ne pourrait donner",
        "input": "une ligne n'est pas ce que dit le relevé ancré",
        "row": "ce qu'un point a reçu n'est pas ce que donne la clé de partage",
        "flow": "ce qu'un point a reçu n'est pas la somme de ses liens",
        "link": "un lien porte trop, ou moins que le mieux, pour ce qu'il coûte",
        "step": "un point a reçu, ou partagé, plus ou moins que l'égalité",
        "sum": "les cumuls d'un point ne sont pas les précédents et sa propre énergie",
        "value": "la valeur de la part d'un point n'est pas celle que donne la règle",
        "totals": "les totaux d'un point sur la période ne sont pas ceux de sa dernière ligne",
        "slot": "une feuille est là où il n'en faut pas, ou manque là où il en faut une",
        "last_stair": "les sommes sur tous les points ne sont pas celles des totaux de l'intervalle",
        "period_totals": "les sommes sur tous les points ne sont pas celles que le règlement annonce",
        "reading_counts": "les nombres de relevés ne sont pas ceux que le lot annonce",
        "period_stair": "une somme sur les totaux de la période est fausse",
        "stair": "une somme sur les lignes d'un intervalle est fausse",
        "reading_stair": "un nombre de relevés est faux",
        "linear": "un relevé interpolé n'est pas entre ses voisins",
        "similar": "un relevé estimé n'est pas la moyenne des jours semblables",
        "method": "un relevé est estimé par une méthode que la règle n'a pas",
        "replaced": "une estimation est là où un lot précédent avait un relevé mesuré",
        "bill": "un décompte n'est pas ce que le tarif donne pour les totaux de la période",
        "bill_stair": "une somme sur les décomptes est fausse",
        "bill_totals": "les sommes sur tous les décomptes ne sont pas celles qui ont été annoncées",
    },
}
_SHOWN = {
    "en": {
        LeafKind.HEADER: "the community's totals at {when}",
        LeafKind.ROW: "energy, allocation and running totals of {point} at {when}",
        LeafKind.PERIOD: "the period's totals of {point}",
        LeafKind.BILL: "the whole bill of {participant}",
        LeafKind.READING: "the reading of {point} at {when}",
        LeafKind.LINKS: "whom {point} traded with in the period, and how much",
        LeafKind.COST: "what one link to {point} costs and may carry",
        LeafKind.DETAIL: "whom {point} was linked with at {when}",
    },
    "fr": {
        LeafKind.HEADER: "les totaux de la communauté au {when}",
        LeafKind.ROW: "énergie, attribution et cumuls de {point} au {when}",
        LeafKind.PERIOD: "les totaux de {point} sur la période",
        LeafKind.BILL: "le décompte entier de {participant}",
        LeafKind.READING: "le relevé de {point} au {when}",
        LeafKind.LINKS: "avec qui {point} a échangé sur la période, et combien",
        LeafKind.COST: "ce qu'un lien vers {point} coûte et peut porter",
        LeafKind.DETAIL: "avec qui {point} était lié au {when}",
    },
}
_OTHERS = {"en": "figures of other members", "fr": "des chiffres d'autres membres"}
_HASHES = {"en": "hashes alone: no figure of anyone", "fr": "des empreintes seules : aucun chiffre"}
_NOTHING = {
    "en": "Everything here is what the readings and the rule give; there is nothing to contest.",
    "fr": "Tout est ici ce que donnent les relevés et la règle ; il n'y a rien à contester.",
}
_OUTCOME = {
    "en": {
        "run": "The contract would void the run, with its bills; it has to be settled anew.",
        "bills": "The contract would void the bills of the run; they have to be made anew.",
    },
    "fr": {
        "run": "Le contrat annulerait le règlement avec ses décomptes ; il devra être refait.",
        "bills": "Le contrat annulerait les décomptes du règlement ; ils devront être refaits.",
    },
}
_FOR_EVER = {
    "en": "This would be public, for everyone and for ever.",
    "fr": "Ceci serait public, pour tous et pour toujours.",
}
_OF_BILLS = frozenset({"bill", "bill_stair", "bill_totals"})


def look_words(
    proof: Proof | None, rebuilt: Rebuilt, own: frozenset[Place], *, profiled: bool = False
) -> dict[str, Any]:
    """By language: ``reason``, ``shown``, ``outcome`` and ``warning``, whole sentences or phrases.

    Args:
        proof: What would be sent; None where there is nothing.
        rebuilt: Whose run it is.
        own: Of the leaves that it shows, those that are the member's, or the whole community's.
        profiled: Is the reading that was asked about a profiled estimate?
    """
    if proof is None and profiled:
        return {
            language: _nothing(words[0].upper() + words[1:] + ".")
            for language, words in PROFILED_WORDS.items()
        }
    return {language: _words(language, proof, rebuilt, own) for language in REASONS}


def _nothing(reason: str) -> dict[str, Any]:
    return {"reason": reason, "shown": [], "outcome": "", "warning": ""}


def _words(language: str, proof: Proof | None, rebuilt: Rebuilt, own: frozenset[Place]) -> dict[str, Any]:
    if proof is None:
        return _nothing(_NOTHING[language])
    phrases = [
        _phrase(language, place, rebuilt) if place in own else _OTHERS[language] for place in proof.shown
    ]
    is_bills = proof.name in _OF_BILLS or _tree_of(proof) in {LeafKind.BILL, LeafKind.BILL_STAIR}
    return {
        "reason": REASONS[language][proof.name],
        "shown": list(dict.fromkeys(phrases)) or [_HASHES[language]],
        "outcome": _OUTCOME[language]["bills" if is_bills else "run"],
        "warning": _FOR_EVER[language],
    }


def _tree_of(proof: Proof) -> int | None:
    """Of a contest that a leaf lacks or is too many: the tree that it is in."""
    return proof.arguments[0].get("tree") if proof.name == "slot" else None


def _phrase(language: str, place: Place, rebuilt: Rebuilt) -> str:
    term = next((term for term in rebuilt.record.terms if term["slot"] == place.slot), {})
    return _SHOWN[language][place.kind].format(
        point=term.get("point", ""),
        participant=term.get("participant", ""),
        when=_instant(language, place, rebuilt),
    )


def _instant(language: str, place: Place, rebuilt: Rebuilt) -> str:
    """Of the place, by the clock of the community; the period's beginning where it has none."""
    calendar = rebuilt.calendar
    start = calendar.starts_utc()[calendar.day_offsets[place.day] + place.t]
    local = datetime.fromtimestamp(start, UTC).astimezone(ZoneInfo(calendar.time_zone))
    return local.strftime("%d/%m/%Y %H:%M (UTC%z)" if language == "fr" else "%Y-%m-%d %H:%M (UTC%z)")
