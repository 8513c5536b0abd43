"""Tables for a treasurer and an accountant: invoices, statements, and the journal by French law or as plain CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from backend.adapters.documents.invoice_words import say
from backend.errors import BalanceError
from backend.quantities import format_cents
from backend.quantities.cells import harmless_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backend.billing.invoices import Invoice, JournalLine, Statement

__all__ = ["write_fec", "write_invoice_table", "write_journal_csv", "write_statement_table"]

# Article A47 A-1 of the French Livre des procédures fiscales, VII: names and order of the eighteen fields.
FEC_COLUMNS = (
    *(
        "JournalCode",
        "JournalLib",
        "EcritureNum",
        "EcritureDate",
        "CompteNum",
        "CompteLib",
        "CompAuxNum",
        "CompAuxLib",
    ),
    *("PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate"),
    *("Montantdevise", "Idevise"),
)
_JOURNAL = ("VE", "Décomptes de partage")


def write_invoice_table(invoices: Sequence[Invoice]) -> bytes:
    """A row per invoice, in order of number; what a credit note takes back counts negative, so that columns add up."""
    columns = (
        *(
            "number",
            "type",
            "document",
            "issued",
            "due",
            "period",
            "seller_id",
            "seller",
            "buyer_id",
            "buyer",
        ),
        *(
            "currency",
            "net",
            "vat_category",
            "vat_percent",
            "vat",
            "total",
            "paid_by",
            "bill",
            "preceding",
            "closing",
        ),
    )
    rows = []
    for invoice in sorted(invoices, key=lambda invoice: invoice.number):
        sign = -1 if invoice.type.is_credit else 1
        amounts = [format_cents(sign * cents) for cents in (invoice.net, invoice.tax, invoice.total)]
        rows.append(
            (
                invoice.number,
                str(invoice.type.value),
                say(invoice.language, f"type.{invoice.type.value}"),
                invoice.issued.isoformat(),
                invoice.due.isoformat(),
                invoice.period,
                invoice.seller.id,
                invoice.seller.name,
                invoice.buyer.id,
                invoice.buyer.name,
                invoice.currency,
                amounts[0],
                invoice.vat.category,
                f"{invoice.vat.rate_ppm // 10_000}.{invoice.vat.rate_ppm % 10_000:04d}".removesuffix("00"),
                *amounts[1:],
                say(invoice.language, f"means.{invoice.payment.code.value}"),
                invoice.reference,
                invoice.preceding.number if invoice.preceding else "",
                "yes" if invoice.is_closing else "",
            )
        )
    return _csv(columns, rows)


def write_statement_table(statements: Sequence[Statement], names: Mapping[str, str]) -> bytes:
    """A row per participant: what it pays or is paid."""
    rows = [
        (
            statement.reference,
            statement.participant,
            names.get(statement.participant, ""),
            statement.due.isoformat(),
            format_cents(statement.balance),
            format_cents(sum(entry.amount for entry in statement.entries if not entry.number)),
            " ".join(entry.number for entry in statement.entries if entry.number),
        )
        for statement in statements
    ]
    return _csv(("bill", "participant", "name", "due", "balance", "of_it_incentive", "documents"), rows)


def write_journal_csv(lines: Sequence[JournalLine], language: str) -> bytes:
    """The journal as plain CSV.

    Raises:
        BalanceError: If it does not balance.
    """
    _check_balance(lines)
    columns = (
        *("entry", "date", "account", "account_name", "subledger", "subledger_name", "document", "label"),
        *("debit", "credit"),
    )
    rows = [
        (
            _entry_number(line),
            line.posted.day.isoformat(),
            line.account,
            say(language, f"account.{line.account_key}"),
            line.subledger,
            line.subledger_name,
            line.posted.document,
            _label(line, language),
            format_cents(line.debit),
            format_cents(line.credit),
        )
        for line in lines
    ]
    return _csv(columns, rows)


def write_fec(lines: Sequence[JournalLine]) -> bytes:
    """The journal as *fichier des écritures comptables*: tabs, decimal commas, dates without marks.

    Raises:
        BalanceError: If it does not balance.
    """
    _check_balance(lines)
    rows = [FEC_COLUMNS]
    for line in lines:
        day = line.posted.day.strftime("%Y%m%d")
        rows.append(
            (
                *_JOURNAL,
                _entry_number(line),
                day,
                line.account,
                say("fr", f"account.{line.account_key}"),
                line.subledger,
                line.subledger_name,
                line.posted.document,
                day,
                _label(line, "fr"),
                format_cents(line.debit).replace(".", ","),
                format_cents(line.credit).replace(".", ","),
                *("", "", day, "", ""),
            )
        )
    assert all(len(row) == len(FEC_COLUMNS) for row in rows)
    return "".join(
        "\t".join(harmless_cell(_one_line(cell)) for cell in row) + "\r\n" for row in rows
    ).encode()


def _entry_number(line: JournalLine) -> str:
    """Its own in the year's books: the period, then the entry's place in it."""
    return f"{_JOURNAL[0]}-{line.posted.period}-{line.sequence:06d}"


def _label(line: JournalLine, language: str) -> str:
    posted = line.posted
    label = say(language, f"journal.{posted.kind.value}", period=posted.period)
    return say(language, "journal.reversed", label=label) if posted.takes_back else label


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _check_balance(lines: Iterable[JournalLine]) -> None:
    sums: dict[int, int] = {}
    for line in lines:
        sums[line.sequence] = sums.get(line.sequence, 0) + line.debit - line.credit
    wrong = {sequence: amount for sequence, amount in sums.items() if amount}
    if wrong:
        sequence, amount = next(iter(wrong.items()))
        raise BalanceError(
            f"Entry {sequence} of the journal is {amount} cents out of balance; none is exported."
        )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([harmless_cell(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")
