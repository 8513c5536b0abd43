"""Words that bills, invoices and statements have in common, in English and French."""

from __future__ import annotations

__all__ = ["SHARED_WORDS"]

SHARED_WORDS: dict[str, tuple[str, str]] = {
    # key: (English, French)
    "issued": ("Issued", "Émise le"),
    "period": ("Period", "Période"),
    "line.bought": ("Shared energy", "Énergie partagée"),
    "line.network": ("Network", "Acheminement"),
    "line.fee": ("Membership", "Adhésion"),
    "column.quantity": ("Quantity", "Quantité"),
    "column.price": ("Unit price", "Prix unitaire"),
    "column.amount": ("Amount", "Montant"),
    "vat.exempt": ("No VAT: small business exemption.", "Pas de TVA : franchise en base."),
    "vat.exempt.fr": (
        "No VAT: article 293 B of the French tax code.",
        "TVA non applicable, art. 293 B du CGI.",
    ),
    "vat.exempt.at": ("No VAT: § 6(1)27 UStG (Austria).", "Pas de TVA : § 6 al. 1 n° 27 UStG (Autriche)."),
    "vat.exempt.de": ("No VAT: § 19 UStG (Germany).", "Pas de TVA : § 19 UStG (Allemagne)."),
    "vat.outside_scope": ("Outside the scope of VAT.", "Hors du champ de la TVA."),
    "page": ("Page", "Page"),
}
