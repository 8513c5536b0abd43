"""Invoices that a treasurer can send, by the semantic model of EN 16931, and how they are paid.

A bill says what a participant owes and is owed; the law wants one invoice per seller and buyer. ``invoices_of`` drafts
them: the community's own (380), those that it issues in a producer's name (389), credit notes for what a later run
changed (381, 261). A ``Statement`` sets a participant's documents off, a ``PaymentPlan`` says how the run is paid,
``match_movements`` finds who paid. Amounts are whole cents, energies mWh, prices µEUR/kWh; texts are message keys.
Party details are personal: they come from a file, can be erased, and are in no message but by the name of the field.
"""

from backend.billing.invoices.content import invoice_content, read_invoice
from backend.billing.invoices.journal import JournalLine, PostedEntry, PostingKind, journal_lines
from backend.billing.invoices.making import (
    IssueTerms,
    closing_participants,
    incentive_of,
    invoices_of,
    language_of,
    restate,
)
from backend.billing.invoices.matching import BankMovement, Match, Matching, OpenItem, match_movements
from backend.billing.invoices.model import (
    Address,
    Invoice,
    InvoiceLine,
    InvoiceType,
    Party,
    PaymentCode,
    PaymentMeans,
    Preceding,
    Unit,
    VatGroup,
)
from backend.billing.invoices.needs import (
    Need,
    missing_details,
    needs_of_community,
    refuse_missing,
    write_parties_template,
)
from backend.billing.invoices.parties import COMMUNITY_PARTY, PartyDetails, read_parties
from backend.billing.invoices.series import series_of
from backend.billing.invoices.statements import (
    Payment,
    PaymentPlan,
    Statement,
    StatementEntry,
    means_of,
    own_account,
    plan_payments,
    sides_of,
    statements_of,
)

__all__ = [
    "COMMUNITY_PARTY",
    "Address",
    "BankMovement",
    "Invoice",
    "InvoiceLine",
    "InvoiceType",
    "IssueTerms",
    "JournalLine",
    "Match",
    "Matching",
    "Need",
    "OpenItem",
    "Party",
    "PartyDetails",
    "Payment",
    "PaymentCode",
    "PaymentMeans",
    "PaymentPlan",
    "PostedEntry",
    "PostingKind",
    "Preceding",
    "Statement",
    "StatementEntry",
    "Unit",
    "VatGroup",
    "closing_participants",
    "incentive_of",
    "invoice_content",
    "invoices_of",
    "journal_lines",
    "language_of",
    "match_movements",
    "means_of",
    "missing_details",
    "needs_of_community",
    "own_account",
    "plan_payments",
    "read_invoice",
    "read_parties",
    "refuse_missing",
    "restate",
    "series_of",
    "sides_of",
    "statements_of",
    "write_parties_template",
]
