"""Every sentence of a printed bill, in English and French, by key. Placeholders are filled with localised figures."""

from __future__ import annotations

from backend.adapters.documents.shared_words import SHARED_WORDS

__all__ = ["WORDS", "say"]

WORDS: dict[str, tuple[str, str]] = {
    **SHARED_WORDS,
    # key: (English, French)
    "title": ("Electricity bill", "Facture d’électricité"),
    "pay": ("To pay", "À payer"),
    "receive": ("You receive", "Vous recevez"),
    "nothing": ("Nothing to pay", "Rien à payer"),
    "pay.by": ("by {date}", "avant le {date}"),
    "receive.by": ("paid to you by {date}", "versé avant le {date}"),
    "number": ("Bill", "Facture"),
    "draft": ("not issued yet", "pas encore émise"),
    "for": ("For", "Pour"),
    "used": ("What you used", "Ce que vous avez consommé"),
    "produced": ("What you produced", "Ce que vous avez produit"),
    "own": ("your own roof", "votre propre toit"),
    "from_neighbours": ("from your neighbours", "de vos voisins"),
    "from_grid": ("from the grid", "du réseau"),
    "shared": ("shared with your neighbours", "partagé avec vos voisins"),
    "shared_self": ("shared, with you or your neighbours", "partagé, avec vous ou vos voisins"),
    "surplus_left": ("surplus, sold", "surplus, vendu"),
    "surplus_theirs": ("surplus, of the members it was meant for", "surplus, à ceux à qui il était destiné"),
    "produced_grid": ("sold to the grid", "vendu au réseau"),
    "origins": (
        "What the community shared with you came from: {origins}.",
        "Ce que la communauté a partagé avec vous venait de : {origins}.",
    ),
    "source.solar": ("sun", "soleil"),
    "source.wind": ("wind", "vent"),
    "source.hydro": ("water", "eau"),
    "source.storage": ("storage", "stockage"),
    "source.biomass": ("biomass", "biomasse"),
    "source.geothermal": ("geothermal heat", "géothermie"),
    "source.other": ("other sources", "autres sources"),
    "billed": ("Billed by {seller}", "Facturé par {seller}"),
    "credited": ("Credited to you", "Crédité à votre compte"),
    "purchased": ("Sold to you by {seller}", "Vendu à vous par {seller}"),
    "sold_to": ("Sold by you to {buyer}", "Vendu par vous à {buyer}"),
    "purchase.many": ("Sold to you by neighbours", "Vendu à vous par vos voisins"),
    "purchase.many.note": (
        "Each is an invoice of its own, issued by {issuer} in the name and on behalf of the neighbour.",
        "Chacune est une facture à part, établie par {issuer} au nom et pour le compte du voisin.",
    ),
    "sale.many": ("Sold by you to neighbours", "Vendu par vous à vos voisins"),
    "sale.many.note": (
        "Each is an invoice of its own, issued by {issuer} in your name and on your behalf.",
        "Chacune est une facture à part, établie par {issuer} en votre nom et pour votre compte.",
    ),
    "vats": ("VAT of those who owe it", "TVA de ceux qui la doivent"),
    "in_the_name": (
        "Issued by {issuer} in the name and on behalf of {seller}.",
        "Établie par {issuer} au nom et pour le compte de {seller}.",
    ),
    "incentive": ("Incentive paid on to you", "Prime qui vous est reversée"),
    "incentive.note": (
        "Granted for energy used while neighbours produced it; not a sale, no VAT.",
        "Accordée pour l’énergie consommée pendant que les voisins la produisent ; ce n’est pas une vente, sans TVA.",
    ),
    "neighbours.from": ("Who served you", "Qui vous a fourni"),
    "neighbours.to": ("Whom you served", "Qui vous avez fourni"),
    "neighbours.more": ("{count} more", "{count} autres"),
    "self_billed": (
        "Self-billing: issued by {seller} in the name and on behalf of {participant}.",
        "Autofacturation : établie par {seller} au nom et pour le compte de {participant}.",
    ),
    "information": ("Billed by others, for your information", "Facturé par d’autres, pour information"),
    "information.note": (
        "Estimated at the community’s reference prices, net of VAT. Not part of this bill.",
        "Estimé aux prix de référence de la communauté, hors TVA. Ne fait pas partie de cette facture.",
    ),
    "line.residual": ("From the grid", "Fourniture du réseau"),
    "line.sold": ("Sold to neighbours", "Vendu aux voisins"),
    "line.surplus": ("Surplus sold", "Surplus vendu"),
    "line.network_shared": ("Network, shared energy", "Acheminement, énergie partagée"),
    "line.excise": ("Excise", "Accise"),
    "line.excise_shared": ("Excise, shared energy", "Accise, énergie partagée"),
    "line.incentive": ("Sharing incentive", "Prime de partage"),
    "incentive.consumption": ("for what you used meanwhile", "pour ce que vous consommiez alors"),
    "incentive.feed_in": ("for what you fed in meanwhile", "pour ce que vous injectiez alors"),
    "line.average": ("average price", "prix moyen"),
    "biller.supplier": ("your supplier", "votre fournisseur"),
    "biller.offtaker": ("paid by the buyer of your surplus", "payé par l’acheteur du surplus"),
    "biller.producer": ("billed by the producers", "facturé par les producteurs"),
    "biller.consumer": ("paid by the consumers", "payé par les consommateurs"),
    "net": ("Net of VAT", "Hors TVA"),
    "vat": ("VAT {rate}", "TVA {rate}"),
    "total": ("Total", "Total"),
    "saving": ("Sharing saved you", "Le partage vous a fait gagner"),
    "saving.earned": ("Sharing earned you", "Le partage vous a rapporté"),
    "saving.negative": ("Sharing cost you", "Le partage vous a coûté"),
    "saving.text": (
        (
            "Without sharing this period would have cost {without}; it cost {with}. "
            "Over all lines, whoever bills them, fee included, net of VAT."
        ),
        (
            "Sans partage, cette période aurait coûté {without} ; elle a coûté {with}. "
            "Sur toutes les lignes, quel qu’en soit l’émetteur, adhésion comprise, hors TVA."
        ),
    ),
    "saving.text.earned": (
        (
            "Without sharing this period would have earned you {without}; it earned {with}. "
            "Over all lines, whoever bills them, fee included, net of VAT."
        ),
        (
            "Sans partage, cette période vous aurait rapporté {without} ; elle a rapporté {with}. "
            "Sur toutes les lignes, quel qu’en soit l’émetteur, adhésion comprise, hors TVA."
        ),
    ),
    "carbon": ("Carbon of your supply", "Carbone de votre électricité"),
    "carbon.figure": ("{grams} g CO₂e/kWh", "{grams} g CO₂e/kWh"),
    "carbon.text": (
        "{grid} kg from the grid, {local} kg from local sources.",
        "{grid} kg du réseau, {local} kg de sources locales.",
    ),
    "carbon.location_based": (
        "Location-based: the grid hour by hour ({source}); local sources over their life ({factors}).",
        "Méthode géographique : le réseau heure par heure ({source}) ; sources locales en cycle de vie ({factors}).",
    ),
    "carbon.no_avoidance": (
        "Sharing itself avoids nothing: the same roofs feed the same grid.",
        "Le partage en lui-même n’évite rien : les mêmes toits alimentent le même réseau.",
    ),
    "carbon.unknown_source": ("Counted like the grid: {sources}.", "Compté comme le réseau : {sources}."),
    "carbon.factor": ("{source} {grams} g, IPCC 2014 median", "{source} {grams} g, médiane du GIEC 2014"),
    "readings": ("Your readings", "Vos relevés"),
    "readings.figure": ("{share} measured", "{share} mesurés"),
    "quality.measured": ("All {of} readings were measured.", "Les {of} relevés ont tous été mesurés."),
    "quality.estimated": (
        "{count} of {of} readings are estimated.",
        "{count} relevés sur {of} sont estimés.",
    ),
    "quality.edited": (
        "{count} of {of} readings are the grid operator’s substitutes.",
        "{count} relevés sur {of} sont des valeurs de remplacement du gestionnaire de réseau.",
    ),
    "quality.missing": (
        "{count} of {of} readings are missing; they count as no energy here.",
        "{count} relevés sur {of} manquent ; ils comptent ici pour zéro.",
    ),
    "seal.prepared": ("Not anchored yet", "Pas encore ancrée"),
    "seal.contestable": ("Anchored so that you can check it", "Ancrée, pour que vous puissiez la vérifier"),
    "seal.final": ("Anchored so that you can check it", "Ancrée, pour que vous puissiez la vérifier"),
    "seal.superseded": (
        "Replaced by a correction: do not pay",
        "Remplacée par une correction : ne pas payer",
    ),
    "seal.voided": ("Void: do not pay", "Annulée : ne pas payer"),
    "seal.text": (
        (
            "Every reading, share and cent of this bill is sealed in the root below. Open “Verify” in your pages, "
            "or run partage verify on your bundle: change one digit and the check fails."
        ),
        (
            "Chaque relevé, chaque part et chaque centime de cette facture est scellé dans la racine ci-dessous. "
            "Ouvrez « Vérifier » dans vos pages, ou lancez partage verify sur votre dossier : "
            "changez un chiffre et le contrôle échoue."
        ),
    ),
    "seal.run": ("Run", "Décompte"),
    "seal.root": ("Root of the bills", "Racine des factures"),
    "seal.contract": ("Contract", "Contrat"),
    "seal.chain": ("Chain", "Chaîne"),
    "seal.rule": ("Rule", "Règle"),
    "seal.rule.text": ("version {version}, {method} key", "version {version}, clé {method}"),
    "key.dynamic": ("dynamic", "dynamique"),
    "key.static": ("static", "statique"),
    "key.equal": ("equal parts", "à parts égales"),
    "key.static_cascade": ("static in rounds", "statique à plusieurs tours"),
    "key.hybrid": ("hybrid", "hybride"),
    "key.scheduled": ("scheduled", "programmée"),
    "key.pairwise": ("pairwise", "par paires"),
    "key.priority": ("priority", "par priorité"),
    "key.flow": ("best flow", "au meilleur flux"),
    "key.incentive": ("incentive", "incitative"),
    "state.prepared": ("not anchored yet", "pas encore ancré"),
    "state.contestable": ("open to contest", "contestable"),
    "state.final": ("final", "définitif"),
    "state.superseded": ("superseded by a correction", "remplacé par une correction"),
    "state.voided": ("voided", "annulé"),
}
_PLACES = {"en": 0, "fr": 1}


def say(locale: str, key: str, /, **values: str) -> str:
    """A sentence with its values filled in.

    Args:
        locale: ``en`` or ``fr``.
        key: Of ``WORDS``.
        values: For its placeholders, localised already.
    """
    return WORDS[key][_PLACES[locale]].format(**values)
