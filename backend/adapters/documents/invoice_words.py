"""The words of an invoice and of a statement, in English and French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.adapters.documents.locales import LOCALES
from backend.adapters.documents.shared_words import SHARED_WORDS

if TYPE_CHECKING:
    from backend.billing.invoices import Invoice, InvoiceLine

__all__ = ["WORDS", "exemption", "line_name", "notes", "say"]

WORDS: dict[str, tuple[str, str]] = {
    **SHARED_WORDS,
    # key: (English, French)
    "type.380": ("Invoice", "Facture"),
    "type.381": ("Credit note", "Avoir"),
    "type.389": ("Self-billed invoice", "Facture en autofacturation"),
    "type.261": ("Self-billed credit note", "Avoir en autofacturation"),
    "incentive": ("Sharing incentive", "Prime de partage"),
    "statement": ("Statement", "Relevé"),
    "seller": ("Seller", "Vendeur"),
    "buyer": ("Buyer", "Acheteur"),
    "from": ("From", "De"),
    "to": ("For", "Pour"),
    "number": ("Number", "Numéro"),
    "due": ("Due", "Échéance"),
    "reference": ("Bill", "Relevé"),
    "vat_id": ("VAT {id}", "TVA {id}"),
    "tax_id": ("Tax number {id}", "N° fiscal {id}"),
    "legal_id": ("Company {id}", "SIREN {id}"),
    "legal_id.other": ("Company {id}", "Registre {id}"),
    "column.what": ("What", "Désignation"),
    "column.document": ("Document", "Document"),
    "mean": ("on average", "en moyenne"),
    "net": ("Total net of VAT", "Total hors TVA"),
    "vat": ("VAT {rate} on {basis}", "TVA {rate} sur {basis}"),
    "total": ("Total", "Total TTC"),
    "total.outside": ("Total", "Total"),
    "balance.pay": ("To pay", "À payer"),
    "balance.receive": ("You receive", "Vous recevez"),
    "balance.nothing": ("Nothing to pay", "Rien à payer"),
    "document.from": ("{type} from {other}", "{type} de {other}"),
    "document.to": ("{type} to {other}", "{type} à {other}"),
    "point": ("point {number}", "point {number}"),
    "line.residual": ("Residual supply", "Fourniture de complément"),
    "line.sold": ("Shared energy", "Énergie partagée"),
    "line.network_shared": ("Network, shared energy", "Acheminement de l’énergie partagée"),
    "line.excise": ("Excise on residual supply", "Accise sur la fourniture de complément"),
    "line.excise_shared": ("Excise on shared energy", "Accise sur l’énergie partagée"),
    "line.surplus": ("Surplus", "Surplus"),
    "note.self_billed": (
        "Self-billing: issued by {issuer} in the name and on behalf of {seller}.",
        "Autofacturation : établie par {issuer} au nom et pour le compte de {seller}.",
    ),
    "note.mandate": (
        "Issued by {issuer} in the name and on behalf of {seller}.",
        "Facture établie par {issuer} au nom et pour le compte de {seller}.",
    ),
    "note.credit": (
        "Takes back {number} of {day} in full; a corrected settlement replaces it.",
        "Annule intégralement {number} du {day} ; un décompte corrigé la remplace.",
    ),
    "note.closing": (
        "Final invoice: supply ended within this period.",
        "Facture de résiliation : la fourniture a pris fin pendant cette période.",
    ),
    "pay.59": (
        "Collected by SEPA direct debit on {day}; mandate {mandate}, creditor {creditor}.",
        "Prélevée par SEPA le {day} ; mandat {mandate}, créancier {creditor}.",
    ),
    "pay.59.balance": (
        "Collected for you by SEPA direct debit on {day} from {iban}; mandate {mandate}, creditor {creditor}.",
        "Prélevé sans démarche de votre part le {day} sur {iban} ; mandat SEPA {mandate}, créancier {creditor}.",
    ),
    "pay.58": (
        "To be paid by {day} to {account}, {iban}, quoting {reference}.",
        "À régler avant le {day} à {account}, {iban}, en indiquant {reference}.",
    ),
    "pay.58.self": (
        "Will be paid to {account}, {iban}, by {day}.",
        "Sera versé à {account}, {iban}, avant le {day}.",
    ),
    "pay.97": (
        "Set off in statement {reference}, which says what is left to pay.",
        "Compensée dans le relevé {reference}, qui dit ce qui reste à payer.",
    ),
    "pay.scan": ("Scan to pay", "Scannez pour payer"),
    "statement.text": (
        "Your documents of this period set off against each other; each is attached to this e-mail or in your pages.",
        "Vos documents de la période, compensés entre eux ; chacun vous est remis ou se trouve dans vos pages.",
    ),
    "means.58": ("transfer", "virement"),
    "means.59": ("direct debit", "prélèvement"),
    "means.97": ("set off in the statement", "compensation dans le relevé"),
    "journal.bill": ("Settlement of {period}", "Décompte de partage {period}"),
    "journal.rounding": ("Cents of rounding, {period}", "Arrondis {period}"),
    "journal.reversed": ("Replaced by a correction: {label}", "Annulé par une correction : {label}"),
    "account.member": ("Members, receivable", "Clients"),
    "account.producer": ("Producers, payable", "Fournisseurs"),
    "account.fees": ("Membership fees", "Cotisations"),
    "account.sharing": ("Shared energy, passed on", "Énergie partagée, compte de passage"),
    "account.supplier": ("Residual supply, for the supplier", "Fourniture, pour compte de tiers"),
    "account.grid-operator": ("Network, for the grid operator", "Acheminement, pour compte de tiers"),
    "account.offtaker": ("Surplus, for its buyer", "Surplus, pour compte de tiers"),
    "account.incentive": ("Sharing incentive, passed on", "Prime de partage, pour compte de tiers"),
    "account.vat/neighbours": ("VAT of producers, passed on", "TVA des producteurs, compte de passage"),
    "account.vat/output": ("VAT collected", "TVA collectée"),
    "account.vat/input": ("VAT deductible", "TVA déductible"),
    "account.community/vat-not-recoverable": ("VAT not recoverable", "TVA non récupérable"),
    "account.excise": ("Excise, owed to the state", "Accise, à reverser"),
    "account.rounding": ("Rounding differences", "Différences d’arrondi"),
}
_PLACES = {"en": 0, "fr": 1}


def say(language: str, key: str, /, **values: str) -> str:
    """A sentence with its values filled in."""
    return WORDS[key][_PLACES[language]].format(**values)


def line_name(invoice: Invoice, line: InvoiceLine) -> str:
    """BT-153."""
    return say(invoice.language, f"line.{line.kind}")


def exemption(invoice: Invoice) -> str:
    """BT-120, empty where VAT is due."""
    return say(invoice.language, invoice.vat.reason) if invoice.vat.reason else ""


def notes(invoice: Invoice) -> list[str]:
    """BT-22: who issues it in whose name, what it takes back, that it is the last."""
    language, found = invoice.language, []
    if invoice.issuer:
        key = "note.self_billed" if invoice.type.is_self_billed else "note.mandate"
        found.append(say(language, key, issuer=invoice.issuer, seller=invoice.seller.name))
    if invoice.preceding:
        day = LOCALES[language].day(invoice.preceding.issued)
        found.append(say(language, "note.credit", number=invoice.preceding.number, day=day))
    if invoice.is_closing:
        found.append(say(language, "note.closing"))
    return found
